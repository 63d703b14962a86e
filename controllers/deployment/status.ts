/** What a Deployment reports. Sources: pkg/controller/deployment sync.go, progress.go, util/deployment_util.go. Times in milliseconds since the epoch. */
import type { DeploymentCondition, DeploymentStatus } from "../../kinds/schema/api/apps.v1.js";
import type { Deployment, ReplicaSet } from "../runtime/api.js";
import { canonicalJson } from "../runtime/hash.js";
import { parseTime, timestamp } from "../runtime/time.js";
import { desiredReplicas, maxUnavailable, totalAvailable, totalSize } from "./numbers.js";

const MAX_INT32 = 0x7fffffff;
type Conditions = readonly DeploymentCondition[];

export const hasProgressDeadline = (d: Deployment): boolean => d.spec.progressDeadlineSeconds !== undefined && d.spec.progressDeadlineSeconds !== MAX_INT32;
export const hasHistoryLimit = (d: Deployment): boolean => d.spec.revisionHistoryLimit !== undefined && d.spec.revisionHistoryLimit !== MAX_INT32;

export const condition = (type: string, status: string, reason: string, message: string, now: number): DeploymentCondition => ({
  type,
  status,
  lastUpdateTime: timestamp(now),
  lastTransitionTime: timestamp(now),
  reason,
  message,
});

export const findCondition = (conditions: Conditions | undefined, type: string): DeploymentCondition | undefined => conditions?.find((c) => c.type === type);
export const withoutCondition = (conditions: Conditions, type: string): Conditions => conditions.filter((c) => c.type !== type);

/** Puts a condition last, unless one of its type says the same already. The transition time stays when the status does. */
export function withCondition(conditions: Conditions, next: DeploymentCondition): Conditions {
  const current = findCondition(conditions, next.type);
  if (current?.status === next.status && current.reason === next.reason) return conditions;
  const lastTransitionTime = current?.status === next.status ? current.lastTransitionTime : next.lastTransitionTime;
  return [...withoutCondition(conditions, next.type), { ...next, lastTransitionTime }];
}

const sum = (sets: readonly ReplicaSet[], count: (set: ReplicaSet) => number | undefined): number => sets.reduce((total, set) => total + (count(set) ?? 0), 0);

/** Undefined when a set that has been looked at does not tell. */
function terminating(sets: readonly ReplicaSet[]): number | undefined {
  let total = 0;
  for (const { status } of sets) {
    if (status?.terminatingReplicas === undefined) {
      if (status?.observedGeneration) return undefined;
    } else total += status.terminatingReplicas;
  }
  return total;
}

/** Counts and the Available condition; `sets` are all, the new one included. In Go's field order, zeros left out as Go does. */
export function calculateStatus(d: Deployment, sets: readonly ReplicaSet[], newSet: ReplicaSet | undefined, now: number): DeploymentStatus {
  const available = totalAvailable(sets);
  const conditions = withCondition(
    d.status?.conditions ?? [],
    available >= desiredReplicas(d) - maxUnavailable(d)
      ? condition("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", now)
      : condition("Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", now),
  );
  return tidy({
    observedGeneration: d.metadata.generation,
    replicas: sum(sets, (set) => set.status?.replicas),
    updatedReplicas: newSet?.status?.replicas,
    readyReplicas: sum(sets, (set) => set.status?.readyReplicas),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, totalSize(sets) - available),
    terminatingReplicas: terminating(sets),
    conditions: [...conditions],
    collisionCount: d.status?.collisionCount,
  });
}

/** Leaves out what Go leaves out; counts behind pointers stay at 0. */
function tidy(status: DeploymentStatus): DeploymentStatus {
  const pointers = new Set(["terminatingReplicas", "collisionCount"]);
  return Object.fromEntries(
    Object.entries(status).filter(
      ([key, value]) => value !== undefined && (pointers.has(key) || (value !== 0 && !(Array.isArray(value) && value.length === 0))),
    ),
  );
}

export const sameStatus = (a: DeploymentStatus | undefined, b: DeploymentStatus): boolean => canonicalJson(a ?? {}) === canonicalJson(b);

/** All replicas are updated and available, no old ones run, and this generation has been seen. */
export function isComplete(d: Deployment, status: DeploymentStatus | undefined): boolean {
  const desired = desiredReplicas(d);
  return (
    (status?.updatedReplicas ?? 0) === desired &&
    (status?.replicas ?? 0) === desired &&
    (status?.availableReplicas ?? 0) === desired &&
    (status?.observedGeneration ?? 0) >= (d.metadata.generation ?? 0)
  );
}

/** More new pods, fewer old ones, or more that are ready or available than at the last report. */
function isProgressing(d: Deployment, next: DeploymentStatus): boolean {
  const old = d.status ?? {};
  const outdated = (s: DeploymentStatus): number => (s.replicas ?? 0) - (s.updatedReplicas ?? 0);
  return (
    (next.updatedReplicas ?? 0) > (old.updatedReplicas ?? 0) ||
    outdated(next) < outdated(old) ||
    (next.readyReplicas ?? 0) > (old.readyReplicas ?? 0) ||
    (next.availableReplicas ?? 0) > (old.availableReplicas ?? 0)
  );
}

/** The last sign of progress is older than the deadline. */
function isTimedOut(d: Deployment, conditions: Conditions, now: number): boolean {
  const progress = findCondition(conditions, "Progressing");
  if (!progress || progress.reason === "NewReplicaSetAvailable") return false;
  if (progress.reason === "ProgressDeadlineExceeded") return true;
  return (parseTime(progress.lastUpdateTime) ?? 0) + (d.spec.progressDeadlineSeconds ?? 0) * 1000 < now;
}

/** As calculateStatus, with how the rollout goes: Progressing and ReplicaFailure. */
export function calculateRolloutStatus(d: Deployment, sets: readonly ReplicaSet[], newSet: ReplicaSet | undefined, now: number): DeploymentStatus {
  const status = calculateStatus(d, sets, newSet, now);
  let conditions: Conditions = status.conditions ?? [];
  const current = findCondition(d.status?.conditions, "Progressing");
  const finished = (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && current?.reason === "NewReplicaSetAvailable";
  if (!hasProgressDeadline(d)) conditions = withoutCondition(conditions, "Progressing");
  else if (!finished) {
    const subject = newSet ? `ReplicaSet "${newSet.metadata.name}"` : `Deployment "${d.metadata.name}"`;
    if (isComplete(d, status)) {
      conditions = withCondition(conditions, condition("Progressing", "True", "NewReplicaSetAvailable", `${subject} has successfully progressed.`, now));
    } else if (isProgressing(d, status)) {
      // Written anew even when it says the same: the time of the last progress is what the deadline counts from.
      const next = condition("Progressing", "True", "ReplicaSetUpdated", `${subject} is progressing.`, now);
      if (current?.status === "True") next.lastTransitionTime = current.lastTransitionTime;
      conditions = [...withoutCondition(conditions, "Progressing"), next];
    } else if (isTimedOut(d, conditions, now)) {
      conditions = withCondition(conditions, condition("Progressing", "False", "ProgressDeadlineExceeded", `${subject} has timed out progressing.`, now));
    }
  }
  const failure = replicaFailure(newSet) ?? sets.map(replicaFailure).find((c) => c !== undefined);
  conditions = failure ? withCondition(conditions, failure) : withoutCondition(conditions, "ReplicaFailure");
  return tidy({ ...status, conditions: [...conditions] });
}

function replicaFailure(set: ReplicaSet | undefined): DeploymentCondition | undefined {
  const found = set?.status?.conditions?.find((c) => c.type === "ReplicaFailure");
  if (!found) return undefined;
  const { type, status, lastTransitionTime, reason, message } = found;
  return { type, status, lastUpdateTime: lastTransitionTime, lastTransitionTime, reason, message };
}

/** Milliseconds until the deadline is to be looked at again, undefined when there is no need. */
export function nextProgressCheck(d: Deployment, status: DeploymentStatus, now: number): number | undefined {
  const current = findCondition(d.status?.conditions, "Progressing");
  if (!hasProgressDeadline(d) || !current || isComplete(d, status) || current.reason === "ProgressDeadlineExceeded") return undefined;
  const after = (parseTime(current.lastUpdateTime) ?? 0) + (d.spec.progressDeadlineSeconds ?? 0) * 1000 - now;
  // A second more than the rest, as upstream; the deadline has passed only after its last millisecond.
  return after < 1000 ? Math.max(after, 0) + 1 : after + 1000;
}

/** The Progressing condition of a deployment that was paused or resumed since it was last looked at; undefined when nothing is to be told. */
export function pauseCondition(d: Deployment, now: number): DeploymentCondition | undefined {
  if (!hasProgressDeadline(d)) return undefined;
  const current = findCondition(d.status?.conditions, "Progressing");
  if (current?.reason === "ProgressDeadlineExceeded") return undefined;
  const told = current?.reason === "DeploymentPaused";
  if (d.spec.paused && !told) return condition("Progressing", "Unknown", "DeploymentPaused", "Deployment is paused", now);
  if (!d.spec.paused && told) return condition("Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed", now);
  return undefined;
}
