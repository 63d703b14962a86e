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
