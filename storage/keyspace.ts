import { compareKeys, prefixEnd } from "./keys.js";
import type { Entry } from "./store.js";

/** A key's place: it stays when the entry is replaced, so an update costs one map lookup and moves nothing. */
interface Slot {
  readonly key: string;
  entry: Entry;
}

const LEAF_LIMIT = 512;
const LEAF_FILL = 384;
/** Keys that are looked at before the end of a prefix is searched. */
const NEAR = 8;

/**
 * The live keys, by name and in order: what get, list and count answer from. Ordered slots lie in leaves of a few hundred, so that inserting moves
 * little however many keys there are, and counting a range adds up leaf sizes instead of visiting keys.
 */
export class Keyspace {
  readonly #slots = new Map<string, Slot>();
  readonly #leaves: Slot[][] = [];
  /** How many keys there are by their first two segments: most questions are about resources of which there is nothing. */
  readonly #populations = new Map<string, number>();

  /** `entries`: any order, one per key. */
  constructor(entries: readonly Entry[] = []) {
    const slots = entries.map((entry): Slot => ({ key: entry.key, entry }));
    slots.sort((a, b) => compareKeys(a.key, b.key));
    for (const slot of slots) {
      this.#slots.set(slot.key, slot);
      this.#populate(slot.key, 1);
    }
    for (let i = 0; i < slots.length; i += LEAF_FILL) this.#leaves.push(slots.slice(i, i + LEAF_FILL));
  }

  get size(): number {
    return this.#slots.size;
  }

  get(key: string): Entry | undefined {
    return this.#slots.get(key)?.entry;
  }

  put(entry: Entry): void {
    const slot = this.#slots.get(entry.key);
    if (slot !== undefined) {
      slot.entry = entry;
      return;
    }
    const added: Slot = { key: entry.key, entry };
    this.#slots.set(entry.key, added);
    this.#populate(entry.key, 1);
    if (this.#leaves.length === 0) {
      this.#leaves.push([added]);
      return;
    }
    // A key beyond the last leaf goes to the end of it.
    const at = Math.min(this.#leafOf(entry.key), this.#leaves.length - 1);
    const leaf = this.#leaves[at];
    leaf.splice(offsetOf(leaf, entry.key), 0, added);
    if (leaf.length > LEAF_LIMIT) this.#leaves.splice(at + 1, 0, leaf.splice(LEAF_LIMIT >> 1));
  }

  delete(key: string): void {
    if (!this.#slots.delete(key)) return;
    this.#populate(key, -1);
    const at = this.#leafOf(key);
    const leaf = this.#leaves[at];
    leaf.splice(offsetOf(leaf, key), 1);
    if (leaf.length === 0) this.#leaves.splice(at, 1);
  }

  /** Entries under `prefix` with keys from `from` on, at most `limit`, and how many more follow them. */
  list(prefix: string, from?: string, limit = Number.POSITIVE_INFINITY): { entries: Entry[]; remaining: number } {
    if (this.#isEmpty(prefix)) return { entries: [], remaining: 0 };
    const start = this.#position(from !== undefined && compareKeys(from, prefix) > 0 ? from : prefix);
    const total = this.#distance(start, this.#endNear(start, prefix));
    const wanted = Math.min(limit, total);
    const entries: Entry[] = [];
    for (let { leaf, offset } = start; entries.length < wanted; leaf++, offset = 0) {
      const slots = this.#leaves[leaf];
      const stop = Math.min(slots.length, offset + wanted - entries.length);
      for (let i = offset; i < stop; i++) entries.push(slots[i].entry);
    }
    return { entries, remaining: total - entries.length };
  }

  count(prefix: string): number {
    return this.#isEmpty(prefix) ? 0 : this.#distance(this.#position(prefix), this.#end(prefix));
  }

  #populate(key: string, change: number): void {
    const segments = firstSegments(key);
    if (segments !== undefined) this.#populations.set(segments, (this.#populations.get(segments) ?? 0) + change);
  }

  /** Whether there is surely nothing under the prefix. */
  #isEmpty(prefix: string): boolean {
    const segments = firstSegments(prefix);
    return segments !== undefined && !this.#populations.get(segments);
  }

  #end(prefix: string): Position {
    const end = prefixEnd(prefix);
    return end === undefined ? { leaf: this.#leaves.length, offset: 0 } : this.#position(end);
  }

  /** The end of a prefix whose keys begin at `start`: mostly they are few, and looking at them costs less than a search. */
  #endNear(start: Position, prefix: string): Position {
    const leaf = this.#leaves[start.leaf];
    if (leaf === undefined) return start;
    for (let offset = start.offset, last = Math.min(leaf.length, offset + NEAR); offset < last; offset++)
      if (!leaf[offset].key.startsWith(prefix)) return { leaf: start.leaf, offset };
    return this.#end(prefix);
  }

  /** Where the first key not below `key` is. */
  #position(key: string): Position {
    const leaf = this.#leafOf(key);
    return { leaf, offset: leaf < this.#leaves.length ? offsetOf(this.#leaves[leaf], key) : 0 };
  }

  #distance(from: Position, to: Position): number {
    if (from.leaf > to.leaf) return 0;
    let keys = to.offset - from.offset;
    for (let leaf = from.leaf; leaf < to.leaf; leaf++) keys += this.#leaves[leaf].length;
    return Math.max(0, keys);
  }

  /** The first leaf whose last key is not below `key`; the number of leaves when there is none. */
  #leafOf(key: string): number {
    let low = 0;
    let high = this.#leaves.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const leaf = this.#leaves[middle];
      if (compareKeys(leaf[leaf.length - 1].key, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** `/registry/pods/` of `/registry/pods/default/web-0`; undefined where there is no second segment with a slash behind it. */
function firstSegments(key: string): string | undefined {
  const end = key.indexOf("/", key.indexOf("/", 1) + 1);
  return end > 0 ? key.slice(0, end + 1) : undefined;
}

interface Position {
  readonly leaf: number;
  readonly offset: number;
}

function offsetOf(leaf: readonly Slot[], key: string): number {
  let low = 0;
  let high = leaf.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareKeys(leaf[middle].key, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
