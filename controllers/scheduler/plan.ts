/** One scheduling cycle: which node a pod goes to, or what the scheduler says about why none. Pure. Source: pkg/scheduler/schedule_one.go. */
import { type CycleState, filterNode, type Plugin, preFilter, type Rejection, type SchedulerFacts } from "./filters.js";
import type { NodeInfo, PodInfo } from "./nodeinfo.js";
import { chooseNode } from "./scores.js";
import type { VolumeChoice } from "./volumes.js";

export type SchedulePlan =
  | { readonly node: NodeInfo; readonly choice: VolumeChoice }
  /** `because` is the message without what preemption adds; `plugins` are who rejected, none when there are no nodes at all. */
  | { readonly message: string; readonly because: string; readonly plugins: ReadonlySet<Plugin> };

const NO_CLAIMS = "no new claims to deallocate";

/** Reasons with their numbers, sorted as text. */
function histogram(reasons: ReadonlyMap<string, number>): string {
  return [...reasons]
    .map(([reason, n]) => `${n} ${reason}`)
    .sort()
    .join(", ");
}

const tally = (counts: Map<string, number>, reason: string, n = 1): void => {
  counts.set(reason, (counts.get(reason) ?? 0) + n);
};

/** Lower-priority pods of a node: whom the pod could push out. */
function victims(info: PodInfo, node: NodeInfo): PodInfo[] {
  const priority = info.pod.spec.priority ?? 0;
  return [...node.pods.values()].filter((other) => (other.pod.spec.priority ?? 0) < priority);
}

/**
 * What preemption says when it cannot help; "" when it could (then it speaks by acting). Source: framework/preemption, plugins/defaultpreemption.
 */
export function preemptionMessage(info: PodInfo, total: number, rejected: ReadonlyMap<NodeInfo, Rejection>): string {
  if (info.pod.spec.preemptionPolicy === "Never") return "preemption: not eligible due to preemptionPolicy=Never.";
  const counts = new Map<string, number>();
  let helpless = total;
  for (const [node, why] of rejected) {
    if (why.unresolvable) continue;
    helpless--;
    if (victims(info, node).length === 0) tally(counts, "No preemption victims found for incoming pod");
    else for (const reason of why.reasons) tally(counts, reason);
  }
  if (helpless > 0) tally(counts, "Preemption is not helpful for scheduling", helpless);
  return `preemption: 0/${total} nodes are available: ${histogram(counts)}.`;
}

/** Enough nodes to choose among: all of a small cluster, a share of a large one. Source: numFeasibleNodesToFind. */
function enough(total: number): number {
  if (total < 100) return total;
  return Math.max(100, Math.floor((total * Math.max(5, 50 - Math.floor(total / 125))) / 100));
}

/** `start` is where to begin among the nodes, so that all of a large cluster have their turn; returns also where to begin next. */
export function planPod(info: PodInfo, facts: SchedulerFacts, start = 0): SchedulePlan & { readonly next: number } {
  const all = facts.cluster.nodes;
  const total = all.length;
  const none = "no nodes available to schedule pods";
  if (total === 0) return { message: none, because: none, plugins: new Set(), next: 0 };
  const state = preFilter(info, facts);
  if ("reason" in state) {
    // Without the state of the plugins that come later, the first of the PostFilter plugins fails with just these words.
    const after = state.plugin === "DynamicResources" ? `${NO_CLAIMS}, ${preemptionMessage(info, total, new Map())}` : "not found";
    const because = `0/${total} nodes are available: ${state.reason}`;
    return { message: `${because}. ${after}`, because, plugins: new Set([state.plugin]), next: start };
  }
  const { fitting, choices, rejected, looked } = filterAll(state, all, facts, start);
  if (fitting.length) {
    const node = chooseNode(info, fitting, facts.cluster, facts.namespaceLabels);
    return { node, choice: choices.get(node)!, next: (start + looked) % total };
  }
  const counts = new Map<string, number>();
  const plugins = new Set<Plugin>();
  for (const why of rejected.values()) {
    plugins.add(why.plugin);
    for (const reason of why.reasons) tally(counts, reason);
  }
  if (state.named) {
    plugins.add("NodeAffinity");
    if (rejected.size < total) tally(counts, "node(s) didn't satisfy plugin(s) [NodeAffinity]", total - rejected.size);
  }
  // Claims on devices come before preemption. None is taken from anybody here.
  const after = `${state.devices.length ? "still not schedulable" : NO_CLAIMS}, ${preemptionMessage(info, total, rejected)}`;
  const because = `0/${total} nodes are available: ${histogram(counts)}`;
  return { message: `${because}. ${after}`, because, plugins, next: start };
}

function filterAll(state: CycleState, all: readonly NodeInfo[], facts: SchedulerFacts, start: number) {
  const fitting: NodeInfo[] = [];
  const choices = new Map<NodeInfo, VolumeChoice>();
  const rejected = new Map<NodeInfo, Rejection>();
  const limit = enough(all.length);
  let looked = 0;
  for (let i = 0; i < all.length && fitting.length < limit; i++) {
    const node = all[(start + i) % all.length];
    looked++;
    if (state.named && !state.named.has(node.name)) continue;
    const result = filterNode(state, node, facts);
    if ("choice" in result) {
      fitting.push(node);
      choices.set(node, result.choice);
    } else rejected.set(node, result);
  }
  return { fitting, choices, rejected, looked };
}
