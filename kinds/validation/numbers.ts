import { type FieldError, invalid, quote } from "../field.js";
import { validateNonnegative } from "./metadata.js";
import { isValidPercent } from "./names.js";

const MAX = 2n ** 63n - 1n;

/** Why Go's strconv.ParseInt(text, 10, 64) fails, in its words; undefined when it does not. */
export function parseInt64Fault(text: string): string | undefined {
  const fault = (why: string): string => `strconv.ParseInt: parsing ${quote(text)}: ${why}`;
  if (!/^[+-]?\d+$/.test(text)) return fault("invalid syntax");
  const n = BigInt(text.replace(/^\+/, ""));
  return n > MAX || n < -MAX - 1n ? fault("value out of range") : undefined;
}

type IntOrString = number | string;

export function validatePositiveIntOrPercent(value: IntOrString, path: string): FieldError[] {
  return typeof value === "string" ? isValidPercent(value).map((text) => invalid(path, value, text)) : validateNonnegative(value, path);
}

const percent = (value: IntOrString | undefined): number | undefined =>
  typeof value === "string" && isValidPercent(value).length === 0 ? Number.parseInt(value, 10) : undefined;

/** The number, or the percentage's number; text that is neither counts as its leading integer or 0, as intstr reads it. */
export const intOrPercentValue = (value: IntOrString | undefined): number =>
  percent(value) ?? (typeof value === "number" ? value : /^[+-]?\d+$/.test(value ?? "") ? Number(value) : 0);

export const validateAtMost100Percent = (value: IntOrString | undefined, path: string): FieldError[] =>
  (percent(value) ?? 0) > 100 ? [invalid(path, value, "must not be greater than 100%")] : [];

/** Counters of a status that may not be negative, in upstream's order. `path` is the status's. */
export const validateCounters = (status: Readonly<Record<string, unknown>>, fields: readonly string[], path = "status"): FieldError[] =>
  fields.flatMap((field) => validateNonnegative(Number(status[field] ?? 0), `${path}.${field}`));
