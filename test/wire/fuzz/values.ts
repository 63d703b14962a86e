/** Values that no client would send, and the accidents that put them into objects that are fine. */
import { type FieldFact, fieldsOf, type TypeRef } from "../../../kinds/schema/index.js";

export type Draw = () => number;
export const pick = <T>(random: Draw, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

/** Marks a string that `text` writes as it stands, without quotes: numbers that JSON.stringify would change, and what nests deep. */
const RAW = "\u0001";
const deep = (open: string, close: string, depth: number): string => `${RAW}${open.repeat(depth)}1${close.repeat(depth)}`;

/** JSON text of a value. */
export const text = (value: unknown): string =>
  (JSON.stringify(value) ?? "").replaceAll(/"\\u0001((?:[^"\\]|\\.)*)"/g, (_, raw: string) => JSON.parse(`"${raw}"`) as string);

export const ODD: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  2147483648,
  2 ** 53,
  `${RAW}1e400`,
  `${RAW}9007199254740993`,
  `${RAW}-9223372036854775808`,
  `${RAW}9223372036854775807`,
  `${RAW}18446744073709551616`,
  `${RAW}-0`,
  `${RAW}1E5`,
  `${RAW}0.1e-7`,
  `${RAW}1.0`,
  `${RAW}{"a":1,"a":2}`,
  deep("[", "]", 600),
  deep('{"a":', "}", 3000),
  "",
  " ",
  "x",
  "__proto__",
  "constructor",
  "toString",
  "é",
  "\u0000",
  "\ud800",
  "a\r\nb: c",
  "9".repeat(300),
  [],
  [null],
  [[]],
  {},
  { a: null },
  { constructor: 1 },
  { 10: 1, 9: 2 },
  "\u2028",
];

const KEYS = [
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "",
  "é",
  "a/b/c",
  "A".repeat(400),
  "$patch",
  "$setElementOrder/containers",
  "$deleteFromPrimitiveList/finalizers",
  "$retainKeys",
  "0",
  "10",
  "length",
  "kind",
  "apiVersion",
  "status",
];

type Place = readonly (string | number)[];

/** All places in a value, as paths. */
export function placesOf(value: unknown, path: Place = []): Place[] {
  const out = [path];
  if (Array.isArray(value)) for (const [i, item] of value.entries()) out.push(...placesOf(item, [...path, i]));
  else if (value && typeof value === "object") for (const [key, item] of Object.entries(value)) out.push(...placesOf(item, [...path, key]));
  return out;
}

/** Own and enumerable even where the key is `__proto__`. */
const define = (at: object, key: string | number, value: unknown): unknown =>
  Object.defineProperty(at, key, { value, enumerable: true, configurable: true, writable: true });

function accident(random: Draw, value: unknown): unknown {
  const path = pick(random, placesOf(value));
  if (path.length === 0) return random() < 0.1 ? pick(random, ODD) : value;
  const copy = structuredClone(value) as Record<string, unknown>;
  let at = copy as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
  const last = path.at(-1) as string | number;
  const how = random();
  if (how < 0.6) define(at, last, pick(random, ODD));
  else if (how < 0.7) delete at[last];
  else if (how < 0.95 && !Array.isArray(at)) define(at, pick(random, KEYS), random() < 0.5 ? pick(random, ODD) : at[last]);
  else if (Array.isArray(at)) at.push(at[last]);
  return copy;
}

const STRINGS = [
  ..."a b x A * / . - http TCP IPv4 IPv6 None Always Never Exists In DoesNotExist Equal true Default Delete Retain 10.0.0.1 2001:db8::1 10.0.0.0/8 ::/0".split(
    " ",
  ),
  ..."a.b/c 25% 100% 0 -1 /x ../x x=y a.b.c v1 apps/v1 Pod Deployment CREATE kubernetes.io/hostname localhost/x 1-3 x@y https://a.b".split(" "),
  "",
  "object.x == 1",
  "* * * * *",
  "x".repeat(64),
  "x".repeat(254),
  "é",
  "a\nb",
  "__proto__",
  "{",
];
/** Names of amounts, labels, data; and what every object inherits. */
const MAP_KEYS = [
  ...STRINGS,
  ..."cpu memory storage pods hugepages-2Mi ephemeral-storage nvidia.com/gpu constructor toString hasOwnProperty 10 9 valueOf".split(" "),
];
const QUANTITIES = ["1", "0", "-1", "1Gi", "500m", "1e3", "0.0001", "x", "", "9223372036854775808", "1n", 5, "1.5", "-5Ki", "1E"];
const TIMES = ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5+02:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "x", "", null];
const WHOLE = [0, 1, -1, 2, 5, 80, 443, 65535, 65536, 30080, 2147483647, -2147483648];

/** A value of a type, filled `depth` levels deep. */
function grown(random: Draw, ref: TypeRef, depth: number, field?: FieldFact): unknown {
  switch (ref.k) {
    case "scalar":
      if (ref.name === "string") return pick(random, field?.enum && random() < 0.7 ? field.enum : STRINGS);
      if (ref.name === "bool") return random() < 0.5;
      if (ref.name === "bytes") return pick(random, ["AAEC", "", "x", "dg=="]);
      if (ref.name === "float64") return pick(random, [0, 1.5, -1, `${RAW}1e-9`]);
      return ref.name === "int64" && random() < 0.2
        ? `${RAW}${pick(random, ["9007199254740993", "-9223372036854775808", "9223372036854775807"])}`
        : pick(random, WHOLE);
    case "special":
      return special(random, ref.name);
    case "list": {
      const items = Array.from({ length: Math.floor(random() * 3) }, () => grown(random, ref.of, depth - 1));
      return items.length && random() < 0.2 ? [...items, items[0]] : items;
    }
    case "map":
      return Object.fromEntries(Array.from({ length: Math.floor(random() * 3) }, () => [pick(random, MAP_KEYS), grown(random, ref.of, depth - 1)]));
    case "struct": {
      const fields = [...fieldsOf(ref.name).values()];
      if (depth <= 0 || fields.length === 0) return {};
      const share = Math.min(1, 4 / fields.length);
      return Object.fromEntries(fields.filter(() => random() < share).map((f) => [f.name, grown(random, f.type, depth - 1, f)]));
    }
  }
}

function special(random: Draw, name: string): unknown {
  if (name === "Quantity") return pick(random, QUANTITIES);
  if (name === "Time" || name === "MicroTime") return pick(random, TIMES);
  if (name === "Duration") return pick(random, ["1s", "1h2m", "x", ""]);
  if (name === "IntOrString") return pick(random, [0, 1, -1, 65536, "http", "25%", "-1%", "", "101%", "x%"]);
  return pick<unknown>(random, [{}, { a: 1 }, null, { kind: "X", apiVersion: "v1" }, true, [], "x"]);
}

/** The structs and maps in a value, as the schema has it. */
function structsIn(value: unknown, ref: TypeRef, out: { at: Record<string, unknown>; ref: TypeRef }[]): typeof out {
  if (typeof value !== "object" || value === null) return out;
  if (ref.k === "struct") {
    const at = value as Record<string, unknown>;
    out.push({ at, ref });
    for (const field of fieldsOf(ref.name).values()) structsIn(at[field.name], field.type, out);
  } else if (ref.k === "list" || ref.k === "map") {
    if (ref.k === "map") out.push({ at: value as Record<string, unknown>, ref });
    for (const item of Object.values(value)) structsIn(item, ref.of, out);
  }
  return out;
}

/** The object with a field, somewhere in it, of another value of the right type. */
function graft(random: Draw, object: object, schema: string): object {
  const copy = structuredClone(object);
  const { at, ref } = pick(random, structsIn(copy, { k: "struct", name: schema }, []));
  if (ref.k === "map") define(at, pick(random, MAP_KEYS), grown(random, ref.of, 3));
  const fields = ref.k === "struct" ? [...fieldsOf(ref.name).values()] : [];
  const field = fields.length ? pick(random, fields) : undefined;
  // lists are looked into item by item: more of them are about
  if (field) define(at, field.name, grown(random, field.type, 4, field));
  return copy;
}

/** One to three accidents: values of the right type in odd places, or of none. */
export function accidents(random: Draw, value: unknown, schema?: string): unknown {
  let out = value;
  for (let n = Math.floor(random() * 3); n >= 0; n--) {
    if (!out || typeof out !== "object") return out;
    out = schema !== undefined && random() < 0.6 ? graft(random, out, schema) : accident(random, out);
  }
  return out;
}

/** Bytes with a few of them changed, left out or doubled. */
export function scrambled(random: Draw, bytes: Buffer): Buffer {
  let out = bytes;
  for (let n = Math.floor(random() * 3); n >= 0 && out.length > 0; n--) {
    const at = Math.floor(random() * out.length);
    const how = random();
    const put = pick(random, [...'{}[]",:-*&!|>%@`#?\n\t \\', "\xff", "\x00", "\x08", "\x80", "1", "null", "'"]);
    const middle = how < 0.5 ? Buffer.from(put, "latin1") : how < 0.75 ? Buffer.alloc(0) : out.subarray(at, at + Math.floor(random() * 20));
    out = Buffer.concat([out.subarray(0, at), middle, out.subarray(at + (how < 0.75 ? 1 : 0))]);
  }
  return out;
}
