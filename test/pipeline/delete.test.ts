import { describe, expect, it } from "vitest";
import { removeCollection } from "../../server/pipeline/deletecollection.js";
import { remove } from "../../server/pipeline/delete.js";
import { PLAIN_LIST } from "../../server/pipeline/list.js";
import { EVERYTHING, selectionOf } from "../../server/pipeline/selection.js";
import { podSpec, refusal, type World, world } from "./world.js";

const running = async (made: World, path = "pods/a", spec: object = podSpec) => {
  await made.create(path, { spec });
  await made.patch(`${path}/status`, { status: { phase: "Running" } });
  // a pod that no node has is removed at once
  return made.patch(path, { metadata: { labels: { bound: "yes" } } });
};
const bound = { ...podSpec, nodeName: "node-0" };

describe("#3.1 pipeline: delete", () => {
  it("answers a Status that names what is gone, or the object where the kind says so", async () => {
    const made = await world();
    const map = await made.create("configmaps/a", {});
    const account = await made.create("serviceaccounts/a", {});
    expect(await made.remove("configmaps/a")).toEqual({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Success",
      details: { name: "a", kind: "configmaps", uid: map.metadata.uid },
    });
    expect((await made.remove("serviceaccounts/a")).metadata.uid).toBe(account.metadata.uid);
    expect(await refusal(made.remove("configmaps/a"))).toMatchObject({ code: 404, message: 'configmaps "a" not found' });
  });

  it("marks a pod with its grace, shortens it on request, and removes it at nought", async () => {
    const made = await world();
    await running(made, "pods/a", bound);
    const marked = await made.remove("pods/a");
    expect([marked.metadata.deletionTimestamp, marked.metadata.deletionGracePeriodSeconds]).toEqual(["2026-01-02T03:04:35Z", 30]);
    const before = made.store.revision;
    await made.remove("pods/a");
    await made.remove("pods/a", { gracePeriodSeconds: 40 });
    expect(made.store.revision).toBe(before);
    made.clock.advance(2000);
    const shorter = await made.remove("pods/a", { gracePeriodSeconds: 5 });
    expect([shorter.metadata.deletionTimestamp, shorter.metadata.deletionGracePeriodSeconds]).toEqual(["2026-01-02T03:04:10Z", 5]);
    made.clock.advance(20_000);
    const overdue = await made.remove("pods/a", { gracePeriodSeconds: 3 });
    expect([overdue.metadata.deletionTimestamp, overdue.metadata.deletionGracePeriodSeconds]).toEqual(["2026-01-02T03:04:27Z", 1]);
    const last = await made.remove("pods/a", { gracePeriodSeconds: 0 });
    expect(last.metadata.deletionGracePeriodSeconds).toBe(0);
    expect(made.has("pods/a")).toBe(false);
  });

  it("keeps what finalizers hold, writes nothing the second time, and lets it go with the last of them", async () => {
    const made = await world();
    await made.create("configmaps/a", { metadata: { finalizers: ["x.io/a"] } });
    const marked = await made.remove("configmaps/a");
    expect(marked.metadata).toMatchObject({ deletionGracePeriodSeconds: 0, deletionTimestamp: "2026-01-02T03:04:05Z", finalizers: ["x.io/a"] });
    const before = made.store.revision;
    made.clock.advance(60_000);
    await made.remove("configmaps/a");
    expect(made.store.revision).toBe(before);
    expect(await refusal(made.create("configmaps/a", {}))).toMatchObject({ code: 409, message: 'object is being deleted: configmaps "a" already exists' });
    const gone = await made.patch("configmaps/a", { metadata: { finalizers: null } });
    expect(gone.metadata.finalizers).toBeUndefined();
    expect(made.has("configmaps/a")).toBe(false);
  });

  it.each([
    ["Foreground", ["x.io/a", "foregroundDeletion"]],
    ["Orphan", ["x.io/a", "orphan"]],
    ["Background", ["x.io/a"]],
  ] as const)("propagation %s leaves the finalizers %j", async (propagationPolicy, finalizers) => {
    const made = await world();
    await made.create("configmaps/a", { metadata: { finalizers: ["x.io/a"] } });
    expect((await made.remove("configmaps/a", { propagationPolicy })).metadata.finalizers).toEqual(finalizers);
  });

  it("raises the generation of what it marks, where there is one", async () => {
    const made = await world();
    const spec = { selector: { matchLabels: { a: "b" } }, template: { metadata: { labels: { a: "b" } }, spec: podSpec } };
    await made.create("replicasets/a", { metadata: { finalizers: ["x.io/a"] }, spec });
    expect((await made.remove("replicasets/a")).metadata.generation).toBe(2);
    expect((await made.remove("replicasets/a")).metadata.generation).toBe(2);
  });

  it("checks uid and version first, and says so in the kind's name", async () => {
    const made = await world();
    const { metadata } = await made.create("configmaps/a", {});
    expect(await refusal(made.remove("configmaps/a", { preconditions: { uid: "other" } }))).toMatchObject({
      code: 409,
      message: `Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition (other) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
      details: { name: "a", kind: "ConfigMap" },
    });
    expect((await refusal(made.remove("configmaps/a", { preconditions: { resourceVersion: "1" } }))).message).toContain(
      "the ResourceVersion in the precondition (1)",
    );
    await made.remove("configmaps/a", { preconditions: { uid: metadata.uid, resourceVersion: metadata.resourceVersion } });
  });

  it("asks preconditions before admission, of a namespace in its own words", async () => {
    const made = await world();
    const { uid } = made.get("namespaces/default").metadata;
    expect(await refusal(made.remove("namespaces/default", { preconditions: { uid: "x" } }))).toMatchObject({
      code: 409,
      message: `Operation cannot be fulfilled on namespaces "default": Precondition failed: UID in precondition: x, UID in object meta: ${uid}`,
    });
    expect(await refusal(made.remove("namespaces/default"))).toMatchObject({
      code: 403,
      message: 'namespaces "default" is forbidden: this namespace may not be deleted',
    });
  });

  it("shows what a dry run would do, and does nothing", async () => {
    const made = await world();
    await running(made, "pods/a", bound);
    await made.create("configmaps/a", { metadata: { finalizers: ["x.io/a"] } });
    const before = made.store.revision;
    const now = await made.remove("pods/a", { gracePeriodSeconds: 0 }, { dryRun: true });
    expect(now.metadata).toMatchObject({ deletionGracePeriodSeconds: 0, deletionTimestamp: "2026-01-02T03:04:05Z" });
    expect((await made.remove("configmaps/a", {}, { dryRun: true })).metadata.deletionTimestamp).toBeDefined();
    expect((await made.remove("serviceaccounts/default", {}, { dryRun: true })).metadata.name).toBe("default");
    expect(made.store.revision).toBe(before);
  });

  it("says 202 to orphanDependents=false while the object is still there", async () => {
    const made = await world();
    await running(made, "pods/a", bound);
    const ask = async () => (await remove(made.services, made.ctx(), made.target("pods/a"), { orphanDependents: false, gracePeriodSeconds: 30 })).code;
    expect([await ask(), await ask()]).toEqual([202, 202]);
    await made.create("configmaps/a", {});
    expect((await remove(made.services, made.ctx(), made.target("configmaps/a"), { orphanDependents: false })).code).toBe(200);
  });

  it("takes a Service's Endpoints along, but not on a dry run", async () => {
    const made = await world();
    await made.create("services/a", { spec: { ports: [{ port: 80 }] } });
    await made.create("endpoints/a", { subsets: [] });
    await made.remove("services/a", {}, { dryRun: true });
    expect(made.has("endpoints/a")).toBe(true);
    await made.remove("services/a");
    expect(made.has("endpoints/a")).toBe(false);
  });

  it("empties a namespace in two steps", async () => {
    const made = await world();
    await made.create("namespaces/n", {});
    const marked = await made.remove("namespaces/n");
    expect([marked.status.phase, marked.spec.finalizers, marked.metadata.deletionGracePeriodSeconds]).toEqual(["Terminating", ["kubernetes"], undefined]);
    const before = made.store.revision;
    await made.remove("namespaces/n");
    expect(made.store.revision).toBe(before);
    expect((await refusal(made.create("n:configmaps/a", {}))).message).toBe(
      'configmaps "a" is forbidden: unable to create new content in namespace n because it is being terminated',
    );
    await made.put("namespaces/n/finalize", { ...marked, spec: { finalizers: [] } });
    await made.remove("namespaces/n").catch(() => {});
    expect(made.has("namespaces/n")).toBe(false);
  });

  it("deletes a collection by selector and no more than the limit", async () => {
    const made = await world();
    for (const name of ["a", "b", "c"]) await made.create(`configmaps/${name}`, { metadata: { labels: { pick: name === "b" ? "no" : "yes" } } });
    const { kind } = made.target("configmaps");
    const picked = await removeCollection(made.services, made.ctx(), kind, "default", {}, PLAIN_LIST, selectionOf(kind, "pick=yes", ""));
    expect(picked.entries.map((e) => e.key.split("/").at(-1))).toEqual(["a", "c"]);
    expect(made.has("configmaps/b")).toBe(true);
    for (const name of ["a", "c"]) await made.create(`configmaps/${name}`, {});
    await removeCollection(made.services, made.ctx(), kind, "default", {}, { ...PLAIN_LIST, limit: 2 }, EVERYTHING);
    expect(["a", "b", "c"].filter((name) => made.has(`configmaps/${name}`))).toEqual(["c"]);
  });
});

describe("#3.1 pipeline: eviction", () => {
  const evict = (made: World, body: object, dryRun = false) =>
    made.services.resources
      .get("/pods")
      ?.connect?.eviction?.({ metadata: { name: "a" }, ...body }, made.target("pods/a/eviction"), made.ctx({ dryRun }), made.services);

  it("deletes the pod, unless either place asks for a dry run", async () => {
    const made = await world();
    await running(made, "pods/a", podSpec);
    await evict(made, {}, true);
    await evict(made, { deleteOptions: { dryRun: ["All"] } });
    expect(made.has("pods/a")).toBe(true);
    await evict(made, { deleteOptions: { gracePeriodSeconds: 0 } });
    expect(made.has("pods/a")).toBe(false);
  });
});
