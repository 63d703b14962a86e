import { describe, expect, it } from "vitest";
import { createClient, createInformers, isConflict, isNotFound } from "../../client/index.js";
import type { KubeObject } from "../../kinds/object.js";
import { podSpec, world } from "../pipeline/world.js";

const MAPS = { group: "", version: "v1", resource: "configmaps" };
const PODS = { group: "", version: "v1", resource: "pods" };

describe("#3.1 client", () => {
  it("takes the way through the pipeline: defaults, managers, checks", async () => {
    const made = await world();
    const maps = createClient(made.services).as("system:serviceaccount:kube-system:x", "kube-controller-manager").resource(MAPS);
    const given = Object.freeze({ metadata: Object.freeze({ name: "a" }), data: Object.freeze({ k: "1" }) });
    const map = await maps.create("default", given);
    expect(map.metadata.managedFields?.[0]).toMatchObject({ manager: "kube-controller-manager", operation: "Update" });
    await expect(maps.create("nowhere", given)).rejects.toSatisfy(isNotFound);
    await expect(maps.update("default", { ...map, metadata: { ...map.metadata, resourceVersion: "1" } })).rejects.toSatisfy(isConflict);
    expect((await maps.update("default", { ...map, data: { k: "2" } })).data.k).toBe("2");
    expect((await maps.list("default", { fieldSelector: "metadata.name=a" })).items).toHaveLength(1);
    await maps.delete("default", "a", { preconditions: { uid: map.metadata.uid } });
    await expect(maps.get("default", "a")).rejects.toSatisfy(isNotFound);
  });

  it("modifies in the commit: nothing is lost among writers of one turn", async () => {
    const made = await world();
    const maps = createClient(made.services).resource(MAPS);
    await maps.create("default", { metadata: { name: "a" }, data: { n: "0" } });
    const more = (current: KubeObject): KubeObject => ({ ...current, data: { n: String(Number(current.data.n) + 1) } });
    await Promise.all(Array.from({ length: 20 }, () => maps.modify("default", "a", more)));
    expect((await maps.get("default", "a")).data.n).toBe("20");
    const before = made.store.revision;
    await maps.modify("default", "a", () => undefined);
    await maps.modify("default", "a", (current) => current);
    expect(made.store.revision).toBe(before);
  });

  it("writes a view and nothing else through it", async () => {
    const made = await world();
    const pods = createClient(made.services).resource(PODS);
    const pod = await pods.create("default", { metadata: { name: "a" }, spec: podSpec });
    const written = await pods.updateStatus("default", {
      ...pod,
      metadata: { ...pod.metadata, labels: { x: "y" } },
      spec: { ...pod.spec, nodeName: "n" },
      status: { phase: "Running" },
    });
    expect([written.status.phase, written.spec.nodeName]).toEqual(["Running", undefined]);
  });

  it("does nothing on a dry run", async () => {
    const made = await world();
    const maps = createClient(made.services).resource(MAPS);
    const before = made.store.revision;
    await maps.create("default", { metadata: { name: "a" } }, { dryRun: true });
    expect(made.store.revision).toBe(before);
  });
});

describe("#3.1 client: informers", () => {
  it("are never behind what their reader has awaited, and share one object with everybody", async () => {
    const made = await world();
    const client = createClient(made.services).resource(MAPS);
    const informer = createInformers(made.services).informer(MAPS);
    const seen: string[] = [];
    await client.create("default", { metadata: { name: "z" } });
    const stop = informer.handle({
      add: (o) => seen.push(`add ${o.metadata.name}`),
      update: (o, old) => seen.push(`update ${old.data?.k ?? ""}→${o.data?.k ?? ""} ${informer.get("default", "a") === o}`),
      delete: (o) => seen.push(`delete ${o.metadata.name} ${informer.get("default", "a") === undefined}`),
    });
    await client.create("default", { metadata: { name: "a" }, data: { k: "1" } });
    expect(informer.get("default", "a")).toBe(await client.get("default", "a"));
    await client.modify("default", "a", (o) => ({ ...o, data: { k: "2" } }));
    await client.delete("default", "a");
    expect(seen).toEqual(["add z", "add a", "update 1→2 true", "delete a true"]);
    stop();
    await client.create("default", { metadata: { name: "b" } });
    expect(seen).toHaveLength(4);
    expect(informer.list("default").map((o) => o.metadata.name)).toEqual(["b", "z"]);
    expect(informer.list("kube-system")).toEqual([]);
  });

  it("keep indexes up to date before any handler runs", async () => {
    const made = await world();
    const client = createClient(made.services).resource(PODS);
    const informers = createInformers(made.services);
    const informer = informers.informer(PODS);
    await client.create("default", { metadata: { name: "a", labels: { app: "x" } }, spec: podSpec });
    informer.addIndex("app", (o) => Object.values(o.metadata.labels ?? {}));
    const at = (key: string) => informer.byIndex("app", key).map((o) => o.metadata.name);
    const seen: unknown[] = [];
    informer.handle({ update: () => seen.push(at("x"), at("y")) });
    expect([at("x"), at("y")]).toEqual([["a"], []]);
    await client.modify("default", "a", (o) => ({ ...o, metadata: { ...o.metadata, labels: { app: "y", also: "x2" } } }));
    expect(seen).toEqual([[], ["a"]]);
    await client.modify("default", "a", (o) => ({ ...o, metadata: { ...o.metadata, annotations: { n: "1" } } }));
    expect(informer.byIndex("app", "x2")[0]?.metadata.annotations).toEqual({ n: "1" });
    await client.delete("default", "a", { gracePeriodSeconds: 0 });
    expect([at("x"), at("y"), at("x2")]).toEqual([[], [], []]);
    expect(() => informer.byIndex("nope", "x")).toThrow("has no index nope");
    expect(informers.informer(PODS)).toBe(informer);
    expect(() => informers.informer({ group: "", version: "v1", resource: "nothing" })).toThrow("not served");
    informers.stop();
  });
});
