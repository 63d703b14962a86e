/** What JavaScript's own values cannot hold of JSON, and how it is written again. */

/** A number whose spelling matters: with a fraction or an exponent, or longer than a double holds. Only in values that are read exactly. */
export class NumberText {
  constructor(readonly text: string) {}
  get value(): number {
    return Number(this.text);
  }
  toJSON(): unknown {
    if (writing) throw INEXACT;
    return this.value;
  }
}

/** An object that a JavaScript one would change: a key stands twice, or keys that look like indexes would move to the front. Its entries in order. */
export class Entries<V = unknown> {
  constructor(readonly list: readonly (readonly [string, V])[]) {}
}

/**
 * JSON that stays text: what is nested too deep to be walked, and the content of free-form fields that JavaScript's values would not give back as it came. To
 * everything that walks over objects it is a value without parts.
 */
export class RawText {
  constructor(readonly text: string) {}
  get isArray(): boolean {
    return this.text.startsWith("[");
  }
  /** Who writes JSON without `stringify` gets the nearest that JavaScript has. */
  toJSON(): unknown {
    if (writing) throw INEXACT;
    return JSON.parse(this.text);
  }
}

/** Thrown out of JSON.stringify while `stringify` is at work. */
const INEXACT = new Error("must be written exactly");
let writing = false;

const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
export const isIndex = (key: string): boolean => /^(0|[1-9]\d*)$/.test(key);

/** JSON text that keeps numbers, raw parts, and the order in which Go writes the keys of maps. Recursive: what is deep is `RawText`. */
export function exactText(value: unknown): string {
  if (typeof value === "bigint") return String(value);
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  if (value instanceof RawText || value instanceof NumberText) return value.text;
  if (Array.isArray(value)) return `[${value.map(exactText).join(",")}]`;
  const kept = (value instanceof Entries ? value.list : Object.entries(value)).filter(([, item]) => item !== undefined);
  // JavaScript puts such keys in front; only maps have them, and Go writes maps in the order of their keys
  if (!(value instanceof Entries) && kept.some(([key]) => isIndex(key))) kept.sort(([a], [b]) => byBytes(a, b));
  return `{${kept.map(([key, item]) => `${JSON.stringify(key)}:${exactText(item)}`).join(",")}}`;
}

/** JSON text of a value, and whether JSON.parse would lose something of it. */
export function jsonText(value: unknown): { readonly text: string; readonly lossy: boolean } {
  const outer = writing;
  writing = true;
  let text: string;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    // a bigint is a TypeError
    if (error !== INEXACT && !(error instanceof TypeError)) throw error;
    return { text: exactText(value), lossy: true };
  } finally {
    writing = outer;
  }
  return { text: /"\d+":/.test(text) ? exactText(value) : text, lossy: false };
}

/** JSON text without the spaces between its tokens. */
export function compact(text: string): string {
  if (!/\s/.test(text)) return text;
  return text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, (_, string: string | undefined) => string ?? "");
}
