import { describe, expect, it } from "vitest";
import { onePod, statusOf } from "./onepod.js";
import type { World } from "./world.js";

const HTTP = { httpGet: { path: "/", port: 80 }, periodSeconds: 5, failureThreshold: 2 };

/** A pod whose container has probes, told to fail. */
const run = (told: Record<string, string>, container: object, spec: object = {}): Promise<World> =>
  onePod(
    "instant",
    { containers: [{ name: "c", image: "busybox:1", ...container }], ...spec },
    { annotations: Object.fromEntries(Object.entries(told).map(([what, value]) => [`simulate.mockube.dev/${what}`, value])) },
  );
const now = (w: World) => {
  const { state, started, ready, restartCount } = statusOf(w).containerStatuses[0];
  return [state.waiting?.reason ?? Object.keys(state)[0], started, ready, restartCount];
};
const said = (w: World): string[] => w.events.filter((e) => ["Unhealthy", "Killing"].includes(e.reason)).map((e) => `${e.type} ${e.reason} ${e.message}`);

describe("#5.3 probes: rounds and thresholds", () => {
  it("readiness: asked every period, told of each failure, ready after as many successes as the threshold says", async () => {
    const w = await run({ ready: "12s" }, { readinessProbe: { ...HTTP, successThreshold: 2, initialDelaySeconds: 3 } });
    expect(now(w)).toEqual(["running", true, false, 0]);
    expect(said(w)).toEqual([]);
    await w.pass(3_000);
    expect(said(w)).toEqual(["Warning Unhealthy Readiness probe failed: HTTP probe failed with statuscode: 503"]);
    expect(w.events.find((e) => e.reason === "Unhealthy")?.fieldPath).toBe("spec.containers{c}");
    // rounds at 3 and 8 s fail, those at 13 and 18 s pass
    await w.pass(10_000);
    expect([said(w).length, ...now(w)]).toEqual([2, "running", true, false, 0]);
    await w.pass(5_000);
    expect(now(w)).toEqual(["running", true, true, 0]);
    await w.pass(60_000);
    expect(said(w)).toHaveLength(2);
  });

  it("readiness that never comes restarts nothing", async () => {
    const w = await run({ ready: "never" }, { readinessProbe: HTTP });
    await w.pass(60_000);
    expect([said(w).length, ...now(w)]).toEqual([13, "running", true, false, 0]);
  });

  it("startup: nothing else is asked before it has passed", async () => {
    const w = await run(
      { startup: "7s", live: "0s" },
      { startupProbe: { ...HTTP, failureThreshold: 30 }, livenessProbe: { ...HTTP, failureThreshold: 3 }, readinessProbe: HTTP },
    );
    await w.pass(5_000);
    expect(now(w)).toEqual(["running", false, false, 0]);
    expect(said(w)).toEqual(Array.from({ length: 2 }, () => "Warning Unhealthy Startup probe failed: HTTP probe failed with statuscode: 503"));
    await w.pass(5_000);
    expect(now(w)).toEqual(["running", true, true, 0]);
    expect(said(w).at(-1)).toBe("Warning Unhealthy Liveness probe failed: HTTP probe failed with statuscode: 500");
  });

  it("startup that fails too often ends the container, as liveness does", async () => {
    const w = await run({ startup: "never" }, { startupProbe: HTTP });
    await w.pass(5_000);
    // the new one is asked at once
    expect(said(w).map((text) => text.split(" ")[1])).toEqual(["Unhealthy", "Unhealthy", "Killing", "Unhealthy"]);
    expect(said(w)[2]).toBe("Normal Killing Container c failed startup probe, will be restarted");
    expect(now(w)).toEqual(["running", false, false, 1]);
  });

  it.each([
    ["Always", "Container c failed liveness probe, will be restarted", "Running", ["running", true, true, 1]],
    // whatever the exit code
    ["OnFailure", "Container c failed liveness probe, will be restarted", "Running", ["running", true, true, 1]],
    ["Never", "Container c failed liveness probe", "Succeeded", ["terminated", false, false, 0]],
  ])("liveness under %s", async (restartPolicy, message, phase, container) => {
    const w = await run({ live: "8s" }, { livenessProbe: HTTP }, { restartPolicy });
    await w.pass(9_000);
    expect(said(w)).toEqual([]);
    await w.pass(6_000);
    expect(said(w)).toEqual([
      "Warning Unhealthy Liveness probe failed: HTTP probe failed with statuscode: 500",
      "Warning Unhealthy Liveness probe failed: HTTP probe failed with statuscode: 500",
      `Normal Killing ${message}`,
    ]);
    expect([statusOf(w).phase, now(w)]).toEqual([phase, container]);
  });

  it("liveness that fails again and again leads to back-off", async () => {
    const w = await run({ live: "0s" }, { livenessProbe: HTTP });
    await w.pass(10_000);
    expect(now(w)).toEqual(["CrashLoopBackOff", false, false, 1]);
    expect(statusOf(w).containerStatuses[0].lastState.terminated).toMatchObject({ exitCode: 0, reason: "Completed" });
  });

  it.each([
    [{ tcpSocket: { port: 1 } }, "connect: connection refused"],
    [{ grpc: { port: 1 } }, 'service unhealthy (responded with "NOT_SERVING")'],
    [{ exec: { command: ["false"] } }, ""],
  ])("%j says %j", async (probe, output) => {
    const w = await run({ ready: "never" }, { readinessProbe: { ...probe, periodSeconds: 5 } });
    expect(said(w)).toEqual([`Warning Unhealthy Readiness probe failed: ${output}`]);
  });

  it("nothing is asked that is not told to fail, so that idle pods cost nothing", async () => {
    const w = await run({}, { readinessProbe: HTTP, livenessProbe: HTTP, startupProbe: HTTP });
    expect(now(w)).toEqual(["running", true, true, 0]);
    const writes = (): number => w.writes.filter(({ resource }) => resource === "pods").length;
    const before = writes();
    await w.pass(3_600_000);
    expect([writes(), said(w).length]).toEqual([before, 0]);
  });
});
