/** What a Job's pods and status add up to, before anything is done about it. Source: pkg/controller/job syncJob and the counters it calls. */
import type { Job, Pod } from "../runtime/api.js";
import { isPodActive, isPodReady, isPodTerminating } from "../runtime/podutil.js";
import { type BackoffRecord, nextRecord } from "./backoff.js";
import { Indexes } from "./intervals.js";
import { allIndexFailures, completionIndex, finishTime, indexFailures, isPodFailed, isPodSucceeded, isTracked, isValidIndex } from "./pods.js";
import { judgeFailure } from "./policies.js";

export interface Survey {
  readonly pods: readonly Pod[];
  readonly active: readonly Pod[];
  readonly ready: number;
  readonly terminating: number;
  /** Pods that ended well, counted or about to be; of an Indexed job the indexes that did. */
  readonly succeeded: number;
  /** Failures that count. */
  readonly failed: number;
  /** The back-off with the pods that finished since the last status. */
  readonly record: BackoffRecord;
  /** For Indexed jobs. */
  readonly indexes?: {
    /** As the status has them. */
    readonly before: Indexes;
    readonly succeeded: Indexes;
    /** Only with a back-off limit per index. */
    readonly failed?: Indexes;
    /** The failed pod of each index whose replacement must learn from it how often the index failed: it is not let go before. */
    readonly awaited: ReadonlyMap<number, Pod>;
  };
}

export const isIndexed = (job: Job): boolean => job.spec.completionMode === "Indexed";

/** Pods that have finished and are in no counter yet. */
function uncounted(job: Job, pods: readonly Pod[], counted: readonly string[] | undefined, finished: (pod: Pod) => boolean): Pod[] {
  const known = new Set(counted ?? []);
  return pods.filter(
    (pod) => isTracked(pod) && !known.has(pod.metadata.uid ?? "") && (!isIndexed(job) || isValidIndex(completionIndex(pod), job)) && finished(pod),
  );
}

const validIndexes = (job: Job, pods: readonly Pod[], filter: (pod: Pod) => boolean): number[] =>
  pods.flatMap((pod) => {
    const index = completionIndex(pod);
    return isValidIndex(index, job) && isTracked(pod) && filter(pod) ? [index] : [];
  });

function failsIndex(job: Job, pod: Pod): boolean {
  if (!isPodFailed(pod, job)) return false;
  const verdict = judgeFailure(job.spec.podFailurePolicy, pod);
  return verdict.failsIndex || (verdict.counts && indexFailures(pod) >= (job.spec.backoffLimitPerIndex ?? 0));
}

function awaitedPods(job: Job, pods: readonly Pod[], active: readonly Pod[], settled: Indexes): Map<number, Pod> {
  const running = new Set(active.map(completionIndex));
  const out = new Map<number, Pod>();
  for (const pod of pods) {
    const index = completionIndex(pod);
    if (!isTracked(pod) || !isValidIndex(index, job) || !isPodFailed(pod, job)) continue;
    // Where a pod runs already, it carries the number of failures itself.
    if (settled.has(index) || running.has(index)) continue;
    const other = out.get(index);
    if (!other || (allIndexFailures(other) <= allIndexFailures(pod) && finishTime(pod) >= finishTime(other))) out.set(index, pod);
  }
  return out;
}

export function survey(job: Job, pods: readonly Pod[], record: BackoffRecord): Survey {
  const status = job.status ?? {};
  const { succeeded: countedSucceeded, failed: countedFailed } = status.uncountedTerminatedPods ?? {};
  const active = pods.filter(isPodActive);
  const newlySucceeded = uncounted(job, pods, countedSucceeded, isPodSucceeded);
  const newlyFailed = uncounted(job, pods, countedFailed, (pod) => isPodFailed(pod, job));
  const policy = job.spec.podFailurePolicy;
  const counting = newlyFailed.filter((pod) => judgeFailure(policy, pod).counts);
  const base = {
    pods,
    active,
    ready: active.filter(isPodReady).length,
    terminating: pods.filter(isPodTerminating).length,
    succeeded: (status.succeeded ?? 0) + newlySucceeded.length + (countedSucceeded?.length ?? 0),
    failed: (status.failed ?? 0) + counting.length + (countedFailed?.length ?? 0),
    record: nextRecord(record, newlySucceeded, newlyFailed),
  };
  if (!isIndexed(job)) return base;
  const completions = job.spec.completions ?? 0;
  const before = Indexes.parse(status.completedIndexes, completions);
  const succeeded = before.union(Indexes.of(validIndexes(job, pods, isPodSucceeded)));
  const perIndex = job.spec.backoffLimitPerIndex !== undefined;
  const failed = perIndex
    ? Indexes.parse(status.failedIndexes, completions).union(Indexes.of(validIndexes(job, pods, (pod) => failsIndex(job, pod))))
    : undefined;
  const awaited = failed ? awaitedPods(job, pods, active, succeeded.union(failed)) : new Map<number, Pod>();
  return { ...base, succeeded: succeeded.total, indexes: { before, succeeded, ...(failed ? { failed } : {}), awaited } };
}
