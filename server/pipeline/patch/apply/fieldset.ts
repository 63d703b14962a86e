/**
 * Sets of field paths and their algebra. A path element is kept in the form it has in FieldsV1: `f:name` (a field), `k:{"name":"a"}` (a list item by key),
 * `v:"x"` (an item of a set), `i:0`. Sets are immutable once they left the function that built them; operations share what they do not change, and return
 * the very set they were given when nothing changes, so that identity tells "unchanged". Source: structured-merge-diff fieldpath/set.go.
 */
import { parseJson } from "../../../codec/json.js";
import type { MapType, Type } from "./types.js";

export interface FieldSet {
  readonly members: ReadonlySet<string>;
  readonly children: ReadonlyMap<string, FieldSet>;
}
export type Path = readonly string[];

export const EMPTY: FieldSet = { members: new Set(), children: new Map() };

/** A node under construction; it gets a set and a map of its own only when something goes in, since most nodes have one of the two. */
interface Building {
  members: ReadonlySet<string>;
  children: ReadonlyMap<string, Building>;
}
const NO_CHILDREN: ReadonlyMap<string, Building> = new Map();

function addMember(node: Building, pe: string): void {
  if (node.members === EMPTY.members) node.members = new Set([pe]);
  else (node.members as Set<string>).add(pe);
}

function descend(node: Building, pe: string): Building {
  let child = node.children.get(pe);
  if (!child) {
    child = { members: EMPTY.members, children: NO_CHILDREN };
    if (node.children === NO_CHILDREN) node.children = new Map([[pe, child]]);
    else (node.children as Map<string, Building>).set(pe, child);
  }
  return child;
}

/** A set under construction; hand it out only when no more is inserted. */
export class FieldSetBuilder implements Building {
  members: ReadonlySet<string> = EMPTY.members;
  children: ReadonlyMap<string, Building> = NO_CHILDREN;

  /** Adds a path, its parents not. The empty path is the whole object, which nobody owns. */
  insert(path: Path): void {
    const last = path.length - 1;
    if (last < 0) return;
    let at: Building = this;
    for (let i = 0; i < last; i++) at = descend(at, path[i] as string);
    addMember(at, path[last] as string);
  }
}

/** A set of the given paths, each of field names only: `[["metadata", "name"]]`. */
export function setOfFields(paths: readonly (readonly string[])[]): FieldSet {
  const out = new FieldSetBuilder();
  for (const path of paths) out.insert(path.map((name) => `f:${name}`));
  return out;
}

export function isEmpty(set: FieldSet): boolean {
  if (set.members.size > 0) return false;
  for (const child of set.children.values()) if (!isEmpty(child)) return false;
  return true;
}

export function has(set: FieldSet, path: Path): boolean {
  let at: FieldSet | undefined = set;
  for (let i = 0; i < path.length - 1; i++) {
    at = at.children.get(path[i] as string);
    if (!at) return false;
  }
  return path.length > 0 && at.members.has(path[path.length - 1] as string);
}

/** The part below one path element; EMPTY when there is none. */
export const below = (set: FieldSet, pe: string): FieldSet => set.children.get(pe) ?? EMPTY;

function sameMembers(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  if (a.size !== b.size) return false;
  for (const m of a) if (!b.has(m)) return false;
  return true;
}

export function equal(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  if (!sameMembers(a.members, b.members) || a.children.size !== b.children.size) return false;
  for (const [pe, child] of a.children) {
    const other = b.children.get(pe);
    if (!other || !equal(child, other)) return false;
  }
  return true;
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || (b.members.size === 0 && b.children.size === 0)) return a;
  if (a.members.size === 0 && a.children.size === 0) return b;
  let members: Set<string> | undefined;
  for (const m of b.members) {
    if (a.members.has(m)) continue;
    members ??= new Set(a.members);
    members.add(m);
  }
  let children: Map<string, FieldSet> | undefined;
  for (const [pe, child] of b.children) {
    const mine = a.children.get(pe);
    const merged = mine ? union(mine, child) : child;
    if (merged === mine) continue;
    children ??= new Map(a.children);
    children.set(pe, merged);
  }
  return members || children ? { members: members ?? a.members, children: children ?? a.children } : a;
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a;
  if ((b.members.size === 0 && b.children.size === 0) || (a.members.size === 0 && a.children.size === 0)) return EMPTY;
  const members = new Set<string>();
  for (const m of b.members) if (a.members.has(m)) members.add(m);
  const children = new Map<string, FieldSet>();
  for (const [pe, child] of b.children) {
    const mine = a.children.get(pe);
    if (!mine) continue;
    const both = intersection(mine, child);
    if (!isEmpty(both)) children.set(pe, both);
  }
  return members.size || children.size ? { members, children } : EMPTY;
}

/** What is in `a` and not in `b`: a path taken away does not take what is below it. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return subtract(a, b, false);
}

/** As `difference`, but a path taken away takes everything below it along. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  return subtract(a, b, true);
}

function subtract(a: FieldSet, b: FieldSet, recursive: boolean): FieldSet {
  if (b.members.size === 0 && b.children.size === 0) return a;
  let members: Set<string> | undefined;
  let children: Map<string, FieldSet> | undefined;
  for (const m of b.members) {
    if (a.members.has(m)) {
      members ??= new Set(a.members);
      members.delete(m);
    }
    if (recursive && a.children.has(m)) {
      children ??= new Map(a.children);
      children.delete(m);
    }
  }
  for (const [pe, child] of b.children) {
    const mine = (children ?? a.children).get(pe);
    if (!mine) continue;
    const rest = subtract(mine, child, recursive);
    if (rest === mine) continue;
    children ??= new Map(a.children);
    if (isEmpty(rest)) children.delete(pe);
    else children.set(pe, rest);
  }
  return members || children ? { members: members ?? a.members, children: children ?? a.children } : a;
}

/** A pattern of paths for `onlyMatching`: field names, `*` for any element; everything below a pattern's end matches. */
export type Pattern = readonly string[];

/** The paths that start with one of the patterns. Source: NewIncludeMatcherFilter. */
export function onlyMatching(set: FieldSet, patterns: readonly Pattern[]): FieldSet {
  if (patterns.length === 0 || patterns.some((p) => p.length === 0)) return set;
  const matching = (pe: string) => patterns.filter((p) => p[0] === "*" || `f:${p[0]}` === pe);
  const members = new Set([...set.members].filter((m) => matching(m).length > 0));
  const children = new Map<string, FieldSet>();
  for (const [pe, child] of set.children) {
    const deeper = matching(pe).map((p) => p.slice(1));
    if (deeper.length === 0) continue;
    const kept = onlyMatching(child, deeper);
    if (!isEmpty(kept)) children.set(pe, kept);
  }
  return { members, children };
}

/** The set with every declared field that leads to a member made a member itself; free map keys and list items stay as they are. */
export function ensureNamedFields(set: FieldSet, type: Type | undefined): FieldSet {
  const members = new Set(set.members);
  const children = new Map<string, FieldSet>();
  for (const [pe, child] of set.children) {
    let inner: Type | undefined;
    if (pe.startsWith("f:") && type?.map) {
      const field = type.map.fields.get(pe.slice(2));
      if (field) members.add(pe);
      inner = field?.type ?? (type.map as MapType).of;
    } else if (pe.startsWith("k:")) {
      inner = type?.list?.of;
    }
    children.set(pe, ensureNamedFields(child, inner));
  }
  return { members, children };
}

/** Calls back for every member, members of a level before what lies below them, each level in `compareElements` order. The path is reused: copy it to keep. */
export function iterate(set: FieldSet, visit: (path: string[]) => void, prefix: string[] = []): void {
  for (const pe of sortElements([...set.members])) {
    prefix.push(pe);
    visit(prefix);
    prefix.pop();
  }
  for (const pe of sortElements([...set.children.keys()])) {
    prefix.push(pe);
    iterate(set.children.get(pe) as FieldSet, visit, prefix);
    prefix.pop();
  }
}

const RANK: Readonly<Record<string, number>> = { f: 0, k: 1, v: 2, i: 3 };

/** Order of JSON values of different kinds: numbers, strings, booleans, the rest. Source: structured-merge-diff value.Compare. */
function compareValues(a: unknown, b: unknown): number {
  const rank = (v: unknown) => (typeof v === "number" || typeof v === "bigint" ? 0 : typeof v === "string" ? 1 : typeof v === "boolean" ? 2 : 3);
  const d = rank(a) - rank(b);
  if (d !== 0) return d;
  if (typeof a === "number" || typeof a === "bigint" || typeof a === "string" || typeof a === "boolean")
    return a < (b as typeof a) ? -1 : a > (b as typeof a) ? 1 : 0;
  return 0;
}

type KeyFields = readonly (readonly [string, unknown])[];

/** Parsed item keys by element. The same few keys come again and again; the bound only keeps hostile input from growing it. */
const parsedKeys = new Map<string, KeyFields>();
const MAX_PARSED = 4096;

/** The fields of a `k:` element, sorted by name. Throws a plain Error when it is none. */
export function keyFields(element: string): KeyFields {
  const known = parsedKeys.get(element);
  if (known) return known;
  const fields = parseJson(element.slice(2));
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) throw new Error(`expect { or n in ${element}`);
  const out = Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
  if (parsedKeys.size >= MAX_PARSED) parsedKeys.clear();
  parsedKeys.set(element, out);
  return out;
}

function compareKeys(a: string, b: string): number {
  const left = keyFields(a);
  const right = keyFields(b);
  for (let i = 0; i < left.length && i < right.length; i++) {
    const [ln, lv] = left[i] as readonly [string, unknown];
    const [rn, rv] = right[i] as readonly [string, unknown];
    if (ln !== rn) return ln < rn ? -1 : 1;
    const c = compareValues(lv, rv);
    if (c !== 0) return c;
  }
  return left.length - right.length;
}

/** The order of path elements in encoded sets and in error texts: fields by name, then keyed items, values (numbers by size), indexes. */
export function compareElements(a: string, b: string): number {
  const kind = a[0] as string;
  if (kind !== b[0]) return (RANK[kind] ?? 4) - (RANK[b[0] as string] ?? 4);
  if (a === b) return 0;
  switch (kind) {
    case "k":
      return compareKeys(a, b);
    case "v":
      return compareValues(parseJson(a.slice(2)), parseJson(b.slice(2)));
    case "i":
      return Number(a.slice(2)) - Number(b.slice(2));
    default:
      return a < b ? -1 : 1;
  }
}

/** Sorts in place, and cheaply when the elements are sorted already, as they mostly are. */
export function sortElements(elements: string[]): string[] {
  for (let i = 1; i < elements.length; i++) {
    if (compareElements(elements[i - 1] as string, elements[i] as string) > 0) return elements.sort(compareElements);
  }
  return elements;
}
