/** Order of keys: by their UTF-8 bytes, as etcd sorts and as SQLite's BINARY collation does. */
export function compareKeys(a: string, b: string): number {
  if (a === b) return 0;
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

// UTF-16 puts surrogate pairs (U+10000 and up) before U+E000–U+FFFF; UTF-8 after them. Names of RBAC objects may hold either.
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** The smallest string greater than every string that starts with `prefix`; undefined when there is none (the empty prefix). */
export function prefixEnd(prefix: string): string | undefined {
  // prefixes end in a slash: that is the case that every list of a namespace meets
  const tail = prefix.charCodeAt(prefix.length - 1);
  if (tail < 0x7f) return prefix.slice(0, -1) + String.fromCharCode(tail + 1);
  const points = Array.from(prefix, (character) => character.codePointAt(0)!);
  while (points.length > 0) {
    const last = points.pop()!;
    if (last < 0x10ffff) return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
  }
  return undefined;
}
