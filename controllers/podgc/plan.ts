/** Which pods nobody else will end. Pure. Source: pkg/controller/podgc gc_controller.go. Times are milliseconds since the epoch. */
import type { Node, Pod } from "../runtime/api.js";
import { isNodeReady } from "../runtime/nodes.js";
import { isTerminating } from "../runtime/podutil.js";
import { parseTime } from "../runtime/time.js";

/** How long a node that is missing may still turn up. */
export const QUARANTINE_MS = 40_000;
const OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";

/** Every phase but those of pods that are alive, also one that is not known. Source: isPodTerminated. */
const isOver = (pod: Pod): boolean => !["Pending", "Running", "Unknown"].includes(pod.status?.phase ?? "");
const isEvicted = (pod: Pod): boolean => pod.status?.phase === "Failed" && pod.status.reason === "Evicted";

/** Evicted ones first, then the older ones. Source: byEvictionAndCreationTimestamp. */
function firstToGo(a: Pod, b: Pod): number {
  if (isEvicted(a) !== isEvicted(b)) return isEvicted(a) ? -1 : 1;
  const age = (parseTime(a.metadata.creationTimestamp) ?? 0) - (parseTime(b.metadata.creationTimestamp) ?? 0);
  if (age !== 0) return age;
  return (a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1;
}

/** Taken out of service by somebody who knows that it is down: what terminates there will never be told to have ended. */
const isOutOfService = (node: Node | undefined): boolean =>
  node !== undefined && !isNodeReady(node) && (node.spec?.taints ?? []).some((t) => t.key === OUT_OF_SERVICE);

/** A pod to be deleted at once, whatever its grace; `orphan` when that is because its node is gone. */
export interface Collected {
  readonly pod: Pod;
  readonly orphan: boolean;
}

export interface Look {
  readonly pods: readonly Pod[];
  nodeOf(name: string): Node | undefined;
  /** Nodes that are missing, and until when they may be; brought up to date here. */
  readonly quarantine: Map<string, number>;
  /** Pods that are over may be so many (--terminated-pod-gc-threshold); 0: any number. */
  readonly threshold: number;
  readonly now: number;
}

/** What one look finds. */
export function planCollection({ pods, nodeOf, quarantine, threshold, now }: Look): Collected[] {
  const found = new Map<Pod, Collected>();
  const collect = (pod: Pod, orphan = false): void => {
    if (!found.has(pod)) found.set(pod, { pod, orphan });
  };
  if (threshold > 0) {
    const over = pods.filter(isOver);
    if (over.length > threshold) for (const pod of over.sort(firstToGo).slice(0, over.length - threshold)) collect(pod);
  }
  for (const pod of pods) {
    const node = pod.spec.nodeName;
    if (node && !quarantine.has(node) && !nodeOf(node)) quarantine.set(node, now + QUARANTINE_MS);
    if (isTerminating(pod) && (!node || isOutOfService(nodeOf(node)))) collect(pod);
  }
  const gone = new Set<string>();
  for (const [node, due] of quarantine) {
    if (due > now && !nodeOf(node)) continue;
    quarantine.delete(node);
    if (!nodeOf(node)) gone.add(node);
  }
  if (gone.size > 0) for (const pod of pods) if (gone.has(pod.spec.nodeName ?? "")) collect(pod, true);
  return [...found.values()];
}
