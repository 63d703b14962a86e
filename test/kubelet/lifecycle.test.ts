import { describe, expect, it } from "vitest";
import type { ResourceRef } from "../../client/client.js";
import type { KubeObject } from "../../kinds/object.js";
import { type Behaviour, createKubelet, defaultNodes, type Pace } from "../../kubelet/index.js";
import { World } from "./world.js";

const PODS: ResourceRef = { group: "", version: "v1", resource: "pods" };
const NODES: ResourceRef = { group: "", version: "v1", resource: "nodes" };
const CLAIMS: ResourceRef = { group: "", version: "v1", resource: "persistentvolumeclaims" };
const LEASES: ResourceRef = { group: "coordination.k8s.io", version: "v1", resource: "leases" };

const pod = (name: string, spec: object = {}, more: object = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default", ...more },
  spec: { nodeName: "node-0", restartPolicy: "Always", containers: [{ name: "c", image: "nginx:1.27" }], ...spec },
  status: {
    phase: "Pending",
    qosClass: "BestEffort",
    conditions: [{ type: "PodScheduled", status: "True", lastProbeTime: null, lastTransitionTime: "2025-01-01T00:00:00Z" }],
  },
});

async function world(pace: Pace, behaviour?: Behaviour): Promise<World> {
  const w = new World();
  createKubelet({ pace, ...(behaviour ? { behaviour } : {}) }).start(w.ctx);
  for (const node of defaultNodes(2)) await w.add(NODES, node);
  await w.settle();
  return w;
}
const get = (w: World, name: string): KubeObject => w.store(PODS).get("default", name) as KubeObject;
const condition = (o: KubeObject, type: string): { status: string; reason?: string; message?: string; lastTransitionTime?: string } =>
  o.status.conditions.find((c: { type: string }) => c.type === type);
const statusWrites = (w: World, name: string): string[] =>
  w.writes.filter((x) => x.resource === "pods" && x.subresource === "status" && x.key === `default/${name}`).map((x) => x.object?.status.phase);

describe("#3.3 kubelet: pods come to life", () => {
  it("takes a pod from Pending to Running and Ready in one write at instant pace", async () => {
    const w = await world("instant");
    await w.add(PODS, pod("web-0"));
    await w.settle();
    expect(statusWrites(w, "web-0")).toEqual(["Running"]);
    const { status } = get(w, "web-0");
    expect(status.conditions.map((c: { type: string; status: string }) => [c.type, c.status])).toEqual([
      ["PodReadyToStartContainers", "True"],
      ["Initialized", "True"],
      ["Ready", "True"],
      ["ContainersReady", "True"],
      ["PodScheduled", "True"],
    ]);
    expect(status).toMatchObject({
      observedGeneration: 1,
      hostIP: "172.18.0.2",
      podIP: "10.244.0.2",
      podIPs: [{ ip: "10.244.0.2" }],
      startTime: "2025-01-01T00:00:00Z",
      resources: {},
    });
    const [c] = status.containerStatuses;
    expect(c).toMatchObject({
      name: "c",
      ready: true,
      started: true,
      restartCount: 0,
      image: "docker.io/library/nginx:1.27",
      state: { running: { startedAt: "2025-01-01T00:00:00Z" } },
    });
    expect(c.imageID).toMatch(/^docker\.io\/library\/nginx@sha256:[0-9a-f]{64}$/);
    expect(c.containerID).toMatch(/^containerd:\/\/[0-9a-f]{64}$/);
    expect(w.writes.filter((x) => x.resource === "pods" && x.subresource === "status").every((x) => x.user === "system:node:node-0")).toBe(true);
  });

  it("tells of images and containers as a kubelet does", async () => {
    const w = await world("instant");
    await w.add(PODS, pod("web-0"));
    await w.settle();
    const told = w.events.filter((e) => e.about === "Pod/web-0");
    expect(told.map((e) => [e.reason, e.message, e.fieldPath])).toEqual([
      ["Pulled", 'Container image "nginx:1.27" already present on machine and can be accessed by the pod', "spec.containers{c}"],
      ["Created", "Container created", "spec.containers{c}"],
      ["Started", "Container started", "spec.containers{c}"],
    ]);
    expect(told[0]).toMatchObject({ component: "kubelet", host: "node-0", type: "Normal" });
  });

  it("shows its steps one by one at brisk pace, within about a second", async () => {
    const w = await world("brisk");
    await w.add(PODS, pod("web-0"));
    await w.settle();
    const first = get(w, "web-0");
    expect(first.status.phase).toBe("Pending");
    expect(first.status.containerStatuses[0].state).toEqual({ waiting: { reason: "ContainerCreating" } });
    expect(condition(first, "Ready")).toMatchObject({ status: "False", reason: "ContainersNotReady", message: "containers with unready status: [c]" });
    expect(condition(first, "PodReadyToStartContainers").status).toBe("False");
    await w.pass(600);
    expect(get(w, "web-0").status).toMatchObject({ phase: "Pending", podIP: "10.244.0.2" });
    await w.pass(600);
    expect(get(w, "web-0").status.phase).toBe("Running");
    expect(condition(get(w, "web-0"), "Ready").status).toBe("True");
    expect(w.events.map((e) => e.reason)).toContain("Pulling");
    expect(w.events.find((e) => e.reason === "Pulled")?.message).toMatch(
      /^Successfully pulled image "nginx:1\.27" in \S+ \(\S+ including waiting\)\. Image size: \d+ bytes\.$/,
    );
  });

  it("runs init containers in order, and keeps sidecars", async () => {
    const w = await world("brisk");
    const inits = [
      { name: "one", image: "busybox" },
      { name: "side", image: "envoy", restartPolicy: "Always" },
      { name: "two", image: "busybox" },
    ];
    await w.add(PODS, pod("p", { initContainers: inits }));
    await w.settle();
    expect(get(w, "p").status.containerStatuses[0].state.waiting.reason).toBe("PodInitializing");
    expect(condition(get(w, "p"), "Initialized")).toMatchObject({
      status: "False",
      reason: "ContainersNotInitialized",
      message: "containers with incomplete status: [one side two]",
    });
    const order = (): string[] => w.events.filter((e) => e.reason === "Started").map((e) => e.fieldPath ?? "");
    await w.pass(10_000);
    expect(order()).toEqual(["spec.initContainers{one}", "spec.initContainers{side}", "spec.initContainers{two}", "spec.containers{c}"]);
    const { status } = get(w, "p");
    expect(status.initContainerStatuses.map((c: { state: object }) => Object.keys(c.state)[0])).toEqual(["terminated", "running", "terminated"]);
    expect(status.initContainerStatuses[0]).toMatchObject({ ready: true, started: false, state: { terminated: { exitCode: 0, reason: "Completed" } } });
    expect(status.phase).toBe("Running");
    expect(condition(get(w, "p"), "Initialized").status).toBe("True");
  });

  it("waits for claims, and goes on when they are bound", async () => {
    const w = await world("instant");
    await w.add(PODS, pod("p", { volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data-p" } }] }));
    await w.settle();
    expect(get(w, "p").status.phase).toBe("Pending");
    await w.add(CLAIMS, { metadata: { name: "data-p", namespace: "default" }, status: { phase: "Bound" } });
    await w.settle();
    expect(get(w, "p").status.phase).toBe("Running");
  });

  it("is not Ready before its readiness gates are", async () => {
    const w = await world("instant");
    await w.add(PODS, pod("p", { readinessGates: [{ conditionType: "example.com/in" }] }));
    await w.settle();
    expect(condition(get(w, "p"), "Ready")).toMatchObject({
      status: "False",
      reason: "ReadinessGatesNotReady",
      message: 'corresponding condition of pod readiness gate "example.com/in" does not exist.',
    });
    const conditions = [...get(w, "p").status.conditions, { type: "example.com/in", status: "True" }];
    await w.ctx.client.resource(PODS).modify("default", "p", (o) => ({ ...o, status: { ...o.status, conditions } }), { subresource: "status" });
    await w.settle();
    expect(condition(get(w, "p"), "Ready").status).toBe("True");
  });

  it("leaves pods without a node, and those of a missing one, alone", async () => {
    const w = await world("instant");
    await w.add(PODS, pod("none", { nodeName: undefined }));
    await w.add(PODS, pod("lost", { nodeName: "node-9" }));
    await w.settle();
    expect(statusWrites(w, "none")).toEqual([]);
    expect(statusWrites(w, "lost")).toEqual([]);
    await w.add(NODES, { kind: "Node", metadata: { name: "node-9" } });
    await w.settle();
    expect(get(w, "lost").status.phase).toBe("Running");
  });

  it("does not undo what a client writes into status", async () => {
    const w = await world("instant");
    await w.add(PODS, pod("p"));
    await w.settle();
    const unready = (o: KubeObject): KubeObject => ({
      ...o,
      status: { ...o.status, conditions: o.status.conditions.map((c: { type: string }) => (c.type === "Ready" ? { ...c, status: "False" } : c)) },
    });
    await w.ctx.client.resource(PODS).modify("default", "p", unready, { subresource: "status" });
    await w.pass(60_000);
    expect(condition(get(w, "p"), "Ready").status).toBe("False");
    await w.ctx.client.resource(PODS).modify("default", "p", (o) => ({ ...o, status: { ...o.status, phase: "Failed" } }), { subresource: "status" });
    await w.pass(60_000);
    expect(get(w, "p").status.phase).toBe("Failed");
  });

  it("restarts a container whose image is replaced in place", async () => {
    const w = await world("instant");
    await w.add(PODS, pod("p"));
    await w.settle();
    await w.ctx.client.resource(PODS).modify("default", "p", (o) => ({ ...o, spec: { ...o.spec, containers: [{ name: "c", image: "nginx:1.28" }] } }));
    await w.settle();
    const [c] = get(w, "p").status.containerStatuses;
    expect(c).toMatchObject({ restartCount: 1, image: "docker.io/library/nginx:1.28", ready: true, lastState: { terminated: { exitCode: 0 } } });
    expect(get(w, "p").status.observedGeneration).toBe(2);
    expect(w.events.find((e) => e.reason === "Killing")?.message).toBe("Container c definition changed, will be restarted");
  });

  it("goes through ErrImagePull and ImagePullBackOff when an image cannot be had", async () => {
    let broken = true;
    const w = await world("brisk", { pull: () => (broken ? { ok: false, message: "no such image" } : { ok: true }), stopCode: () => 0 });
    await w.add(PODS, pod("p"));
    await w.pass(1000);
    expect(get(w, "p").status.containerStatuses[0].state.waiting).toEqual({ reason: "ErrImagePull", message: "no such image" });
    await w.pass(2000);
    expect(get(w, "p").status.containerStatuses[0].state.waiting).toEqual({
      reason: "ImagePullBackOff",
      message: 'Back-off pulling image "nginx:1.27": ErrImagePull: no such image',
    });
    expect(get(w, "p").status.phase).toBe("Pending");
    broken = false;
    await w.pass(20_000);
    expect(get(w, "p").status.phase).toBe("Running");
  });

  it("takes pods up where their status says when it starts over", async () => {
    const w = await world("instant");
    await w.add(PODS, pod("p"));
    await w.settle();
    const before = get(w, "p");
    const writes = w.writes.length;
    createKubelet({ pace: "instant" }).start(w.ctx);
    await w.settle();
    expect(w.writes.slice(writes).filter((x) => x.resource === "pods")).toEqual([]);
    expect(get(w, "p")).toEqual(before);
  });
});

describe("#3.3 kubelet: pods end", () => {
  it("kills, reports the containers terminated, then removes the pod with its uid as precondition", async () => {
    const w = await world("instant");
    await w.add(PODS, pod("p"));
    await w.settle();
    const seen: string[] = [];
    w.store(PODS).handle({ update: (o) => seen.push(`${o.status.phase}/${o.metadata.deletionGracePeriodSeconds}`), delete: () => seen.push("gone") });
    await w.ctx.client.resource(PODS).delete("default", "p");
    await w.settle();
    expect(seen).toEqual(["Running/30", "Succeeded/30", "gone"]);
    expect(w.events.find((e) => e.reason === "Killing")).toMatchObject({ message: "Stopping container c", fieldPath: "spec.containers{c}" });
  });

  it("gives the pod its grace at a pace that waits", async () => {
    const w = await world("real");
    await w.add(PODS, pod("p"));
    await w.pass(10_000);
    await w.ctx.client.resource(PODS).delete("default", "p");
    await w.pass(500);
    expect(get(w, "p").status.phase).toBe("Running");
    await w.pass(1500);
    expect(get(w, "p")).toBeUndefined();
  });

  it("keeps a stopping pod for the shortest stop at instant pace too", async () => {
    const w = new World();
    createKubelet({ pace: "instant", shortestStopMs: 250 }).start(w.ctx);
    for (const node of defaultNodes(1)) await w.add(NODES, node);
    await w.add(PODS, pod("p"));
    await w.settle();
    await w.ctx.client.resource(PODS).delete("default", "p");
    await w.pass(200);
    expect(get(w, "p").status.phase).toBe("Running");
    await w.pass(100);
    expect(get(w, "p")).toBeUndefined();
  });

  it("stops once when finalizers hold the pod", async () => {
    const w = await world("instant");
    await w.add(PODS, pod("p", {}, { finalizers: ["example.com/hold"] }));
    await w.settle();
    await w.ctx.client.resource(PODS).delete("default", "p");
    await w.settle();
    const writes = w.writes.length;
    expect(get(w, "p")).toMatchObject({ metadata: { deletionGracePeriodSeconds: 0 }, status: { phase: "Succeeded" } });
    expect(condition(get(w, "p"), "Ready")).toMatchObject({ status: "False", reason: "PodCompleted" });
    expect(condition(get(w, "p"), "PodReadyToStartContainers").status).toBe("False");
    await w.pass(60_000);
    expect(w.writes.slice(writes).filter((x) => x.resource === "pods")).toEqual([]);
  });

  it("is a failure when the pod never ran", async () => {
    const w = await world("real");
    await w.add(PODS, pod("p", {}, { finalizers: ["example.com/hold"] }));
    await w.settle();
    await w.ctx.client.resource(PODS).delete("default", "p");
    await w.settle();
    expect(get(w, "p").status.phase).toBe("Failed");
  });

  it("gives addresses back, and not at once to the next", async () => {
    const w = await world("instant");
    await w.add(PODS, pod("a"));
    await w.settle();
    await w.ctx.client.resource(PODS).delete("default", "a");
    await w.settle();
    await w.add(PODS, pod("a"));
    await w.add(PODS, pod("h", { hostNetwork: true }));
    await w.settle();
    expect(get(w, "a").status.podIP).toBe("10.244.0.3");
    expect(get(w, "h").status.podIP).toBe("172.18.0.2");
  });
});

describe("#3.3 kubelet: nodes", () => {
  it("reports any Node that is applied, with an address and a Lease of its own", async () => {
    const w = await world("instant");
    await w.add(NODES, {
      kind: "Node",
      metadata: { name: "mine", annotations: { "kwok.x-k8s.io/node": "fake" } },
      status: { capacity: { cpu: "4" }, allocatable: { cpu: "3" } },
    });
    await w.settle();
    const mine = w.store(NODES).get("", "mine") as KubeObject;
    expect(mine.status).toMatchObject({ capacity: { cpu: "4" }, allocatable: { cpu: "3" }, nodeInfo: { kubeletVersion: "v1.36.3" } });
    expect(condition(mine, "Ready")).toMatchObject({ status: "True", reason: "KubeletReady", message: "kubelet is posting ready status" });
    const ips = w
      .store(NODES)
      .list()
      .map((n) => n.status.addresses[0].address);
    expect(new Set(ips).size).toBe(3);
    const lease = w.store(LEASES).get("kube-node-lease", "mine") as KubeObject;
    expect(lease.spec).toMatchObject({ holderIdentity: "mine", leaseDurationSeconds: 40, renewTime: "2025-01-01T00:00:00.000000Z" });
    await w.pass(10_000);
    expect(w.store(LEASES).get("kube-node-lease", "mine")?.spec.renewTime).toBe("2025-01-01T00:00:10.000000Z");
  });

  it("spreads the default nodes over three zones", () => {
    const nodes = defaultNodes(4);
    expect(nodes.map((n) => n.metadata.labels?.["topology.kubernetes.io/zone"])).toEqual(["local-a", "local-b", "local-c", "local-a"]);
    expect(nodes[1]).toMatchObject({ metadata: { name: "node-1" }, spec: { podCIDR: "10.244.1.0/24" } });
  });
});
