import { createHash } from "node:crypto";
import type { Informer, ResourceClient, ResourceRef } from "../client/client.js";
import { isAlreadyExists, isConflict, isForbidden, isNotFound } from "../controllers/runtime/errors.js";
import { isNodeReady } from "../controllers/runtime/nodes.js";
import { createQueue } from "../controllers/runtime/queue.js";
import { microTimestamp, timestamp } from "../controllers/runtime/time.js";
import type { ControllerContext, Running } from "../controllers/runtime/types.js";
import type { KubeObject } from "../kinds/object.js";
import type { Network } from "./network.js";
import { isGivenUp, isStopped, isUnderPressure, NODES, needsStatus, nodeRef, nodeStatus } from "./node.js";

const LEASES: ResourceRef = { group: "coordination.k8s.io", version: "v1", resource: "leases" };
const LEASE_NAMESPACE = "kube-node-lease";
/** nodeLeaseDurationSeconds; a kubelet renews at a quarter of it. */
const LEASE_SECONDS = 40;

export interface NodesOptions {
  readonly network: Network;
  readonly version: string;
  /** Milliseconds between renewals of a node's Lease; 0 never renews. */
  readonly leaseRenewMs: number;
}

const internalIP = (node: KubeObject): string | undefined =>
  (node.status?.addresses ?? []).find((a: { type: string; address: string }) => a.type === "InternalIP")?.address;

/** Keeps every Node object a live node: status reported, Lease renewed; unless it is stopped. */
export function runNodes(ctx: ControllerContext, options: NodesOptions): Running {
  const { network } = options;
  const nodes: Informer = ctx.informers.informer(NODES);
  const clients = new Map<string, { nodes: ResourceClient; leases: ResourceClient }>();
  const startedAt = ctx.clock.now();
  /** uids of nodes whose kubelet has said that it starts. */
  const greeted = new Set<string>();
  /** Names of nodes whose kubelet starts again and has not reported yet. */
  const starting = new Set<string>();

  const clientsOf = (node: string): { nodes: ResourceClient; leases: ResourceClient } => {
    let found = clients.get(node);
    if (!found) {
      const client = ctx.client.as(`system:node:${node}`, "kubelet");
      found = { nodes: client.resource(NODES), leases: client.resource(LEASES) };
      clients.set(node, found);
    }
    return found;
  };

  /** A change of Ready is told when there is one. */
  const greet = (node: KubeObject): void => {
    const name = node.metadata.name ?? "";
    if (greeted.has(node.metadata.uid ?? "")) return;
    greeted.add(node.metadata.uid ?? "");
    const about = nodeRef(name);
    const recorder = ctx.recorder("kubelet", name);
    recorder.event(about, "Normal", "Starting", "Starting kubelet.");
    for (const status of ["NodeHasSufficientMemory", "NodeHasNoDiskPressure", "NodeHasSufficientPID", "NodeReady"]) {
      if (status === "NodeReady" && isNodeReady(node)) continue;
      recorder.event(about, "Normal", status, `Node ${name} status is now: ${status}`);
      if (status === "NodeHasSufficientPID") recorder.event(about, "Normal", "NodeAllocatableEnforced", "Updated Node Allocatable limit across pods");
    }
  };

  const renew = async (node: KubeObject): Promise<void> => {
    const name = node.metadata.name ?? "";
    const renewTime = microTimestamp(ctx.clock.now());
    const { leases } = clientsOf(name);
    try {
      await leases.modify(LEASE_NAMESPACE, name, (lease) => ({ ...lease, spec: { ...lease.spec, renewTime } }));
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await leases
        .create(LEASE_NAMESPACE, {
          apiVersion: "coordination.k8s.io/v1",
          kind: "Lease",
          metadata: {
            name,
            namespace: LEASE_NAMESPACE,
            ownerReferences: [{ apiVersion: "v1", kind: "Node", name, uid: node.metadata.uid ?? "" }],
          },
          spec: { holderIdentity: name, leaseDurationSeconds: LEASE_SECONDS, renewTime },
        })
        .catch((failure: unknown) => {
          // The namespace is not there yet (or is on its way out): the next renewal tries again.
          if (!isAlreadyExists(failure) && !isNotFound(failure) && !isForbidden(failure)) throw failure;
        });
    }
  };

  const report = async (node: KubeObject): Promise<void> => {
    const name = node.metadata.name ?? "";
    network.podCIDR(name, node.spec?.podCIDR);
    const known = internalIP(node);
    if (known) network.adoptNode(name, known);
    const due = (current: KubeObject): boolean => !isStopped(current) && (starting.has(name) || needsStatus(current));
    if (!due(node)) return;
    const facts = {
      ip: network.nodeIP(name),
      now: timestamp(ctx.clock.now()),
      seed: createHash("sha256").update(`node/${name}`).digest("hex"),
      version: options.version,
    };
    await clientsOf(name).nodes.modify("", name, (current) => (due(current) ? { ...current, status: nodeStatus(current, facts) } : undefined), {
      subresource: "status",
    });
    starting.delete(name);
    greet(node);
  };

  const statuses = createQueue(ctx, {
    name: "kubelet-nodes",
    workers: 64,
    reconcile: async (name) => {
      const node = nodes.get("", name);
      if (!node || node.metadata.deletionTimestamp) return;
      try {
        await report(node);
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) throw error;
      }
    },
  });
  const leases = createQueue(ctx, {
    name: "kubelet-leases",
    workers: 64,
    reconcile: async (name) => {
      const node = nodes.get("", name);
      if (!node || isStopped(node)) return undefined;
      await renew(node);
      return options.leaseRenewMs > 0 ? { requeueAfterMs: options.leaseRenewMs, periodic: "periodic" } : undefined;
    },
  });

  const stop = nodes.handle({
    add: (node) => {
      // Said before this kubelet started, which does not find it so.
      if (isUnderPressure(node) && Date.parse(node.metadata.creationTimestamp ?? "") < startedAt) starting.add(node.metadata.name ?? "");
      statuses.add(node.metadata.name ?? "");
      leases.add(node.metadata.name ?? "");
    },
    update: (node, old) => {
      const name = node.metadata.name ?? "";
      if (isStopped(old) && !isStopped(node)) {
        starting.add(name);
        greeted.delete(node.metadata.uid ?? "");
        leases.add(name);
      }
      // Conditions that others write (a test that makes a node unready) stay until the node itself changes; that it is silent is not true.
      if (node.metadata.uid !== old.metadata.uid || !node.status?.conditions?.length || isGivenUp(node) || starting.has(name)) statuses.add(name);
    },
    delete: (node) => {
      const name = node.metadata.name ?? "";
      network.releaseNode(name);
      clients.delete(name);
      greeted.delete(node.metadata.uid ?? "");
      starting.delete(name);
    },
  });
  return {
    stop() {
      stop();
      statuses.stop();
      leases.stop();
    },
  };
}
