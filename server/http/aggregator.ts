import type { FastifyReply } from "fastify";
import { apiService } from "../../kinds/apiregistration/apiservice/index.js";
import { builtInPriority, type Priority } from "../../kinds/apiregistration/priorities.js";
import { storageKey, storagePrefix } from "../../kinds/kind.js";
import { compareVersions } from "../../kinds/registry.js";
import type { APIServiceSpec } from "../../kinds/schema/api/apiregistration.v1.js";
import type { Store } from "../../storage/index.js";
import { objectOf } from "../pipeline/objects.js";
import type { ServedGroup } from "./discovery.js";

/**
 * What APIServices do besides those of the server's own groups: they are in the list of groups, and what belongs to a service is asked of it. Services of a simulated
 * cluster answer nobody, so every such API is unavailable. Source: kube-aggregator pkg/apiserver handler_{apis,proxy}.go.
 */

/** Whether requests for a group version that the server does not have belong to a service. */
export function isRemote(store: Store, group: string, version: string): boolean {
  const entry = store.get(storageKey(apiService, "", `${version}.${group}`));
  return entry !== undefined && Boolean(objectOf(entry, apiService).spec?.service);
}

/** What the proxy answers for a service that is not available. */
export async function serviceUnavailable(reply: FastifyReply): Promise<void> {
  reply.code(503).header("content-type", "text/plain; charset=utf-8").header("x-content-type-options", "nosniff").send("service unavailable\n");
}

interface Registered {
  readonly version: string;
  readonly priority: Priority;
}

const FIRST: Priority = { group: Number.MAX_SAFE_INTEGER, version: 1 };

/** The groups of the server and those that APIServices add, the highest priority first. The server's own list is returned as it is when nothing is added. */
export function withRegistered(store: Store, served: readonly ServedGroup[]): readonly ServedGroup[] {
  const own = new Set(served.flatMap((g) => g.versions.map((v) => `${g.name}/${v}`)));
  const specs = store.list(storagePrefix(apiService)).entries.map((entry) => objectOf(entry, apiService).spec as APIServiceSpec);
  const added = specs.filter((spec) => spec.group && !own.has(`${spec.group}/${spec.version}`));
  if (added.length === 0) return served;
  const groups = new Map<string, Registered[]>();
  const add = (group: string, version: string, priority: Priority): void => {
    groups.set(group, [...(groups.get(group) ?? []), { version, priority }]);
  };
  for (const { name, versions } of served) for (const version of versions) add(name, version, builtInPriority(name, version) ?? FIRST);
  for (const spec of added) add(spec.group as string, spec.version as string, { group: spec.groupPriorityMinimum, version: spec.versionPriority });
  const rank = (versions: readonly Registered[]): number => Math.max(...versions.map((v) => v.priority.group));
  // of equals the one whose service has the smaller name
  const first = (group: string, versions: readonly Registered[]): string => {
    const names = versions.filter((v) => v.priority.group === rank(versions)).map((v) => `${v.version}.${group}`);
    return names.reduce((a, b) => (b < a ? b : a));
  };
  return [...groups]
    .sort(([a, x], [b, y]) => rank(y) - rank(x) || (first(a, x) < first(b, y) ? -1 : 1))
    .map(([name, versions]) => ({
      name,
      versions: versions.sort((a, b) => b.priority.version - a.priority.version || compareVersions(a.version, b.version)).map((v) => v.version),
    }));
}
