/** Reads, plans, acts: one CronJob at a time. Source: pkg/controller/cronjob/cronjob_controllerv2.go. */
import type { Client, Informers } from "../../client/client.js";
import { parseSchedule, type Schedule, ScheduleError } from "../../kinds/batch/cronjob/schedule.js";
import { loadLocation, UTC, type Zone, ZoneError } from "../../kinds/batch/cronjob/timezone.js";
import type { CronJobStatus } from "../../kinds/schema/api/batch.v1.js";
import { CRON_JOBS, type CronJob, JOBS, type Job, splitKey, withGvk } from "../runtime/api.js";
import { isAlreadyExists, isNamespaceTerminating, isNotFound, messageOf } from "../runtime/errors.js";
import { canonicalJson } from "../runtime/hash.js";
import { controllerOf } from "../runtime/podtemplate.js";
import { parseTime, timestamp } from "../runtime/time.js";
import type { Clock, Reconcile, ReconcileResult, Recorder } from "../runtime/types.js";
import { CRON_JOB, decide, endOf, jobName, jobOf, outlived, referenceTo, ScheduleFault, untilNext } from "./plan.js";

export interface ReconcilerDeps {
  /** Already acting as the controller. */
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly recorder: Recorder;
}

/** The zone a CronJob's schedule is read in; a zone of the schedule's own takes precedence. Throws ZoneError. */
const zoneOf = (cronJob: CronJob): Zone => (cronJob.spec.timeZone === undefined ? UTC : loadLocation(cronJob.spec.timeZone));

/** Throws ScheduleError. An unknown zone is as good as none here: who starts Jobs has asked before. */
export function scheduleOf(cronJob: CronJob): Schedule {
  let zone = UTC;
  try {
    zone = zoneOf(cronJob);
  } catch (error) {
    if (!(error instanceof ZoneError)) throw error;
  }
  return parseSchedule(cronJob.spec.schedule, zone);
}

/** Mon, 02 Jan 2006 15:04:05 +0000 */
const rfc1123 = (at: number): string => new Date(at).toUTCString().replace("GMT", "+0000");

export function createReconcile(deps: ReconcilerDeps): Reconcile {
  const { clock } = deps;
  const cronJobs = deps.informers.informer<CronJob>(CRON_JOBS);
  const jobs = deps.informers.informer<Job>(JOBS);
  const cronJobClient = deps.client.resource<CronJob>(CRON_JOBS);
  const jobClient = deps.client.resource<Job>(JOBS);

  type Tell = (type: "Normal" | "Warning", reason: string, message: string) => void;

  /** Deletes a Job with its pods; returns the status without it, or as it was when that fails. */
  const drop = async (job: Job, status: CronJobStatus, tell: Tell): Promise<[CronJobStatus, boolean]> => {
    try {
      await jobClient.delete(job.metadata.namespace ?? "", job.metadata.name ?? "", { propagationPolicy: "Background" });
    } catch (error) {
      tell("Warning", "FailedDelete", `Deleted job: ${messageOf(error)}`);
      return [status, false];
    }
    tell("Normal", "SuccessfulDelete", `Deleted job ${job.metadata.name}`);
    return [withoutActive(status, job.metadata.uid), true];
  };

  /** What has become of the Jobs there are. */
  const follow = (children: readonly Job[], before: CronJobStatus, tell: Tell): CronJobStatus => {
    let status = before;
    for (const job of children) {
      const { name, uid } = job.metadata;
      const listed = status.active?.some((ref) => ref.uid === uid) ?? false;
      const end = endOf(job);
      if (!end) {
        if (!listed) tell("Warning", "UnexpectedJob", `Saw a job that the controller did not create or forgot: ${name}`);
        continue;
      }
      if (listed) {
        status = withoutActive(status, uid);
        tell("Normal", "SawCompletedJob", `Saw completed job: ${name}, condition: ${end}`);
      }
      const ended = end === "Complete" ? job.status?.completionTime : undefined;
      if (ended && (parseTime(ended) ?? 0) > (parseTime(status.lastSuccessfulTime) ?? Number.NEGATIVE_INFINITY))
        status = { ...status, lastSuccessfulTime: ended };
    }
    for (const ref of status.active ?? []) {
      if (children.some((job) => job.metadata.uid === ref.uid) || jobs.get(ref.namespace ?? "", ref.name ?? "")) continue;
      tell("Normal", "MissingJob", `Active job went missing: ${ref.name}`);
      status = withoutActive(status, ref.uid);
    }
    return status;
  };

  /** Makes the Job of one start. Returns it, or undefined where somebody else's stands in its place or it is known already. */
  const create = async (cronJob: CronJob, at: number, status: CronJobStatus, tell: Tell): Promise<Job | undefined> => {
    const { namespace = "" } = cronJob.metadata;
    try {
      const job = await jobClient.create(namespace, jobOf(cronJob, at, zoneOf(cronJob)));
      tell("Normal", "SuccessfulCreate", `Created job ${job.metadata.name}`);
      return job;
    } catch (error) {
      if (isAlreadyExists(error)) {
        const job = await jobClient.get(namespace, jobName(cronJob, at));
        const known = status.active?.some((ref) => ref.uid === job.metadata.uid) ?? false;
        return controllerOf(job)?.uid === cronJob.metadata.uid && !known ? job : undefined;
      }
      if (!isNamespaceTerminating(error)) tell("Warning", "FailedCreate", `Error creating job: ${messageOf(error)}`);
      throw error;
    }
  };

  /** Starts what is due. `update` hears of every status on the way, so that none is lost when something fails later. */
  const run = async (cronJob: CronJob, given: CronJobStatus, tell: Tell, update: (status: CronJobStatus) => void): Promise<ReconcileResult> => {
    let status = given;
    const { spec } = cronJob;
    try {
      zoneOf(cronJob);
    } catch (error) {
      if (!(error instanceof ZoneError)) throw error;
      tell("Warning", "UnknownTimeZone", `invalid timeZone: ${JSON.stringify(spec.timeZone)}: ${error.message}`);
      return undefined;
    }
    if (spec.suspend) return undefined;
    if (spec.schedule.includes("TZ"))
      tell(
        "Warning",
        "UnsupportedSchedule",
        `CRON_TZ or TZ used in schedule ${JSON.stringify(spec.schedule)} is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details`,
      );
    let schedule: Schedule;
    try {
      schedule = scheduleOf(cronJob);
    } catch (error) {
      if (!(error instanceof ScheduleError)) throw error;
      tell("Warning", "UnparseableSchedule", `unparseable schedule: ${JSON.stringify(spec.schedule)} : ${error.message}`);
      return undefined;
    }
    const now = clock.now();
    let due: ReturnType<typeof decide>;
    try {
      due = decide(cronJob, status, schedule, now);
    } catch (error) {
      if (!(error instanceof ScheduleFault)) throw error;
      tell("Warning", "InvalidSchedule", `invalid schedule: ${spec.schedule} : ${error.message}`);
      return undefined;
    }
    const next = (): ReconcileResult => {
      const wait = untilNext(cronJob, status, schedule, now);
      return Number.isFinite(wait) ? { requeueAfterMs: wait, periodic: "periodic" } : undefined;
    };
    const { at, action, tooMany } = due;
    if (tooMany) tell("Warning", "TooManyMissedTimes", "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew");
    if (at !== undefined && action === "late") tell("Warning", "MissSchedule", `Missed scheduled time to start a job: ${rfc1123(at)}`);
    if (action === "blocked") tell("Normal", "JobAlreadyActive", "Not starting job because prior execution is running and concurrency policy is Forbid");
    if (at === undefined || action !== "start") return next();
    if (spec.concurrencyPolicy === "Replace") {
      for (const ref of status.active ?? []) {
        let running: Job;
        try {
          running = await jobClient.get(ref.namespace ?? "", ref.name ?? "");
        } catch (error) {
          tell("Warning", "FailedGet", `Get job: ${messageOf(error)}`);
          throw error;
        }
        const [without, gone] = await drop(running, status, tell);
        if (!gone) throw new Error(`could not replace job ${ref.namespace}/${ref.name}`);
        status = without;
        update(status);
      }
    }
    const job = await create(cronJob, at, status, tell);
    if (!job) return undefined;
    status = { ...status, active: [...(status.active ?? []), referenceTo(job)], lastScheduleTime: timestamp(at) };
    update(status);
    return next();
  };

  return async (key): Promise<ReconcileResult> => {
    const { namespace, name } = splitKey(key);
    const cronJob = cronJobs.get(namespace, name);
    if (!cronJob) return undefined;
    const tell: Tell = (type, reason, message) => deps.recorder.event(withGvk(cronJob, CRON_JOB), type, reason, message);
    const children = jobs.list(namespace).filter((job) => controllerOf(job)?.name === name);
    let status: CronJobStatus = cronJob.status ?? {};
    for (const job of outlived(cronJob, children)) [status] = await drop(job, status, tell);
    status = follow(children, status, tell);
    let result: ReconcileResult;
    let failure: unknown;
    if (!cronJob.metadata.deletionTimestamp) {
      try {
        result = await run(cronJob, status, tell, (next) => {
          status = next;
        });
      } catch (error) {
        failure = error;
      }
    }
    if (canonicalJson(status) !== canonicalJson(cronJob.status ?? {})) {
      try {
        await cronJobClient.updateStatus(namespace, { ...withGvk(cronJob, CRON_JOB), status });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
    if (failure !== undefined) throw failure;
    return result;
  };
}

/** No active Jobs are none: the list goes with its last. */
function withoutActive(status: CronJobStatus, uid: string | undefined): CronJobStatus {
  const { active = [], ...rest } = status;
  const left = active.filter((ref) => ref.uid !== uid);
  return left.length > 0 ? { ...rest, active: left } : rest;
}
