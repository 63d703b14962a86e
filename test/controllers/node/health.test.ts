import { describe, expect, it } from "vitest";
import { GRACE_MS, type Health, isSilent, observe, STARTUP_GRACE_MS, silentConditions } from "../../../controllers/node/health.js";
import { Zones, zoneOf, zoneState } from "../../../controllers/node/zones.js";
import type { Node } from "../../../controllers/runtime/api.js";

const MADE = "2025-01-01T00:00:00Z";
const T0 = Date.parse(MADE);
const ready = (status: string, heartbeat = MADE) => [{ type: "Ready", status, lastHeartbeatTime: heartbeat }];
const node = (conditions: object[] | undefined, labels: Record<string, string> = {}, name = "n"): Node =>
  ({ metadata: { name, labels, creationTimestamp: MADE }, spec: {}, status: conditions ? { conditions } : {} }) as unknown as Node;
const lease = (renewTime: string) => ({ metadata: {}, spec: { renewTime } });

describe("#5.3 node health: when there was news", () => {
  const now = T0 + 30_000;
  const saved: Health = { probe: T0 + 10_000, reported: true, heartbeat: MADE, renewTime: "2025-01-01T00:00:10.000000Z" };
  it.each<[string, Node, object | undefined, Health | undefined, number]>([
    ["a node that never reported counts from when it was made", node(undefined), undefined, undefined, T0],
    ["one that has, from when it is first seen", node(ready("True")), undefined, undefined, now],
    ["nothing new", node(ready("True")), lease("2025-01-01T00:00:10.000000Z"), saved, saved.probe],
    ["an older renewal is not news", node(ready("True")), lease("2025-01-01T00:00:00.000000Z"), saved, saved.probe],
    ["a renewal", node(ready("True")), lease("2025-01-01T00:00:20.000000Z"), saved, now],
    ["a heartbeat", node(ready("True", "2025-01-01T00:00:20Z")), undefined, saved, now],
    ["a first report", node(ready("True")), undefined, { probe: T0, reported: false }, now],
    ["a lease of one that never reported", node(undefined), lease("2025-01-01T00:00:10.000000Z"), undefined, now],
    ["a status that lost its condition", node(undefined), undefined, saved, saved.probe],
  ])("%s", (_, n, l, before, probe) => {
    expect(observe(n, l as never, before, now).probe).toBe(probe);
  });

  it("is patient for as long as it says, longer with one that has not reported yet", () => {
    expect(isSilent({ probe: T0, reported: true }, T0 + GRACE_MS)).toBe(false);
    expect(isSilent({ probe: T0, reported: true }, T0 + GRACE_MS + 1)).toBe(true);
    expect(isSilent({ probe: T0, reported: false }, T0 + STARTUP_GRACE_MS)).toBe(false);
    expect(isSilent({ probe: T0, reported: false }, T0 + STARTUP_GRACE_MS + 1)).toBe(true);
  });

  it("says of each condition whether it stopped or never was; the network's is not the node's to say", () => {
    const at = "2025-01-01T00:01:00Z";
    const stopped = { status: "Unknown", lastTransitionTime: at, reason: "NodeStatusUnknown", message: "Kubelet stopped posting node status." };
    const never = { status: "Unknown", lastTransitionTime: at, reason: "NodeStatusNeverUpdated", message: "Kubelet never posted node status." };
    const network = { type: "NetworkUnavailable", status: "False" };
    expect(silentConditions(node([network, ...ready("True")]), at)).toEqual([
      network,
      { type: "Ready", lastHeartbeatTime: MADE, ...stopped },
      ...["MemoryPressure", "DiskPressure", "PIDPressure"].map((type) => ({ type, lastHeartbeatTime: MADE, ...never })),
    ]);
    expect(silentConditions(node(undefined), at)?.[0]).toEqual({ type: "Ready", lastHeartbeatTime: MADE, ...never });
    expect(silentConditions(node(ready("Unknown")), at)).toBeUndefined();
  });
});

describe("#5.3 node health: zones", () => {
  const zone = (z: string) => ({ "topology.kubernetes.io/region": "r", "topology.kubernetes.io/zone": z });
  const nodes = (z: string, good: number, bad: number, labels: Record<string, string> = {}): Node[] =>
    Array.from({ length: good + bad }, (_, i) => node(ready(i < good ? "True" : "Unknown"), { ...zone(z), ...labels }, `${z}-${i}`));

  it.each([
    [3, 0, "normal"],
    [0, 1, "whole"],
    [1, 2, "normal"],
    [2, 3, "part"],
    [3, 3, "normal"],
  ])("%d ready and %d not: %s", (good, bad, state) => {
    expect(zoneState(good, bad)).toBe(state);
  });

  it("knows a zone by its old labels and its new ones", () => {
    expect(zoneOf(node([]))).toBe("");
    expect(zoneOf(node([], zone("a")))).toBe("r:\u0000:a");
    expect(zoneOf(node([], { ...zone("a"), "failure-domain.beta.kubernetes.io/zone": "b" }))).toBe("r:\u0000:b");
  });

  it("empties a node every ten seconds in each zone", () => {
    const zones = new Zones();
    const all = [...nodes("a", 2, 2), ...nodes("b", 2, 2)];
    expect(zones.look(all, T0)).toBeUndefined();
    const [a1, a2] = all.slice(2, 4);
    const [b1] = all.slice(6);
    expect([zones.leave(a1, T0), zones.leave(b1, T0), zones.leave(a2, T0)]).toEqual([0, 0, 10_000]);
    expect(zones.leave(a2, T0 + 9_000)).toBe(1_000);
    expect(zones.leave(a2, T0 + 10_000)).toBe(0);
  });

  it("empties none in a zone that is mostly down, unless it is a large one", () => {
    const zones = new Zones();
    const all = [...nodes("a", 1, 4), ...nodes("b", 20, 40), ...nodes("c", 0, 3)];
    zones.look(all, T0);
    expect(zones.leave(all[1], T0)).toBe(Number.POSITIVE_INFINITY);
    expect(zones.leave(all[30], T0)).toBe(0);
    expect(zones.leave(all[31], T0)).toBe(100_000);
    // a whole zone that is gone is emptied as fast as any while another is there
    expect(zones.leave(all[66], T0)).toBe(0);
  });

  it("stops when nothing is ready any more, and begins afresh when something is", () => {
    const zones = new Zones();
    zones.look(nodes("a", 3, 0), T0);
    expect(zones.look(nodes("a", 0, 3), T0)).toBe("stop");
    expect(zones.look(nodes("a", 0, 3), T0)).toBeUndefined();
    const [, down] = nodes("a", 1, 2);
    expect(zones.leave(down, T0 + 60_000)).toBe(Number.POSITIVE_INFINITY);
    expect(zones.look(nodes("a", 1, 2), T0 + 60_000)).toBe("resume");
    expect(zones.leave(down, T0 + 60_000)).toBe(10_000);
    expect(zones.look([], T0 + 60_000)).toBeUndefined();
  });

  it("does not count nodes that are to be left out", () => {
    const zones = new Zones();
    const out = { "node.kubernetes.io/exclude-disruption": "" };
    expect(zones.look([...nodes("a", 1, 0), ...nodes("b", 0, 3, out)], T0)).toBeUndefined();
    expect(zones.leave(nodes("b", 0, 1)[0], T0)).toBe(0);
  });
});
