/** Deletes pods that nobody ends: on nodes that are gone or out of service, terminating without a node, and those that are over when they are too many. */
import { NODES, type Node, PODS, type Pod } from "../runtime/api.js";
import { controllerClient } from "../runtime/context.js";
import { isConflict, isNotFound, messageOf } from "../runtime/errors.js";
import { isPodTerminal, withPodCondition } from "../runtime/podutil.js";
import { createQueue } from "../runtime/queue.js";
import { timestamp } from "../runtime/time.js";
import type { Controller } from "../runtime/types.js";
import { type Collected, planCollection } from "./plan.js";

const PERIOD_MS = 20_000;
/** --terminated-pod-gc-threshold */
const THRESHOLD = 12_500;

export const podGCController: Controller = {
  name: "pod-garbage-collector",
  start(ctx) {
    const pods = ctx.informers.informer<Pod>(PODS);
    const nodes = ctx.informers.informer<Node>(NODES);
    const client = controllerClient(ctx.client, "pod-garbage-collector").resource<Pod>(PODS);
    const quarantine = new Map<string, number>();

    /** Failed first: a pod whose node is gone would stay Running for whoever counts pods. Source: markFailedAndDeletePodWithCondition. */
    const end = async ({ pod, orphan }: Collected): Promise<void> => {
      const { namespace = "", name = "", uid } = pod.metadata;
      const why = { type: "DisruptionTarget", status: "True", reason: "DeletionByPodGC", message: "PodGC: node no longer exists" };
      try {
        if (!isPodTerminal(pod))
          await client.modify(
            namespace,
            name,
            (current) => {
              if (current.metadata.uid !== uid) return undefined;
              const conditions = orphan ? withPodCondition(current, why, timestamp(ctx.clock.now())) : undefined;
              const observedGeneration = current.metadata.generation;
              return { ...current, status: { ...current.status, observedGeneration, phase: "Failed", ...(conditions ? { conditions } : {}) } };
            },
            { subresource: "status" },
          );
        await client.delete(namespace, name, { gracePeriodSeconds: 0, preconditions: { uid } });
      } catch (error) {
        // gone, or another of that name by now
        if (!isNotFound(error) && !isConflict(error)) ctx.log.warn({ pod: `${namespace}/${name}`, error: messageOf(error) }, "a pod could not be collected");
      }
    };
    const queue = createQueue(ctx, {
      name: "pod-garbage-collector",
      reconcile: async () => {
        const nodeOf = (name: string): Node | undefined => nodes.get("", name);
        const found = planCollection({ pods: pods.list(), nodeOf, quarantine, threshold: THRESHOLD, now: ctx.clock.now() });
        await Promise.all(found.map(end));
        return { requeueAfterMs: PERIOD_MS, periodic: "periodic" };
      },
    });
    queue.add("");
    return queue;
  },
};
