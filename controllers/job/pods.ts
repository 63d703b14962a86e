/** What the Job controller asks of a pod. Source: pkg/controller/job/{job_controller,indexed_job_utils,backoff_utils,tracking_utils}.go. */
import type { ContainerStatus } from "../../kinds/schema/api/core.v1.js";
import type { Job, Pod } from "../runtime/api.js";
import { podCondition } from "../runtime/podutil.js";
import { parseTime } from "../runtime/time.js";

export const FINALIZER = "batch.kubernetes.io/job-tracking";
/** Annotation and label alike. */
export const COMPLETION_INDEX = "batch.kubernetes.io/job-completion-index";
export const FAILURE_COUNT = "batch.kubernetes.io/job-index-failure-count";
export const IGNORED_FAILURE_COUNT = "batch.kubernetes.io/job-index-ignored-failure-count";

const MAX_INT32 = 2147483647;

/** A pod with the finalizer has not been counted yet. */
export const isTracked = (pod: Pod): boolean => pod.metadata.finalizers?.includes(FINALIZER) ?? false;

/** The index of an Indexed job's pod; undefined where there is none to speak of. */
export function completionIndex(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[COMPLETION_INDEX];
  return text !== undefined && /^\+?\d+$/.test(text) ? Number(text) : undefined;
}

/** Whether the pod belongs to an index the job has. */
export function isValidIndex(index: number | undefined, job: Job): index is number {
  return index !== undefined && index < (job.spec.completions ?? 0);
}

function count(pod: Pod, annotation: string): number {
  const text = pod.metadata.annotations?.[annotation] ?? "";
  const n = /^[+-]?\d+$/.test(text) ? Number(text) : 0;
  return n < 0 || n > MAX_INT32 ? 0 : n;
}

/** Failures of the index before this pod: those that count, and all of them. */
export const indexFailures = (pod: Pod): number => count(pod, FAILURE_COUNT);
export const ignoredIndexFailures = (pod: Pod): number => count(pod, IGNORED_FAILURE_COUNT);
export const allIndexFailures = (pod: Pod): number => indexFailures(pod) + ignoredIndexFailures(pod);

/** Pods are replaced once they have failed, not as soon as they are being deleted. */
export const replacesOnlyFailed = (job: Job): boolean => job.spec.podReplacementPolicy === "Failed" || job.spec.podFailurePolicy !== undefined;

/** Deleted pods count as failed: those of a lost node never get to that phase. */
export function isPodFailed(pod: Pod, job: Job): boolean {
  if (pod.status?.phase === "Failed") return true;
  if (replacesOnlyFailed(job)) return false;
  return pod.metadata.deletionTimestamp !== undefined && pod.status?.phase !== "Succeeded";
}

export const isPodSucceeded = (pod: Pod): boolean => pod.status?.phase === "Succeeded";

/** When the last of the containers ended; undefined when one has not. */
function latestEnd(before: number | undefined, statuses: readonly ContainerStatus[]): number | undefined {
  let latest = before;
  for (const status of statuses) {
    const at = parseTime(status.state?.terminated?.finishedAt);
    if (at === undefined) return undefined;
    latest = Math.max(latest ?? at, at);
  }
  return latest;
}

/** When a pod finished, in milliseconds: by its containers, else by its Ready condition, its deletion, its creation. */
export function finishTime(pod: Pod): number {
  const sidecars = new Set((pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === "Always").map((c) => c.name));
  const ended = latestEnd(undefined, pod.status?.containerStatuses ?? []);
  const all = latestEnd(
    ended,
    (pod.status?.initContainerStatuses ?? []).filter((s) => sidecars.has(s.name)),
  );
  if (all !== undefined) return all;
  const ready = podCondition(pod, "Ready");
  const unready = ready?.status === "False" ? parseTime(ready.lastTransitionTime) : undefined;
  if (unready !== undefined) return unready;
  const deleted = parseTime(pod.metadata.deletionTimestamp);
  if (deleted !== undefined) return deleted - (pod.metadata.deletionGracePeriodSeconds ?? 0) * 1000;
  return parseTime(pod.metadata.creationTimestamp) ?? 0;
}
