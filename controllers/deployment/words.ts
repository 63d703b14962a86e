/** How far a rollout is and what it waits for, as statements. Pure. */
import type { Deployment, ReplicaSet } from "../runtime/api.js";
import type { Named, Statement } from "../runtime/journal.js";
import { desiredReplicas, isRollingUpdate, maxSurge, maxUnavailable, sizeOf, totalAvailable } from "./numbers.js";
import { allOf, type Sets } from "./plan.js";
import { findCondition, isComplete } from "./status.js";

const refOf = (set: ReplicaSet): Named => ({ kind: "ReplicaSet", namespace: set.metadata.namespace, name: set.metadata.name ?? "" });
const aboutOf = (d: Deployment): Named => ({ kind: "Deployment", namespace: d.metadata.namespace, name: d.metadata.name ?? "" });
const isShort = (set: ReplicaSet): boolean => (set.status?.availableReplicas ?? 0) < sizeOf(set);

/** A look that ended with an error. */
export const failed = (d: Deployment, because: string): Statement => ({
  about: aboutOf(d),
  state: "is not rolled out",
  because,
  unblocks: "the API takes it; it is tried again, in growing intervals",
});

/** `sets` as the look has left them, `hasOldPods` for Recreate: pods of old sets are still there. */
export function statementsOf(d: Deployment, sets: Sets, hasOldPods: boolean): Statement[] {
  if (d.metadata.deletionTimestamp) return [];
  const about = aboutOf(d);
  const { newSet, oldSets } = sets;
  const desired = desiredReplicas(d);
  const updated = newSet ? sizeOf(newSet) : 0;
  const outdated = oldSets.filter((set) => sizeOf(set) > 0 || (set.status?.replicas ?? 0) > 0);
  const statements: Statement[] = [];
  const timedOut = findCondition(d.status?.conditions, "Progressing")?.reason === "ProgressDeadlineExceeded";
  const deadline = timedOut ? `, and has not come further for progressDeadlineSeconds (${d.spec.progressDeadlineSeconds})` : "";
  if (d.spec.paused) {
    if (newSet && outdated.length === 0) return short(d, sets, deadline);
    return [
      {
        about,
        state: "is not rolled out",
        because: `it is paused with ${updated} of ${desired} pods updated`,
        rule: "spec.paused",
        unblocks: `it is resumed: kubectl rollout resume deployment/${d.metadata.name}`,
      },
    ];
  }
  if (outdated.length === 0 && updated >= desired) return short(d, sets, deadline);
  if (!isRollingUpdate(d)) {
    if (!hasOldPods) return statements;
    return [
      {
        about,
        state: `is not rolled out${deadline}`,
        because: `pods of ${outdated.map((set) => set.metadata.name).join(", ")} are still there`,
        rule: "Recreate",
        waitsFor: outdated.map(refOf),
        unblocks: "they are gone",
      },
    ];
  }
  const available = totalAvailable(allOf(sets));
  const least = desired - maxUnavailable(d);
  return [
    {
      about,
      state: `has ${updated} of ${desired} pods updated${deadline}`,
      because: `${available} pods are available, at least ${least} must be, and at most ${desired + maxSurge(d)} may there be`,
      rule: `RollingUpdate with maxUnavailable ${d.spec.strategy?.rollingUpdate?.maxUnavailable}, maxSurge ${d.spec.strategy?.rollingUpdate?.maxSurge}`,
      waitsFor: allOf(sets).filter(isShort).map(refOf),
      unblocks: "more of its pods are available",
    },
  ];
}

/** All pods are of the new template, and some are not available. */
function short(d: Deployment, sets: Sets, deadline: string): Statement[] {
  const { newSet } = sets;
  if (!newSet || (isComplete(d, d.status) && !isShort(newSet)) || !isShort(newSet)) return [];
  return [
    {
      about: aboutOf(d),
      state: `has ${newSet.status?.availableReplicas ?? 0} of ${desiredReplicas(d)} pods available${deadline}`,
      because: `not all pods of ${newSet.metadata.name} are`,
      waitsFor: [refOf(newSet)],
      unblocks: "its pods are available",
    },
  ];
}
