/**
 * How pods get into a Job's counters: first their uids into status.uncountedTerminatedPods, then the finalizer off the pod, then the uid out and the counter up.
 * So a pod is counted exactly once whatever crashes in between. Pure: statuses in, statuses out. Source: pkg/controller/job trackJobStatusAndRemoveFinalizers.
 */
import type { JobCondition, JobStatus } from "../../kinds/schema/api/batch.v1.js";
import type { Job, Pod } from "../runtime/api.js";
import { Indexes } from "./intervals.js";
import { condition } from "./plan.js";
import { completionIndex, isPodFailed, isPodSucceeded, isTracked, isValidIndex } from "./pods.js";
import { judgeFailure } from "./policies.js";
import { isIndexed, type Survey } from "./survey.js";

/** Keeps the lists of uids storable. */
const MAX_UNCOUNTED = 500;

const uidOf = (pod: Pod): string => pod.metadata.uid ?? "";

/** Moves what no longer has the finalizer from the lists of uids into the counters. Returns the same status when there is nothing to move. */
export function count(status: JobStatus, tracked: ReadonlySet<string>): JobStatus {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const left = { succeeded: succeeded.filter((uid) => tracked.has(uid)), failed: failed.filter((uid) => tracked.has(uid)) };
  const [gained, lost] = [succeeded.length - left.succeeded.length, failed.length - left.failed.length];
  if (gained === 0 && lost === 0) return status;
  return {
    ...status,
    succeeded: (status.succeeded ?? 0) + gained,
    failed: (status.failed ?? 0) + lost,
    uncountedTerminatedPods: {
      ...(left.succeeded.length > 0 ? { succeeded: left.succeeded } : {}),
      ...(left.failed.length > 0 ? { failed: left.failed } : {}),
    },
  };
}

/** uids of the pods that have the finalizer. */
export const trackedUids = (pods: readonly Pod[]): Set<string> => new Set(pods.filter(isTracked).map(uidOf));

export interface Tracking {
  /** What is to be written before any finalizer goes; the same object as given when nothing changes. */
  readonly status: JobStatus;
  /** Pods whose finalizer goes then. */
  readonly release: readonly Pod[];
  /** The condition that is added at last, once everything is counted and no pod is on its way out. */
  readonly final?: JobCondition;
  /** There are more pods than one run counts: it is not over yet. */
  readonly more: boolean;
}

function mayBeReleased(job: Job, pod: Pod, seen: Survey, finished: JobCondition | undefined, failed: boolean): boolean {
  if (job.metadata.deletionTimestamp || finished || isPodSucceeded(pod)) return true;
  if (!failed) return false;
  const index = completionIndex(pod);
  return index === undefined || seen.indexes?.awaited.get(index)?.metadata.uid !== pod.metadata.uid;
}

/** `finished` is the verdict on the job, if there is one. */
export function track(job: Job, before: JobStatus, seen: Survey, finished: JobCondition | undefined, now: number): Tracking {
  const indexed = isIndexed(job);
  const pods = indexed ? [...seen.pods].sort((a, b) => (completionIndex(a) ?? -1) - (completionIndex(b) ?? -1)) : seen.pods;
  let status = count(before, trackedUids(pods));
  const succeeded = [...(status.uncountedTerminatedPods?.succeeded ?? [])];
  const failed = [...(status.uncountedTerminatedPods?.failed ?? [])];
  const known = { succeeded: new Set(before.uncountedTerminatedPods?.succeeded), failed: new Set(before.uncountedTerminatedPods?.failed) };
  const doneIndexes: number[] = [];
  const release: Pod[] = [];
  let [changed, more] = [false, false];
  for (const pod of pods) {
    if (!isTracked(pod)) continue;
    const isFailed = isPodFailed(pod, job);
    if (!mayBeReleased(job, pod, seen, finished, isFailed)) continue;
    release.push(pod);
    const uid = uidOf(pod);
    const index = completionIndex(pod);
    const valid = !indexed || isValidIndex(index, job);
    if (isPodSucceeded(pod) && !known.failed.has(uid)) {
      // The index is enough to count a success once.
      if (indexed && valid && index !== undefined && !seen.indexes?.before.has(index)) {
        doneIndexes.push(index);
        changed = true;
      } else if (!indexed && !known.succeeded.has(uid)) {
        succeeded.push(uid);
        changed = true;
      }
    } else if ((isFailed || (finished && finished.type !== "SuccessCriteriaMet")) && !known.failed.has(uid) && valid) {
      // Once a job is over, whatever has not ended by then has failed.
      if (judgeFailure(job.spec.podFailurePolicy, pod).counts) {
        failed.push(uid);
        changed = true;
      }
    }
    if (doneIndexes.length + succeeded.length + failed.length >= MAX_UNCOUNTED) {
      more = true;
      break;
    }
  }
  if (changed)
    status = {
      ...status,
      uncountedTerminatedPods: { ...(succeeded.length > 0 ? { succeeded } : {}), ...(failed.length > 0 ? { failed } : {}) },
    };
  if (indexed && seen.indexes) status = withIndexes(status, seen.indexes, doneIndexes);
  const [withCondition, final] = conclude(status, finished, now);
  return { status: withCondition, release, ...(final ? { final } : {}), more };
}

function withIndexes(status: JobStatus, { succeeded, failed }: NonNullable<Survey["indexes"]>, done: readonly number[]): JobStatus {
  const all = succeeded.union(Indexes.of(done));
  const { completedIndexes, failedIndexes, ...rest } = status;
  const next = { completed: all.toString(), failed: failed?.toString() };
  if (next.completed === (completedIndexes ?? "") && next.failed === failedIndexes && (status.succeeded ?? 0) === all.total) return status;
  return {
    ...rest,
    succeeded: all.total,
    ...(next.completed ? { completedIndexes: next.completed } : {}),
    ...(next.failed === undefined ? {} : { failedIndexes: next.failed }),
  };
}

/** FailureTarget and SuccessCriteriaMet are told at once; Failed and Complete, which they announce, come last. */
function conclude(status: JobStatus, finished: JobCondition | undefined, now: number): [JobStatus, JobCondition | undefined] {
  if (!finished) return [status, undefined];
  const { type, reason = "", message = "" } = finished;
  if (type === "Failed") return [status, finished];
  const told = status.conditions?.some((c) => c.type === type && c.status === "True");
  const next = told ? status : { ...status, conditions: [...(status.conditions ?? []), finished] };
  return [next, condition(type === "FailureTarget" ? "Failed" : "Complete", "True", reason, message, now)];
}

/** The status of a job that is over: the last condition, and for a success its time. Undefined while something is still under way. */
export function finish(status: JobStatus, final: JobCondition, terminating: number): JobStatus | undefined {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  if (succeeded.length + failed.length > 0 || terminating > 0) return undefined;
  return {
    ...status,
    conditions: withCondition(status.conditions, final),
    ...(final.type === "Complete" && final.lastTransitionTime ? { completionTime: final.lastTransitionTime } : {}),
  };
}

/** The conditions with this one added or taken over; one that never was True is not added as False. The same list when nothing changes. */
export function withCondition(conditions: JobCondition[] | undefined, next: JobCondition): JobCondition[] {
  const list = conditions ?? [];
  const old = list.find((c) => c.type === next.type);
  if (!old) return next.status === "False" ? list : [...list, next];
  if (old.status === next.status && old.reason === next.reason && old.message === next.message) return list;
  return list.map((c) => (c === old ? next : c));
}
