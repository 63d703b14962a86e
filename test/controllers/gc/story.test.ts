import { describe, expect, it } from "vitest";
import { createGarbageCollector } from "../../../controllers/gc/index.js";
import type { ServedResource } from "../../../controllers/runtime/served.js";
import type { KubeObject, OwnerReference } from "../../../kinds/object.js";
import { World } from "../../kubelet/world.js";

const CM: ServedResource = { group: "", version: "v1", resource: "configmaps", kind: "ConfigMap", namespaced: true };
const SECRET: ServedResource = { group: "", version: "v1", resource: "secrets", kind: "Secret", namespaced: true };
const NODE: ServedResource = { group: "", version: "v1", resource: "nodes", kind: "Node", namespaced: false };

function world(list: readonly ServedResource[] = [CM, SECRET, NODE]): World {
  const w = new World();
  createGarbageCollector({ list: () => list }).start(w.ctx);
  return w;
}
const make = (w: World, r: ServedResource, name: string, owners: OwnerReference[] = [], meta: object = {}): Promise<KubeObject> =>
  w.add(r, {
    apiVersion: "v1",
    kind: r.kind,
    metadata: { name, namespace: r.namespaced ? "a" : undefined, ...(owners.length ? { ownerReferences: owners } : {}), ...meta },
  });
const owner = (o: KubeObject, more: Partial<OwnerReference> = {}): OwnerReference => ({
  apiVersion: "v1",
  kind: o.kind ?? "",
  name: o.metadata.name ?? "",
  uid: o.metadata.uid ?? "",
  ...more,
});
const cm = (w: World, name: string): KubeObject | undefined => w.store(CM).get("a", name);

describe("#3.3 garbage collector: stories", () => {
  it("collects what never had its owner, and keeps what has", async () => {
    const w = world();
    const o = await make(w, CM, "owner");
    await make(w, CM, "kept", [owner(o)]);
    await make(w, CM, "stray", [owner({ ...o, metadata: { name: "owner", uid: "another" } })]);
    await make(w, CM, "odd", [{ apiVersion: "example.com/v1", kind: "Thing", name: "x", uid: "y" }]);
    await w.settle();
    expect(cm(w, "kept")).toBeDefined();
    expect(cm(w, "stray")).toBeUndefined();
    expect(cm(w, "odd")).toBeDefined();
  });

  it("deletes a tree from the top", async () => {
    const w = world();
    const top = await make(w, CM, "top");
    const mid = await make(w, SECRET, "mid", [owner(top)]);
    await make(w, CM, "leaf", [owner(mid)]);
    await w.settle();
    await w.ctx.client.resource(CM).delete("a", "top", { propagationPolicy: "Background" });
    await w.settle();
    expect([...w.store(CM).list(), ...w.store(SECRET).list()]).toEqual([]);
    expect(w.writes.filter((x) => x.verb === "delete" && x.user.endsWith(":generic-garbage-collector")).length).toBe(2);
  });

  it("orphans: dependents stay, without the reference", async () => {
    const w = world();
    const o = await make(w, CM, "owner");
    await make(w, CM, "kept", [owner(o, { blockOwnerDeletion: true })]);
    await w.ctx.client.resource(CM).delete("a", "owner", { propagationPolicy: "Orphan" });
    await w.settle();
    expect(cm(w, "owner")).toBeUndefined();
    expect(cm(w, "kept")?.metadata.ownerReferences).toBeUndefined();
  });

  it("foreground: the owner goes last, and waits for finalizers of those that block", async () => {
    const w = world();
    const o = await make(w, CM, "front");
    await make(w, CM, "blocker", [owner(o, { blockOwnerDeletion: true })], { finalizers: ["example.com/hold"] });
    await make(w, CM, "other", [owner(o)]);
    await w.ctx.client.resource(CM).delete("a", "front", { propagationPolicy: "Foreground" });
    await w.settle();
    expect(cm(w, "other")).toBeUndefined();
    expect(cm(w, "front")?.metadata.finalizers).toEqual(["foregroundDeletion"]);
    expect(cm(w, "blocker")?.metadata.deletionTimestamp).toBeDefined();
    await w.ctx.client.resource(CM).modify("a", "blocker", (b) => ({ ...b, metadata: { ...b.metadata, finalizers: [] } }));
    await w.settle();
    expect(cm(w, "front")).toBeUndefined();
  });

  it("lets a foreground owner go when the one that blocked is unblocked", async () => {
    const w = world();
    const o = await make(w, CM, "front");
    await make(w, CM, "blocker", [owner(o, { blockOwnerDeletion: true })], { finalizers: ["example.com/hold"] });
    await w.ctx.client.resource(CM).delete("a", "front", { propagationPolicy: "Foreground" });
    await w.settle();
    await w.ctx.client.resource(CM).modify("a", "blocker", (b) => ({ ...b, metadata: { ...b.metadata, ownerReferences: [owner(o)] } }));
    await w.settle();
    expect(cm(w, "front")).toBeUndefined();
    expect(cm(w, "blocker")).toBeDefined();
  });

  it("tells of an owner in another namespace, and collects", async () => {
    const w = world();
    const o = await w.add(CM, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "far", namespace: "b" } });
    await make(w, CM, "lost", [owner(o)]);
    await w.settle();
    expect(cm(w, "lost")).toBeUndefined();
    expect(w.events).toEqual([
      {
        component: "garbage-collector-controller",
        host: undefined,
        about: "ConfigMap/lost",
        type: "Warning",
        reason: "OwnerRefInvalidNamespace",
        message: `ownerRef [v1/ConfigMap, namespace: a, name: far, uid: ${o.metadata.uid}] does not exist in namespace "a"`,
      },
    ]);
  });

  it("lets a cluster-scoped owner own in any namespace, and not the other way round", async () => {
    const w = world();
    const node = await make(w, NODE, "n");
    const o = await make(w, CM, "owner");
    await make(w, CM, "on-node", [owner(node)]);
    await make(w, NODE, "owned-node", [owner(o)]);
    await w.ctx.client.resource(CM).delete("a", "owner");
    await w.settle();
    expect(cm(w, "on-node")).toBeDefined();
    expect(w.store(NODE).get("", "owned-node")).toBeDefined();
    await w.ctx.client.resource(NODE).delete("", "n");
    await w.settle();
    expect(cm(w, "on-node")).toBeUndefined();
  });

  it("finds out about owners whatever the order of the resources, and after a start over", async () => {
    const w = new World();
    const o = await make(w, CM, "owner");
    await make(w, SECRET, "kept", [owner(o)]);
    await make(w, SECRET, "stray", [owner({ ...o, metadata: { name: "gone", uid: "gone" } })]);
    createGarbageCollector({ list: () => [SECRET, CM] }).start(w.ctx);
    await w.settle();
    expect(
      w
        .store(SECRET)
        .list()
        .map((s) => s.metadata.name),
    ).toEqual(["kept"]);
  });
});
