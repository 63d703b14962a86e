import { keyOf, PODS, type Pod } from "../runtime/api.js";
import { controllerClient } from "../runtime/context.js";
import { createQueue } from "../runtime/queue.js";
import type { ServedResources } from "../runtime/served.js";
import type { Controller } from "../runtime/types.js";
import type { Autoscaler } from "./plan.js";
import { AUTOSCALERS, createReconcile, SYNC_MS } from "./reconcile.js";

/**
 * Keeps the targets of HorizontalPodAutoscalers within their bounds. Nobody serves metrics here, so within them it says what a real cluster without a metrics
 * server says. An autoscaler is looked at every sync period, the first time one period after it came, as upstream's rate limiter has it; without autoscalers
 * no timer runs and no pod is looked at.
 */
export const horizontalPodAutoscalerController = (served: ServedResources): Controller => ({
  name: "horizontal-pod-autoscaler",
  start(ctx) {
    const autoscalers = ctx.informers.informer<Autoscaler>(AUTOSCALERS);
    const { reconcile, forget } = createReconcile({
      client: controllerClient(ctx.client, "horizontal-pod-autoscaler"),
      autoscalers,
      pods: ctx.informers.informer<Pod>(PODS),
      served,
      clock: ctx.clock,
      recorder: ctx.recorder("horizontal-pod-autoscaler"),
    });
    const queue = createQueue(ctx, { name: "horizontal-pod-autoscaler", workers: 5, reconcile });
    const later = (hpa: Autoscaler): void => queue.addAfter(keyOf(hpa), SYNC_MS, "periodic");
    const off = autoscalers.handle({ add: later, update: later, delete: (hpa) => forget(keyOf(hpa)) });
    return {
      stop() {
        off();
        queue.stop();
      },
    };
  },
});
