/** Field sets as the wire carries them, and path elements as error texts print them. Source: structured-merge-diff fieldpath/serialize.go, element.go. */
import { parseJson } from "../../../codec/json.js";
import { goPlain } from "../gofmt.js";
import { compareElements, EMPTY, type FieldSet, keyFields, sortElements } from "./fieldset.js";

export type FieldsV1 = Record<string, unknown>;

/** Go's encoding/json escapes these in strings, so they stand escaped inside path elements. */
const ESCAPED = /[<>&\u2028\u2029]/g;
const escapeOne = (c: string): string => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;

function goJson(v: unknown): string {
  const text = typeof v === "bigint" ? String(v) : (JSON.stringify(v) ?? "null");
  return typeof v === "string" ? text.replace(ESCAPED, escapeOne) : text;
}

/** `f:replicas`. */
export const fieldElement = (name: string): string => `f:${name}`;
/** `v:"example.com/a"`. */
export const valueElement = (v: unknown): string => `v:${goJson(v)}`;
/** `k:{"containerPort":80,"protocol":"TCP"}`; the fields must come sorted by name. */
export const keyElement = (fields: readonly (readonly [string, unknown])[]): string =>
  fields.length === 1
    ? `k:{${goJson((fields[0] as readonly [string, unknown])[0])}:${goJson((fields[0] as readonly [string, unknown])[1])}}`
    : `k:{${fields.map(([name, v]) => `${goJson(name)}:${goJson(v)}`).join(",")}}`;

// What was decoded or encoded once is found again by the identity of the (frozen) fieldsV1 object or of the set. The sets are held weakly: fieldsV1 lives as long
// as its object, and a set is many times larger.
const decoded = new WeakMap<object, WeakRef<FieldSet>>();
const encoded = new WeakMap<FieldSet, FieldsV1>();

/** Decodes FieldsV1; absent is the empty set. Throws a plain Error on what is no field set. Path elements of unknown kinds are dropped. */
export function decodeFields(fields: FieldsV1 | null | undefined): FieldSet {
  if (fields === undefined || fields === null) return EMPTY;
  const known = decoded.get(fields)?.deref();
  if (known) return known;
  const state = { canonical: true };
  const set = decodeNode(fields, state) ?? EMPTY;
  decoded.set(fields, new WeakRef(set));
  if (state.canonical && set !== EMPTY) encoded.set(set, fields);
  return set;
}

/** Undefined for a leaf: an object with nothing, or nothing but the dot, below it. Clears `canonical` where encoding would write something else. */
function decodeNode(node: unknown, state: { canonical: boolean }): FieldSet | undefined {
  if (node === null) {
    state.canonical = false;
    return undefined;
  }
  if (typeof node !== "object" || Array.isArray(node)) throw new Error("expect { or n, but found something else");
  let members: Set<string> | undefined;
  let children: Map<string, FieldSet> | undefined;
  let previous: string | undefined;
  let dot = false;
  for (const key in node) {
    if (key === ".") {
      dot = true;
      if (previous !== undefined) state.canonical = false;
      continue;
    }
    const pe = canonicalElement(key);
    if (pe !== key || (previous !== undefined && compareElements(previous, pe) >= 0)) state.canonical = false;
    if (pe === undefined) continue;
    previous = pe;
    const inner = (node as FieldsV1)[key];
    const child = decodeNode(inner, state);
    if (!child || (inner as FieldsV1)["."] !== undefined) {
      members ??= new Set();
      members.add(pe);
    }
    if (child) {
      children ??= new Map();
      children.set(pe, child);
    }
  }
  if (!members && !children) {
    if (dot) state.canonical = false;
    return undefined;
  }
  return { members: members ?? EMPTY.members, children: children ?? EMPTY.children };
}

/** Item keys as they come → as they are written here; bounded like the parsed ones. */
const canonicalKeys = new Map<string, string>();
const MAX_KEYS = 4096;

function canonicalElement(key: string): string | undefined {
  if (key.length < 2) throw new Error("key must be 2 characters long:");
  if (key[1] !== ":") throw new Error(`missing colon: ${key}`);
  switch (key[0]) {
    case "f":
      return key;
    case "v":
      return valueElement(parseJson(key.slice(2)));
    case "k": {
      const known = canonicalKeys.get(key);
      if (known) return known;
      const pe = keyElement(keyFields(key));
      if (canonicalKeys.size >= MAX_KEYS) canonicalKeys.clear();
      canonicalKeys.set(key, pe);
      return pe;
    }
    case "i":
      if (!/^i:[+-]?\d+$/.test(key)) throw new Error(`strconv.Atoi: parsing ${JSON.stringify(key.slice(2))}: invalid syntax`);
      return `i:${Number(key.slice(2))}`;
    default:
      return undefined;
  }
}

/** Encodes a set; keys come in upstream's order, the dot first. The result is shared: do not write into it. */
export function encodeFields(set: FieldSet): FieldsV1 {
  const known = encoded.get(set);
  if (known) return known;
  const out = interned(encodeNode(set, false));
  encoded.set(set, out);
  decoded.set(out, new WeakRef(set));
  return out;
}

/** What was encoded lately, by its text: objects made alike (the pods of one set) are owned alike, and share what says so. */
const recent = new Map<string, FieldsV1>();
const MAX_RECENT = 128;

function interned(fields: FieldsV1): FieldsV1 {
  const text = JSON.stringify(fields);
  const known = recent.get(text);
  if (known) return known;
  if (recent.size >= MAX_RECENT) recent.clear();
  recent.set(text, fields);
  return fields;
}

/** What stands for a path that ends here; shared by all. */
const LEAF: FieldsV1 = Object.freeze({});

function encodeNode(set: FieldSet, self: boolean): FieldsV1 {
  const out: FieldsV1 = {};
  if (self && (set.members.size > 0 || set.children.size > 0)) out["."] = LEAF;
  const elements = [...set.members];
  for (const pe of set.children.keys()) if (!set.members.has(pe)) elements.push(pe);
  for (const pe of sortElements(elements)) {
    const child = set.children.get(pe);
    out[pe] = child ? encodeNode(child, set.members.has(pe)) : LEAF;
  }
  return out;
}

/** A value as structured merge prints it: strings quoted, numbers plain. Source: value.ToString. */
function printValue(v: unknown): string {
  if (v === null || v === undefined) return "null";
  if (typeof v === "string") return JSON.stringify(v);
  if (Array.isArray(v)) return `[${v.map(printValue).join(",")}]`;
  if (typeof v === "object") {
    return Object.entries(v)
      .map(([k, item]) => `${k}=${printValue(item)}`)
      .join("");
  }
  return goPlain(v);
}

/** `.spec`, `[name="a"]`, `[="x"]`, `[0]`. */
export function printElement(pe: string): string {
  const rest = pe.slice(2);
  switch (pe[0]) {
    case "f":
      return `.${rest}`;
    case "k":
      return `[${keyFields(pe)
        .map(([name, v]) => `${name}=${printValue(v)}`)
        .join(",")}]`;
    case "v":
      return `[=${printValue(parseJson(rest))}]`;
    default:
      return `[${rest}]`;
  }
}

/** `.spec.ports[port=80,protocol="TCP"].name`. */
export const printPath = (path: readonly string[]): string => path.map(printElement).join("");
