import type { Informer } from "../../client/client.js";
import type { KubeObject } from "../../kinds/object.js";
import { NODES, type Node } from "../runtime/api.js";
import { controllerClient } from "../runtime/context.js";
import { isNotFound } from "../runtime/errors.js";
import { createQueue } from "../runtime/queue.js";
import { timestamp } from "../runtime/time.js";
import type { Controller } from "../runtime/types.js";
import { runMonitor } from "./monitor.js";
import { missingEviction, taintsFor } from "./plan.js";

export { taintEvictionController } from "./eviction.js";

/**
 * Turns nodes' conditions into taints, finds those that are silent, and tells of nodes that join and leave. Upstream adds and removes the taints that drive pods off
 * in its next look at all nodes, here they follow the condition. Source: pkg/controller/nodelifecycle.
 */
export const nodeLifecycleController: Controller = {
  name: "node-lifecycle-controller",
  start(ctx) {
    const client = controllerClient(ctx.client, "node-controller").resource(NODES);
    const nodes: Informer = ctx.informers.informer(NODES);
    const recorder = ctx.recorder("node-controller");
    const known = new Set<string>();
    const tell = (node: KubeObject, reason: string, text: string): void => {
      const { name, uid } = node.metadata;
      recorder.event({ apiVersion: "v1", kind: "Node", metadata: { name, uid } }, "Normal", reason, `Node ${name} event: ${text}`);
    };
    const queue = createQueue(ctx, {
      name: "node-lifecycle-controller",
      workers: 8,
      reconcile: async (name) => {
        const now = timestamp(ctx.clock.now());
        const node = nodes.get("", name);
        if (!node) return undefined;
        const wait = missingEviction(node) && taintsFor(node, now, false) === undefined ? monitor.leave(node as Node) : undefined;
        const evict = wait === 0;
        if (evict || taintsFor(node, now, false)) {
          try {
            await client.modify("", name, (current) => {
              const taints = taintsFor(current, now, evict);
              if (!taints) return undefined;
              const { taints: _, ...spec } = current.spec ?? {};
              return { ...current, spec: taints.length > 0 ? { ...spec, taints } : spec };
            });
          } catch (error) {
            if (!isNotFound(error)) throw error;
          }
        }
        // while no node may be emptied the monitor asks again
        return wait && Number.isFinite(wait) ? { requeueAfterMs: wait } : undefined;
      },
    });
    const monitor = runMonitor(ctx, queue.add);
    const look = (node: KubeObject): void => {
      if (missingEviction(node) || taintsFor(node, "", false)) queue.add(node.metadata.name ?? "");
    };
    const stop = nodes.handle({
      add: (node) => {
        const name = node.metadata.name ?? "";
        if (!known.has(name)) tell(node, "RegisteredNode", `Registered Node ${name} in Controller`);
        known.add(name);
        look(node);
      },
      update: look,
      delete: (node) => {
        const name = node.metadata.name ?? "";
        if (known.delete(name)) tell(node, "RemovingNode", `Removing Node ${name} from Controller`);
      },
    });
    return {
      stop() {
        stop();
        monitor.stop();
        queue.stop();
      },
    };
  },
};
