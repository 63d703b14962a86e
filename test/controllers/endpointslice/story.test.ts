import { describe, expect, it } from "vitest";
import { endpointsController } from "../../../controllers/endpoints/index.js";
import { endpointSliceController, endpointSliceMirroringController } from "../../../controllers/endpointslice/index.js";
import type { KubeObject } from "../../../kinds/object.js";
import { createKubelet, defaultNodes } from "../../../kubelet/index.js";
import { World } from "../../kubelet/world.js";

const core = (resource: string) => ({ group: "", version: "v1", resource });
const [SERVICES, PODS, NODES, ENDPOINTS] = ["services", "pods", "nodes", "endpoints"].map(core);
const SLICES = { group: "discovery.k8s.io", version: "v1", resource: "endpointslices" };

async function world(): Promise<World> {
  const w = new World();
  for (const c of [endpointSliceController, endpointSliceMirroringController, endpointsController, createKubelet({ pace: "instant" })]) c.start(w.ctx);
  for (const node of defaultNodes(1)) await w.add(NODES, node);
  await w.settle();
  return w;
}
const service = (spec: object): KubeObject => ({
  kind: "Service",
  metadata: { name: "s", namespace: "d" },
  spec: { clusterIP: "None", ipFamilies: ["IPv4"], ports: [{ name: "web", port: 80, protocol: "TCP" }], ...spec },
});
const pod = (name: string): KubeObject => ({
  kind: "Pod",
  metadata: { name, namespace: "d", labels: { app: "x" } },
  spec: { nodeName: "node-0", hostname: name, subdomain: "s", containers: [{ name: "c", image: "i" }] },
});
const slices = (w: World): readonly KubeObject[] => w.store(SLICES).list("d");
const addresses = (w: World): number[] => [slices(w)[0]?.endpoints?.length ?? 0, w.store(ENDPOINTS).get("d", "s")?.subsets?.[0]?.addresses?.length ?? 0];

describe("#3.3 endpoints: stories", () => {
  it("follows pods as they come, change and go", async () => {
    const w = await world();
    await w.add(SERVICES, service({ selector: { app: "x" } }));
    await w.settle();
    expect(addresses(w)).toEqual([0, 0]);
    await w.add(PODS, pod("web-0"));
    await w.add(PODS, pod("web-1"));
    await w.settle();
    expect(addresses(w)).toEqual([2, 2]);
    expect(slices(w)[0].endpoints.map((e: { hostname: string; zone: string }) => [e.hostname, e.zone])).toEqual([
      ["web-0", "local-a"],
      ["web-1", "local-a"],
    ]);
    await w.ctx.client.resource(PODS).modify("d", "web-1", (p) => ({ ...p, metadata: { ...p.metadata, labels: { app: "y" } } }));
    await w.settle();
    expect(addresses(w)).toEqual([1, 1]);
    await w.ctx.client.resource(PODS).delete("d", "web-0");
    await w.settle();
    expect(addresses(w)).toEqual([0, 0]);
    await w.ctx.client.resource(SERVICES).delete("d", "s");
    await w.settle();
    expect(w.store(ENDPOINTS).get("d", "s")).toBeUndefined();
  });

  it("repairs a slice that somebody changed or deleted, and comes to rest", async () => {
    const w = await world();
    await w.add(SERVICES, service({ selector: { app: "x" } }));
    await w.add(PODS, pod("web-0"));
    await w.settle();
    const name = slices(w)[0].metadata.name ?? "";
    await w.ctx.client.resource(SLICES).modify("d", name, (s) => ({ ...s, endpoints: [] }));
    await w.settle();
    expect(addresses(w)).toEqual([1, 1]);
    await w.ctx.client.resource(SLICES).delete("d", slices(w)[0].metadata.name ?? "");
    await w.ctx.client.resource(ENDPOINTS).delete("d", "s");
    await w.settle();
    expect(addresses(w)).toEqual([1, 1]);
    const writes = w.writes.length;
    await w.pass(5_000);
    expect(w.writes.length).toBe(writes);
  });

  it("leaves services without a selector to their owners, and mirrors their Endpoints", async () => {
    const w = await world();
    await w.add(SERVICES, service({ selector: undefined }));
    await w.settle();
    expect(slices(w)).toEqual([]);
    await w.add(ENDPOINTS, {
      kind: "Endpoints",
      metadata: { name: "s", namespace: "d" },
      subsets: [{ addresses: [{ ip: "192.168.7.7" }], ports: [{ port: 1, protocol: "TCP" }] }],
    });
    await w.settle();
    expect(slices(w)).toHaveLength(1);
    await w.ctx.client.resource(ENDPOINTS).delete("d", "s");
    await w.settle();
    expect(slices(w)).toEqual([]);
  });
});
