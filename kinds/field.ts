/**
 * Validation errors as apimachinery's util/validation/field words them. A validator collects `FieldError`s; the pipeline turns the list into one
 * 422 Status whose message joins them and whose causes list them one by one.
 */

import { goJson } from "./gojson.js";

/** Cause reasons of metav1 (StatusReason of a cause) by error type; the strings are what goes into `details.causes[].reason`. */
export type FieldErrorType =
  | "FieldValueNotFound"
  | "FieldValueRequired"
  | "FieldValueDuplicate"
  | "FieldValueInvalid"
  | "FieldValueNotSupported"
  | "FieldValueForbidden"
  | "FieldValueTooLong"
  | "FieldValueTooMany"
  | "InternalError"
  | "FieldValueTypeInvalid";

/** One finding: `field` is a path such as `spec.containers[0].name`, `message` is the text after `field: ` (upstream's ErrorBody). */
export interface FieldError {
  readonly type: FieldErrorType;
  readonly field: string;
  readonly message: string;
}

/** What strconv.IsPrint lets through: letters, marks, numbers, punctuation, symbols and the ASCII space. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** Go's %q for error texts: quotes, escapes and printable characters as strconv.Quote. */
export function quote(s: string): string {
  if (/^[ !#-[\]-~]*$/.test(s)) return `"${s}"`;
  let out = '"';
  for (const ch of s) {
    const c = ch.codePointAt(0) as number;
    if (ch === '"' || ch === "\\") out += `\\${ch}`;
    else if (ch === "\n") out += "\\n";
    else if (ch === "\r") out += "\\r";
    else if (ch === "\t") out += "\\t";
    else if (c === 7) out += "\\a";
    else if (c === 8) out += "\\b";
    else if (c === 12) out += "\\f";
    else if (c === 11) out += "\\v";
    else if (c < 0x20 || c === 0x7f) out += `\\x${c.toString(16).padStart(2, "0")}`;
    else if (c < 0x80 || PRINTABLE.test(ch)) out += ch;
    else if (c >= 0xd800 && c <= 0xdfff) out += "\ufffd";
    else out += c > 0xffff ? `\\U${c.toString(16).padStart(8, "0")}` : `\\u${c.toString(16).padStart(4, "0")}`;
  }
  return `${out}"`;
}

/**
 * How field.Error prints a value: strings quoted, numbers and booleans bare, absent pointers `null`, structs, maps and lists as compact JSON
 * with keys in the order given (upstream marshals structs in Go order, maps sorted). Source: field.Error.ErrorBody.
 */
export function showValue(value: unknown): string {
  if (value === undefined || value === null) return "null";
  if (typeof value === "string") return quote(value);
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return String(value);
  return goJson(value);
}

/** Marks a value whose printed form is given, for the few places where upstream prints an internal Go value (`core.X{…}`). */
export class Shown {
  constructor(readonly text: string) {}
}
const shown = (value: unknown): string => (value instanceof Shown ? value.text : showValue(value));

/** `Required value` or `Required value: detail`. */
export const required = (field: string, detail = ""): FieldError => ({
  type: "FieldValueRequired",
  field,
  message: detail ? `Required value: ${detail}` : "Required value",
});
/** `Invalid value: <value>: detail`. */
export const invalid = (field: string, value: unknown, detail: string): FieldError => ({
  type: "FieldValueInvalid",
  field,
  message: `Invalid value: ${shown(value)}${detail ? `: ${detail}` : ""}`,
});
/** `Invalid value: detail`, for findings that print no value (upstream's OmitValueType). */
export const invalidWithoutValue = (field: string, detail: string): FieldError => ({ type: "FieldValueInvalid", field, message: `Invalid value: ${detail}` });
/** `Invalid value: <value>: detail` of type TypeInvalid (wrong JSON type). */
export const typeInvalid = (field: string, value: unknown, detail: string): FieldError => ({
  type: "FieldValueTypeInvalid",
  field,
  message: `Invalid value: ${shown(value)}${detail ? `: ${detail}` : ""}`,
});
/** `Duplicate value: <value>`. */
export const duplicate = (field: string, value: unknown): FieldError => ({ type: "FieldValueDuplicate", field, message: `Duplicate value: ${shown(value)}` });
/** `Not found: <value>`. */
export const notFound = (field: string, value: unknown): FieldError => ({ type: "FieldValueNotFound", field, message: `Not found: ${shown(value)}` });
/** `Forbidden: detail`. */
export const forbidden = (field: string, detail: string): FieldError => ({
  type: "FieldValueForbidden",
  field,
  message: detail ? `Forbidden: ${detail}` : "Forbidden",
});
/** `Unsupported value: <value>: supported values: "a", "b"`; give `supported` in upstream's order (sorted for sets). */
export const notSupported = (field: string, value: unknown, supported: readonly string[]): FieldError => ({
  type: "FieldValueNotSupported",
  field,
  message: `Unsupported value: ${shown(value)}${supported.length ? `: supported values: ${supported.map(quote).join(", ")}` : ""}`,
});
/** `Too long: may not be more than N bytes`. */
export const tooLong = (field: string, max: number): FieldError => ({
  type: "FieldValueTooLong",
  field,
  message: max >= 0 ? `Too long: may not be more than ${max} bytes` : "Too long: value is too long",
});
/** `Too many: N: must have at most M items`. */
export const tooMany = (field: string, actual: number, max: number): FieldError => ({
  type: "FieldValueTooMany",
  field,
  message: max >= 0 ? `Too many: ${actual}: must have at most ${max} item${max === 1 ? "" : "s"}` : `Too many: ${actual}: has too many items`,
});
/** `Internal error: detail`. */
export const internal = (field: string, detail: string): FieldError => ({ type: "InternalError", field, message: `Internal error: ${detail}` });
