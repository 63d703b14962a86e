import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { schedulerController } from "../../../controllers/scheduler/index.js";
import { createVolumeController } from "../../../controllers/volume/index.js";
import { Cluster, claim, node, pod, storageClass, volume, withClaim } from "../volume/support.js";

let cluster: Cluster;
beforeEach(async () => {
  cluster = new Cluster();
  cluster.start(createVolumeController({ volumesDir: await cluster.volumesDir() }), schedulerController);
});
afterEach(() => cluster.close());
const add = async (resource: string, ...objects: Parameters<Cluster["create"]>[1][]): Promise<void> => {
  for (const object of objects) cluster.create(resource, object);
  await cluster.settle();
};
const where = (name: string): string | undefined => cluster.find("pods", name)?.spec.nodeName;
const scheduled = (name: string): KubeCondition | undefined =>
  cluster.get("pods", name).status.conditions?.find((c: KubeCondition) => c.type === "PodScheduled");
interface KubeCondition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  observedGeneration?: number;
}

describe("#3.3 scheduler: told as stories", () => {
  it("binds a pod and says so in an Event of the newer kind", async () => {
    await add("nodes", node("node-0"));
    await add("pods", pod("p"));
    expect(where("p")).toBe("node-0");
    const [event] = cluster.list("events");
    expect(event).toMatchObject({
      reason: "Scheduled",
      message: "Successfully assigned default/p to node-0",
      type: "Normal",
      action: "Binding",
      reportingComponent: "default-scheduler",
      source: {},
    });
    expect(event).not.toHaveProperty("count");
  });

  it("leaves pods alone that name another scheduler, are gated, or have a node", async () => {
    await add("nodes", node("node-0"));
    await add("pods", pod("other", { schedulerName: "mine" }), pod("gated", { schedulingGates: [{ name: "g" }] }), pod("fixed", { nodeName: "nowhere" }));
    expect([where("other"), where("gated"), where("fixed")]).toEqual([undefined, undefined, "nowhere"]);
    expect(cluster.list("events")).toEqual([]);
    cluster.change("pods", "gated", (p) => {
      p.spec.schedulingGates = [];
    });
    await cluster.settle();
    expect(where("gated")).toBe("node-0");
  });

  it("says why on the pod, and tries again when a node comes", async () => {
    await add("pods", pod("p"));
    expect(scheduled("p")).toMatchObject({ status: "False", reason: "Unschedulable", message: "no nodes available to schedule pods", observedGeneration: 1 });
    expect(cluster.events("p")).toEqual(["FailedScheduling: no nodes available to schedule pods"]);
    await add("nodes", node("node-0"));
    expect(where("p")).toBe("node-0");
  });

  it("tries again when a pod leaves, and by priority", async () => {
    const half = { containers: [{ name: "c", resources: { requests: { cpu: "3" } } }] };
    await add("nodes", node("node-0"));
    await add("pods", pod("first", half));
    await add("pods", pod("low", { ...half, priority: 1 }));
    await add("pods", pod("high", { ...half, priority: 2 }));
    expect(where("low")).toBeUndefined();
    cluster.delete("pods", "first");
    await cluster.settle();
    expect([where("low"), where("high")]).toEqual([undefined, "node-0"]);
    cluster.change("pods", "high", (p) => {
      p.status.phase = "Succeeded";
    });
    await cluster.settle();
    expect(where("low")).toBe("node-0");
  });

  it("a node's heartbeat moves nobody; lifting a taint does", async () => {
    await add("nodes", node("node-0", { spec: { taints: [{ key: "k", effect: "NoSchedule" }] } }));
    await add("pods", pod("p"));
    const writes = cluster.writes.length;
    cluster.change("nodes", "node-0", (n) => {
      n.status.conditions = [{ type: "Ready", status: "True" }];
    });
    await cluster.settle();
    expect(cluster.writes.length).toBe(writes);
    cluster.change("nodes", "node-0", (n) => {
      n.spec.taints = [];
    });
    await cluster.settle();
    expect(where("p")).toBe("node-0");
  });

  it("a pod waits for a claim that is missing, then for its binding", async () => {
    await add("nodes", node("node-0"));
    await add("storageclasses", storageClass("gp2"));
    await add("pods", pod("p", withClaim("c")));
    expect(scheduled("p")?.message).toBe('0/1 nodes are available: persistentvolumeclaim "c" not found. not found');
    await add("persistentvolumeclaims", claim("c", "1Gi", { storageClassName: "gp2" }));
    expect(where("p")).toBe("node-0");
  });

  it("a claim that is served while its pod already waits costs the pod no back-off", async () => {
    await add("nodes", node("node-0", { labels: { "topology.kubernetes.io/zone": "z" } }));
    await add("storageclasses", storageClass("standard", "kubernetes.io/gce-pd"));
    cluster.create("persistentvolumeclaims", claim("c", "1Gi", { storageClassName: "standard" }));
    await add("pods", pod("p", withClaim("c")));
    expect(where("p")).toBe("node-0");
    expect(cluster.events("p").filter((e) => e.startsWith("FailedScheduling")).length).toBeLessThanOrEqual(1);
  });

  it("a local volume decides the node for the claim that waits for its first consumer", async () => {
    await add("nodes", node("node-0"), node("node-1"));
    await add("storageclasses", storageClass("wait", "kubernetes.io/no-provisioner", { volumeBindingMode: "WaitForFirstConsumer" }));
    const nodeAffinity = { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: ["node-1"] }] }] } };
    await add("persistentvolumes", volume("w1", "2Gi", { storageClassName: "wait", hostPath: undefined, local: { path: "/mnt" }, nodeAffinity }));
    await add("persistentvolumeclaims", claim("c", "1Gi", { storageClassName: "wait" }), claim("d", "1Gi", { storageClassName: "wait" }));
    expect(cluster.get("persistentvolumeclaims", "c").status.phase).toBe("Pending");
    await add("pods", pod("user", withClaim("c")), pod("none", withClaim("d")));
    expect(where("user")).toBe("node-1");
    expect(cluster.get("persistentvolumeclaims", "c").spec.volumeName).toBe("w1");
    expect(cluster.get("persistentvolumes", "w1").metadata.annotations).toEqual({ "pv.kubernetes.io/bound-by-controller": "yes" });
    expect(cluster.events("d")).toEqual([
      "WaitForFirstConsumer: waiting for first consumer to be created before binding",
      "WaitForPodScheduled: waiting for pod none to be scheduled",
    ]);
  });

  it("with a provisioner that does not answer the pod is nominated and nothing more, at rest, until the volume is there", async () => {
    await add("nodes", node("node-0"), node("node-1"));
    await add("storageclasses", storageClass("csi", "csi.example.com", { volumeBindingMode: "WaitForFirstConsumer" }));
    await add("persistentvolumeclaims", claim("c", "1Gi", { storageClassName: "csi" }));
    await add("pods", pod("user", withClaim("c", { nodeSelector: { "kubernetes.io/hostname": "node-1" } })));
    expect(cluster.get("pods", "user").status).toEqual({ phase: "Pending", nominatedNodeName: "node-1" });
    expect(cluster.get("persistentvolumeclaims", "c").metadata.annotations).toHaveProperty(["volume.kubernetes.io/selected-node"], "node-1");
    expect(cluster.events("user")).toEqual([]);
    await add(
      "persistentvolumes",
      volume("made", "1Gi", {
        storageClassName: "csi",
        claimRef: { namespace: "default", name: "c" },
        hostPath: undefined,
        csi: { driver: "csi.example.com", volumeHandle: "h" },
      }),
    );
    expect(where("user")).toBe("node-1");
  });

  it("takes a choice back whose volume could not be made, and chooses again", async () => {
    await add("nodes", node("node-0"));
    await add("storageclasses", storageClass("csi", "csi.example.com", { volumeBindingMode: "WaitForFirstConsumer" }));
    await add("persistentvolumeclaims", claim("c", "1Gi", { storageClassName: "csi" }));
    await add("pods", pod("user", withClaim("c")));
    cluster.change("persistentvolumeclaims", "c", (c) => {
      c.metadata.annotations = { ...c.metadata.annotations, "volume.kubernetes.io/selected-node": "" };
    });
    await cluster.settle();
    expect(scheduled("user")).toMatchObject({
      reason: "SchedulerError",
      message: 'running PreBind plugin "VolumeBinding": binding volumes: provisioning failed for PVC "c"',
    });
    expect(cluster.get("pods", "user").status.nominatedNodeName).toBeUndefined();
  });

  it("a pod deleted while its volume is awaited leaves its place", async () => {
    const full = { containers: [{ name: "c", resources: { requests: { cpu: "4" } } }] };
    await add("nodes", node("node-0"));
    await add("storageclasses", storageClass("csi", "csi.example.com", { volumeBindingMode: "WaitForFirstConsumer" }));
    await add("persistentvolumeclaims", claim("c", "1Gi", { storageClassName: "csi" }));
    await add("pods", pod("user", withClaim("c", full)));
    await add("pods", pod("next", full));
    expect(where("next")).toBeUndefined();
    cluster.delete("pods", "user");
    await cluster.settle();
    expect(where("next")).toBe("node-0");
  });

  it("a thousand pods on ten nodes, evenly, in well under a second", async () => {
    await add("nodes", ...Array.from({ length: 10 }, (_, i) => node(`node-${i}`, { cpu: "64", memory: "256Gi", pods: "110" })));
    const begin = performance.now();
    await add("pods", ...Array.from({ length: 1000 }, (_, i) => pod(`p-${i}`, { containers: [{ name: "c", resources: { requests: { cpu: "100m" } } }] })));
    const took = performance.now() - begin;
    const per = new Map<string, number>();
    for (const p of cluster.list("pods")) per.set(p.spec.nodeName, (per.get(p.spec.nodeName) ?? 0) + 1);
    expect([...per.values()]).toEqual(Array(10).fill(100));
    expect(took).toBeLessThan(1500);
  });
});
