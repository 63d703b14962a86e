import { matchesLabelSelector } from "../../kinds/labels.js";
import { keyOf, type OwnerReference, PODS, type Pod, type ReplicaSet } from "../runtime/api.js";
import { controllerClient } from "../runtime/context.js";
import { controllerOf } from "../runtime/podtemplate.js";
import { createQueue } from "../runtime/queue.js";
import type { Controller, ControllerContext, Running } from "../runtime/types.js";
import { type Flavour, REPLICA_SET, REPLICATION_CONTROLLER } from "./flavours.js";
import { createReconcile } from "./reconcile.js";

/** Keeps the number of a ReplicaSet's pods. Where it decides: plan.ts and rank.ts. */
export const replicaSetController: Controller = controllerOfSets(REPLICA_SET);

/** The same for ReplicationControllers, as upstream's adapter does it. */
export const replicationControllerController: Controller = controllerOfSets(REPLICATION_CONTROLLER);

function controllerOfSets(flavour: Flavour): Controller {
  return { name: flavour.component, start: (ctx) => start(ctx, flavour) };
}

function start(ctx: ControllerContext, flavour: Flavour): Running {
  const { component, gvk, resource, selectorOf } = flavour;
  const sets = ctx.informers.informer<ReplicaSet>(resource);
  const pods = ctx.informers.informer<Pod>(PODS);
  const reconcile = createReconcile({
    client: controllerClient(ctx.client, component),
    informers: ctx.informers,
    clock: ctx.clock,
    recorder: ctx.recorder(component),
    notes: ctx.journal.notes(component, gvk.kind),
    flavour,
  });
  const queue = createQueue(ctx, { name: resource.resource, workers: 5, reconcile });

  const enqueueOwner = (namespace: string, ref: OwnerReference | undefined): void => {
    if (ref?.kind !== gvk.kind) return;
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
    for (const set of sets.list(pod.metadata.namespace)) if (matchesLabelSelector(selectorOf(set), labels)) queue.add(keyOf(set));
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
}
