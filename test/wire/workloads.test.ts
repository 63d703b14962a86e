import { describe, expect, it } from "vitest";
import { APPLY, APPS, failure, HOME, MERGE, STRATEGIC, wired } from "./support.js";

const { ask, make } = wired({ controllers: false });
const KEY = "deprecated.daemonset.template.generation";
const PARTIAL = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";
const TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io";

const workload = (kind: string, name: string, annotations?: object) => ({
  apiVersion: "apps/v1",
  kind,
  metadata: { name, ...(annotations ? { annotations } : {}) },
  spec: { selector: { matchLabels: { app: "d" } }, template: { metadata: { labels: { app: "d" } }, spec: { containers: [{ name: "c", image: "i" }] } } },
});

describe("#4.1 wire: annotations that are fields upstream", () => {
  it("are the writer's, and show in the object but not where there is only metadata", async () => {
    const made = await make(`${APPS}/daemonsets`, workload("DaemonSet", "ds", { own: "1" }));
    expect(made.metadata.annotations).toEqual({ own: "1", [KEY]: "1" });
    expect(made.metadata.managedFields[0].fieldsV1["f:metadata"]).toEqual({ "f:annotations": { ".": {}, "f:own": {}, [`f:${KEY}`]: {} } });
    const as = async (accept: string, query = "") => (await ask("get", `${APPS}/daemonsets/ds${query}`, { accept })).body;
    expect((await as(PARTIAL)).metadata.annotations).toEqual({ own: "1" });
    expect((await as(TABLE)).rows[0].object.metadata.annotations).toEqual({ own: "1" });
    expect((await as(TABLE, "?includeObject=Object")).rows[0].object.metadata.annotations).toEqual({ own: "1", [KEY]: "1" });
    await make(`${APPS}/daemonsets`, workload("DaemonSet", "bare"));
    expect((await ask("get", `${APPS}/daemonsets/bare`, { accept: PARTIAL })).body.metadata.annotations).toBeUndefined();
  });

  it.each<[string, string, string, string]>([
    ["DaemonSet", KEY, "x1", 'strconv.ParseInt: parsing "x1": invalid syntax'],
    ["DaemonSet", KEY, "", 'strconv.ParseInt: parsing "": invalid syntax'],
    ["DaemonSet", KEY, "9223372036854775808", 'strconv.ParseInt: parsing "9223372036854775808": value out of range'],
    [
      "Deployment",
      "deprecated.deployment.rollback.to",
      "1.0",
      'failed to parse annotation[deprecated.deployment.rollback.to]=1.0 as int64: strconv.ParseInt: parsing "1.0": invalid syntax',
    ],
  ])("%s: %s=%j cannot be read", async (kind, key, value, why) => {
    const { code, body } = await ask("post", `${APPS}/${kind.toLowerCase()}s`, { body: workload(kind, "odd", { [key]: value }) });
    expect([code, body]).toEqual([400, failure(400, "BadRequest", `${kind} in version "v1" cannot be handled as a ${kind}: ${why}`)]);
  });
});

describe("#4.3 wire: annotations that cannot be read, in patches", () => {
  const why = 'strconv.ParseInt: parsing "x": invalid syntax';
  const patch = (type: string, body: unknown, path = "patched") => ask("patch", `${APPS}/daemonsets/${path}?fieldManager=m`, { type, body });
  const annotated = { metadata: { annotations: { [KEY]: "x" } } };

  it("each kind of patch has its own answer", async () => {
    await make(`${APPS}/daemonsets`, workload("DaemonSet", "patched"));
    const merged = (await patch(MERGE, annotated)).body;
    expect([merged.code, merged.details.causes[0].field]).toEqual([422, "patch"]);
    expect(merged.message.endsWith(`: ${why}`)).toBe(true);
    expect((await patch(STRATEGIC, annotated)).body).toEqual(failure(500, undefined, why));
    const applied = workload("DaemonSet", "applied", { [KEY]: "x" });
    expect((await patch(APPLY, applied, "applied")).body).toEqual(
      failure(500, undefined, `failed to convert to unversioned (/applied; apps/v1, Kind=DaemonSet): ${why}`),
    );
    expect((await patch(APPLY, { ...applied, metadata: { name: false } }, "applied")).body.message).toMatch(
      /^failed to create typed patch object \(\/; apps\/v1, Kind=DaemonSet\): \.metadata\.name: expected string, got/,
    );
  });

  it("a Deployment's is a number or nothing", async () => {
    const key = "deprecated.deployment.rollback.to";
    const made = async (name: string, value: string) =>
      (await make(`${APPS}/deployments`, workload("Deployment", name, { [key]: value }))).metadata.annotations;
    expect([await made("seven", "+007"), await made("none", "")]).toEqual([{ [key]: "7" }, undefined]);
  });
});

describe("#4.3 wire: an empty list that Go always writes", () => {
  it("is its sender's, though storage has none", async () => {
    const made = await make(`${HOME}/limitranges`, { apiVersion: "v1", kind: "LimitRange", metadata: { name: "empty" }, spec: { limits: [] } });
    expect([made.spec, made.metadata.managedFields[0].fieldsV1]).toEqual([{ limits: null }, { "f:spec": { "f:limits": {} } }]);
    const bare = await make(`${HOME}/limitranges`, { apiVersion: "v1", kind: "LimitRange", metadata: { name: "bare" }, spec: {} });
    expect([bare.spec, bare.metadata.managedFields]).toEqual([{ limits: null }, undefined]);
  });
});
