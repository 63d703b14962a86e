import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ipAddressRepairController } from "../../../controllers/ipaddress/index.js";
import { type Facts, planAddress, planService } from "../../../controllers/ipaddress/plan.js";
import { addressObject } from "../../../kinds/networking/ipaddress/allocation.js";
import type { KubeObject } from "../../../kinds/object.js";
import { START } from "../../pipeline/world.js";
import { type Live, live } from "../support/live.js";

const service = (name: string, clusterIP: string, type = "ClusterIP"): KubeObject => ({
  metadata: { name, namespace: "n" },
  spec: { type, clusterIP, clusterIPs: [clusterIP] },
});
const A = service("a", "10.0.0.1");
const good = addressObject("10.0.0.1", A);
const facts = (addresses: KubeObject[], services: KubeObject[] = [A], inRange = true): Facts => ({
  address: (name) => addresses.find((o) => o.metadata.name === name),
  service: (namespace, name) => services.find((o) => o.metadata.namespace === namespace && o.metadata.name === name),
  inRange: () => inRange,
});
const refer = (parentRef: object): KubeObject => ({ ...good, spec: { parentRef } });

describe("#4.1 addresses of Services: plan", () => {
  it.each([
    ["all well", A, facts([good]), []],
    ["headless", service("h", "None"), facts([]), []],
    ["none", A, facts([]), [["create", "ClusterIPNotAllocated"]]],
    ["out of range", A, facts([], [A], false), [[undefined, "ClusterIPOutOfRange"]]],
    ["of another kind", A, facts([refer({ group: "x.y", resource: "things", name: "t" })]), [["recreate", "ClusterIPNotAllocated"]]],
    ["of a Service that is gone", A, facts([refer({ resource: "services", namespace: "n", name: "gone" })]), [["recreate", "ClusterIPNotAllocated"]]],
    [
      "of two Services",
      A,
      facts([refer({ resource: "services", namespace: "n", name: "b" })], [A, service("b", "10.0.0.1")]),
      [[undefined, "ClusterIPAlreadyAllocated"]],
    ],
    ["without labels", A, facts([{ ...good, metadata: { name: "10.0.0.1" } }]), [["recreate", undefined]]],
  ])("%s", (_, subject, known, expected) => {
    expect(planService(subject, known).map((fix) => [fix.write, fix.finding?.reason])).toEqual(expected);
  });

  const at = (object: KubeObject, age: number): KubeObject => ({
    ...object,
    metadata: { ...object.metadata, creationTimestamp: new Date(START - age).toISOString() },
  });
  it.each([
    ["its Service has it", at(good, 0), [A], undefined],
    ["not the allocator's", at({ ...good, metadata: { name: "10.0.0.1" } }, 99_000), [], undefined],
    ["of another kind", at(refer({ resource: "things", name: "t" }), 0), [A], { remove: expect.objectContaining({ reason: "IPAddressNotAllocated" }) }],
    ["its Service may still come", at(good, 59_000), [], { againMs: 1001 }],
    ["leaked", at(good, 61_000), [], { remove: expect.objectContaining({ reason: "IPAddressNotAllocated" }) }],
    ["its Service has another", at(good, 0), [service("a", "10.0.0.2")], { remove: expect.objectContaining({ reason: "IPAddressWrongReference" }) }],
    ["its Service may still want one", at(good, 0), [service("a", "", "ExternalName")], { againMs: 60_000 }],
  ])("%s", (_, object, services, expected) => {
    expect(planAddress(object, facts([], services), START)).toEqual(expected);
  });
});

describe("#4.1 addresses of Services: story", () => {
  let cluster: Live;
  beforeEach(async () => {
    cluster = await live(ipAddressRepairController);
  });
  afterEach(() => cluster.stop());
  const events = (): string[] =>
    cluster.store
      .list("/registry/events/")
      .entries.map((entry) => JSON.parse(entry.bytes.toString()))
      .map((e) => `${e.reason}: ${e.message}`);

  it("misses an address after a while, and says so", async () => {
    await cluster.create("services/a", { spec: { clusterIP: "10.96.0.7", ports: [{ port: 80 }] } });
    await cluster.settle();
    expect(events()).toEqual([]);
    await cluster.remove("ipaddresses/10.96.0.7");
    await cluster.settle();
    expect(cluster.has("ipaddresses/10.96.0.7")).toBe(false);
    cluster.clock.advance(180_000);
    await cluster.settle();
    expect(cluster.get("ipaddresses/10.96.0.7").spec.parentRef.name).toBe("a");
    expect(events()).toEqual(["ClusterIPNotAllocated: Cluster IP [IPv4]: 10.96.0.7 is not allocated; repairing"]);
  });

  it("takes away what claims to be the allocator's and belongs to nobody", async () => {
    await cluster.create("ipaddresses/10.96.0.9", addressObject("10.96.0.9", { metadata: { name: "nobody", namespace: "default" } }) as never);
    await cluster.settle();
    expect(cluster.has("ipaddresses/10.96.0.9")).toBe(true);
    cluster.clock.advance(60_001);
    await cluster.settle();
    expect(cluster.has("ipaddresses/10.96.0.9")).toBe(false);
  });
});
