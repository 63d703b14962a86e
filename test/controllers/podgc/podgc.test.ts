import { describe, expect, it } from "vitest";
import { podGCController } from "../../../controllers/podgc/index.js";
import { type Look, planCollection } from "../../../controllers/podgc/plan.js";
import type { Node, Pod } from "../../../controllers/runtime/api.js";
import { World } from "../../kubelet/world.js";

const NODES = { group: "", version: "v1", resource: "nodes" };
const PODS = { group: "", version: "v1", resource: "pods" };
const GOING = { deletionTimestamp: "2025-01-01T00:00:00Z" };
const pod = (name: string, nodeName: string | undefined, phase: string, metadata: object = {}, status: object = {}): Pod =>
  ({ metadata: { name, namespace: "d", ...metadata }, spec: { nodeName }, status: { phase, ...status } }) as unknown as Pod;
const node = (ready: string, ...taints: string[]): Node =>
  ({
    metadata: { name: "n" },
    spec: { taints: taints.map((key) => ({ key: `node.kubernetes.io/${key}`, effect: "NoExecute" })) },
    status: { conditions: [{ type: "Ready", status: ready }] },
  }) as unknown as Node;
const plan = (look: Partial<Look>): string[] =>
  planCollection({ pods: [], nodeOf: () => undefined, quarantine: new Map(), threshold: 0, now: 0, ...look }).map(
    ({ pod: { metadata }, orphan }) => `${metadata.name}${orphan ? " orphan" : ""}`,
  );

describe("#5.3 pod garbage: what is collected", () => {
  it.each<[string, Node | undefined, Pod, string[]]>([
    ["a terminating pod without a node", undefined, pod("p", undefined, "Pending", GOING), ["p"]],
    ["one that is not terminating", undefined, pod("p", undefined, "Pending"), []],
    ["a terminating pod on a node out of service", node("Unknown", "out-of-service"), pod("p", "n", "Running", GOING), ["p"]],
    ["one that is ready all the same", node("True", "out-of-service"), pod("p", "n", "Running", GOING), []],
    ["one that is only not reached", node("Unknown", "unreachable"), pod("p", "n", "Running", GOING), []],
    ["a pod that is to stay there", node("Unknown", "out-of-service"), pod("p", "n", "Running"), []],
  ])("%s", (_, n, p, names) => {
    expect(plan({ pods: [p], nodeOf: () => n })).toEqual(names);
  });

  it("pods of a node that is missing for as long as a node may be late, and no others", () => {
    const quarantine = new Map<string, number>();
    const pods = [pod("a", "gone", "Running"), pod("b", "late", "Running"), pod("c", "gone", "Succeeded")];
    let late = false;
    const look = (now: number): string[] => plan({ pods, quarantine, now, nodeOf: (name) => (name === "late" && late ? node("True") : undefined) });
    expect(look(0)).toEqual([]);
    late = true;
    expect(look(20_000)).toEqual([]);
    expect(look(40_000)).toEqual(["a orphan", "c orphan"]);
    late = false;
    // and those that come to such a node later wait their own time
    expect(look(60_000)).toEqual([]);
    expect([...quarantine]).toEqual([
      ["gone", 100_000],
      ["late", 100_000],
    ]);
  });

  it("pods that are over when they are too many: evicted ones, then the oldest", () => {
    const at = (name: string, hour: number, status: object = {}): Pod => pod(name, "n", "Failed", { creationTimestamp: `2025-01-01T0${hour}:00:00Z` }, status);
    const pods = [at("new", 3), at("b", 1), at("evicted", 5, { reason: "Evicted" }), at("a", 1), pod("runs", "n", "Running")];
    expect(plan({ pods, nodeOf: () => node("True"), threshold: 2 })).toEqual(["evicted", "a"]);
    expect(plan({ pods, nodeOf: () => node("True"), threshold: 4 })).toEqual([]);
  });
});

describe("#5.3 pod garbage: how", () => {
  it("makes an orphan a failure, says why, and deletes it whatever its grace, within a minute", async () => {
    const w = new World();
    await w.add(NODES, { kind: "Node", metadata: { name: "n" } });
    const spec = { nodeName: "n", containers: [] };
    const status = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
    await w.add(PODS, { kind: "Pod", metadata: { name: "p", namespace: "d" }, spec, status });
    await w.add(PODS, { kind: "Pod", metadata: { name: "held", namespace: "d", finalizers: ["example.com/hold"] }, spec, status });
    podGCController.start(w.ctx);
    await w.pass(30_000);
    w.store(NODES).drop("/n");
    await w.pass(40_000);
    expect(w.writes.filter((x) => x.resource === "pods" && x.verb !== "create")).toEqual([]);
    await w.pass(10_000);
    expect(w.store(PODS).get("d", "p")).toBeUndefined();
    expect(w.store(PODS).get("d", "held")).toMatchObject({
      metadata: { deletionGracePeriodSeconds: 0 },
      status: {
        phase: "Failed",
        observedGeneration: 1,
        conditions: [
          { type: "Ready", status: "True" },
          {
            type: "DisruptionTarget",
            observedGeneration: 1,
            status: "True",
            lastTransitionTime: "2025-01-01T00:01:20Z",
            reason: "DeletionByPodGC",
            message: "PodGC: node no longer exists",
          },
        ],
      },
    });
    expect(new Set(w.writes.filter((x) => x.resource === "pods" && x.verb !== "create").map((x) => x.user))).toEqual(
      new Set(["system:serviceaccount:kube-system:pod-garbage-collector"]),
    );
  });

  it("goes on with the others when one cannot be deleted, and comes back to it", async () => {
    const w = new World();
    for (const name of ["a", "b"])
      await w.add(PODS, { kind: "Pod", metadata: { name, namespace: "d" }, spec: { nodeName: "gone" }, status: { phase: "Succeeded" } });
    podGCController.start(w.ctx);
    w.failNext = { verb: "delete", resource: "pods", error: new Error("no") };
    await w.pass(40_000);
    expect(
      w
        .store(PODS)
        .list()
        .map((p) => p.metadata.name),
    ).toEqual(["a"]);
    await w.pass(60_000);
    expect(w.store(PODS).list()).toEqual([]);
  });
});
