import { access, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { schedulerController } from "../../../controllers/scheduler/index.js";
import { createVolumeController } from "../../../controllers/volume/index.js";
import { Cluster, claim, node, pod, storageClass, volume, withClaim } from "./support.js";

let cluster: Cluster;
let dir: string;
beforeEach(async () => {
  cluster = new Cluster();
  dir = await cluster.volumesDir();
  cluster.start(createVolumeController({ volumesDir: dir }));
});
afterEach(() => cluster.close());
const add = async (resource: string, object: Parameters<Cluster["create"]>[1]): Promise<void> => {
  cluster.create(resource, object);
  await cluster.settle();
};
const phase = (resource: string, name: string): string => cluster.get(resource, name).status.phase;

describe("#5.2 volumes: binding, told as stories", () => {
  it("a volume without a claim becomes Available, and the smallest that fits is bound, both sides saying so", async () => {
    for (const [name, size] of [
      ["a", "1Gi"],
      ["b", "2Gi"],
      ["c", "5Gi"],
    ])
      await add("persistentvolumes", volume(name, size));
    expect(phase("persistentvolumes", "a")).toBe("Available");
    await add("persistentvolumeclaims", claim("want", "1500Mi"));
    const bound = cluster.get("persistentvolumeclaims", "want");
    expect(bound.spec.volumeName).toBe("b");
    expect(bound.metadata.annotations).toEqual({ "pv.kubernetes.io/bind-completed": "yes", "pv.kubernetes.io/bound-by-controller": "yes" });
    expect(bound.status).toEqual({ phase: "Bound", accessModes: ["ReadWriteOnce"], capacity: { storage: "2Gi" } });
    const b = cluster.get("persistentvolumes", "b");
    expect(b.metadata.annotations).toEqual({ "pv.kubernetes.io/bound-by-controller": "yes" });
    expect(b.spec.claimRef).toMatchObject({ apiVersion: "v1", kind: "PersistentVolumeClaim", namespace: "default", name: "want", uid: bound.metadata.uid });
    expect(b.status.phase).toBe("Bound");
  });

  it("takes the steps in upstream's order: volume, its phase, claim, its status", async () => {
    await add("persistentvolumes", volume("a"));
    cluster.writes.length = 0;
    await add("persistentvolumeclaims", claim("c"));
    expect(cluster.writes).toEqual([
      "modify persistentvolumes a",
      "status persistentvolumes a",
      "modify persistentvolumeclaims c",
      "status persistentvolumeclaims c",
    ]);
  });

  it("a claim that names its volume has no bound-by-controller; one pre-bound from the volume's side has it on the claim only", async () => {
    await add("persistentvolumes", volume("named"));
    await add("persistentvolumeclaims", claim("c1", "1Gi", { volumeName: "named" }));
    expect(cluster.get("persistentvolumeclaims", "c1").metadata.annotations).toEqual({ "pv.kubernetes.io/bind-completed": "yes" });
    await add("persistentvolumes", volume("kept", "1Gi", { claimRef: { namespace: "default", name: "mine" } }));
    expect(phase("persistentvolumes", "kept")).toBe("Available");
    await add("persistentvolumeclaims", claim("other"));
    expect(phase("persistentvolumeclaims", "other")).toBe("Pending");
    await add("persistentvolumeclaims", claim("mine"));
    expect(cluster.get("persistentvolumeclaims", "mine").metadata.annotations).toHaveProperty(["pv.kubernetes.io/bound-by-controller"]);
    expect(cluster.get("persistentvolumes", "kept").metadata.annotations).toBeUndefined();
    expect(cluster.get("persistentvolumes", "kept").spec.claimRef.uid).toBe(cluster.get("persistentvolumeclaims", "mine").metadata.uid);
  });

  it("two claims at once never get one volume", async () => {
    cluster.create("persistentvolumes", volume("one"));
    cluster.create("persistentvolumes", volume("two"));
    await cluster.settle();
    for (const name of ["x", "y", "z"]) cluster.create("persistentvolumeclaims", claim(name));
    await cluster.settle();
    await cluster.clock.advance(20_000);
    await cluster.settle();
    const names = ["x", "y", "z"].map((n) => cluster.get("persistentvolumeclaims", n).spec.volumeName);
    expect(names.filter(Boolean).sort()).toEqual(["one", "two"]);
  });

  it.each([
    ["no class", { storageClassName: "" }, "FailedBinding: no persistent volumes available for this claim and no storage class is set"],
    ["a class that is missing", {}, 'ProvisioningFailed: storageclass.storage.k8s.io "manual" not found'],
    [
      "a named volume too small",
      { volumeName: "v", resources: { requests: { storage: "4Gi" } } },
      'VolumeMismatch: Cannot bind to requested volume "v": requested PV is too small',
    ],
    [
      "a named volume of another class",
      { volumeName: "v", storageClassName: "other" },
      'VolumeMismatch: Cannot bind to requested volume "v": storageClassName does not match',
    ],
    ["a named volume of another", { volumeName: "taken" }, 'FailedBinding: volume "taken" already bound to a different claim.'],
  ])("%s: Pending, with the reason as an Event", async (_, spec, event) => {
    await add(
      "persistentvolumes",
      volume("v", "1Gi", {
        claimRef: undefined,
        storageClassName: "manual",
        accessModes: ["ReadWriteMany", "ReadWriteOnce"],
        volumeMode: "volumeName" in spec ? "Filesystem" : "Block",
      }),
    );
    await add("persistentvolumes", volume("taken", "1Gi", { claimRef: { namespace: "default", name: "somebody" } }));
    await add("persistentvolumeclaims", claim("c", "1Gi", spec));
    expect(phase("persistentvolumeclaims", "c")).toBe("Pending");
    expect(cluster.events("c")).toEqual([event]);
  });

  it("a volume whose claim is gone is Released and kept; without its claimRef it serves again", async () => {
    await add("persistentvolumes", volume("s"));
    await add("persistentvolumeclaims", claim("one"));
    cluster.delete("persistentvolumeclaims", "one");
    await cluster.settle();
    expect(cluster.find("persistentvolumeclaims", "one")).toBeUndefined();
    expect(phase("persistentvolumes", "s")).toBe("Released");
    await add("persistentvolumeclaims", claim("two"));
    expect(phase("persistentvolumeclaims", "two")).toBe("Pending");
    cluster.change("persistentvolumes", "s", (v) => delete v.spec.claimRef);
    await cluster.settle();
    expect(cluster.get("persistentvolumeclaims", "two").spec.volumeName).toBe("s");
  });

  it("a claimRef with a stale uid makes the volume Released at once", async () => {
    await add("persistentvolumeclaims", claim("c", "1Gi", { volumeName: "stale" }));
    await add("persistentvolumes", volume("stale", "1Gi", { claimRef: { namespace: "default", name: "c", uid: "of-another-life" } }));
    expect(phase("persistentvolumes", "stale")).toBe("Released");
    cluster.change("persistentvolumes", "stale", (v) => delete v.spec.claimRef.uid);
    await cluster.settle();
    expect(phase("persistentvolumeclaims", "c")).toBe("Bound");
  });

  it("a claim whose volume is gone is Lost, and its status keeps the phase only", async () => {
    await add("persistentvolumes", volume("l"));
    await add("persistentvolumeclaims", claim("c"));
    cluster.change("persistentvolumes", "l", (v) => {
      v.metadata.finalizers = [];
    });
    cluster.delete("persistentvolumes", "l");
    await cluster.settle();
    expect(cluster.get("persistentvolumeclaims", "c").status).toEqual({ phase: "Lost" });
    expect(cluster.events("c")).toEqual(["ClaimLost: Bound claim has lost its PersistentVolume. Data on the volume is lost!"]);
  });

  it("a reclaim that cannot be done leaves the volume Failed with the deleter's words", async () => {
    await add("persistentvolumes", volume("p", "1Gi", { persistentVolumeReclaimPolicy: "Delete" }));
    await add(
      "persistentvolumes",
      volume("n", "1Gi", { persistentVolumeReclaimPolicy: "Delete", hostPath: undefined, nfs: { server: "s", path: "/" }, accessModes: ["ReadWriteMany"] }),
    );
    await add("persistentvolumeclaims", claim("c"));
    await add("persistentvolumeclaims", claim("d", "1Gi", { accessModes: ["ReadWriteMany"] }));
    cluster.delete("persistentvolumeclaims", "c");
    cluster.delete("persistentvolumeclaims", "d");
    await cluster.settle();
    expect(cluster.get("persistentvolumes", "p").status).toEqual({
      phase: "Failed",
      message: "host_path deleter only supports /tmp/.+ but received provided /data",
    });
    expect(cluster.events("p")).toEqual(["VolumeFailedDelete: host_path deleter only supports /tmp/.+ but received provided /data"]);
    expect(cluster.get("persistentvolumes", "n").status.message).toBe('error getting deleter volume plugin for volume "n": no deletable volume plugin matched');
  });

  it("a claim without a class gets the default one later, one that says no class never", async () => {
    await add("persistentvolumeclaims", claim("before", "1Gi", { storageClassName: undefined }));
    await add("persistentvolumeclaims", claim("opted-out", "1Gi", { storageClassName: "" }));
    await add("storageclasses", storageClass("std", undefined, {}, { "storageclass.kubernetes.io/is-default-class": "true" }));
    expect(cluster.get("persistentvolumeclaims", "before").spec.storageClassName).toBe("std");
    expect(phase("persistentvolumeclaims", "before")).toBe("Bound");
    expect(phase("persistentvolumeclaims", "opted-out")).toBe("Pending");
  });
});

describe("#5.2 volumes: provisioning and protection, told as stories", () => {
  it("the host-path provisioner makes a volume with a directory, and takes both away with the claim", async () => {
    await add("storageclasses", storageClass("gp2"));
    await add("persistentvolumeclaims", claim("dyn", "1500M", { storageClassName: "gp2" }));
    const dyn = cluster.get("persistentvolumeclaims", "dyn");
    const name = `pvc-${dyn.metadata.uid}`;
    expect(dyn.metadata.annotations).toEqual({
      "pv.kubernetes.io/bind-completed": "yes",
      "pv.kubernetes.io/bound-by-controller": "yes",
      "volume.beta.kubernetes.io/storage-provisioner": "kubernetes.io/host-path",
      "volume.kubernetes.io/storage-provisioner": "kubernetes.io/host-path",
    });
    expect(dyn.status).toEqual({ phase: "Bound", accessModes: ["ReadWriteOnce"], capacity: { storage: "1500M" } });
    const made = cluster.get("persistentvolumes", name);
    expect(made.metadata.finalizers).toEqual(["kubernetes.io/pv-controller", "kubernetes.io/pv-protection"]);
    expect(made.metadata.annotations).toEqual({
      "kubernetes.io/createdby": "hostpath-dynamic-provisioner",
      "pv.kubernetes.io/bound-by-controller": "yes",
      "pv.kubernetes.io/provisioned-by": "kubernetes.io/host-path",
    });
    expect(made.spec.hostPath.path).toBe(join(dir, name));
    expect(cluster.events("dyn")).toEqual([`ProvisioningSucceeded: Successfully provisioned volume ${name} using kubernetes.io/host-path`]);
    await writeFile(join(dir, name, "data"), "kept");
    cluster.delete("persistentvolumeclaims", "dyn");
    await cluster.settle();
    expect(cluster.list("persistentvolumes")).toEqual([]);
    expect(await readdir(dir)).toEqual([]);
  });

  it("with Retain the volume and its data stay, Released, without the controller's finalizer", async () => {
    await add("storageclasses", storageClass("keep", undefined, { reclaimPolicy: "Retain" }));
    await add("persistentvolumeclaims", claim("r", "1Gi", { storageClassName: "keep" }));
    const name = cluster.get("persistentvolumeclaims", "r").spec.volumeName;
    cluster.delete("persistentvolumeclaims", "r");
    await cluster.settle();
    expect(phase("persistentvolumes", name)).toBe("Released");
    expect(cluster.get("persistentvolumes", name).metadata.finalizers).toEqual(["kubernetes.io/pv-protection"]);
    await access(join(dir, name));
  });

  it("never removes a directory it did not make", async () => {
    const outside = `${dir}-outside`;
    await writeFile(outside, "mine");
    await add("persistentvolumes", volume("p", "1Gi", { persistentVolumeReclaimPolicy: "Delete", hostPath: { path: outside } }));
    await add("persistentvolumeclaims", claim("c"));
    cluster.delete("persistentvolumeclaims", "c");
    await cluster.settle();
    expect(cluster.find("persistentvolumes", "p")).toBeUndefined();
    await access(outside);
    await rm(outside);
  });

  it("nobody answers for an unknown provisioner: the claim waits", async () => {
    await add("storageclasses", storageClass("csi", "csi.example.com"));
    await add("persistentvolumeclaims", claim("c", "1Gi", { storageClassName: "csi" }));
    expect(phase("persistentvolumeclaims", "c")).toBe("Pending");
    expect(cluster.events("c")).toEqual([
      "ExternalProvisioning: Waiting for a volume to be created either by the external provisioner 'csi.example.com' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.",
    ]);
    expect(cluster.get("persistentvolumeclaims", "c").metadata.annotations).toHaveProperty(["volume.kubernetes.io/storage-provisioner"], "csi.example.com");
  });

  it("EKS's gp2: waits for its consumer, is served by the migrated driver in the pod's zone, and goes with the claim", async () => {
    cluster.start(schedulerController);
    await add("nodes", node("n1", { labels: { "topology.kubernetes.io/zone": "us-east-1a", "topology.kubernetes.io/region": "us-east-1" } }));
    await add(
      "storageclasses",
      storageClass("gp2", "kubernetes.io/aws-ebs", { volumeBindingMode: "WaitForFirstConsumer", parameters: { fsType: "ext4", type: "gp2" } }),
    );
    await add("persistentvolumeclaims", claim("www-web-0", "1Gi", { storageClassName: "gp2" }));
    expect(cluster.events("www-web-0")).toEqual(["WaitForFirstConsumer: waiting for first consumer to be created before binding"]);
    await add("pods", pod("web-0", withClaim("www-web-0")));
    expect(cluster.get("pods", "web-0").spec.nodeName).toBe("n1");
    const { metadata, spec, status } = cluster.get("persistentvolumeclaims", "www-web-0");
    expect(status.phase).toBe("Bound");
    expect(metadata.annotations).toEqual({
      "pv.kubernetes.io/bind-completed": "yes",
      "pv.kubernetes.io/bound-by-controller": "yes",
      "volume.beta.kubernetes.io/storage-provisioner": "ebs.csi.aws.com",
      "volume.kubernetes.io/selected-node": "n1",
      "volume.kubernetes.io/storage-provisioner": "ebs.csi.aws.com",
    });
    const made = cluster.get("persistentvolumes", spec.volumeName);
    expect(made.metadata.annotations).toMatchObject({
      "pv.kubernetes.io/provisioned-by": "kubernetes.io/aws-ebs",
      "pv.kubernetes.io/migrated-to": "ebs.csi.aws.com",
    });
    expect(made.metadata.annotations).not.toHaveProperty(["pv.kubernetes.io/bound-by-controller"]);
    expect(made.metadata.finalizers).toEqual(["external-provisioner.volume.kubernetes.io/finalizer", "kubernetes.io/pv-protection"]);
    expect(made.spec.awsElasticBlockStore).toMatchObject({ fsType: "ext4", volumeID: expect.stringMatching(/^vol-0[0-9a-f]{16}$/) });
    expect(made.spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0]).toEqual({
      key: "topology.kubernetes.io/zone",
      operator: "In",
      values: ["us-east-1a"],
    });
    expect(
      cluster
        .events("www-web-0")
        .slice(1)
        .map((e) => e.split(":")[0]),
    ).toEqual(["ExternalProvisioning", "Provisioning", "ProvisioningSucceeded"]);
    cluster.delete("pods", "web-0");
    cluster.delete("persistentvolumeclaims", "www-web-0");
    await cluster.settle();
    expect(cluster.list("persistentvolumes")).toEqual([]);
    expect(await readdir(dir)).toEqual([]);
  });

  it("a deleted claim stays while a pod with a node uses it, finished or not; an unscheduled pod does not hold it", async () => {
    await add("storageclasses", storageClass("gp2"));
    for (const name of ["held", "free"]) await add("persistentvolumeclaims", claim(name, "1Gi", { storageClassName: "gp2" }));
    await add("pods", pod("user", withClaim("held", { nodeName: "n1" })));
    await add("pods", pod("waiting", withClaim("free")));
    for (const name of ["held", "free"]) cluster.delete("persistentvolumeclaims", name);
    await cluster.settle();
    expect(cluster.find("persistentvolumeclaims", "free")).toBeUndefined();
    cluster.change("pods", "user", (p) => {
      p.status.phase = "Succeeded";
    });
    await cluster.settle();
    expect(cluster.get("persistentvolumeclaims", "held").metadata.finalizers).toEqual(["kubernetes.io/pvc-protection"]);
    cluster.delete("pods", "user");
    await cluster.settle();
    expect(cluster.find("persistentvolumeclaims", "held")).toBeUndefined();
  });

  it("a deleted volume stays while it is Bound", async () => {
    await add("persistentvolumes", volume("p"));
    await add("persistentvolumeclaims", claim("c"));
    cluster.delete("persistentvolumes", "p");
    await cluster.settle();
    expect(phase("persistentvolumes", "p")).toBe("Bound");
    cluster.delete("persistentvolumeclaims", "c");
    await cluster.settle();
    expect(cluster.find("persistentvolumes", "p")).toBeUndefined();
  });

  it("a claim to be made from a snapshot waits: there are none", async () => {
    await add("storageclasses", storageClass("ebs", "ebs.csi.aws.com"));
    await add(
      "persistentvolumeclaims",
      claim("s", "1Gi", { storageClassName: "ebs", dataSource: { apiGroup: "snapshot.storage.k8s.io", kind: "VolumeSnapshot", name: "snap" } }),
    );
    await cluster.settle();
    expect(cluster.get("persistentvolumeclaims", "s").status.phase).toBe("Pending");
    expect(cluster.events("s").find((e) => e.startsWith("ProvisioningFailed"))).toContain("error getting snapshot snap from api server");
  });

  it("growing: host-path only says it waits", async () => {
    await add("storageclasses", storageClass("grow", undefined, { allowVolumeExpansion: true }));
    await add("persistentvolumeclaims", claim("h", "1Gi", { storageClassName: "grow" }));
    cluster.change("persistentvolumeclaims", "h", (c) => {
      c.spec.resources.requests.storage = "2Gi";
    });
    await cluster.settle();
    expect(cluster.get("persistentvolumeclaims", "h").status.capacity).toEqual({ storage: "1Gi" });
    expect(cluster.events("h")).toContain("ExternalExpanding: waiting for an external controller to expand this PVC");
  });

  it("a generic ephemeral volume gets its claim, owned by the pod", async () => {
    await add("storageclasses", storageClass("gp2"));
    const template = { metadata: { labels: { made: "for-pod" } }, spec: claim("", "1Gi", { storageClassName: "gp2" }).spec };
    await add("pods", pod("e", { volumes: [{ name: "scratch", ephemeral: { volumeClaimTemplate: template } }] }));
    const { metadata, status } = cluster.get("persistentvolumeclaims", "e-scratch");
    expect(status.phase).toBe("Bound");
    expect(metadata.labels).toEqual({ made: "for-pod" });
    expect(metadata.ownerReferences).toEqual([
      { apiVersion: "v1", kind: "Pod", name: "e", uid: cluster.get("pods", "e").metadata.uid, controller: true, blockOwnerDeletion: true },
    ]);
  });
});
