/**
 * What a StatefulSet needs next. Pure: a set, its revisions, pods and claims in; work and the status to report out. Source: pkg/controller/statefulset
 * updateStatefulSet, of which one call is one step: what it starts shows in the pods, and the next step takes it from there.
 */
import type { PersistentVolumeClaim, Pod, StatefulSet } from "../runtime/api.js";
import { isPodAvailable, isPodReady, isPodTerminal, isTerminating } from "../runtime/podutil.js";
import { type Hold, type HoldFacts, heldAtRest, heldByCondemned, heldByReplica, isMissing, NO_HOLDS, type Replica } from "./holds.js";
import { claimNames, identityMatches, inRange, ordinalOf, type Revision, replicasOf, revisionOf, startOrdinal, storageMatches } from "./identity.js";
import { deletesWhenScaled, isClaimStale, isOwnerUpToDate } from "./retention.js";
import { type Counts, countPods } from "./status.js";

export interface PlanInput {
  readonly set: StatefulSet;
  /** The revision pods below the partition are made at. */
  readonly current: Revision;
  /** The revision of the set's template. */
  readonly update: Revision;
  readonly collisionCount: number;
  /** The set's own pods, in any order. */
  readonly pods: readonly Pod[];
  claim(name: string): PersistentVolumeClaim | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export type Step =
  /** Claims first, then the pod. */
  | { readonly do: "create"; readonly ordinal: number; readonly revision: Revision }
  | { readonly do: "delete"; readonly pod: Pod; readonly why: "finished" | "scale-in" | "update" }
  /** Create claims a pending pod lacks, and see to their owners. */
  | { readonly do: "claims"; readonly pod: Pod }
  /** Put identity, volumes and claim owners right. */
  | { readonly do: "correct"; readonly pod: Pod }
  /** See to the owners of the claims of a pod that is to go. */
  | { readonly do: "retain"; readonly pod: Pod };

/** Work on several pods; the steps of one pod follow each other. */
export interface Phase {
  /** In order, one after the other, or together (in growing batches, upstream's slow start). A failure ends phase and plan either way. */
  readonly ordered: boolean;
  /** One entry per pod, empty ones too: they count in the batches. */
  readonly work: readonly (readonly Step[])[];
}

export interface Plan {
  readonly phases: readonly Phase[];
  /** What is not done yet, and why. */
  readonly holds: readonly Hold[];
  /** To report when the plan is done; a deletion for an update takes one off `currentReplicas` first. */
  readonly status: Counts;
}

/** The revision a new pod of the ordinal is made at: newVersionedStatefulSetPod. The partition counts indexes, not ordinals. */
function revisionFor(input: PlanInput, ordinal: number): Revision {
  const { set, current, update } = input;
  const strategy = set.spec.updateStrategy;
  const index = ordinal - startOrdinal(set);
  const old = strategy?.rollingUpdate
    ? index < (strategy.rollingUpdate.partition ?? 0)
    : strategy?.type === "RollingUpdate" && index < (set.status?.currentReplicas ?? 0);
  return old ? current : update;
}

const isRunningAndReady = (pod: Pod): boolean => pod.status?.phase === "Running" && isPodReady(pod);

export function plan(input: PlanInput): Plan {
  const { set, pods, now } = input;
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  const ordered = set.spec.podManagementPolicy !== "Parallel";
  const status = countPods(set, pods, { current: input.current.name, update: input.update.name, collisionCount: input.collisionCount }, now);
  const phases: Phase[] = [];
  if (set.metadata.deletionTimestamp) return { phases, holds: NO_HOLDS, status };

  const start = startOrdinal(set);
  const replicas = Array.from<unknown, Replica>({ length: replicasOf(set) }, (_, index) => ({
    missing: start + index,
    revision: revisionFor(input, start + index),
  }));
  const condemned: Pod[] = [];
  for (const pod of pods) {
    const ordinal = ordinalOf(pod);
    if (inRange(set, ordinal)) replicas[ordinal - start] = pod;
    else if (ordinal >= 0) condemned.push(pod);
  }
  // From the highest down.
  condemned.sort((a, b) => ordinalOf(b) - ordinalOf(a));

  const isAvailable = (pod: Pod): boolean => isPodAvailable(pod, minReadySeconds, now);
  const isUnavailable = (replica: Replica): boolean => isMissing(replica) || !isAvailable(replica) || isTerminating(replica);

  const facts: HoldFacts = { set, update: input.update.name, replicas, isUnavailable };
  const planned = (holds: readonly Hold[]): Plan => ({ phases: phases.filter((phase) => phase.work.some((steps) => steps.length > 0)), holds, status });

  const living = planReplicas(input, replicas, ordered, isAvailable);
  phases.push({ ordered, work: living.work });
  const stale: readonly Hold[] = living.stale === undefined ? NO_HOLDS : [{ held: "create", ordinal: living.stale, rule: "whenScaled" }];
  if (living.blocked) return planned(isMissing(living.blocked) ? stale : heldByReplica(facts, living.blocked, condemned[0]));

  // What is to go must carry its claims' fate before it goes.
  const unclaimed = condemned.map((pod): Step[] => (claimsUpToDate(input, pod) ? [] : [{ do: "retain", pod }]));
  phases.push({ ordered, work: unclaimed });

  const firstUnavailable = replicas.find(isUnavailable) ?? condemned.findLast(isUnavailable);
  const leaving = planCondemned(condemned, firstUnavailable, ordered, isAvailable);
  phases.push({ ordered, work: leaving.work });
  if (leaving.blocked) return planned(leaving.by ? heldByCondemned(facts, leaving.by, leaving.held) : NO_HOLDS);

  const { outdated, by } = set.spec.updateStrategy?.type === "OnDelete" ? ALL_UPDATED : nextToUpdate(input, replicas, isUnavailable);
  if (outdated) phases.push({ ordered: true, work: [[{ do: "delete", pod: outdated, why: "update" }]] });
  if (stale === NO_HOLDS && !firstUnavailable && status.updatedReplicas === pods.length) return planned(NO_HOLDS);
  return planned([...stale, ...heldAtRest(facts, by, condemned)]);
}

/** The claims' owners are as the policy wants them; claims that do not exist yet are no matter. */
function claimsUpToDate(input: PlanInput, pod: Pod): boolean {
  return claimNames(input.set, ordinalOf(pod)).every((name) => {
    const claim = input.claim(name);
    return !claim || isOwnerUpToDate(claim, input.set, pod);
  });
}

/** Each living replica, up to the first (`blocked`) that all after it must wait for when pods go in order. `stale`: an ordinal whose claim must go first. */
function planReplicas(
  input: PlanInput,
  replicas: readonly Replica[],
  ordered: boolean,
  isAvailable: (pod: Pod) => boolean,
): { work: Step[][]; blocked?: Replica; stale?: number } {
  const work: Step[][] = [];
  let stale: number | undefined;
  for (const replica of replicas) {
    const { steps, waits } = planReplica(input, replica, isAvailable);
    work.push(steps);
    if (isMissing(replica) && steps.length === 0) stale ??= replica.missing;
    if (waits && ordered) return { work, blocked: replica, stale };
  }
  return { work, stale };
}

/** One living replica; `waits` when an ordered set must go no further. */
function planReplica(input: PlanInput, replica: Replica, isAvailable: (pod: Pod) => boolean): { steps: Step[]; waits: boolean } {
  const { set } = input;
  if (isMissing(replica)) {
    const step: Step = { do: "create", ordinal: replica.missing, revision: replica.revision };
    return { steps: hasStaleClaim(input, replica.missing) ? [] : [step], waits: true };
  }
  // A finished pod is replaced whatever its exit code; the new one is made once the old has gone.
  if (isPodTerminal(replica)) return { steps: isTerminating(replica) ? [] : [{ do: "delete", pod: replica, why: "finished" }], waits: true };
  const steps: Step[] = [];
  if (replica.status?.phase === "Pending" && lacksClaim(input, replica)) steps.push({ do: "claims", pod: replica });
  // An ordered set corrects nothing on a pod it waits for; a parallel one does.
  const waits = isTerminating(replica) || !isRunningAndReady(replica) || !isAvailable(replica);
  const parallel = set.spec.podManagementPolicy === "Parallel";
  if ((parallel || !waits) && !(identityMatches(set, replica) && storageMatches(set, replica) && claimsUpToDate(input, replica))) {
    steps.push({ do: "correct", pod: replica });
  }
  return { steps, waits };
}

/** Under `whenScaled: Delete` a claim that still belongs to the ordinal's earlier pod goes with it: the new pod waits for a new claim. */
function hasStaleClaim(input: PlanInput, ordinal: number): boolean {
  if (!deletesWhenScaled(input.set)) return false;
  const unborn: Pod = { metadata: { name: `${input.set.metadata.name}-${ordinal}` }, spec: { containers: [] } };
  return claimNames(input.set, ordinal).some((name) => {
    const claim = input.claim(name);
    return claim !== undefined && isClaimStale(claim, unborn);
  });
}

/** A claim is missing, being deleted (which is an error to report), or has the wrong owners. */
function lacksClaim(input: PlanInput, pod: Pod): boolean {
  return claimNames(input.set, ordinalOf(pod)).some((name) => {
    const claim = input.claim(name);
    return !claim || claim.metadata.deletionTimestamp !== undefined || !isOwnerUpToDate(claim, input.set, pod);
  });
}

/**
 * Pods beyond the replicas, highest first. An ordered set lets one go at a time, and only past pods that are well; `firstUnavailable` itself may go. `by`: who
 * `held`, or else all that comes after the pods that go, waits for.
 */
function planCondemned(
  condemned: readonly Pod[],
  firstUnavailable: Replica | undefined,
  ordered: boolean,
  isAvailable: (pod: Pod) => boolean,
): { work: Step[][]; blocked: boolean; held?: Pod; by?: Replica } {
  const work: Step[][] = [];
  for (const [at, pod] of condemned.entries()) {
    if (isTerminating(pod)) {
      if (ordered) return { work, blocked: true, held: condemned[at + 1], by: pod };
      work.push([]);
      continue;
    }
    if (ordered && pod !== firstUnavailable && (!isRunningAndReady(pod) || !isAvailable(pod))) return { work, blocked: true, held: pod, by: firstUnavailable };
    work.push([{ do: "delete", pod, why: "scale-in" }]);
    if (ordered) return { work, blocked: true };
  }
  return { work, blocked: false };
}

interface NextUpdate {
  readonly outdated?: Pod;
  /** Is not well, so that none below it is touched. */
  readonly by?: Replica;
}
const ALL_UPDATED: NextUpdate = {};

/** The highest replica that is not at the update revision, unless one above it is not well yet. Those below the partition stay. */
function nextToUpdate(input: PlanInput, replicas: readonly Replica[], isUnavailable: (replica: Replica) => boolean): NextUpdate {
  const partition = input.set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  for (let index = replicas.length - 1; index >= partition; index--) {
    const replica = replicas[index];
    if (!isMissing(replica) && revisionOf(replica) !== input.update.name && !isTerminating(replica)) return { outdated: replica };
    if (isUnavailable(replica)) return { by: replica };
  }
  return ALL_UPDATED;
}
