import type { ResourceRef } from "../../client/client.js";
import type { Running } from "../../controllers/runtime/types.js";
import type { KubeObject } from "../../kinds/object.js";
import { createKubelet, defaultNodes, type Pace } from "../../kubelet/index.js";
import { World } from "./world.js";

export const PODS: ResourceRef = { group: "", version: "v1", resource: "pods" };
const NODES: ResourceRef = { group: "", version: "v1", resource: "nodes" };

const kubelets = new WeakMap<World, Running | Promise<Running>>();

/** Ends the kubelet, whose memory goes with it, and starts another one. */
export async function startOver(w: World, pace: Pace): Promise<void> {
  (await kubelets.get(w))?.stop();
  kubelets.set(w, createKubelet({ pace }).start(w.ctx));
  await w.settle();
}

/** A node with one pod, `p`, whose container is `c`; settled. */
export async function onePod(pace: Pace, spec: object, metadata: object): Promise<World> {
  const w = new World();
  kubelets.set(w, createKubelet({ pace }).start(w.ctx));
  for (const node of defaultNodes(1)) await w.add(NODES, node);
  await w.add(PODS, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p", namespace: "default", ...metadata },
    spec: { nodeName: "node-0", containers: [{ name: "c", image: "busybox:1" }], ...spec },
    status: { phase: "Pending", conditions: [] },
  });
  await w.settle();
  return w;
}

export const statusOf = (w: World) => (w.store(PODS).get("default", "p") as KubeObject).status;
