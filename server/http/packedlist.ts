/**
 * Long lists, compressed. The items of a list lie in groups that are compressed once and kept for as long as their entries are there: who lists again, after a
 * few writes or none, has only what changed compressed anew.
 */
import type { ListFrame } from "../codec/encode.js";
import type { Entry } from "../../storage/store.js";
import { gzipOf, type Part, packedPart, storedPart } from "./gzipparts.js";

/** A list before it is put together. */
export interface ListParts extends ListFrame {
  /** What the same entries' bytes are kept under: the form, and whose form. */
  readonly form: string;
  readonly entries: readonly Entry[];
  /** Bytes of an item. */
  item(entry: Entry): Buffer;
}

/** The items' bytes with what stands between them. */
const itemsOf = ({ separator, item }: ListParts, entries: readonly Entry[]): Buffer[] =>
  separator.length === 0 ? entries.map(item) : entries.flatMap((entry, i) => (i > 0 ? [separator, item(entry)] : [item(entry)]));

/** The list as it is. */
export const joinList = (list: ListParts): Buffer => Buffer.concat([list.head, ...itemsOf(list, list.entries), list.tail]);

/** Whether the list is longer than so many bytes; not all of its items are looked at when they need not be. */
export function isLonger(list: ListParts, bytes: number): boolean {
  let length = list.head.length + list.tail.length;
  for (const entry of list.entries) {
    length += list.item(entry).length + list.separator.length;
    if (length > bytes) return true;
  }
  return false;
}

interface Group {
  readonly entries: readonly Entry[];
  readonly part: Promise<Part>;
}

/** By a group's first entry. */
const groups = new WeakMap<Entry, Map<string, Group>>();

/** A group ends at a key with this many zeros at the end of its hash, so that an item more or less moves no other group; or when it is long. */
const MASK = 63;
const MAX_ITEMS = 256;

function endsGroup({ key }: Entry): boolean {
  let hash = 0;
  for (let i = Math.max(0, key.length - 12); i < key.length; i++) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) | 0;
  // neighbours' keys differ in little: what differs must reach all bits (murmur3's last step)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) & MASK) === 0;
}

/** The list as one gzip stream. */
export async function packList(list: ListParts): Promise<Buffer> {
  const pending: Promise<Part>[] = [];
  const { entries } = list;
  for (let start = 0; start < entries.length; ) {
    let end = start + 1;
    while (end < entries.length && end - start < MAX_ITEMS && !endsGroup(entries[end - 1] as Entry)) end++;
    pending.push(groupOf(list, entries.slice(start, end)));
    start = end;
  }
  const separator = storedPart(list.separator);
  const parts: Part[] = [storedPart(list.head)];
  for (const [i, part] of (await Promise.all(pending)).entries()) {
    if (i > 0 && list.separator.length > 0) parts.push(separator);
    parts.push(part);
  }
  parts.push(storedPart(list.tail, true));
  return gzipOf(parts);
}

function groupOf(list: ListParts, entries: readonly Entry[]): Promise<Part> {
  const first = entries[0] as Entry;
  let forms = groups.get(first);
  if (!forms) {
    forms = new Map();
    groups.set(first, forms);
  }
  const known = forms.get(list.form);
  if (known && known.entries.length === entries.length && known.entries.every((entry, i) => entry === entries[i])) return known.part;
  const part = packedPart(Buffer.concat(itemsOf(list, entries)));
  forms.set(list.form, { entries, part });
  // what could not be compressed is tried again
  part.catch(() => forms.delete(list.form));
  return part;
}
