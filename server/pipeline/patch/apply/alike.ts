import { NumberText, RawText, jsonText } from "../../../../kinds/exact.js";
import type { KubeObject } from "../../../../kinds/object.js";
import type { FieldSet } from "./fieldset.js";

/**
 * What the creator of an object owns depends on which fields the object has, and not on what most of them say: objects made alike (the pods of one set, Events,
 * the same manifest in test after test) are owned alike. Remembered by the shape of the object, which is quicker to have than the fields.
 */
const known = new Map<string, FieldSet>();
const MAX_KNOWN = 64;
/** Texts longer than this are not worth keeping. */
const MAX_TEXT = 8192;

/**
 * All of a value that its fields can depend on, as text. What is in a list stands there as it is: items may be named by any of their fields. Elsewhere paths are
 * made of keys alone, and of a plain value it matters only of what type it is, and whether it is Go's zero.
 */
function shapeOf(value: unknown): string {
  switch (typeof value) {
    case "string":
      return value === "" ? "z" : "s";
    case "number":
    case "bigint":
      return Number(value) === 0 ? "0" : "1";
    case "boolean":
      return value ? "t" : "f";
    case "undefined":
      return "";
  }
  if (value === null) return "n";
  if (Array.isArray(value) || value instanceof RawText || value instanceof NumberText) return jsonText(value).text;
  let text = "{";
  for (const key in value) {
    const each = (value as Record<string, unknown>)[key];
    if (each !== undefined) text += `${JSON.stringify(key)}:${shapeOf(each)},`;
  }
  return `${text}}`;
}

/** The fields of a new object of a struct, made by `make` unless they are known. `make` must depend on nothing else. */
export function fieldsOfNew(struct: string, subresource: string, object: KubeObject, make: () => FieldSet): FieldSet {
  const text = `${struct} ${subresource} ${shapeOf(object)}`;
  const before = known.get(text);
  if (before) return before;
  const fields = make();
  if (text.length > MAX_TEXT) return fields;
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(text, fields);
  return fields;
}
