import { describe, expect, it } from "vitest";
import { disruptionController } from "../../../controllers/disruption/index.js";
import { asksControllers, disrupted, expectation, goSelector, healthy, staleIn, statusOf } from "../../../controllers/disruption/plan.js";
import type { Pod, PodDisruptionBudget } from "../../../controllers/runtime/api.js";
import { timestamp } from "../../../controllers/runtime/time.js";
import type { KubeObject } from "../../../kinds/object.js";
import { FakeCluster } from "../support/fake.js";
import { deployment, replicaSet } from "../support/objects.js";

const NOW = Date.UTC(2024, 0, 2);
const budget = (spec: PodDisruptionBudget["spec"] = {}, status: PodDisruptionBudget["status"] = {}): PodDisruptionBudget => ({
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: { name: "b", namespace: "default", generation: 2 },
  spec: { selector: { matchLabels: { app: "a" } }, ...spec },
  status,
});
const pod = (name: string, { ready = true, deleted = false, condition = {} }: { ready?: boolean; deleted?: boolean; condition?: object } = {}): Pod =>
  ({
    metadata: { name, namespace: "default", labels: { app: "a" }, ...(deleted ? { deletionTimestamp: timestamp(NOW) } : {}) },
    spec: { containers: [] },
    status: {
      phase: "Running",
      conditions: [{ type: "Ready", status: ready ? "True" : "False" }, ...(Object.keys(condition).length ? [{ type: "DisruptionTarget", ...condition }] : [])],
    },
  }) as Pod;

describe("#4.1 disruption: how many there should be", () => {
  it.each<[PodDisruptionBudget["spec"], number, number, number, number]>([
    [{ minAvailable: 2 }, 3, 9, 3, 2],
    [{ minAvailable: "50%" }, 3, 5, 5, 3],
    [{ maxUnavailable: 1 }, 3, 5, 5, 4],
    [{ maxUnavailable: "25%" }, 3, 5, 5, 3],
    [{ maxUnavailable: 9 }, 3, 5, 5, 0],
    [{}, 3, 5, 0, 0],
  ])("%j with %i pods, controllers want %i", (spec, pods, scale, expected, desired) => {
    expect(expectation(spec, pods, scale)).toEqual({ expected, desired });
  });
  it("asks controllers for shares only", () => {
    expect([{ minAvailable: 1 }, { minAvailable: "1%" }, { maxUnavailable: 1 }, {}].map(asksControllers)).toEqual([false, true, true, false]);
  });
  it("allows what is to spare, and nothing without pods", () => {
    const allowed = (expected: number, desired: number, current: number) => statusOf(budget(), { expected, desired }, current, {}, NOW).disruptionsAllowed;
    expect([allowed(3, 2, 3), allowed(3, 2, 2), allowed(3, 2, 0), allowed(0, 0, 1)]).toEqual([1, 0, 0, 0]);
    expect(statusOf(budget(), { expected: 3, desired: 1 }, 3, { x: timestamp(NOW) }, NOW)).toEqual({
      observedGeneration: 2,
      disruptedPods: { x: timestamp(NOW) },
      disruptionsAllowed: 2,
      currentHealthy: 3,
      desiredHealthy: 1,
      expectedPods: 3,
      conditions: [
        { type: "DisruptionAllowed", status: "True", observedGeneration: 2, lastTransitionTime: timestamp(NOW), reason: "SufficientPods", message: "" },
      ],
    });
  });
  it("pods whose eviction was approved do not count, for two minutes", () => {
    const since = timestamp(NOW);
    const of = budget({}, { disruptedPods: { a: since, b: since, gone: since } });
    const pods = [pod("a"), pod("b", { deleted: true }), pod("c"), pod("d", { ready: false })];
    const seen = disrupted(of, pods, NOW + 1000);
    expect(seen).toEqual({ pods: { a: since }, overdue: [], recheckAt: NOW + 120_000 });
    expect(healthy(pods, seen.pods, NOW + 1000)).toBe(1);
    const late = disrupted(of, pods, NOW + 120_001);
    expect([late.pods, late.overdue.map((p) => p.metadata.name)]).toEqual([{}, ["a"]]);
    expect(healthy(pods, late.pods, NOW + 120_001)).toBe(2);
  });
  it.each<[object, number | undefined]>([
    [{}, undefined],
    [{ status: "False", lastTransitionTime: timestamp(NOW) }, undefined],
    [{ status: "True", lastTransitionTime: timestamp(NOW) }, 120_000],
    [{ status: "True", lastTransitionTime: timestamp(NOW - 200_000) }, 0],
    [{ status: "True", reason: "TerminationByKubelet", lastTransitionTime: timestamp(NOW) }, undefined],
  ])("a claim to be disrupted: %j", (condition, wait) => expect(staleIn(pod("a", { condition }), NOW)).toBe(wait));
  it("selectors in Events read as Go prints them", () => {
    expect(goSelector(undefined)).toBe("nil");
    expect(goSelector({ matchLabels: { b: "2", a: "1" }, matchExpressions: [{ key: "k", operator: "In", values: ["x", "y"] }] })).toBe(
      "&LabelSelector{MatchLabels:map[string]string{a: 1,b: 2,},MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:k,Operator:In,Values:[x y],},},}",
    );
  });
});

const served = {
  list: () => [
    { group: "apps", version: "v1", resource: "replicasets", kind: "ReplicaSet", namespaced: true },
    { group: "batch", version: "v1", resource: "jobs", kind: "Job", namespaced: true },
  ],
};
const owned = (name: string, owner: KubeObject): KubeObject => ({
  metadata: {
    name,
    labels: { app: "a" },
    ownerReferences: [
      { apiVersion: owner.apiVersion ?? "", kind: owner.kind ?? "", name: owner.metadata.name ?? "", uid: owner.metadata.uid ?? "", controller: true },
    ],
  },
  spec: { containers: [] },
});
async function started(spec: PodDisruptionBudget["spec"], fill: (cluster: FakeCluster) => void = () => {}): Promise<FakeCluster> {
  const cluster = new FakeCluster();
  fill(cluster);
  cluster.start(disruptionController(served));
  cluster.add("poddisruptionbudgets", { ...budget(spec), status: undefined });
  await cluster.run();
  return cluster;
}
const status = (cluster: FakeCluster): PodDisruptionBudget["status"] => cluster.get<PodDisruptionBudget>("poddisruptionbudgets", "b")?.status;
const numbers = (cluster: FakeCluster) => {
  const { expectedPods, desiredHealthy, currentHealthy, disruptionsAllowed } = status(cluster) ?? {};
  return [expectedPods, desiredHealthy, currentHealthy, disruptionsAllowed];
};

describe("#4.1 disruption: stories", () => {
  it("follows its pods", async () => {
    const cluster = await started({ minAvailable: 1 });
    expect(numbers(cluster)).toEqual([0, 1, 0, 0]);
    expect(cluster.events("b")).toEqual(["Normal NoPods No matching pods found x2"]);
    for (const name of ["x", "y"]) cluster.add("pods", { metadata: { name, labels: { app: "a" } }, spec: { containers: [] } });
    await cluster.run();
    expect(numbers(cluster)).toEqual([2, 1, 2, 1]);
    cluster.podReady("x", false);
    await cluster.settle();
    expect(numbers(cluster)).toEqual([2, 1, 1, 0]);
    expect(status(cluster)?.conditions?.[0]).toMatchObject({ status: "False", reason: "InsufficientPods" });
  });
  it("asks the Deployment above the pods, or the set itself", async () => {
    const cluster = await started({ maxUnavailable: "50%" }, (c) => {
      const above = c.add("deployments", deployment({ replicas: 4 }));
      const below = c.add("replicasets", {
        ...replicaSet({ replicas: 9 }),
        metadata: { name: "below", ownerReferences: owned("", above).metadata.ownerReferences },
      });
      const alone = c.add("replicasets", replicaSet({ replicas: 2 }, "alone"));
      c.add("pods", owned("p1", below));
      c.add("pods", owned("p2", below));
      c.add("pods", owned("p3", alone));
    });
    expect(numbers(cluster)).toEqual([6, 3, 3, 0]);
  });
  it("says which pods nobody manages, and counts none of them", async () => {
    const cluster = await started({ minAvailable: "50%" }, (c) => c.add("pods", { metadata: { name: "x", labels: { app: "a" } }, spec: { containers: [] } }));
    expect(numbers(cluster)).toEqual([0, 0, 1, 0]);
    expect(cluster.events("b")[0]).toMatch(
      /^Warning UnmanagedPods Pods selected by this PodDisruptionBudget \(selector: &LabelSelector\{MatchLabels:map\[string\]string\{app: a,\},.* integer value\./,
    );
  });
  it("allows nothing when a controller cannot be asked", async () => {
    const cluster = await started({ maxUnavailable: 1 }, (c) => {
      const job = c.add("jobs", { metadata: { name: "j" }, spec: {} });
      c.add("pods", owned("p", job));
    });
    const message = "jobs.batch does not implement the scale subresource";
    expect(status(cluster)).toMatchObject({ disruptionsAllowed: 0, conditions: [{ status: "False", reason: "SyncFailed", message }] });
    expect(cluster.events("b").at(-1)).toContain(`Warning CalculateExpectedPodCountFailed Failed to calculate the number of expected pods: ${message}`);
  });
  it("takes an approved eviction back when the pod stays", async () => {
    const cluster = await started({ minAvailable: 1 }, (c) => {
      for (const name of ["x", "y"]) c.add("pods", { metadata: { name, labels: { app: "a" } }, spec: { containers: [] } });
    });
    cluster.patch("poddisruptionbudgets", "b", { status: { disruptionsAllowed: 0, disruptedPods: { x: timestamp(cluster.clock.now()) } } });
    await cluster.settle();
    expect(numbers(cluster)).toEqual([2, 1, 1, 0]);
    cluster.clock.advance(120_001);
    await cluster.settle();
    expect([numbers(cluster), status(cluster)?.disruptedPods]).toEqual([[2, 1, 2, 1], undefined]);
    expect(cluster.events("x")).toEqual(["Warning NotDeleted Pod was expected by PDB default/default to be deleted but it wasn't"]);
  });
  it("a pod that only says it is disrupted stops saying so", async () => {
    const cluster = await started({ minAvailable: 1 }, (c) => c.add("pods", { metadata: { name: "x", labels: { app: "a" } }, spec: { containers: [] } }));
    cluster.patch("pods", "x", { status: { conditions: [{ type: "DisruptionTarget", status: "True", lastTransitionTime: timestamp(cluster.clock.now()) }] } });
    await cluster.settle();
    cluster.clock.advance(120_000);
    await cluster.settle();
    expect(cluster.get("pods", "x")?.status.conditions[0]).toMatchObject({ type: "DisruptionTarget", status: "False" });
  });
  it("two budgets on one pod are told of", async () => {
    const cluster = await started({ minAvailable: 1 });
    cluster.add("poddisruptionbudgets", { ...budget({ minAvailable: 1 }), metadata: { name: "other", namespace: "default" } });
    cluster.add("pods", { metadata: { name: "x", labels: { app: "a" } }, spec: { containers: [] } });
    await cluster.settle();
    expect(cluster.events("x")[0]).toBe(
      'Warning MultiplePodDisruptionBudgets Pod "default"/"x" matches multiple PodDisruptionBudgets.  Chose "b" arbitrarily.',
    );
  });
});
