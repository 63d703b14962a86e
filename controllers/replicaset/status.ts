/** What a ReplicaSet reports. Source: pkg/controller/replicaset/replica_set_utils.go. */
import type { ReplicaSetCondition, ReplicaSetStatus } from "../../kinds/schema/api/apps.v1.js";
import type { Pod, ReplicaSet } from "../runtime/api.js";
import { messageOf } from "../runtime/errors.js";
import { canonicalJson } from "../runtime/hash.js";
import { isPodAvailable, isPodReady } from "../runtime/podutil.js";
import { timestamp } from "../runtime/time.js";

const REPLICA_FAILURE = "ReplicaFailure";

/** The status out of the pods seen and how managing them went (`terminating` where it is told); in Go's field order, zeros left out as Go does. */
export function calculateStatus(set: ReplicaSet, active: readonly Pod[], terminating: number | undefined, failure: unknown, now: number): ReplicaSetStatus {
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  const labels = Object.entries(set.spec.template?.metadata?.labels ?? {});
  let fullyLabeled = 0;
  let ready = 0;
  let available = 0;
  for (const pod of active) {
    if (labels.every(([key, value]) => pod.metadata.labels?.[key] === value)) fullyLabeled++;
    if (!isPodReady(pod)) continue;
    ready++;
    if (isPodAvailable(pod, minReadySeconds, now)) available++;
  }
  const conditions = nextConditions(set, active.length, failure, now);
  return {
    replicas: active.length,
    ...(fullyLabeled ? { fullyLabeledReplicas: fullyLabeled } : {}),
    ...(ready ? { readyReplicas: ready } : {}),
    ...(available ? { availableReplicas: available } : {}),
    ...(terminating === undefined ? {} : { terminatingReplicas: terminating }),
    ...(set.metadata.generation ? { observedGeneration: set.metadata.generation } : {}),
    ...(conditions.length ? { conditions } : {}),
  };
}

/** A failure that is reported already stays as it was first told. */
function nextConditions(set: ReplicaSet, active: number, failure: unknown, now: number): ReplicaSetCondition[] {
  const conditions = set.status?.conditions ?? [];
  const reported = conditions.some((c) => c.type === REPLICA_FAILURE);
  if (failure === undefined) return reported ? conditions.filter((c) => c.type !== REPLICA_FAILURE) : conditions;
  if (reported) return conditions;
  const missing = (set.spec.replicas ?? 1) - active;
  return [
    ...conditions,
    {
      type: REPLICA_FAILURE,
      status: "True",
      lastTransitionTime: timestamp(now),
      ...(missing ? { reason: missing > 0 ? "FailedCreate" : "FailedDelete" } : {}),
      message: messageOf(failure),
    },
  ];
}

export const isStatusStale = (set: ReplicaSet, next: ReplicaSetStatus): boolean => canonicalJson(set.status ?? {}) !== canonicalJson(next);
