import { ScheduleError } from "../../kinds/batch/cronjob/schedule.js";
import { CRON_JOBS, type CronJob, JOBS, type Job, keyOf, withGvk } from "../runtime/api.js";
import { controllerClient } from "../runtime/context.js";
import { controllerOf } from "../runtime/podtemplate.js";
import { createQueue } from "../runtime/queue.js";
import type { Controller } from "../runtime/types.js";
import { CRON_JOB, untilNext } from "./plan.js";
import { createReconcile, scheduleOf } from "./reconcile.js";

/** Starts Jobs when it is time. Where it decides: plan.ts. */
export const cronJobController: Controller = {
  name: "cronjob-controller",
  start(ctx) {
    const cronJobs = ctx.informers.informer<CronJob>(CRON_JOBS);
    const jobs = ctx.informers.informer<Job>(JOBS);
    const recorder = ctx.recorder("cronjob-controller");
    const reconcile = createReconcile({ client: controllerClient(ctx.client, "cronjob-controller"), informers: ctx.informers, clock: ctx.clock, recorder });
    const queue = createQueue(ctx, { name: "cronjob", workers: 5, reconcile });

    const wakeOwner = (job: Job): void => {
      const ref = controllerOf(job);
      if (ref?.kind !== "CronJob") return;
      const cronJob = cronJobs.get(job.metadata.namespace ?? "", ref.name);
      if (cronJob && cronJob.metadata.uid === ref.uid) queue.add(keyOf(cronJob));
    };
    /** A schedule that has changed starts nothing by itself: its next time does. */
    const reschedule = (cronJob: CronJob): void => {
      try {
        const wait = untilNext(cronJob, cronJob.status ?? {}, scheduleOf(cronJob), ctx.clock.now());
        if (Number.isFinite(wait)) queue.addAfter(keyOf(cronJob), wait, "periodic");
      } catch (error) {
        if (!(error instanceof ScheduleError)) throw error;
        const message = `unparseable schedule for cronjob: ${cronJob.spec.schedule}`;
        recorder.event(withGvk(cronJob, CRON_JOB), "Warning", "UnParseableCronJobSchedule", message);
      }
    };
    const remove = [
      cronJobs.handle({
        add: (cronJob) => queue.add(keyOf(cronJob)),
        update(cronJob, old) {
          const moved = cronJob.spec.schedule !== old.spec.schedule || cronJob.spec.timeZone !== old.spec.timeZone;
          if (moved) reschedule(cronJob);
          else queue.add(keyOf(cronJob));
        },
      }),
      jobs.handle({ add: wakeOwner, update: wakeOwner, delete: wakeOwner }),
    ];
    return {
      stop() {
        for (const off of remove) off();
        queue.stop();
      },
    };
  },
};
