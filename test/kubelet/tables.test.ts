import { describe, expect, it } from "vitest";
import { podRequirements } from "../../kinds/core/pod/requirements.js";
import type { KubeObject } from "../../kinds/object.js";
import { canonicalImage, imageID, pullsAlways } from "../../kubelet/identity.js";
import { createNetwork } from "../../kubelet/network.js";
import { nodeStatus } from "../../kubelet/node.js";
import { newRuntime, startContainer, stopContainer } from "../../kubelet/runtime.js";
import { podPhase } from "../../kubelet/status.js";

describe("#3.3 kubelet: names of images", () => {
  it.each([
    ["nginx", "docker.io/library/nginx:latest"],
    ["nginx:1.27", "docker.io/library/nginx:1.27"],
    ["bitnami/redis", "docker.io/bitnami/redis:latest"],
    ["k8s.gcr.io/nginx-slim:0.8", "k8s.gcr.io/nginx-slim:0.8"],
    ["localhost/a", "localhost/a:latest"],
    ["registry:5000/a/b", "registry:5000/a/b:latest"],
    ["nginx:1.27@sha256:abc", "docker.io/library/nginx@sha256:abc"],
  ])("%s", (image, full) => {
    expect(canonicalImage(image)).toBe(full);
  });
  it("is the same every time, by digest where there is one", () => {
    expect(imageID("nginx")).toBe(imageID("docker.io/library/nginx:latest"));
    expect(imageID("nginx")).not.toBe(imageID("nginx:1"));
    expect(imageID("nginx@sha256:abc")).toBe("docker.io/library/nginx@sha256:abc");
  });
  it.each([
    ["nginx", undefined, true],
    ["nginx:latest", undefined, true],
    ["nginx:1", undefined, false],
    ["localhost:5000/a", undefined, true],
    ["nginx@sha256:abc", undefined, false],
    ["nginx:latest", "IfNotPresent", false],
  ])("%s with policy %s is pulled every time: %s", (image, policy, always) => {
    expect(pullsAlways(image, policy)).toBe(always);
  });
});

describe("#3.3 kubelet: addresses", () => {
  it("gives each node a range and each pod an address of it, and more when it is full", () => {
    const net = createNetwork();
    expect(net.podCIDR("b", "10.244.7.0/24")).toBe("10.244.7.0/24");
    expect(net.allocate("a", "a-1")).toBe("10.244.0.2");
    expect(net.allocate("a", "a-1")).toBe("10.244.0.2");
    expect(net.allocate("b", "b-1")).toBe("10.244.7.2");
    const all = new Set(Array.from({ length: 300 }, (_, i) => net.allocate("a", `a-${i + 1}`)));
    expect(all.size).toBe(300);
    expect(net.allocate("a", "a-300")).toMatch(/^10\.244\.1\./);
  });
  it("goes round before it uses an address again, and keeps adopted ones", () => {
    const net = createNetwork();
    net.adopt("old", "10.244.0.2");
    expect(net.allocate("a", "x")).toBe("10.244.0.3");
    net.release("x");
    expect(net.allocate("a", "y")).toBe("10.244.0.4");
    net.release("old");
    const taken = Array.from({ length: 252 }, (_, i) => net.allocate("a", `z-${i}`));
    expect(taken).toContain("10.244.0.2");
  });
  it("gives nodes addresses of their own", () => {
    const net = createNetwork();
    net.adoptNode("b", "172.18.0.2");
    expect([net.nodeIP("a"), net.nodeIP("b"), net.nodeIP("a")]).toEqual(["172.18.0.3", "172.18.0.2", "172.18.0.3"]);
    const many = new Set(Array.from({ length: 1000 }, (_, i) => net.nodeIP(`n-${i}`)));
    expect(many.size).toBe(1000);
  });
});

describe("#3.3 kubelet: what a pod asks for", () => {
  const pod = (containers: object[], more: object = {}): KubeObject => ({ metadata: {}, spec: { containers, ...more } });
  const asks = (cpu?: string, memory?: string, more: object = {}): object => ({
    ...more,
    resources: { requests: { ...(cpu ? { cpu } : {}), ...(memory ? { memory } : {}) } },
  });
  it.each<[string, KubeObject, Record<string, string>]>([
    ["nothing", pod([{}]), {}],
    ["as Go writes it", pod([asks("0.1", "64Mi")]), { cpu: "100m", memory: "64Mi" }],
    ["a sum", pod([asks("100m", "64Mi"), asks("950m", "960Mi")]), { cpu: "1050m", memory: "1Gi" }],
    ["formats of the first", pod([asks("1", "1G"), asks("2", "24M")]), { cpu: "3", memory: "1024M" }],
    ["the greedier init container", pod([asks("100m")], { initContainers: [asks("2")] }), { cpu: "2" }],
    [
      "sidecars with the rest, and with what comes after them",
      pod([asks("100m")], { initContainers: [asks("200m", undefined, { restartPolicy: "Always" }), asks("1")] }),
      { cpu: "1200m" },
    ],
    ["the pod's own", pod([asks("100m")], { resources: { requests: { cpu: "3" } } }), { cpu: "3" }],
    ["overhead", pod([asks("100m")], { overhead: { cpu: "50m" } }), { cpu: "150m" }],
  ])("%s", (_, p, requests) => {
    expect(podRequirements(p, "requests")).toEqual(requests);
  });
});

describe("#3.3 kubelet: phases", () => {
  const phase = (policy: string, exits: (number | "running" | "waiting")[], terminated = false): string => {
    const pod: KubeObject = { metadata: { uid: "u" }, spec: { restartPolicy: policy, containers: exits.map((_, i) => ({ name: `c${i}`, image: "i" })) } };
    const runtime = newRuntime(pod, 0);
    exits.forEach((exit, i) => {
      if (exit === "waiting") return;
      startContainer(runtime, runtime.containers[i], "t");
      if (exit !== "running") stopContainer(runtime.containers[i], exit, "t");
    });
    runtime.terminated = terminated;
    return podPhase(pod, runtime);
  };
  it.each<[string, (number | "running" | "waiting")[], boolean, string]>([
    ["Always", ["waiting"], false, "Pending"],
    ["Always", ["running", "waiting"], false, "Pending"],
    ["Always", ["running", "running"], false, "Running"],
    ["Always", ["running", 1], false, "Running"],
    ["Always", [0], false, "Running"],
    ["Never", [0, 0], false, "Succeeded"],
    ["Never", [0, 1], false, "Failed"],
    ["Never", [0, "running"], false, "Running"],
    ["OnFailure", [1], false, "Running"],
    ["OnFailure", [0], false, "Succeeded"],
    ["Always", [0, 0], true, "Succeeded"],
    ["Always", [0, 137], true, "Failed"],
    ["Always", ["waiting"], true, "Failed"],
  ])("%s %j terminated %s is %s", (policy, exits, terminated, expected) => {
    expect(phase(policy, exits, terminated)).toBe(expected);
  });
});

describe("#3.3 kubelet: node status", () => {
  it("keeps what a client set, and conditions of others", () => {
    const node: KubeObject = {
      metadata: { name: "n" },
      status: {
        allocatable: { cpu: "2" },
        conditions: [
          { type: "Mine", status: "True" },
          { type: "Ready", status: "True", lastTransitionTime: "t0" },
        ],
      },
    };
    const status = nodeStatus(node, { ip: "1.2.3.4", now: "t1", seed: "0".repeat(64), version: "v1.36.3" });
    expect(status).toMatchObject({
      capacity: { cpu: "2" },
      allocatable: { cpu: "2" },
      addresses: [
        { type: "InternalIP", address: "1.2.3.4" },
        { type: "Hostname", address: "n" },
      ],
    });
    expect(status.conditions.map((c: { type: string }) => c.type)).toEqual(["Mine", "MemoryPressure", "DiskPressure", "PIDPressure", "Ready"]);
    expect(status.conditions.at(-1)).toMatchObject({ lastTransitionTime: "t0", lastHeartbeatTime: "t1" });
  });
});
