import { describe, expect, it } from "vitest";
import type { StatefulSet } from "../../../controllers/runtime/api.js";
import { statefulSetController } from "../../../controllers/statefulset/index.js";
import { ApiError, notFound } from "../../../server/errors.js";
import { FakeCluster } from "../support/fake.js";
import { claimTemplate, statefulSet } from "../support/objects.js";

async function started(spec: Partial<StatefulSet["spec"]> = {}): Promise<FakeCluster> {
  const cluster = new FakeCluster();
  cluster.start(statefulSetController);
  cluster.add("statefulsets", statefulSet(spec));
  await cluster.run();
  return cluster;
}
const status = (cluster: FakeCluster): StatefulSet["status"] => cluster.get<StatefulSet>("statefulsets", "web")?.status;
const image = (cluster: FakeCluster, value: string): void =>
  void cluster.apply("statefulsets", "web", (set) => {
    set.spec.template.spec.containers[0].image = value;
  });
const images = (cluster: FakeCluster): string[] => cluster.list("pods").map((pod) => pod.spec.containers[0].image);
const revisions = (cluster: FakeCluster): [number, string][] =>
  cluster
    .list("controllerrevisions")
    .map((r): [number, string] => [r.revision, r.data.spec.template.spec.containers[0].image])
    .sort((a, b) => a[0] - b[0]);
const created = (cluster: FakeCluster, resource: string): string[] =>
  cluster.calls.filter((c) => c.verb === "create" && c.resource === resource).map((c) => c.name);
const deleted = (cluster: FakeCluster): string[] => cluster.calls.filter((c) => c.verb === "delete" && c.resource === "pods").map((c) => c.name);

describe("#3.3 statefulset: life", () => {
  it("creates claims and pods in order and reports it", async () => {
    const cluster = await started({ volumeClaimTemplates: [claimTemplate("data", { tier: "db" })] });
    const order = cluster.calls.filter((c) => c.verb === "create" && c.resource !== "events").map((c) => c.name);
    expect(order.slice(1)).toEqual(["data-web-0", "web-0", "data-web-1", "web-1", "data-web-2", "web-2"]);
    const revision = cluster.names("controllerrevisions")[0];
    expect(status(cluster)).toEqual({
      observedGeneration: 1,
      replicas: 3,
      readyReplicas: 3,
      currentReplicas: 3,
      updatedReplicas: 3,
      currentRevision: revision,
      updateRevision: revision,
      collisionCount: 0,
      availableReplicas: 3,
    });
    expect(cluster.events("web").sort()).toEqual([
      "Normal SuccessfulCreate Create Claim data-web-0 Pod web-0 in StatefulSet web success",
      "Normal SuccessfulCreate Create Claim data-web-1 Pod web-1 in StatefulSet web success",
      "Normal SuccessfulCreate Create Claim data-web-2 Pod web-2 in StatefulSet web success",
      "Normal SuccessfulCreate Create Pod web-0 in StatefulSet web successful",
      "Normal SuccessfulCreate Create Pod web-1 in StatefulSet web successful",
      "Normal SuccessfulCreate Create Pod web-2 in StatefulSet web successful",
    ]);
    expect(cluster.get("pods", "web-1")).toMatchObject({
      metadata: {
        generateName: "web-",
        labels: {
          app: "nginx",
          "apps.kubernetes.io/pod-index": "1",
          "statefulset.kubernetes.io/pod-name": "web-1",
          "controller-revision-hash": revision,
        },
        ownerReferences: [{ apiVersion: "apps/v1", kind: "StatefulSet", name: "web", controller: true, blockOwnerDeletion: true }],
      },
      spec: { hostname: "web-1", subdomain: "nginx", volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data-web-1" } }] },
    });
    expect(cluster.get("persistentvolumeclaims", "data-web-0")?.metadata).toMatchObject({ labels: { app: "nginx", tier: "db" } });
    expect(cluster.get("persistentvolumeclaims", "data-web-0")?.metadata.ownerReferences).toBeUndefined();
    expect(cluster.list("controllerrevisions")[0]).toMatchObject({
      revision: 1,
      metadata: { labels: { app: "nginx", "controller.kubernetes.io/hash": revision.slice(4) } },
      data: { spec: { template: { $patch: "replace", metadata: { labels: { app: "nginx" } } } } },
    });
  });

  it("keeps one pod until it is Ready, and lies about nothing meanwhile", async () => {
    const cluster = new FakeCluster();
    cluster.start(statefulSetController);
    cluster.add("statefulsets", statefulSet());
    await cluster.settle();
    expect(cluster.names("pods")).toEqual(["web-0"]);
    const revision = cluster.names("controllerrevisions")[0];
    expect(status(cluster)).toEqual({
      observedGeneration: 1,
      replicas: 1,
      currentReplicas: 1,
      updatedReplicas: 1,
      currentRevision: revision,
      updateRevision: revision,
      collisionCount: 0,
      availableReplicas: 0,
    });
  });

  it("puts a status that someone wrote right again", async () => {
    const cluster = await started();
    cluster.apply("statefulsets", "web", (set) => Object.assign(set.status, { readyReplicas: 9, replicas: 9 }));
    await cluster.settle();
    expect(status(cluster)).toMatchObject({ replicas: 3, readyReplicas: 3 });
  });

  it("scales in from the top, keeps the claims, takes them again", async () => {
    const cluster = await started({ volumeClaimTemplates: [claimTemplate()] });
    const claim = cluster.get("persistentvolumeclaims", "data-web-2");
    cluster.patch("statefulsets", "web", { spec: { replicas: 1 } });
    await cluster.run();
    expect(deleted(cluster)).toEqual(["web-2", "web-1"]);
    expect(cluster.names("persistentvolumeclaims")).toHaveLength(3);
    expect(status(cluster)).toMatchObject({ observedGeneration: 2, replicas: 1, readyReplicas: 1, currentReplicas: 1 });
    cluster.patch("statefulsets", "web", { spec: { replicas: 3 } });
    await cluster.run();
    expect(cluster.names("pods")).toEqual(["web-0", "web-1", "web-2"]);
    expect(cluster.get("persistentvolumeclaims", "data-web-2")?.metadata.uid).toBe(claim?.metadata.uid);
  });

  it("replaces a failed pod", async () => {
    const cluster = await started({ replicas: 2 });
    cluster.patch("pods", "web-0", { status: { phase: "Failed" } });
    await cluster.run();
    expect(cluster.events("web").filter((e) => e.includes("web-0"))).toEqual([
      "Normal SuccessfulCreate Create Pod web-0 in StatefulSet web successful x2",
      "Normal SuccessfulDelete Delete Pod web-0 in StatefulSet web successful",
    ]);
    expect(status(cluster)).toMatchObject({ replicas: 2, readyReplicas: 2 });
  });

  it("makes all under Parallel, ready or not", async () => {
    const cluster = new FakeCluster();
    cluster.start(statefulSetController);
    cluster.add("statefulsets", statefulSet({ replicas: 5, podManagementPolicy: "Parallel" }));
    await cluster.settle();
    expect(cluster.names("pods")).toHaveLength(5);
    expect(status(cluster)).toMatchObject({ replicas: 5, availableReplicas: 0 });
  });

  it("waits out minReadySeconds by the clock alone", async () => {
    const cluster = await started({ replicas: 2, minReadySeconds: 30 });
    expect(cluster.names("pods")).toEqual(["web-0"]);
    expect(status(cluster)).toMatchObject({ readyReplicas: 1, availableReplicas: 0 });
    cluster.clock.advance(30_000);
    await cluster.run();
    expect(cluster.names("pods")).toEqual(["web-0", "web-1"]);
    cluster.clock.advance(30_000);
    await cluster.run();
    expect(status(cluster)).toMatchObject({ readyReplicas: 2, availableReplicas: 2 });
  });
});

describe("#3.3 statefulset: updates", () => {
  it("rolls from the top and makes the update revision current", async () => {
    const cluster = await started();
    image(cluster, "nginx:2");
    await cluster.run();
    expect(deleted(cluster)).toEqual(["web-2", "web-1", "web-0"]);
    expect(images(cluster)).toEqual(["nginx:2", "nginx:2", "nginx:2"]);
    expect(status(cluster)?.currentRevision).toBe(status(cluster)?.updateRevision);
    expect(revisions(cluster)).toEqual([
      [1, "nginx:1"],
      [2, "nginx:2"],
    ]);
  });

  it("reuses a revision on the way back under a higher number", async () => {
    const cluster = await started({ replicas: 1 });
    const first = status(cluster)?.updateRevision;
    image(cluster, "nginx:2");
    await cluster.run();
    image(cluster, "nginx:1");
    await cluster.run();
    expect(status(cluster)).toMatchObject({ updateRevision: first, currentRevision: first });
    expect(revisions(cluster)).toEqual([
      [2, "nginx:2"],
      [3, "nginx:1"],
    ]);
  });

  it("makes no revision of anything but the template", async () => {
    const cluster = await started();
    cluster.patch("statefulsets", "web", { metadata: { annotations: { a: "b" } } });
    cluster.patch("statefulsets", "web", { spec: { minReadySeconds: 1 } });
    await cluster.run();
    expect(revisions(cluster)).toHaveLength(1);
  });

  it("brings a pod below the partition back at the old revision", async () => {
    const cluster = await started({ updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 2 } } });
    image(cluster, "nginx:2");
    await cluster.run();
    expect(images(cluster)).toEqual(["nginx:1", "nginx:1", "nginx:2"]);
    expect(status(cluster)).toMatchObject({ currentReplicas: 2, updatedReplicas: 1 });
    cluster.remove("pods", "web-0");
    await cluster.run();
    expect(images(cluster)).toEqual(["nginx:1", "nginx:1", "nginx:2"]);
  });

  it("stays in the trap until the broken pod is deleted by hand", async () => {
    const cluster = await started({ replicas: 2 });
    image(cluster, "nginx:broken");
    await cluster.run(["web-1"]);
    image(cluster, "nginx:1");
    await cluster.run(["web-1"]);
    expect(images(cluster)).toEqual(["nginx:1", "nginx:broken"]);
    expect(status(cluster)).toMatchObject({ observedGeneration: 3, readyReplicas: 1, replicas: 2 });
    cluster.remove("pods", "web-1");
    await cluster.run();
    expect(images(cluster)).toEqual(["nginx:1", "nginx:1"]);
  });

  it("keeps no more history than asked for, besides what is in use", async () => {
    const cluster = await started({ replicas: 1, revisionHistoryLimit: 1 });
    for (const v of [2, 3, 4]) {
      image(cluster, `nginx:${v}`);
      await cluster.run();
    }
    expect(revisions(cluster).map((r) => r[1])).toEqual(["nginx:3", "nginx:4"]);
    cluster.patch("statefulsets", "web", { spec: { revisionHistoryLimit: 0 } });
    await cluster.run();
    expect(revisions(cluster).map((r) => r[1])).toEqual(["nginx:4"]);
  });

  it("counts a collision of revision names and takes the next", async () => {
    const probe = await started({ replicas: 0 });
    const name = probe.names("controllerrevisions")[0];
    const cluster = new FakeCluster();
    cluster.add("controllerrevisions", { metadata: { name, labels: { app: "other" } }, revision: 1, data: { some: "thing" } });
    cluster.start(statefulSetController);
    cluster.add("statefulsets", statefulSet({ replicas: 0 }));
    await cluster.run();
    expect(status(cluster)?.collisionCount).toBe(1);
    expect(cluster.names("controllerrevisions")).toHaveLength(2);
    expect(cluster.get("controllerrevisions", status(cluster)?.updateRevision ?? "")?.metadata.labels?.["controller.kubernetes.io/hash"]).toBe(name.slice(4));
  });
});

describe("#3.3 statefulset: owners", () => {
  it("takes orphans and their revisions in again", async () => {
    const cluster = await started({ replicas: 2 });
    const revision = status(cluster)?.updateRevision;
    const uid = cluster.get("pods", "web-0")?.metadata.uid;
    cluster.remove("statefulsets", "web");
    for (const resource of ["pods", "controllerrevisions"]) {
      for (const name of cluster.names(resource)) cluster.apply(resource, name, (object) => void delete object.metadata.ownerReferences);
    }
    cluster.add("statefulsets", statefulSet({ replicas: 2 }));
    await cluster.run();
    const owner = cluster.get("statefulsets", "web")?.metadata.uid;
    expect(cluster.get("pods", "web-0")?.metadata).toMatchObject({ uid, ownerReferences: [{ uid: owner, controller: true }] });
    expect(cluster.list("controllerrevisions")).toHaveLength(1);
    expect(cluster.list("controllerrevisions")[0].metadata.ownerReferences?.[0].uid).toBe(owner);
    expect(status(cluster)).toMatchObject({ currentRevision: revision, readyReplicas: 2 });
  });

  it("adopts a hand-made pod, labels it, then replaces it", async () => {
    const cluster = new FakeCluster();
    const mine = cluster.add("pods", {
      metadata: { name: "web-0", labels: { app: "nginx" } },
      spec: { containers: [{ name: "nginx", image: "own" }] },
    });
    cluster.podReady("web-0");
    cluster.start(statefulSetController);
    cluster.add("statefulsets", statefulSet({ replicas: 1 }));
    await cluster.run();
    expect(cluster.get("pods", "web-0")?.metadata.uid).not.toBe(mine.metadata.uid);
    expect(cluster.events("web")).toEqual([
      "Normal SuccessfulUpdate Update Pod web-0 in StatefulSet web successful",
      "Normal SuccessfulDelete Delete Pod web-0 in StatefulSet web successful",
      "Normal SuccessfulCreate Create Pod web-0 in StatefulSet web successful",
    ]);
  });

  it("says nothing about a name that a stranger holds, but tries again", async () => {
    const cluster = new FakeCluster();
    cluster.add("pods", { metadata: { name: "web-0", labels: { app: "other" } }, spec: { containers: [] } });
    cluster.start(statefulSetController);
    cluster.add("statefulsets", statefulSet({ replicas: 1 }));
    await cluster.settle();
    expect(cluster.events("web")).toEqual([]);
    expect(status(cluster)).toMatchObject({ observedGeneration: 1, replicas: 0 });
    cluster.remove("pods", "web-0");
    cluster.clock.advance(10);
    await cluster.run();
    expect(status(cluster)).toMatchObject({ readyReplicas: 1 });
  });

  it("hands claims over by policy, and back", async () => {
    const policy = { whenDeleted: "Delete", whenScaled: "Delete" };
    const cluster = await started({ replicas: 2, volumeClaimTemplates: [claimTemplate()], persistentVolumeClaimRetentionPolicy: policy });
    const owners = (name: string) => cluster.get("persistentvolumeclaims", name)?.metadata.ownerReferences?.map((r) => `${r.kind} ${r.name} ${r.controller}`);
    expect([owners("data-web-0"), owners("data-web-1")]).toEqual([["StatefulSet web true"], ["StatefulSet web true"]]);
    cluster.patch("statefulsets", "web", { spec: { replicas: 1 } });
    await cluster.settle();
    expect([owners("data-web-0"), owners("data-web-1")]).toEqual([["StatefulSet web true"], ["Pod web-1 true"]]);
    // The pod is wanted again before its claim has gone with it: the new one waits for a new claim.
    cluster.patch("statefulsets", "web", { spec: { replicas: 2 } });
    await cluster.run();
    expect(cluster.names("pods")).toEqual(["web-0"]);
    cluster.remove("persistentvolumeclaims", "data-web-1");
    await cluster.run();
    expect(cluster.names("pods")).toEqual(["web-0", "web-1"]);
    cluster.patch("statefulsets", "web", { spec: { persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" } } });
    await cluster.run();
    expect([owners("data-web-0"), owners("data-web-1")]).toEqual([undefined, undefined]);
    expect(cluster.events("web")).toContain("Normal SuccessfulUpdate Update Pod web-0 in StatefulSet web successful");
  });
});

describe("#3.3 statefulset: failures", () => {
  const quota = (message: string): ApiError =>
    new ApiError({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", reason: "Forbidden", code: 403, message });

  it("tells the whole error of a pod that cannot be made, and retries", async () => {
    const cluster = new FakeCluster();
    cluster.fail = (call) => (call.resource === "pods" && call.verb === "create" ? quota("exceeded quota: q") : undefined);
    cluster.start(statefulSetController);
    cluster.add("statefulsets", statefulSet({ replicas: 1 }));
    await cluster.settle();
    // the write of the status wakes the set before its back-off is over
    expect(cluster.events("web")[0]).toMatch(/^Warning FailedCreate Create Pod web-0 in StatefulSet web failed error: exceeded quota: q/);
    expect(status(cluster)).toMatchObject({ observedGeneration: 1, replicas: 0 });
    cluster.fail = () => undefined;
    cluster.clock.advance(1000);
    await cluster.run();
    expect(status(cluster)).toMatchObject({ readyReplicas: 1 });
  });

  it("tells which claim cannot be made", async () => {
    const cluster = new FakeCluster();
    cluster.fail = (call) => (call.resource === "persistentvolumeclaims" ? quota("no") : undefined);
    cluster.start(statefulSetController);
    cluster.add("statefulsets", statefulSet({ replicas: 1, volumeClaimTemplates: [claimTemplate()] }));
    await cluster.settle();
    expect(cluster.events("web").map((e) => e.replace(/ x\d+$/, ""))).toEqual([
      "Warning FailedCreate Create Claim data-web-0 for Pod web-0 in StatefulSet web failed error: no",
      "Warning FailedCreate Create Pod web-0 in StatefulSet web failed error: failed to create PVC data-web-0: no",
    ]);
    expect(created(cluster, "pods")).toEqual([]);
  });

  it("stops a parallel start at the first batch that fails", async () => {
    const cluster = new FakeCluster();
    cluster.fail = (call) => (call.resource === "pods" && call.verb === "create" && call.name !== "web-0" ? quota("full") : undefined);
    cluster.start(statefulSetController);
    cluster.add("statefulsets", statefulSet({ replicas: 20, podManagementPolicy: "Parallel" }));
    await cluster.settle();
    expect(new Set(created(cluster, "pods"))).toEqual(new Set(["web-0", "web-1", "web-2"]));
  });

  it("survives a restart at any point: another controller takes over from what is there", async () => {
    for (let stopAfter = 1; stopAfter < 16; stopAfter++) {
      const cluster = new FakeCluster();
      let count = 0;
      cluster.fail = (call) => (call.resource !== "events" && ++count > stopAfter ? new Error("crashed") : undefined);
      const running = statefulSetController.start(cluster.context);
      cluster.add("statefulsets", statefulSet({ volumeClaimTemplates: [claimTemplate()] }));
      await cluster.settle();
      running.stop();
      cluster.fail = () => undefined;
      cluster.start(statefulSetController);
      await cluster.run();
      expect(cluster.names("pods")).toEqual(["web-0", "web-1", "web-2"]);
      expect(status(cluster)).toMatchObject({ readyReplicas: 3, currentReplicas: 3 });
    }
  });
});

describe("#3.3 statefulset: size", () => {
  it("brings 1,000 pods up in parallel with few reconciles", async () => {
    const cluster = new FakeCluster();
    cluster.start(statefulSetController);
    cluster.add("statefulsets", statefulSet({ replicas: 1000, podManagementPolicy: "Parallel", volumeClaimTemplates: [claimTemplate()] }));
    await cluster.run();
    expect(status(cluster)).toMatchObject({ replicas: 1000, readyReplicas: 1000, updatedReplicas: 1000 });
    expect(created(cluster, "pods")).toHaveLength(1000);
    expect(cluster.calls.filter((c) => c.resource === "statefulsets").length).toBeLessThan(40);
  });
});

describe("#5.1 statefulset: a pod that goes before its deletion", () => {
  it("is a deletion that failed, as upstream's, and tried again", async () => {
    const cluster = await started({ replicas: 2 });
    let once = true;
    cluster.fail = (call) => {
      if (!once || call.verb !== "delete" || call.resource !== "pods") return undefined;
      once = false;
      return notFound({ group: "", resource: "pods" }, call.name);
    };
    cluster.patch("statefulsets", "web", { spec: { replicas: 1 } });
    await cluster.settle();
    expect(cluster.events("web")).toContain('Warning FailedDelete Delete Pod web-1 in StatefulSet web failed error: pods "web-1" not found');
    cluster.clock.advance(10);
    await cluster.run();
    expect(cluster.names("pods")).toEqual(["web-0"]);
  });
});
