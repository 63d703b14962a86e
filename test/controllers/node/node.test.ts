import { describe, expect, it } from "vitest";
import { nodeLifecycleController } from "../../../controllers/node/index.js";
import { type Taint, taintsFor } from "../../../controllers/node/plan.js";
import { createKubelet } from "../../../kubelet/index.js";
import { World } from "../../kubelet/world.js";

const NODES = { group: "", version: "v1", resource: "nodes" };
const NOW = "2025-01-01T00:00:00Z";
const node = (ready: string | undefined, taints: Taint[] = [], spec: object = {}) => ({
  metadata: { name: "n" },
  spec: { ...(taints.length ? { taints } : {}), ...spec },
  status: ready === undefined ? {} : { conditions: [{ type: "Ready", status: ready }] },
});
const notReady: Taint = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };
const own: Taint = { key: "own", value: "x", effect: "NoSchedule" };

describe("#3.3 node life: taints", () => {
  it.each([
    ["ready, untainted", node("True"), undefined],
    ["ready loses not-ready and keeps the user's", node("True", [own, notReady]), [own]],
    ["silent keeps what admission gave", node(undefined, [notReady]), undefined],
    ["not ready", node("False", [own]), [own, { ...notReady, timeAdded: NOW }, { ...notReady, effect: "NoExecute", timeAdded: NOW }]],
    ["cordoned", node("True", [], { unschedulable: true }), [{ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule", timeAdded: NOW }]],
    ["uncordoned", node("True", [{ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" }]), []],
  ])("%s", (_, n, taints) => {
    expect(taintsFor(n, NOW, true)).toEqual(taints);
  });

  it("takes the not-ready taint off once the kubelet reports, and tells of the node", async () => {
    const w = new World();
    createKubelet({ pace: "instant" }).start(w.ctx);
    nodeLifecycleController.start(w.ctx);
    await w.add(NODES, { kind: "Node", metadata: { name: "n" }, spec: { taints: [own, notReady] } });
    await w.settle();
    expect(w.store(NODES).get("", "n")?.spec.taints).toEqual([own]);
    expect(w.events.filter((e) => e.component === "node-controller").map((e) => e.message)).toEqual(["Node n event: Registered Node n in Controller"]);
  });
});
