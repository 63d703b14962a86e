/**
 * JSON text as Go reads it. The everyday text goes through JSON.parse; what JSON.parse hides and Go does not — duplicate keys, the spelling of
 * numbers, the words of a syntax error — is found by `survey`, which is cheap, and read by `parseExactly`, which is not.
 */

import { Entries as AnyEntries, compact, NumberText, RawText } from "../../kinds/exact.js";
import { quote } from "../../kinds/field.js";
import { DecodeError } from "./errors.js";

export { NumberText, RawText };
/** An object that a JavaScript one would change, as its entries in order. */
export class Entries extends AnyEntries<Value> {}

/** A JSON value, exact. A bigint is a whole number that a double does not hold. */
export type Value = string | number | bigint | boolean | null | NumberText | RawText | Entries | Value[] | { [key: string]: Value };

/** Go's limit on nesting. */
const MAX_DEPTH = 10_000;

/**
 * What nests deeper stays text: whatever goes down a document recursively (decoding, patches, comparisons) must never take the stack, and through a regular
 * expression that is compiled at its very end the process, with it.
 */
export const WALKED_DEPTH = 500;

const isDigit = (c: number): boolean => c >= 48 && c <= 57;

/** Where a string that begins at `i` ends: the index of its closing quote. The text is valid. */
function endOfString(text: string, i: number): number {
  for (let at = i; ; ) {
    at = text.indexOf('"', at + 1);
    let back = at - 1;
    while (text.charCodeAt(back) === 92) back--;
    if ((at - back) % 2 === 1) return at;
  }
}

/**
 * Looks over valid JSON text: how many keys it has in all, or -1 when something in it needs `parseExactly`.
 * When the parsed value has fewer keys than the text, one was given twice.
 */
export function survey(text: string): number {
  let keys = 0;
  let depth = 0;
  const n = text.length;
  for (let i = 0; i < n; i++) {
    const c = text.charCodeAt(i);
    if (c === 34) {
      const start = i + 1;
      i = endOfString(text, i);
      // a key like an index comes out of a JavaScript object in another place
      if (isDigit(text.charCodeAt(start)) && /^\d+"\s*:/.test(text.slice(start, start + 24))) return -1;
    } else if (c === 58) keys++;
    else if (c === 123 || c === 91) {
      if (++depth > WALKED_DEPTH) return -1;
    } else if (c === 125 || c === 93) depth--;
    else if (isDigit(c)) {
      const start = i;
      while (isDigit(text.charCodeAt(i + 1))) i++;
      const next = text.charCodeAt(i + 1);
      if (next === 46 || (next | 32) === 101 || i - start >= 15) return -1;
    }
  }
  // Lone surrogates become U+FFFD in Go.
  return /\\u[dD]/.test(text) ? -1 : keys;
}

/** Go's quoteChar of one byte. */
function quoteByte(byte: number): string {
  if (byte === 0x27) return "'\\''";
  if (byte === 0x22) return "'\"'";
  const named: Record<number, string> = { 7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 92: "\\\\" };
  if (named[byte]) return `'${named[byte]}'`;
  if (byte < 0x20 || byte === 0x7f) return `'\\x${byte.toString(16).padStart(2, "0")}'`;
  if ((byte >= 0x80 && byte <= 0xa0) || byte === 0xad) return `'\\u${byte.toString(16).padStart(4, "0")}'`;
  return `'${String.fromCharCode(byte)}'`;
}

const LITERALS: Readonly<Record<string, readonly [string, boolean | null]>> = { t: ["true", true], f: ["false", false], n: ["null", null] };

/** A container that is being read. */
interface Open {
  /** Where its text begins. */
  readonly start: number;
  readonly entries: [string, Value][] | undefined;
  readonly items: Value[];
  key: string;
}

/** Reads tokens, with the words of Go's scanner for what is none. */
class Scanner {
  at = 0;
  constructor(readonly text: string) {}

  syntax(context: string): DecodeError {
    const { text, at } = this;
    if (at >= text.length) return new DecodeError("unexpected end of JSON input");
    // Go looks at bytes: of a character beyond ASCII it sees the first.
    const byte = Buffer.from(String.fromCodePoint(text.codePointAt(at) as number))[0] as number;
    return new DecodeError(`invalid character ${quoteByte(byte)} ${context}`);
  }

  space(): void {
    const { text } = this;
    while (this.at < text.length && " \n\t\r".includes(text[this.at] as string)) this.at++;
  }

  string(): string {
    const { text } = this;
    const start = this.at++;
    let escaped = false;
    for (; text[this.at] !== '"'; this.at++) {
      if (this.at >= text.length) throw this.syntax("");
      const c = text[this.at] as string;
      if (c < " ") throw this.syntax("in string literal");
      if (c !== "\\") continue;
      escaped = true;
      this.at++;
      if (this.at >= text.length || !'bfnrt\\/"u'.includes(text[this.at] as string)) throw this.syntax("in string escape code");
      if (text[this.at] !== "u") continue;
      for (let i = 0; i < 4; i++) {
        this.at++;
        if (this.at >= text.length || !/[0-9a-fA-F]/.test(text[this.at] as string)) throw this.syntax("in \\u hexadecimal character escape");
      }
    }
    this.at++;
    return escaped ? (JSON.parse(text.slice(start, this.at)) as string).replace(/[\ud800-\udfff]/gu, "\ufffd") : text.slice(start + 1, this.at - 1);
  }

  private digits(context: string): void {
    if (!isDigit(this.text.charCodeAt(this.at))) throw this.syntax(context);
    while (isDigit(this.text.charCodeAt(this.at))) this.at++;
  }

  number(): number | NumberText {
    const { text } = this;
    const start = this.at;
    if (text[this.at] === "-") this.at++;
    if (text[this.at] === "0") this.at++;
    else this.digits("in numeric literal");
    if (text[this.at] === ".") {
      this.at++;
      this.digits("after decimal point in numeric literal");
    }
    if (text[this.at] === "e" || text[this.at] === "E") {
      this.at++;
      if (text[this.at] === "+" || text[this.at] === "-") this.at++;
      this.digits("in exponent of numeric literal");
    }
    const spelled = text.slice(start, this.at);
    return /^-?\d{1,15}$/.test(spelled) ? Number(spelled) : new NumberText(spelled);
  }

  /** A string, number, boolean or null. */
  scalar(): Value {
    const c = this.text[this.at];
    if (c === '"') return this.string();
    if (c === "-" || isDigit(this.text.charCodeAt(this.at))) return this.number();
    const known = c === undefined ? undefined : LITERALS[c];
    if (!known) throw this.syntax("looking for beginning of value");
    const [word, value] = known;
    for (let i = 1; i < word.length; i++) {
      this.at++;
      if (this.text[this.at] !== word[i]) throw this.syntax(`in literal ${word} (expecting '${word[i]}')`);
    }
    this.at++;
    return value;
  }
}

function objectOf(entries: [string, Value][]): Value {
  // fromEntries defines, so "__proto__" is a key like any other.
  const object: { [key: string]: Value } = Object.fromEntries(entries);
  let i = 0;
  for (const key in object) if (entries[i++]?.[0] !== key) return new Entries(entries);
  return i === entries.length ? object : new Entries(entries);
}

/** Parses JSON text exactly, without recursion. Throws DecodeError with the words of Go's scanner. */
export function parseExactly(text: string): Value {
  const scan = new Scanner(text);
  const open: Open[] = [];
  let done: Value | undefined;

  /** Puts a finished value where it belongs. */
  const place = (value: Value): void => {
    const top = open[open.length - 1];
    if (!top) done = value;
    else if (top.entries) top.entries.push([top.key, value]);
    else top.items.push(value);
  };
  const close = (): void => {
    const { entries, items, start } = open.pop() as Open;
    scan.at++;
    const depth = open.length + 1;
    if (depth > WALKED_DEPTH) place(depth === WALKED_DEPTH + 1 ? new RawText(compact(text.slice(start, scan.at))) : null);
    else place(entries ? objectOf(entries) : items);
  };
  const key = (top: Open): void => {
    scan.space();
    if (text[scan.at] !== '"') throw scan.syntax("looking for beginning of object key string");
    top.key = scan.string();
    scan.space();
    if (text[scan.at] !== ":") throw scan.syntax("after object key");
    scan.at++;
  };

  for (;;) {
    scan.space();
    const c = text[scan.at];
    if (c === "{" || c === "[") {
      if (open.length >= MAX_DEPTH) throw scan.syntax("exceeded max depth");
      const top: Open = { start: scan.at++, entries: c === "{" ? [] : undefined, items: [], key: "" };
      open.push(top);
      scan.space();
      if (text[scan.at] !== (c === "{" ? "}" : "]")) {
        if (c === "{") key(top);
        continue;
      }
      close();
    } else place(scan.scalar());
    // what follows a finished value: the next one, or the end of what it stands in
    for (;;) {
      scan.space();
      const top = open[open.length - 1];
      if (!top) {
        if (scan.at < text.length) throw scan.syntax("after top-level value");
        return done as Value;
      }
      if (text[scan.at] === ",") {
        scan.at++;
        if (top.entries) key(top);
        break;
      }
      if (text[scan.at] !== (top.entries ? "}" : "]")) throw scan.syntax(top.entries ? "after object key:value pair" : "after array element");
      close();
    }
  }
}

/** Parses JSON of which only the value counts (patches, reviews): the last of duplicate keys wins. Throws DecodeError in Go's words. */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (!/\d{16}|\\u[dD]/.test(text) && !tooDeep(text)) return value;
  } catch {
    // Go has other words for it
  }
  return plain(parseExactly(text));
}

/**
 * Parses a patch: as `parseJson`, but numbers that JavaScript would spell another way keep their spelling. To Go `1.0` is no integer, and what a merge or a JSON
 * patch brings in stays text until the patched document is read.
 */
export function parsePatch(text: string): unknown {
  return /\d[.eE]|\d{16}/.test(text) ? plain(parseExactly(text), (number) => String(numberOf(number)) !== number.text) : parseJson(text);
}

/** The first number in a patch that no float holds; Go refuses to read it into a value of any type. */
export function beyondFloats(value: unknown): string | undefined {
  if (value instanceof NumberText) return Number.isFinite(value.value) ? undefined : value.text;
  if (typeof value !== "object" || value === null || value instanceof RawText) return undefined;
  for (const item of Object.values(value)) {
    const found = beyondFloats(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether a value nests deeper than is walked: what is put together from pieces that do not may do so. Does not recurse. */
export function nestsTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > WALKED_DEPTH * 2) return true;
    level = level.flatMap((item) => (typeof item === "object" && item !== null ? Object.values(item).filter((v) => typeof v === "object" && v !== null) : []));
  }
  return false;
}

/** Whether valid JSON text nests deeper than is walked. */
function tooDeep(text: string): boolean {
  // a value that deep has so many brackets
  if (text.length <= 2 * WALKED_DEPTH) return false;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 34) i = endOfString(text, i);
    else if (c === 123 || c === 91) {
      if (++depth > WALKED_DEPTH) return true;
    } else if (c === 125 || c === 93) depth--;
  }
  return false;
}

const INT64 = 2n ** 63n;

/** A spelled number as Go's `interface{}` holds it: an int64 where it is one, exactly, else a float. */
export function numberOf({ text, value }: NumberText): number | bigint {
  if (!/^-?\d+$/.test(text) || Number.isSafeInteger(value)) return value;
  const whole = BigInt(text);
  return whole >= -INT64 && whole < INT64 ? whole : value;
}

/** An exact value as JSON.parse would have given it, but for whole numbers that a double does not hold, for numbers that `keep` wants, and for what is too deep. */
export function plain(value: Value, keep?: (number: NumberText) => boolean): unknown {
  if (value === null || typeof value !== "object" || value instanceof RawText) return value;
  if (value instanceof NumberText) return keep?.(value) ? value : numberOf(value);
  if (Array.isArray(value)) return value.map((item) => plain(item, keep));
  const entries = value instanceof Entries ? value.list : Object.entries(value);
  return Object.fromEntries(entries.map(([key, item]) => [key, plain(item, keep)]));
}

/** Keys in a value, all the way down. */
export function keysIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const items = Object.values(value);
  return items.reduce<number>((n, item) => n + keysIn(item), Array.isArray(value) ? 0 : items.length);
}

/** What strict reading of valid JSON finds in it: `duplicate field "metadata.labels.a"`, once each. Source: sigs.k8s.io/json UnmarshalStrict. */
export function duplicateFields(text: string): string[] {
  const keys = survey(text);
  if (keys >= 0 && keys === keysIn(JSON.parse(text))) return [];
  const found = new Set<string>();
  const walk = (value: Value, path: string): void => {
    if (value === null || typeof value !== "object" || value instanceof NumberText || value instanceof RawText) return;
    if (Array.isArray(value)) {
      for (const [i, item] of value.entries()) walk(item, `${path}[${i}]`);
      return;
    }
    const seen = new Set<string>();
    for (const [key, item] of value instanceof Entries ? value.list : Object.entries(value)) {
      const at = path ? `${path}.${key}` : key;
      if (seen.has(key)) found.add(`duplicate field ${quote(at)}`);
      seen.add(key);
      walk(item, at);
    }
  };
  walk(parseExactly(text), "");
  return [...found].slice(0, MAX_FINDINGS);
}

/** Go accumulates no more findings than this. */
const MAX_FINDINGS = 100;
