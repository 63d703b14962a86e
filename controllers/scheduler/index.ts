/** kube-scheduler with its default profile. What fits is decided in filters.ts, what is best in scores.ts, what is said in plan.ts. */
import type { Controller } from "../runtime/types.js";
import { Scheduler } from "./reconcile.js";

export const schedulerController: Controller = {
  name: "default-scheduler",
  start: (ctx) => new Scheduler(ctx),
};
