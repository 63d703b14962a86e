import { apiService, localCondition } from "../../kinds/apiregistration/apiservice/index.js";
import { builtInPriority } from "../../kinds/apiregistration/priorities.js";
import { type Kind, storageKey } from "../../kinds/kind.js";
import type { KubeObject } from "../../kinds/object.js";
import { semanticEqual } from "../../kinds/validation/equality.js";
import { cloneJson, objectOf } from "../pipeline/objects.js";
import { put } from "../pipeline/put.js";
import { seed, seedManager, seedMetadata } from "../pipeline/seed.js";
import type { Services } from "../pipeline/types.js";
import { serverContext } from "./context.js";

const AUTOMANAGED = "kube-aggregator.kubernetes.io/automanaged";
const API_VERSION = "apiregistration.k8s.io/v1";

/**
 * Sees to it that each group version the server has is registered, once per start: one that somebody took over, by taking the label away, stays as it is.
 * Source: pkg/controlplane/apiserver/aggregator.go apiServicesToRegister, kube-aggregator pkg/controllers/autoregister.
 */
export async function ensureAPIServices(services: Services): Promise<void> {
  const work: Promise<unknown>[] = [];
  for (const groupVersion of new Set(services.kinds.all.map((kind: Kind) => `${kind.group}/${kind.version}`))) {
    const [group, version] = groupVersion.split("/") as [string, string];
    const priority = builtInPriority(group, version);
    if (!priority) continue;
    const name = `${version}.${group}`;
    const spec = { ...(group ? { group } : {}), version, groupPriorityMinimum: priority.group, versionPriority: priority.version };
    const key = storageKey(apiService, "", name);
    const entry = services.store.get(key);
    if (!entry) work.push(seed(services, key, registration(services, name, spec)));
    else work.push(correct(services, objectOf(entry, apiService), spec));
  }
  await Promise.all(work);
}

function registration(services: Services, name: string, spec: Record<string, unknown>): KubeObject {
  const fields = [`f:metadata f:labels .`, `f:metadata f:labels f:${AUTOMANAGED}`, ...Object.keys(spec).map((field) => `f:spec f:${field}`)];
  return {
    metadata: seedMetadata(services, name, {
      labels: { [AUTOMANAGED]: "onstart" },
      managedFields: [seedManager(services, "kube-apiserver", API_VERSION, fields)],
    }),
    spec,
    status: { conditions: [localCondition(services.now())] },
  };
}

async function correct(services: Services, existing: KubeObject, spec: object): Promise<void> {
  if (!["true", "onstart"].includes(existing.metadata.labels?.[AUTOMANAGED] ?? "") || semanticEqual(existing.spec, spec)) return;
  const target = { kind: apiService, namespace: "", name: existing.metadata.name as string, subresource: "" };
  await put(services, serverContext("kube-apiserver"), target, { ...cloneJson(existing), spec });
}
