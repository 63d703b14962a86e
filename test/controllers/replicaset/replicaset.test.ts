import { describe, expect, it } from "vitest";
import { replicaSetController, replicationControllerController } from "../../../controllers/replicaset/index.js";
import { plan } from "../../../controllers/replicaset/plan.js";
import { rankForDeletion } from "../../../controllers/replicaset/rank.js";
import type { Pod, ReplicaSet } from "../../../controllers/runtime/api.js";
import { timestamp } from "../../../controllers/runtime/time.js";
import { ApiError } from "../../../server/errors.js";
import { FakeCluster } from "../support/fake.js";
import { live } from "../support/live.js";
import { replicaSet } from "../support/objects.js";

const NOW = Date.UTC(2024, 0, 2);
interface Made {
  node?: string;
  phase?: string;
  ready?: boolean;
  readyAgo?: number;
  age?: number;
  cost?: string;
  restarts?: number;
}
/** Times in seconds before NOW. */
function pod(name: string, { node = "n1", phase = "Running", ready = true, readyAgo = 100, age = 200, cost, restarts = 0 }: Made = {}): Pod {
  return {
    metadata: {
      name,
      uid: name,
      creationTimestamp: timestamp(NOW - age * 1000),
      ...(cost === undefined ? {} : { annotations: { "controller.kubernetes.io/pod-deletion-cost": cost } }),
    },
    spec: { containers: [], ...(node ? { nodeName: node } : {}) },
    status: {
      phase,
      conditions: [{ type: "Ready", status: ready ? "True" : "False", lastTransitionTime: timestamp(NOW - readyAgo * 1000) }],
      containerStatuses: [{ name: "c", restartCount: restarts, ready, image: "", imageID: "" }],
    },
  } as Pod;
}

describe("#3.3 replicaset: which pods go first", () => {
  it.each<[string, Made, Made]>([
    ["unassigned before assigned", { node: "", phase: "Running" }, { phase: "Pending", ready: false }],
    ["pending before running", { phase: "Pending", ready: false, age: 9999 }, { ready: false }],
    ["not ready before ready", { ready: false, cost: "100" }, { cost: "-5" }],
    ["cheap before dear", { cost: "-5", readyAgo: 9999 }, { readyAgo: 1 }],
    ["a malformed cost is none", { cost: "007", readyAgo: 1 }, { readyAgo: 100_000 }],
    ["newly ready before long ready", { readyAgo: 10, restarts: 0 }, { readyAgo: 10_000, restarts: 9 }],
    ["often restarted before seldom", { restarts: 2, age: 9999 }, { restarts: 1, age: 1 }],
    ["young before old", { age: 10 }, { age: 100_000 }],
  ])("%s", (_, first, second) => {
    const pods = [pod("b", second), pod("a", first)];
    expect(rankForDeletion(pods, [], NOW).map((p) => p.metadata.name)).toEqual(["a", "b"]);
    expect(rankForDeletion(pods.reverse(), [], NOW).map((p) => p.metadata.name)).toEqual(["a", "b"]);
  });
  it("doubled up on a node before alone, counting the siblings' pods", () => {
    const alone = pod("alone", { node: "n1", readyAgo: 1 });
    const crowded = pod("crowded", { node: "n2", readyAgo: 9999 });
    expect(rankForDeletion([alone, crowded], [alone, crowded, pod("sibling", { node: "n2" })], NOW)[0].metadata.name).toBe("crowded");
  });
  it("of about one age by uid", () => {
    expect(rankForDeletion([pod("b", { readyAgo: 1000 }), pod("a", { readyAgo: 1001 })], [], NOW).map((p) => p.metadata.name)).toEqual(["a", "b"]);
  });
});

describe("#3.3 replicaset: plan", () => {
  it.each([
    [3, 0, 3, 0],
    [3, 3, 0, 0],
    [1, 3, 0, 2],
    [0, 2, 0, 2],
    [2000, 0, 500, 0],
    [0, 600, 0, 500],
  ])("%i wanted, %i there: create %i, delete %i", (replicas, there, create, remove) => {
    const pods = Array.from({ length: there }, (_, i) => pod(`p${i}`));
    const p = plan(replicaSet({ replicas }), pods, () => [], NOW);
    expect([p.create, p.delete.length]).toEqual([create, remove]);
  });
  it("does nothing while the set is being deleted", () => {
    const set = replicaSet();
    set.metadata.deletionTimestamp = timestamp(NOW);
    expect(plan(set, [], () => [], NOW)).toEqual({ create: 0, delete: [] });
  });
});

async function started(spec: Partial<ReplicaSet["spec"]> = {}): Promise<FakeCluster> {
  const cluster = new FakeCluster();
  cluster.start(replicaSetController);
  cluster.add("replicasets", replicaSet(spec));
  await cluster.run();
  return cluster;
}
const status = (cluster: FakeCluster): ReplicaSet["status"] => cluster.get<ReplicaSet>("replicasets", "rs")?.status;

describe("#3.3 replicaset: stories", () => {
  it("makes its pods and reports them", async () => {
    const cluster = await started();
    expect(status(cluster)).toEqual({
      replicas: 3,
      fullyLabeledReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      terminatingReplicas: 0,
      observedGeneration: 1,
    });
    const names = cluster.names("pods");
    expect(names.every((name) => /^rs-[bcdfghjklmnpqrstvwxz2456789]{5}$/.test(name))).toBe(true);
    expect(cluster.events("rs").sort()).toEqual(names.map((name) => `Normal SuccessfulCreate Created pod: ${name}`).sort());
    expect(cluster.list("pods")[0].metadata).toMatchObject({
      generateName: "rs-",
      labels: { app: "a" },
      ownerReferences: [{ kind: "ReplicaSet", name: "rs" }],
    });
  });
  it("replaces what is deleted or finished, and counts what terminates", async () => {
    const cluster = await started({ replicas: 2 });
    const [first, second] = cluster.names("pods");
    await cluster.context.client.resource({ group: "", version: "v1", resource: "pods" }).delete("default", first);
    cluster.patch("pods", second, { status: { phase: "Failed" } });
    await cluster.settle();
    expect(status(cluster)).toMatchObject({ replicas: 2, terminatingReplicas: 1 });
    await cluster.run();
    expect(status(cluster)).toMatchObject({ replicas: 2, readyReplicas: 2, terminatingReplicas: 0 });
    // A finished pod stays for the collector of the dead.
    expect(cluster.get("pods", second)?.status.phase).toBe("Failed");
  });
  it("scales in and says so", async () => {
    const cluster = await started();
    cluster.patch("replicasets", "rs", { spec: { replicas: 1 } });
    await cluster.run();
    expect(status(cluster)).toEqual({
      replicas: 1,
      fullyLabeledReplicas: 1,
      readyReplicas: 1,
      availableReplicas: 1,
      terminatingReplicas: 0,
      observedGeneration: 2,
    });
    expect(cluster.events("rs").filter((e) => e.startsWith("Normal SuccessfulDelete Deleted pod: rs-"))).toHaveLength(2);
  });
  it("adopts what matches, and makes only what is missing then; releases what is relabelled", async () => {
    const cluster = new FakeCluster();
    cluster.add("pods", { metadata: { name: "mine", labels: { app: "a" } }, spec: { containers: [] } });
    cluster.start(replicaSetController);
    cluster.add("replicasets", replicaSet({ replicas: 2 }));
    await cluster.run();
    expect(cluster.names("pods")).toHaveLength(2);
    expect(cluster.get("pods", "mine")?.metadata.ownerReferences?.[0].name).toBe("rs");
    cluster.patch("pods", "mine", { metadata: { labels: { app: "other" } } });
    await cluster.run();
    expect(cluster.get("pods", "mine")?.metadata.ownerReferences).toBeUndefined();
    expect(cluster.names("pods")).toHaveLength(3);
  });
  it("reports why pods cannot be made, once, until they can", async () => {
    const cluster = new FakeCluster();
    const denied = new ApiError({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      reason: "Forbidden",
      code: 403,
      message: "exceeded quota",
    });
    cluster.fail = (call) => (call.resource === "pods" ? denied : undefined);
    cluster.start(replicaSetController);
    cluster.add("replicasets", replicaSet({ replicas: 10 }));
    await cluster.settle();
    expect(cluster.events("rs")[0]).toMatch(/^Warning FailedCreate Error creating: exceeded quota/);
    expect(status(cluster)).toEqual({
      replicas: 0,
      terminatingReplicas: 0,
      observedGeneration: 1,
      conditions: [{ type: "ReplicaFailure", status: "True", lastTransitionTime: "2024-01-01T00:00:00Z", reason: "FailedCreate", message: "exceeded quota" }],
    });
    cluster.fail = () => undefined;
    cluster.clock.advance(1000);
    await cluster.run();
    expect(status(cluster)?.conditions).toBeUndefined();
    expect(status(cluster)?.readyReplicas).toBe(10);
  });
  it("turns available by the clock", async () => {
    const cluster = await started({ minReadySeconds: 30 });
    expect(status(cluster)).toMatchObject({ readyReplicas: 3 });
    expect(status(cluster)?.availableReplicas).toBeUndefined();
    cluster.clock.advance(30_000);
    await cluster.settle();
    expect(status(cluster)).toMatchObject({ availableReplicas: 3 });
  });
});

describe("#4.1 replication controller: the same with other names", () => {
  const rc = { spec: { replicas: 2, template: { metadata: { labels: { app: "a" } }, spec: { containers: [{ name: "c", image: "i" }] } } } };
  it("makes its pods, tells how many are there and nothing of those that go, adopts and releases by its plain selector", async () => {
    const w = await live(replicationControllerController);
    await w.create("pods/mine", { metadata: { labels: { app: "a", extra: "x" } }, spec: rc.spec.template.spec });
    await w.create("replicationcontrollers/rc", rc);
    await w.settle();
    expect(w.get("replicationcontrollers/rc").status).toEqual({ replicas: 2, fullyLabeledReplicas: 2, observedGeneration: 1 });
    const own = { apiVersion: "v1", kind: "ReplicationController", name: "rc", controller: true, blockOwnerDeletion: true };
    expect(w.get("pods/mine").metadata.ownerReferences).toMatchObject([own]);
    await w.patch("pods/mine", { metadata: { labels: { app: "b" } } });
    await w.settle();
    expect(w.get("pods/mine").metadata.ownerReferences).toBeUndefined();
    expect(w.get("replicationcontrollers/rc").status.replicas).toBe(2);
    const events = w.services.store.list("/registry/events/").entries.map((entry) => JSON.parse(entry.bytes.toString()));
    expect(events.map((e) => [e.source.component, e.involvedObject.kind, e.involvedObject.apiVersion, e.reason])).toEqual(
      Array(2).fill(["replication-controller", "ReplicationController", "v1", "SuccessfulCreate"]),
    );
    w.stop();
  });
});
