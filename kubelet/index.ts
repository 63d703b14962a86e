import type { Controller } from "../controllers/runtime/types.js";
import type { Behaviour } from "./behaviour.js";
import { createNetwork } from "./network.js";
import { runNodes } from "./nodes.js";
import type { Pace } from "./pace.js";
import { runPods } from "./pods.js";
import { runPressure } from "./pressure.js";
import { told } from "./told.js";

export type { Behaviour, Pull } from "./behaviour.js";
export { type DefaultNodesOptions, defaultNodes } from "./node.js";
export type { Pace } from "./pace.js";

export interface KubeletOptions {
  readonly pace?: Pace;
  /** A /16; `10.244.0.0/16` by default. */
  readonly podRange?: string;
  /** nodeInfo.kubeletVersion. */
  readonly version?: string;
  readonly behaviour?: Behaviour;
  /** Milliseconds between a node's Lease renewals (10 s as upstream); 0 writes each Lease once. */
  readonly leaseRenewMs?: number;
  /**
   * What a graceful stop takes at least, also at pace `instant`; 0 by default. `kubectl delete` looks at the dying pod and then waits for its name to go: where a set
   * makes a pod of that name anew within milliseconds, it waits for ever.
   */
  readonly shortestStopMs?: number;
}

/** The kubelets of all nodes: whatever Node object there is lives, and runs the pods that are bound to it. */
export function createKubelet(options: KubeletOptions = {}): Controller {
  return {
    name: "kubelet",
    start(ctx) {
      const network = createNetwork(options.podRange);
      const nodes = runNodes(ctx, { network, version: options.version ?? "v1.36.3", leaseRenewMs: options.leaseRenewMs ?? 10_000 });
      const pressure = runPressure(ctx);
      const pods = runPods(ctx, {
        evicts: pressure.evicts,
        network,
        pace: options.pace ?? "brisk",
        behaviour: options.behaviour ?? told,
        shortestStopMs: options.shortestStopMs ?? 0,
      });
      return {
        stop() {
          pods.stop();
          pressure.stop();
          nodes.stop();
        },
      };
    },
  };
}
