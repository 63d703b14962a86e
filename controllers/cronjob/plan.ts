/** When a CronJob starts its next Job, and what that Job is. Pure. Source: pkg/controller/cronjob syncCronJob, utils.go. Times in milliseconds. */
import type { Schedule } from "../../kinds/batch/cronjob/schedule.js";
import type { Zone } from "../../kinds/batch/cronjob/timezone.js";
import type { CronJobStatus } from "../../kinds/schema/api/batch.v1.js";
import type { ObjectReference } from "../../kinds/schema/api/core.v1.js";
import type { CronJob, Gvk, Job } from "../runtime/api.js";
import { controllerRef } from "../runtime/podtemplate.js";
import { parseTime } from "../runtime/time.js";

export const CRON_JOB: Gvk = { apiVersion: "batch/v1", kind: "CronJob" };
const SCHEDULED_AT = "batch.kubernetes.io/cronjob-scheduled-timestamp";

/** Lest a clock that is a little behind finds that it is not time yet. */
const MARGIN = 100;
/** More missed starts than these are told of. */
const MANY = 100;

/** A schedule that can be read and still means nothing: the 31st of February. */
export class ScheduleFault extends Error {}

interface Missed {
  /** From when on starts count. */
  readonly since: number;
  /** The last start that is due, if one is. */
  readonly at?: number;
  readonly count: number;
}

/** The starts that have come due since the last one. `withDeadline`: those that are too late to make up for do not count. */
function missed(cronJob: CronJob, status: CronJobStatus, schedule: Schedule, now: number, withDeadline: boolean): Missed {
  const { startingDeadlineSeconds: deadline } = cronJob.spec;
  const last = parseTime(status.lastScheduleTime) ?? parseTime(cronJob.metadata.creationTimestamp) ?? 0;
  const since = withDeadline && deadline !== undefined ? Math.max(last, now - deadline * 1000) : last;
  const first = schedule.next(since);
  const second = first === undefined ? undefined : schedule.next(first);
  if (first !== undefined && now < first) return { since, count: 0 };
  if (first !== undefined && second !== undefined && now < second) return { since, at: first, count: 0 };
  const between = first === undefined || second === undefined ? 0 : Math.round((second - first) / 1000);
  if (first === undefined || between < 1) throw new ScheduleFault("time difference between two schedules is less than 1 second");
  const count = Math.trunc(Math.trunc((now - first) / 1000) / between) + 1;
  // One step before what the first interval makes of it: where starts are uneven, the schedule knows better.
  let at: number | undefined;
  for (let next = schedule.next(first + (count - 2) * between * 1000); next !== undefined && next <= now; next = schedule.next(next)) at = next;
  return { since, count, ...(at === undefined ? {} : { at }) };
}

/** How long until the next start. */
export function untilNext(cronJob: CronJob, status: CronJobStatus, schedule: Schedule, now: number): number {
  let from = now;
  try {
    const { since, at, count } = missed(cronJob, status, schedule, now, false);
    from = at ?? (count === 0 ? since : now);
  } catch (error) {
    if (!(error instanceof ScheduleFault)) throw error;
  }
  // A schedule without any further start is looked at again when somebody changes it.
  return (schedule.next(from) ?? Number.POSITIVE_INFINITY) + MARGIN - now;
}

export interface Decision {
  /** The start that is due; undefined: none. */
  readonly at?: number;
  /** What is done about it: nothing when it has been, is too late, or another Job still runs. */
  readonly action: "none" | "late" | "blocked" | "start";
  /** So many starts were missed that somebody should hear of it. */
  readonly tooMany: boolean;
}

/** `status` is the CronJob's as it is by now. Throws ScheduleFault. */
export function decide(cronJob: CronJob, status: CronJobStatus, schedule: Schedule, now: number): Decision {
  const { at, count } = missed(cronJob, status, schedule, now, true);
  if (at === undefined) return { action: "none", tooMany: false };
  const tooMany = count > MANY;
  const deadline = cronJob.spec.startingDeadlineSeconds;
  if (deadline !== undefined && at + deadline * 1000 < now) return { at, action: "late", tooMany };
  const active = status.active ?? [];
  const done = active.some((ref) => ref.name === jobName(cronJob, at)) || parseTime(status.lastScheduleTime) === at;
  if (done) return { at, action: "none", tooMany };
  return { at, action: cronJob.spec.concurrencyPolicy === "Forbid" && active.length > 0 ? "blocked" : "start", tooMany };
}

/** One start has one name, so that no Job is made twice. */
export const jobName = (cronJob: CronJob, at: number): string => `${cronJob.metadata.name}-${Math.floor(at / 60_000)}`;

/** RFC 3339 as the place's clock shows it. */
function localTime(at: number, zone: Zone): string {
  const offset = Math.round(zone.offset(at) / 60_000);
  const local = new Date(at + offset * 60_000).toISOString().slice(0, 19);
  if (offset === 0) return `${local}Z`;
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${local}${offset < 0 ? "-" : "+"}${two(Math.trunc(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
}

/** The Job of one start. `zone` is the CronJob's. */
export function jobOf(cronJob: CronJob, at: number, zone: Zone): Job {
  const { metadata = {}, spec } = cronJob.spec.jobTemplate;
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: jobName(cronJob, at),
      ...(metadata.labels ? { labels: { ...metadata.labels } } : {}),
      annotations: { ...metadata.annotations, [SCHEDULED_AT]: localTime(at, zone) },
      ownerReferences: [controllerRef(cronJob, CRON_JOB)],
    },
    spec: structuredClone(spec) as Job["spec"],
  };
}

export const referenceTo = ({ metadata }: Job): ObjectReference => ({
  kind: "Job",
  namespace: metadata.namespace,
  name: metadata.name,
  uid: metadata.uid,
  apiVersion: "batch/v1",
  resourceVersion: metadata.resourceVersion,
});

/** How a Job has ended, if it has. */
export const endOf = (job: Job): "Complete" | "Failed" | undefined =>
  job.status?.conditions?.find((c) => (c.type === "Complete" || c.type === "Failed") && c.status === "True")?.type as "Complete" | "Failed" | undefined;

/** The oldest of the finished Jobs, those above the limits of what is kept. */
export function outlived(cronJob: CronJob, jobs: readonly Job[]): Job[] {
  const { successfulJobsHistoryLimit: kept, failedJobsHistoryLimit: keptFailed } = cronJob.spec;
  const oldest = (end: "Complete" | "Failed", limit: number | undefined): Job[] => {
    if (limit === undefined) return [];
    const ended = jobs.filter((job) => endOf(job) === end);
    const started = (job: Job): number => parseTime(job.status?.startTime) ?? Number.POSITIVE_INFINITY;
    const byStart = (a: Job, b: Job): number => started(a) - started(b) || ((a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1);
    return ended.sort(byStart).slice(0, Math.max(0, ended.length - limit));
  };
  return [...oldest("Complete", kept), ...oldest("Failed", keptFailed)];
}
