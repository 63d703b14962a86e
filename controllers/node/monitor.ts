import type { Informer, ResourceRef } from "../../client/client.js";
import type { KubeObject } from "../../kinds/object.js";
import { NODES, type Node, PODS, type Pod } from "../runtime/api.js";
import { controllerClient } from "../runtime/context.js";
import { isNotFound } from "../runtime/errors.js";
import { readyCondition } from "../runtime/nodes.js";
import { indexByNode, podCondition, withPodCondition } from "../runtime/podutil.js";
import { createQueue } from "../runtime/queue.js";
import { timestamp } from "../runtime/time.js";
import type { ControllerContext, Running } from "../runtime/types.js";
import { type Health, isSilent, observe, silentConditions } from "./health.js";
import { evicts, missingEviction } from "./plan.js";
import { Zones } from "./zones.js";

const LEASES: ResourceRef = { group: "coordination.k8s.io", version: "v1", resource: "leases" };
const LEASE_NAMESPACE = "kube-node-lease";
/** --node-monitor-period */
const PERIOD_MS = 5_000;

/** Looks after all nodes. */
export interface Monitor extends Running {
  /** Milliseconds until pods may be driven off the node; 0 is leave to do it now, once. */
  leave(node: Node): number;
}

/**
 * Finds nodes that are not heard of any more and says so on them and on their pods, and decides how fast nodes may be emptied. `look` hears of nodes whose taints are not
 * as they should be. Source: pkg/controller/nodelifecycle monitorNodeHealth.
 */
export function runMonitor(ctx: ControllerContext, look: (node: string) => void): Monitor {
  const client = controllerClient(ctx.client, "node-controller");
  const nodes: Informer<Node> = ctx.informers.informer<Node>(NODES);
  const pods: Informer<Pod> = ctx.informers.informer<Pod>(PODS);
  const leases: Informer = ctx.informers.informer(LEASES);
  const recorder = ctx.recorder("node-controller");
  const healths = new Map<string, Health>();
  /** Nodes whose pods could not all be marked, or may not have been before this controller was started. */
  const unmarked = new Set<string>();
  const zones = new Zones();
  let last: number | undefined;
  const podsOn = indexByNode(pods);

  /** Source: MarkPodsNotReady. */
  const markPods = async (name: string): Promise<void> => {
    const mark = async (pod: Pod): Promise<void> => {
      const { namespace = "", name = "", uid } = pod.metadata;
      const unready = (current: Pod) => {
        const ready = current.metadata.uid === uid ? podCondition(current, "Ready") : undefined;
        return ready && withPodCondition(current, { ...ready, status: "False" }, timestamp(ctx.clock.now()));
      };
      if (!unready(pod)) return;
      try {
        await client.resource<Pod>(PODS).modify(
          namespace,
          name,
          (current) => {
            const conditions = unready(current);
            return conditions && { ...current, status: { ...current.status, conditions } };
          },
          { subresource: "status" },
        );
      } catch (error) {
        if (isNotFound(error)) return;
        throw error;
      }
      recorder.event({ apiVersion: "v1", kind: "Pod", metadata: { namespace, name, uid } }, "Warning", "NodeNotReady", "Node is not ready");
    };
    unmarked.add(name);
    await Promise.all(podsOn(name).map(mark));
    unmarked.delete(name);
  };

  const declareSilent = async (node: Node): Promise<void> => {
    const { name = "", uid } = node.metadata;
    let wasReady = false;
    await client.resource<Node>(NODES).modify(
      "",
      name,
      (current) => {
        // it has been heard of meanwhile, or is another one
        if (current.metadata.uid !== uid || readyCondition(current)?.lastHeartbeatTime !== readyCondition(node)?.lastHeartbeatTime) return undefined;
        const conditions = silentConditions(current, timestamp(ctx.clock.now()));
        wasReady = conditions !== undefined && readyCondition(current)?.status === "True";
        return conditions && { ...current, status: { ...current.status, conditions } };
      },
      { subresource: "status" },
    );
    if (!wasReady) return;
    // said once, when it changes
    recorder.event({ apiVersion: "v1", kind: "Node", metadata: { name, uid } }, "Normal", "NodeNotReady", `Node ${name} status is now: NodeNotReady`);
    await markPods(name);
  };

  const check = async (node: Node, now: number): Promise<void> => {
    const name = node.metadata.name ?? "";
    const saved = healths.get(name);
    const health = observe(node, leases.get(LEASE_NAMESPACE, name), saved, now);
    healths.set(name, health);
    const ready = readyCondition(node);
    if (!saved && ready?.status === "Unknown") unmarked.add(name);
    if (ready?.status === "True") unmarked.delete(name);
    if (isSilent(health, now) && silentConditions(node, "")) await declareSilent(node);
    else if (unmarked.has(name)) await markPods(name);
    if (missingEviction(node)) look(name);
  };

  const takeStock = (): void => {
    const now = ctx.clock.now();
    const all = nodes.list();
    const change = zones.look(all, now);
    if (change === "stop") for (const node of all) if (((node.spec?.taints ?? []) as { key: string; effect: string }[]).some(evicts)) void spare(node);
    if (change === "resume") for (const [name, health] of healths) healths.set(name, { ...health, probe: now });
  };

  /** Source: markNodeAsReachable. */
  const spare = async (node: Node): Promise<void> => {
    ctx.activity.begin();
    try {
      await client.resource<Node>(NODES).modify("", node.metadata.name ?? "", ({ spec: { taints = [], ...spec } = {}, ...current }) => {
        const kept = taints.filter((t) => !evicts(t));
        return kept.length === taints.length ? undefined : { ...current, spec: kept.length > 0 ? { ...spec, taints: kept } : spec };
      });
    } catch (error) {
      ctx.log.debug({ node: node.metadata.name, error: String(error) }, "a node keeps its taints");
    } finally {
      ctx.activity.end();
    }
  };

  const queue = createQueue(ctx, {
    name: "node-monitor",
    reconcile: async () => {
      const now = ctx.clock.now();
      // Where time has jumped (a machine that slept, a clock that was moved in one go) nobody could report meanwhile: Go's monotonic clock does not count that either.
      const unseen = last === undefined || now - last < 2 * PERIOD_MS ? 0 : now - last - PERIOD_MS;
      if (unseen > 0) for (const [name, health] of healths) healths.set(name, { ...health, probe: health.probe + unseen });
      last = now;
      const results = await Promise.allSettled(nodes.list().map((node) => check(node, now)));
      for (const r of results) {
        if (r.status === "rejected" && !isNotFound(r.reason)) ctx.log.debug({ error: String(r.reason) }, "a node's health could not be told");
      }
      takeStock();
      return { requeueAfterMs: PERIOD_MS, periodic: "periodic" };
    },
  });
  // by then those that are made when a cluster begins have reported
  queue.addAfter("", PERIOD_MS);
  const stop = nodes.handle({
    delete: ({ metadata: { name = "" } }: KubeObject) => {
      healths.delete(name);
      unmarked.delete(name);
    },
  });
  return {
    leave(node) {
      takeStock();
      return zones.leave(node, ctx.clock.now());
    },
    stop() {
      stop();
      queue.stop();
    },
  };
}
