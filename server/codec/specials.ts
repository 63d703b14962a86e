/** Types with a JSON form of their own: what they accept, what they become, and the words of their refusals. */

import { exactText } from "../../kinds/exact.js";
import { canonicalQuantity } from "../../kinds/quantity.js";
import type { Special } from "../../kinds/schema/types.js";
import { canonicalMicroTime, canonicalTime, formatDuration, parseDuration } from "../../kinds/time.js";
import { Entries, NumberText, RawText, type Value } from "./json.js";
import type { TypeMismatch } from "./track.js";

/** Why a special refuses a value: a message, or a mismatch that still needs its context. */
export class Refusal {
  constructor(readonly why: string | TypeMismatch) {}
}

/** Go's word for the JSON type of a value; numbers with their text where Go gives it. */
export function wordOf(value: unknown, withNumber = false): string {
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return withNumber ? `number ${value}` : "number";
  if (typeof value === "bigint") return withNumber ? `number ${value}` : "number";
  if (value instanceof NumberText) return withNumber ? `number ${value.text}` : "number";
  return Array.isArray(value) || (value instanceof RawText && value.isArray) ? "array" : "object";
}

const refuse = (value: Value, type: string, withNumber = false): Refusal => new Refusal({ value: wordOf(value, withNumber), type, field: [] });

function guarded<T>(read: () => T): T | Refusal {
  try {
    return read();
  } catch (error) {
    return new Refusal((error as Error).message);
  }
}

function quantity(value: Value): unknown {
  // Go parses the raw text of whatever stands there.
  if (typeof value === "string") {
    const text = value.trim();
    return guarded(() => canonicalQuantity(text));
  }
  return guarded(() => canonicalQuantity(value instanceof NumberText ? value.text : typeof value === "object" ? "{" : String(value)));
}

function intOrString(value: Value): unknown {
  if (typeof value === "string") return value;
  const n = value instanceof NumberText ? Number.NaN : value;
  if (typeof n === "number" && Number.isInteger(n) && n >= -2147483648 && n <= 2147483647) return n;
  return refuse(value, "int32", true);
}

/** Map keys in Go's order, all the way down: a value that goes through Go's `interface{}` comes out so. */
export function sortedDeep(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedDeep);
  if (value === null || typeof value !== "object" || value instanceof RawText || value instanceof NumberText) return value;
  const out: Record<string, unknown> = {};
  for (const key of Object.keys(value).sort()) define(out, key, sortedDeep((value as Record<string, unknown>)[key]));
  return out;
}

/** Sets a key that may be called anything. */
export function define(out: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__") Object.defineProperty(out, key, { value, enumerable: true, configurable: true, writable: true });
  else out[key] = value;
}

/** The value of a key that may be called anything: what every object inherits ("constructor") does not count. */
export function own(object: Readonly<Record<string, unknown>> | undefined, key: string): unknown {
  const value = object?.[key];
  return value === undefined || Object.hasOwn(object as object, key) ? value : undefined;
}

/** True for values that are as JSON.parse made them. */
function isPlain(value: Value): boolean {
  if (value === null || typeof value !== "object") return typeof value !== "bigint";
  if (value instanceof NumberText || value instanceof Entries || value instanceof RawText) return false;
  return Array.isArray(value) ? value.every(isPlain) : Object.values(value).every(isPlain);
}

/** What stands in a free-form field, as it came. */
const raw = (value: Value): unknown => (isPlain(value) ? value : value instanceof RawText ? value : new RawText(exactText(value)));

type Read = (value: Value) => unknown;

/** Readers of all specials but the three that hold schemas, which the plans read themselves. Never called with null. undefined is the zero value. */
export const READERS: Readonly<Record<Exclude<Special, `JSONSchemaProps${string}`>, Read>> = {
  Time: (value) => (typeof value === "string" ? guarded(() => canonicalTime(value) ?? undefined) : refuse(value, "string")),
  MicroTime: (value) => (typeof value === "string" ? guarded(() => canonicalMicroTime(value) ?? undefined) : refuse(value, "string")),
  Duration: (value) => (typeof value === "string" ? guarded(() => formatDuration(parseDuration(value))) : refuse(value, "string")),
  Quantity: quantity,
  IntOrString: intOrString,
  RawExtension: raw,
  FieldsV1: raw,
  JSON: (value) => sortedDeep(raw(value)),
};

/** What a special that is not there is written as. */
export const SPECIAL_ZERO: Readonly<Record<Special, unknown>> = {
  Time: null,
  MicroTime: null,
  Duration: "0s",
  Quantity: "0",
  IntOrString: 0,
  RawExtension: null,
  FieldsV1: null,
  JSON: null,
  JSONSchemaPropsOrBool: false,
  JSONSchemaPropsOrArray: null,
  JSONSchemaPropsOrStringArray: null,
};

/** Go's base64 (standard alphabet, newlines ignored): the text written again, or where it goes wrong. Source: encoding/base64 decodeQuantum. */
export function canonicalBase64(text: string): string | Refusal {
  if (/^(?:[A-Za-z0-9+/]{4})*$/.test(text)) return text;
  const src = Buffer.from(text);
  const bad = (at: number): Refusal => new Refusal(`illegal base64 data at input byte ${at}`);
  const isNewline = (byte: number): boolean => byte === 10 || byte === 13;
  let at = 0;
  let filled = 0; // characters of the current group of four
  while (at < src.length) {
    const byte = src[at++];
    if (isNewline(byte)) continue;
    if (/[A-Za-z0-9+/]/.test(String.fromCharCode(byte))) {
      filled = (filled + 1) % 4;
      continue;
    }
    if (byte !== 0x3d || filled < 2) return bad(at - 1);
    if (filled === 2) {
      while (at < src.length && isNewline(src[at])) at++;
      if (at === src.length) return bad(src.length);
      if (src[at] !== 0x3d) return bad(at - 1);
      at++;
    }
    while (at < src.length && isNewline(src[at])) at++;
    if (at < src.length) return bad(at);
    filled = 0;
  }
  // What is missing is told by where the group began, newlines not counted.
  if (filled !== 0) return bad(src.length - filled);
  return Buffer.from(text, "base64").toString("base64");
}
