/** How long failures hold back the pods that replace them. Source: pkg/controller/job/backoff_utils.go. Times in milliseconds. */
import type { Pod } from "../runtime/api.js";
import { allIndexFailures, finishTime } from "./pods.js";

const BASE = 10_000;
const MAX = 600_000;

/** A job's failures since its last success. */
export interface BackoffRecord {
  readonly failures: number;
  readonly lastFailure?: number;
}

export const NO_FAILURES: BackoffRecord = { failures: 0 };

/** The record with pods that have finished since; a success forgets the failures before it. */
export function nextRecord(record: BackoffRecord, succeeded: readonly Pod[], failed: readonly Pod[]): BackoffRecord {
  const failures = failed.map(finishTime).sort((a, b) => a - b);
  if (succeeded.length === 0) return failures.length === 0 ? record : { failures: record.failures + failures.length, lastFailure: failures.at(-1) as number };
  const lastSuccess = Math.max(...succeeded.map(finishTime));
  const after = failures.filter((at) => at > lastSuccess);
  return after.length === 0 ? NO_FAILURES : { failures: after.length, lastFailure: after.at(-1) as number };
}

/** 10 s after the first failure, doubling up to 10 min; less what has passed since. */
export function remainingTime({ failures, lastFailure }: BackoffRecord, now: number): number {
  if (failures === 0 || lastFailure === undefined) return 0;
  return Math.max(0, Math.min(BASE * 2 ** Math.min(failures - 1, 20), MAX) - (now - lastFailure));
}

/** The same for one index of a job that counts failures by index; `last` is the pod that failed there. */
export const remainingTimeOfIndex = (last: Pod | undefined, now: number): number =>
  last ? remainingTime({ failures: allIndexFailures(last) + 1, lastFailure: finishTime(last) }, now) : 0;
