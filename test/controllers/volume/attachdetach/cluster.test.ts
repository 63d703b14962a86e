import { afterEach, describe, expect, it } from "vitest";
import { type Cluster, type KubeObject, manualClock, startCluster } from "../../../../cluster/index.js";
import { attachmentName } from "../../../../controllers/volume/attachdetach/plan.js";

const ref = (group: string, resource: string) => ({ group, version: "v1", resource });
const [NODES, PODS, CLAIMS, VOLUMES, EVENTS] = ["nodes", "pods", "persistentvolumeclaims", "persistentvolumes", "events"].map((r) => ref("", r));
const ATTACHMENTS = ref("storage.k8s.io", "volumeattachments");
const clusters: Cluster[] = [];
afterEach(async () => {
  for (const cluster of clusters.splice(0)) await cluster.stop();
});

async function start(environment: "eks" | "aks" | "none" = "eks"): Promise<Cluster> {
  const clock = manualClock(Date.parse("2025-01-01T00:00:00Z"));
  const cluster = await startCluster({ clock, nodes: 3, dnsPort: false, environment, seed: 5 });
  clusters.push(cluster);
  await pass(cluster, 1);
  return cluster;
}
const pass = (cluster: Cluster, seconds: number): Promise<unknown> => Promise.resolve(cluster.time?.advance(seconds * 1000));
const claim = (name: string, spec: object = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name, namespace: "default" },
  spec: { accessModes: ["ReadWriteOnce"], storageClassName: "gp2", resources: { requests: { storage: "1Gi" } }, ...spec },
});
const pod = (name: string, claimName: string, nodeName?: string): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default" },
  spec: {
    containers: [{ name: "c", image: "nginx" }],
    volumes: [{ name: "data", persistentVolumeClaim: { claimName } }],
    tolerations: [{ operator: "Exists" }],
    ...(nodeName && { nodeName }),
  },
});
const listOf = async (cluster: Cluster, kind: typeof PODS): Promise<readonly KubeObject[]> => (await cluster.client.resource(kind).list("")).items;
const eventsOf = async (cluster: Cluster, name: string): Promise<string[]> =>
  (await listOf(cluster, EVENTS)).filter((e) => e.involvedObject.name === name).map((e) => `${e.source.component} ${e.type} ${e.reason}: ${e.message}`);
const create = (cluster: Cluster, kind: typeof PODS, object: KubeObject): Promise<KubeObject> =>
  cluster.client.resource(kind).create(object.metadata.namespace ?? "", object);
const nodeOf = (cluster: Cluster, name: string): Promise<KubeObject> => cluster.client.resource(NODES).get("", name);
const phase = async (cluster: Cluster, name: string): Promise<string> => (await cluster.client.resource(PODS).get("default", name)).status.phase;
const patchNode = (cluster: Cluster, name: string, patch: object): Promise<KubeObject> =>
  cluster.client.resource(NODES).patch("", name, "application/merge-patch+json", patch);
const force = (cluster: Cluster, name: string): Promise<void> => cluster.client.resource(PODS).delete("default", name, { gracePeriodSeconds: 0 });

/** A pod with a volume, running. */
async function running(cluster: Cluster): Promise<{ node: string; volume: KubeObject }> {
  await create(cluster, CLAIMS, claim("data"));
  await create(cluster, PODS, pod("web", "data"));
  await pass(cluster, 10);
  const node = (await cluster.client.resource(PODS).get("default", "web")).spec.nodeName as string;
  const [volume] = await listOf(cluster, VOLUMES);
  return { node, volume };
}

describe("#5.2 attaching and detaching", () => {
  it("a volume is attached before its pod starts, and detached when nobody uses it any more", async () => {
    const cluster = await start();
    const { node, volume } = await running(cluster);
    expect(await phase(cluster, "web")).toBe("Running");
    const name = volume.metadata.name as string;
    // an in-tree class: what has migrated is attached by its CSI driver
    const handle = volume.spec.awsElasticBlockStore.volumeID as string;
    const [attachment, ...more] = await listOf(cluster, ATTACHMENTS);
    expect(more).toEqual([]);
    expect(attachment.metadata.name).toBe(attachmentName({ driver: "ebs.csi.aws.com", handle, uniqueName: "" }, node));
    expect(attachment.metadata.finalizers).toEqual(["external-attacher/ebs-csi-aws-com"]);
    expect(attachment.spec).toEqual({ attacher: "ebs.csi.aws.com", nodeName: node, source: { persistentVolumeName: name } });
    expect(attachment.status).toEqual({ attached: true });
    expect(volume.metadata.finalizers).toContain("external-attacher/ebs-csi-aws-com");
    const unique = `kubernetes.io/csi/ebs.csi.aws.com^${handle}`;
    const used = await nodeOf(cluster, node);
    expect(used.metadata.annotations?.["volumes.kubernetes.io/controller-managed-attach-detach"]).toBe("true");
    expect(used.status.volumesInUse).toEqual([unique]);
    expect(used.status.volumesAttached).toEqual([{ name: unique, devicePath: "" }]);
    const events = await eventsOf(cluster, "web");
    const at = events.indexOf(`attachdetach-controller Normal SuccessfulAttachVolume: AttachVolume.Attach succeeded for volume "${name}" `);
    expect(at).toBeGreaterThanOrEqual(0);
    expect(at).toBeLessThan(events.findIndex((e) => e.includes(" Started: ")));

    await cluster.client.resource(PODS).delete("default", "web");
    await pass(cluster, 60);
    expect(await listOf(cluster, ATTACHMENTS)).toEqual([]);
    const free = await nodeOf(cluster, node);
    expect([free.status.volumesInUse, free.status.volumesAttached]).toEqual([undefined, undefined]);
    await cluster.client.resource(CLAIMS).delete("default", "data");
    await pass(cluster, 60);
    expect(await listOf(cluster, VOLUMES)).toEqual([]);
  });

  it("claim and pod deleted together: the volume goes once it is detached", async () => {
    const cluster = await start();
    await running(cluster);
    await cluster.client.resource(CLAIMS).delete("default", "data");
    await cluster.client.resource(PODS).delete("default", "web");
    await pass(cluster, 120);
    expect(await listOf(cluster, ATTACHMENTS)).toEqual([]);
    expect(await listOf(cluster, VOLUMES)).toEqual([]);
  });

  it("a pod on another node waits for a ReadWriteOnce volume, is told once who has it, and starts when that has gone", async () => {
    const cluster = await start();
    const { node, volume } = await running(cluster);
    const other = ["node-0", "node-1", "node-2"].find((n) => n !== node) as string;
    await create(cluster, PODS, pod("late", "data", other));
    await pass(cluster, 120);
    expect(await phase(cluster, "late")).toBe("Pending");
    const refusal = `attachdetach-controller Warning FailedAttachVolume: Multi-Attach error for volume "${volume.metadata.name}" Volume is already used by pod(s) web`;
    expect((await eventsOf(cluster, "late")).filter((e) => e.includes("FailedAttachVolume"))).toEqual([refusal]);
    await cluster.client.resource(PODS).delete("default", "web");
    await pass(cluster, 60);
    expect(await phase(cluster, "late")).toBe("Running");
    expect((await listOf(cluster, ATTACHMENTS)).map((a) => a.spec.nodeName)).toEqual([other]);
  });

  it.each([
    ["six minutes after its pod was deleted by force", false],
    ["at once when the node is out of service", true],
  ])("a volume on a node that does not answer is free %s", async (_, outOfService) => {
    const cluster = await start();
    const { node, volume } = await running(cluster);
    const other = ["node-0", "node-1", "node-2"].find((n) => n !== node) as string;
    await patchNode(cluster, node, { metadata: { annotations: { "simulate.mockube.dev/stopped": "true" } } });
    await pass(cluster, 120);
    await force(cluster, "web");
    await create(cluster, PODS, pod("late", "data", other));
    await pass(cluster, 300);
    expect(await phase(cluster, "late")).toBe("Pending");
    expect(await eventsOf(cluster, "late")).toContain(
      `attachdetach-controller Warning FailedAttachVolume: Multi-Attach error for volume "${volume.metadata.name}" Volume is already exclusively attached to one node and can't be attached to another`,
    );
    if (outOfService) {
      const { spec } = await nodeOf(cluster, node);
      const taint = { key: "node.kubernetes.io/out-of-service", value: "nodeshutdown", effect: "NoExecute" };
      await patchNode(cluster, node, { spec: { taints: [...(spec.taints ?? []), taint] } });
      await pass(cluster, 10);
    } else await pass(cluster, 70);
    expect(await phase(cluster, "late")).toBe("Running");
  });

  it("a driver that nobody plays attaches nothing: the pod waits, and is told so after two minutes", async () => {
    const cluster = await start("none");
    const csi = { driver: "csi.example.com", volumeHandle: "h" };
    const spec = { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], storageClassName: "own", csi };
    await create(cluster, VOLUMES, { apiVersion: "v1", kind: "PersistentVolume", metadata: { name: "own" }, spec });
    await create(cluster, CLAIMS, claim("data", { storageClassName: "own", volumeName: "own" }));
    await create(cluster, PODS, pod("web", "data"));
    await pass(cluster, 100);
    expect((await listOf(cluster, ATTACHMENTS)).map((a) => a.status)).toEqual([{ attached: false }]);
    expect(await eventsOf(cluster, "web")).not.toContainEqual(expect.stringContaining("FailedAttachVolume"));
    await pass(cluster, 30);
    const text = 'AttachVolume.Attach failed for volume "own" : timed out waiting for external-attacher of csi.example.com CSI driver to attach volume h';
    expect(await eventsOf(cluster, "web")).toContain(`attachdetach-controller Warning FailedAttachVolume: ${text}`);
    // somebody's own attacher
    const [{ metadata }] = await listOf(cluster, ATTACHMENTS);
    await cluster.client
      .resource(ATTACHMENTS)
      .patch("", metadata.name ?? "", "application/merge-patch+json", { status: { attached: true } }, { subresource: "status" });
    await pass(cluster, 10);
    expect(await phase(cluster, "web")).toBe("Running");
  });

  it("what needs no attaching is not attached: shares, and directories of a node", async () => {
    const cluster = await start("aks");
    await create(cluster, CLAIMS, claim("data", { storageClassName: "azurefile-csi", accessModes: ["ReadWriteMany"] }));
    await create(cluster, PODS, pod("web", "data"));
    const spec = { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], storageClassName: "own", hostPath: { path: "/d" } };
    await create(cluster, VOLUMES, { apiVersion: "v1", kind: "PersistentVolume", metadata: { name: "own" }, spec });
    await create(cluster, CLAIMS, claim("own", { storageClassName: "own" }));
    await create(cluster, PODS, pod("own", "own"));
    await pass(cluster, 60);
    expect([await phase(cluster, "web"), await phase(cluster, "own")]).toEqual(["Running", "Running"]);
    expect(await listOf(cluster, ATTACHMENTS)).toEqual([]);
  });

  it("an attachment somebody made under a name of its own is left alone", async () => {
    const cluster = await start();
    const spec = { attacher: "csi.example.com", nodeName: "node-0", source: { persistentVolumeName: "none" } };
    await create(cluster, ATTACHMENTS, { apiVersion: "storage.k8s.io/v1", kind: "VolumeAttachment", metadata: { name: "own" }, spec });
    await pass(cluster, 600);
    expect((await listOf(cluster, ATTACHMENTS)).map((a) => a.metadata.name)).toEqual(["own"]);
  });

  it("a node's limit counts what is still attached", async () => {
    const cluster = await start("none");
    const driver = { name: "driver.longhorn.io", nodeID: "node-0", topologyKeys: [], allocatable: { count: 1 } };
    await create(cluster, ref("storage.k8s.io", "csinodes"), {
      apiVersion: "storage.k8s.io/v1",
      kind: "CSINode",
      metadata: { name: "node-0" },
      spec: { drivers: [driver] },
    });
    for (const name of ["a", "b"]) {
      const csi = { driver: driver.name, volumeHandle: name };
      const spec = { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], storageClassName: "own", csi };
      await create(cluster, VOLUMES, { apiVersion: "v1", kind: "PersistentVolume", metadata: { name }, spec });
      await create(cluster, CLAIMS, claim(name, { storageClassName: "own", volumeName: name }));
    }
    const there = (name: string): KubeObject => {
      const made = pod(name, name);
      made.spec.nodeSelector = { "kubernetes.io/hostname": "node-0" };
      return made;
    };
    await create(cluster, PODS, there("a"));
    await pass(cluster, 10);
    expect(await phase(cluster, "a")).toBe("Running");
    await patchNode(cluster, "node-0", { metadata: { annotations: { "simulate.mockube.dev/stopped": "true" } } });
    await force(cluster, "a");
    await create(cluster, PODS, there("b"));
    await pass(cluster, 10);
    const { spec, status } = await cluster.client.resource(PODS).get("default", "b");
    expect(spec.nodeName).toBeUndefined();
    expect(status.conditions[0].message).toContain("node(s) exceed max volume count");
    // the node comes back, finds the pod gone, and lets go
    await patchNode(cluster, "node-0", { metadata: { annotations: { "simulate.mockube.dev/stopped": null } } });
    await pass(cluster, 60);
    expect(await phase(cluster, "b")).toBe("Running");
  });
});
