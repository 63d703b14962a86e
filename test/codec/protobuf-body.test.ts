import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { describe, expect, it } from "vitest";
import { decodeBody, type Expected } from "../../server/codec/body.js";
import { encodeMessage } from "../../server/codec/protobuf/encode.js";
import { wrap } from "../../server/codec/protobuf/envelope.js";

const CONFIG_MAP: Expected = { group: "", version: "v1", kind: "ConfigMap", schema: "io.k8s.api.core.v1.ConfigMap" };
const DEPLOYMENT: Expected = { group: "apps", version: "v1", kind: "Deployment", schema: "io.k8s.api.apps.v1.Deployment" };
const configMap = encodeMessage(CONFIG_MAP.schema, { metadata: { name: "a" }, data: { k: "v" } });

const decode = (body: Buffer, expected = CONFIG_MAP) => decodeBody(body, expected, { protobuf: true, strict: true });
const refusal = (body: Buffer, expected?: Expected): Promise<string> =>
  decode(body, expected).then(
    () => "decoded",
    (error: Error) => error.message,
  );
/** A message of one field. */
const field = (no: number, type: WireType, write: (writer: BinaryWriter) => unknown): Buffer => {
  const writer = new BinaryWriter().tag(no, type);
  write(writer);
  return Buffer.from(writer.finish());
};

describe("#4.4 protobuf: bodies", () => {
  it("decodes an object, and takes kind and version from the path where the envelope has none", async () => {
    const object = { kind: "ConfigMap", apiVersion: "v1", metadata: { name: "a" }, data: { k: "v" } };
    expect((await decode(wrap("v1", "ConfigMap", configMap))).object).toEqual(object);
    const bare = await decode(wrap("", "", configMap));
    expect(bare).toEqual({ object, strictErrors: [], gvk: { group: "", version: "v1", kind: "ConfigMap" } });
    // what is no group version counts as none
    expect((await decode(wrap("a/b/c", "", configMap))).object).toEqual(object);
  });

  it.each([
    ["nothing", Buffer.alloc(0), "empty data (<empty>)"],
    [
      "JSON",
      Buffer.from('{"kind":"ConfigMap","apiVersion":"v1"}'),
      'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] ({"kind":"ConfigMap","apiVersio ...)',
    ],
    ["the magic number alone", Buffer.from([0x6b, 0x38, 0x73, 0]), "empty body (6b387300)"],
    ["a cut envelope", Buffer.from([0x6b, 0x38, 0x73, 0, 0x0a, 0x09, 0x0a]), "unexpected EOF (6b3873000a090a)"],
    ["an envelope of another shape", Buffer.from([0x6b, 0x38, 0x73, 0, 0x08, 0x01]), "proto: wrong wireType = 0 for field TypeMeta (6b3873000801)"],
    ["a tag without end", Buffer.from([0x6b, 0x38, 0x73, 0, ...new Array(11).fill(0xff)]), `proto: integer overflow (6b387300${"ff".repeat(11)})`],
  ])("refuses %s", async (_, body, text) => {
    expect(await refusal(body)).toBe(`the object provided is unrecognized (must be of type ConfigMap): ${text}`);
  });

  it.each([
    ["a cut message", configMap.subarray(0, configMap.length - 1), "unexpected EOF"],
    ["a field of the wrong wire type", field(1, WireType.Varint, (w) => w.uint32(1)), "proto: wrong wireType = 0 for field ObjectMeta"],
    ["the end of a group", field(9, WireType.EndGroup, () => undefined), "proto: ConfigMap: wiretype end group for non-group"],
    ["field 0", Buffer.from([0x02, 0x00]), "proto: ConfigMap: illegal tag 0 (wire type 2)"],
  ])("refuses %s", async (_, message, text) => {
    expect(await refusal(wrap("v1", "ConfigMap", message))).toBe(`ConfigMap in version "v1" cannot be handled as a ConfigMap: ${text}`);
  });

  it("refuses another kind and another version in the words of JSON", async () => {
    expect(await refusal(wrap("v1", "Secret", configMap))).toBe(
      'Secret in version "v1" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion',
    );
    expect(await refusal(wrap("v1", "Nope", configMap))).toBe(
      'Nope in version "v1" cannot be handled as a ConfigMap: no kind "Nope" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30"',
    );
    expect(await refusal(wrap("apps/v1beta1", "Deployment", Buffer.alloc(0)), DEPLOYMENT)).toBe(
      "the API version in the data (apps/v1beta1) does not match the expected API version (apps/v1)",
    );
  });

  it("refuses a custom resource: it has no message", async () => {
    const thing: Expected = { group: "example.com", version: "v1", kind: "Thing", schema: "custom:example.com/v1/Thing" };
    expect(await refusal(wrap("example.com/v1", "Thing", Buffer.alloc(0)), thing)).toBe(
      'Thing in version "v1" cannot be handled as a Thing: object *unstructured.Unstructured does not implement the protobuf marshalling interface and cannot be encoded to a protobuf message',
    );
  });

  it("skips fields it does not know, reads packed numbers, and merges a message that comes twice", async () => {
    const unknown = field(99, WireType.LengthDelimited, (w) => w.string("later"));
    const twice = Buffer.concat([encodeMessage(CONFIG_MAP.schema, { metadata: { labels: { a: "1" } } }), unknown, configMap]);
    expect((await decode(wrap("v1", "ConfigMap", twice))).object).toMatchObject({ metadata: { name: "a", labels: { a: "1" } }, data: { k: "v" } });

    const groups = field(4, WireType.LengthDelimited, (w) => w.bytes(new BinaryWriter().int64(5).int64(-6).finish()));
    const security = field(14, WireType.LengthDelimited, (w) => w.bytes(groups));
    const pod = field(2, WireType.LengthDelimited, (w) => w.bytes(security));
    const expected: Expected = { group: "", version: "v1", kind: "Pod", schema: "io.k8s.api.core.v1.Pod" };
    expect((await decode(wrap("v1", "Pod", pod), expected)).object).toMatchObject({ spec: { securityContext: { supplementalGroups: [5, -6] } } });
  });

  it("refuses a quantity that is none", async () => {
    const entry = Buffer.concat([
      field(1, WireType.LengthDelimited, (w) => w.string("cpu")),
      field(2, WireType.LengthDelimited, (w) => w.bytes(field(1, WireType.LengthDelimited, (q) => q.string("1x")))),
    ]);
    const status = field(1, WireType.LengthDelimited, (w) => w.bytes(entry));
    const node = field(3, WireType.LengthDelimited, (w) => w.bytes(status));
    expect(await refusal(wrap("v1", "Node", node), { group: "", version: "v1", kind: "Node", schema: "io.k8s.api.core.v1.Node" })).toBe(
      `Node in version "v1" cannot be handled as a Node: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`,
    );
  });

  it.each([
    ["a length beyond 32 bits", Buffer.from("0affffffffff0f", "hex"), "unexpected EOF"],
    ["a negative length", Buffer.from("0affffffffffffffffff01", "hex"), "proto: negative length found during unmarshaling"],
    ["a tag beyond 32 bits", Buffer.from("ffffffffff0f01", "hex"), "proto: ConfigMap: illegal tag -1 (wire type 549755813887)"],
    ["a group that does not end", Buffer.from("9b0608", "hex"), "unexpected EOF"],
    ["a wire type that is none", Buffer.from("9e0601", "hex"), "proto: illegal wireType 6"],
  ])("refuses %s", async (_, message, text) => {
    expect(await refusal(wrap("v1", "ConfigMap", message))).toBe(`ConfigMap in version "v1" cannot be handled as a ConfigMap: ${text}`);
  });
});
