/** What the walks over typed values share: which form a value takes, how list items are named, when two values are the same. */
import { RawText } from "../../../../kinds/exact.js";
import { define, own } from "../../../codec/specials.js";
import { isObject, sameJson } from "../gofmt.js";
import { keyElement, valueElement } from "./fieldsv1.js";
import type { Field, ListType, MapType, Type } from "./types.js";

export type Form = "map" | "scalar" | "list";
export type Doc = Record<string, unknown>;

/** The one form a value has under a type; undefined for null, absent values and values of a form the type does not allow. */
export function formOf(type: Type, v: unknown): Form | undefined {
  if (v === undefined || v === null) return undefined;
  if (Array.isArray(v)) return type.list ? "list" : undefined;
  if (v instanceof RawText) return v.isArray ? (type.list ? "list" : undefined) : type.map ? "map" : undefined;
  if (typeof v === "object") return type.map ? "map" : undefined;
  return type.scalar ? "scalar" : undefined;
}

/** The form to handle a value in: its own, or where it has none the first the type allows. Source: typed/helpers.go handleAtom. */
export const pick = (type: Type, v: unknown): Form => formOf(type, v) ?? (type.map ? "map" : type.scalar ? "scalar" : "list");

/** Whether a type allows more than one form, so that two values of it may differ in form. */
export const isOpen = (type: Type): boolean => (type.map ? 1 : 0) + (type.scalar ? 1 : 0) + (type.list ? 1 : 0) > 1;

/** A list item that cannot be told apart from others; the text goes to the client. */
export class ItemError extends Error {}

/** Path element of an item of a keyed list or set. Source: typed/helpers.go listItemToPathElement. */
export function itemElement(list: ListType, item: unknown): string {
  if (list.keys.length === 0) {
    if (isObject(item)) throw new ItemError("associative list without keys has an element that's a map type");
    if (Array.isArray(item)) throw new ItemError("not supported: associative list with lists as elements");
    if (item === null || item === undefined) throw new ItemError("associative list without keys has an element that's an explicit null");
    return valueElement(item);
  }
  if (item === null || item === undefined) throw new ItemError("associative list with keys may not have a null element");
  if (!isObject(item)) throw new ItemError("associative list with keys may not have non-map elements");
  const fields: (readonly [string, unknown])[] = [];
  for (const key of list.keys) {
    const v = item[key];
    if (v !== undefined) fields.push([key, v]);
    else {
      const def = list.of.map?.fields.get(key)?.default;
      if (def !== undefined && def !== null) fields.push([key, def]);
    }
  }
  if (fields.length === 0) {
    throw new ItemError(
      `associative list with keys has an element that omits all key fields [${list.keys.map((k) => JSON.stringify(k)).join(" ")}] (and doesn't have default values for any key fields)`,
    );
  }
  if (fields.length > 1) fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return keyElement(fields);
}

/** Type of a map's key: a declared field's, or that of free keys. */
export const fieldType = (map: MapType, name: string): Type | undefined => map.fields.get(name)?.type ?? map.of;

/** A field as it shows: through the Go struct's eyes where the map is one. */
export function look(map: MapType, object: Doc, name: string): unknown {
  const v = own(object, name);
  const view = map.fields.get(name)?.view;
  return view ? view(v) : v;
}

const NO_FIELDS: readonly Field[] = [];

/** Whether two values are the same under a type, absent and zero fields of Go structs taken for the same. */
export function sameValue(type: Type | undefined, a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    const of = type?.list?.of;
    for (let i = 0; i < a.length; i++) if (!sameValue(of, a[i], b[i])) return false;
    return true;
  }
  if (Array.isArray(b)) return false;
  const map = type?.map;
  if (!map || a instanceof RawText || b instanceof RawText) return sameJson(a, b);
  const left = a as Doc;
  const right = b as Doc;
  for (const name in left) {
    const l = left[name];
    const r = own(right, name);
    if (l === r) continue;
    const field = map.fields.get(name);
    const lv = field?.view ? field.view(l) : l;
    const rv = field?.view ? field.view(r) : r;
    if (lv !== rv && !sameValue(field?.type ?? map.of, lv, rv)) return false;
  }
  for (const name in right) {
    if (own(left, name) !== undefined) continue;
    const field = map.fields.get(name);
    const lv = field?.view ? field.view(undefined) : undefined;
    const rv = field?.view ? field.view(right[name]) : right[name];
    if (lv !== rv && !sameValue(field?.type ?? map.of, lv, rv)) return false;
  }
  return true;
}

/** An object as its Go struct shows it: what is always written is there, what is omitted when empty is not. Shares all that is so already. */
export function goView(type: Type | undefined, v: unknown): unknown {
  if (typeof v !== "object" || v === null || !type || v instanceof RawText) return v;
  if (Array.isArray(v)) {
    const of = type.list?.of;
    if (!of) return v;
    let out: unknown[] | undefined;
    for (let i = 0; i < v.length; i++) {
      const item = goView(of, v[i]);
      if (item === v[i]) continue;
      out ??= v.slice();
      out[i] = item;
    }
    return out ?? v;
  }
  const map = type.map;
  if (!map) return v;
  const object = v as Doc;
  let out: Doc | undefined;
  for (const name in object) {
    const field = map.fields.get(name);
    const raw = object[name];
    const seen = goView(field?.type ?? map.of, field?.view ? field.view(raw) : raw);
    if (seen === raw) continue;
    out ??= { ...object };
    if (seen === undefined) delete out[name];
    else define(out, name, seen);
  }
  for (const field of map.always ?? NO_FIELDS) {
    if (object[field.name] !== undefined) continue;
    out ??= { ...object };
    out[field.name] = goView(field.type, field.view?.(undefined));
  }
  return out ?? v;
}
