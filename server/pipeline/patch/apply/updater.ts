/**
 * Who owns what after a write: the core of updates and applies, without time, metadata rules or wire forms. Source: structured-merge-diff merge/update.go.
 */
import { sameJson } from "../gofmt.js";
import { type Comparison, compare, isSame } from "./compare.js";
import {
  difference,
  ensureNamedFields,
  type FieldSet,
  intersection,
  isEmpty,
  iterate,
  onlyMatching,
  type Path,
  type Pattern,
  recursiveDifference,
  union,
} from "./fieldset.js";
import { identifier, type Managed, type Manager } from "./managed.js";
import { merge } from "./merge.js";
import type { Type } from "./types.js";
import { removeItems, toFieldSet } from "./walks.js";

/** Which fields of a write count: none below `reset`, and when `only` is given nothing but what matches it. */
export interface Filter {
  readonly reset?: FieldSet;
  readonly only?: readonly Pattern[];
}

function filterSet(set: FieldSet, filter: Filter): FieldSet {
  const kept = filter.reset ? recursiveDifference(set, filter.reset) : set;
  return filter.only ? onlyMatching(kept, filter.only) : kept;
}

function filterComparison(c: Comparison, filter: Filter): Comparison {
  if (!filter.reset && !filter.only) return c;
  return { removed: filterSet(c.removed, filter), modified: filterSet(c.modified, filter), added: filterSet(c.added, filter) };
}

/** The comparison as another version of the kind sees it; undefined when there is no such version (any more), whose managers then vanish. */
export type OtherVersion = (apiVersion: string) => Comparison | undefined;

/** Two managers want different values for a field. */
export interface Conflict {
  /** Identifier of the other manager. */
  readonly id: string;
  readonly manager: Manager;
  readonly path: Path;
}

export class Conflicts extends Error {
  constructor(readonly list: readonly Conflict[]) {
    super("conflict");
  }
}

/** Takes from every manager but `self` what changed (a conflict unless forced) and what went away. Writes into `managed`. */
function settle(managed: Managed, self: string, apiVersion: string, own: Comparison, other: OtherVersion, force: boolean): void {
  const conflicts: Conflict[] = [];
  const next: [string, Manager | undefined][] = [];
  for (const id of force ? managed.keys() : [...managed.keys()].sort()) {
    if (id === self) continue;
    const m = managed.get(id) as Manager;
    const c = m.apiVersion === apiVersion ? own : other(m.apiVersion);
    if (!c) {
      next.push([id, undefined]);
      continue;
    }
    const lost = intersection(m.set, union(c.modified, c.added));
    if (!isEmpty(lost) && !force) {
      iterate(lost, (path) => conflicts.push({ id, manager: m, path: path.slice() }));
      continue;
    }
    const kept = difference(difference(m.set, lost), c.removed);
    if (kept !== m.set) next.push([id, { ...m, set: kept, source: undefined }]);
  }
  if (conflicts.length) throw new Conflicts(conflicts);
  for (const [id, m] of next) {
    if (m) managed.set(id, m);
    else managed.delete(id);
  }
  for (const [id, m] of managed) if (isEmpty(m.set)) managed.delete(id);
}

/** Settles a finished write: what it changed is taken from the others. Returns what the writer now owns by it. Writes into `managed`. */
export function settleUpdate(managed: Managed, changes: Comparison, apiVersion: string, filter: Filter, other: OtherVersion): FieldSet {
  const own = filterComparison(changes, filter);
  if (isSame(own)) {
    for (const [id, m] of managed) if (isEmpty(m.set) || (m.apiVersion !== apiVersion && !other(m.apiVersion))) managed.delete(id);
    return own.modified;
  }
  settle(managed, "", apiVersion, own, (version) => filtered(other(version), filter), true);
  return union(own.modified, own.added);
}

const filtered = (c: Comparison | undefined, filter: Filter): Comparison | undefined => c && filterComparison(c, filter);

export interface ApplyStep {
  /** Type without views: `live` must be an object as its struct shows it, `config` is what the client wrote. Both valid. */
  readonly type: Type;
  readonly live: unknown;
  readonly config: unknown;
  readonly managed: Managed;
  readonly manager: string;
  readonly apiVersion: string;
  readonly subresource: string;
  readonly filter: Filter;
  readonly other: (apiVersion: string, live: unknown, next: unknown) => Comparison | undefined;
  readonly force: boolean;
}

/**
 * Applies a configuration: merges it, removes what its manager applied before and nobody else owns, and settles ownership. Writes into `managed`; returns
 * the new object, or undefined when it equals the live one. Throws Conflicts and MergeError.
 */
export function applyConfiguration(step: ApplyStep): unknown {
  const { type, live, config, managed, apiVersion, filter } = step;
  const merged = merge(type, live, config);
  const id = identifier(step.manager, "Apply", apiVersion, step.subresource);
  const last = managed.get(id);
  const set = filterSet(toFieldSet(type, config), filter);
  managed.set(id, { manager: step.manager, operation: "Apply", apiVersion, subresource: step.subresource, set, time: last?.time });
  const next = prune(type, merged, managed, set, last?.set);
  const changes = filterComparison(compare(type, live, next), filter);
  settle(managed, id, apiVersion, changes, (version) => filtered(step.other(version, live, next), filter), step.force);
  return sameJson(live, next) ? undefined : next;
}

/** Removes what the manager applied last and left out now, except what somebody owns or what lies in it unowned by the last configuration. */
function prune(type: Type, merged: unknown, managed: Managed, now: FieldSet, lastSet: FieldSet | undefined): unknown {
  // nothing was left out: every removal below would be taken back
  if (!lastSet || isEmpty(lastSet) || isEmpty(difference(lastSet, now))) return merged;
  const last = ensureNamedFields(lastSet, type);
  let pruned = removeItems(type, merged, last);
  const mergedSet = ensureNamedFields(toFieldSet(type, merged), type);
  let owned: FieldSet = now;
  for (const m of managed.values()) owned = union(owned, m.set);
  const kept = union(ensureNamedFields(toFieldSet(type, pruned), type), ensureNamedFields(owned, type));
  pruned = removeItems(type, merged, difference(mergedSet, kept));
  const prunedSet = ensureNamedFields(toFieldSet(type, pruned), type);
  return removeItems(type, merged, intersection(difference(mergedSet, prunedSet), last));
}
