import { describe, expect, it } from "vitest";
import { planMirror } from "../../../controllers/endpointslice/mirrorplan.js";
import { planSlices, podEndpoint, podPorts } from "../../../controllers/endpointslice/plan.js";
import type { EndpointSlice } from "../../../controllers/endpointslice/slices.js";
import { dumpSlicePort, dumpSubset, dumpSubsetPort, fnv128a } from "../../../controllers/runtime/endpoints/hash.js";
import { TriggerTimes } from "../../../controllers/runtime/endpoints/pods.js";
import type { KubeObject } from "../../../kinds/object.js";

const service = (spec: object = {}, meta: object = {}): KubeObject => ({
  metadata: { name: "s", namespace: "d", uid: "svc", creationTimestamp: "2025-01-01T00:00:00Z", ...meta },
  spec: { selector: { app: "x" }, clusterIP: "None", ipFamilies: ["IPv4"], ports: [{ name: "web", port: 80, protocol: "TCP" }], ...spec },
});
const pod = (name: string, more: { ready?: boolean; spec?: object; meta?: object; ip?: string; phase?: string; since?: string } = {}): KubeObject => ({
  metadata: { name, namespace: "d", uid: `uid-${name}`, labels: { app: "x" }, ...more.meta },
  spec: { nodeName: "node-0", containers: [{ name: "c", ports: [{ name: "http", containerPort: 8080, protocol: "TCP" }] }], ...more.spec },
  status: {
    phase: more.phase ?? "Running",
    ...(more.ip === "" ? {} : { podIP: more.ip ?? "10.244.0.2", podIPs: [{ ip: more.ip ?? "10.244.0.2" }] }),
    conditions: [{ type: "Ready", status: more.ready === false ? "False" : "True", lastTransitionTime: more.since ?? "2025-01-01T00:00:05Z" }],
  },
});
const node: KubeObject = { metadata: { name: "node-0", labels: { "topology.kubernetes.io/zone": "zone-0" } } };
const plan = (s: KubeObject, pods: KubeObject[], existing: EndpointSlice[] = [], maxEndpoints?: number) =>
  planSlices({ service: s, pods, node: (name) => (name === "node-0" ? node : undefined), existing, maxEndpoints });
const stored = (slice: EndpointSlice, name: string): EndpointSlice => ({ ...slice, metadata: { ...slice.metadata, name } });
const many = (count: number): KubeObject[] => Array.from({ length: count }, (_, i) => pod(`p${i}`, { ip: `10.244.0.${i + 2}` }));

describe("#3.3 endpoint slices: order", () => {
  // Golden values: what Go's dump and hash make of the structs.
  it.each([
    [dumpSlicePort({ name: "web", port: 80, protocol: "TCP" }), "60c608a500f548edbe82f00f685546ab"],
    [dumpSlicePort({ name: "raw", port: 81, protocol: "UDP", appProtocol: "h2c" }), "476859843ad8bdd2093569f0781ef7b8"],
    [dumpSubsetPort({ name: "web", port: 80, protocol: "TCP" }), "4e918bd4471a3f422d802f2c182b5001"],
    [dumpSubsetPort({ name: "web", port: 80, protocol: "TCP", appProtocol: "x" }), "61fc27e03c88aeeb366a1dbe9834567c"],
    [
      dumpSubset({
        addresses: [{ ip: "10.0.0.1", nodeName: "node-0", targetRef: { kind: "Pod", namespace: "d", name: "web-0", uid: "u1" } }],
        ports: [
          { name: "web", port: 80, protocol: "TCP" },
          { port: 81, protocol: "UDP" },
        ],
      }),
      "598087afd69cd4fc93302ad07ffab925",
    ],
  ])("%s", (dump, hash) => {
    expect(fnv128a(dump)).toBe(hash);
  });
  it("sorts ports by hash, not as the service has them", () => {
    const s = service({
      ports: [
        { name: "web", port: 80, targetPort: "http", protocol: "TCP" },
        { name: "raw", port: 81, protocol: "UDP" },
      ],
    });
    expect(podPorts(s, pod("a"))).toEqual([
      { name: "raw", port: 81, protocol: "UDP" },
      { name: "web", port: 8080, protocol: "TCP" },
    ]);
  });
  it("resolves names of ports in sidecars, and leaves out what a pod lacks", () => {
    const s = service({
      ports: [
        { name: "a", port: 1, targetPort: "side", protocol: "TCP" },
        { name: "b", port: 2, targetPort: "none", protocol: "TCP" },
      ],
    });
    const side = (restartPolicy?: string) =>
      pod("a", { spec: { initContainers: [{ name: "i", restartPolicy, ports: [{ name: "side", containerPort: 9, protocol: "TCP" }] }] } });
    expect(podPorts(s, side("Always"))).toEqual([{ name: "a", port: 9, protocol: "TCP" }]);
    expect(podPorts(s, side())).toEqual([]);
  });
});

describe("#3.3 endpoint slices: endpoints", () => {
  it("says where a pod is and how it does", () => {
    const named = pod("web-0", { spec: { hostname: "web-0", subdomain: "s" } });
    expect(podEndpoint(named, node, service(), "IPv4")).toEqual({
      addresses: ["10.244.0.2"],
      conditions: { ready: true, serving: true, terminating: false },
      hostname: "web-0",
      targetRef: { kind: "Pod", namespace: "d", name: "web-0", uid: "uid-web-0" },
      nodeName: "node-0",
      zone: "zone-0",
    });
  });
  it.each([
    ["ready", pod("a"), {}, { ready: true, serving: true, terminating: false }],
    ["unready", pod("a", { ready: false }), {}, { ready: false, serving: false, terminating: false }],
    ["unready, published", pod("a", { ready: false }), { publishNotReadyAddresses: true }, { ready: true, serving: false, terminating: false }],
    ["terminating", pod("a", { meta: { deletionTimestamp: "x" } }), {}, { ready: false, serving: true, terminating: true }],
    [
      "terminating, published",
      pod("a", { meta: { deletionTimestamp: "x" } }),
      { publishNotReadyAddresses: true },
      { ready: true, serving: true, terminating: true },
    ],
  ])("conditions of a pod that is %s", (_, p, spec, conditions) => {
    expect(podEndpoint(p, node, service(spec), "IPv4").conditions).toEqual(conditions);
  });
});

describe("#3.3 endpoint slices: plan", () => {
  it("makes an empty slice for a service without pods", () => {
    const { create, update, delete: gone } = plan(service({}, { labels: { team: "a", "kubernetes.io/service-name": "forged" } }), []);
    expect([update, gone]).toEqual([[], []]);
    expect(create).toEqual([
      {
        apiVersion: "discovery.k8s.io/v1",
        kind: "EndpointSlice",
        metadata: {
          generateName: "s-",
          namespace: "d",
          labels: {
            team: "a",
            "service.kubernetes.io/headless": "",
            "kubernetes.io/service-name": "s",
            "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
          },
          ownerReferences: [{ apiVersion: "v1", kind: "Service", name: "s", uid: "svc", controller: true, blockOwnerDeletion: true }],
        },
        addressType: "IPv4",
        endpoints: null,
        ports: null,
      },
    ]);
    expect(plan(service({}, { labels: { team: "a" } }), [], [stored(create[0], "s-1")])).toMatchObject({ create: [], update: [], delete: [] });
  });
  it("turns the empty slice into the first full one, and back", () => {
    const empty = stored(plan(service(), []).create[0], "s-1");
    const full = plan(service(), [pod("a")], [empty]);
    expect(full).toMatchObject({ create: [], delete: [], update: [{ metadata: { name: "s-1" }, ports: [{ name: "web", port: 80 }] }] });
    expect(full.update[0].metadata.generateName).toBe("s-");
    const again = plan(service(), [], [full.update[0]]);
    expect(again).toMatchObject({ create: [], delete: [], update: [{ metadata: { name: "s-1" }, endpoints: null, ports: null }] });
  });
  it("leaves out finished pods and those without an address", () => {
    expect(plan(service(), [pod("a", { phase: "Succeeded" }), pod("b", { ip: "" })]).create[0].endpoints).toBeNull();
  });
  it("writes nothing when all is as it should be, and only the slice that changed otherwise", () => {
    const pods = many(5);
    const slices = plan(service(), pods, [], 3).create.map((s, i) => stored(s, `s-${i}`));
    expect(slices.map((s) => s.endpoints?.length)).toEqual([3, 2]);
    expect(plan(service(), pods, slices, 3)).toMatchObject({ create: [], update: [], delete: [] });
    const unready = pods.map((p, i) => (i === 4 ? pod("p4", { ready: false, ip: "10.244.0.6" }) : p));
    expect(plan(service(), unready, slices, 3)).toMatchObject({ create: [], delete: [], update: [{ metadata: { name: "s-1" } }] });
  });
  it("fills the slice with room before it makes another", () => {
    const slices = plan(service(), many(5), [], 3).create.map((s, i) => stored(s, `s-${i}`));
    const six = plan(service(), many(6), slices, 3);
    expect(six).toMatchObject({ create: [], delete: [], update: [{ metadata: { name: "s-1" } }] });
    expect(six.update[0].endpoints?.length).toBe(3);
    expect(plan(service(), many(8), slices, 3)).toMatchObject({ create: [{ endpoints: [{}, {}, {}] }], delete: [], update: [] });
  });
  it("holds a hundred in a slice", () => {
    expect(plan(service(), many(250)).create.map((s) => s.endpoints?.length)).toEqual([100, 100, 50]);
  });
  it("follows the service's labels", () => {
    const slice = stored(plan(service(), [pod("a")]).create[0], "s-1");
    const next = plan(service({}, { labels: { team: "b" } }), [pod("a")], [slice]);
    expect(next.update).toMatchObject([{ metadata: { name: "s-1", labels: { team: "b" } } }]);
  });
  it("keeps slices apart whose pods offer different ports", () => {
    const s = service({ ports: [{ name: "web", port: 80, targetPort: "http", protocol: "TCP" }] });
    const other = pod("b", { spec: { containers: [{ name: "c", ports: [{ name: "http", containerPort: 9090, protocol: "TCP" }] }] } });
    expect(plan(s, [pod("a"), other]).create.map((x) => x.ports?.[0]?.port)).toEqual([8080, 9090]);
  });
  it("skips pods of missing nodes and says so, unless all are published", () => {
    const lost = pod("a", { spec: { nodeName: "node-9" } });
    expect(plan(service(), [lost]).errors).toEqual(["skipping Pod a for Service d/s: Node node-9 Not Found"]);
    expect(plan(service({ publishNotReadyAddresses: true }), [lost])).toMatchObject({ errors: [], create: [{ endpoints: [{ nodeName: "node-9" }] }] });
  });
  it("does not take over slices of an earlier service of the same name", () => {
    const old = stored(plan(service({}, { uid: "old" }), [pod("a")]).create[0], "s-old");
    expect(plan(service(), [pod("a")], [old])).toMatchObject({
      update: [],
      create: [{ metadata: { generateName: "s-" } }],
      delete: [{ metadata: { name: "s-old" } }],
    });
  });
  it("gives hints by zone, and by node where asked, and takes them away again", () => {
    const s = service({ trafficDistribution: "PreferSameNode" });
    const { create } = plan(s, [pod("a"), pod("b", { ready: false, ip: "10.244.0.9" })]);
    expect(create[0].endpoints?.map((e) => e.hints)).toEqual([{ forZones: [{ name: "zone-0" }], forNodes: [{ name: "node-0" }] }, undefined]);
    const slice = stored(create[0], "s-1");
    expect(plan(s, [pod("a"), pod("b", { ready: false, ip: "10.244.0.9" })], [slice]).update).toEqual([]);
    expect(plan(service(), [pod("a"), pod("b", { ready: false, ip: "10.244.0.9" })], [slice]).update[0].endpoints?.map((e) => e.hints)).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe("#3.3 endpoint slices: what set it off", () => {
  it("is the service at first, then the least of what moved, then nothing", () => {
    const times = new TriggerTimes();
    expect(times.next("d/s", service(), [pod("a")])).toBe("2025-01-01T00:00:00Z");
    expect(times.next("d/s", service(), [pod("a"), pod("b", { since: "2025-01-01T00:00:09Z" })])).toBe("2025-01-01T00:00:09Z");
    expect(times.next("d/s", service(), [pod("a"), pod("b", { since: "2025-01-01T00:00:09Z" })])).toBeUndefined();
  });
});

describe("#3.3 endpoint slices: mirrored from Endpoints", () => {
  const endpoints: KubeObject = {
    metadata: {
      name: "ext",
      namespace: "d",
      uid: "ep",
      labels: { mine: "yes" },
      annotations: { a: "b", "kubectl.kubernetes.io/last-applied-configuration": "{}" },
    },
    subsets: [
      { addresses: [{ ip: "192.168.7.7", hostname: "db" }], notReadyAddresses: [{ ip: "192.168.7.8" }], ports: [{ name: "db", port: 5432, protocol: "TCP" }] },
    ],
  };
  it("mirrors, leaves what is right, and goes with its source", () => {
    const { create } = planMirror(endpoints, []);
    expect(create).toMatchObject([
      {
        metadata: {
          generateName: "ext-",
          labels: { mine: "yes", "kubernetes.io/service-name": "ext", "endpointslice.kubernetes.io/managed-by": "endpointslicemirroring-controller.k8s.io" },
          annotations: { a: "b" },
          ownerReferences: [{ kind: "Endpoints", uid: "ep", controller: true }],
        },
        endpoints: [
          { addresses: ["192.168.7.7"], conditions: { ready: true }, hostname: "db" },
          { addresses: ["192.168.7.8"], conditions: { ready: false } },
        ],
        ports: [{ name: "db", port: 5432, protocol: "TCP" }],
      },
    ]);
    const slice = stored(create[0], "ext-1");
    expect(planMirror(endpoints, [slice])).toMatchObject({ create: [], update: [], delete: [] });
    expect(planMirror({ ...endpoints, subsets: [] }, [slice]).delete).toEqual([slice]);
    expect(planMirror(undefined, [slice]).delete).toEqual([slice]);
  });
  it("tells of addresses that are none", () => {
    const bad = { ...endpoints, subsets: [{ addresses: [{ ip: "example.com" }], ports: [{ port: 1, protocol: "TCP" }] }] };
    expect(planMirror(bad, []).warnings).toEqual([["InvalidIPAddress", "Skipped 1 invalid IP addresses when mirroring to EndpointSlices"]]);
  });
});
