import type { KubeObject } from "../../kinds/object.js";
import { readyCondition } from "../runtime/nodes.js";

/** core/v1 Taint. */
export interface Taint {
  key: string;
  value?: string;
  effect: string;
  timeAdded?: string;
}

const NOT_READY = "node.kubernetes.io/not-ready";
const UNREACHABLE = "node.kubernetes.io/unreachable";
const UNSCHEDULABLE = "node.kubernetes.io/unschedulable";

/** Which condition in which status taints a node. Source: node_lifecycle_controller.go nodeConditionToTaintKeyStatusMap. */
const BY_CONDITION: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: { False: NOT_READY, Unknown: UNREACHABLE },
  MemoryPressure: { True: "node.kubernetes.io/memory-pressure" },
  DiskPressure: { True: "node.kubernetes.io/disk-pressure" },
  NetworkUnavailable: { True: "node.kubernetes.io/network-unavailable" },
  PIDPressure: { True: "node.kubernetes.io/pid-pressure" },
};
const OWN_NO_SCHEDULE = new Set([UNSCHEDULABLE, ...Object.values(BY_CONDITION).flatMap((m) => Object.values(m))]);
const OWN_NO_EXECUTE = new Set([NOT_READY, UNREACHABLE]);

const mine = (t: Taint): boolean => (t.effect === "NoSchedule" && OWN_NO_SCHEDULE.has(t.key)) || evicts(t);
const same = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;
const conditionsOf = (node: KubeObject): { type: string; status: string }[] => node.status?.conditions ?? [];
const taintsOf = (node: KubeObject): Taint[] => node.spec?.taints ?? [];

/** Whether it is one of this controller's that drive pods off. */
export const evicts = (t: Taint): boolean => t.effect === "NoExecute" && OWN_NO_EXECUTE.has(t.key);

/** The taint that drives pods off the node as its Ready condition is, and is not there yet. */
export function missingEviction(node: KubeObject): Taint | undefined {
  const ready = readyCondition(node);
  const key = ready && BY_CONDITION.Ready[ready.status];
  return key && !taintsOf(node).some((t) => t.effect === "NoExecute" && t.key === key) ? { key, effect: "NoExecute" } : undefined;
}

/**
 * The node's taints as its conditions and `spec.unschedulable` ask for, or undefined when it has them. Other people's taints stay where they are. One that drives pods
 * off is added when `evict` says so, and changes into the other without being asked. `now` is RFC 3339. Sources: doNoScheduleTaintingPass, processTaintBaseEviction.
 */
export function taintsFor(node: KubeObject, now: string, evict: boolean): Taint[] | undefined {
  const taints = taintsOf(node);
  const wanted: Taint[] = [];
  for (const { type, status } of conditionsOf(node)) {
    const key = BY_CONDITION[type]?.[status];
    if (!key) continue;
    wanted.push({ key, effect: "NoSchedule", timeAdded: now });
    if (type === "Ready" && (evict || taints.some(evicts))) wanted.push({ key, effect: "NoExecute", timeAdded: now });
  }
  // A node that has not said anything yet keeps the taint that admission gave it.
  const silent = !readyCondition(node);
  if (node.spec?.unschedulable) wanted.push({ key: UNSCHEDULABLE, effect: "NoSchedule", timeAdded: now });
  const kept = taints.filter((t) => !mine(t) || wanted.some((w) => same(w, t)) || (silent && t.key === NOT_READY));
  const added = wanted.filter((w) => !taints.some((t) => same(w, t)));
  return kept.length === taints.length && added.length === 0 ? undefined : [...kept, ...added];
}
