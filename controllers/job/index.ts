import { isJobFinished } from "../../kinds/batch/job/conditions.js";
import { matchesLabelSelector } from "../../kinds/labels.js";
import type { LabelSelector } from "../../kinds/validation/metadata.js";
import { JOBS, type Job, keyOf, type OwnerReference, PODS, type Pod, splitKey } from "../runtime/api.js";
import { controllerClient } from "../runtime/context.js";
import { controllerOf } from "../runtime/podtemplate.js";
import { createQueue } from "../runtime/queue.js";
import type { Controller } from "../runtime/types.js";
import { isTracked } from "./pods.js";
import { createReconcile, isManagedElsewhere, untrack } from "./reconcile.js";

const selects = (job: Job, labels: Record<string, string> | undefined): boolean => matchesLabelSelector(job.spec.selector as LabelSelector, labels);

/** Runs Jobs to their end. Where it decides: plan.ts; how pods are counted: track.ts. */
export const jobController: Controller = {
  name: "job-controller",
  start(ctx) {
    const jobs = ctx.informers.informer<Job>(JOBS);
    const pods = ctx.informers.informer<Pod>(PODS);
    const client = controllerClient(ctx.client, "job-controller");
    const podClient = client.resource<Pod>(PODS);
    const reconcile = createReconcile({
      client,
      informers: ctx.informers,
      clock: ctx.clock,
      recorder: ctx.recorder("job-controller"),
      notes: ctx.journal.notes("job-controller", "Job"),
    });
    const queue = createQueue(ctx, { name: "job", workers: 5, reconcile });

    const ownerOf = (namespace: string, ref: OwnerReference | undefined): Job | undefined => {
      if (ref?.kind !== "Job") return undefined;
      const job = jobs.get(namespace, ref.name);
      return job && job.metadata.uid === ref.uid ? job : undefined;
    };

    /** Pods whose job has gone, or is over, are held by nobody's finalizer. Source: syncOrphanPod. */
    const orphanQueue = createQueue(ctx, {
      name: "job-orphan-pod",
      reconcile: async (key) => {
        const { namespace, name } = splitKey(key);
        const pod = pods.get(namespace, name);
        if (!pod || !isTracked(pod)) return;
        const ref = controllerOf(pod);
        if (ref && (ref.kind !== "Job" || ref.apiVersion !== "batch/v1")) return;
        const job = ownerOf(namespace, ref);
        if (job && (isManagedElsewhere(job) || !isJobFinished(job.status?.conditions))) return;
        await untrack(podClient, pod);
      },
    });
    const releaseAll = (job: Job): void => {
      for (const pod of pods.list(job.metadata.namespace)) if (isTracked(pod) && selects(job, pod.metadata.labels)) orphanQueue.add(keyOf(pod));
    };

    const deleted = (pod: Pod): void => {
      const job = ownerOf(pod.metadata.namespace ?? "", controllerOf(pod));
      if (!job || isJobFinished(job.status?.conditions)) {
        if (isTracked(pod)) orphanQueue.add(keyOf(pod));
      } else queue.add(keyOf(job));
    };
    const changed = (pod: Pod): void => {
      if (pod.metadata.deletionTimestamp) {
        deleted(pod);
        return;
      }
      const ref = controllerOf(pod);
      const job = ownerOf(pod.metadata.namespace ?? "", ref);
      if (job) queue.add(keyOf(job));
      if (ref) return;
      if (isTracked(pod)) orphanQueue.add(keyOf(pod));
      if (!pod.metadata.labels) return;
      for (const other of jobs.list(pod.metadata.namespace)) if (selects(other, pod.metadata.labels)) queue.add(keyOf(other));
    };

    const remove = [
      jobs.handle({
        add: (job) => queue.add(keyOf(job)),
        update(job) {
          if (isJobFinished(job.status?.conditions)) releaseAll(job);
          queue.add(keyOf(job));
        },
        delete(job) {
          queue.add(keyOf(job));
          releaseAll(job);
        },
      }),
      pods.handle({
        add: changed,
        update(pod, old) {
          const before = controllerOf(old);
          const was = before && before.uid !== controllerOf(pod)?.uid ? ownerOf(old.metadata.namespace ?? "", before) : undefined;
          if (was) queue.add(keyOf(was));
          changed(pod);
        },
        delete: deleted,
      }),
    ];
    return {
      stop() {
        for (const off of remove) off();
        queue.stop();
        orphanQueue.stop();
      },
    };
  },
};
