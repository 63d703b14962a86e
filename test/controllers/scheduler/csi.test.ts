import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { schedulerController } from "../../../controllers/scheduler/index.js";
import { createVolumeController } from "../../../controllers/volume/index.js";
import { Cluster, claim, node, pod, storageClass, volume, withClaim } from "../volume/support.js";
import { bound, message, NO_VICTIMS, UNRESOLVABLE, type World } from "./support.js";

const DRIVER = "hostpath.csi.k8s.io";
const waits = (extra: object = {}) => storageClass("wait", DRIVER, { volumeBindingMode: "WaitForFirstConsumer", ...extra });
const asks = (storageCapacity = true) => ({ metadata: { name: DRIVER }, spec: { storageCapacity } });
const room = (name: string, extra: object) => ({ metadata: { name }, storageClassName: "wait", ...extra });
const on = (host: string) => ({ nodeTopology: { matchLabels: { "kubernetes.io/hostname": host } } });
const csiNode = (name: string, count: number | undefined, driver = DRIVER) => ({
  metadata: { name },
  spec: { drivers: [{ name: driver, nodeID: name, ...(count === undefined ? {} : { allocatable: { count } }) }] },
});
const csiVolume = (name: string, volumeHandle = name, driver = DRIVER) => volume(name, "1Gi", { hostPath: undefined, csi: { driver, volumeHandle } });
const attached = (name: string, persistentVolumeName: string, nodeName: string) => ({
  metadata: { name },
  spec: { attacher: DRIVER, nodeName, source: { persistentVolumeName } },
});

describe("#5.2 scheduler: storage that a driver tells of", () => {
  const world = (capacities: object[], extra: World = {}): World => ({
    claims: [claim("c", "5Gi", { storageClassName: "wait" })],
    classes: [waits()],
    drivers: [asks()],
    capacities,
    ...extra,
  });
  const FULL = `0/2 nodes are available: 2 node(s) did not have enough free storage. ${UNRESOLVABLE}`;
  it.each<[string, World, string]>([
    ["none told", world([]), FULL],
    ["too little everywhere", world([room("a", { capacity: "4Gi", nodeTopology: {} })]), FULL],
    ["a maximum below what is left", world([room("a", { capacity: "100Gi", maximumVolumeSize: "1Gi", nodeTopology: {} })]), FULL],
    ["nothing said of how much", world([room("a", { nodeTopology: {} })]), FULL],
    ["out of every node's reach", world([room("a", { capacity: "100Gi" })]), FULL],
    ["another class's", world([{ ...room("a", { capacity: "100Gi", nodeTopology: {} }), storageClassName: "other" }]), FULL],
    ["enough on one node", world([room("a", { capacity: "5Gi", ...on("node-1") }), room("b", { capacity: "1Gi", ...on("node-0") })]), "on node-1"],
    ["a driver that does not ask for it", world([], { drivers: [asks(false)] }), "on node-0"],
    ["a driver without an object", world([], { drivers: [] }), "on node-0"],
    [
      "a topology first",
      world([], { classes: [waits({ allowedTopologies: [{ matchLabelExpressions: [{ key: "zone", values: ["z"] }] }] })] }),
      `0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind. ${UNRESOLVABLE}`,
    ],
    [
      "a volume that is there already needs none",
      world([], { volumes: [{ ...volume("v", "9Gi", { storageClassName: "wait" }), status: { phase: "Available" } }] }),
      "on node-0",
    ],
  ])("%s", (_, facts, expected) => expect(message(pod("p", withClaim("c")), facts)).toBe(expected));
});

describe("#5.2 scheduler: how many volumes a node takes", () => {
  const both = (count: number | undefined, driver?: string) => [csiNode("node-0", count, driver), csiNode("node-1", count, driver)];
  const EXCEEDED = `0/2 nodes are available: 2 node(s) exceed max volume count. ${NO_VICTIMS}`;
  const world = (extra: World): World => ({
    claims: [bound("c", "v"), bound("d", "w"), bound("same", "v2")],
    volumes: [csiVolume("v"), csiVolume("w"), csiVolume("v2", "v")],
    ...extra,
  });
  const two = { volumes: ["c", "d"].map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })) };
  const everywhere = (claimName: string): World["placed"] => [
    [pod("a", withClaim(claimName)), "node-0"],
    [pod("b", withClaim(claimName)), "node-1"],
  ];
  it.each<[string, ReturnType<typeof pod>, World, string]>([
    ["as many as there is room for", pod("p", two), world({ csiNodes: both(2) }), "on node-0"],
    ["one too many", pod("p", two), world({ csiNodes: both(1) }), EXCEEDED],
    ["none at all", pod("p", withClaim("c")), world({ csiNodes: both(0) }), EXCEEDED],
    ["no limit told", pod("p", two), world({ csiNodes: both(undefined) }), "on node-0"],
    ["a node without an object", pod("p", two), world({ csiNodes: [csiNode("node-0", 1)] }), "on node-1"],
    ["another driver's limit", pod("p", two), world({ csiNodes: both(1, "other.example.com") }), "on node-0"],
    ["those of pods that are there", pod("p", withClaim("c")), world({ csiNodes: both(1), placed: everywhere("d") }), EXCEEDED],
    ["a volume counts once, whoever uses it", pod("p", withClaim("c")), world({ csiNodes: both(1), placed: everywhere("same") }), "on node-0"],
    [
      "what is attached still, though no pod is there",
      pod("p", withClaim("c")),
      world({ csiNodes: both(1), attachments: [attached("x", "w", "node-0")] }),
      "on node-1",
    ],
    [
      "attached for a pod that is counted",
      pod("p", withClaim("c")),
      world({ csiNodes: both(2), placed: everywhere("d"), attachments: [attached("x", "w", "node-0"), attached("y", "w", "node-1")] }),
      "on node-0",
    ],
    [
      "volumes that are still to be made",
      pod("p", two),
      {
        claims: ["c", "d"].map((name) => claim(name, "1Gi", { storageClassName: "wait" })),
        classes: [waits()],
        csiNodes: both(1),
      },
      EXCEEDED,
    ],
    [
      "an in-tree volume whose driver took over",
      pod("p", { volumes: [{ name: "e", awsElasticBlockStore: { volumeID: "aws://z/vol-1" } }] }),
      { csiNodes: both(0, "ebs.csi.aws.com") },
      EXCEEDED,
    ],
    [
      "a plugin that is not counted",
      pod("p", { volumes: [{ name: "f", azureFile: { shareName: "s" } }] }),
      { csiNodes: both(0, "file.csi.azure.com") },
      "on node-0",
    ],
  ])("%s", (_, p, facts, expected) => expect(message(p, facts)).toBe(expected));
});

describe("#5.2 scheduler: pods that wait for storage are tried again", () => {
  let cluster: Cluster;
  beforeEach(async () => {
    cluster = new Cluster();
    cluster.start(createVolumeController({ volumesDir: await cluster.volumesDir() }), schedulerController);
    cluster.create("nodes", node("node-0"));
    cluster.create("storageclasses", waits());
    cluster.create("persistentvolumeclaims", claim("c", "5Gi", { storageClassName: "wait" }));
  });
  afterEach(() => cluster.close());
  const where = (name: string): string | undefined => cluster.find("pods", name)?.spec.nodeName;
  const why = (): string | undefined => cluster.get("pods", "p").status.conditions?.find((c: { type: string }) => c.type === "PodScheduled")?.message;

  it("when a driver tells of more", async () => {
    cluster.create("csidrivers", asks());
    cluster.create("csistoragecapacities", room("a", { capacity: "1Gi", nodeTopology: {} }), "kube-system");
    cluster.create("pods", pod("p", withClaim("c")));
    await cluster.settle();
    expect(why()).toMatch(/^0\/1 nodes are available: 1 node\(s\) did not have enough free storage\./);
    cluster.change("csistoragecapacities", "a", (c) => Object.assign(c, { capacity: "10Gi" }), "kube-system");
    await cluster.settle();
    expect(where("p")).toBe("node-0");
    expect(cluster.get("persistentvolumeclaims", "c").status.phase).toBe("Bound");
  });

  it("when a node takes more, and when another pod is gone", async () => {
    cluster.create("csinodes", csiNode("node-0", 0));
    cluster.create("persistentvolumeclaims", claim("d", "1Gi", { storageClassName: "wait" }));
    cluster.create("pods", pod("p", withClaim("c")));
    await cluster.settle();
    expect(why()).toMatch(/^0\/1 nodes are available: 1 node\(s\) exceed max volume count\./);
    cluster.change("csinodes", "node-0", (n) => {
      n.spec.drivers[0].allocatable.count = 1;
    });
    await cluster.settle();
    expect(where("p")).toBe("node-0");
    cluster.create("pods", pod("q", withClaim("d")));
    await cluster.settle();
    expect(where("q")).toBeUndefined();
    cluster.delete("pods", "p");
    await cluster.settle();
    expect(where("q")).toBe("node-0");
  });
});
