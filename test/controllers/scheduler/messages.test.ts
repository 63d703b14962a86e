import { describe, expect, it } from "vitest";
import { claim, node, pod, storageClass, volume, withClaim } from "../volume/support.js";
import { bound, message, NO_VICTIMS, only, type Placed, plan, UNRESOLVABLE, type World } from "./support.js";

const wants = (requests: object) => ({ containers: [{ name: "c", image: "x", resources: { requests } }] });
const affinity = (kind: string, term: object) => ({ affinity: { [kind]: { requiredDuringSchedulingIgnoredDuringExecution: term } } });
const near = { labelSelector: { matchLabels: { app: "a" } }, topologyKey: "kubernetes.io/hostname" };

describe("#3.3 scheduler: what it says when nothing fits", () => {
  const first = pod("first", { containers: [{ name: "c", image: "x", ports: [{ containerPort: 80, hostPort: 8080 }] }] });
  it.each<[string, ReturnType<typeof pod>, World, string]>([
    ["no nodes", pod("p"), { nodes: [] }, "no nodes available to schedule pods"],
    ["more than any node has", pod("p", wants({ cpu: "100" })), {}, `0/2 nodes are available: 2 Insufficient cpu. ${UNRESOLVABLE}`],
    [
      "two resources",
      pod("p", wants({ cpu: "100", memory: "1Ti" })),
      {},
      `0/2 nodes are available: 2 Insufficient cpu, 2 Insufficient memory. ${UNRESOLVABLE}`,
    ],
    ["an extended resource", pod("p", wants({ "example.com/gpu": 1 })), {}, `0/2 nodes are available: 2 Insufficient example.com/gpu. ${UNRESOLVABLE}`],
    [
      "what others use, none of them lesser",
      pod("p", wants({ cpu: "3" })),
      {
        placed: [
          [pod("a", wants({ cpu: "2" })), "node-0"],
          [pod("b", wants({ cpu: "2" })), "node-1"],
        ],
      },
      `0/2 nodes are available: 2 Insufficient cpu. ${NO_VICTIMS}`,
    ],
    [
      "full of pods",
      pod("p"),
      { nodes: [node("node-0", { pods: "0" }), node("node-1", { pods: "0" })] },
      `0/2 nodes are available: 2 Too many pods. ${NO_VICTIMS}`,
    ],
    [
      "a selector",
      pod("p", { nodeSelector: { disk: "ssd" } }),
      {},
      `0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector. ${UNRESOLVABLE}`,
    ],
    [
      "node affinity",
      pod(
        "p",
        affinity("nodeAffinity", {
          nodeSelectorTerms: [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "NotIn", values: ["node-0", "node-1"] }] }],
        }),
      ),
      {},
      `0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector. ${UNRESOLVABLE}`,
    ],
    [
      "cordoned and tainted",
      pod("p"),
      { nodes: [node("node-0", { spec: { unschedulable: true } }), node("node-1", { spec: { taints: [{ key: "k", value: "v", effect: "NoSchedule" }] } })] },
      `0/2 nodes are available: 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable. ${UNRESOLVABLE}`,
    ],
    [
      "a port taken here, a selector there",
      pod("p", { ...first.spec, nodeSelector: { "kubernetes.io/hostname": "node-0" } }),
      { placed: [[first, "node-0"]] },
      "0/2 nodes are available: 1 node(s) didn't have free ports for the requested pod ports, 1 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.",
    ],
    [
      "affinity to nobody",
      pod("p", affinity("podAffinity", [near])),
      {},
      `0/2 nodes are available: 2 node(s) didn't match pod affinity rules. ${UNRESOLVABLE}`,
    ],
    [
      "anti-affinity",
      pod("p", affinity("podAntiAffinity", [near])),
      {
        placed: [
          [pod("a", {}, { app: "a" }), "node-0"],
          [pod("b", {}, { app: "a" }), "node-1"],
        ],
      },
      `0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules. ${NO_VICTIMS}`,
    ],
    [
      "kept away by those who are there",
      pod("p", {}, { app: "a" }),
      {
        placed: [
          [pod("a", affinity("podAntiAffinity", [near])), "node-0"],
          [pod("b", affinity("podAntiAffinity", [near])), "node-1"],
        ],
      },
      `0/2 nodes are available: 2 node(s) didn't satisfy existing pods anti-affinity rules. ${NO_VICTIMS}`,
    ],
    [
      "a spread that allows one node only",
      pod(
        "p",
        { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule", labelSelector: { matchLabels: { app: "a" } } }] },
        { app: "a" },
      ),
      { nodes: [node("node-0", { labels: { zone: "a" } }), node("node-1")], placed: [[pod("x", {}, { app: "a" }), "node-0"]] },
      "on node-0",
    ],
    [
      "spread without the label",
      pod("p", { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "rack", whenUnsatisfiable: "DoNotSchedule", labelSelector: {} }] }),
      {},
      `0/2 nodes are available: 2 node(s) didn't match pod topology spread constraints (missing required label). ${UNRESOLVABLE}`,
    ],
    [
      "preemption it may not use",
      pod("p", { ...wants({ cpu: "100" }), preemptionPolicy: "Never" }),
      {},
      "0/2 nodes are available: 2 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.",
    ],
    [
      "a node by name that is not there",
      pod("p", affinity("nodeAffinity", { nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["gone"] }] }] })),
      {},
      `0/2 nodes are available: 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. ${UNRESOLVABLE}`,
    ],
    ["a claim that is missing", pod("p", withClaim("c")), {}, '0/2 nodes are available: persistentvolumeclaim "c" not found. not found'],
    [
      "an unbound claim",
      pod("p", withClaim("c")),
      { claims: [claim("c")] },
      "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found",
    ],
    [
      "a claim being deleted",
      pod("p", withClaim("c")),
      { claims: [{ ...claim("c"), metadata: { name: "c", deletionTimestamp: "2024-01-01T00:00:00Z" } }] },
      '0/2 nodes are available: persistentvolumeclaim "c" is being deleted. not found',
    ],
    [
      "a lost claim",
      pod("p", withClaim("c")),
      { claims: [{ ...bound("c", "l"), status: { phase: "Lost" } }] },
      '0/2 nodes are available: persistentvolumeclaim "c" bound to non-existent persistentvolume "l". not found',
    ],
    [
      "a volume elsewhere",
      pod("p", withClaim("c", { nodeSelector: { "kubernetes.io/hostname": "node-0" } })),
      { claims: [bound("c", "v")], volumes: [volume("v", "1Gi", only("node-1"))] },
      `0/2 nodes are available: 1 node(s) didn't match PersistentVolume's node affinity, 1 node(s) didn't match Pod's node affinity/selector. ${UNRESOLVABLE}`,
    ],
    [
      "nothing to bind",
      pod("p", withClaim("c")),
      {
        claims: [claim("c", "1Gi", { storageClassName: "wait" })],
        classes: [storageClass("wait", "kubernetes.io/no-provisioner", { volumeBindingMode: "WaitForFirstConsumer" })],
      },
      `0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind. ${UNRESOLVABLE}`,
    ],
    [
      "ReadWriteOncePod in use",
      pod("p", withClaim("c")),
      { claims: [bound("c", "v", { accessModes: ["ReadWriteOncePod"] })], volumes: [volume("v")], placed: [[pod("a", withClaim("c")), "node-0"]] },
      `0/2 nodes are available: 2 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod. ${NO_VICTIMS}`,
    ],
  ])("%s", (_, p, world, expected) => expect(message(p, world)).toBe(expected));
});

describe("#3.3 scheduler: what fits", () => {
  it.each<[string, ReturnType<typeof pod>, World, string]>([
    [
      "a taint that is tolerated",
      pod("p", { tolerations: [{ operator: "Exists" }] }),
      { nodes: [node("node-0", { spec: { unschedulable: true, taints: [{ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" }] } })] },
      "on node-0",
    ],
    ["the first of a group that likes itself", pod("p", affinity("podAffinity", [near]), { app: "a" }), {}, "on node-0"],
    ["the node where its friend is", pod("p", affinity("podAffinity", [near])), { placed: [[pod("a", {}, { app: "a" }), "node-1"]] }, "on node-1"],
    ["the node its volume is on", pod("p", withClaim("c")), { claims: [bound("c", "v")], volumes: [volume("v", "1Gi", only("node-1"))] }, "on node-1"],
    ["the emptier node", pod("p"), { placed: [[pod("a"), "node-0"]] }, "on node-1"],
    [
      "a preferred node before an emptier one",
      pod("p", {
        affinity: {
          nodeAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 1, preference: { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: ["node-0"] }] } },
            ],
          },
        },
      }),
      { placed: [[pod("a"), "node-0"]] },
      "on node-0",
    ],
    [
      "a node with room for a sidecar's port only elsewhere",
      pod("p", { containers: [{ name: "c", ports: [{ containerPort: 1, hostPort: 80 }] }] }),
      { placed: [[pod("a", { containers: [{ name: "c", ports: [{ containerPort: 1, hostPort: 80, hostIP: "10.0.0.1" }] }] }), "node-0"]] },
      "on node-1",
    ],
  ])("%s", (_, p, world, expected) => expect(message(p, world)).toBe(expected));

  it("chooses with the node a volume for the claim that waited, the smallest that the node may use", () => {
    const result = plan(pod("p", withClaim("c")), {
      claims: [claim("c", "1Gi", { storageClassName: "wait" })],
      classes: [storageClass("wait", "kubernetes.io/no-provisioner", { volumeBindingMode: "WaitForFirstConsumer" })],
      volumes: [
        { ...volume("big", "9Gi", { storageClassName: "wait", ...only("node-1") }), status: { phase: "Available" } },
        { ...volume("fit", "2Gi", { storageClassName: "wait", ...only("node-1") }), status: { phase: "Available" } },
      ],
    });
    expect(result).toMatchObject({ node: { name: "node-1" }, choice: { bindings: [{ volume: { metadata: { name: "fit" } } }], provisions: [] } });
  });

  it("pods of one owner spread over nodes and zones", () => {
    const zones = ["a", "a", "b"].map((zone, i) => node(`node-${i}`, { labels: { "topology.kubernetes.io/zone": zone } }));
    const owned = (name: string) =>
      ({
        ...pod(name),
        metadata: { name, ownerReferences: [{ apiVersion: "apps/v1", kind: "StatefulSet", name: "web", uid: "set", controller: true }] },
      }) as unknown as ReturnType<typeof pod>;
    const placed: Placed[] = [];
    for (let i = 0; i < 4; i++) {
      const result = plan(owned(`web-${i}`), { nodes: zones, placed });
      if ("message" in result) throw new Error(result.message);
      placed.push([owned(`web-${i}`), result.node.name]);
    }
    const where = placed.map(([, n]) => n);
    expect(new Set(where.slice(0, 3)).size).toBe(3);
    expect(where.filter((n) => n === "node-2").length).toBeGreaterThanOrEqual(1);
  });
});

describe("#4.1 scheduler: pods that claim devices", () => {
  const user = pod("p", { containers: [{ name: "c", image: "x" }], resourceClaims: [{ name: "gpu", resourceClaimName: "c" }] });
  const devices = (status: object, requests: object[] = [{ name: "r", exactly: { deviceClassName: "gpu" } }]) => [
    { metadata: { name: "c", namespace: "default" }, spec: { devices: { requests } }, status },
  ];
  const on = (name: string) => ({
    allocation: { nodeSelector: { nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: [name] }] }] } },
  });
  const HELPLESS = "preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.";
  const either = [
    {
      name: "f",
      firstAvailable: [
        { name: "a", deviceClassName: "gpu" },
        { name: "b", deviceClassName: "fpga" },
      ],
    },
  ];
  it.each<[string, World, string]>([
    [
      "nothing is allocated",
      { devices: devices({}), deviceClasses: ["gpu"] },
      `0/2 nodes are available: 2 cannot allocate all claims. still not schedulable, ${HELPLESS}`,
    ],
    ["a class is not there", { devices: devices({}) }, `0/2 nodes are available: request r: device class gpu does not exist. ${UNRESOLVABLE}`],
    [
      "one of two is not",
      { devices: devices({}, either), deviceClasses: ["gpu"] },
      `0/2 nodes are available: request f/b: device class fpga does not exist. ${UNRESOLVABLE}`,
    ],
    ["it is allocated anywhere", { devices: devices({ allocation: {} }) }, "on node-"],
    ["it is allocated on one node", { devices: devices(on("node-1")) }, "on node-1"],
    [
      "it is allocated where no node is",
      { devices: devices(on("node-9")) },
      `0/2 nodes are available: 2 resourceclaim not available on the node. still not schedulable, ${HELPLESS}`,
    ],
  ])("%s", (_, world, said) => {
    expect(message(user, world).slice(0, said.length)).toBe(said);
  });
});
