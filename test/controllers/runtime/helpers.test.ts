import { describe, expect, it } from "vitest";
import { addControllerIndex, claim, orphans, ownedBy } from "../../../controllers/runtime/adoption.js";
import { PODS, type Pod } from "../../../controllers/runtime/api.js";
import { canonicalJson, fnv1, fnv1a } from "../../../controllers/runtime/hash.js";
import { randomSuffix, safeEncode } from "../../../controllers/runtime/names.js";
import { podFromTemplate } from "../../../controllers/runtime/podtemplate.js";
import { isPodAvailable, nextAvailabilityCheck } from "../../../controllers/runtime/podutil.js";
import { labelSelectorAsSelector } from "../../../kinds/labels.js";
import { FakeCluster } from "../support/fake.js";

const GVK = { apiVersion: "apps/v1", kind: "ReplicaSet" };

describe("#3.3 controller runtime: names and hashes", () => {
  it("hashes as Go's FNV does", () => {
    expect(fnv1("")).toBe(2166136261);
    expect(fnv1("foobar")).toBe(0x31f0b262);
    expect(fnv1a("foobar")).toBe(0xbf9cf968);
  });
  it("encodes in the safe alphabet", () => {
    expect(safeEncode("0123456789")).toBe("456789bcdf");
    expect(randomSuffix(() => 0)).toBe("bbbbb");
    expect(randomSuffix(() => 0.999, 3)).toBe("999");
  });
  it("prints JSON as Go prints a map", () => {
    expect(canonicalJson({ b: [1, "<&>"], a: { z: null, y: undefined, x: true } })).toBe('{"a":{"x":true,"z":null},"b":[1,"\\u003c\\u0026\\u003e"]}');
  });
});

describe("#3.3 controller runtime: pods", () => {
  const pod = (status: string, since?: string): Pod => ({
    metadata: { name: "p" },
    spec: { containers: [] },
    status: { conditions: [{ type: "Ready", status, lastTransitionTime: since }] },
  });
  const at = (s: number) => Date.UTC(2024, 0, 1, 0, 0, s);
  it("is available after minReadySeconds of being Ready, the moment included", () => {
    expect(isPodAvailable(pod("True"), 0, at(0))).toBe(true);
    expect(isPodAvailable(pod("False"), 0, at(0))).toBe(false);
    expect(isPodAvailable(pod("True"), 1, at(0))).toBe(false);
    expect(isPodAvailable(pod("True", "2024-01-01T00:00:00Z"), 10, at(9))).toBe(false);
    expect(isPodAvailable(pod("True", "2024-01-01T00:00:00Z"), 10, at(10))).toBe(true);
  });
  it("knows when the next one will be", () => {
    const pods = [pod("True", "2024-01-01T00:00:05Z"), pod("True", "2024-01-01T00:00:02Z"), pod("False", "2024-01-01T00:00:00Z")];
    expect(nextAvailabilityCheck(pods, 10, at(6))).toBe(6000);
    expect(nextAvailabilityCheck(pods, 10, at(20))).toBeUndefined();
  });
  it("takes labels, annotations, finalizers and spec from the template", () => {
    const template = { metadata: { labels: { a: "b" }, finalizers: ["x/y"] }, spec: { containers: [{ name: "c" }] } };
    const made = podFromTemplate(template, { metadata: { name: "web", uid: "u" } }, GVK);
    expect(made.metadata).toEqual({
      generateName: "web-",
      labels: { a: "b" },
      finalizers: ["x/y"],
      ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "web", uid: "u", controller: true, blockOwnerDeletion: true }],
    });
    made.spec.containers[0].name = "other";
    expect(template.spec.containers[0].name).toBe("c");
  });
});

describe("#3.3 controller runtime: adoption", () => {
  const owner = { ...GVK, metadata: { name: "rs", namespace: "default", uid: "owner" } };
  const ref = (uid: string) => ({ ...GVK, name: "rs", uid, controller: true, blockOwnerDeletion: true });
  async function run(over: object = {}) {
    const cluster = new FakeCluster();
    const informer = cluster.context.informers.informer<Pod>(PODS);
    addControllerIndex(informer);
    const pod = (name: string, labels: Record<string, string>, more: object = {}) =>
      cluster.add("pods", { metadata: { name, uid: name, labels, ...more }, spec: { containers: [] } });
    pod("orphan", { app: "a" });
    pod("stranger", { app: "b" });
    pod("mine", { app: "a" }, { ownerReferences: [ref("owner")] });
    pod("strayed", { app: "b" }, { ownerReferences: [ref("owner")] });
    pod("other", { app: "a" }, { ownerReferences: [ref("someone")] });
    pod("leaving", { app: "a" }, { deletionTimestamp: "2024-01-01T00:00:00Z" });
    const claimed = await claim({
      owner,
      gvk: GVK,
      kind: "Pod",
      selector: labelSelectorAsSelector({ matchLabels: { app: "a" } }),
      candidates: [...ownedBy(informer, "owner"), ...orphans(informer, "default")],
      resource: cluster.context.client.resource<Pod>(PODS),
      fresh: async () => owner,
      ...over,
    });
    return { cluster, names: claimed.map((p) => p.metadata.name).sort() };
  }
  it("adopts matching orphans and releases what no longer matches", async () => {
    const { cluster, names } = await run();
    expect(names).toEqual(["mine", "orphan"]);
    expect(cluster.get("pods", "orphan")?.metadata.ownerReferences).toEqual([ref("owner")]);
    expect(cluster.get("pods", "strayed")?.metadata.ownerReferences).toBeUndefined();
    expect(cluster.calls.map((c) => `${c.verb} ${c.name}`).sort()).toEqual(["patch orphan", "patch strayed"]);
  });
  it("does neither while the owner is being deleted", async () => {
    const leaving = { ...owner, metadata: { ...owner.metadata, deletionTimestamp: "2024-01-01T00:00:00Z" } };
    const { cluster, names } = await run({ owner: leaving });
    expect(names).toEqual(["mine"]);
    expect(cluster.calls).toEqual([]);
  });
  it("refuses to adopt for an owner that was just deleted or replaced", async () => {
    const gone = { ...owner, metadata: { ...owner.metadata, deletionTimestamp: "2024-01-01T00:00:00Z" } };
    await expect(run({ fresh: async () => gone })).rejects.toThrow("can't adopt Pod default/orphan (orphan): default/rs has just been deleted at");
    await expect(run({ fresh: async () => ({ ...owner, metadata: { ...owner.metadata, uid: "new" } }) })).rejects.toThrow("is gone: got uid new, wanted owner");
  });
});
