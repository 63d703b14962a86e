/** What controllers ask of a pod. Sources: pkg/api/v1/pod/util.go, pkg/controller/controller_utils.go. Times are milliseconds since the epoch. */
import type { Informer } from "../../client/client.js";
import type { KubeObject } from "../../kinds/object.js";
import type { PodCondition } from "../../kinds/schema/api/core.v1.js";
import type { Pod } from "./api.js";
import { parseTime } from "./time.js";

const BY_NODE = "pods/node";

/** Pods by the node they are bound to: one index for everybody who asks. */
export function indexByNode<T extends KubeObject | Pod>(pods: Informer<T>): (node: string) => readonly T[] {
  pods.addIndex(BY_NODE, (pod) => (pod.spec?.nodeName ? [pod.spec.nodeName] : []));
  return (node) => pods.byIndex(BY_NODE, node);
}

export const podCondition = (pod: Pod, type: string): PodCondition | undefined => pod.status?.conditions?.find((c) => c.type === type);

/**
 * The pod's conditions with this one set, undefined when it is as it should be; since when it is so moves with its status only. `now` is RFC 3339. Source:
 * UpdatePodCondition.
 */
export function withPodCondition(pod: Pod, condition: PodCondition, now: string): PodCondition[] | undefined {
  const conditions = pod.status?.conditions ?? [];
  const old = podCondition(pod, condition.type);
  if (old?.status === condition.status && old.reason === condition.reason && old.message === condition.message) return undefined;
  const { type, status, reason, message, observedGeneration = pod.metadata.generation } = condition;
  const next: PodCondition = {
    type,
    ...(observedGeneration ? { observedGeneration } : {}),
    status,
    lastProbeTime: null as never,
    lastTransitionTime: old?.status === status ? (old.lastTransitionTime ?? now) : now,
    ...(reason ? { reason } : {}),
    ...(message ? { message } : {}),
  };
  return old ? conditions.map((c) => (c === old ? next : c)) : [...conditions, next];
}

export const isPodReady = (pod: Pod): boolean => podCondition(pod, "Ready")?.status === "True";

/** Ready, and for at least `minReadySeconds`. */
export function isPodAvailable(pod: Pod, minReadySeconds: number, now: number): boolean {
  const ready = podCondition(pod, "Ready");
  if (ready?.status !== "True") return false;
  if (minReadySeconds === 0) return true;
  const since = parseTime(ready.lastTransitionTime);
  return since !== undefined && since + minReadySeconds * 1000 <= now;
}

/** Failed or Succeeded: its containers never run again. */
export const isPodTerminal = (pod: Pod): boolean => pod.status?.phase === "Failed" || pod.status?.phase === "Succeeded";
/** Being deleted, whatever its phase. */
export const isTerminating = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined;
/** Neither finished nor being deleted. */
export const isPodActive = (pod: Pod): boolean => !isPodTerminal(pod) && !isTerminating(pod);
/** Being deleted and not finished: what `terminatingReplicas` counts. */
export const isPodTerminating = (pod: Pod): boolean => !isPodTerminal(pod) && isTerminating(pod);

/** Since when the pod has been Ready; undefined when it is not or does not say. */
export function podReadyTime(pod: Pod): number | undefined {
  const ready = podCondition(pod, "Ready");
  return ready?.status === "True" ? parseTime(ready.lastTransitionTime) : undefined;
}

/** Milliseconds until the first of the pods that are Ready turns available; undefined when none will on its own. */
export function nextAvailabilityCheck(pods: readonly Pod[], minReadySeconds: number, now: number): number | undefined {
  if (minReadySeconds <= 0) return undefined;
  let least: number | undefined;
  for (const pod of pods) {
    const since = podReadyTime(pod);
    if (since === undefined) continue;
    const wait = since + minReadySeconds * 1000 - now;
    if (wait > 0 && (least === undefined || wait < least)) least = wait;
  }
  return least;
}

/** The most restarts of any container, regular ones and sidecars apart. */
export function maxRestarts(pod: Pod): { regular: number; sidecar: number } {
  let regular = 0;
  for (const c of pod.status?.containerStatuses ?? []) regular = Math.max(regular, c.restartCount ?? 0);
  const sidecars = new Set((pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === "Always").map((c) => c.name));
  let sidecar = 0;
  for (const c of pod.status?.initContainerStatuses ?? []) if (sidecars.has(c.name)) sidecar = Math.max(sidecar, c.restartCount ?? 0);
  return { regular, sidecar };
}
