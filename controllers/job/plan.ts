/** Whether a Job is over, and which pods it makes or deletes next. Source: pkg/controller/job syncJob, manageJob. Times in milliseconds. */
import type { JobCondition } from "../../kinds/schema/api/batch.v1.js";
import { byLeastLoss } from "../runtime/activepods.js";
import type { Job, Pod } from "../runtime/api.js";
import { isPodTerminating } from "../runtime/podutil.js";
import { parseTime, timestamp } from "../runtime/time.js";
import { remainingTime, remainingTimeOfIndex } from "./backoff.js";
import { Indexes } from "./intervals.js";
import { completionIndex, isPodFailed, isValidIndex, replacesOnlyFailed } from "./pods.js";
import { judgeFailure, successOf } from "./policies.js";
import { isIndexed, type Survey } from "./survey.js";

/** Most pods made or deleted in one go. */
export const BURST = 500;

export const condition = (type: string, status: "True" | "False", reason: string, message: string, now: number): JobCondition => ({
  type,
  status,
  lastProbeTime: timestamp(now),
  lastTransitionTime: timestamp(now),
  reason,
  message,
});

export const findCondition = (job: Job, type: string): JobCondition | undefined => job.status?.conditions?.find((c) => c.type === type);
const holds = (c: JobCondition | undefined): c is JobCondition => c?.status === "True";

/** restartPolicy OnFailure: containers are restarted in place, and their restarts are what the limit limits. */
function restartsExceedLimit(job: Job, pods: readonly Pod[]): boolean {
  if (job.spec.template.spec?.restartPolicy !== "OnFailure") return false;
  let restarts = 0;
  for (const pod of pods) {
    if (pod.status?.phase !== "Running" && pod.status?.phase !== "Pending") continue;
    for (const c of [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])]) restarts += c.restartCount ?? 0;
  }
  const limit = job.spec.backoffLimit ?? 0;
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

function failureMessage(job: Job, pods: readonly Pod[]): string | undefined {
  if (!job.spec.podFailurePolicy) return undefined;
  for (const pod of pods) {
    const message = isPodFailed(pod, job) ? judgeFailure(job.spec.podFailurePolicy, pod).failsJob : undefined;
    if (message !== undefined) return message;
  }
  return undefined;
}

/** When the job's time is up; undefined while it has no such limit, or the clock does not run. */
export function deadline(job: Job): number | undefined {
  const started = parseTime(job.status?.startTime);
  return job.spec.activeDeadlineSeconds === undefined || started === undefined || job.spec.suspend
    ? undefined
    : started + job.spec.activeDeadlineSeconds * 1000;
}

/**
 * The condition that ends the job, if it is to end but for its completions: SuccessCriteriaMet or FailureTarget as of now, Failed where FailureTarget is told
 * already. The order is upstream's: what an earlier run has decided, failures, then success.
 */
export function verdict(job: Job, { pods, failed, indexes }: Survey, now: number): JobCondition | undefined {
  const failure = (reason: string, message: string): JobCondition => condition("FailureTarget", "True", reason, message, now);
  const met = findCondition(job, "SuccessCriteriaMet");
  if (holds(met)) return met;
  const target = findCondition(job, "FailureTarget");
  if (holds(target)) return condition("Failed", "True", target.reason ?? "", target.message ?? "", now);
  const message = failureMessage(job, pods);
  if (message !== undefined) return failure("PodFailurePolicy", message);
  if (failed > (job.spec.backoffLimit ?? 0) || restartsExceedLimit(job, pods))
    return failure("BackoffLimitExceeded", "Job has reached the specified backoff limit");
  const until = deadline(job);
  if (until !== undefined && now >= until) return failure("DeadlineExceeded", "Job was active longer than specified deadline");
  if (!indexes) return undefined;
  const completions = job.spec.completions ?? 0;
  if (indexes.failed) {
    const { maxFailedIndexes: max } = job.spec;
    const count = indexes.failed.total;
    if (max !== undefined && count > max) return failure("MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes");
    if (count > 0 && count + indexes.succeeded.total >= completions) return failure("FailedIndexes", "Job has failed indexes");
  }
  const success = successOf(job.spec.successPolicy, completions, indexes.succeeded);
  return success === undefined ? undefined : condition("SuccessCriteriaMet", "True", "SuccessPolicy", success, now);
}

/** A job that wants a number of completions has them; one that wants none ends with its first success, once the others are through. */
export function isComplete(job: Job, succeeded: number, active: number): boolean {
  const { completions } = job.spec;
  return active === 0 && (completions === undefined ? succeeded > 0 : succeeded >= completions);
}

export interface Plan {
  readonly delete: readonly Pod[];
  /** How many pods are made; for Indexed jobs `indexes` says which. */
  readonly create: number;
  readonly indexes?: readonly number[];
  /** Failures hold pods back for so long. */
  readonly waitMs?: number;
}

const NOTHING: Plan = { delete: [], create: 0 };

/** Of several pods of one index one stays; pods without a valid index go. The rest by what loses least. */
function surplus(job: Job, active: readonly Pod[], atLeast: number): Pod[] {
  const out: Pod[] = [];
  let left = active;
  if (isIndexed(job)) {
    const byIndex = new Map<number, Pod[]>();
    for (const pod of active) {
      const index = completionIndex(pod);
      if (!isValidIndex(index, job)) out.push(pod);
      else byIndex.set(index, [...(byIndex.get(index) ?? []), pod]);
    }
    const kept: Pod[] = [];
    for (const [, same] of [...byIndex].sort(([a], [b]) => a - b)) {
      const ranked = same.length > 1 ? byLeastLoss(same) : same;
      out.push(...ranked.slice(0, -1));
      kept.push(ranked.at(-1) as Pod);
    }
    left = kept;
  }
  if (out.length >= atLeast) return out;
  return [...out, ...byLeastLoss(left).slice(0, atLeast - out.length)];
}

function wantedActive(job: Job, { succeeded, active }: Survey): number {
  const { completions, parallelism = 1 } = job.spec;
  if (completions === undefined) return succeeded > 0 ? active.length : parallelism;
  return Math.max(0, Math.min(completions - succeeded, parallelism));
}

/** Indexes without a pod that are neither done nor given up. */
function pendingIndexes(job: Job, { pods, active, indexes }: Survey, count: number): number[] {
  const busy = replacesOnlyFailed(job) ? [...active, ...pods.filter(isPodTerminating)] : active;
  const taken = Indexes.of(busy.flatMap((pod) => completionIndex(pod) ?? []));
  const settled = (indexes?.succeeded ?? Indexes.NONE).union(taken).union(indexes?.failed ?? Indexes.NONE);
  return settled.missing(count, job.spec.completions ?? 0);
}

/** The next step of a job that is not over. Deleting comes first: the next run creates. */
export function plan(job: Job, seen: Survey, now: number): Plan {
  const { active } = seen;
  if (job.spec.suspend) return { delete: surplus(job, active, active.length), create: 0 };
  const wanted = wantedActive(job, seen);
  const condemned = surplus(job, active, Math.max(0, active.length - wanted)).slice(0, BURST);
  if (condemned.length > 0) return { delete: condemned, create: 0 };
  const missing = Math.min(wanted - active.length - (replacesOnlyFailed(job) ? seen.terminating : 0), BURST);
  if (missing <= 0) return NOTHING;
  const perIndex = seen.indexes?.failed !== undefined;
  const wait = perIndex ? 0 : remainingTime(seen.record, now);
  if (wait > 0) return { ...NOTHING, waitMs: wait };
  if (!isIndexed(job)) return { delete: [], create: missing };
  const indexes = pendingIndexes(job, seen, missing);
  if (!perIndex) return { delete: [], create: indexes.length, indexes };
  const waits = indexes.map((index) => remainingTimeOfIndex(seen.indexes?.awaited.get(index), now));
  const due = indexes.filter((_, i) => waits[i] === 0);
  return due.length === 0 && waits.length > 0 ? { ...NOTHING, waitMs: Math.min(...waits) } : { delete: [], create: due.length, indexes: due };
}
