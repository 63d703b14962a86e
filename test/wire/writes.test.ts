import { describe, expect, it } from "vitest";
import { appOf, world } from "../pipeline/world.js";
import { APPLY, JSON_PATCH, MERGE, STRATEGIC } from "./support.js";

const MAPS = "/api/v1/namespaces/default/configmaps";
const LEASES = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
const LONG_AGO = "2020-01-01T00:00:00Z";
type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Answers of a server that has a config map `a`. */
async function furnished() {
  const made = await world();
  await made.create("configmaps/a", { data: { k: "v" } });
  const { app } = appOf(made);
  return async (method: Method, url: string, body?: unknown, type = "application/json") => {
    const payload = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
    const answer = await app.inject({ method, url, payload, headers: payload === undefined ? {} : { "content-type": type } });
    const json = answer.json();
    return {
      code: answer.statusCode,
      message: json.message as string | undefined,
      json,
      body: answer.body,
      warning: answer.headers.warning,
      retryAfter: answer.headers["retry-after"],
    };
  };
}

const ownFields = (json: { metadata: { managedFields?: { fieldsV1: object }[] } }): string =>
  JSON.stringify(json.metadata.managedFields?.map((m) => m.fieldsV1));

describe("#4.3 what the server keeps of the metadata a client sends", () => {
  const sent = { name: "b", uid: "u", deletionTimestamp: LONG_AGO, deletionGracePeriodSeconds: 5, selfLink: "/x", creationTimestamp: LONG_AGO };

  it("POST: nothing of the system's fields, and nobody owns them", async () => {
    const ask = await furnished();
    const { code, json } = await ask("POST", MAPS, { metadata: sent, data: { a: "1" } });
    expect([code, json.metadata.deletionTimestamp, json.metadata.deletionGracePeriodSeconds, json.metadata.selfLink]).toEqual([
      201,
      undefined,
      undefined,
      undefined,
    ]);
    expect(json.metadata.uid).not.toBe("u");
    expect(ownFields(json)).toBe('[{"f:data":{".":{},"f:a":{}}}]');
  });

  it("a PUT or an apply that creates keeps the time of deletion", async () => {
    const ask = await furnished();
    const { uid: _, ...metadata } = sent;
    const put = await ask("PUT", `${LEASES}/b`, { metadata, spec: {} });
    expect([put.code, put.json.metadata.deletionTimestamp]).toEqual([201, LONG_AGO]);
    const applied = await ask("PATCH", `${MAPS}/b?fieldManager=m`, { apiVersion: "v1", kind: "ConfigMap", metadata }, APPLY);
    expect([applied.code, applied.json.metadata.deletionTimestamp]).toEqual([201, LONG_AGO]);
  });

  it("a PUT that would create asks for the uid it names", async () => {
    const { code, message } = await (await furnished())("PUT", `${LEASES}/b`, { metadata: { name: "b", uid: "u" }, spec: {} });
    expect([code, message]).toEqual([409, expect.stringContaining("Precondition failed: UID in precondition: u, UID in object meta: ")]);
  });

  it.each([
    ["POST, a version", "POST", MAPS, "5", 500, "resourceVersion should not be set on objects to be created"],
    ["POST in a dry run, a version", "POST", `${MAPS}?dryRun=All`, "5", 201, undefined],
    ["POST, no version", "POST", MAPS, "abc", 201, undefined],
    ["apply, no version", "PATCH", `${MAPS}/b?fieldManager=m`, "abc", 500, 'strconv.ParseUint: parsing "abc": invalid syntax'],
  ] as const)("the resourceVersion of what is created: %s", async (_what, method, url, resourceVersion, code, message) => {
    const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "b", resourceVersion } };
    const answer = await (await furnished())(method, url, body, method === "PATCH" ? APPLY : "application/json");
    expect([answer.code, answer.message]).toEqual([code, message]);
  });

  it("a name that is taken, beside a prefix", async () => {
    const answer = await (await furnished())("POST", MAPS, { metadata: { name: "a", generateName: "x" } });
    expect([answer.code, answer.message, answer.retryAfter]).toEqual([
      409,
      'configmaps "a" already exists, the server was not able to generate a unique name for the object',
      "1",
    ]);
  });

  it.each([
    ["a version that never was goes", "v2", []],
    ["another group's goes", "apps/v1", []],
    ["its own stays", "v1", ["x"]],
  ])("managedFields from the client: %s", async (_what, apiVersion, managers) => {
    const ask = await furnished();
    const managedFields = [{ manager: "x", operation: "Update", apiVersion, fieldsType: "FieldsV1", fieldsV1: { "f:data": { "f:k": {} } } }];
    const { code, json } = await ask("PATCH", `${MAPS}/a`, { metadata: { managedFields } }, MERGE);
    expect([code, (json.metadata.managedFields ?? []).map((m: { manager: string }) => m.manager)]).toEqual([200, managers]);
  });

  it("managedFields from the client: a version that is no longer served stays", async () => {
    const made = await world();
    const template = { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } };
    await made.create("deployments/d", { spec: { selector: { matchLabels: { a: "b" } }, template } });
    const managedFields = [
      { manager: "x", operation: "Update", apiVersion: "apps/v1beta1", fieldsType: "FieldsV1", fieldsV1: { "f:spec": { "f:replicas": {} } } },
    ];
    const { app } = appOf(made);
    const payload = JSON.stringify({ metadata: { managedFields } });
    const answer = await app.inject({ method: "PATCH", url: "/apis/apps/v1/namespaces/default/deployments/d", payload, headers: { "content-type": MERGE } });
    expect(answer.json().metadata.managedFields).toEqual(managedFields);
  });
});

describe("#4.3 what is applied is YAML", () => {
  const text = (data: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n${data}\n`;

  it.each([
    ["{", "yaml: line 1: did not find expected node content"],
    ["{a: b", "yaml: line 1: did not find expected ',' or '}'"],
    ["[a", "yaml: line 1: did not find expected ',' or ']'"],
    ["a: b: c", "yaml: mapping values are not allowed in this context"],
    ["a: b\nc: d: e", "yaml: line 2: mapping values are not allowed in this context"],
    [`%YAML 1.2\n---\n${text("")}`, "yaml: found incompatible YAML document"],
    [text("data: {null: b}"), 'unsupported map key of type: %!s(<nil>), key: <nil>, value: "b"'],
    [text("data: {null: [1, null]}"), "unsupported map key of type: %!s(<nil>), key: <nil>, value: []interface {}{1, interface {}(nil)}"],
  ])("%j is not", async (body, message) => {
    const answer = await (await furnished())("PATCH", `${MAPS}/b?fieldManager=m`, body, APPLY);
    expect([answer.code, answer.message]).toEqual([400, `error decoding YAML: error converting YAML to JSON: ${message}`]);
  });

  it.each([
    ["Strict", 400, undefined, 'error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 4: key "a" already set in map'],
    ["Warn", 201, '299 - "line 4: key \\"a\\" already set in map"', undefined],
    ["Ignore", 201, undefined, undefined],
  ])("a key given twice: %s", async (how, code, warning, message) => {
    const answer = await (await furnished())("PATCH", `${MAPS}/b?fieldManager=m&fieldValidation=${how}`, text("data: {a: b, a: c}"), APPLY);
    expect([answer.code, answer.warning, answer.message]).toEqual([code, warning, message]);
  });

  it("a name that is no text is none", async () => {
    const answer = await (await furnished())("PATCH", `${MAPS}/b?fieldManager=m`, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: 5 } }, APPLY);
    expect(answer.message).toMatch(/^failed to create typed patch object \(\/; \/v1, Kind=ConfigMap\): \.metadata\.name: expected string/);
  });
});

describe("#4.3 options of a DELETE", () => {
  it.each([
    ["uid=x", /^Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition \(x\) does not match the UID in record/],
    ["resourceVersion=1", /the ResourceVersion in the precondition \(1\) does not match the ResourceVersion in record/],
  ])("?%s is a precondition, where there is no body", async (query, message) => {
    const ask = await furnished();
    const refused = await ask("DELETE", `${MAPS}/a?${query}`);
    expect([refused.code, refused.message]).toEqual([409, expect.stringMatching(message)]);
    expect((await ask("DELETE", `${MAPS}/a?${query}`, { kind: "DeleteOptions", apiVersion: "v1" })).code).toBe(200);
  });

  it("a collection goes one by one until one does not", async () => {
    const ask = await furnished();
    await ask("POST", MAPS, { metadata: { name: "b" } });
    expect((await ask("DELETE", `${MAPS}?resourceVersion=0`)).code).toBe(409);
    expect((await ask("GET", MAPS)).json.items.length).toBe(2);
    expect((await ask("DELETE", MAPS)).json.items.length).toBe(2);
    expect((await ask("GET", MAPS)).json.items.length).toBe(0);
  });

  it.each([
    [{ kind: "Pod" }, 'no kind "Pod" is registered for version "meta.k8s.io/v1" in scheme "pkg/runtime/scheme.go:111"'],
    [{ kind: "Pod", apiVersion: "v1" }, 'no kind "Pod" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"'],
  ])("%j", async (body, message) => {
    const answer = await (await furnished())("DELETE", `${MAPS}/a`, body);
    expect([answer.code, answer.message]).toEqual([400, message]);
  });
});

describe("#4.3 numbers in patches are as they are spelled", () => {
  const generation = (number: string): string => `{"metadata":{"generation":${number}}}`;
  const add = (number: string): string => `[{"op":"add","path":"/metadata/generation","value":${number}}]`;

  it.each<[string, string, number, string]>([
    [MERGE, generation("1e5"), 422, "json: cannot unmarshal number 1e5 into Go struct field ObjectMeta.metadata.generation of type int64"],
    [MERGE, generation("1.0"), 422, "json: cannot unmarshal number 1.0 into Go struct field ObjectMeta.metadata.generation of type int64"],
    [MERGE, generation("9223372036854775808"), 422, "json: cannot unmarshal number 9223372036854775808 into Go struct field"],
    [MERGE, generation("1e400"), 400, "error decoding patch: json: cannot unmarshal number 1e400 into Go value of type float64"],
    [MERGE, '{"metadata":{"finalizers":[1e5]}}', 422, '\\"finalizers\\":[1e5]'],
    [JSON_PATCH, add("1e5"), 422, "json: cannot unmarshal number 1e5 into Go struct field"],
    [JSON_PATCH, add("1e400"), 400, "error decoding patch: json: cannot unmarshal number 1e400 into Go struct field jsonPatchOp.value of type float64"],
    [STRATEGIC, generation("1.5"), 422, '"map[metadata:map[generation:1.5]]": cannot convert float64 to int64'],
    [STRATEGIC, generation("1e400"), 400, "json: cannot unmarshal number 1e400 into Go value of type float64"],
    [STRATEGIC, '{"data":{"k":1E6}}', 422, '"map[data:map[k:1e+06]]": unrecognized type: string'],
    [STRATEGIC, '{"data":{"k":1000000}}', 422, '"map[data:map[k:1000000]]": cannot convert int64 to string'],
    [STRATEGIC, '{"data":{"k":0.00001}}', 422, '"map[data:map[k:1e-05]]"'],
    [STRATEGIC, '{"data":18446744073709551616}', 422, '"map[data:1.8446744073709552e+19]": cannot restore map from float64'],
    [APPLY, '{"apiVersion":"v1","kind":"ConfigMap","data":{"k":1e6}}', 500, ".data.k: expected string, got &value.valueUnstructured{Value:1000000}"],
    [APPLY, '{"apiVersion":"v1","kind":"ConfigMap","data":{"k":1e20}}', 500, ".data.k: expected string, got &value.valueUnstructured{Value:1e+20}"],
    [
      APPLY,
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"finalizers":[9007199254740993]}}',
      500,
      ".metadata.finalizers[=9007199254740993]: expected string",
    ],
    [APPLY, '{"apiVersion":5,"kind":"ConfigMap"}', 400, "invalid object type: /, Kind=ConfigMap"],
  ])("%s %s", async (type, body, code, message) => {
    const answer = await (await furnished())("PATCH", `${MAPS}/a?fieldManager=m`, body, type);
    expect([answer.code, answer.message]).toEqual([code, expect.stringContaining(message)]);
  });

  it.each(["1e5", "1.0", "9007199254740993"])("a strategic patch takes the float %s for an integer", async (number) => {
    expect((await (await furnished())("PATCH", `${MAPS}/a`, generation(number), STRATEGIC)).code).toBe(200);
  });

  it("a test of a JSON patch looks at the spelling", async () => {
    const ask = await furnished();
    const test = (value: string): string => `[{"op":"add","path":"/x","value":1.0},{"op":"test","path":"/x","value":${value}},{"op":"remove","path":"/x"}]`;
    expect((await ask("PATCH", `${MAPS}/a`, test("1.0"), JSON_PATCH)).code).toBe(200);
    expect((await ask("PATCH", `${MAPS}/a`, test("1"), JSON_PATCH)).code).toBe(422);
  });

  it("new objects may carry numbers beyond a double's", async () => {
    const { code, body } = await (await furnished())("POST", MAPS, '{"metadata":{"name":"b","generation":9007199254740993}}');
    expect([code, body]).toEqual([201, expect.stringContaining('"generation":9007199254740993')]);
  });
});

describe("#4.3 a Scale that is put", () => {
  const SCALE = "/apis/apps/v1/namespaces/default/deployments/d/scale";
  const template = { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } };
  const deployment = { metadata: { name: "d" }, spec: { selector: { matchLabels: { a: "b" } }, template } };
  const elsewhere = "the namespace of the provided object does not match the namespace sent on the request";

  it.each<[string, Method, object, number, string]>([
    ["another name", "PUT", { name: "e" }, 400, "the name of the object (e) does not match the name on the URL (d)"],
    ["another namespace", "PUT", { name: "d", namespace: "o" }, 400, elsewhere],
    ["another namespace, patched in", "PATCH", { namespace: "o" }, 400, elsewhere],
    [
      "another uid",
      "PUT",
      { name: "d", uid: "x" },
      409,
      'on deployments.apps "d": StorageError: invalid object, Code: 4, Key: /registry/deployments/default/d, ',
    ],
    ["another uid, patched in", "PATCH", { uid: "x" }, 409, 'on deployments/scale.apps "d": Precondition failed: UID in precondition: x, '],
  ])("with %s", async (_what, method, metadata, code, message) => {
    const ask = await furnished();
    expect((await ask("POST", "/apis/apps/v1/namespaces/default/deployments", deployment)).code).toBe(201);
    const answer = await ask(method, SCALE, { metadata, spec: { replicas: 1 } }, method === "PATCH" ? MERGE : "application/json");
    expect([answer.code, answer.message]).toEqual([code, expect.stringContaining(message)]);
  });

  it("keys in what a dry run says have no root", async () => {
    const ask = await furnished();
    await ask("POST", "/apis/apps/v1/namespaces/default/deployments", deployment);
    const answer = await ask("PUT", `${SCALE}?dryRun=All`, { metadata: { name: "d", uid: "x" }, spec: {} });
    expect(answer.message).toContain("Key: /deployments/default/d, ");
  });

  it("a Service without a name has no address", async () => {
    const ask = await furnished();
    const service = (name: string, spec: object) => ask("POST", "/api/v1/namespaces/default/services", { metadata: { name }, spec });
    const { code, message } = await service("", { ports: [{ port: 80 }] });
    expect([code, message]).toEqual([
      422,
      expect.stringMatching(
        /^Service "" is invalid: spec\.clusterIPs: Invalid value: \[""\]: failed to allocate IP: IPAddress\.networking\.k8s\.io "[\d.]+" is invalid: spec\.parentRef\.name: Required value$/,
      ),
    ]);
    expect((await service("a/b", { clusterIP: "10.96.7.7", ports: [{ port: 80 }] })).message).toContain(
      `spec.parentRef.name: Invalid value: "a/b": may not contain '/'`,
    );
  });
});
