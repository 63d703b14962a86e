import { RawText } from "../../kinds/exact.js";
import { apiVersionOf, type Kind, storedKind } from "../../kinds/kind.js";
import type { KubeObject, ObjectMeta } from "../../kinds/object.js";
import type { Encoded, Entry } from "../../storage/store.js";
import { canonical } from "../codec/canonical.js";
import { decodeExact } from "../codec/decode.js";
import { encodeStored, isInexact, storedText } from "../codec/encode.js";
import { define } from "../codec/specials.js";
import type { ResourceName } from "../errors.js";
import type { Answer } from "./types.js";

/** The parsed form of a stored entry, kind and apiVersion included. Parsed (and converted) once per entry and shared: never write into it. */
export function objectOf(entry: Entry, kind: Kind): KubeObject {
  const own = kind.storedAs ? entryOf(entry, kind) : entry;
  own.memo ??= { kind: kind.kind, apiVersion: apiVersionOf(kind), ...storedObject(own.bytes, kind) };
  return own.memo as KubeObject;
}

function storedObject(bytes: Buffer, kind: Kind): object {
  const text = bytes.toString("utf8");
  return isInexact(bytes) ? decodeExact(text, kind.schema) : (JSON.parse(text) as object);
}

/** A stored entry as a kind shows it that is stored as another: made once per entry and kind, its bytes when they are asked for. */
class ConvertedEntry implements Entry {
  readonly key: string;
  readonly revision: number;
  readonly created: number;
  readonly memo: KubeObject;
  #bytes: Buffer | undefined;

  constructor(
    stored: Entry,
    readonly kind: Kind,
  ) {
    this.key = stored.key;
    this.revision = stored.revision;
    this.created = stored.created;
    this.memo = servedForm(kind, objectOf(stored, storedKind(kind)));
  }

  get bytes(): Buffer {
    this.#bytes ??= encodeStored(this.memo);
    return this.#bytes;
  }
}

const converted = new WeakMap<Entry, Map<Kind, ConvertedEntry>>();

/** The entry in the kind's own form: the very entry for a kind that is stored as it is. What the pipeline hands on has been through here. */
export function entryOf(entry: Entry, kind: Kind): Entry {
  if (!kind.storedAs || entry instanceof ConvertedEntry) return entry;
  let forms = converted.get(entry);
  if (!forms) {
    forms = new Map();
    converted.set(entry, forms);
  }
  let form = forms.get(kind);
  if (!form) {
    form = new ConvertedEntry(entry, kind);
    forms.set(kind, form);
  }
  return form;
}

/** An object in the form it is stored in. */
export const storedForm = (kind: Kind, object: KubeObject): KubeObject =>
  kind.storedAs ? canonicalOf(kind.storedAs.kind, kind.storedAs.toStored(object)) : object;

/** A stored object in the kind's own form. */
export const servedForm = (kind: Kind, stored: KubeObject): KubeObject => (kind.storedAs ? canonicalOf(kind, kind.storedAs.fromStored(stored)) : stored);

/** A copy of a JSON tree that may be edited; structuredClone is several times slower on these. */
export function cloneJson<T>(value: T): T {
  if (Array.isArray(value)) return value.map(cloneJson) as T;
  if (value && typeof value === "object" && !(value instanceof RawText)) {
    const out: Record<string, unknown> = {};
    for (const key in value) define(out, key, cloneJson(value[key]));
    return out as T;
  }
  return value;
}

/** metadata with the revision in Go's place for it, between uid and generation. */
function metaAt(meta: ObjectMeta, resourceVersion: string): ObjectMeta {
  const { name, generateName, namespace, selfLink: _, uid, resourceVersion: __, ...rest } = meta;
  const out: ObjectMeta = {};
  if (name) out.name = name;
  if (generateName) out.generateName = generateName;
  if (namespace) out.namespace = namespace;
  if (uid) out.uid = uid;
  out.resourceVersion = resourceVersion;
  return Object.assign(out, rest);
}

/** The stored bytes of an object (in its stored form) at a revision, and the parsed object that says the same. The object given is not kept. */
export function encodeAt(object: KubeObject, revision: number): Encoded {
  const memo: KubeObject = { ...object, metadata: metaAt(object.metadata, String(revision)) };
  const { kind: _, apiVersion: __, ...stored } = memo;
  return { bytes: bytesOf(storedText(stored)), memo };
}

/** Above this, stored bytes get memory of their own: in Node's shared slabs of 8 KiB what is replaced would be kept alive by its neighbours. */
const OWN_MEMORY = 2048;

function bytesOf(text: string): Buffer {
  if (text.length < OWN_MEMORY) return Buffer.from(text);
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}

/**
 * The object as Go would write it: fields in schema order, empty ones left out, quantities and times in their canonical form. A new object; what it has in common
 * with `stored`, which is canonical, stays in common: nobody writes into either again.
 */
export function canonicalOf(kind: Kind, object: KubeObject, stored?: KubeObject): KubeObject {
  const { kind: _, apiVersion: __, ...rest } = canonical(kind.schema, object, stored && commonParts(object, stored)) as KubeObject;
  return { kind: kind.kind, apiVersion: apiVersionOf(kind), ...rest } as KubeObject;
}

/** Members of both, by identity. */
function commonParts(object: KubeObject, stored: KubeObject): ReadonlySet<unknown> {
  const common = new Set<unknown>();
  for (const name in stored) {
    const part = stored[name];
    if (typeof part === "object" && part !== null && object[name] === part) common.add(part);
  }
  return common;
}

/** Whether two objects say the same but for their resourceVersion. */
export function sameContent(a: KubeObject, b: KubeObject): boolean {
  return deepEqual({ ...a, metadata: { ...a.metadata, resourceVersion: "" } }, { ...b, metadata: { ...b.metadata, resourceVersion: "" } });
}

/** Structural equality of JSON values; absent and undefined are the same. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!deepEqual(a[i], b[i])) return false;
    return true;
  }
  if (Array.isArray(b)) return false;
  if (a instanceof RawText || b instanceof RawText) return a instanceof RawText && b instanceof RawText && a.text === b.text;
  const x = a as Record<string, unknown>;
  const y = b as Record<string, unknown>;
  for (const k in x) if (!deepEqual(x[k], y[k])) return false;
  // a data key may be called "constructor": what is inherited does not count
  for (const k in y) if (y[k] !== undefined && (x[k] === undefined || !Object.hasOwn(x, k))) return false;
  return true;
}

/** What a refusal of an object calls its kind: upstream knows only the internal type's, which has the stored form's group. */
export const invalidKind = (kind: Kind): { readonly group: string; readonly kind: string } => storedKind(kind);

export const resourceName = (kind: Kind): ResourceName => ({ group: kind.group, resource: kind.resource });

// the second that was written last: writes come many a second
let second = Number.NaN;
let written = "";

/** RFC 3339 in seconds, as metav1.Time. `ms` since the epoch. */
export function timestamp(ms: number): string {
  const at = Math.floor(ms / 1000);
  if (at !== second) {
    written = `${new Date(at * 1000).toISOString().slice(0, 19)}Z`;
    second = at;
  }
  return written;
}

/** An answer out of the store. Its object is parsed for those who look at it: bytes that are sent as they are stored need no parsing. */
class StoredAnswer implements Answer {
  readonly apiVersion: string;
  readonly kind: string;
  /** In the form that is served. */
  readonly entry: Entry;
  constructor(
    readonly code: Answer["code"],
    private readonly of: Kind,
    private readonly stored: Entry,
  ) {
    this.apiVersion = apiVersionOf(of);
    this.kind = of.kind;
    this.entry = entryOf(stored, of);
  }

  get object(): KubeObject {
    return objectOf(this.stored, this.of);
  }
}

export const answerEntry = (code: Answer["code"], kind: Kind, entry: Entry): Answer => new StoredAnswer(code, kind, entry);

/** An answer that is not stored (dry run, Scale, …). */
export const answerObject = (code: Answer["code"], object: KubeObject): Answer => ({
  code,
  apiVersion: object.apiVersion ?? "",
  kind: object.kind ?? "",
  object,
});
