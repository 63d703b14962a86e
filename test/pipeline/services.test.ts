import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../kinds/object.js";
import { PortOperation, staticBand } from "../../server/pipeline/resources/nodeports.js";
import { addressRanges, drawAddress } from "../../server/pipeline/resources/serviceips.js";
import { refusal, type World, world } from "./world.js";

const service = (spec: Record<string, unknown> = {}): Record<string, unknown> => ({ spec: { ports: [{ port: 80 }], ...spec } });
const applied = (object: Record<string, unknown>): unknown => ({ apiVersion: "v1", kind: "Service", metadata: { name: "a" }, ...object });
const cidr = (...cidrs: string[]): Record<string, unknown> => ({ spec: { cidrs } });
const setReady = (w: World, name: string, status: string): Promise<KubeObject> =>
  w.patch(`servicecidrs/${name}/status`, {
    status: { conditions: [{ type: "Ready", status, reason: "Because", message: "", lastTransitionTime: "2026-01-02T03:04:05Z" }] },
  });
const NARROW = { clusterIPs: "10.0.0.0/30", nodePorts: [30000, 30003] } as const;
const MISMATCH = "the provided network does not match the current range";

describe("#4.1 IPAddresses of Services", () => {
  it("come and go with them, in one commit", async () => {
    const w = await world();
    const { events, stop } = record(w);
    await w.create("services/a", service({ clusterIP: "10.96.0.7" }));
    expect(w.get("ipaddresses/10.96.0.7")).toMatchObject({
      metadata: { labels: { "ipaddress.kubernetes.io/ip-family": "IPv4", "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io" } },
      spec: { parentRef: { resource: "services", namespace: "default", name: "a" } },
    });
    // as a client would have made it
    const { metadata, spec } = w.get("ipaddresses/10.96.0.7");
    const byHand = await w.create("ipaddresses/10.96.0.8", { metadata: { labels: metadata.labels }, spec }, { fieldManager: "kube-apiserver" });
    const form = (o: KubeObject) => JSON.stringify({ ...o, metadata: { ...o.metadata, name: "", uid: "", resourceVersion: "" } });
    expect(form(w.get("ipaddresses/10.96.0.7"))).toBe(form(byHand));
    await w.remove("services/a");
    stop();
    expect(events).toEqual([
      ["put /registry/ipaddresses/10.96.0.7", "put /registry/services/specs/default/a"],
      ["put /registry/ipaddresses/10.96.0.8"],
      ["delete /registry/ipaddresses/10.96.0.7", "delete /registry/services/specs/default/a"],
    ]);
  });

  it("are there for whoever needs an address, and only then", async () => {
    const w = await world();
    await w.create("services/headless", service({ clusterIP: "None" }));
    await w.create("services/external", { spec: { type: "ExternalName", externalName: "a.b" } });
    expect(w.store.count("/registry/ipaddresses/")).toBe(0);
    await w.patch("services/external", { spec: { type: "ClusterIP", externalName: null, ports: [{ port: 80 }] } });
    expect(w.store.count("/registry/ipaddresses/")).toBe(1);
    await w.patch("services/external", { spec: { type: "ExternalName", externalName: "a.b" } });
    expect(w.store.count("/registry/ipaddresses/")).toBe(0);
  });

  it("are not written where the Service is refused, or tried", async () => {
    const w = await world();
    await refusal(w.create("services/a", service({ sessionAffinity: "Sometimes" })));
    await w.create("services/a", service(), { dryRun: true });
    await w.create("services/a", service());
    await refusal(w.create("services/a", service()));
    expect(w.store.count("/registry/ipaddresses/")).toBe(1);
    await w.remove("services/a", {}, { dryRun: true });
    expect(w.store.count("/registry/ipaddresses/")).toBe(1);
  });

  it("hold an address against everybody, whoever wrote them", async () => {
    const w = await world();
    await w.create("ipaddresses/10.96.0.9", { spec: { parentRef: { group: "example.com", resource: "things", name: "t" } } });
    expect((await refusal(w.create("services/a", service({ clusterIP: "10.96.0.9" })))).message).toContain("provided IP is already allocated");
    await w.remove("ipaddresses/10.96.0.9");
    expect((await w.create("services/a", service({ clusterIP: "10.96.0.9" }))).spec.clusterIP).toBe("10.96.0.9");
  });

  it("that are held by a finalizer are marked when their Service goes", async () => {
    const w = await world();
    await w.create("services/a", service({ clusterIP: "10.96.0.7" }));
    await w.patch("ipaddresses/10.96.0.7", { metadata: { finalizers: ["example.com/x"] } });
    await w.remove("services/a");
    expect(w.get("ipaddresses/10.96.0.7").metadata.deletionTimestamp).toBeDefined();
  });

  it.each<[string, (w: World) => Promise<unknown>]>([
    ["PUT", (w) => w.put("services/a", { metadata: { name: "a" }, ...service({ clusterIP: "10.96.0.7" }) })],
    ["server-side apply", (w) => w.patch("services/a", applied(service({ clusterIP: "10.96.0.7" })), "application/apply-patch+yaml", { fieldManager: "x" })],
  ])("come with a Service that a %s makes, and go with its last finalizer", async (_, make) => {
    const w = await world();
    await make(w);
    expect(w.get("ipaddresses/10.96.0.7").spec.parentRef.name).toBe("a");
    await w.patch("services/a", { metadata: { finalizers: ["example.com/x"] } });
    await w.remove("services/a");
    expect(w.has("ipaddresses/10.96.0.7")).toBe(true);
    await w.patch("services/a", { metadata: { finalizers: null } });
    expect([w.has("services/a"), w.has("ipaddresses/10.96.0.7")]).toEqual([false, false]);
  });

  it("go to different Services that are made in the same turn", async () => {
    const w = await world({ ranges: NARROW });
    const made = await Promise.allSettled(["a", "b", "c"].map((name) => w.create(`services/${name}`, service())));
    expect(made.map((one) => one.status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
    expect(new Set(made.slice(0, 2).map((one) => (one as PromiseFulfilledResult<KubeObject>).value.spec.clusterIP)).size).toBe(2);
  });
});

describe("#4.1 ServiceCIDRs give addresses", () => {
  it("once they are there, and no more when they are not ready or going", async () => {
    const w = await world({ ranges: NARROW });
    for (const name of ["a", "b"]) await w.create(`services/${name}`, service());
    expect(await refusal(w.create("services/c", service()))).toMatchObject({
      code: 500,
      message: 'Internal error occurred: failed to allocate a serviceIP for Service "c": range is full',
    });
    await w.create("servicecidrs/more", { ...cidr("10.1.0.0/28"), metadata: { finalizers: ["example.com/x"] } });
    expect((await w.create("services/c", service())).spec.clusterIP).toMatch(/^10\.1\.0\./);
    await setReady(w, "more", "False");
    expect((await refusal(w.create("services/d", service({ clusterIP: "10.1.0.9" })))).message).toContain(MISMATCH);
    await setReady(w, "more", "True");
    expect((await w.create("services/d", service({ clusterIP: "10.1.0.9" }))).spec.clusterIP).toBe("10.1.0.9");
    await w.remove("servicecidrs/more");
    expect((await refusal(w.create("services/e", service()))).message).toContain("range is full");
  });

  it.each([
    ["10.96.0.0", MISMATCH],
    ["10.96.255.255", MISMATCH],
    ["11.0.0.1", MISMATCH],
    ["10.96.255.254", undefined],
  ])("may a Service have %s?", async (clusterIP, why) => {
    const w = await world();
    const asked = w.create("services/a", service({ clusterIP }));
    if (why === undefined) expect((await asked).spec.clusterIP).toBe(clusterIP);
    else
      expect((await refusal(asked)).message).toBe(
        `Service "a" is invalid: spec.clusterIPs: Invalid value: ["${clusterIP}"]: failed to allocate IP ${clusterIP}: ${why}`,
      );
  });

  it("none on a dry run: it shows the network's own address, and asks for the range alone", async () => {
    const w = await world();
    const dry = { dryRun: true };
    expect((await w.create("services/a", service(), dry)).spec.clusterIP).toBe("10.96.0.0");
    await w.create("services/b", service({ clusterIP: "10.96.0.7" }));
    expect((await w.create("services/c", service({ clusterIP: "10.96.0.7" }), dry)).spec.clusterIP).toBe("10.96.0.7");
    expect((await refusal(w.create("services/c", service({ clusterIP: "11.0.0.1" }), dry))).message).toContain(
      "failed to allocate IP 11.0.0.1: the provided IP (11.0.0.1) is not in the valid range. The range of valid IPs is 10.96.0.0/16",
    );
    await setReady(w, "kubernetes", "False");
    expect((await refusal(w.create("services/c", service(), dry))).message).toContain("failed to allocate IP: allocator not ready");
  });

  it("leave the first addresses of a large network to those who choose", () => {
    const at = (text: string) => addressRanges([{ metadata: {}, ...cidr(text) }])[0];
    const first = (text: string) =>
      drawAddress(
        [at(text) as never],
        () => false,
        () => 0,
      );
    expect([first("10.0.0.0/16"), first("10.0.0.0/24"), first("10.0.0.0/28"), first("10.0.0.0/32")]).toEqual(["10.0.1.1", "10.0.0.17", "10.0.0.1", undefined]);
    const taken = (text: string): boolean => !["10.0.0.3"].includes(text);
    expect(drawAddress([at("10.0.0.0/24") as never], taken, () => 0.99)).toBe("10.0.0.3");
  });

  it("of the IPv4 networks only, each once", () => {
    const going = { metadata: { deletionTimestamp: "t" }, ...cidr("10.0.0.0/24") };
    expect(addressRanges([{ metadata: {}, ...cidr("10.0.0.0/24", "2001:db8::/64") }, going])).toMatchObject([{ cidr: "10.0.0.0/24", ready: true }]);
    expect(addressRanges([going])).toMatchObject([{ ready: false }]);
  });
});

describe("#4.1 node ports", () => {
  const operation = (taken: number[] = [], dryRun = false, random = 0) => new PortOperation([30000, 32767], taken, () => random, dryRun);

  it("are drawn above the static band, then in it", () => {
    expect([staticBand([30000, 32767]), staticBand([30000, 30015]), staticBand([30000, 30063]), staticBand([1, 65535])]).toEqual([86, 0, 16, 128]);
    expect(operation().next()).toBe(30086);
    const upper = Array.from({ length: 32767 - 30086 + 1 }, (_, i) => 30086 + i);
    expect(operation(upper).next()).toBe(30000);
    expect(operation([...upper, ...Array.from({ length: 86 }, (_, i) => 30000 + i)]).next()).toBeUndefined();
  });

  it("are made up on a dry run, which looks at no range", () => {
    const dry = operation([30001], true);
    expect([dry.next(), dry.next(), dry.allocate(80), dry.allocate(80), dry.allocate(30001)]).toEqual([
      32769,
      32770,
      undefined,
      "provided port is already allocated",
      "provided port is already allocated",
    ]);
  });

  it("serve one Service's port twice, not two of its ports", async () => {
    const w = await world();
    const ports = (...list: object[]) => service({ type: "NodePort", ports: list });
    const twice = ports({ name: "t", port: 53, nodePort: 30053 }, { name: "u", port: 53, protocol: "UDP", nodePort: 30053 });
    expect((await w.create("services/dns", twice)).spec.ports.map((p: { nodePort: number }) => p.nodePort)).toEqual([30053, 30053]);
    const both = ports({ name: "a", port: 1, nodePort: 30001 }, { name: "b", port: 2, protocol: "UDP", nodePort: 30001 });
    expect((await refusal(w.create("services/b", both))).message).toBe(
      'Service "b" is invalid: spec.ports[1].nodePort: Invalid value: 30001: provided port is already allocated',
    );
  });

  it("of an update: kept, taken, or wanted twice", async () => {
    const w = await world();
    const of = (...list: object[]) => ({ metadata: { name: "a" }, spec: { type: "NodePort", ports: list } });
    await w.create("services/a", of({ name: "a", port: 1, nodePort: 30001 }));
    await w.create("services/b", { spec: { type: "NodePort", ports: [{ port: 1, nodePort: 30002 }] } });
    expect((await refusal(w.put("services/a", of({ name: "a", port: 1, nodePort: 30002 })))).message).toContain("provided port is already allocated");
    expect(await refusal(w.put("services/a", of({ name: "a", port: 1, nodePort: 30001 }, { name: "b", port: 2, nodePort: 30001 })))).toMatchObject({
      code: 500,
      message: "duplicate nodePort: {TCP 30001}",
    });
    expect((await w.put("services/a", of({ name: "a", port: 1, nodePort: 30003 }))).spec.ports[0].nodePort).toBe(30003);
    expect((await w.create("services/c", { spec: { type: "NodePort", ports: [{ port: 1, nodePort: 30001 }] } })).spec.ports[0].nodePort).toBe(30001);
  });

  it("go to different Services that are made in the same turn", async () => {
    const w = await world({ ranges: { clusterIPs: "10.96.0.0/24", nodePorts: [30000, 30001] } });
    const of = (name: string, nodePort?: number) => w.create(`services/${name}`, { spec: { type: "NodePort", ports: [{ port: 80, nodePort }] } });
    const made = await Promise.allSettled([of("a"), of("b"), of("c"), of("d", 30000)]);
    expect(made.map((one) => one.status)).toEqual(["fulfilled", "fulfilled", "rejected", "rejected"]);
    const [a, b] = made.map((one) => (one as PromiseFulfilledResult<KubeObject>).value?.spec.ports[0].nodePort);
    expect([a, b].sort()).toEqual([30000, 30001]);
  });

  it("for health checks of local load balancers", async () => {
    const w = await world();
    const local = (healthCheckNodePort?: number) => service({ type: "LoadBalancer", externalTrafficPolicy: "Local", healthCheckNodePort });
    const { healthCheckNodePort } = (await w.create("services/a", local())).spec;
    expect(healthCheckNodePort).toBeGreaterThan(30085);
    expect((await refusal(w.create("services/b", local(healthCheckNodePort)))).message).toBe(
      `Internal error occurred: failed to allocate requested HealthCheck NodePort ${healthCheckNodePort}: provided port is already allocated`,
    );
    const cluster = await w.patch("services/a", { spec: { externalTrafficPolicy: "Cluster" } });
    expect(cluster.spec.healthCheckNodePort).toBeUndefined();
    expect((await w.create("services/b", local(healthCheckNodePort))).spec.healthCheckNodePort).toBe(healthCheckNodePort);
  });
});

/** Commits from now on, each as the changes of one turn. */
function record(w: World): { events: string[][]; stop(): void } {
  const events: string[][] = [];
  const watcher = w.store.watch({
    prefix: "/registry/",
    after: w.store.revision,
    onEvents: (list) => events.push(list.map((event) => `${event.type} ${event.key}`)),
  });
  return { events, stop: () => watcher.stop() };
}
