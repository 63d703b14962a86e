import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manualClock } from "../../controllers/runtime/clock.js";
import { type Wired, wire } from "../support/cluster.js";

const START = Date.parse("2026-01-01T00:00:00Z");
const HOUR = 3_600_000;
const PODS = "/api/v1/namespaces/default/pods";
const pod = (name: string, annotations: Record<string, string>): object => ({
  metadata: { name, annotations },
  spec: { restartPolicy: "Always", containers: [{ name: "c", image: "nginx" }] },
});

/** An hour of a pod that crashes, seen from outside. */
async function hourOfCrashes(): Promise<string[]> {
  const wired = await wire({ clock: manualClock(START), seed: 7, nodes: 1 });
  try {
    await wired.request("post", PODS).send(pod("crash", { "simulate.mockube.dev/exit": "1 after 1s" }));
    await wired.cluster.time?.advance(HOUR);
    const events = (await wired.request("get", "/api/v1/namespaces/default/events")).body.items as Record<string, never>[];
    return events.map((e) => [e.lastTimestamp, e.reason, e.count, e.message].join(" "));
  } finally {
    await wired.stop();
  }
}

describe("#5.4 a clock that is moved by hand", () => {
  let wired: Wired;
  beforeAll(async () => {
    wired = await wire({ clock: manualClock(START), seed: 1, nodes: 1 });
  });
  afterAll(() => wired.stop());

  it("says where it stands, and moves by what it is told", async () => {
    const before = (await wired.request("get", "/mockube/clock")).body;
    expect(before).toMatchObject({ clock: "manual" });
    const { body } = await wired.request("post", "/mockube/clock/advance?by=1h30m");
    expect(Date.parse(body.now) - Date.parse(before.now)).toBe(1.5 * HOUR);
    const created = await wired.request("post", "/api/v1/namespaces").send({ metadata: { name: "later" } });
    expect(created.body.metadata.creationTimestamp).toBe(`${body.now.slice(0, 19)}Z`);
  });
  it("settles: a pod that starts slowly is ready, and leases alone keep nobody waiting", async () => {
    await wired.request("post", PODS).send(pod("slow", { "simulate.mockube.dev/ready": "after 40s" }));
    const { body } = await wired.request("post", "/mockube/clock/settle");
    expect(body).toMatchObject({ pending: false });
    expect(body.movedMs).toBeLessThan(HOUR);
    const conditions = (await wired.request("get", `${PODS}/slow`)).body.status.conditions as { type: string; status: string }[];
    expect(conditions).toContainEqual(expect.objectContaining({ type: "Ready", status: "True" }));
    const again = (await wired.request("post", "/mockube/clock/settle")).body;
    expect(again).toMatchObject({ movedMs: 0, pending: false });
  });
  it("settling ends at its limit where a container crashes for ever, and says so", async () => {
    await wired.request("post", PODS).send(pod("crash", { "simulate.mockube.dev/exit": "1 after 1s" }));
    const { body } = await wired.request("post", "/mockube/clock/settle?within=10m");
    expect(body.pending).toBe(true);
    expect(body.movedMs).toBeLessThanOrEqual(600_000);
    expect((await wired.request("get", `${PODS}/crash`)).body.status.containerStatuses[0].restartCount).toBeGreaterThan(3);
    await wired.request("delete", `${PODS}/crash?gracePeriodSeconds=0`);
  });
  it("a watch is in its client's own time: hours that are moved do not end it", async () => {
    const maps = "/api/v1/namespaces/default/configmaps";
    const first = { type: "BOOKMARK", object: { metadata: { annotations: { "k8s.io/initial-events-end": "true" } } } };
    const query =
      "watch=1&timeoutSeconds=60&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&fieldSelector=metadata.name%3Dlate";
    let moved: Promise<unknown> | undefined;
    const events = await wired.api.watch(`${maps}?${query}`, (seen) => {
      // once the watch is there
      moved ??= wired.request("post", "/mockube/clock/advance?by=2h").then(() => wired.request("post", maps).send({ metadata: { name: "late" } }));
      return seen.length === 2;
    });
    await moved;
    expect(events).toMatchObject([first, { type: "ADDED", object: { metadata: { name: "late" } } }]);
  });
  it("an hour of back-offs is the same every time", async () => {
    const [first, second] = [await hourOfCrashes(), await hourOfCrashes()];
    expect(first.some((line) => line.includes("BackOff"))).toBe(true);
    expect(second).toEqual(first);
  });
  it.each([
    ["/mockube/clock/advance", "parameter by is required"],
    ["/mockube/clock/advance?by=soon", 'time: invalid duration "soon"'],
    ["/mockube/clock/advance?by=-1h", "time does not go back: -1h"],
  ])("POST %s is refused: %s", async (path, message) => {
    const { status, body } = await wired.request("post", path);
    expect([status, body.message]).toEqual([400, message]);
  });
  it("what is not there, or not asked so, is said as by the API", async () => {
    expect((await wired.request("get", "/mockube/clock/advance")).status).toBe(405);
    expect((await wired.request("get", "/mockube/weather")).status).toBe(404);
    expect((await wired.request("get", "/mockube/clock").set("impersonate-user", "jane")).status).toBe(403);
  });
});

it("#5.4 the machine's clock is not moved by anybody", async () => {
  const wired = await wire({ nodes: 0 });
  try {
    expect((await wired.request("get", "/mockube/clock")).body.clock).toBe("real");
    const { status, body } = await wired.request("post", "/mockube/clock/advance?by=1h");
    expect([status, body.message]).toEqual([400, "the clock of this cluster is the machine's: start it with --clock manual to move it"]);
  } finally {
    await wired.stop();
  }
});
