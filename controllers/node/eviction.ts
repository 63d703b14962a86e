import type { Informer, ResourceRef } from "../../client/client.js";
import type { KubeObject } from "../../kinds/object.js";
import { isNotFound } from "../runtime/errors.js";
import { createQueue } from "../runtime/queue.js";
import { timestamp } from "../runtime/time.js";
import type { Controller } from "../runtime/types.js";
import { mayStay, withDisruption } from "./evictionplan.js";
import type { Taint } from "./plan.js";

const NODES: ResourceRef = { group: "", version: "v1", resource: "nodes" };
const PODS: ResourceRef = { group: "", version: "v1", resource: "pods" };
const INDEX = "tainteviction/node";
const NAME = "taint-eviction-controller";

const keyOf = (o: KubeObject): string => `${o.metadata.namespace}/${o.metadata.name}`;
const noExecute = (node: KubeObject | undefined): Taint[] => ((node?.spec?.taints ?? []) as Taint[]).filter((t) => t.effect === "NoExecute");

/** Deletes pods from nodes whose NoExecute taints they do not tolerate, or no longer. Source: pkg/controller/tainteviction. */
export const taintEvictionController: Controller = {
  name: NAME,
  start(ctx) {
    // It works under the node controller's role: newTaintEvictionController in kube-controller-manager's core.go.
    const client = ctx.client.as("system:serviceaccount:kube-system:node-controller", "kube-controller-manager").resource(PODS);
    const recorder = ctx.recorder(NAME);
    const nodes: Informer = ctx.informers.informer(NODES);
    const pods: Informer = ctx.informers.informer(PODS);
    pods.addIndex(INDEX, (pod) => (pod.spec?.nodeName ? [pod.spec.nodeName] : []));
    /** Pods whose time is counted: their uid, and since when (milliseconds). */
    const counting = new Map<string, { uid: string | undefined; since: number }>();

    const tell = (pod: KubeObject, what: string): void => {
      const { namespace, name, uid } = pod.metadata;
      recorder.event(
        { apiVersion: "v1", kind: "Pod", metadata: { namespace, name, uid } },
        "Normal",
        "TaintManagerEviction",
        `${what} Pod ${namespace}/${name}`,
      );
    };
    const queue = createQueue(ctx, {
      name: NAME,
      workers: 8,
      reconcile: async (key) => {
        const slash = key.indexOf("/");
        const pod = pods.get(key.slice(0, slash), key.slice(slash + 1));
        const since = counting.get(key);
        if (!pod?.spec?.nodeName || pod.metadata.deletionTimestamp) {
          counting.delete(key);
          return undefined;
        }
        const stay = mayStay(pod, noExecute(nodes.get("", pod.spec.nodeName)));
        if (stay === undefined) {
          if (since?.uid === pod.metadata.uid) tell(pod, "Cancelling deletion of");
          counting.delete(key);
          return undefined;
        }
        const from = since?.uid === pod.metadata.uid ? (since?.since ?? ctx.clock.now()) : ctx.clock.now();
        const left = from + stay - ctx.clock.now();
        if (left > 0) {
          counting.set(key, { uid: pod.metadata.uid, since: from });
          return { requeueAfterMs: left };
        }
        counting.delete(key);
        tell(pod, "Marking for deletion");
        try {
          const { namespace = "", name = "", uid } = pod.metadata;
          await client.modify(
            namespace,
            name,
            (current) => {
              const conditions = current.metadata.uid === uid ? withDisruption(current, timestamp(ctx.clock.now())) : undefined;
              return conditions ? { ...current, status: { ...current.status, conditions } } : undefined;
            },
            { subresource: "status" },
          );
          await client.delete(namespace, name, { preconditions: { uid } });
        } catch (error) {
          if (!isNotFound(error)) throw error;
        }
        return undefined;
      },
    });
    const consider = (pod: KubeObject): void => {
      if (pod.spec?.nodeName && (counting.has(keyOf(pod)) || noExecute(nodes.get("", pod.spec.nodeName)).length > 0)) queue.add(keyOf(pod));
    };
    const considerAll = (node: KubeObject): void => {
      for (const pod of pods.byIndex(INDEX, node.metadata.name ?? "")) queue.add(keyOf(pod));
    };
    const stops = [
      nodes.handle({
        add: (node) => {
          if (noExecute(node).length > 0) considerAll(node);
        },
        update: (node, old) => {
          if (JSON.stringify(noExecute(node)) !== JSON.stringify(noExecute(old))) considerAll(node);
        },
      }),
      pods.handle({
        add: consider,
        update: (pod, old) => {
          if (pod.spec?.nodeName !== old.spec?.nodeName || pod.metadata.generation !== old.metadata.generation) consider(pod);
        },
      }),
    ];
    return {
      stop() {
        for (const stop of stops) stop();
        queue.stop();
      },
    };
  },
};
