/** What the controllers of a budget's pods want. Source: pkg/controller/disruption getExpectedScale and its finders. */
import type { Client } from "../../client/client.js";
import type { KubeObject } from "../../kinds/object.js";
import { DEPLOYMENTS, type OwnerReference, type Pod, REPLICA_SETS } from "../runtime/api.js";
import { isNotFound } from "../runtime/errors.js";
import { controllerOf } from "../runtime/podtemplate.js";
import type { ServedResources } from "../runtime/served.js";

export interface ExpectedScale {
  readonly total: number;
  /** Pods that no controller manages. */
  readonly unmanaged: readonly string[];
}

interface Found {
  readonly uid: string;
  readonly replicas: number;
}

const groupOf = (apiVersion: string): string => (apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "");

async function absent<T>(run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

export function createScaleFinder(client: Client, served: ServedResources): (pods: readonly Pod[]) => Promise<ExpectedScale> {
  const object = (ref: typeof DEPLOYMENTS, namespace: string, name: string, uid: string): Promise<KubeObject | undefined> =>
    absent(() => client.resource(ref).get(namespace, name)).then((found) => (found?.metadata.uid === uid ? found : undefined));

  /** The Deployment above a ReplicaSet, whose number is what counts; undefined where there is none. */
  async function deploymentAbove(ref: OwnerReference, namespace: string): Promise<Found | undefined> {
    if (ref.kind !== "ReplicaSet" || !["apps", "extensions"].includes(groupOf(ref.apiVersion))) return undefined;
    const set = await object(REPLICA_SETS, namespace, ref.name, ref.uid);
    const above = set && controllerOf(set);
    if (above?.kind !== "Deployment" || !["apps", "extensions"].includes(groupOf(above.apiVersion))) return undefined;
    const deployment = await object(DEPLOYMENTS, namespace, above.name, above.uid);
    return deployment && { uid: above.uid, replicas: deployment.spec?.replicas ?? 0 };
  }

  async function byScale(ref: OwnerReference, namespace: string): Promise<Found | undefined> {
    const group = groupOf(ref.apiVersion);
    const version = ref.apiVersion.slice(group ? group.length + 1 : 0);
    const resource = served.list().find((r) => r.group === group && r.kind === ref.kind);
    if (!resource) throw new Error(`no matches for kind ${JSON.stringify(ref.kind)} in version ${JSON.stringify(group ? `${group}/${version}` : version)}`);
    const scale = await absent(() => client.resource(resource).getScale(namespace, ref.name));
    if (scale) return scale.metadata.uid === ref.uid ? { uid: ref.uid, replicas: scale.spec?.replicas ?? 0 } : undefined;
    // it is not there, or it has no scale
    if (!(await absent(() => client.resource(resource).get(namespace, ref.name)))) return undefined;
    throw new Error(`${group ? `${resource.resource}.${group}` : resource.resource} does not implement the scale subresource`);
  }

  return async (pods) => {
    const scales = new Map<string, number>();
    const unmanaged: string[] = [];
    for (const pod of pods) {
      const ref = controllerOf(pod);
      if (!ref) unmanaged.push(pod.metadata.name ?? "");
      if (!ref || scales.has(ref.uid)) continue;
      const namespace = pod.metadata.namespace ?? "";
      const found = (await deploymentAbove(ref, namespace)) ?? (await byScale(ref, namespace));
      if (!found) throw new Error(`found no controllers for pod ${JSON.stringify(pod.metadata.name)}`);
      scales.set(found.uid, found.replicas);
    }
    return { total: [...scales.values()].reduce((sum, n) => sum + n, 0), unmanaged };
  };
}
