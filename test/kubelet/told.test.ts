import { describe, expect, it } from "vitest";
import { exitOf } from "../../kubelet/told.js";
import { onePod, statusOf } from "./onepod.js";
import type { World } from "./world.js";

/** A pod with these annotations (their common prefix left out) on a node, at pace instant. */
const run = (told: Record<string, string>, spec: object = {}): Promise<World> =>
  onePod("instant", spec, { annotations: Object.fromEntries(Object.entries(told).map(([what, value]) => [`simulate.mockube.dev/${what}`, value])) });

/** State, exit code, restarts and readiness of each container, as `kubectl get pods` would sum them up. */
const seen = (w: World): string[] =>
  statusOf(w).containerStatuses.map(({ state, lastState, restartCount, ready }: Record<string, never>) => {
    const { waiting, running, terminated } = state as Record<string, { reason: string; exitCode: number } | undefined>;
    const last = (lastState as { terminated?: { exitCode: number; reason: string } }).terminated;
    return [
      waiting?.reason ?? (running ? "running" : `${terminated?.reason} ${terminated?.exitCode}`),
      last && `last ${last.reason} ${last.exitCode}`,
      restartCount,
      ready,
    ]
      .filter((part) => part !== undefined)
      .join(", ");
  });

describe("#5.3 what a pod is told by its annotations", () => {
  it("crash loop: once at once, then after 10 s, 20 s and so on", async () => {
    const w = await run({ exit: "1 after 2s" });
    expect(seen(w)).toEqual(["running, 0, true"]);
    await w.pass(2_000);
    expect(seen(w)).toEqual(["running, last Error 1, 1, true"]);
    await w.pass(2_000);
    expect(seen(w)).toEqual(["CrashLoopBackOff, last Error 1, 1, false"]);
    expect(statusOf(w).containerStatuses[0].state.waiting.message).toMatch(/^back-off 10s restarting failed container=c pod=p_default\(/);
    await w.pass(10_000);
    expect(seen(w)).toEqual(["running, last Error 1, 2, true"]);
    await w.pass(21_000);
    expect(seen(w)).toEqual(["CrashLoopBackOff, last Error 1, 2, false"]);
    await w.pass(1_000);
    expect(seen(w)).toEqual(["running, last Error 1, 3, true"]);
    expect(w.events.filter((e) => e.reason === "BackOff").map((e) => e.message)[0]).toMatch(/^Back-off restarting failed container c in pod p_default\(/);
  });

  it.each([
    ["exit 0 under Never", { exit: "0 after 1s" }, { restartPolicy: "Never" }, "Succeeded", "Completed 0, 0, false"],
    ["exit 3 under Never", { exit: "3 after 1s" }, { restartPolicy: "Never" }, "Failed", "Error 3, 0, false"],
    ["exit 0 under OnFailure", { exit: "0 after 1s" }, { restartPolicy: "OnFailure" }, "Succeeded", "Completed 0, 0, false"],
    ["out of memory", { oom: "1s" }, { restartPolicy: "Never" }, "Failed", "OOMKilled 137, 0, false"],
    ["out of memory, started again", { oom: "3s" }, {}, "Running", "running, 0, true"],
    ["never ready", { ready: "never" }, {}, "Running", "running, 0, false"],
    ["not ready yet", { ready: "1m" }, {}, "Running", "running, 0, false"],
    ["ended before it is ready", { ready: "1m", exit: "2 after 1s" }, { restartPolicy: "Never" }, "Failed", "Error 2, 0, false"],
    ["words that say nothing", { exit: "soon", ready: "later", oom: "yes" }, {}, "Running", "running, 0, true"],
  ])("%s", async (_what, told, spec, phase, container) => {
    const w = await run(told, spec);
    await w.pass(2_000);
    expect([statusOf(w).phase, ...seen(w)]).toEqual([phase, container]);
  });

  it("ready when it is time, and the pod's condition with it", async () => {
    const w = await run({ ready: "30s" });
    const ready = () => statusOf(w).conditions.find((c: { type: string }) => c.type === "Ready");
    await w.pass(29_000);
    expect(ready()).toMatchObject({ status: "False", reason: "ContainersNotReady", message: "containers with unready status: [c]" });
    await w.pass(1_000);
    expect(ready()).toMatchObject({ status: "True" });
  });

  it("one container alone", async () => {
    const containers = ["a", "b"].map((name) => ({ name, image: "nginx:1.27" }));
    const w = await run({ "ready.b": "never" }, { containers });
    expect(seen(w)).toEqual(["running, 0, true", "running, 0, false"]);
  });

  it.each([
    [
      "nginx:does-not-exist",
      {},
      /^rpc error: code = NotFound desc = failed to pull and unpack image "docker\.io\/library\/nginx:does-not-exist": .*: not found$/,
    ],
    ["registry.example/nonexistent", {}, /"registry\.example\/nonexistent:latest": not found$|registry\.example\/nonexistent:latest: not found$/],
    ["nginx:1.27", { "pull-error": "no basic auth credentials" }, /^no basic auth credentials$/],
  ])("%s cannot be pulled", async (image, told, message) => {
    const w = await run(told, { containers: [{ name: "c", image }] });
    const waiting = () => statusOf(w).containerStatuses[0].state.waiting;
    expect(statusOf(w).phase).toBe("Pending");
    expect(["ErrImagePull", "ImagePullBackOff"]).toContain(waiting().reason);
    await w.pass(5_000);
    expect(waiting().reason).toBe("ImagePullBackOff");
    expect(w.events.find((e) => e.message.startsWith("Failed to pull image"))?.message.replace(`Failed to pull image "${image}": `, "")).toMatch(message);
    const before = w.events.filter((e) => e.reason === "Pulling").length;
    await w.pass(30_000);
    expect(w.events.filter((e) => e.reason === "Pulling").length).toBeGreaterThan(before);
  });
});

describe("#5.3 exit codes, as they are written", () => {
  it.each([
    ["1", { exitCode: 1, seconds: 0 }],
    ["0 after 5m", { exitCode: 0, seconds: 300 }],
    [" 137 after 1.5s ", { exitCode: 137, seconds: 1.5 }],
    ["256", undefined],
    ["-1", undefined],
    ["1 after", undefined],
    ["1 after 5 minutes", undefined],
  ])("%j", (text, expected) => expect(exitOf(text)).toEqual(expected));
});
