import type { Informer } from "../../client/client.js";
import type { KubeObject } from "../../kinds/object.js";
import { keyOf, NODES, PODS, type Pod, splitKey } from "../runtime/api.js";
import { controllerClient } from "../runtime/context.js";
import { isConflict, isNotFound } from "../runtime/errors.js";
import { indexByNode, withPodCondition } from "../runtime/podutil.js";
import { createQueue } from "../runtime/queue.js";
import { timestamp } from "../runtime/time.js";
import type { Controller } from "../runtime/types.js";
import { mayStay } from "./evictionplan.js";
import type { Taint } from "./plan.js";

const NAME = "taint-eviction-controller";

const noExecute = (node: KubeObject | undefined): Taint[] => ((node?.spec?.taints ?? []) as Taint[]).filter((t) => t.effect === "NoExecute");
const changed = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b);

/** A pod whose time runs out. */
interface Work {
  readonly uid: string | undefined;
  /** When it is deleted, in milliseconds; it stays so when tolerations change meanwhile. */
  readonly due: number;
  told?: boolean;
}

/** Deletes pods from nodes whose NoExecute taints they do not tolerate, or no longer. Source: pkg/controller/tainteviction. */
export const taintEvictionController: Controller = {
  name: NAME,
  start(ctx) {
    // It works under the node controller's role: newTaintEvictionController in kube-controller-manager's core.go.
    const client = controllerClient(ctx.client, "node-controller").resource<Pod>(PODS);
    const recorder = ctx.recorder(NAME);
    const nodes: Informer = ctx.informers.informer(NODES);
    const pods: Informer<Pod> = ctx.informers.informer<Pod>(PODS);
    const podsOn = indexByNode(pods);
    const work = new Map<string, Work>();

    /** The pod is named without its uid: emitPodDeletionEvent. */
    const tell = (key: string, what: string): void => {
      const { namespace, name } = splitKey(key);
      recorder.event({ apiVersion: "v1", kind: "Pod", metadata: { namespace, name } }, "Normal", "TaintManagerEviction", `${what} Pod ${key}`);
    };
    const cancel = (key: string): void => {
      if (work.delete(key)) tell(key, "Cancelling deletion of");
    };
    /** Source: addConditionAndDeletePod. */
    const remove = async ({ metadata: { namespace = "", name = "", uid } }: KubeObject): Promise<void> => {
      const why = { type: "DisruptionTarget", status: "True", reason: "DeletionByTaintManager", message: "Taint manager: deleting due to NoExecute taint" };
      try {
        await client.modify(
          namespace,
          name,
          (current) => {
            const conditions = current.metadata.uid === uid ? withPodCondition(current, why, timestamp(ctx.clock.now())) : undefined;
            return conditions && { ...current, status: { ...current.status, conditions } };
          },
          { subresource: "status" },
        );
        await client.delete(namespace, name, { preconditions: { uid } });
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) throw error;
      }
    };
    const queue = createQueue(ctx, {
      name: NAME,
      workers: 8,
      reconcile: async (key) => {
        const { namespace, name } = splitKey(key);
        const pod = pods.get(namespace, name);
        if (work.has(key) && work.get(key)?.uid !== pod?.metadata.uid) cancel(key);
        if (!pod?.spec.nodeName) return undefined;
        const now = ctx.clock.now();
        const node = nodes.get("", pod.spec.nodeName);
        // on a node that is gone nothing is counted anew, and what is goes on
        const stay = node ? mayStay(pod, noExecute(node)) : work.get(key)?.due;
        if (stay === undefined) {
          cancel(key);
          return undefined;
        }
        const planned = work.get(key);
        if (stay === 0 && planned && planned.due > now) cancel(key);
        const mine: Work = work.get(key) ?? { uid: pod.metadata.uid, due: now + stay };
        work.set(key, mine);
        if (mine.due > now) return { requeueAfterMs: mine.due - now };
        if (!mine.told) tell(key, "Marking for deletion");
        mine.told = true;
        await remove(pod);
        work.delete(key);
        return undefined;
      },
    });
    const consider = (pod: KubeObject): void => {
      if (pod.spec?.nodeName && (work.has(keyOf(pod)) || noExecute(nodes.get("", pod.spec.nodeName)).length > 0)) queue.add(keyOf(pod));
    };
    const considerAll = (node: KubeObject): void => {
      for (const pod of podsOn(node.metadata.name ?? "")) queue.add(keyOf(pod));
    };
    const stops = [
      nodes.handle({
        add: (node) => {
          if (noExecute(node).length > 0) considerAll(node);
        },
        update: (node, old) => {
          if (changed(noExecute(node), noExecute(old))) considerAll(node);
        },
      }),
      pods.handle({
        add: consider,
        update: (pod, old) => {
          const { uid, generation } = old.metadata;
          const moved = pod.metadata.uid !== uid || pod.spec.nodeName !== old.spec.nodeName;
          if (moved || (pod.metadata.generation !== generation && changed(pod.spec.tolerations, old.spec.tolerations))) consider(pod);
        },
        delete: (pod) => {
          if (work.has(keyOf(pod))) queue.add(keyOf(pod));
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
