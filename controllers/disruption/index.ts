import { matchesLabelSelector } from "../../kinds/labels.js";
import type { PodDisruptionBudgetStatus } from "../../kinds/schema/api/policy.v1.js";
import type { LabelSelector } from "../../kinds/validation/metadata.js";
import { keyOf, POD_DISRUPTION_BUDGETS, PODS, type Pod, type PodDisruptionBudget, splitKey, withGvk } from "../runtime/api.js";
import { controllerClient } from "../runtime/context.js";
import { isConflict, isNotFound, messageOf } from "../runtime/errors.js";
import { canonicalJson } from "../runtime/hash.js";
import { createQueue } from "../runtime/queue.js";
import type { ServedResources } from "../runtime/served.js";
import { timestamp } from "../runtime/time.js";
import type { Controller, ReconcileResult } from "../runtime/types.js";
import { asksControllers, disrupted, expectation, failedStatus, goSelector, healthy, staleIn, statusOf } from "./plan.js";
import { createScaleFinder } from "./scale.js";

const GVK = { apiVersion: "policy/v1", kind: "PodDisruptionBudget" };
const POD = { apiVersion: "v1", kind: "Pod" };

const selects = (budget: PodDisruptionBudget, pod: Pod): boolean =>
  matchesLabelSelector(budget.spec.selector as LabelSelector | undefined, pod.metadata.labels);

/** Keeps the status of disruption budgets, which evictions are decided by. Where it decides: plan.ts. Source: pkg/controller/disruption. */
export const disruptionController = (served: ServedResources): Controller => ({
  name: "disruption-controller",
  start(ctx) {
    const { clock } = ctx;
    const budgets = ctx.informers.informer<PodDisruptionBudget>(POD_DISRUPTION_BUDGETS);
    const pods = ctx.informers.informer<Pod>(PODS);
    const client = controllerClient(ctx.client, "disruption-controller");
    const budgetClient = client.resource<PodDisruptionBudget>(POD_DISRUPTION_BUDGETS);
    const podClient = client.resource<Pod>(PODS);
    const scaleOf = createScaleFinder(client, served);
    const recorder = ctx.recorder("controllermanager");

    const tell = (budget: PodDisruptionBudget, type: "Normal" | "Warning", reason: string, message: string): void =>
      recorder.event(withGvk(budget, GVK), type, reason, message);

    /** Somebody's own write in between is seen first: then this fails, and the budget comes again. */
    const write = async (budget: PodDisruptionBudget, status: PodDisruptionBudgetStatus): Promise<void> => {
      if (canonicalJson(status) === canonicalJson(budget.status ?? {})) return;
      await budgetClient.updateStatus(budget.metadata.namespace ?? "", { ...withGvk(budget, GVK), status });
    };

    const sync = async (budget: PodDisruptionBudget): Promise<ReconcileResult> => {
      const own = pods.list(budget.metadata.namespace).filter((pod) => selects(budget, pod));
      if (own.length === 0) tell(budget, "Normal", "NoPods", "No matching pods found");
      let scale = 0;
      if (asksControllers(budget.spec)) {
        try {
          const { total, unmanaged } = await scaleOf(own);
          scale = total;
          const selector = goSelector(budget.spec.selector as LabelSelector | undefined);
          if (unmanaged.length > 0)
            tell(
              budget,
              "Warning",
              "UnmanagedPods",
              `Pods selected by this PodDisruptionBudget (selector: ${selector}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`,
            );
        } catch (error) {
          tell(budget, "Warning", "CalculateExpectedPodCountFailed", `Failed to calculate the number of expected pods: ${messageOf(error)}`);
          throw error;
        }
      }
      const now = clock.now();
      const gone = disrupted(budget, own, now);
      const { namespace } = budget.metadata;
      // the namespace twice is upstream's
      for (const pod of gone.overdue)
        recorder.event(withGvk(pod, POD), "Warning", "NotDeleted", `Pod was expected by PDB ${namespace}/${namespace} to be deleted but it wasn't`);
      await write(budget, statusOf(budget, expectation(budget.spec, own.length, scale), healthy(own, gone.pods, now), gone.pods, now));
      // one that is due this very millisecond is not overdue yet
      return gone.recheckAt === undefined ? undefined : { requeueAfterMs: gone.recheckAt - now + 1 };
    };

    const queue = createQueue(ctx, {
      name: "disruption",
      reconcile: async (key) => {
        const { namespace, name } = splitKey(key);
        const budget = budgets.get(namespace, name);
        if (!budget) return undefined;
        try {
          return await sync(budget);
        } catch (error) {
          if (isConflict(error)) throw error;
          if (isNotFound(error)) return undefined;
          await write(budget, failedStatus(budget, messageOf(error), clock.now()));
          return undefined;
        }
      },
    });

    /** Pods that say they are being disrupted, and are not. */
    const staleQueue = createQueue(ctx, {
      name: "stale-pod-disruption",
      reconcile: async (key) => {
        const { namespace, name } = splitKey(key);
        const pod = pods.get(namespace, name);
        const wait = pod && staleIn(pod, clock.now());
        if (wait === undefined) return undefined;
        if (wait > 0) return { requeueAfterMs: wait };
        const { generation: observedGeneration } = pod?.metadata ?? {};
        const change = (current: Pod): Pod | undefined =>
          staleIn(current, clock.now()) !== 0
            ? undefined
            : {
                ...current,
                status: {
                  ...current.status,
                  conditions: current.status?.conditions?.map((c) =>
                    c.type === "DisruptionTarget"
                      ? { type: c.type, observedGeneration, status: "False", lastProbeTime: null as never, lastTransitionTime: timestamp(clock.now()) }
                      : c,
                  ),
                },
              };
        try {
          await podClient.modify(namespace, name, change, { subresource: "status" });
        } catch (error) {
          if (!isNotFound(error)) throw error;
        }
        return undefined;
      },
    });

    /** A pod is one budget's business; where it is several's, one of them is as good as the other. */
    const wakeBudget = (pod: Pod): void => {
      if (!pod.metadata.labels) return;
      const found = budgets.list(pod.metadata.namespace).filter((budget) => selects(budget, pod));
      const [first] = found;
      if (!first) return;
      if (found.length > 1) {
        const { namespace, name } = pod.metadata;
        const message = `Pod ${JSON.stringify(namespace)}/${JSON.stringify(name)} matches multiple PodDisruptionBudgets.  Chose ${JSON.stringify(first.metadata.name)} arbitrarily.`;
        recorder.event(withGvk(pod, POD), "Warning", "MultiplePodDisruptionBudgets", message);
      }
      queue.add(keyOf(first));
    };
    const changed = (pod: Pod): void => {
      wakeBudget(pod);
      if (staleIn(pod, clock.now()) !== undefined) staleQueue.add(keyOf(pod));
    };

    const remove = [
      budgets.handle({ add: (budget) => queue.add(keyOf(budget)), update: (budget) => queue.add(keyOf(budget)) }),
      pods.handle({ add: changed, update: changed, delete: wakeBudget }),
    ];
    return {
      stop() {
        for (const off of remove) off();
        queue.stop();
        staleQueue.stop();
      },
    };
  },
});
