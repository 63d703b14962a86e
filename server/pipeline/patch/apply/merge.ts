/** Merging an applied configuration into an object. Source: structured-merge-diff typed/merge.go with its rule "keep the right side". */
import { isObject } from "../gofmt.js";
import { define, own } from "../../../codec/specials.js";
import { fieldElement, printElement } from "./fieldsv1.js";
import type { ListType, MapType, Type } from "./types.js";
import { type Doc, type Form, fieldType, formOf, isOpen, itemElement, pick } from "./values.js";
import { checkScalar, type TypeFinding } from "./walks.js";

/** A configuration that cannot be merged. */
export class MergeError extends Error {
  constructor(readonly findings: readonly TypeFinding[]) {
    super("cannot be merged");
  }
}

/**
 * The object with the configuration merged in; shares what did not change. Nothing is removed. Keyed lists and sets keep the object's order unless the
 * configuration names items in another one. Throws MergeError.
 */
export function merge(type: Type, lhs: unknown, rhs: unknown): unknown {
  const findings: TypeFinding[] = [];
  const out = mergeValue(type, lhs, rhs, "", findings).out;
  if (findings.length) throw new MergeError(findings);
  return out;
}

interface Merged {
  readonly out: unknown;
  readonly leaf: boolean;
}

function mergeValue(type: Type, lhs: unknown, rhs: unknown, path: string, findings: TypeFinding[]): Merged {
  if (rhs === undefined) return mergeForm(type, pick(type, lhs), lhs, rhs, path, findings);
  if (lhs === undefined || !isOpen(type) || formOf(type, lhs) === formOf(type, rhs)) return mergeForm(type, pick(type, rhs), lhs, rhs, path, findings);
  // the value changed its form: only the new form counts for the result
  mergeForm(type, pick(type, lhs), lhs, rhs, path, findings);
  return mergeForm(type, pick(type, rhs), lhs, rhs, path, findings);
}

const keep = (lhs: unknown, rhs: unknown): Merged => ({ out: rhs !== undefined ? rhs : lhs, leaf: true });

function mergeForm(type: Type, form: Form, lhs: unknown, rhs: unknown, path: string, findings: TypeFinding[]): Merged {
  if (form === "scalar") {
    const left = checkScalar(type.scalar ?? "untyped", lhs);
    const right = checkScalar(type.scalar ?? "untyped", rhs);
    if (left && right) findings.push({ path, message: `lhs: ${left}` }, { path, message: `rhs: ${right}` });
    return keep(lhs, rhs);
  }
  if (form === "list") {
    const list = type.list as ListType;
    const l = Array.isArray(lhs) ? lhs : undefined;
    const r = Array.isArray(rhs) ? rhs : undefined;
    if (list.atomic || (!l?.length && !r?.length)) return keep(lhs, rhs);
    const out = mergeItems(list, l ?? [], r ?? [], path, findings);
    return { out: out.length ? out : undefined, leaf: false };
  }
  const map = type.map as MapType;
  const l = isObject(lhs) ? lhs : undefined;
  const r = isObject(rhs) ? rhs : undefined;
  if (map.atomic || (isBlank(l) && isBlank(r))) return keep(lhs, rhs);
  const out: Doc = {};
  let any = false;
  let same = r === undefined;
  for (const name of new Set([...Object.keys(l ?? {}), ...Object.keys(r ?? {})])) {
    const lv = own(l, name);
    const rv = own(r, name);
    if (lv === undefined && rv === undefined) continue;
    const of = fieldType(map, name);
    if (rv === undefined || !of) {
      // nothing to merge in: the walk would only copy
      define(out, name, lv);
      any = true;
      continue;
    }
    const merged = mergeValue(of, lv, rv, path + printElement(fieldElement(name)), findings).out;
    if (merged === undefined) continue;
    if (merged !== lv) same = false;
    define(out, name, merged);
    any = true;
  }
  if (same && l) return { out: l, leaf: false };
  return { out: any ? out : undefined, leaf: false };
}

const isBlank = (v: Doc | undefined): boolean => !v || Object.keys(v).length === 0;

/** Items by name; `undefined` in `items` for a name that stands there more than once, which is merged with nothing. */
interface Indexed {
  readonly names: readonly string[];
  readonly items: ReadonlyMap<string, unknown>;
}

function index(list: ListType, items: readonly unknown[], allowDuplicates: boolean, path: string, findings: TypeFinding[]): Indexed {
  const names: string[] = [];
  const byName = new Map<string, unknown>();
  items.forEach((item, i) => {
    let pe: string;
    try {
      pe = itemElement(list, item);
    } catch (error) {
      findings.push({ path, message: `element ${i}: ${(error as Error).message}` });
      return;
    }
    if (byName.has(pe) && !allowDuplicates) {
      findings.push({ path, message: `duplicate entries for key ${printElement(pe)}` });
      return;
    }
    byName.set(pe, byName.has(pe) ? null : item);
    names.push(pe);
  });
  return { names, items: byName };
}

/**
 * Merges two keyed lists or sets. Items of the object stay where they are; items both sides name follow the configuration's order, and new items come after
 * the item they follow there.
 */
function mergeItems(list: ListType, lhs: readonly unknown[], rhs: readonly unknown[], path: string, findings: TypeFinding[]): unknown[] {
  const before = findings.length;
  const right = index(list, rhs, false, path, findings);
  const left = index(list, lhs, true, path, findings);
  if (findings.length > before) return [];
  const out: unknown[] = [];
  const shared = right.names.filter((pe) => left.items.has(pe));
  let next = 0;
  const done = new Set<string>();
  const put = (pe: string, l: unknown, r: unknown): void => {
    const merged = mergeValue(list.of, l, r, path + printElement(pe), findings).out;
    if (merged !== undefined) out.push(merged);
  };
  let i = 0;
  let j = 0;
  while (i < left.names.length || j < right.names.length) {
    const lpe = left.names[i];
    const rpe = right.names[j];
    if (lpe !== undefined && rpe !== undefined) {
      if (lpe === rpe) {
        done.add(lpe);
        put(lpe, left.items.get(lpe), right.items.get(lpe));
        i++;
        j++;
        next++;
        continue;
      }
      if (right.items.has(lpe) && next < shared.length && shared[next] !== lpe) {
        // shared, but its turn comes later in the configuration's order
        i++;
        continue;
      }
    }
    if (lpe !== undefined) {
      if (!right.items.has(lpe)) {
        put(lpe, lhs[i], undefined);
        i++;
        continue;
      }
      if (done.has(lpe)) i++;
    }
    if (rpe !== undefined) {
      done.add(rpe);
      put(rpe, left.items.get(rpe), right.items.get(rpe));
      j++;
      if (shared[next] === rpe) next++;
    }
  }
  return out;
}
