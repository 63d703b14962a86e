/** What a StatefulSet does not do yet, and which rule holds it back. Pure; worked out beside the plan and acted on by nobody. */
import type { Pod, StatefulSet } from "../runtime/api.js";
import { isPodTerminal, isTerminating } from "../runtime/podutil.js";
import { type Revision, revisionOf } from "./identity.js";

/** A replica that is there, or is to be created at a revision. */
export type Replica = Pod | { readonly missing: number; readonly revision: Revision };
export const isMissing = (replica: Replica): replica is Extract<Replica, { missing: number }> => "missing" in replica;

/** `by` is who must be well, or gone, first. */
export type Hold =
  /** Neither this ordinal's pod nor later ones are made. */
  | { readonly held: "create"; readonly ordinal: number; readonly rule: "OrderedReady"; readonly by: Pod }
  /** The claim of the ordinal's earlier pod is still there. */
  | { readonly held: "create"; readonly ordinal: number; readonly rule: "whenScaled" }
  /** Neither this pod nor lower ones beyond the replicas go. */
  | { readonly held: "scale-in"; readonly pod: Pod; readonly by: Replica }
  /** Neither this pod nor lower ones make room for pods of the update revision. A pod that holds itself up is the trap of a bad template. */
  | { readonly held: "update"; readonly pod: Pod; readonly rule: "OrderedReady" | "RollingUpdate"; readonly by: Replica }
  /** The rule keeps these at another revision. */
  | { readonly held: "update"; readonly pods: readonly Pod[]; readonly rule: "partition" | "OnDelete" }
  /** Nothing else is left to do, but these are not well, or not gone. */
  | { readonly held: "rest"; readonly by: readonly Pod[] };

export interface HoldFacts {
  readonly set: StatefulSet;
  /** Name of the update revision. */
  readonly update: string;
  /** By index. */
  readonly replicas: readonly Replica[];
  isUnavailable(replica: Replica): boolean;
}

/** Most pods that one hold names. */
const FEW = 3;
export const NO_HOLDS: readonly Hold[] = [];

const partitionOf = (set: StatefulSet): number => set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
const isOnDelete = (set: StatefulSet): boolean => set.spec.updateStrategy?.type === "OnDelete";

/** The highest pod, below an index, that the next update would take. */
function outdatedBelow({ set, update, replicas }: HoldFacts, below: number): Pod | undefined {
  if (isOnDelete(set)) return undefined;
  for (let index = below - 1; index >= partitionOf(set); index--) {
    const replica = replicas[index];
    if (!isMissing(replica) && revisionOf(replica) !== update && !isTerminating(replica)) return replica;
  }
  return undefined;
}

/** An ordered set has come as far as `by`. `next` is the first pod that is to go once all replicas are well. */
export function heldByReplica(facts: HoldFacts, by: Pod, next: Pod | undefined): readonly Hold[] {
  const { replicas } = facts;
  const holds: Hold[] = [];
  const at = replicas.indexOf(by);
  if (outdatedBelow(facts, at + 1) === by && !isPodTerminal(by)) holds.push({ held: "update", pod: by, rule: "OrderedReady", by });
  const missing = replicas.find((replica, index) => index > at && isMissing(replica));
  const outdated = outdatedBelow(facts, replicas.length);
  if (missing && isMissing(missing)) holds.push({ held: "create", ordinal: missing.missing, rule: "OrderedReady", by });
  else if (next && !isTerminating(next)) holds.push({ held: "scale-in", pod: next, by });
  else if (outdated && outdated !== by) holds.push({ held: "update", pod: outdated, rule: "OrderedReady", by });
  return holds.length > 0 ? holds : [{ held: "rest", by: [by] }];
}

/** An ordered set waits with `pod` for `by`; without a pod of its own to hold, the update waits, if there is one. */
export function heldByCondemned(facts: HoldFacts, by: Replica, pod: Pod | undefined): readonly Hold[] {
  if (pod) return [{ held: "scale-in", pod, by }];
  const outdated = outdatedBelow(facts, facts.replicas.length);
  if (outdated) return [{ held: "update", pod: outdated, rule: "OrderedReady", by }];
  return isMissing(by) ? NO_HOLDS : [{ held: "rest", by: [by] }];
}

/** Nothing else is left to do but an update, which waits for `by`; `condemned` are still on their way out. */
export function heldAtRest(facts: HoldFacts, by: Replica | undefined, condemned: readonly Pod[]): readonly Hold[] {
  const { set, update, replicas } = facts;
  const holds: Hold[] = [];
  const waits = by && outdatedBelow(facts, replicas.indexOf(by));
  if (waits) holds.push({ held: "update", pod: waits, rule: "RollingUpdate", by });
  const kept: Pod[] = [];
  const end = isOnDelete(set) ? replicas.length : Math.min(partitionOf(set), replicas.length);
  for (let index = 0; index < end; index++) {
    const replica = replicas[index];
    if (!isMissing(replica) && !isTerminating(replica) && revisionOf(replica) !== update) kept.push(replica);
  }
  if (kept.length > 0) holds.push({ held: "update", pods: kept, rule: isOnDelete(set) ? "OnDelete" : "partition" });
  const unwell: Pod[] = [];
  for (const replica of replicas) {
    if (unwell.length < FEW && !isMissing(replica) && !(waits && replica === by) && facts.isUnavailable(replica)) unwell.push(replica);
  }
  if (unwell.length === 0) unwell.push(...condemned.slice(0, FEW));
  if (unwell.length > 0) holds.push({ held: "rest", by: unwell });
  return holds;
}
