/** What changed between two values of a type, as sets of paths. Source: structured-merge-diff typed/compare.go. */
import { isObject } from "../gofmt.js";
import { own } from "../../../codec/specials.js";
import { EMPTY, type FieldSet, FieldSetBuilder, isEmpty } from "./fieldset.js";
import { fieldElement } from "./fieldsv1.js";
import type { ListType, MapType, Type } from "./types.js";
import { type Doc, type Form, formOf, isOpen, itemElement, pick, sameValue } from "./values.js";

export interface Comparison {
  readonly removed: FieldSet;
  readonly modified: FieldSet;
  readonly added: FieldSet;
}

export const NO_CHANGE: Comparison = { removed: EMPTY, modified: EMPTY, added: EMPTY };
export const isSame = (c: Comparison): boolean => isEmpty(c.removed) && isEmpty(c.modified) && isEmpty(c.added);

/**
 * Compares two objects of a type. Identical references are skipped, so the cost is that of the parts that are not shared. `skip` names paths below the root
 * that are not looked at (metadata.managedFields). Items that cannot be named are passed over: validation finds them.
 */
export function compare(type: Type, lhs: unknown, rhs: unknown, skip?: (path: readonly string[]) => boolean): Comparison {
  if (lhs === rhs) return NO_CHANGE;
  const walk = new Walk(skip);
  walk.value(type, lhs, rhs, false);
  return walk.result();
}

class Walk {
  private removed: FieldSetBuilder | undefined;
  private modified: FieldSetBuilder | undefined;
  private added: FieldSetBuilder | undefined;
  private readonly path: string[] = [];

  constructor(private readonly skip?: (path: readonly string[]) => boolean) {}

  result(): Comparison {
    return { removed: this.removed ?? EMPTY, modified: this.modified ?? EMPTY, added: this.added ?? EMPTY };
  }

  private insertRemoved(): void {
    this.removed ??= new FieldSetBuilder();
    this.removed.insert(this.path);
  }
  private insertAdded(): void {
    this.added ??= new FieldSetBuilder();
    this.added.insert(this.path);
  }
  private insertModified(): void {
    this.modified ??= new FieldSetBuilder();
    this.modified.insert(this.path);
  }

  /** Compares two values, one of which may be absent (undefined). */
  value(type: Type, lhs: unknown, rhs: unknown, inLeaf: boolean): void {
    if (lhs === rhs) return;
    let leaf = inLeaf;
    if (rhs === undefined) leaf = this.form(type, pick(type, lhs), lhs, rhs, leaf);
    else if (lhs === undefined || !isOpen(type) || formOf(type, lhs) === formOf(type, rhs)) leaf = this.form(type, pick(type, rhs), lhs, rhs, leaf);
    else {
      // the value changed its form: both forms are walked, each seeing the other side as nothing
      this.form(type, pick(type, lhs), lhs, rhs, leaf);
      leaf = this.form(type, pick(type, rhs), lhs, rhs, leaf);
    }
    if (leaf) return;
    if (lhs === undefined) this.insertAdded();
    else if (rhs === undefined) this.insertRemoved();
  }

  /** Returns whether the value counts as a leaf. */
  private form(type: Type, form: Form, lhs: unknown, rhs: unknown, inLeaf: boolean): boolean {
    if (form === "map") {
      const map = type.map as MapType;
      const l = isObject(lhs) ? lhs : undefined;
      const r = isObject(rhs) ? rhs : undefined;
      // two empty maps are a leaf, which keeps null and {} apart
      if (map.atomic || (isHollow(map, l) && isHollow(map, r))) return this.leaf(type, lhs, rhs, inLeaf);
      this.map(map, l, r, inLeaf);
      return inLeaf;
    }
    if (form === "list") {
      const list = type.list as ListType;
      const l = Array.isArray(lhs) ? lhs : undefined;
      const r = Array.isArray(rhs) ? rhs : undefined;
      if (list.atomic || (!l?.length && !r?.length)) return this.leaf(type, lhs, rhs, inLeaf);
      this.list(list, l ?? [], r ?? [], inLeaf);
      return inLeaf;
    }
    return this.leaf(type, lhs, rhs, inLeaf);
  }

  private leaf(type: Type, lhs: unknown, rhs: unknown, inLeaf: boolean): boolean {
    if (inLeaf) return true;
    if (lhs === undefined) this.insertAdded();
    else if (rhs === undefined) this.insertRemoved();
    else if (!sameValue(type, lhs, rhs)) this.insertModified();
    return true;
  }

  private map(map: MapType, lhs: Doc | undefined, rhs: Doc | undefined, inLeaf: boolean): void {
    if (lhs) for (const name in lhs) this.field(map, name, lhs, rhs, inLeaf);
    if (rhs) for (const name in rhs) if (own(lhs, name) === undefined) this.field(map, name, lhs, rhs, inLeaf);
    if (!map.always) return;
    // a whole struct that comes or goes brings the fields along that Go always writes
    if (lhs === undefined || rhs === undefined) {
      for (const f of map.always) if (lhs?.[f.name] === undefined && rhs?.[f.name] === undefined) this.field(map, f.name, lhs, rhs, inLeaf);
    }
  }

  private field(map: MapType, name: string, lhs: Doc | undefined, rhs: Doc | undefined, inLeaf: boolean): void {
    let l = own(lhs, name);
    let r = own(rhs, name);
    if (l === r && lhs && rhs) return;
    const f = map.fields.get(name);
    if (f?.view) {
      if (lhs) l = f.view(l);
      if (rhs) r = f.view(r);
    }
    if (l === r) return;
    const type = f?.type ?? map.of;
    if (!type) return;
    this.path.push(fieldElement(name));
    if (!this.skip?.(this.path)) this.value(type, l, r, inLeaf);
    this.path.pop();
  }

  private list(list: ListType, lhs: readonly unknown[], rhs: readonly unknown[], inLeaf: boolean): void {
    // most lists did not change; comparing them is cheaper than naming their items
    if (lhs.length === rhs.length && sameItems(list.of, lhs, rhs)) return;
    const left = index(list, lhs);
    const right = index(list, rhs);
    for (const [pe, l] of left) this.item(list, pe, l, right.get(pe) ?? NONE, inLeaf);
    for (const [pe, r] of right) if (!left.has(pe)) this.item(list, pe, NONE, r, inLeaf);
  }

  /** One name in both lists; more than one item of it on a side are duplicates, compared and owned as one. */
  private item(list: ListType, pe: string, l: readonly unknown[], r: readonly unknown[], inLeaf: boolean): void {
    this.path.push(pe);
    if (l.length <= 1 && r.length <= 1) {
      this.value(list.of, l[0], r[0], inLeaf);
    } else if (l.length >= 2 && r.length >= 2) {
      if (l.length !== r.length || !sameItems(list.of, l, r)) this.insertModified();
    } else if (l.length >= 2) {
      if (r.length) this.value(list.of, undefined, r[0], inLeaf);
      this.insertRemoved();
    } else {
      if (l.length) this.value(list.of, l[0], undefined, inLeaf);
      this.insertAdded();
    }
    this.path.pop();
  }
}

const NONE: readonly unknown[] = [];

function sameItems(of: Type, a: readonly unknown[], b: readonly unknown[]): boolean {
  for (let i = 0; i < a.length; i++) if (!sameValue(of, a[i], b[i])) return false;
  return true;
}

/** Whether a map has nothing in it, the fields that Go always writes counted. */
function isHollow(map: MapType, v: Doc | undefined): boolean {
  if (!v) return true;
  if (map.always?.length) return false;
  for (const name in v) {
    const view = map.fields.get(name)?.view;
    if ((view ? view(v[name]) : v[name]) !== undefined) return false;
  }
  return true;
}

/** Items by name, in order of first appearance; items without a name are left out. */
function index(list: ListType, items: readonly unknown[]): Map<string, unknown[]> {
  const out = new Map<string, unknown[]>();
  for (const item of items) {
    let pe: string;
    try {
      pe = itemElement(list, item);
    } catch {
      continue;
    }
    const same = out.get(pe);
    if (same) same.push(item);
    else out.set(pe, [item]);
  }
  return out;
}
