import { describe, expect, it } from "vitest";
import { cloneJson, deepEqual } from "../../server/pipeline/objects.js";
import { generateName } from "../../server/pipeline/names.js";
import { podSpec, refusal, world } from "./world.js";

const workload = { selector: { matchLabels: { a: "b" } }, template: { metadata: { labels: { a: "b" } }, spec: podSpec } };

describe("#3.1 pipeline: create", () => {
  it("fills in what is the server's to say, and ignores what a client says of it", async () => {
    const made = await world();
    const { metadata } = await made.create("configmaps/a", {
      metadata: { uid: "mine", creationTimestamp: "2000-01-01T00:00:00Z", deletionTimestamp: "2000-01-01T00:00:00Z", selfLink: "/x", generation: 7 },
    });
    expect(metadata).toMatchObject({
      name: "a",
      namespace: "default",
      creationTimestamp: "2026-01-02T03:04:05Z",
      resourceVersion: String(made.store.revision),
    });
    expect(metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect([metadata.deletionTimestamp, metadata.selfLink]).toEqual([undefined, undefined]);
  });

  it("takes a namespace from the path and no other", async () => {
    const made = await world();
    expect((await refusal(made.create("configmaps/a", { metadata: { namespace: "kube-system" } }))).message).toBe(
      "the namespace of the provided object does not match the namespace sent on the request",
    );
    expect(await refusal(made.create("nowhere:configmaps/a", {}))).toMatchObject({ code: 404, message: 'namespaces "nowhere" not found' });
    expect((await made.create("nodes/n", { metadata: { namespace: "default" } })).metadata.namespace).toBeUndefined();
  });

  it("refuses a version, passes over what is none, and a name that is taken", async () => {
    const made = await world();
    expect(await refusal(made.create("configmaps/a", { metadata: { resourceVersion: "5" } }))).toMatchObject({
      code: 500,
      message: "resourceVersion should not be set on objects to be created",
    });
    await made.create("configmaps/a", { metadata: { resourceVersion: "abc" } });
    await made.create("configmaps/b", { metadata: { resourceVersion: "0" } });
    expect(await refusal(made.create("configmaps/a", {}))).toMatchObject({ code: 409, reason: "AlreadyExists", message: 'configmaps "a" already exists' });
    expect(await refusal(made.create("configmaps/a", {}, { dryRun: true }))).toMatchObject({ code: 409 });
  });

  it("draws names, again when one is taken, and gives up with a text of its own", async () => {
    expect(generateName("x".repeat(80), () => 0)).toBe(`${"x".repeat(58)}bbbbb`);
    const made = await world();
    const first = await made.create("configmaps", { metadata: { generateName: "g-" } });
    expect(first.metadata.name).toMatch(/^g-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    const stuck = { ...made.services, random: () => 0 };
    Object.assign(made.services, { random: stuck.random });
    await made.create("configmaps", { metadata: { generateName: "g-" } });
    expect(await refusal(made.create("configmaps", { metadata: { generateName: "g-" } }))).toMatchObject({
      code: 409,
      message: 'configmaps "g-bbbbb" already exists, the server was not able to generate a unique name for the object',
      details: { retryAfterSeconds: 1 },
    });
  });

  it("stores nothing on a dry run, and shows no version", async () => {
    const made = await world();
    const before = made.store.revision;
    const { metadata } = await made.create("configmaps/a", {}, { dryRun: true });
    expect([metadata.resourceVersion, metadata.uid !== undefined, made.store.revision, made.has("configmaps/a")]).toEqual([undefined, true, before, false]);
  });

  it("folds equal owners with a warning", async () => {
    const made = await world();
    const owner = { apiVersion: "v1", kind: "Pod", name: "p", uid: "u" };
    const { metadata } = await made.create("configmaps/a", { metadata: { ownerReferences: [owner, owner] } });
    expect(metadata.ownerReferences).toEqual([owner]);
    expect(made.warnings).toEqual([expect.stringContaining("duplicate UID(s) observed: u")]);
  });
});

describe("#3.1 pipeline: update", () => {
  it("compares versions, and needs one where the kind says so", async () => {
    const made = await world();
    const map = await made.create("configmaps/a", { data: { k: "1" } });
    const put = (resourceVersion: string | undefined, k: string) => made.put("configmaps/a", { ...map, metadata: { name: "a", resourceVersion }, data: { k } });
    await put(map.metadata.resourceVersion, "2");
    expect(await refusal(put(map.metadata.resourceVersion, "3"))).toMatchObject({
      code: 409,
      message: 'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    });
    await put(undefined, "4");
    await put("0", "5");
    expect(await refusal(put("abc", "6"))).toMatchObject({ code: 500, message: 'strconv.ParseUint: parsing "abc": invalid syntax' });
    await made.create("leases/l", { spec: {} });
    expect((await refusal(made.put("leases/l", { metadata: { name: "l" }, spec: {} }))).message).toBe(
      'leases.coordination.k8s.io "l" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    );
  });

  it("stores nothing when nothing changes, not even the time of a manager", async () => {
    const made = await world();
    const map = await made.create("configmaps/a", { data: { k: "1" } });
    made.clock.advance(60_000);
    const same = await made.put("configmaps/a", { ...map, metadata: { ...map.metadata } });
    expect(same.metadata).toEqual(map.metadata);
    expect((await made.patch("configmaps/a", { data: { k: "1" } })).metadata.resourceVersion).toBe(map.metadata.resourceVersion);
  });

  it("sees a change under a name that objects inherit", async () => {
    expect(deepEqual({}, { constructor: "x" })).toBe(false);
    expect(deepEqual({ a: undefined }, {})).toBe(true);
    const odd = JSON.parse('{"__proto__":{"a":1}}');
    expect(Object.keys(cloneJson(odd))).toEqual(["__proto__"]);
    const made = await world();
    await made.create("configmaps/a", { data: { k: "1" } });
    expect((await made.put("configmaps/a", { metadata: { name: "a" }, data: { k: "1", constructor: "2" } })).data).toEqual({ constructor: "2", k: "1" });
  });

  it("creates on PUT only where the kind allows it; another uid is a conflict", async () => {
    const made = await world();
    expect(await refusal(made.put("configmaps/a", { metadata: { name: "a" } }))).toMatchObject({ code: 404 });
    expect((await made.put("leases/l", { metadata: { name: "l" }, spec: {} })).metadata.uid).toBeDefined();
    await made.create("configmaps/a", {});
    expect((await refusal(made.put("configmaps/a", { metadata: { name: "a", uid: "other" } }))).message).toContain(
      "StorageError: invalid object, Code: 4, Key: /registry/configmaps/default/a, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: other",
    );
  });

  it("wants the name of the path in the body", async () => {
    const made = await world();
    await made.create("configmaps/a", {});
    expect((await refusal(Promise.resolve().then(() => made.put("configmaps/a", { metadata: { name: "b" } })))).message).toBe(
      "the name of the object (b) does not match the name on the URL (a)",
    );
    expect((await refusal(Promise.resolve().then(() => made.put("configmaps/a", { metadata: {} })))).message).toBe(
      "the name of the object (a based on URL) was undeterminable: name must be provided",
    );
  });

  it("moves the generation with the spec and with nothing else", async () => {
    const made = await world();
    await made.create("replicasets/a", { spec: workload });
    const generation = async (body: object, path = "replicasets/a") => (await made.patch(path, body)).metadata.generation;
    expect(await generation({ metadata: { labels: { x: "y" } } })).toBe(1);
    expect(await generation({ spec: { replicas: 3 } })).toBe(2);
    expect(await generation({ status: { replicas: 3 } }, "replicasets/a/status")).toBe(2);
    expect(await generation({ metadata: { generation: 9 } })).toBe(2);
  });

  it("lets status touch status only, and the object everything but status", async () => {
    const made = await world();
    await made.create("replicasets/a", { spec: workload });
    const status = await made.patch("replicasets/a/status", { spec: { replicas: 5 }, status: { replicas: 2 } });
    expect([status.spec.replicas, status.status.replicas]).toEqual([1, 2]);
    const whole = await made.patch("replicasets/a", { spec: { replicas: 5 }, status: { replicas: 9 } });
    expect([whole.spec.replicas, whole.status.replicas]).toEqual([5, 2]);
  });

  it("shows the object as sent when an update lets it go, on a dry run too", async () => {
    const made = await world();
    await made.create("configmaps/a", { metadata: { finalizers: ["x.io/a"] }, data: { k: "1" } });
    await made.remove("configmaps/a");
    const body = { metadata: { finalizers: null }, data: { k: "2" } };
    const shown = await made.patch("configmaps/a", body, "application/merge-patch+json", { dryRun: true });
    expect([shown.data.k, shown.metadata.finalizers, made.has("configmaps/a")]).toEqual(["2", undefined, true]);
    expect((await made.patch("configmaps/a", body)).data.k).toBe("2");
    expect(made.has("configmaps/a")).toBe(false);
  });
});
