import { describe, expect, it } from "vitest";
import { deploymentController } from "../../../controllers/deployment/index.js";
import { replicaSetController } from "../../../controllers/replicaset/index.js";
import type { Deployment, ReplicaSet } from "../../../controllers/runtime/api.js";
import { ApiError } from "../../../server/errors.js";
import { FakeCluster } from "../support/fake.js";
import { deployment } from "../support/objects.js";

async function started(spec: Partial<Deployment["spec"]> = {}, before: (cluster: FakeCluster) => void = () => {}): Promise<FakeCluster> {
  const cluster = new FakeCluster();
  before(cluster);
  cluster.start(deploymentController, replicaSetController);
  cluster.add("deployments", deployment(spec));
  await cluster.run();
  return cluster;
}
const get = (cluster: FakeCluster): Deployment => cluster.get<Deployment>("deployments", "d") as Deployment;
const image = (cluster: FakeCluster, value: string): void =>
  void cluster.apply("deployments", "d", (d) => {
    d.spec.template.spec.containers[0].image = value;
  });
/** Image, size and revision of the sets by revision. */
const sets = (cluster: FakeCluster): string[] =>
  cluster
    .list<ReplicaSet>("replicasets")
    .map((s) => [s.metadata.annotations?.["deployment.kubernetes.io/revision"], s.spec.template?.spec?.containers[0].image, s.spec.replicas].join(" "))
    .sort();
const conditions = (cluster: FakeCluster): string[] => (get(cluster).status?.conditions ?? []).map((c) => `${c.type} ${c.status} ${c.reason}`);
/** Events with names of sets folded. */
const events = (cluster: FakeCluster): string[] => cluster.events("d").map((e) => e.replace(/set d-[a-z0-9]+/g, "set d-x"));

describe("#3.3 deployment: stories", () => {
  it("rolls the first set out and reports it", async () => {
    const cluster = await started();
    const [set] = cluster.list<ReplicaSet>("replicasets");
    const hash = set.metadata.labels?.["pod-template-hash"];
    expect(set).toMatchObject({
      metadata: {
        name: `d-${hash}`,
        labels: { app: "d", "pod-template-hash": hash },
        annotations: {
          "deployment.kubernetes.io/revision": "1",
          "deployment.kubernetes.io/desired-replicas": "3",
          "deployment.kubernetes.io/max-replicas": "4",
        },
        ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name: "d", controller: true, blockOwnerDeletion: true }],
      },
      spec: { replicas: 3, selector: { matchLabels: { app: "d", "pod-template-hash": hash } } },
    });
    expect(get(cluster).metadata).toMatchObject({ generation: 1, annotations: { "deployment.kubernetes.io/revision": "1" } });
    const { conditions: told, ...counts } = get(cluster).status!;
    expect(counts).toEqual({
      observedGeneration: 1,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      terminatingReplicas: 0,
    });
    expect(told?.map((c) => [c.type, c.status, c.reason, c.message])).toEqual([
      ["Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability."],
      ["Progressing", "True", "NewReplicaSetAvailable", `ReplicaSet "${set.metadata.name}" has successfully progressed.`],
    ]);
    expect(events(cluster)).toEqual(["Normal ScalingReplicaSet Scaled up replica set d-x from 0 to 3"]);
    expect(cluster.list("pods").every((pod) => pod.metadata.labels?.["pod-template-hash"] === hash)).toBe(true);
  });

  it("rolls over within surge and unavailability", async () => {
    const cluster = await started({ replicas: 2 });
    image(cluster, "img:2");
    await cluster.run();
    expect(sets(cluster)).toEqual(["1 img:1 0", "2 img:2 2"]);
    expect(events(cluster)).toEqual([
      "Normal ScalingReplicaSet Scaled up replica set d-x from 0 to 2",
      "Normal ScalingReplicaSet Scaled up replica set d-x from 0 to 1",
      "Normal ScalingReplicaSet Scaled down replica set d-x from 2 to 1",
      "Normal ScalingReplicaSet Scaled up replica set d-x from 1 to 2",
      "Normal ScalingReplicaSet Scaled down replica set d-x from 1 to 0",
    ]);
    expect(get(cluster).status).toMatchObject({ replicas: 2, updatedReplicas: 2, observedGeneration: 2 });
  });

  it("goes back to an old set under a new revision that remembers the old one", async () => {
    const cluster = await started({ replicas: 1 });
    image(cluster, "img:2");
    await cluster.run();
    image(cluster, "img:1");
    await cluster.run();
    expect(sets(cluster)).toEqual(["2 img:2 0", "3 img:1 1"]);
    const back = cluster.list<ReplicaSet>("replicasets").find((s) => s.spec.replicas === 1);
    expect(back?.metadata.annotations?.["deployment.kubernetes.io/revision-history"]).toBe("1");
    expect(get(cluster).metadata.annotations?.["deployment.kubernetes.io/revision"]).toBe("3");
  });

  it("never takes more away than may be unavailable while the new pods are broken", async () => {
    const cluster = await started({ replicas: 4 });
    image(cluster, "broken");
    await cluster.run((pod) => pod.spec.containers[0].image === "broken");
    // A quarter of four is gone, a quarter is new on top of it.
    const count = (value: string): number => cluster.list("pods").filter((pod) => pod.spec.containers[0].image === value).length;
    expect([count("img:1"), count("broken")]).toEqual([3, 2]);
    expect(conditions(cluster)).toEqual(["Available True MinimumReplicasAvailable", "Progressing True ReplicaSetUpdated"]);
  });

  it("times out, and says so by the clock alone", async () => {
    const cluster = new FakeCluster();
    cluster.start(deploymentController, replicaSetController);
    cluster.add("deployments", deployment({ replicas: 1, progressDeadlineSeconds: 60 }));
    await cluster.settle();
    expect(conditions(cluster)).toEqual(["Available False MinimumReplicasUnavailable", "Progressing True ReplicaSetUpdated"]);
    cluster.clock.advance(60_000);
    await cluster.settle();
    expect(conditions(cluster)[1]).toBe("Progressing True ReplicaSetUpdated");
    cluster.clock.advance(2_000);
    await cluster.settle();
    expect(conditions(cluster)[1]).toBe("Progressing False ProgressDeadlineExceeded");
    await cluster.run();
    expect(conditions(cluster)).toEqual(["Available True MinimumReplicasAvailable", "Progressing True NewReplicaSetAvailable"]);
  });

  it("pauses: scales, but does not roll; resumes", async () => {
    const cluster = await started({ replicas: 2 });
    cluster.patch("deployments", "d", { spec: { paused: true } });
    await cluster.run();
    expect(conditions(cluster)).toContain("Progressing Unknown DeploymentPaused");
    image(cluster, "img:2");
    cluster.patch("deployments", "d", { spec: { replicas: 3 } });
    await cluster.run();
    expect(sets(cluster)).toEqual(["1 img:1 3"]);
    cluster.patch("deployments", "d", { spec: { paused: false } });
    await cluster.run();
    expect(sets(cluster)).toEqual(["1 img:1 0", "2 img:2 3"]);
    expect(conditions(cluster)).toContain("Progressing True NewReplicaSetAvailable");
  });

  it("recreates: nothing new before the last old pod is gone", async () => {
    const cluster = await started({ replicas: 2, strategy: { type: "Recreate" } });
    image(cluster, "img:2");
    await cluster.settle();
    expect(sets(cluster)).toEqual(["1 img:1 0"]);
    const [first, second] = cluster.names("pods");
    cluster.remove("pods", first);
    await cluster.settle();
    expect(cluster.names("replicasets")).toHaveLength(1);
    cluster.remove("pods", second);
    await cluster.run();
    expect(sets(cluster)).toEqual(["1 img:1 0", "2 img:2 2"]);
  });

  it("scales in one step outside a rollout", async () => {
    const cluster = await started({ replicas: 2 });
    cluster.patch("deployments", "d", { spec: { replicas: 5 } });
    await cluster.run();
    expect(events(cluster)).toEqual([
      "Normal ScalingReplicaSet Scaled up replica set d-x from 0 to 2",
      "Normal ScalingReplicaSet Scaled up replica set d-x from 2 to 5",
    ]);
    expect(cluster.list<ReplicaSet>("replicasets")[0].metadata.annotations?.["deployment.kubernetes.io/max-replicas"]).toBe("7");
  });

  it("keeps as many old sets as asked for", async () => {
    const cluster = await started({ replicas: 1, revisionHistoryLimit: 1 });
    for (const v of [2, 3, 4]) {
      image(cluster, `img:${v}`);
      await cluster.run();
    }
    expect(sets(cluster)).toEqual(["3 img:3 0", "4 img:4 1"]);
  });

  it("passes annotations and minReadySeconds on without a rollout", async () => {
    const cluster = await started({ replicas: 1 });
    cluster.patch("deployments", "d", { metadata: { annotations: { "kubernetes.io/change-cause": "test" } }, spec: { minReadySeconds: 5 } });
    await cluster.run();
    const [set] = cluster.list<ReplicaSet>("replicasets");
    expect(set.metadata.annotations?.["kubernetes.io/change-cause"]).toBe("test");
    expect(set.spec.minReadySeconds).toBe(5);
    expect(cluster.names("replicasets")).toHaveLength(1);
  });

  it("adopts a set it finds again", async () => {
    const cluster = await started({ replicas: 1 });
    cluster.remove("deployments", "d");
    const [name] = cluster.names("replicasets");
    cluster.apply("replicasets", name, (set) => {
      delete set.metadata.ownerReferences;
    });
    cluster.add("deployments", deployment({ replicas: 1 }));
    await cluster.run();
    expect(cluster.names("replicasets")).toEqual([name]);
    expect(cluster.get("replicasets", name)?.metadata.ownerReferences?.[0].uid).toBe(get(cluster).metadata.uid);
    expect(get(cluster).metadata.annotations?.["deployment.kubernetes.io/revision"]).toBe("1");
  });

  it("counts a hash collision and takes another name", async () => {
    const probe = await started({ replicas: 1 });
    const [taken] = probe.names("replicasets");
    const cluster = await started({ replicas: 1 }, (c) => {
      c.add("replicasets", { metadata: { name: taken, labels: { app: "x" } }, spec: { replicas: 0, selector: { matchLabels: { app: "x" } }, template: {} } });
    });
    cluster.clock.advance(100);
    await cluster.run();
    expect(get(cluster).status?.collisionCount).toBe(1);
    expect(cluster.names("replicasets")).toHaveLength(2);
    expect(get(cluster).status?.readyReplicas).toBe(1);
  });

  it("shows why a set cannot be made, or its pods", async () => {
    const denied = new ApiError({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      reason: "Forbidden",
      code: 403,
      message: "exceeded quota",
    });
    const noSets = await started({ replicas: 1 }, (c) => {
      c.fail = (call) => (call.verb === "create" && call.resource === "replicasets" ? denied : undefined);
    });
    expect(conditions(noSets)).toEqual(["Progressing False ReplicaSetCreateError"]);
    expect(noSets.events("d")[0]).toMatch(/^Warning ReplicaSetCreateError Failed to create new replica set "d-[a-z0-9]+": exceeded quota/);
    const noPods = await started({ replicas: 1 }, (c) => {
      c.fail = (call) => (call.verb === "create" && call.resource === "pods" ? denied : undefined);
    });
    expect(conditions(noPods)).toContain("ReplicaFailure True FailedCreate");
    noPods.fail = () => undefined;
    noPods.clock.advance(1000);
    await noPods.run();
    expect(conditions(noPods)).toEqual(["Available True MinimumReplicasAvailable", "Progressing True NewReplicaSetAvailable"]);
  });

  it("rolls back by the old annotation", async () => {
    const cluster = await started({ replicas: 1 });
    image(cluster, "img:2");
    await cluster.run();
    cluster.patch("deployments", "d", { metadata: { annotations: { "deprecated.deployment.rollback.to": "1" } } });
    await cluster.run();
    expect(get(cluster).spec.template.spec?.containers[0].image).toBe("img:1");
    expect(get(cluster).metadata.annotations?.["deprecated.deployment.rollback.to"]).toBeUndefined();
    expect(events(cluster)).toContain('Normal DeploymentRollback Rolled back deployment "d" to revision 1');
    expect(sets(cluster)).toEqual(["2 img:2 0", "3 img:1 1"]);
  });
});
