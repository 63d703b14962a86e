/** What a StatefulSet reports. Source: pkg/controller/statefulset/stateful_set_control.go, stateful_set_utils.go. */
import type { StatefulSetStatus } from "../../kinds/schema/api/apps.v1.js";
import type { Pod, StatefulSet } from "../runtime/api.js";
import { isPodAvailable, isPodReady, isTerminating } from "../runtime/podutil.js";
import { replicasOf, revisionOf } from "./identity.js";

/** All counts, zeros too; `statusFields` leaves out what Go leaves out. */
export interface Counts {
  readonly observedGeneration: number;
  readonly replicas: number;
  readonly readyReplicas: number;
  readonly availableReplicas: number;
  currentReplicas: number;
  readonly updatedReplicas: number;
  currentRevision: string;
  readonly updateRevision: string;
  readonly collisionCount: number;
}

/** Counts the pods there are. A terminating pod is still a replica but at no revision. `now` in milliseconds since the epoch. */
export function countPods(set: StatefulSet, pods: readonly Pod[], revisions: { current: string; update: string; collisionCount: number }, now: number): Counts {
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  let replicas = 0;
  let readyReplicas = 0;
  let availableReplicas = 0;
  let currentReplicas = 0;
  let updatedReplicas = 0;
  for (const pod of pods) {
    const phase = pod.status?.phase;
    if (!phase) continue;
    replicas++;
    if (phase === "Running" && isPodReady(pod)) {
      readyReplicas++;
      if (isPodAvailable(pod, minReadySeconds, now)) availableReplicas++;
    }
    if (isTerminating(pod)) continue;
    const revision = revisionOf(pod);
    if (revision === revisions.current) currentReplicas++;
    if (revision === revisions.update) updatedReplicas++;
  }
  return {
    observedGeneration: set.metadata.generation ?? 0,
    replicas,
    readyReplicas,
    availableReplicas,
    currentReplicas,
    updatedReplicas,
    currentRevision: revisions.current,
    updateRevision: revisions.update,
    collisionCount: revisions.collisionCount,
  };
}

/** A rolling update whose pods are all updated and ready makes the update revision the current one. */
export function completeRollingUpdate(set: StatefulSet, counts: Counts): Counts {
  const replicas = replicasOf(set);
  const complete =
    set.spec.updateStrategy?.type === "RollingUpdate" &&
    counts.updatedReplicas === replicas &&
    counts.readyReplicas === replicas &&
    counts.replicas === replicas;
  return complete ? { ...counts, currentReplicas: counts.updatedReplicas, currentRevision: counts.updateRevision } : counts;
}

/** Whether the status says something else than the set's. The collision count alone is no reason to write. */
export function isStatusStale(set: StatefulSet, counts: Counts): boolean {
  const status = set.status;
  return (
    counts.observedGeneration > (status?.observedGeneration ?? 0) ||
    counts.replicas !== (status?.replicas ?? 0) ||
    counts.currentReplicas !== (status?.currentReplicas ?? 0) ||
    counts.readyReplicas !== (status?.readyReplicas ?? 0) ||
    counts.updatedReplicas !== (status?.updatedReplicas ?? 0) ||
    counts.currentRevision !== (status?.currentRevision ?? "") ||
    counts.availableReplicas !== (status?.availableReplicas ?? 0) ||
    counts.updateRevision !== (status?.updateRevision ?? "")
  );
}

/** The status as it is written, in Go's field order. */
export function statusFields(counts: Counts): StatefulSetStatus {
  return {
    ...(counts.observedGeneration ? { observedGeneration: counts.observedGeneration } : {}),
    replicas: counts.replicas,
    ...(counts.readyReplicas ? { readyReplicas: counts.readyReplicas } : {}),
    ...(counts.currentReplicas ? { currentReplicas: counts.currentReplicas } : {}),
    ...(counts.updatedReplicas ? { updatedReplicas: counts.updatedReplicas } : {}),
    ...(counts.currentRevision ? { currentRevision: counts.currentRevision } : {}),
    ...(counts.updateRevision ? { updateRevision: counts.updateRevision } : {}),
    collisionCount: counts.collisionCount,
    availableReplicas: counts.availableReplicas,
  };
}
