import { describe, expect, it } from "vitest";
import type { ResourceRef } from "../../../client/client.js";
import { nodeLifecycleController, taintEvictionController } from "../../../controllers/node/index.js";
import type { KubeObject } from "../../../kinds/object.js";
import { createKubelet, defaultNodes } from "../../../kubelet/index.js";
import { World } from "../../kubelet/world.js";

const NODES: ResourceRef = { group: "", version: "v1", resource: "nodes" };
const PODS: ResourceRef = { group: "", version: "v1", resource: "pods" };
const STOPPED = "simulate.mockube.dev/stopped";

/** Three nodes and their kubelets; settled. */
async function world(count = 3): Promise<World> {
  const w = new World();
  createKubelet({ pace: "instant" }).start(w.ctx);
  nodeLifecycleController.start(w.ctx);
  taintEvictionController.start(w.ctx);
  for (const node of defaultNodes(count)) await w.add(NODES, node);
  await w.pass(10_000);
  return w;
}
const node = (w: World, name = "node-0"): KubeObject => w.store(NODES).get("", name) as KubeObject;
const pod = (w: World, name = "p"): KubeObject | undefined => w.store(PODS).get("default", name);
const conditionsOf = (o: KubeObject | undefined): Record<string, string> =>
  Object.fromEntries((o?.status.conditions ?? []).map((c: { type: string; status: string }) => [c.type, c.status]));
const taintsOf = (w: World, name?: string): string[] =>
  (node(w, name).spec.taints ?? []).map((t: { key: string; effect: string }) => `${t.key}:${t.effect}`.replace("node.kubernetes.io/", ""));
const add = (w: World, name = "p", spec: object = {}): Promise<KubeObject> =>
  w.add(PODS, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default" },
    spec: { nodeName: "node-0", containers: [{ name: "c", image: "nginx" }], ...spec },
    status: { phase: "Pending", conditions: [] },
  });
const set = (w: World, value: string | undefined, name = "node-0"): Promise<KubeObject> =>
  w.ctx.client.resource(NODES).modify("", name, (o) => {
    const { [STOPPED]: _, ...annotations } = o.metadata.annotations ?? {};
    return { ...o, metadata: { ...o.metadata, annotations: value === undefined ? annotations : { ...annotations, [STOPPED]: value } } };
  });
const texts = (w: World, component: string): string[] => w.events.filter((e) => e.component === component).map((e) => `${e.about} ${e.reason} ${e.message}`);
const tolerations = ["not-ready", "unreachable"].map((r) => ({
  key: `node.kubernetes.io/${r}`,
  operator: "Exists",
  effect: "NoExecute",
  tolerationSeconds: 300,
}));

describe("#5.3 a node that is stopped", () => {
  it("is given up after its grace, its pods are not ready, and go when their time is over", async () => {
    const w = await world();
    await add(w, "p", { tolerations });
    await w.settle();
    expect(conditionsOf(pod(w)).Ready).toBe("True");
    await set(w, "true");
    w.events.length = 0;
    await w.pass(50_000);
    expect(conditionsOf(node(w)).Ready).toBe("True");
    await w.pass(5_000);
    const at = new Date(w.clock.now()).toISOString().replace(".000", "");
    expect(node(w).status.conditions).toEqual(
      ["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"].map((type) => ({
        type,
        status: "Unknown",
        lastHeartbeatTime: "2025-01-01T00:00:00Z",
        lastTransitionTime: at,
        reason: "NodeStatusUnknown",
        message: "Kubelet stopped posting node status.",
      })),
    );
    expect(taintsOf(w)).toEqual(["unreachable:NoSchedule", "unreachable:NoExecute"]);
    expect(conditionsOf(pod(w))).toMatchObject({ Ready: "False", ContainersReady: "True" });
    expect(pod(w)?.status.phase).toBe("Running");
    expect(texts(w, "node-controller")).toEqual(["Node/node-0 NodeNotReady Node node-0 status is now: NodeNotReady", "Pod/p NodeNotReady Node is not ready"]);
    expect(w.events.map((e) => e.type)).toEqual(["Normal", "Warning"]);
    await w.pass(299_000);
    expect(pod(w)?.metadata.deletionTimestamp).toBeUndefined();
    await w.pass(1_000);
    expect(pod(w)?.metadata.deletionTimestamp).toBeDefined();
    expect(texts(w, "taint-eviction-controller")).toEqual(["Pod/p TaintManagerEviction Marking for deletion Pod default/p"]);
    // nobody is there to end it
    await w.pass(3600_000);
    expect(pod(w)).toBeDefined();
    expect(conditionsOf(pod(w))).toMatchObject({ DisruptionTarget: "True" });
    expect([1, 2].map((i) => conditionsOf(node(w, `node-${i}`)).Ready)).toEqual(["True", "True"]);
  });

  it("comes back: reports, loses its taints, and ends what was deleted meanwhile", async () => {
    const w = await world();
    for (const name of ["kept", "deleted", "forced"]) await add(w, name, { tolerations });
    await w.settle();
    await set(w, "true");
    await w.pass(100_000);
    await w.ctx.client.resource(PODS).delete("default", "deleted");
    await w.ctx.client.resource(PODS).delete("default", "forced", { gracePeriodSeconds: 0 });
    await add(w, "new");
    await w.pass(100_000);
    expect(
      w
        .store(PODS)
        .list()
        .map((p) => p.metadata.name),
    ).toEqual(["deleted", "kept", "new"]);
    w.events.length = 0;
    await set(w, undefined);
    await w.settle();
    expect(conditionsOf(node(w))).toMatchObject({ Ready: "True", MemoryPressure: "False" });
    expect(taintsOf(w)).toEqual([]);
    expect(conditionsOf(pod(w, "kept")).Ready).toBe("True");
    expect(
      w
        .store(PODS)
        .list()
        .map((p) => p.metadata.name),
    ).toEqual(["kept"]);
    expect(texts(w, "taint-eviction-controller").sort()).toEqual([
      "Pod/deleted TaintManagerEviction Cancelling deletion of Pod default/deleted",
      "Pod/kept TaintManagerEviction Cancelling deletion of Pod default/kept",
    ]);
    expect(texts(w, "kubelet").filter((t) => t.startsWith("Node/"))).toContain("Node/node-0 NodeReady Node node-0 status is now: NodeReady");
    await w.pass(600_000);
    expect(conditionsOf(node(w)).Ready).toBe("True");
    expect(pod(w, "kept")).toBeDefined();
  });

  it("is not missed when it is back within its grace, and nobody hears of it but its events", async () => {
    const w = await world();
    await add(w);
    await w.settle();
    await set(w, "true");
    await w.pass(30_000);
    w.events.length = 0;
    await set(w, undefined);
    await w.pass(100_000);
    expect(conditionsOf(node(w)).Ready).toBe("True");
    expect(w.events.map((e) => e.reason)).toEqual([
      "Starting",
      "NodeHasSufficientMemory",
      "NodeHasNoDiskPressure",
      "NodeHasSufficientPID",
      "NodeAllocatableEnforced",
    ]);
  });

  it("starts nothing: pods that are bound to it wait until it is back, also over a restart", async () => {
    const w = await world();
    await set(w, "true");
    await add(w, "p", { tolerations: [{ operator: "Exists" }] });
    await w.pass(100_000);
    expect(pod(w)?.status.phase).toBe("Pending");
    const running = createKubelet({ pace: "instant" }).start(w.ctx);
    await w.pass(100_000);
    expect(pod(w)?.status.phase).toBe("Pending");
    expect(conditionsOf(node(w)).Ready).toBe("Unknown");
    await set(w, "false");
    await w.settle();
    expect(pod(w)?.status.phase).toBe("Running");
    running.stop();
  });

  it("that was never started says so after a minute", async () => {
    const w = await world();
    await w.add(NODES, { kind: "Node", metadata: { name: "late", annotations: { [STOPPED]: "true" } } });
    await w.pass(60_000);
    expect(node(w, "late").status).toBeUndefined();
    await w.pass(5_000);
    expect(node(w, "late").status.conditions.map((c: { reason: string }) => c.reason)).toEqual(Array(4).fill("NodeStatusNeverUpdated"));
    expect(taintsOf(w, "late")).toEqual(["unreachable:NoSchedule", "unreachable:NoExecute"]);
    await set(w, undefined, "late");
    await w.settle();
    expect(conditionsOf(node(w, "late")).Ready).toBe("True");
    expect(taintsOf(w, "late")).toEqual([]);
  });

  it("and every other with it: then the fault is likely not theirs, and no pod is driven off", async () => {
    const w = await world();
    await add(w, "p", { tolerations });
    await w.settle();
    for (const i of [0, 1, 2]) await set(w, "true", `node-${i}`);
    await w.pass(600_000);
    for (const i of [0, 1, 2]) expect(taintsOf(w, `node-${i}`)).toEqual(["unreachable:NoSchedule"]);
    expect(pod(w)?.metadata.deletionTimestamp).toBeUndefined();
    await set(w, undefined, "node-2");
    await w.pass(20_000);
    expect(taintsOf(w, "node-2")).toEqual([]);
    expect(taintsOf(w, "node-0")).toEqual(["unreachable:NoSchedule", "unreachable:NoExecute"]);
  });

  it("marks the pods that a controller which was killed had not come to", async () => {
    const w = new World();
    await w.add(NODES, {
      kind: "Node",
      metadata: { name: "node-0", annotations: { [STOPPED]: "true" } },
      status: { conditions: [{ type: "Ready", status: "Unknown", reason: "NodeStatusUnknown" }] },
    });
    const p = await add(w);
    await w.ctx.client.resource(PODS).updateStatus("default", { ...p, status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] } });
    nodeLifecycleController.start(w.ctx);
    w.failNext = { verb: "update", resource: "pods", error: new Error("no") };
    await w.pass(5_000);
    expect(conditionsOf(pod(w)).Ready).toBe("True");
    await w.pass(5_000);
    expect(conditionsOf(pod(w)).Ready).toBe("False");
  });
});

describe("#5.3 nodes that are well", () => {
  it("are not given up when the clock jumps: nobody could report meanwhile", async () => {
    const w = await world();
    w.clock.advance(3600_000);
    await w.pass(60_000);
    expect(w.events.filter((e) => e.reason === "NodeNotReady")).toEqual([]);
    for (const n of w.store(NODES).list()) expect(conditionsOf(n).Ready).toBe("True");
  });

  it("report again when they were given up for a Lease that could not be written", async () => {
    const w = await world();
    const unknown = (o: KubeObject) => o.status.conditions.map((c: object) => ({ ...c, status: "Unknown", reason: "NodeStatusUnknown" }));
    await w.ctx.client.resource(NODES).modify("", "node-0", (o) => ({ ...o, status: { ...o.status, conditions: unknown(o) } }), { subresource: "status" });
    await w.settle();
    expect(conditionsOf(node(w)).Ready).toBe("True");
  });

  it("cost one look every five seconds and a renewal every ten, and no other write", async () => {
    const w = await world();
    w.writes.length = 0;
    await w.pass(60_000);
    expect(w.writes.filter((x) => x.resource !== "leases")).toEqual([]);
    expect(w.writes).toHaveLength(18);
  });

  it("keep what a client says of them, and are emptied for it", async () => {
    const w = await world();
    await add(w);
    await w.settle();
    const unready = (o: KubeObject) => o.status.conditions.map((c: { type: string }) => (c.type === "Ready" ? { ...c, status: "False" } : c));
    await w.ctx.client.resource(NODES).modify("", "node-0", (o) => ({ ...o, status: { ...o.status, conditions: unready(o) } }), { subresource: "status" });
    await w.pass(600_000);
    expect(taintsOf(w)).toEqual(["not-ready:NoSchedule", "not-ready:NoExecute"]);
    expect(pod(w)).toBeUndefined();
  });
});
