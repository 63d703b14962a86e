/**
 * How strategic merge patch orders merged lists: items the patch names keep the patch's order, items only the server has keep theirs, and the two are
 * interleaved along the live list. Source: apimachinery strategicpatch normalizeElementOrder, mergeSortedSlice.
 */
import { bareError, custom } from "../../errors.js";
import { goPlain, goTypeOf, isObject } from "./gofmt.js";

export type Item = unknown;
type Doc = Record<string, unknown>;
/** `map` when the items are objects, else the Go type of the scalars. */
export type ItemKind = string;

const noMergeKey = (item: Doc, key: string) => bareError(`map: ${goPlain(item)} does not contain declared merge key: ${key}`);
const badMap = (actual: unknown) => bareError(`expected a map[string]interface {}, but received a ${goTypeOf(actual) ?? "%!s(<nil>)"}`);

/** The one type of all items of the lists; throws on mixed types, lists of lists (422) and when there is no item at all. */
export function sliceElementType(...lists: readonly (readonly Item[])[]): ItemKind {
  let found: string | undefined;
  for (const list of lists) {
    for (const item of list) {
      const type = goTypeOf(item) ?? "<nil>";
      if (found === undefined) {
        if (type === "[]interface {}") throw custom(422, "Invalid", "the server rejected our request due to an error in our request", {});
        found = type;
      } else if (found !== type) {
        throw bareError(`list element types are not identical: ${goPlain(lists)}`);
      }
    }
  }
  if (found === undefined) throw bareError("no elements in any of the given slices");
  return found === "map[string]interface {}" ? "map" : found;
}

/** Both lists' scalars without repetitions; the order is made later. Source: deduplicateScalars, which fills a gap with the last item. */
export function mergeScalars(original: readonly Item[], patch: readonly Item[]): Item[] {
  const all = [...original, ...patch];
  let last = all.length - 1;
  for (let i = 0; i < last; i++) {
    for (let j = i + 1; j <= last; j++) {
      if (all[i] === all[j]) {
        all[j] = all[last];
        last--;
        j--;
      }
    }
  }
  return all.slice(0, last + 1);
}

/** `$deleteFromPrimitiveList`. */
export function deleteScalars(original: readonly Item[], gone: readonly Item[]): Item[] {
  const out = new Set(gone);
  return original.filter((item) => !out.has(item));
}

const keyOf = (item: Item, mergeKey: string): unknown => (isObject(item) ? item[mergeKey] : undefined);

/** Splits a merged list into the items `by` names and the rest. */
export function partition(merged: readonly Item[], by: readonly Item[], mergeKey: string): [Item[], Item[]] {
  const named: Item[] = [];
  const rest: Item[] = [];
  if (mergeKey === "") {
    const wanted = new Set(by);
    for (const item of merged) (wanted.has(item) ? named : rest).push(item);
    return [named, rest];
  }
  for (const item of merged) {
    if (!isObject(item)) throw badMap(item);
    if (!Object.hasOwn(item, mergeKey)) throw noMergeKey(item, mergeKey);
    by.forEach((other, i) => {
      if (!isObject(other)) throw bareError(`value for key ${i} is not a map`);
    });
    (by.some((other) => keyOf(other, mergeKey) === item[mergeKey]) ? named : rest).push(item);
  }
  return [named, rest];
}

/** Index of the item in a list, by merge key for maps; -1 when it is not there. */
function indexIn(list: readonly Item[], item: Item, mergeKey: string, kind: ItemKind): number {
  if (kind !== "map") return list.indexOf(item);
  const key = keyOf(item, mergeKey);
  return list.findIndex((other) => keyOf(other, mergeKey) === key);
}

/** Sorts by position in `order`. Insertion, because upstream's comparison is no order for items that `order` lacks and only insertion repeats it. */
function sortBy(items: readonly Item[], order: readonly Item[], mergeKey: string, kind: ItemKind): Item[] {
  if (kind === "map") {
    for (const list of [items, order]) {
      for (const item of list) {
        if (!isObject(item)) throw badMap(item);
        if (!Object.hasOwn(item, mergeKey)) throw noMergeKey(item, mergeKey);
      }
    }
  }
  const deleted = kind === "map" ? items.filter((item) => (item as Doc).$patch === "delete") : [];
  const out = deleted.length ? items.filter((item) => !deleted.includes(item)) : items.slice();
  const at = new Map(out.map((item) => [item, indexIn(order, item, mergeKey, kind)]));
  const less = (a: Item, b: Item): boolean => {
    const i = at.get(a) as number;
    const j = at.get(b) as number;
    return i >= 0 && j >= 0 ? i < j : true;
  };
  for (let i = 1; i < out.length; i++) {
    for (let j = i; j > 0 && less(out[j], out[j - 1]); j--) [out[j], out[j - 1]] = [out[j - 1], out[j]];
  }
  return [...out, ...deleted];
}

/** Orders the patch's items by `patchOrder`, the server's by `serverOrder`, and interleaves them: a server item goes before a patch item it preceded. */
export function normalizeOrder(
  patch: readonly Item[],
  serverOnly: readonly Item[],
  patchOrder: readonly Item[],
  serverOrder: readonly Item[],
  mergeKey: string,
  kind: ItemKind,
): Item[] {
  const right = sortBy(patch, patchOrder, mergeKey, kind);
  const left = sortBy(serverOnly, serverOrder, mergeKey, kind);
  const out: Item[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length || j < right.length) {
    if (i >= left.length) out.push(right[j++]);
    else if (j >= right.length) out.push(left[i++]);
    else {
      const l = indexIn(serverOrder, left[i], mergeKey, kind);
      const r = indexIn(serverOrder, right[j], mergeKey, kind);
      out.push(l >= 0 && r >= 0 && l < r ? left[i++] : right[j++]);
    }
  }
  return out;
}

function equalByKey(left: Item, right: Item, mergeKey: string): boolean {
  if (mergeKey === "") return left === right;
  if (!isObject(left)) throw badMap(left);
  if (!isObject(right)) throw badMap(right);
  if (!Object.hasOwn(left, mergeKey)) throw noMergeKey(left, mergeKey);
  if (!Object.hasOwn(right, mergeKey)) throw noMergeKey(right, mergeKey);
  return left[mergeKey] === right[mergeKey];
}

/** The patch's items must come in `$setElementOrder`'s order and all be in it (deletions apart); throws otherwise. */
export function validateOrder(patch: readonly Item[], order: readonly Item[], mergeKey: string): void {
  if (order.length === 0 || patch.length === 0) return;
  let kept: readonly Item[] = patch;
  if (mergeKey !== "") {
    for (const item of patch) if (!isObject(item)) throw badMap(item);
    kept = patch.filter((item) => (item as Doc).$patch !== "delete");
  }
  let p = 0;
  let o = 0;
  while (p < kept.length && o < order.length) {
    const item = kept[p];
    if (isObject(item) && Object.hasOwn(item, "$patch")) {
      p++;
      continue;
    }
    if (equalByKey(item, order[o], mergeKey)) p++;
    o++;
  }
  if (p < kept.length && o >= order.length) {
    throw bareError(`The order in patch list:\n${goPlain(patch)}\n doesn't match $setElementOrder list:\n${goPlain(order)}\n`);
  }
}
