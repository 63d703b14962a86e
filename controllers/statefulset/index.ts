import { matchesLabelSelector } from "../../kinds/labels.js";
import { CLAIMS, keyOf, type OwnerReference, type PersistentVolumeClaim, PODS, type Pod, STATEFUL_SETS, type StatefulSet } from "../runtime/api.js";
import { controllerClient } from "../runtime/context.js";
import { controllerOf } from "../runtime/podtemplate.js";
import { createQueue } from "../runtime/queue.js";
import type { Controller } from "../runtime/types.js";
import { parentAndOrdinal } from "./identity.js";
import { createReconcile } from "./reconcile.js";
import { aboutPod } from "./words.js";

/** Makes StatefulSets happen. Where it decides: plan.ts. */
export const statefulSetController: Controller = {
  name: "statefulset-controller",
  start(ctx) {
    const sets = ctx.informers.informer<StatefulSet>(STATEFUL_SETS);
    const pods = ctx.informers.informer<Pod>(PODS);
    const claims = ctx.informers.informer<PersistentVolumeClaim>(CLAIMS);
    const reconcile = createReconcile({
      client: controllerClient(ctx.client, "statefulset-controller"),
      informers: ctx.informers,
      clock: ctx.clock,
      recorder: ctx.recorder("statefulset-controller"),
      notes: ctx.journal.notes("statefulset-controller", "StatefulSet"),
    });
    const queue = createQueue(ctx, { name: "statefulset", workers: 5, reconcile });

    const enqueueOwner = (namespace: string, ref: OwnerReference | undefined): void => {
      if (ref?.kind !== "StatefulSet") return;
      const set = sets.get(namespace, ref.name);
      if (set && set.metadata.uid === ref.uid) queue.add(keyOf(set));
    };
    /** An orphan may find a set that takes it in. */
    const enqueueMatching = (pod: Pod): void => {
      const labels = pod.metadata.labels;
      if (!labels || Object.keys(labels).length === 0) return;
      for (const set of sets.list(pod.metadata.namespace)) if (matchesLabelSelector(set.spec.selector, labels)) queue.add(keyOf(set));
    };
    const enqueueFor = (pod: Pod): void => {
      const owner = controllerOf(pod);
      if (owner) enqueueOwner(pod.metadata.namespace ?? "", owner);
      else enqueueMatching(pod);
    };

    const remove = [
      ctx.journal.source("statefulset-controller", ({ kind, namespace = "", name }) => {
        const { parent, ordinal } = parentAndOrdinal(name);
        const set = kind === "Pod" && ordinal >= 0 ? sets.get(namespace, parent) : undefined;
        if (!set) return [];
        return aboutPod(set, name, ordinal, pods.get(namespace, name), ctx.journal.about({ kind: "StatefulSet", namespace, name: parent }));
      }),
      sets.handle({ add: (set) => queue.add(keyOf(set)), update: (set) => queue.add(keyOf(set)) }),
      pods.handle({
        add: enqueueFor,
        update: (pod, old) => {
          const owner = controllerOf(pod);
          const before = controllerOf(old);
          if (before && before.uid !== owner?.uid) enqueueOwner(old.metadata.namespace ?? "", before);
          if (owner || before || pod.metadata.labels !== old.metadata.labels) enqueueFor(pod);
        },
        delete: (pod) => enqueueOwner(pod.metadata.namespace ?? "", controllerOf(pod)),
      }),
      // A claim that went with its scaled-away pod may be what the ordinal's next pod waits for. Nothing else about claims wakes the set, as upstream.
      claims.handle({
        delete: (claim) => {
          const { namespace = "", ownerReferences = [] } = claim.metadata;
          for (const ref of ownerReferences) {
            if (ref.kind !== "Pod") continue;
            const set = sets.get(namespace, parentAndOrdinal(ref.name).parent);
            if (set) queue.add(keyOf(set));
          }
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
