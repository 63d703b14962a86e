import { matchesLabelSelector } from "../../kinds/labels.js";
import { DEPLOYMENTS, type Deployment, keyOf, type OwnerReference, PODS, type Pod, REPLICA_SETS, type ReplicaSet } from "../runtime/api.js";
import { controllerClient } from "../runtime/context.js";
import { controllerOf } from "../runtime/podtemplate.js";
import { createQueue } from "../runtime/queue.js";
import type { Controller } from "../runtime/types.js";
import { createReconcile } from "./reconcile.js";

/** Rolls Deployments out over ReplicaSets. Where it decides: plan.ts and numbers.ts. */
export const deploymentController: Controller = {
  name: "deployment-controller",
  start(ctx) {
    const deployments = ctx.informers.informer<Deployment>(DEPLOYMENTS);
    const sets = ctx.informers.informer<ReplicaSet>(REPLICA_SETS);
    const pods = ctx.informers.informer<Pod>(PODS);
    const reconcile = createReconcile({
      client: controllerClient(ctx.client, "deployment-controller"),
      informers: ctx.informers,
      clock: ctx.clock,
      recorder: ctx.recorder("deployment-controller"),
      notes: ctx.journal.notes("deployment-controller", "Deployment"),
    });
    const queue = createQueue(ctx, { name: "deployment", workers: 5, reconcile });

    const ownerOf = (namespace: string, ref: OwnerReference | undefined): Deployment | undefined => {
      const d = ref?.kind === "Deployment" ? deployments.get(namespace, ref.name) : undefined;
      return d?.metadata.uid === ref?.uid ? d : undefined;
    };
    const enqueueOwner = (namespace: string, ref: OwnerReference | undefined): void => {
      const d = ownerOf(namespace, ref);
      if (d) queue.add(keyOf(d));
    };
    const enqueueFor = (set: ReplicaSet): void => {
      const owner = controllerOf(set);
      if (owner) {
        enqueueOwner(set.metadata.namespace ?? "", owner);
        return;
      }
      const labels = set.metadata.labels;
      if (!labels || Object.keys(labels).length === 0) return;
      for (const d of deployments.list(set.metadata.namespace)) if (matchesLabelSelector(d.spec.selector, labels)) queue.add(keyOf(d));
    };

    const remove = [
      deployments.handle({ add: (d) => queue.add(keyOf(d)), update: (d) => queue.add(keyOf(d)) }),
      sets.handle({
        add: enqueueFor,
        update: (set, old) => {
          const before = controllerOf(old);
          if (before && before.uid !== controllerOf(set)?.uid) enqueueOwner(old.metadata.namespace ?? "", before);
          enqueueFor(set);
        },
        delete: (set) => enqueueOwner(set.metadata.namespace ?? "", controllerOf(set)),
      }),
      // Recreate waits for the last old pod to be really gone, which no ReplicaSet's counts tell.
      pods.handle({
        delete: (pod) => {
          const owner = controllerOf(pod);
          if (owner?.kind !== "ReplicaSet") return;
          const namespace = pod.metadata.namespace ?? "";
          const set = sets.get(namespace, owner.name);
          const d = set && ownerOf(namespace, controllerOf(set));
          if (d?.spec.strategy?.type === "Recreate") queue.add(keyOf(d));
        },
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
