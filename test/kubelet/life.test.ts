import { describe, expect, it } from "vitest";
import type { ResourceRef } from "../../client/client.js";
import { onePod, PODS, startOver, statusOf } from "./onepod.js";
import type { World } from "./world.js";

const NODES: ResourceRef = { group: "", version: "v1", resource: "nodes" };
const CONFIG_MAPS: ResourceRef = { group: "", version: "v1", resource: "configmaps" };
const annotated = (told: Record<string, string>): object => ({
  annotations: Object.fromEntries(Object.entries(told).map(([what, value]) => [`simulate.mockube.dev/${what}`, value])),
});
const run = (told: Record<string, string>, spec: object = {}): Promise<World> => onePod("instant", spec, annotated(told));
type Status = { name: string; state: Record<string, { reason?: string; message?: string; exitCode?: number }>; restartCount: number };
const state = ({ state, restartCount }: Status): string => {
  const [[kind, { reason, exitCode }]] = Object.entries(state);
  return [kind, reason, exitCode, restartCount].filter((part) => part !== undefined).join(" ");
};
const mains = (w: World): string[] => statusOf(w).containerStatuses.map(state);
const inits = (w: World): string[] => statusOf(w).initContainerStatuses.map(state);
const messages = (w: World, ...reasons: string[]): string[] => w.events.filter((e) => reasons.includes(e.reason)).map((e) => `${e.reason}: ${e.message}`);
const condition = (w: World, type: string) => statusOf(w).conditions.find((c: { type: string }) => c.type === type);

describe("#5.3 init containers and sidecars", () => {
  const two = {
    initContainers: [
      { name: "a", image: "i:1" },
      { name: "b", image: "i:1" },
    ],
  };
  it("init containers end well, one after the other, before others start", async () => {
    const w = await run({ "exit.a": "0 after 5s" }, two);
    expect([inits(w), mains(w), condition(w, "Initialized").message]).toEqual([
      ["running 0", "waiting PodInitializing 0"],
      ["waiting PodInitializing 0"],
      "containers with incomplete status: [a b]",
    ]);
    await w.pass(5_000);
    expect([inits(w), mains(w), statusOf(w).phase]).toEqual([["terminated Completed 0 0", "terminated Completed 0 0"], ["running 0"], "Running"]);
  });
  it("one that fails is started again, later and later, and nothing after it", async () => {
    const w = await run({ "exit.a": "1" }, two);
    expect([inits(w), mains(w), statusOf(w).phase]).toEqual([
      ["waiting CrashLoopBackOff 1", "waiting PodInitializing 0"],
      ["waiting PodInitializing 0"],
      "Pending",
    ]);
    await w.pass(10_000);
    expect(inits(w)[0]).toBe("waiting CrashLoopBackOff 2");
  });
  it("one that fails under Never fails the pod", async () => {
    const w = await run({ "exit.a": "1" }, { ...two, restartPolicy: "Never" });
    expect([inits(w), statusOf(w).phase, condition(w, "Ready").reason]).toEqual([["terminated Error 1 0", "waiting PodInitializing 0"], "Failed", "PodFailed"]);
    expect(mains(w)).toEqual(["waiting PodInitializing 0"]);
  });
  it("what is said of all containers does not concern init containers", async () => {
    const w = await run({ exit: "1 after 1h" }, two);
    expect(mains(w)).toEqual(["running 0"]);
  });
  it("a sidecar that ends is started again beside its main container, whatever the pod's policy", async () => {
    const sidecar = { initContainers: [{ name: "side", image: "i:1", restartPolicy: "Always" }], restartPolicy: "Never" };
    const w = await run({ "exit.side": "3 after 20s" }, sidecar);
    await w.pass(21_000);
    expect([inits(w), mains(w)]).toEqual([["running 1"], ["running 0"]]);
  });
  it("a sidecar's startup probe holds up what comes after it", async () => {
    const startupProbe = { httpGet: { port: 80 }, periodSeconds: 5, failureThreshold: 9 };
    const w = await run({ "startup.side": "12s" }, { initContainers: [{ name: "side", image: "i:1", restartPolicy: "Always", startupProbe }] });
    expect([inits(w), mains(w)]).toEqual([["running 0"], ["waiting PodInitializing 0"]]);
    await w.pass(15_000);
    expect(mains(w)).toEqual(["running 0"]);
  });
  it("sidecars are stopped when the last main container has ended, the last one first", async () => {
    const initContainers = ["one", "two"].map((name) => ({ name, image: "i:1", restartPolicy: "Always" }));
    const w = await run({ exit: "0 after 3s" }, { initContainers, restartPolicy: "Never" });
    await w.pass(3_000);
    expect([statusOf(w).phase, messages(w, "Killing")]).toEqual(["Succeeded", ["Killing: Stopping container two", "Killing: Stopping container one"]]);
  });
});

describe("#5.3 restarts", () => {
  it("ten minutes without failing are a new beginning", async () => {
    const w = await run({ exit: "1 after 11m" });
    for (const restarts of [1, 2, 3]) {
      await w.pass(660_000);
      expect(mains(w)).toEqual([`running ${restarts}`]);
    }
  });
  it("a container's own rules come first", async () => {
    const rules = [{ action: "Restart", exitCodes: { operator: "In", values: [42] } }];
    const containers = [{ name: "c", image: "i:1", restartPolicy: "Never", restartPolicyRules: rules }];
    const again = await run({ exit: "42 after 5s" }, { containers, restartPolicy: "Never" });
    await again.pass(6_000);
    expect([statusOf(again).phase, ...mains(again)]).toEqual(["Running", "running 1"]);
    const over = await run({ exit: "43 after 5s" }, { containers, restartPolicy: "Never" });
    await over.pass(6_000);
    expect([statusOf(over).phase, ...mains(over)]).toEqual(["Failed", "terminated Error 43 0"]);
  });
  it("a kubelet that starts over knows what was, and has forgotten how long it was to wait", async () => {
    const w = await run({ exit: "1 after 5s" });
    await w.pass(10_000);
    expect(mains(w)).toEqual(["waiting CrashLoopBackOff 1"]);
    await startOver(w, "instant");
    expect(mains(w)).toEqual(["running 2"]);
    expect(statusOf(w).containerStatuses[0].lastState.terminated).toMatchObject({ exitCode: 1, reason: "Error" });
  });
});

describe("#5.3 the kubelet ends a pod", () => {
  it("at its deadline", async () => {
    const w = await run({}, { activeDeadlineSeconds: 30 });
    await w.pass(29_000);
    expect(statusOf(w).phase).toBe("Running");
    await w.pass(1_000);
    expect(statusOf(w)).toMatchObject({
      phase: "Failed",
      reason: "DeadlineExceeded",
      message: "Pod was active on the node longer than the specified deadline",
    });
    expect(mains(w)).toEqual(["terminated Completed 0 0"]);
    expect(messages(w, "DeadlineExceeded", "Killing")).toEqual([
      "DeadlineExceeded: Pod was active on the node longer than the specified deadline",
      "Killing: Stopping container c",
    ]);
    expect(condition(w, "Ready")).toMatchObject({ status: "False", reason: "PodFailed" });
  });
  it("at its deadline, whatever it waits for", async () => {
    const w = await run({}, { activeDeadlineSeconds: 30, containers: [{ name: "c", image: "nginx:no-such-tag" }] });
    await w.pass(30_000);
    expect([statusOf(w).phase, statusOf(w).reason]).toEqual(["Failed", "DeadlineExceeded"]);
  });
  it("when its node is short of memory", async () => {
    const w = await run({ evict: "30s" }, { containers: [{ name: "c", image: "i:1", resources: { requests: { memory: "64Mi" } } }] });
    await w.pass(30_000);
    const message =
      "The node was low on resource: memory. Threshold quantity: 100Mi, available: 89364Ki. Container c was using 1048576Ki, request is 64Mi, has larger consumption of memory. ";
    expect(statusOf(w)).toMatchObject({ phase: "Failed", reason: "Evicted", message });
    expect(condition(w, "DisruptionTarget")).toMatchObject({ status: "True", reason: "TerminationByKubelet", message });
    expect(messages(w, "Evicted")).toEqual([`Evicted: ${message}`]);
  });
  const memory = (w: World) =>
    w
      .store(NODES)
      .get("", "node-0")
      ?.status.conditions.find((c: { type: string }) => c.type === "MemoryPressure");
  it("its node says that it is short of memory, and five minutes later no more", async () => {
    const w = await run({ evict: "30s" });
    await w.pass(30_000);
    const at = "2025-01-01T00:00:30Z";
    expect(memory(w)).toEqual({
      type: "MemoryPressure",
      status: "True",
      lastHeartbeatTime: at,
      lastTransitionTime: at,
      reason: "KubeletHasInsufficientMemory",
      message: "kubelet has insufficient memory available",
    });
    await w.pass(299_000);
    expect(memory(w).status).toBe("True");
    await w.pass(1_000);
    expect(memory(w)).toMatchObject({ status: "False", reason: "KubeletHasSufficientMemory", lastTransitionTime: "2025-01-01T00:05:30Z" });
    const told = w.events.filter((e) => e.about === "Node/node-0" && /Memory|Eviction/.test(e.reason)).map((e) => `${e.type} ${e.reason}: ${e.message}`);
    expect(told).toEqual([
      "Normal NodeHasSufficientMemory: Node node-0 status is now: NodeHasSufficientMemory",
      "Warning EvictionThresholdMet: Attempting to reclaim memory",
      "Normal NodeHasInsufficientMemory: Node node-0 status is now: NodeHasInsufficientMemory",
      "Normal NodeHasSufficientMemory: Node node-0 status is now: NodeHasSufficientMemory",
    ]);
  });
  it("a kubelet that starts over is not short of memory", async () => {
    const w = await run({ evict: "30s" });
    await w.pass(31_000);
    await startOver(w, "instant");
    expect(memory(w).status).toBe("False");
  });
});

describe("#5.3 stopping", () => {
  const deleted = async (told: Record<string, string>, spec: object = {}): Promise<World> => {
    const w = await run(told, { terminationGracePeriodSeconds: 30, ...spec });
    await w.ctx.client.resource(PODS).delete("default", "p", { gracePeriodSeconds: 30 });
    await w.settle();
    return w;
  };
  const exitCodes = (w: World): number[] => {
    const last = w.writes.filter((x) => x.resource === "pods" && x.subresource === "status").at(-1)?.object?.status.containerStatuses;
    return last.map((c: { state: { terminated?: { exitCode: number } } }) => c.state.terminated?.exitCode);
  };
  it.each([
    ["143", 143],
    ["0", 0],
  ])("ends with the code it is told: %s", async (stop, code) => {
    const w = await deleted({ stop });
    await w.pass(2_000);
    expect([w.store(PODS).get("default", "p"), exitCodes(w)]).toEqual([undefined, [code]]);
  });
  it("sidecars go after what they stand beside, the last one first", async () => {
    const w = await deleted({}, { initContainers: ["s1", "s2"].map((name) => ({ name, image: "i:1", restartPolicy: "Always" })) });
    expect(messages(w, "Killing")).toEqual(["c", "s2", "s1"].map((name) => `Killing: Stopping container ${name}`));
  });
  it("one that does not listen is killed when its grace is over", async () => {
    const w = await deleted({ stop: "ignored" });
    await w.pass(29_000);
    expect(w.store(PODS).get("default", "p")).toBeDefined();
    await w.pass(1_000);
    expect([w.store(PODS).get("default", "p"), exitCodes(w)]).toEqual([undefined, [137]]);
  });
  it.each([[{ sleep: { seconds: 10 } }], [{ exec: { command: ["sh", "-c", "sleep 10"] } }]])("a preStop hook comes first: %j", async (preStop) => {
    const w = await deleted({}, { containers: [{ name: "c", image: "i:1", lifecycle: { preStop } }] });
    await w.pass(9_000);
    expect(w.store(PODS).get("default", "p")).toBeDefined();
    await w.pass(3_000);
    expect(w.store(PODS).get("default", "p")).toBeUndefined();
  });
});

describe("#5.3 what is not there", () => {
  it.each([
    [
      "Nginx:1",
      undefined,
      "InvalidImageName",
      'Failed to apply default image tag "Nginx:1": couldn\'t parse image name "Nginx:1": invalid reference format: repository name (library/Nginx) must be lowercase',
    ],
    ["a b", undefined, "InvalidImageName", 'Failed to apply default image tag "a b": couldn\'t parse image name "a b": invalid reference format'],
    ["nginx:no-such-tag", "Never", "ErrImageNeverPull", 'Container image "nginx:no-such-tag" is not present with pull policy of Never'],
  ])("image %s, policy %s", async (image, imagePullPolicy, reason, message) => {
    const w = await run({}, { containers: [{ name: "c", image, ...(imagePullPolicy ? { imagePullPolicy } : {}) }] });
    expect(statusOf(w).containerStatuses[0].state).toEqual({ waiting: { reason, message } });
    expect(messages(w, "InspectFailed", "ErrImageNeverPull", "Failed")).toEqual([
      `${reason === "InvalidImageName" ? "InspectFailed" : reason}: ${message}`,
      `Failed: Error: ${reason}`,
    ]);
  });
  it.each([
    [{ envFrom: [{ configMapRef: { name: "m" } }] }, 'configmap "m" not found'],
    [{ envFrom: [{ secretRef: { name: "m" } }] }, 'secret "m" not found'],
    [{ env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "there", key: "no" } } }] }, "couldn't find key no in ConfigMap default/there"],
  ])("environment %j", async (container, message) => {
    const w = await run({}, { containers: [{ name: "c", image: "nginx:no-such-tag" }] });
    await w.add(CONFIG_MAPS, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "there", namespace: "default" }, data: { yes: "1" } });
    await w.add(PODS, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "q", namespace: "default", uid: "q" },
      spec: { nodeName: "node-0", containers: [{ name: "c", image: "i:1", ...container }] },
      status: { phase: "Pending", conditions: [] },
    });
    await w.settle();
    const status = () => w.store(PODS).get("default", "q")?.status;
    expect(status().containerStatuses[0].state).toEqual({ waiting: { reason: "CreateContainerConfigError", message } });
    expect(w.events.filter((e) => e.about === "Pod/q" && e.type === "Warning").map((e) => `${e.reason}: ${e.message}`)).toEqual([`Failed: Error: ${message}`]);
  });
  it("environment that comes later", async () => {
    const w = await run(
      {},
      { containers: [{ name: "c", image: "i:1", envFrom: [{ configMapRef: { name: "m" } }, { secretRef: { name: "s", optional: true } }] }] },
    );
    expect(mains(w)).toEqual(["waiting CreateContainerConfigError 0"]);
    await w.add(CONFIG_MAPS, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "m", namespace: "default" } });
    await w.settle();
    expect(mains(w)).toEqual(["running 0"]);
  });
  it.each([
    [{ configMap: { name: "m" } }, 'configmap "m" not found'],
    [{ secret: { secretName: "m" } }, 'secret "m" not found'],
    [{ projected: { sources: [{ configMap: { name: "m" } }] } }, 'configmap "m" not found'],
  ])("volume %j", async (source, message) => {
    const w = await run({}, { volumes: [{ name: "v", ...source }] });
    await w.pass(1_600);
    expect(messages(w, "FailedMount")).toEqual(Array.from({ length: 3 }, () => `FailedMount: MountVolume.SetUp failed for volume "v" : ${message}`));
    expect([statusOf(w).phase, ...mains(w)]).toEqual(["Pending", "waiting ContainerCreating 0"]);
  });
  it("volume whose ConfigMap comes later", async () => {
    const w = await run({}, { volumes: [{ name: "v", configMap: { name: "m", items: [{ key: "k", path: "k" }] } }] });
    await w.add(CONFIG_MAPS, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "m", namespace: "default" }, data: { k: "v" } });
    await w.settle();
    expect(mains(w)).toEqual(["running 0"]);
  });
});

describe("#5.3 a status that a client writes", () => {
  it("stays until the kubelet has news of its own", async () => {
    const w = await run({ exit: "1 after 30s" });
    await w.ctx.client
      .resource(PODS)
      .modify("default", "p", (pod) => ({ ...pod, status: { ...pod.status, phase: "Unknown", message: "so says a client" } }), { subresource: "status" });
    await w.pass(29_000);
    expect(statusOf(w)).toMatchObject({ phase: "Unknown", message: "so says a client" });
    await w.pass(2_000);
    expect([statusOf(w).phase, ...mains(w)]).toEqual(["Running", "running 1"]);
  });
});
