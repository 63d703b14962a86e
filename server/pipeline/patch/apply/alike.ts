import { jsonText } from "../../../../kinds/exact.js";
import type { KubeObject } from "../../../../kinds/object.js";
import type { FieldSet } from "./fieldset.js";

/**
 * What the creator of an object owns depends on the object alone, and not on its names: objects made alike (the pods of one set, the same manifest in test after
 * test) are owned alike. Remembered by the text of all that can make a difference, which is quicker to have than the fields.
 */
const known = new Map<string, FieldSet>();
const MAX_KNOWN = 64;
/** Texts longer than this are not worth keeping. */
const MAX_TEXT = 8192;

/** The fields of a new object of a struct, made by `make` unless they are known. `make` must depend on nothing else. */
export function fieldsOfNew(struct: string, subresource: string, object: KubeObject, make: () => FieldSet): FieldSet {
  // what stripMeta takes away anyway
  const { name: _, namespace: __, uid: ___, creationTimestamp: ____, ...metadata } = object.metadata;
  const { text } = jsonText([struct, subresource, metadata, { ...object, metadata: undefined }]);
  const before = known.get(text);
  if (before) return before;
  const fields = make();
  if (text.length > MAX_TEXT) return fields;
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(text, fields);
  return fields;
}
