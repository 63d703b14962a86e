/** Deletes Jobs some time after they have finished. Source: pkg/controller/ttlafterfinished. */
import { JOBS, type Job, keyOf, splitKey } from "../runtime/api.js";
import { controllerClient } from "../runtime/context.js";
import { isNotFound } from "../runtime/errors.js";
import { createQueue } from "../runtime/queue.js";
import { parseTime } from "../runtime/time.js";
import type { Controller } from "../runtime/types.js";

/** When a Job is to go, in milliseconds; undefined while it has not finished, has no such time or goes already. */
export function expiry(job: Job): number | undefined {
  const { ttlSecondsAfterFinished: ttl } = job.spec;
  if (ttl === undefined || job.metadata.deletionTimestamp) return undefined;
  const finished = job.status?.conditions?.find((c) => (c.type === "Complete" || c.type === "Failed") && c.status === "True");
  const at = parseTime(finished?.lastTransitionTime);
  return at === undefined ? undefined : at + ttl * 1000;
}

export const ttlAfterFinishedController: Controller = {
  name: "ttl-after-finished-controller",
  start(ctx) {
    const jobs = ctx.informers.informer<Job>(JOBS);
    const client = controllerClient(ctx.client, "ttl-after-finished-controller").resource<Job>(JOBS);
    const queue = createQueue(ctx, {
      name: "ttl-after-finished",
      workers: 5,
      reconcile: async (key) => {
        const { namespace, name } = splitKey(key);
        const job = jobs.get(namespace, name);
        const at = job && expiry(job);
        if (at === undefined) return undefined;
        const left = at - ctx.clock.now();
        if (left > 0) return { requeueAfterMs: left };
        try {
          await client.delete(namespace, name, { propagationPolicy: "Foreground", preconditions: { uid: job?.metadata.uid ?? "" } });
        } catch (error) {
          if (!isNotFound(error)) throw error;
        }
        return undefined;
      },
    });
    const wake = (job: Job): void => {
      if (expiry(job) !== undefined) queue.add(keyOf(job));
    };
    const off = jobs.handle({ add: wake, update: wake });
    return {
      stop() {
        off();
        queue.stop();
      },
    };
  },
};
