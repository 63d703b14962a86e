/** How Go prints JSON values: error texts of the patch code quote values with fmt's verbs. */
import { RawText } from "../../../kinds/exact.js";

const isMap = (v: unknown): v is Record<string, unknown> => typeof v === "object" && v !== null && !Array.isArray(v) && !(v instanceof RawText);

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
  return v instanceof RawText ? v.text : String(v);
}

/** fmt's `%#v` of a decoded JSON value. */
export function goSyntax(v: unknown): string {
  if (v === null || v === undefined) return "interface {}(nil)";
  if (Array.isArray(v)) return `[]interface {}{${v.map(goSyntax).join(", ")}}`;
  if (isMap(v)) {
    return `map[string]interface {}{${Object.keys(v)
      .sort()
      .map((k) => `${JSON.stringify(k)}:${goSyntax(v[k])}`)
      .join(", ")}}`;
  }
  return typeof v === "string" ? JSON.stringify(v) : v instanceof RawText ? v.text : String(v);
}

/** The Go type a JSON value decodes to (integers are int64), as reflection prints it; undefined for null. */
export function goTypeOf(v: unknown): string | undefined {
  if (v === null || v === undefined) return undefined;
  if (Array.isArray(v) || (v instanceof RawText && v.isArray)) return "[]interface {}";
  if (typeof v === "object") return "map[string]interface {}";
  if (typeof v === "bigint") return "int64";
  if (typeof v === "number") return Number.isInteger(v) ? "int64" : "float64";
  return typeof v === "boolean" ? "bool" : "string";
}

/** What encoding/json calls a value in its type errors: `cannot unmarshal array into …`. */
export function jsonKind(v: unknown): string {
  if (v === null) return "null";
  if (Array.isArray(v) || (v instanceof RawText && v.isArray)) return "array";
  return typeof v === "boolean" ? "bool" : typeof v === "bigint" ? "number" : typeof v;
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
