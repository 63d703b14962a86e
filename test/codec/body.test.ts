import { describe, expect, it } from "vitest";
import { decodeBody, type Expected } from "../../server/codec/body.js";
import { encodeStored, listFrame, stringify, withTypeMeta } from "../../server/codec/encode.js";
import { jsonToYaml, resolvePlain, yamlToJson } from "../../server/codec/yaml.js";

const MAP: Expected = { group: "", version: "v1", kind: "ConfigMap", schema: "io.k8s.api.core.v1.ConfigMap" };
const SET: Expected = { group: "apps", version: "v1", kind: "StatefulSet", schema: "io.k8s.api.apps.v1.StatefulSet" };

const read = (expected: Expected, text: string, options = {}) => decodeBody(Buffer.from(text), expected, options);
const refusal = async (expected: Expected, text: string, options = {}) =>
  read(expected, text, options).then(
    () => "accepted",
    (error: Error) => error.message,
  );

describe("#3.1 bodies", () => {
  it.each([
    [
      "{nope",
      "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: invalid character 'n' looking for beginning of object key string ({nope)",
    ],
    [
      "",
      "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)",
    ],
    [
      "[]",
      'the object provided is unrecognized (must be of type ConfigMap): couldn\'t get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" } (5b5d)',
    ],
    [
      '{"kind":5}',
      'the object provided is unrecognized (must be of type ConfigMap): couldn\'t get version/kind; json parse error: json: cannot unmarshal number into Go struct field .kind of type string ({"kind":5})',
    ],
    [
      '{"apiVersion":"v1","kind":"Secret"}',
      'Secret in version "v1" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion',
    ],
    [
      '{"apiVersion":"a/b/c","kind":"ConfigMap"}',
      'the object provided is unrecognized (must be of type ConfigMap): unexpected GroupVersion string: a/b/c ({"apiVersion":"a/b/c","kind":" ...)',
    ],
    [
      '{"apiVersion":"v2","kind":"ConfigMap"}',
      'ConfigMap in version "v2" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "v2" in scheme "pkg/api/legacyscheme/scheme.go:30"',
    ],
    [
      '{"data":{"a":1}}',
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
    ],
  ])("refuses %s", async (text, message) => {
    expect(await refusal(MAP, text)).toBe(message);
  });

  it("refuses another version of the same kind for its version", async () => {
    expect(await refusal(SET, '{"apiVersion":"apps/v1beta1","kind":"StatefulSet","spec":{}}')).toBe(
      "the API version in the data (apps/v1beta1) does not match the expected API version (apps/v1)",
    );
  });

  it("fills in kind and version that are not given", async () => {
    const { gvk, object } = await read(SET, '{"spec":{}}');
    expect(gvk).toEqual({ group: "apps", version: "v1", kind: "StatefulSet" });
    expect(object.kind).toBeUndefined();
  });

  it("makes strict findings errors when asked to", async () => {
    const text = '{"kind":"ConfigMap","data":{"a":"1","a":"2"},"nope":1}';
    expect((await read(MAP, text)).strictErrors).toEqual(['duplicate field "data.a"', 'unknown field "nope"']);
    expect(await refusal(MAP, text, { strict: true })).toBe(
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: duplicate field "data.a", unknown field "nope"',
    );
  });

  it("reads YAML", async () => {
    const { object, strictErrors } = await read(MAP, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  a: one\n  a: two\nzz: 1\n", {
      yaml: true,
    });
    expect(object.data).toEqual({ a: "two" });
    expect(strictErrors).toEqual(['yaml: unmarshal errors:\n  line 6: key "a" already set in map', 'unknown field "zz"']);
    expect(await refusal(MAP, "kind: ConfigMap\nmetadata: {name: yes}\n", { yaml: true })).toContain(
      "cannot unmarshal bool into Go struct field ObjectMeta.metadata.name of type string",
    );
  });
});

describe("#3.1 YAML", () => {
  it.each([
    ["yes", true],
    ["Off", false],
    ["~", null],
    ["", null],
    ["0777", 511],
    ["0x1F", 31],
    ["1_000", 1000],
    ["1.50", 1.5],
    ["1e3", 1000],
    ["12:30:45", "12:30:45"],
    ["2024-01-01", "2024-01-01"],
    ["1.2.3", "1.2.3"],
    ["-", "-"],
    ["yEs", "yEs"],
  ])("plain %j is %j", (text, value) => expect(resolvePlain(text)).toEqual(value));

  it("reads the first document, sorts keys, follows anchors and merges", async () => {
    const { value } = await yamlToJson('b: &x {p: 1}\na:\n  <<: *x\n  q: "2"\n1: |\n  text\n---\nother: 1\n');
    expect(JSON.stringify(value)).toBe('{"1":"text\\n","a":{"p":1,"q":"2"},"b":{"p":1}}');
  });

  it("words syntax errors as libyaml does", async () => {
    await expect(yamlToJson("a: [b")).rejects.toThrow("yaml: line 1: did not find expected ',' or ']'");
    await expect(yamlToJson("a: *nope")).rejects.toThrow("yaml: unknown anchor 'nope' referenced");
  });

  it("writes what reads back", async () => {
    const value = { a: "yes", b: ["1", 1, null, true], c: { d: "x\ny\n", e: "" }, f: [], g: {} };
    expect((await yamlToJson(jsonToYaml(JSON.stringify(value)))).value).toEqual(value);
    expect(jsonToYaml(JSON.stringify({ b: [{ x: 1 }], a: 1 }))).toBe("a: 1\nb:\n- x: 1\n");
  });
});

describe("#3.1 encoding", () => {
  it("escapes as Go does", () => {
    expect(stringify({ a: "<&>\u2028" })).toBe('{"a":"\\u003c\\u0026\\u003e\\u2028"}');
  });

  it("stores without kind and apiVersion, and puts them back without parsing", () => {
    const bytes = encodeStored({ kind: "Pod", apiVersion: "v1", metadata: { name: "é" } });
    expect(bytes.toString()).toBe('{"metadata":{"name":"é"}}');
    expect(withTypeMeta(bytes, "v1", "Pod").toString()).toBe('{"kind":"Pod","apiVersion":"v1","metadata":{"name":"é"}}');
    expect(withTypeMeta(Buffer.from("{}"), "v1", "Pod").toString()).toBe('{"kind":"Pod","apiVersion":"v1"}');
    expect(bytes.toString()).toBe('{"metadata":{"name":"é"}}');
  });

  it("puts lists around items", () => {
    const { head, separator, tail } = listFrame("v1", "PodList", { resourceVersion: "5" });
    expect(`${head}{"metadata":{}}${separator}{"metadata":{}}${tail}`).toBe(
      '{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"5"},"items":[{"metadata":{}},{"metadata":{}}]}\n',
    );
    expect(JSON.parse(`${head}${tail}`).items).toEqual([]);
  });
});
