/**
 * Conversion of an untyped object (the outcome of a strategic merge) into a struct, in the words of apimachinery's unstructured converter: it stops at
 * the first value of the wrong type, in the order of the struct's fields, and sorts the unknown fields. Source: pkg/runtime/converter.go.
 */

import { NumberText, RawText } from "../../kinds/exact.js";
import { fieldsOf, goType, mustStruct } from "../../kinds/schema/index.js";
import type { TypeRef } from "../../kinds/schema/types.js";
import { type Decoded, decodeLoosely, decodeValue } from "./decode.js";
import { DecodeError } from "./errors.js";
import { canonicalBase64, own, READERS, Refusal } from "./specials.js";

/** As `decodeValue`, with the converter's words. `value` holds JSON.parse's types. */
export function fromUnstructured(schema: string, value: unknown): Decoded {
  try {
    const decoded = decodeValue(schema, value);
    if (decoded.strictErrors.length === 0) return decoded;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
  const unknown: string[] = [];
  const converted = struct(schema, value, "", unknown);
  return { object: decodeLoosely(schema, converted), strictErrors: unknown.sort((a, b) => (a < b ? -1 : 1)) };
}

/** Go's kind of an untyped value. */
function kindOf(value: unknown): string {
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "bigint") return "int64";
  if (typeof value === "number") return Number.isSafeInteger(value) ? "int64" : "float64";
  if (value instanceof NumberText) return typeof whole(value) === "bigint" ? "int64" : "float64";
  return Array.isArray(value) || (value instanceof RawText && value.isArray) ? "slice" : "map";
}

/** A spelled number as Go holds it: an int64 as a bigint, a float as a number. */
function whole({ text, value }: NumberText): bigint | number {
  const exact = /^-?\d+$/.test(text) ? BigInt(text) : undefined;
  return exact !== undefined && BigInt.asIntN(64, exact) === exact ? exact : value;
}

/** The value with its numbers as the struct holds them; the very value where nothing changes. */
function struct(name: string, value: unknown, path: string, unknown: string[]): unknown {
  if (kindOf(value) !== "map") throw new DecodeError(`cannot restore struct from: ${kindOf(value)}`);
  if (value instanceof RawText) return value;
  const object = value as Record<string, unknown>;
  let out: Record<string, unknown> | undefined;
  const below = (key: string): string => (path ? `${path}.${key}` : key);
  for (const field of mustStruct(name).fields) {
    const given = own(object, field.name);
    const converted = check(field.type, given, below(field.name), unknown);
    if (converted === given) continue;
    out ??= { ...object };
    out[field.name] = converted;
  }
  const fields = fieldsOf(name);
  for (const key of Object.keys(object)) if (!fields.has(key)) unknown.push(`unknown field "${below(key)}"`);
  return out ?? object;
}

function check(type: TypeRef, value: unknown, path: string, unknown: string[]): unknown {
  if (value === null || value === undefined) return value;
  const kind = kindOf(value);
  switch (type.k) {
    case "scalar":
      return scalar(type, value, kind);
    case "special": {
      if (type.name.startsWith("JSONSchemaProps")) return value;
      const read = READERS[type.name as keyof typeof READERS](value as never);
      if (!(read instanceof Refusal)) return value;
      if (typeof read.why === "string") throw new DecodeError(read.why);
      throw new DecodeError(`json: cannot unmarshal ${read.why.value} into Go value of type ${read.why.type}`);
    }
    case "struct":
      return struct(type.name, value, path, unknown);
    case "list":
      if (kind !== "slice") throw new DecodeError(`cannot restore slice from ${kind}`);
      return value instanceof RawText ? value : (value as unknown[]).map((item, i) => check(type.of, item, `${path}[${i}]`, unknown));
    case "map":
      if (kind !== "map") throw new DecodeError(`cannot restore map from ${kind}`);
      if (value instanceof RawText) return value;
      return Object.fromEntries(Object.entries(value as object).map(([key, item]) => [key, check(type.of, item, path, unknown)]));
  }
}

const BITS: Readonly<Record<string, number>> = { int32: 32, int64: 64, uint32: 32, uint8: 8 };

/** Go's conversion of an integer to a smaller one drops the upper bits. */
function wrapped(value: number | bigint, type: string): number | bigint {
  const bits = BITS[type] as number;
  // a float beyond an int64 becomes the least one
  const all = typeof value === "number" && Math.abs(value) >= 2 ** 63 ? -(2n ** 63n) : BigInt(value);
  const kept = type.startsWith("u") ? BigInt.asUintN(bits, all) : BigInt.asIntN(bits, all);
  return Number.isSafeInteger(Number(kept)) ? Number(kept) : kept;
}

function scalar(type: TypeRef & { k: "scalar" }, value: unknown, kind: string): unknown {
  if (type.name === "bytes") {
    if (kind !== "string") throw new DecodeError(`cannot restore slice from ${kind}`);
    const text = canonicalBase64(value as string);
    if (text instanceof Refusal) throw new DecodeError(`error decoding from json: ${text.why as string}`);
    return value;
  }
  const wants = type.name === "string" || type.name === "bool" ? type.name : "number";
  if (wants === kind) return value;
  if (wants === "number" && (kind === "int64" || kind === "float64")) {
    const number = value instanceof NumberText ? whole(value) : (value as number | bigint);
    if (type.name === "float64") return Number(number);
    if (typeof number === "bigint" || Number.isInteger(number)) return wrapped(number, type.name);
  }
  // Go converts integers to strings, by code point: reflection says it could, the converter that it will not.
  const couldConvert = (kind === "int64" && wants === "string") || (kind === "float64" && wants === "number");
  if (couldConvert) throw new DecodeError(`cannot convert ${kind} to ${goType(type)}`);
  throw new DecodeError(`unrecognized type: ${type.name}`);
}
