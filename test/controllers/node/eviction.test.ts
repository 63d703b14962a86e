import { describe, expect, it } from "vitest";
import { mayStay, type Toleration } from "../../../controllers/node/evictionplan.js";
import { taintEvictionController } from "../../../controllers/node/index.js";
import type { Taint } from "../../../controllers/node/plan.js";
import type { KubeObject } from "../../../kinds/object.js";
import { World } from "../../kubelet/world.js";

const NODES = { group: "", version: "v1", resource: "nodes" };
const PODS = { group: "", version: "v1", resource: "pods" };
const taint: Taint = { key: "own", value: "x", effect: "NoExecute" };
const pod = (name: string, ...tolerations: Toleration[]): KubeObject => ({
  kind: "Pod",
  metadata: { name, namespace: "d" },
  spec: { nodeName: "n", tolerations },
  status: { phase: "Running", conditions: [] },
});

describe("#3.3 taint eviction", () => {
  it.each<[string, Toleration[], Taint[], number | undefined]>([
    ["no taints", [], [], undefined],
    ["a taint that only keeps new ones away", [], [{ ...taint, effect: "NoSchedule" }], undefined],
    ["not tolerated", [], [taint], 0],
    ["tolerated for another effect", [{ key: "own", operator: "Exists", effect: "NoSchedule" }], [taint], 0],
    ["tolerated by value", [{ key: "own", value: "x" }], [taint], undefined],
    ["another value", [{ key: "own", operator: "Equal", value: "y" }], [taint], 0],
    ["tolerated whatever it is", [{ operator: "Exists" }], [taint], undefined],
    ["tolerated for a time", [{ key: "own", operator: "Exists", tolerationSeconds: 300 }], [taint], 300_000],
    [
      "the shorter of two times",
      [
        { key: "own", operator: "Exists", tolerationSeconds: 300 },
        { key: "b", operator: "Exists", tolerationSeconds: 5 },
      ],
      [taint, { key: "b", effect: "NoExecute" }],
      5_000,
    ],
    ["no time at all", [{ key: "own", operator: "Exists", tolerationSeconds: -1 }], [taint], 0],
  ])("%s", (_, tolerations, taints, ms) => {
    expect(mayStay(pod("p", ...tolerations), taints)).toBe(ms);
  });

  it("deletes at once, after a time, or not when the taint goes first; and says so", async () => {
    const w = new World();
    taintEvictionController.start(w.ctx);
    await w.add(NODES, { metadata: { name: "n" }, spec: {} });
    await w.add(PODS, pod("now"));
    await w.add(PODS, pod("later", { key: "own", operator: "Exists", tolerationSeconds: 10 }));
    await w.add(PODS, pod("never", { key: "own", operator: "Exists" }));
    await w.settle();
    const deleting = (): string[] =>
      w
        .store(PODS)
        .list()
        .filter((p) => p.metadata.deletionTimestamp)
        .map((p) => p.metadata.name ?? "");
    const set = (taints: Taint[]): Promise<unknown> => w.ctx.client.resource(NODES).modify("", "n", (n) => ({ ...n, spec: { taints } }));
    expect(deleting()).toEqual([]);
    await set([taint]);
    await w.settle();
    expect(deleting()).toEqual(["now"]);
    expect(w.store(PODS).get("d", "now")?.status.conditions).toMatchObject([
      { type: "DisruptionTarget", status: "True", reason: "DeletionByTaintManager", message: "Taint manager: deleting due to NoExecute taint" },
    ]);
    await w.pass(9_000);
    await set([]);
    await w.pass(5_000);
    expect(deleting()).toEqual(["now"]);
    await set([taint]);
    await w.pass(10_000);
    expect(deleting()).toEqual(["later", "now"]);
    expect(w.events.map((e) => e.message)).toEqual([
      "Marking for deletion Pod d/now",
      "Cancelling deletion of Pod d/later",
      // it is still there, and the taint is new
      "Marking for deletion Pod d/now",
      "Marking for deletion Pod d/later",
    ]);
  });
});
