import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createClient } from "../../../client/index.js";
import { createDefaultServiceCIDRController, ensureDefaultServiceCIDR, serviceCIDRController } from "../../../controllers/servicecidr/index.js";
import { FINALIZER, planServiceCIDR } from "../../../controllers/servicecidr/plan.js";
import { giving, overlapping } from "../../../kinds/networking/servicecidr/networks.js";
import type { KubeObject } from "../../../kinds/object.js";
import { type Live, live } from "../support/live.js";

const RANGE = "10.96.0.0/16";
const cidr = (name: string, cidrs: string[], going = false): KubeObject => ({
  metadata: { name, finalizers: [FINALIZER], ...(going ? { deletionTimestamp: "t" } : {}) },
  spec: { cidrs },
});
const address = (name: string, managedBy = "ipallocator.k8s.io", family = "IPv4"): KubeObject => ({
  metadata: { name, labels: { "ipaddress.kubernetes.io/managed-by": managedBy, "ipaddress.kubernetes.io/ip-family": family } },
});

describe("#4.1 ServiceCIDRs: what they share", () => {
  const all = [cidr("big", ["10.0.0.0/8"]), cidr("small", ["10.1.0.0/24", "2001:db8::/64"]), cidr("far", ["192.168.0.0/24"])];
  it.each([
    ["10.1.0.7", ["big", "small"]],
    ["10.1.0.0", ["big"]],
    ["10.1.0.255", ["big"]],
    ["10.255.255.255", []],
    ["2001:db8::", []],
    ["2001:db8::1", ["small"]],
    ["2001:db8::ffff:ffff:ffff:ffff", ["small"]],
    ["::a01:7", []],
  ])("who gives %s", (ip, expected) => {
    expect(giving(ip, all)).toEqual(expected);
  });

  it("overlap either way", () => {
    expect(overlapping(cidr("x", ["10.1.0.0/16"]), all)).toEqual(["big", "small"]);
    expect(overlapping(cidr("x", ["2001:db8::/32"]), all)).toEqual(["small"]);
  });
});

describe("#4.1 ServiceCIDRs: plan", () => {
  const plan = (object: KubeObject, others: KubeObject[] = [], addresses: KubeObject[] = []) => planServiceCIDR(object, [object, ...others], () => addresses);
  const blocked = { ready: expect.objectContaining({ status: "False", reason: "Terminating" }) };

  it("a new one gets its finalizer and is ready", () => {
    expect(plan({ metadata: { name: "a" }, spec: { cidrs: [RANGE] } })).toEqual({
      finalizer: "add",
      ready: { status: "True", reason: "", message: "Kubernetes Service CIDR is ready" },
    });
  });

  it.each([
    ["nothing in it", [], [], { finalizer: "remove" }],
    ["an address that only it gives", [], [address("10.96.0.1")], blocked],
    ["an address of somebody else's", [], [address("10.96.0.1", "me")], { finalizer: "remove" }],
    ["an address beyond", [], [address("10.97.0.1")], { finalizer: "remove" }],
    ["a ServiceCIDR around it", [cidr("b", ["10.0.0.0/8"])], [address("10.96.0.1")], { finalizer: "remove" }],
    ["the same network twice", [cidr("b", [RANGE])], [address("10.96.0.1")], { finalizer: "remove" }],
    ["a smaller one that gives the address", [cidr("b", ["10.96.0.0/24"])], [address("10.96.0.1")], { finalizer: "remove" }],
    ["a smaller one that gives one of them", [cidr("b", ["10.96.0.0/24"])], [address("10.96.0.1"), address("10.96.9.1")], blocked],
  ])("one that is going, with %s", (_, others, addresses, expected) => {
    expect(plan(cidr("a", [RANGE], true), others, addresses)).toEqual(expected);
  });
});

describe("#4.1 ServiceCIDRs: story", () => {
  let cluster: Live;
  beforeEach(async () => {
    cluster = await live(serviceCIDRController, createDefaultServiceCIDRController({ cidrs: [RANGE] }));
    await cluster.settle();
  });
  afterEach(() => cluster.stop());
  const ready = (name: string) => cluster.get(`servicecidrs/${name}`).status?.conditions?.[0];

  it("writes as upstream's managers", async () => {
    const { metadata, status } = cluster.get("servicecidrs/kubernetes");
    expect(metadata.finalizers).toEqual([FINALIZER]);
    expect(status.conditions).toMatchObject([{ type: "Ready", status: "True", reason: "", message: "Kubernetes Service CIDR is ready" }]);
    expect(metadata.managedFields?.map((m) => [m.manager, m.operation, m.subresource])).toEqual([
      ["service-cidr-controller", "Apply", "status"],
      ["kube-controller-manager", "Update", undefined],
      ["test", "Update", undefined],
    ]);
  });

  it("keeps one whose address is in use, until the Service goes", async () => {
    await cluster.create("servicecidrs/more", { spec: { cidrs: ["10.1.0.0/28"] } });
    await cluster.settle();
    await cluster.create("services/a", { spec: { clusterIP: "10.1.0.3", ports: [{ port: 80 }] } });
    await cluster.remove("servicecidrs/more");
    await cluster.settle();
    expect(ready("more")).toMatchObject({ status: "False", reason: "Terminating" });
    await cluster.remove("services/a");
    await cluster.settle();
    expect(cluster.has("servicecidrs/more")).toBe(false);
  });

  it("lets one go when another takes its place", async () => {
    await cluster.create("services/a", { spec: { clusterIP: "10.96.0.3", ports: [{ port: 80 }] } });
    await cluster.remove("servicecidrs/kubernetes");
    await cluster.settle();
    expect(ready("kubernetes")).toMatchObject({ reason: "Terminating" });
    await cluster.create("servicecidrs/wider", { spec: { cidrs: ["10.0.0.0/8"] } });
    await cluster.settle();
    expect(cluster.has("servicecidrs/kubernetes")).toBe(false);
    // the API server wants its own back
    cluster.clock.advance(10_000);
    await cluster.settle();
    expect(ready("kubernetes")).toMatchObject({ status: "True" });
  });

  it("is begun with, and told ready by the API server until somebody else does", async () => {
    cluster.stop();
    await cluster.patch("servicecidrs/kubernetes", { metadata: { finalizers: null } });
    await cluster.remove("servicecidrs/kubernetes");
    const client = createClient(cluster.services, "system:apiserver", "kube-apiserver");
    await ensureDefaultServiceCIDR(client, [RANGE], cluster.clock.now());
    const made = cluster.get("servicecidrs/kubernetes");
    expect(made.status.conditions).toMatchObject([{ status: "True", message: "Kubernetes default Service CIDR is ready" }]);
    await ensureDefaultServiceCIDR(client, [RANGE], cluster.clock.now());
    expect(cluster.get("servicecidrs/kubernetes")).toEqual(made);
  });
});
