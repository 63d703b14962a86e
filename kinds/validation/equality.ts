/**
 * Semantic equality of canonical JSON, as apiequality.Semantic.DeepEqual sees the Go values behind it: key order is nothing, absent, null and the
 * empty list are one. The empty object is not absent: behind it may stand a pointer that is set (`emptyDir: {}`).
 */
export function semanticEqual(a: unknown, b: unknown): boolean {
  const x = isNothing(a) ? undefined : a;
  const y = isNothing(b) ? undefined : b;
  if (x === y) return true;
  if (typeof x !== "object" || typeof y !== "object" || x === undefined || y === undefined) return false;
  if (Array.isArray(x) || Array.isArray(y)) {
    return Array.isArray(x) && Array.isArray(y) && x.length === y.length && x.every((item, i) => semanticEqual(item, y[i]));
  }
  const left = x as Record<string, unknown>;
  const right = y as Record<string, unknown>;
  for (const key of Object.keys(left)) if (!semanticEqual(left[key], right[key])) return false;
  for (const key of Object.keys(right)) if (!(key in left) && !isNothing(right[key])) return false;
  return true;
}

const isNothing = (v: unknown): boolean => v === undefined || v === null || (Array.isArray(v) && v.length === 0);

const isZero = (value: unknown): boolean =>
  value === undefined || value === null || value === false || value === 0 || value === "" || (Array.isArray(value) && value.length === 0);

/** Without the zero values of plain Go fields: what is a pointer in these specs has a default and is never absent. */
function withoutZeros(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutZeros);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, item]) => (isZero(item) ? [] : [[key, withoutZeros(item)]])));
}

/** Equality of a spec's own fields; templates, claims and selectors have a finer one. */
export const plainEqual = (a: unknown, b: unknown): boolean => semanticEqual(withoutZeros(a), withoutZeros(b));
