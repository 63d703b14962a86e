/** Bytes of objects and lists, put together without parsing what is stored. */
import { jsonText } from "../../kinds/exact.js";
import { escaped, indented, goJson as stringify } from "../../kinds/gojson.js";

export { indented, stringify };

/** What stands behind stored text that JSON.parse would lose something of; a space, which means nothing to who reads it on the wire. */
const INEXACT = 0x20;

/** JSON text to be stored. */
export function storedText(value: unknown): string {
  const { text, lossy } = jsonText(value);
  return lossy ? `${escaped(text)} ` : escaped(text);
}

/** Whether stored bytes hold what JSON.parse would lose: numbers beyond 2^53, raw parts that are text. */
export const isInexact = (bytes: Buffer): boolean => bytes[bytes.length - 1] === INEXACT;

/** Stored bytes of an object: without kind and apiVersion, which the path a client asks on decides. */
export function encodeStored(object: object): Buffer {
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = object as { kind?: unknown; apiVersion?: unknown };
  return Buffer.from(storedText(rest));
}

const prefixes = new Map<string, Buffer>();

function prefixOf(apiVersion: string, kind: string): Buffer {
  const id = `${apiVersion} ${kind}`;
  let prefix = prefixes.get(id);
  if (!prefix) {
    prefix = Buffer.from(`{"kind":${stringify(kind)},"apiVersion":${stringify(apiVersion)}`);
    // The names of custom resources come and go; the map is a shortcut, not a record.
    if (prefixes.size > 500) prefixes.clear();
    prefixes.set(id, prefix);
  }
  return prefix;
}

/** `{"kind":"Pod","apiVersion":"v1",` in front of stored bytes. */
export function withTypeMeta(bytes: Buffer, apiVersion: string, kind: string): Buffer {
  const prefix = prefixOf(apiVersion, kind);
  const empty = bytes.length <= 2;
  const out = Buffer.allocUnsafe(prefix.length + bytes.length + (empty ? -1 : 0));
  prefix.copy(out);
  if (empty) out[prefix.length] = 0x7d;
  else {
    // The stored opening brace becomes the comma.
    bytes.copy(out, prefix.length);
    out[prefix.length] = 0x2c;
  }
  return out;
}

/** What stands around and between the items of a list. */
export interface ListFrame {
  readonly head: Buffer;
  readonly separator: Buffer;
  readonly tail: Buffer;
}

const COMMA = Buffer.from(",");
const END = Buffer.from("]}\n");

/** A list's bytes but for its items, which stand in it as they are stored; `metadata` is the ListMeta in Go's order. An empty list is `"items":[]`. Ends its line. */
export const listFrame = (apiVersion: string, listKind: string, metadata: object): ListFrame => ({
  head: Buffer.concat([prefixOf(apiVersion, listKind), Buffer.from(`,"metadata":${stringify(metadata)},"items":[`)]),
  separator: COMMA,
  tail: END,
});
