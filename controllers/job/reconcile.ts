/** Reads, plans, acts: one Job at a time. Source: pkg/controller/job/job_controller.go syncJob. */
import type { Client, Informer, Informers, ResourceClient } from "../../client/client.js";
import { isJobFinished } from "../../kinds/batch/job/conditions.js";
import { labelSelectorAsSelector } from "../../kinds/labels.js";
import type { KubeObject } from "../../kinds/object.js";
import type { JobCondition, JobStatus } from "../../kinds/schema/api/batch.v1.js";
import { addControllerIndex, claim, orphans, ownedBy } from "../runtime/adoption.js";
import { JOBS, type Job, PODS, type Pod, splitKey, withGvk } from "../runtime/api.js";
import { isNotFound } from "../runtime/errors.js";
import { canonicalJson } from "../runtime/hash.js";
import type { Notes } from "../runtime/journal.js";
import { createPodControl } from "../runtime/podcontrol.js";
import { controllerOf } from "../runtime/podtemplate.js";
import { isPodReady } from "../runtime/podutil.js";
import { slowStart } from "../runtime/slowstart.js";
import { timestamp } from "../runtime/time.js";
import type { Clock, Reconcile, ReconcileResult, Recorder } from "../runtime/types.js";
import { type BackoffRecord, NO_FAILURES } from "./backoff.js";
import { condition, deadline, isComplete, type Plan, plan, verdict } from "./plan.js";
import { JOB, podOf } from "./podof.js";
import { FINALIZER, isTracked } from "./pods.js";
import { type Survey, survey } from "./survey.js";
import { count, finish, type Tracking, track, trackedUids, withCondition } from "./track.js";
import { ended, underWay } from "./words.js";

export interface ReconcilerDeps {
  /** Already acting as the controller. */
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly notes: Notes;
}

/** Jobs that somebody else looks after. */
export const isManagedElsewhere = (job: Job): boolean => (job.spec.managedBy ?? "kubernetes.io/job-controller") !== "kubernetes.io/job-controller";

/** Takes the tracking finalizer off a pod. A pod that has gone is no failure. */
export async function untrack(pods: ResourceClient<Pod>, pod: Pod): Promise<void> {
  if (!isTracked(pod)) return;
  const patch = { metadata: { "$deleteFromPrimitiveList/finalizers": [FINALIZER] } };
  try {
    await pods.patch(pod.metadata.namespace ?? "", pod.metadata.name ?? "", "application/strategic-merge-patch+json", patch);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

const firstFailure = (results: readonly PromiseSettledResult<unknown>[]): unknown => results.find((r) => r.status === "rejected")?.reason;

/** As it is stored: counters that are zero are absent. */
function tidy(status: JobStatus): JobStatus {
  const { active, succeeded, failed, ...rest } = status;
  return { ...rest, ...(active ? { active } : {}), ...(succeeded ? { succeeded } : {}), ...(failed ? { failed } : {}) };
}

/** What acting on a plan has changed. */
interface Acted {
  readonly active: number;
  readonly ready: number;
  readonly terminating: number;
  readonly failure: unknown;
}

export function createReconcile(deps: ReconcilerDeps): Reconcile {
  const jobs = deps.informers.informer<Job>(JOBS);
  const pods = deps.informers.informer<Pod>(PODS);
  const jobClient = deps.client.resource<Job>(JOBS);
  const podClient = deps.client.resource<Pod>(PODS);
  const podControl = createPodControl(podClient, deps.recorder, JOB);
  addControllerIndex(pods as unknown as Informer<KubeObject>);
  /** Failures that hold pods back. Lost with the process, as upstream: then nothing is held back. */
  const records = new Map<string, BackoffRecord>();

  const record = (job: Job, type: "Normal" | "Warning", reason: string, message: string): void => deps.recorder.event(withGvk(job, JOB), type, reason, message);

  /** Deletes pods; with `release` they also lose their finalizer, so that they are not counted. */
  const remove = async (job: Job, seen: Survey, condemned: readonly Pod[], release: boolean): Promise<Acted> => {
    const results = await Promise.allSettled(
      condemned.map(async (pod) => {
        if (release) await untrack(podClient, pod);
        await podControl.delete(job, pod.metadata.name ?? "");
      }),
    );
    const gone = condemned.filter((_, i) => results[i]?.status === "fulfilled");
    return {
      active: seen.active.length - gone.length,
      ready: seen.ready - gone.filter(isPodReady).length,
      terminating: seen.terminating + gone.length,
      failure: firstFailure(results),
    };
  };

  const act = async (job: Job, seen: Survey, { delete: condemned, create, indexes }: Plan): Promise<Acted> => {
    if (condemned.length > 0) return remove(job, seen, condemned, true);
    const { ready, terminating } = seen;
    const { successes, errors } = await slowStart(create, (i) => {
      const index = indexes?.[i];
      return podControl.create(job, podOf(job, index, index === undefined ? undefined : seen.indexes?.awaited.get(index)));
    });
    return { active: seen.active.length + successes, ready, terminating, failure: errors[0] };
  };

  const ownPods = (job: Job): Promise<Pod[]> => {
    const { namespace = "", name = "", uid = "" } = job.metadata;
    return claim({
      owner: job,
      gvk: JOB,
      selector: labelSelectorAsSelector(job.spec.selector as Parameters<typeof labelSelectorAsSelector>[0]),
      kind: "Pod",
      candidates: [...ownedBy(pods, uid).filter((pod) => controllerOf(pod)?.kind === "Job"), ...orphans(pods, namespace)],
      resource: podClient,
      finalizer: FINALIZER,
      fresh: () => jobClient.get(namespace, name),
    });
  };

  /** Suspended and Resumed, told once each. Resuming starts the clock anew, suspending stops it. */
  const suspension = (job: Job, status: JobStatus, now: number): JobStatus => {
    const next = job.spec.suspend
      ? condition("Suspended", "True", "JobSuspended", "Job suspended", now)
      : condition("Suspended", "False", "JobResumed", "Job resumed", now);
    const conditions = withCondition(status.conditions, next);
    if (conditions.length === 0 || conditions === status.conditions) return status;
    record(job, "Normal", job.spec.suspend ? "Suspended" : "Resumed", next.message ?? "");
    const { startTime: _, ...rest } = status;
    return { ...rest, conditions, ...(job.spec.suspend ? {} : { startTime: timestamp(now) }) };
  };

  /** Writes a status onto the job it was made from. Whoever wrote in between is heard first: then this fails, and the job comes again. */
  const write = async (job: Job, status: JobStatus): Promise<Job> => {
    const { namespace = "", name = "", uid, resourceVersion } = job.metadata;
    return jobClient.modify(
      namespace,
      name,
      (current) => {
        if (current.metadata.uid !== uid || current.metadata.resourceVersion !== resourceVersion) throw new Error("the job has been modified");
        return { ...current, status: tidy(status) };
      },
      { subresource: "status" },
    );
  };

  const tellFinish = (job: Job, { type, reason = "", message = "" }: JobCondition): void => {
    if (type !== "Complete") record(job, "Warning", reason, message);
    else {
      if (job.spec.completions !== undefined && (job.status?.succeeded ?? 0) > job.spec.completions)
        record(job, "Warning", "TooManySucceededPods", "Too many succeeded pods running after completion count reached");
      record(job, "Normal", "Completed", "Job completed");
    }
  };

  /** Status, finalizers, status: the order in which a pod is counted once. */
  const settle = async (key: string, job: Job, seen: Survey, { status, release, final, more }: Tracking): Promise<void> => {
    let current = job;
    let written = tidy(job.status ?? {});
    const save = async (next: JobStatus): Promise<void> => {
      const tidied = tidy(next);
      if (canonicalJson(tidied) === canonicalJson(written)) return;
      current = await write(current, tidied);
      written = tidied;
    };
    const before = current;
    await save(status);
    if (current !== before) records.set(key, seen.record);
    const results = await Promise.allSettled(release.map((pod) => untrack(podClient, pod)));
    const tracked = trackedUids(seen.pods);
    for (const [i, pod] of release.entries()) if (results[i]?.status === "fulfilled") tracked.delete(pod.metadata.uid ?? "");
    const counted = count(status, tracked);
    const failure = firstFailure(results);
    if (failure !== undefined) {
      await save(counted);
      throw failure;
    }
    const finished = final && !more ? finish(counted, final, status.terminating ?? 0) : undefined;
    await save(finished ?? counted);
    if (finished && final) tellFinish(current, final);
  };

  return async (key): Promise<ReconcileResult> => {
    const { namespace, name } = splitKey(key);
    const job = jobs.get(namespace, name);
    if (!job || isJobFinished(job.status?.conditions)) {
      records.delete(key);
      deps.notes.state(key, job && ended(job));
      return;
    }
    if (isManagedElsewhere(job)) return;
    const seen = survey(job, await ownPods(job), records.get(key) ?? NO_FAILURES);
    const now = deps.clock.now();
    let status: JobStatus = { ...job.status, uncountedTerminatedPods: job.status?.uncountedTerminatedPods ?? {} };
    if (!status.startTime && !job.spec.suspend) status.startTime = timestamp(now);
    const started: Job = { ...job, status };

    let finished = verdict(started, seen, now);
    let acted: Acted = { active: seen.active.length, ready: seen.ready, terminating: seen.terminating, failure: undefined };
    let waitMs: number | undefined;
    if (finished) {
      acted = await remove(job, seen, seen.active, false);
      // Not over yet while pods are left that should have gone.
      if (acted.active > 0) finished = undefined;
    } else {
      const managed = !job.metadata.deletionTimestamp;
      if (managed) {
        const next = plan(started, seen, now);
        acted = await act(job, seen, next);
        waitMs = next.waitMs;
      }
      if (isComplete(job, seen.succeeded, acted.active))
        finished = condition("SuccessCriteriaMet", "True", "CompletionsReached", "Reached expected number of succeeded pods", now);
      else if (managed) status = suspension(job, status, now);
    }
    deps.notes.state(key, finished ? undefined : underWay(job, seen, now, waitMs, acted.failure));
    status = { ...status, active: acted.active, ready: acted.ready, terminating: acted.terminating };
    try {
      await settle(key, job, seen, track({ ...job, status }, status, seen, finished, now));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    if (acted.failure !== undefined) throw acted.failure;
    const until = deadline({ ...job, status });
    const waits = [waitMs, until === undefined || finished ? undefined : until - now].filter((ms) => ms !== undefined);
    return waits.length > 0 ? { requeueAfterMs: Math.min(...waits) } : undefined;
  };
}
