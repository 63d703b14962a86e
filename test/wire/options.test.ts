import { describe, expect, it } from "vitest";
import { mediaTypeOf } from "../../server/http/contenttype.js";
import { parseAccept, routeAccepts } from "../../server/http/accept.js";
import { appOf, world } from "../pipeline/world.js";
import { APPLY, JSON_PATCH, MERGE, STRATEGIC } from "./support.js";

const MAPS = "/api/v1/namespaces/default/configmaps";
const SCALE = "/apis/apps/v1/namespaces/default/deployments/d/scale";
const TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1";
type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** A world with a config map `a` and a deployment `d`. */
async function furnished() {
  const made = await world();
  await made.create("configmaps/a", { data: { k: "v" } });
  const template = { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } };
  await made.create("deployments/d", { spec: { replicas: 2, selector: { matchLabels: { a: "b" } }, template } });
  const { app } = appOf(made);
  return async (method: Method, url: string, body?: unknown, type = "application/json", accept = "application/json") => {
    const payload = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
    const answer = await app.inject({ method, url, payload, headers: { accept, ...(payload === undefined ? {} : { "content-type": type }) } });
    const json = String(answer.headers["content-type"]).startsWith("application/json") ? answer.json() : undefined;
    return { code: answer.statusCode, message: json?.message as string | undefined, json, warning: answer.headers.warning, body: answer.body };
  };
}

describe("#4.2 #4.3 parameters that say nothing sensible", () => {
  it.each<[Method, string, number, string]>([
    ["GET", `${MAPS}?limit=`, 400, 'strconv.ParseInt: parsing "": invalid syntax'],
    ["GET", `${MAPS}?limit=99999999999999999999`, 400, 'strconv.ParseInt: parsing "99999999999999999999": value out of range'],
    ["GET", `${MAPS}?watch=1&timeoutSeconds=x`, 400, 'strconv.ParseInt: parsing "x": invalid syntax'],
    ["GET", `${MAPS}/a?timeout=abc`, 400, 'invalid timeout specified in the request URL - time: invalid duration "abc"'],
    ["DELETE", `${MAPS}/a?timeout=5`, 400, 'invalid timeout specified in the request URL - time: missing unit in duration "5"'],
    ["DELETE", `${MAPS}/a?propagationPolicy=`, 422, 'propagationPolicy: Unsupported value: "": supported values: "Foreground", "Background", "Orphan", "nil"'],
    ["DELETE", `${MAPS}/a?gracePeriodSeconds=x`, 400, 'strconv.ParseInt: parsing "x": invalid syntax'],
    ["DELETE", `${MAPS}/a?dryRun=`, 422, "dryRun: Unsupported value"],
    ["GET", `${MAPS}?fieldSelector=spec.x%3D1`, 400, '"spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"'],
    ["GET", "/api/v1/nodes?fieldSelector=metadata.namespace%3Dx", 400, "field label not supported: metadata.namespace"],
    ["GET", "/apis/apps/v1/namespaces/default/replicasets?fieldSelector=status.replicas%3D0", 400, '"status.replicas" is not a known field selector'],
  ])("%s %s", async (method, url, code, message) => {
    const answer = await (await furnished())(method, url);
    expect([answer.code, answer.message]).toEqual([code, expect.stringContaining(message)]);
  });

  it.each([
    ["fieldManager=%E2%80%A8", 'Invalid value: "\\u2028": invalid character U+2028 (at position 0)'],
    ["fieldManager=a%00", 'Invalid value: "a\\x00": invalid character U+0000 (at position 1)'],
  ])("a writer's name: %s", async (query, message) => {
    const answer = await (await furnished())("POST", `${MAPS}?${query}`, { metadata: { name: "b" } });
    expect([answer.code, answer.message]).toEqual([422, expect.stringContaining(message)]);
  });

  it.each([["fieldSelector=%3D"], ["fieldSelector=,"], ["timeout=5s"], ["timeout=0"]])("%s is as good as nothing", async (query) => {
    const answer = await (await furnished())("GET", `${MAPS}?${query}`);
    expect([answer.code, answer.json.items.length]).toEqual([200, 1]);
  });

  it("pods are selected by the name their node had of old", async () => {
    const ask = await furnished();
    for (const field of ["spec.host", "status.podIPs"]) expect((await ask("GET", `/api/v1/pods?fieldSelector=${field}%3Dx`)).code).toBe(200);
  });
});

describe("#4.3 types of bodies", () => {
  it.each([
    ["application/json", "application/json"],
    ["APPLICATION/JSON; charset=utf-8", "application/json"],
    ['application/json; a="x;y"', "application/json"],
    ["application/json;", "application/json"],
    ["json", "json"],
    ["application/json;x", undefined],
    ["application/json;;", undefined],
    ["application/json; a=b; A=c", undefined],
    ["application/", undefined],
    ["/json", undefined],
    [";;", undefined],
    ["application/json x", undefined],
  ])("%s is %s", (header, type) => {
    expect(mediaTypeOf(header)).toBe(type);
  });

  it.each([
    ["application/json;x", 415],
    [";;", 415],
    ["text/plain", 415],
    ["application/cbor", 415],
    ["", 201],
    ["application/json; charset=utf-8", 201],
  ])("a body of %j: %s", async (type, code) => {
    expect((await (await furnished())("POST", MAPS, { metadata: { name: "b" } }, type)).code).toBe(code);
  });

  it.each([["application/apply-patch+cbor"], ["application/apply-patch+json"], [""], [";;"]])("a patch of %j is refused by the router", async (type) => {
    const answer = await (await furnished())("PATCH", `${MAPS}/a?fieldManager=m`, {}, type);
    expect([answer.code, answer.message]).toEqual([415, "415: Unsupported Media Type"]);
  });
});

describe("#4.2 what a client accepts", () => {
  it.each([
    ["a/b;q=0.1, c/d, */*, e/*", ["c/d", "e/*", "*/*", "a/b"]],
    ["*", ["*/*"]],
    ["text, a/b/c, ;, x/", []],
    [" a/b ; v = 1 ", ["a/b"]],
  ])("%s", (header, types) => {
    expect(parseAccept(header).map((c) => `${c.type}/${c.subtype}`)).toEqual(types);
  });

  it.each([
    ["application/json;as=Nope", true],
    ["application/*", false],
    ["text/html, */*;q=0.1", true],
    ["", true],
    [undefined, true],
  ])("the router lets %s through: %s", (header, through) => {
    expect(routeAccepts(header, ["application/json"])).toBe(through);
  });

  it("a Table that cannot be made is refused after the work is done; other forms do not look at what it should hold", async () => {
    const ask = await furnished();
    expect((await ask("POST", `${MAPS}?includeObject=x`, { metadata: { name: "b" } }, undefined, TABLE)).code).toBe(400);
    expect((await ask("GET", `${MAPS}/b`)).code).toBe(200);
    expect((await ask("GET", `${MAPS}/none?includeObject=x`, undefined, undefined, `${TABLE},application/json`)).code).toBe(404);
    const refused = await ask("DELETE", `${MAPS}/b?includeObject=x`, undefined, undefined, `${TABLE},application/json`);
    expect([refused.code, refused.message]).toEqual([400, expect.stringContaining("must be 'Metadata', 'Object', 'None', or empty")]);
    expect((await ask("GET", `${MAPS}?includeObject=x`)).code).toBe(200);
  });

  it("a Scale is a Table and metadata alone, too", async () => {
    const ask = await furnished();
    const { json } = await ask("GET", SCALE, undefined, undefined, TABLE);
    expect(json.columnDefinitions.map((c: { name: string }) => c.name)).toEqual(["Name", "Desired", "Available", "Age"]);
    expect(json.rows[0].cells).toEqual(["d", 2, 0, "0s"]);
    const partial = await ask("GET", SCALE, undefined, undefined, "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");
    expect([partial.json.kind, partial.json.metadata.name]).toEqual(["PartialObjectMetadata", "d"]);
  });
});

describe("#4.3 patches that make something else of a document", () => {
  const dry = `${MAPS}/a?dryRun=All`;
  it.each<[string, string, unknown, number, string | undefined]>([
    ["another kind", MERGE, { kind: "Pod" }, 422, "converting (v1.Pod) to (core.ConfigMap): unknown conversion"],
    [
      "a kind that is no text",
      MERGE,
      { kind: 5 },
      422,
      "couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .kind of type string",
    ],
    ["no kind", JSON_PATCH, [{ op: "remove", path: "/kind" }], 200, undefined],
    ["a version nobody knows", MERGE, { apiVersion: "v2" }, 422, 'no kind "ConfigMap" is registered for version "v2" in scheme "pkg/runtime/scheme.go:111"'],
    ["a version of another group", MERGE, { apiVersion: "apps/v1" }, 422, 'no kind "ConfigMap" is registered for version "apps/v1"'],
    ["no version", MERGE, { apiVersion: null }, 400, "the name of the object (a based on URL) was undeterminable: name must be provided"],
    ["a version of too many parts", MERGE, { apiVersion: "a/b/c" }, 422, "unexpected GroupVersion string: a/b/c"],
    ["nothing", JSON_PATCH, [{ op: "replace", path: "", value: {} }], 400, "the name of the object (a based on URL) was undeterminable: name must be provided"],
    ["another kind, strategically", STRATEGIC, { kind: "Pod", apiVersion: "x/y/z" }, 200, undefined],
    ["a kind that is no text, strategically", STRATEGIC, { kind: 5 }, 422, "cannot convert int64 to string"],
    ["nothing, strategically", STRATEGIC, { $patch: "replace" }, 400, "name must be provided"],
  ])("%s", async (_what, type, body, code, message) => {
    const answer = await (await furnished())("PATCH", dry, body, type);
    expect([answer.code, answer.message]).toEqual([code, message === undefined ? undefined : expect.stringContaining(message)]);
  });

  it.each([
    ["", "Invalid JSON Patch"],
    ["{", "Invalid JSON Patch"],
    ["null", "Invalid JSON Patch"],
    ["[]", "cannot unmarshal array into Go value of type struct { APIVersion string"],
  ])("a merge patch that nobody looks at before it is applied: %j", async (body, message) => {
    const answer = await (await furnished())("PATCH", `${dry}&fieldValidation=Ignore`, body, MERGE);
    expect([answer.code, answer.message]).toEqual([body === "[]" ? 422 : 400, expect.stringContaining(message)]);
  });

  it.each([[MERGE], [STRATEGIC]])("a field that stands twice in a patch is told of: %s", async (type) => {
    const ask = await furnished();
    const body = '{"metadata":{"labels":{"a":"1","a":"2"}}}';
    expect((await ask("PATCH", dry, body, type)).warning).toBe('299 - "duplicate field \\"metadata.labels.a\\""');
    expect((await ask("PATCH", `${dry}&fieldValidation=Strict`, body, type)).message).toContain('strict decoding error: duplicate field "metadata.labels.a"');
    expect((await ask("PATCH", `${dry}&fieldValidation=Ignore`, body, type)).warning).toBeUndefined();
  });

  it("managedFields are emptied by an empty list", async () => {
    const ask = await furnished();
    expect((await ask("GET", `${MAPS}/a`)).json.metadata.managedFields).toHaveLength(1);
    expect((await ask("PATCH", `${MAPS}/a`, { metadata: { managedFields: [] } }, MERGE)).json.metadata.managedFields).toBeUndefined();
  });

  it.each([
    [1.5, "unable to convert unstructured object to apps/v1, Kind=Deployment: cannot convert float64 to int32"],
    ["x", "expected numeric (int or float), got string"],
  ])("apply of replicas %j", async (replicas, message) => {
    const body = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "d" }, spec: { replicas } };
    const answer = await (await furnished())("PATCH", "/apis/apps/v1/namespaces/default/deployments/d?fieldManager=m&force=true", body, APPLY);
    expect([answer.code, answer.message]).toEqual([500, expect.stringContaining(message)]);
  });

  it("an applied number that its field is too small for loses its upper bits, as in Go", async () => {
    const body = '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},"spec":{"replicas":9223372036854775807}}';
    const answer = await (await furnished())("PATCH", "/apis/apps/v1/namespaces/default/deployments/d?fieldManager=m&force=true", body, APPLY);
    expect([answer.code, answer.message]).toEqual([422, expect.stringContaining("spec.replicas: Invalid value: -1: must be greater than or equal to 0")]);
  });
});
