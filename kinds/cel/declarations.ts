/**
 * The functions of Kubernetes' environment, a line each: its overloads' signatures, `.` before those called on a value (which is the first argument).
 * Single capitals are type parameters. Sources: cel-go common/stdlib, cel/library.go, ext/{strings,lists,sets,comprehensions}.go; apiserver
 * pkg/cel/environment/base.go, pkg/cel/library.
 */
import { listType, mapType, optionalType, paramType, simpleType, type Type, typeType } from "./types.js";

/** One signature of a function. */
export interface Overload {
  readonly member: boolean;
  readonly args: readonly Type[];
  readonly result: Type;
  /** Names of its type parameters. */
  readonly params: readonly string[];
}

const ORDERED = ["int", "uint", "double", "bool", "duration", "timestamp", "string", "bytes"];
const NUMBERS = ["int", "uint", "double"];
const each = (types: readonly string[], signature: (t: string) => string): string => types.map(signature).join(" | ");

const COMPARISON = [
  "(bool, bool) -> bool",
  ...["int", "uint", "double"].flatMap((a) => NUMBERS.map((b) => `(${a}, ${b}) -> bool`)),
  ...["string", "bytes", "timestamp", "duration"].map((t) => `(${t}, ${t}) -> bool`),
].join(" | ");

const timestampPart = (duration: boolean): string => `.(timestamp) -> int | .(timestamp, string) -> int${duration ? " | .(duration) -> int" : ""}`;

const LANGUAGE: Readonly<Record<string, string>> = {
  "!_": "(bool) -> bool",
  "-_": "(double) -> double | (int) -> int",
  "@in": "(A, list(A)) -> bool | (A, map(A, B)) -> bool",
  "@not_strictly_false": "(bool) -> bool",
  "_==_": "(A, A) -> bool",
  "_!=_": "(A, A) -> bool",
  "_<_": COMPARISON,
  "_<=_": COMPARISON,
  "_>_": COMPARISON,
  "_>=_": COMPARISON,
  "_&&_": "(bool, bool) -> bool",
  "_||_": "(bool, bool) -> bool",
  "_?_:_": "(bool, A, A) -> A",
  "_+_":
    "(bytes, bytes) -> bytes | (double, double) -> double | (duration, duration) -> duration | (duration, timestamp) -> timestamp | (timestamp, duration) -> timestamp | (int, int) -> int | (list(A), list(A)) -> list(A) | (string, string) -> string | (uint, uint) -> uint",
  "_-_":
    "(double, double) -> double | (duration, duration) -> duration | (int, int) -> int | (timestamp, duration) -> timestamp | (timestamp, timestamp) -> duration | (uint, uint) -> uint",
  "_*_": "(double, double) -> double | (int, int) -> int | (uint, uint) -> uint",
  "_/_": "(double, double) -> double | (int, int) -> int | (uint, uint) -> uint",
  "_%_": "(int, int) -> int | (uint, uint) -> uint",
  "_[_]": "(list(A), int) -> A | (map(A, B), A) -> B | (optional_type(list(V)), int) -> optional_type(V) | (optional_type(map(K, V)), K) -> optional_type(V)",
  "_[?_]":
    "(list(V), int) -> optional_type(V) | (optional_type(list(V)), int) -> optional_type(V) | (map(K, V), K) -> optional_type(V) | (optional_type(map(K, V)), K) -> optional_type(V)",
  "_?._": "(dyn, string) -> optional_type(V)",
  bool: "(bool) -> bool | (string) -> bool",
  bytes: "(bytes) -> bytes | (string) -> bytes",
  double: "(double) -> double | (int) -> double | (string) -> double | (uint) -> double",
  duration: "(duration) -> duration | (int) -> duration | (string) -> duration",
  dyn: "(A) -> dyn",
  int: "(int) -> int | (double) -> int | (duration) -> int | (string) -> int | (timestamp) -> int | (uint) -> int",
  string:
    "(string) -> string | (bool) -> string | (bytes) -> string | (double) -> string | (duration) -> string | (int) -> string | (timestamp) -> string | (uint) -> string | (net.IP) -> string | (net.CIDR) -> string",
  timestamp: "(timestamp) -> timestamp | (int) -> timestamp | (string) -> timestamp",
  type: "(A) -> type(A)",
  uint: "(uint) -> uint | (double) -> uint | (int) -> uint | (string) -> uint",
  size: each(["bytes", "list(A)", "map(A, B)", "string"], (t) => `(${t}) -> int | .(${t}) -> int`),
  contains: ".(string, string) -> bool",
  endsWith: ".(string, string) -> bool",
  startsWith: ".(string, string) -> bool",
  matches: "(string, string) -> bool | .(string, string) -> bool",
  getDate: timestampPart(false),
  getDayOfMonth: timestampPart(false),
  getDayOfWeek: timestampPart(false),
  getDayOfYear: timestampPart(false),
  getFullYear: timestampPart(false),
  getHours: timestampPart(true),
  getMilliseconds: timestampPart(true),
  getMinutes: timestampPart(true),
  getMonth: timestampPart(false),
  getSeconds: timestampPart(true),
};

const OPTIONALS: Readonly<Record<string, string>> = {
  first: ".(list(V)) -> optional_type(V)",
  hasValue: ".(optional_type(V)) -> bool",
  last: ".(list(V)) -> optional_type(V)",
  "optional.none": "() -> optional_type(V)",
  "optional.of": "(V) -> optional_type(V)",
  "optional.ofNonZeroValue": "(V) -> optional_type(V)",
  "optional.unwrap": "(list(optional_type(V))) -> list(V)",
  or: ".(optional_type(V), optional_type(V)) -> optional_type(V)",
  orValue: ".(optional_type(V), V) -> V",
  unwrapOpt: ".(list(optional_type(V))) -> list(V)",
  value: ".(optional_type(V)) -> V",
};

const TEXT: Readonly<Record<string, string>> = {
  charAt: ".(string, int) -> string",
  format: ".(string, list(dyn)) -> string",
  join: ".(list(string)) -> string | .(list(string), string) -> string",
  lowerAscii: ".(string) -> string",
  replace: ".(string, string, string) -> string | .(string, string, string, int) -> string",
  split: ".(string, string) -> list(string) | .(string, string, int) -> list(string)",
  "strings.quote": "(string) -> string",
  substring: ".(string, int) -> string | .(string, int, int) -> string",
  trim: ".(string) -> string",
  upperAscii: ".(string) -> string",
  find: ".(string, string) -> string",
  findAll: ".(string, string) -> list(string) | .(string, string, int) -> list(string)",
  indexOf: ".(list(A), A) -> int | .(string, string) -> int | .(string, string, int) -> int",
  lastIndexOf: ".(list(A), A) -> int | .(string, string) -> int | .(string, string, int) -> int",
};

const COLLECTIONS: Readonly<Record<string, string>> = {
  "@sortByAssociatedKeys": each(ORDERED, (t) => `.(list(T), list(${t})) -> list(T)`),
  "cel.@mapInsert": "(map(K, V), K, V) -> map(K, V) | (map(K, V), map(K, V)) -> map(K, V)",
  distinct: ".(list(T)) -> list(T)",
  flatten: ".(list(list(T))) -> list(T) | .(list(dyn), int) -> list(dyn)",
  isSorted: each(ORDERED, (t) => `.(list(${t})) -> bool`),
  "lists.range": "(int) -> list(int)",
  max: each(ORDERED, (t) => `.(list(${t})) -> ${t}`),
  min: each(ORDERED, (t) => `.(list(${t})) -> ${t}`),
  reverse: ".(list(T)) -> list(T)",
  "sets.contains": "(list(T), list(T)) -> bool",
  "sets.equivalent": "(list(T), list(T)) -> bool",
  "sets.intersects": "(list(T), list(T)) -> bool",
  slice: ".(list(T), int, int) -> list(T)",
  sort: each(ORDERED, (t) => `.(list(${t})) -> list(${t})`),
  sum: each([...NUMBERS, "duration"], (t) => `.(list(${t})) -> ${t}`),
};

const QUANTITY = "kubernetes.Quantity";
const SEMVER = "kubernetes.Semver";
const FORMATS = ["dns1123Label", "dns1123Subdomain", "dns1035Label", "qualifiedName", "dns1123LabelPrefix", "dns1123SubdomainPrefix", "dns1035LabelPrefix"];

const VALUES: Readonly<Record<string, string>> = {
  isQuantity: "(string) -> bool",
  quantity: `(string) -> ${QUANTITY}`,
  sign: `(${QUANTITY}) -> int`,
  isInteger: `.(${QUANTITY}) -> bool`,
  asInteger: `.(${QUANTITY}) -> int`,
  asApproximateFloat: `.(${QUANTITY}) -> double`,
  add: each([QUANTITY, "int"], (t) => `.(${QUANTITY}, ${t}) -> ${QUANTITY}`),
  sub: each([QUANTITY, "int"], (t) => `.(${QUANTITY}, ${t}) -> ${QUANTITY}`),
  isLessThan: each([QUANTITY, SEMVER], (t) => `.(${t}, ${t}) -> bool`),
  isGreaterThan: each([QUANTITY, SEMVER], (t) => `.(${t}, ${t}) -> bool`),
  compareTo: each([QUANTITY, SEMVER], (t) => `.(${t}, ${t}) -> int`),
  isSemver: "(string) -> bool | (string, bool) -> bool",
  semver: `(string) -> ${SEMVER} | (string, bool) -> ${SEMVER}`,
  major: `.(${SEMVER}) -> int`,
  minor: `.(${SEMVER}) -> int`,
  patch: `.(${SEMVER}) -> int`,
  isURL: "(string) -> bool",
  url: "(string) -> kubernetes.URL",
  ...Object.fromEntries(["Scheme", "Host", "Hostname", "Port", "EscapedPath"].map((part) => [`get${part}`, ".(kubernetes.URL) -> string"])),
  getQuery: ".(kubernetes.URL) -> map(string, list(string))",
  ...Object.fromEntries([...FORMATS, "uri", "uuid", "byte", "date", "datetime", "labelValue"].map((f) => [`format.${f}`, "() -> kubernetes.NamedFormat"])),
  "format.named": "(string) -> optional_type(kubernetes.NamedFormat)",
  validate: ".(kubernetes.NamedFormat, string) -> optional_type(list(string))",
  ip: "(string) -> net.IP | .(net.CIDR) -> net.IP",
  "ip.isCanonical": "(string) -> bool",
  isIP: "(string) -> bool",
  family: ".(net.IP) -> int",
  ...Object.fromEntries(["isGlobalUnicast", "isLinkLocalMulticast", "isLinkLocalUnicast", "isLoopback", "isUnspecified"].map((f) => [f, ".(net.IP) -> bool"])),
  cidr: "(string) -> net.CIDR",
  isCIDR: "(string) -> bool",
  containsCIDR: each(["string", "net.CIDR"], (t) => `.(net.CIDR, ${t}) -> bool`),
  containsIP: each(["string", "net.IP"], (t) => `.(net.CIDR, ${t}) -> bool`),
  masked: ".(net.CIDR) -> net.CIDR",
  prefixLength: ".(net.CIDR) -> int",
};

const AUTHORIZATION = "kubernetes.authorization";
const ACCESS: Readonly<Record<string, string>> = {
  path: `.(${AUTHORIZATION}.Authorizer, string) -> ${AUTHORIZATION}.PathCheck`,
  group: `.(${AUTHORIZATION}.Authorizer, string) -> ${AUTHORIZATION}.GroupCheck`,
  serviceAccount: `.(${AUTHORIZATION}.Authorizer, string, string) -> ${AUTHORIZATION}.Authorizer`,
  resource: `.(${AUTHORIZATION}.GroupCheck, string) -> ${AUTHORIZATION}.ResourceCheck`,
  ...Object.fromEntries(
    ["subresource", "namespace", "name", "fieldSelector", "labelSelector"].map((f) => [
      f,
      `.(${AUTHORIZATION}.ResourceCheck, string) -> ${AUTHORIZATION}.ResourceCheck`,
    ]),
  ),
  check: each(["PathCheck", "ResourceCheck"], (t) => `.(${AUTHORIZATION}.${t}, string) -> ${AUTHORIZATION}.Decision`),
  errored: `.(${AUTHORIZATION}.Decision) -> bool`,
  error: `.(${AUTHORIZATION}.Decision) -> string`,
  allowed: `.(${AUTHORIZATION}.Decision) -> bool`,
  reason: `.(${AUTHORIZATION}.Decision) -> string`,
};

/** A type as a signature or a declaration writes it: `map(string, list(int))`, `kubernetes.Quantity`, `A`. */
export function parseType(text: string): Type {
  const open = text.indexOf("(");
  if (open < 0) {
    if (/^[A-Z]$/.test(text)) return paramType(text);
    return text.startsWith("net.") ? { kind: "opaque", name: text, params: [] } : simpleType(text);
  }
  const params = splitTypes(text.slice(open + 1, -1)).map(parseType) as [Type, Type];
  switch (text.slice(0, open)) {
    case "list":
      return listType(params[0]);
    case "map":
      return mapType(...params);
    case "type":
      return typeType(params[0]);
    default:
      return optionalType(params[0]);
  }
}

/** Types between commas that are in no brackets. */
function splitTypes(text: string): string[] {
  const out: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "(") depth++;
    else if (text[i] === ")") depth--;
    else if (text[i] === "," && depth === 0) {
      out.push(text.slice(start, i));
      start = i + 2;
    }
  }
  return text === "" ? [] : [...out, text.slice(start)];
}

function parseOverload(text: string): Overload {
  const member = text.startsWith(".");
  const arrow = text.lastIndexOf(" -> ");
  const args = splitTypes(text.slice(member ? 2 : 1, arrow - 1)).map(parseType);
  const params = [...new Set(text.match(/\b[A-Z]\b/g) ?? [])];
  return { member, args, result: parseType(text.slice(arrow + 4)), params };
}

const SIGNATURES = new Map(
  [LANGUAGE, OPTIONALS, TEXT, COLLECTIONS, VALUES, ACCESS, { "jsonpatch.escapeKey": "(string) -> string" }].flatMap((table) => Object.entries(table)),
);
/** Functions that not every environment has. */
export const PATCH_FUNCTIONS: ReadonlySet<string> = new Set(["jsonpatch.escapeKey"]);

/** Overloads of a function, read from its signatures the first time it is asked for. */
export function overloadsOf(name: string, read: Map<string, readonly Overload[]>): readonly Overload[] | undefined {
  const known = read.get(name);
  if (known) return known;
  const text = SIGNATURES.get(name);
  if (text === undefined) return undefined;
  const overloads = text.split(" | ").map(parseOverload);
  read.set(name, overloads);
  return overloads;
}

/** Names that stand for types. */
export const TYPE_NAMES: Readonly<Record<string, Type>> = {
  bool: typeType(simpleType("bool")),
  bytes: typeType(simpleType("bytes")),
  double: typeType(simpleType("double")),
  // Kubernetes' own names for these two
  duration: typeType(simpleType("duration")),
  timestamp: typeType(simpleType("timestamp")),
  "net.CIDR": typeType(simpleType("net.CIDR")),
  "net.IP": typeType(simpleType("net.IP")),
  optional_type: typeType({ kind: "opaque", name: "optional_type", params: [] }),
  "google.protobuf.Any": typeType(simpleType("any")),
  "google.protobuf.ListValue": typeType(listType(simpleType("dyn"))),
  "google.protobuf.Struct": typeType(mapType(simpleType("string"), simpleType("dyn"))),
  "google.protobuf.Value": typeType(simpleType("dyn")),
  "google.protobuf.Duration": typeType(simpleType("duration")),
  "google.protobuf.Timestamp": typeType(simpleType("timestamp")),
  int: typeType(simpleType("int")),
  list: typeType(listType(paramType("A"))),
  map: typeType(mapType(paramType("A"), paramType("B"))),
  null_type: typeType(simpleType("null")),
  string: typeType(simpleType("string")),
  type: typeType({ kind: "type", name: "type", params: [] }),
  uint: typeType(simpleType("uint")),
};
