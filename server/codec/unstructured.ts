/**
 * Conversion of an untyped object (the outcome of a strategic merge) into a struct, in the words of apimachinery's unstructured converter: it stops at
 * the first value of the wrong type, in the order of the struct's fields, and sorts the unknown fields. Source: pkg/runtime/converter.go.
 */
import { fieldsOf, goType, mustStruct } from "../../kinds/schema/index.js";
import type { TypeRef } from "../../kinds/schema/types.js";
import { type Decoded, decodeLoosely, decodeValue } from "./decode.js";
import { DecodeError } from "./errors.js";
import { canonicalBase64, READERS, Refusal } from "./specials.js";

/** As `decodeValue`, with the converter's words. `value` holds JSON.parse's types. */
export function fromUnstructured(schema: string, value: unknown): Decoded {
  try {
    const decoded = decodeValue(schema, value);
    if (decoded.strictErrors.length === 0) return decoded;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
  const unknown: string[] = [];
  struct(schema, value, "", unknown);
  return { object: decodeLoosely(schema, value), strictErrors: unknown.sort((a, b) => (a < b ? -1 : 1)) };
}

/** Go's kind of an untyped value. */
function kindOf(value: unknown): string {
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return Number.isInteger(value) ? "int64" : "float64";
  return Array.isArray(value) ? "slice" : "map";
}

function struct(name: string, value: unknown, path: string, unknown: string[]): void {
  if (kindOf(value) !== "map") throw new DecodeError(`cannot restore struct from: ${kindOf(value)}`);
  const object = value as Record<string, unknown>;
  const below = (key: string): string => (path ? `${path}.${key}` : key);
  for (const field of mustStruct(name).fields) check(field.type, object[field.name], below(field.name), unknown);
  const fields = fieldsOf(name);
  for (const key of Object.keys(object)) if (!fields.has(key)) unknown.push(`unknown field "${below(key)}"`);
}

function check(type: TypeRef, value: unknown, path: string, unknown: string[]): void {
  if (value === null || value === undefined) return;
  const kind = kindOf(value);
  switch (type.k) {
    case "scalar":
      scalar(type, value, kind);
      return;
    case "special": {
      if (type.name.startsWith("JSONSchemaProps")) return;
      const read = READERS[type.name as keyof typeof READERS](value as never);
      if (!(read instanceof Refusal)) return;
      if (typeof read.why === "string") throw new DecodeError(read.why);
      throw new DecodeError(`json: cannot unmarshal ${read.why.value} into Go value of type ${read.why.type}`);
    }
    case "struct":
      struct(type.name, value, path, unknown);
      return;
    case "list":
      if (kind !== "slice") throw new DecodeError(`cannot restore slice from ${kind}`);
      for (const [i, item] of (value as unknown[]).entries()) check(type.of, item, `${path}[${i}]`, unknown);
      return;
    case "map":
      if (kind !== "map") throw new DecodeError(`cannot restore map from ${kind}`);
      for (const item of Object.values(value as object)) check(type.of, item, path, unknown);
  }
}

function scalar(type: TypeRef & { k: "scalar" }, value: unknown, kind: string): void {
  if (type.name === "bytes") {
    if (kind !== "string") throw new DecodeError(`cannot restore slice from ${kind}`);
    const text = canonicalBase64(value as string);
    if (text instanceof Refusal) throw new DecodeError(`error decoding from json: ${text.why as string}`);
    return;
  }
  const wants = type.name === "string" || type.name === "bool" ? type.name : "number";
  if (wants === kind) return;
  if (kind === "int64" && wants === "number") return;
  if (kind === "float64" && type.name === "float64") return;
  // Go converts integers to strings, by code point: reflection says it could, the converter that it will not.
  const couldConvert = (kind === "int64" && wants === "string") || (kind === "float64" && wants === "number");
  if (couldConvert) throw new DecodeError(`cannot convert ${kind} to ${goType(type)}`);
  throw new DecodeError(`unrecognized type: ${type.name}`);
}
