import { describe, expect, it } from "vitest";
import { decodeExact, decodeJson, decodeValue } from "../../server/codec/decode.js";
import { encodeStored, indented, isInexact, stringify } from "../../server/codec/encode.js";
import { compact, RawText } from "../../kinds/exact.js";
import { parseExactly, parseJson } from "../../server/codec/json.js";
import { encodeMessage } from "../../server/codec/protobuf/encode.js";
import { decodeMessage } from "../../server/codec/protobuf/decode.js";

const POD = "io.k8s.api.core.v1.Pod";
const REVISION = "io.k8s.api.apps.v1.ControllerRevision";
const MAP = "io.k8s.api.core.v1.ConfigMap";
const MAX = "9223372036854775807";

describe("#4.2 #4.3 whole numbers beyond 2^53", () => {
  const text = `{"metadata":{"name":"p"},"spec":{"terminationGracePeriodSeconds":${MAX},"containers":null}}`;

  it("keep their digits from the body to the store and back", () => {
    const { object } = decodeJson(text, POD);
    expect(object.spec.terminationGracePeriodSeconds).toBe(2n ** 63n - 1n);
    const bytes = encodeStored(object);
    expect(bytes.toString()).toContain(`"terminationGracePeriodSeconds":${MAX}`);
    expect(isInexact(bytes)).toBe(true);
    expect(decodeExact(bytes.toString(), POD)).toEqual(decodeJson(text, POD).object);
  });

  it("keep them in protobuf", () => {
    const message = encodeMessage(POD, decodeJson(text, POD).object);
    expect((decodeMessage(POD, message).spec as Record<string, unknown>).terminationGracePeriodSeconds).toBe(2n ** 63n - 1n);
  });

  it.each([
    ["9007199254740993", 9007199254740993n],
    ["-9007199254740993", -9007199254740993n],
    ["9007199254740991", 9007199254740991],
    [MAX, 2n ** 63n - 1n],
    ["9223372036854775808", 2 ** 63],
    ["1e3", 1000],
    ["1.50", 1.5],
  ])("a patch reads %s", (given, expected) => {
    expect(parseJson(`{"a":${given}}`)).toEqual({ a: expected });
  });

  it.each([
    ["9223372036854775808", "cannot unmarshal number 9223372036854775808 into Go struct field PodSpec.spec.terminationGracePeriodSeconds of type int64"],
    ["1e3", "cannot unmarshal number 1e3 into Go struct field PodSpec.spec.terminationGracePeriodSeconds of type int64"],
  ])("an int64 refuses %s", (given, message) => {
    expect(() => decodeJson(text.replace(MAX, given), POD)).toThrow(message);
  });

  it("does not mark what a double holds", () => {
    expect(isInexact(encodeStored(decodeJson(text.replace(MAX, "30"), POD).object))).toBe(false);
  });
});

describe("#4.2 #4.3 keys that look like numbers", () => {
  it("stand where Go puts them: in the order of their bytes", () => {
    const { object } = decodeJson('{"metadata":{"labels":{"9":"b","10":"a","a":"c","1":"d"}},"data":{"7":"","-":"","100":""}}', MAP);
    expect(stringify(object.metadata.labels)).toBe('{"1":"d","10":"a","9":"b","a":"c"}');
    expect(encodeStored(object).toString()).toContain('"data":{"-":"","100":"","7":""}');
  });

  it("are not looked for inside of texts", () => {
    expect(stringify({ b: '{"2":1,"10":2}', a: 1 })).toBe('{"b":"{\\"2\\":1,\\"10\\":2}","a":1}');
  });
});

describe("#4.2 #4.3 free-form fields", () => {
  const data = (text: string): unknown => decodeJson(`{"metadata":{},"revision":1,"data":${text}}`, REVISION).object.data;

  it.each([
    ['{"b":1,"a":"x"}', '{"b":1,"a":"x"}'],
    ['{ "z": 1.0, "10":1, "9": [1e3, 12345678901234567890] }', '{"z":1.0,"10":1,"9":[1e3,12345678901234567890]}'],
    ['{"a":1,"a":2}', '{"a":1,"a":2}'],
    ['{"s":"<a b>"}', '{"s":"\\u003ca b\\u003e"}'],
  ])("give back %s as it came", (given, expected) => {
    expect(stringify(data(given))).toBe(expected);
    const stored = encodeStored({ metadata: {}, data: data(given), revision: 1 });
    expect(stringify(decodeExact(stored.toString(), REVISION).data)).toBe(expected);
  });

  it("are plain values where JavaScript holds them", () => {
    expect(data('{"spec":{"a":[1,"x",null,true]}}')).toEqual({ spec: { a: [1, "x", null, true] } });
    expect(decodeValue(REVISION, { metadata: {}, data: { a: 1 } }).object.data).toEqual({ a: 1 });
  });
});

describe("#4.3 nesting", () => {
  const nest = (depth: number): string => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;

  it.each([[600], [5000], [9999]])("%s levels are read, kept and written without recursion", (depth) => {
    const { object } = decodeJson(`{"metadata":{},"data":${nest(depth)}}`, REVISION);
    expect(object.data).toBeInstanceOf(RawText);
    expect(stringify(object)).toContain(`"data":${nest(depth)}`);
    expect(decodeJson(`{"metadata":{},"x":${nest(depth)}}`, MAP).strictErrors).toEqual(['unknown field "x"']);
    expect(() => parseJson(`[${nest(depth)}]`)).not.toThrow();
  });

  it("10,000 levels are the most, as in Go", () => {
    expect(() => parseExactly(nest(10_000))).not.toThrow();
    expect(() => parseExactly(nest(10_001))).toThrow("invalid character '{' exceeded max depth");
    expect(() => parseExactly("[".repeat(100_000))).toThrow("invalid character '[' exceeded max depth");
    expect(() => decodeJson("[".repeat(100_000), MAP)).toThrow("exceeded max depth");
  });

  it.each([
    ['{"a":{"b":[1,[]]}}', "string", /cannot unmarshal object into Go/],
    ["[]", "map", /cannot unmarshal array into Go/],
  ])("what is too deep is still an object or a list to who expects another type", (_given, _what, message) => {
    const deep = message.source.includes("object") ? nest(3000) : `${"[".repeat(3000)}${"]".repeat(3000)}`;
    expect(() => decodeJson(`{"metadata":{},"data":{"k":${deep}}}`, MAP)).toThrow(message);
  });
});

describe("#4.2 JSON for readers", () => {
  it.each([
    ['{"a":[],"b":{},"c":[1,{"d":"x, y: [z]"}]}', '{\n  "a": [],\n  "b": {},\n  "c": [\n    1,\n    {\n      "d": "x, y: [z]"\n    }\n  ]\n}'],
    [`{"a":${MAX}} `, `{\n  "a": ${MAX}\n}`],
    ['{"a":"\\"\\\\"}', '{\n  "a": "\\"\\\\"\n}'],
  ])("lays out %s", (given, expected) => {
    expect(indented(given)).toBe(expected);
  });

  it("takes the spaces out of what stays text", () => {
    expect(compact('{ "a b" : [ 1 , "\\" x " ] }')).toBe('{"a b":[1,"\\" x "]}');
  });
});
