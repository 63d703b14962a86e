/** How Go prints JSON values: error texts of the patch code quote values with fmt's verbs. */

import { NumberText, RawText } from "../../../kinds/exact.js";
import { quote } from "../../../kinds/field.js";

const isMap = (v: unknown): v is Record<string, unknown> =>
  typeof v === "object" && v !== null && !Array.isArray(v) && !(v instanceof RawText) && !(v instanceof NumberText);

/** Whether Go holds a number as an int64; integers beyond a double's are bigints here, and what is spelled as a float is kept so. */
export function isInt(v: unknown): boolean {
  if (!(v instanceof NumberText)) return typeof v === "bigint" || Number.isSafeInteger(v);
  return /^-?\d+$/.test(v.text) && BigInt.asIntN(64, BigInt(v.text)) === BigInt(v.text);
}

/** fmt's `%v` of a float64: an exponent from 1e+06 and below 1e-04. */
function goFloat(v: number): string {
  if (v === 0) return Object.is(v, -0) ? "-0" : "0";
  const [digits, exponent] = v.toExponential().split("e") as [string, string];
  const size = Number(exponent);
  if (size >= -4 && size < 6) return String(v);
  return `${digits}e${size < 0 ? "-" : "+"}${String(Math.abs(size)).padStart(2, "0")}`;
}

/** What is no map and no list, as both verbs print it; a text is the caller's. */
function goScalar(v: unknown): string {
  if (v instanceof RawText) return v.text;
  if (v instanceof NumberText) return isInt(v) ? String(BigInt(v.text)) : goFloat(v.value);
  return typeof v === "number" && !isInt(v) ? goFloat(v) : String(v === 0 ? 0 : v);
}

/** fmt's `%v` of a decoded JSON value: `map[a:1 b:[x y]]`, keys sorted, `<nil>` for null. */
export function goPlain(v: unknown): string {
  if (v === null || v === undefined) return "<nil>";
  if (Array.isArray(v)) return `[${v.map(goPlain).join(" ")}]`;
  if (isMap(v)) {
    return `map[${Object.keys(v)
      .sort()
      .map((k) => `${k}:${goPlain(v[k])}`)
      .join(" ")}]`;
  }
  return goScalar(v);
}

/** fmt's `%#v` of a decoded JSON value. */
export function goSyntax(v: unknown): string {
  if (v === null || v === undefined) return "interface {}(nil)";
  if (Array.isArray(v)) return `[]interface {}{${v.map(goSyntax).join(", ")}}`;
  if (isMap(v)) {
    return `map[string]interface {}{${Object.keys(v)
      .sort()
      .map((k) => `${quote(k)}:${goSyntax(v[k])}`)
      .join(", ")}}`;
  }
  return typeof v === "string" ? quote(v) : goScalar(v);
}

/** The Go type a JSON value decodes to (integers are int64), as reflection prints it; undefined for null. */
export function goTypeOf(v: unknown): string | undefined {
  if (v === null || v === undefined) return undefined;
  if (Array.isArray(v) || (v instanceof RawText && v.isArray)) return "[]interface {}";
  if (v instanceof NumberText) return isInt(v) ? "int64" : "float64";
  if (typeof v === "object") return "map[string]interface {}";
  if (typeof v === "bigint" || typeof v === "number") return isInt(v) ? "int64" : "float64";
  return typeof v === "boolean" ? "bool" : "string";
}

/** What encoding/json calls a value in its type errors: `cannot unmarshal array into …`. */
export function jsonKind(v: unknown): string {
  if (v === null) return "null";
  if (Array.isArray(v) || (v instanceof RawText && v.isArray)) return "array";
  return typeof v === "boolean" ? "bool" : typeof v === "bigint" || v instanceof NumberText ? "number" : typeof v;
}

/** A JSON object: not null, not an array. */
export const isObject = isMap;

/** Structural equality of JSON values; a key whose value is undefined counts as absent. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!sameJson(a[i], b[i])) return false;
    return true;
  }
  if (Array.isArray(b)) return false;
  if (a instanceof RawText || b instanceof RawText) return a instanceof RawText && b instanceof RawText && a.text === b.text;
  if (a instanceof NumberText || b instanceof NumberText) return a instanceof NumberText && b instanceof NumberText && a.text === b.text;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  let count = 0;
  for (const k in left) {
    const l = left[k];
    if (l === undefined) continue;
    const r = right[k];
    if (r === undefined || !sameJson(l, r)) return false;
    count++;
  }
  for (const k in right) if (right[k] !== undefined) count--;
  return count === 0;
}
