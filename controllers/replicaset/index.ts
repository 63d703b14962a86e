import { matchesLabelSelector } from "../../kinds/labels.js";
import { keyOf, type OwnerReference, PODS, type Pod, REPLICA_SETS, type ReplicaSet } from "../runtime/api.js";
import { controllerClient } from "../runtime/context.js";
import { controllerOf } from "../runtime/podtemplate.js";
import { createQueue } from "../runtime/queue.js";
import type { Controller } from "../runtime/types.js";
import { createReconcile } from "./reconcile.js";

/** Keeps the number of a ReplicaSet's pods. Where it decides: plan.ts and rank.ts. */
export const replicaSetController: Controller = {
  name: "replicaset-controller",
  start(ctx) {
    const sets = ctx.informers.informer<ReplicaSet>(REPLICA_SETS);
    const pods = ctx.informers.informer<Pod>(PODS);
    const reconcile = createReconcile({
      client: controllerClient(ctx.client, "replicaset-controller"),
      informers: ctx.informers,
      clock: ctx.clock,
      recorder: ctx.recorder("replicaset-controller"),
    });
    const queue = createQueue(ctx, { name: "replicaset", workers: 5, reconcile });

    const enqueueOwner = (namespace: string, ref: OwnerReference | undefined): void => {
      if (ref?.kind !== "ReplicaSet") return;
      const set = sets.get(namespace, ref.name);
      if (set && set.metadata.uid === ref.uid) queue.add(keyOf(set));
    };
    const enqueueFor = (pod: Pod): void => {
      const owner = controllerOf(pod);
      if (owner) {
        enqueueOwner(pod.metadata.namespace ?? "", owner);
        return;
      }
      const labels = pod.metadata.labels;
      if (!labels || Object.keys(labels).length === 0) return;
      for (const set of sets.list(pod.metadata.namespace)) if (matchesLabelSelector(set.spec.selector, labels)) queue.add(keyOf(set));
    };

    const remove = [
      sets.handle({ add: (set) => queue.add(keyOf(set)), update: (set) => queue.add(keyOf(set)) }),
      pods.handle({
        add: enqueueFor,
        update: (pod, old) => {
          const before = controllerOf(old);
          if (before && before.uid !== controllerOf(pod)?.uid) enqueueOwner(old.metadata.namespace ?? "", before);
          enqueueFor(pod);
        },
        delete: (pod) => enqueueOwner(pod.metadata.namespace ?? "", controllerOf(pod)),
      }),
    ];
    return {
      stop() {
        for (const off of remove) off();
        queue.stop();
      },
    };
  },
};
