import { matchesLabelSelector } from "../../kinds/labels.js";
import { semanticEqual } from "../../kinds/validation/equality.js";
import {
  CONTROLLER_REVISIONS,
  type ControllerRevision,
  DAEMON_SETS,
  type DaemonSet,
  type KubeObject,
  keyOf,
  NODES,
  type Node,
  type OwnerReference,
  PODS,
  type Pod,
} from "../runtime/api.js";
import { controllerClient } from "../runtime/context.js";
import { controllerOf } from "../runtime/podtemplate.js";
import { createQueue } from "../runtime/queue.js";
import type { Controller, ControllerContext, Running } from "../runtime/types.js";
import { shouldRun } from "./nodes.js";
import { createReconcile } from "./reconcile.js";

const NAME = "daemonset-controller";
const BY_NODE = "daemonset-node";

/** A pod of each DaemonSet on every node that may have one. Where it decides: plan.ts and nodes.ts. */
export const daemonSetController: Controller = { name: NAME, start };

function start(ctx: ControllerContext): Running {
  const sets = ctx.informers.informer<DaemonSet>(DAEMON_SETS);
  const pods = ctx.informers.informer<Pod>(PODS);
  const nodes = ctx.informers.informer<Node>(NODES);
  const revisions = ctx.informers.informer<ControllerRevision>(CONTROLLER_REVISIONS);
  const reconcile = createReconcile({ client: controllerClient(ctx.client, NAME), informers: ctx.informers, clock: ctx.clock, recorder: ctx.recorder(NAME) });
  const queue = createQueue(ctx, { name: "daemonset", workers: 2, reconcile });
  pods.addIndex(BY_NODE, (pod) => (pod.spec.nodeName && controllerOf(pod)?.kind === "DaemonSet" ? [pod.spec.nodeName] : []));

  /** A change of a node concerns the sets that want to come, must go, or have counted it wrongly. Source: syncNodeUpdate. */
  const nodeQueue = createQueue(ctx, {
    name: "daemonset-node-updates",
    workers: 2,
    reconcile: async (name) => {
      const node = nodes.get("", name);
      if (!node) return;
      const there = new Set(pods.byIndex(BY_NODE, name).map((pod) => `${pod.metadata.namespace}/${controllerOf(pod)?.name}`));
      for (const set of sets.list()) {
        const { run, stay } = shouldRun(set, node);
        const scheduled = there.has(keyOf(set));
        if (scheduled ? !stay || (set.status?.numberMisscheduled ?? 0) > 0 : run) queue.add(keyOf(set));
      }
    },
  });

  const enqueueOwner = (namespace: string, ref: OwnerReference | undefined): void => {
    if (ref?.kind !== "DaemonSet") return;
    const set = sets.get(namespace, ref.name);
    if (set && set.metadata.uid === ref.uid) queue.add(keyOf(set));
  };
  const enqueueFor = (object: KubeObject): void => {
    const { namespace = "", labels } = object.metadata;
    const owner = controllerOf(object);
    if (owner) {
      enqueueOwner(namespace, owner);
      return;
    }
    if (!labels || Object.keys(labels).length === 0) return;
    for (const set of sets.list(namespace)) if (matchesLabelSelector(set.spec.selector, labels)) queue.add(keyOf(set));
  };
  const dependents = {
    add: enqueueFor,
    update: (object: KubeObject, old: KubeObject) => {
      const before = controllerOf(old);
      if (before && before.uid !== controllerOf(object)?.uid) enqueueOwner(old.metadata.namespace ?? "", before);
      enqueueFor(object);
    },
    delete: (object: KubeObject) => enqueueOwner(object.metadata.namespace ?? "", controllerOf(object)),
  };

  const remove = [
    sets.handle({ add: (set) => queue.add(keyOf(set)), update: (set) => queue.add(keyOf(set)) }),
    pods.handle(dependents),
    revisions.handle(dependents),
    nodes.handle({
      add: (node) => nodeQueue.add(node.metadata.name ?? ""),
      update: (node, old) => {
        const same = semanticEqual(node.metadata.labels, old.metadata.labels) && semanticEqual(node.spec?.taints, old.spec?.taints);
        if (!same) nodeQueue.add(node.metadata.name ?? "");
      },
    }),
  ];
  return {
    stop() {
      for (const off of remove) off();
      nodeQueue.stop();
      queue.stop();
    },
  };
}
