/** Answers in protobuf: objects, lists and watch events, each object's message made once. */
import { apiVersionOf, type Kind } from "../../../kinds/kind.js";
import { gvkType, structFact } from "../../../kinds/schema/index.js";
import type { Entry } from "../../../storage/store.js";
import type { ListFrame } from "../encode.js";
import { encodeMessage } from "./encode.js";
import { listEnvelope, listItem, wrap } from "./envelope.js";

const META = "io.k8s.apimachinery.pkg.apis.meta";
const LIST_META = `${META}.v1.ListMeta`;

/** How a stored object is parsed, if nobody has yet. */
type ObjectOf = (entry: Entry, kind: Kind) => object;

/** Messages of stored objects, for as long as the entry is around: lists and watches of the same object share one. */
const messages = new WeakMap<Entry, { readonly schema: string; readonly bytes: Buffer }>();

function entryMessage(entry: Entry, kind: Kind, objectOf: ObjectOf): Buffer {
  const { schema } = kind;
  const known = messages.get(entry);
  if (known?.schema === schema) return known.bytes;
  const bytes = encodeMessage(schema, objectOf(entry, kind));
  messages.set(entry, { schema, bytes });
  return bytes;
}

/** The struct of an object by what it says it is; undefined when it has no protobuf form (Table, a custom resource). */
function structOf(apiVersion: string, kind: string): string | undefined {
  const [group, version] = apiVersion.includes("/") ? (apiVersion.split("/") as [string, string]) : ["", apiVersion];
  if (group === "meta.k8s.io" && kind === "PartialObjectMetadata") return `${META}.v1.PartialObjectMetadata`;
  // the legacy API's discovery documents have their version stripped: Source: discovery stripVersionEncoder
  const name = group === "meta.k8s.io" ? `${META}.${version}.${kind}` : gvkType(group, version || "v1", kind);
  return name && structFact(name)?.proto ? name : undefined;
}

/**
 * An object in its envelope. `object` is canonical JSON with kind and apiVersion; `schema` is its definition name, looked up by those when absent.
 * undefined when there is no protobuf form of it.
 */
export function encodeProtobuf(object: { readonly kind?: string; readonly apiVersion?: string }, schema?: string): Buffer | undefined {
  const { apiVersion = "", kind = "" } = object;
  const struct = schema && structFact(schema)?.proto ? schema : structOf(apiVersion, kind);
  return struct ? wrap(apiVersion, kind, encodeMessage(struct, object)) : undefined;
}

/** A stored object in its envelope. */
export const encodeEntry = (entry: Entry, kind: Kind, objectOf: ObjectOf): Buffer => wrap(apiVersionOf(kind), kind.kind, entryMessage(entry, kind, objectOf));

/** A list of stored objects: what stands around the items, and each of them; `metadata` is the ListMeta. */
export function encodeList(kind: Kind, metadata: object, entries: readonly Entry[], objectOf: ObjectOf): ListFrame & { item(entry: Entry): Buffer } {
  const messages = entries.map((entry) => entryMessage(entry, kind, objectOf));
  const frame = listEnvelope(apiVersionOf(kind), kind.listKind ?? `${kind.kind}List`, encodeMessage(LIST_META, metadata), messages);
  return { ...frame, item: (entry) => listItem(entryMessage(entry, kind, objectOf)) };
}

export { watchFrame } from "./envelope.js";
