import type { Informer } from "../client/client.js";
import { isConflict, isNotFound } from "../controllers/runtime/errors.js";
import { createQueue } from "../controllers/runtime/queue.js";
import { timestamp } from "../controllers/runtime/time.js";
import type { ControllerContext, Running } from "../controllers/runtime/types.js";
import type { KubeObject } from "../kinds/object.js";
import { isStopped, isUnderPressure, NODES, nodeRef, withPressure } from "./node.js";

/** How long a node says that it is short of memory after it last was: evictionPressureTransitionPeriod's default. */
const TRANSITION_MS = 300_000;

export interface Pressure extends Running {
  /** A node has begun to evict, as it is short of memory. */
  evicts(node: string): void;
}

/**
 * Memory pressure as a node reports it: from its first eviction until nothing was evicted for five minutes. The taint that follows from the condition is the node
 * controller's. Source: pkg/kubelet/eviction/eviction_manager.go, nodestatus/setters.go MemoryPressureCondition.
 */
export function runPressure(ctx: ControllerContext): Pressure {
  const nodes: Informer = ctx.informers.informer(NODES);
  /** Until when (milliseconds) a node is under pressure. */
  const until = new Map<string, number>();

  const report = async (name: string, isPressed: boolean): Promise<void> => {
    const differs = (node: KubeObject): boolean => isUnderPressure(node) !== isPressed;
    let isNews = false;
    await ctx.client
      .as(`system:node:${name}`, "kubelet")
      .resource(NODES)
      .modify(
        "",
        name,
        (node) => {
          isNews = differs(node);
          return isNews ? withPressure(node, isPressed, timestamp(ctx.clock.now())) : undefined;
        },
        { subresource: "status" },
      );
    if (!isNews) return;
    const reason = isPressed ? "NodeHasInsufficientMemory" : "NodeHasSufficientMemory";
    ctx.recorder("kubelet", name).event(nodeRef(name), "Normal", reason, `Node ${name} status is now: ${reason}`);
  };

  const queue = createQueue(ctx, {
    name: "kubelet-pressure",
    workers: 8,
    reconcile: async (name) => {
      const end = until.get(name);
      const node = nodes.get("", name);
      if (end === undefined || !node) return undefined;
      // A kubelet that starts again knows nothing of it, and reports a healthy node.
      if (isStopped(node)) {
        until.delete(name);
        return undefined;
      }
      const left = end - ctx.clock.now();
      try {
        await report(name, left > 0);
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) throw error;
      }
      if (left > 0) return { requeueAfterMs: left };
      until.delete(name);
      return undefined;
    },
  });
  const stop = nodes.handle({
    update: (node) => {
      const name = node.metadata.name ?? "";
      if (until.has(name) && isStopped(node)) queue.add(name);
    },
    delete: (node) => until.delete(node.metadata.name ?? ""),
  });

  return {
    evicts(node) {
      ctx.recorder("kubelet", node).event(nodeRef(node), "Warning", "EvictionThresholdMet", "Attempting to reclaim memory");
      until.set(node, ctx.clock.now() + TRANSITION_MS);
      queue.add(node);
    },
    stop() {
      stop();
      queue.stop();
    },
  };
}
