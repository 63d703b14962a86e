/**
 * JSON text as Go reads it. The everyday text goes through JSON.parse; what JSON.parse hides and Go does not — duplicate keys, the spelling of
 * numbers, the words of a syntax error — is found by `survey`, which is cheap, and read by `parseExactly`, which is not.
 */
import { DecodeError } from "./errors.js";

/** A number whose spelling matters: with a fraction or an exponent, or longer than a double holds. */
export class NumberText {
  constructor(readonly text: string) {}
  get value(): number {
    return Number(this.text);
  }
}

/** An object in which a key stands twice, as its entries in order. */
export class Entries {
  constructor(readonly list: readonly (readonly [string, Value])[]) {}
}

/** A JSON value, exact. */
export type Value = string | number | boolean | null | NumberText | Entries | Value[] | { [key: string]: Value };

/**
 * The limit on nesting. Go's is 10,000; here what comes after parsing goes down a document recursively, and a document must never take the stack (and,
 * through a regular
 * expression compiled at its very end, the process) with it.
 */
const MAX_DEPTH = 2_500;

const isDigit = (c: number): boolean => c >= 48 && c <= 57;

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
      for (;;) {
        i = text.indexOf('"', i + 1);
        let back = i - 1;
        while (text.charCodeAt(back) === 92) back--;
        if ((i - back) % 2 === 1) break;
      }
    } else if (c === 58) keys++;
    else if (c === 123 || c === 91) {
      if (++depth > MAX_DEPTH) return -1;
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

/** Parses JSON text exactly. Throws DecodeError with the words of Go's scanner. */
export function parseExactly(text: string): Value {
  let at = 0;
  let depth = 0;

  const syntax = (context: string): DecodeError => {
    if (at >= text.length) return new DecodeError("unexpected end of JSON input");
    // Go looks at bytes: of a character beyond ASCII it sees the first.
    const byte = Buffer.from(String.fromCodePoint(text.codePointAt(at) as number))[0];
    return new DecodeError(`invalid character ${quoteByte(byte)} ${context}`);
  };
  const space = (): void => {
    while (at < text.length && (text[at] === " " || text[at] === "\n" || text[at] === "\t" || text[at] === "\r")) at++;
  };
  const enter = (): void => {
    if (++depth > MAX_DEPTH) throw syntax("exceeded max depth");
    at++;
  };

  const string = (): string => {
    const start = at++;
    let escaped = false;
    for (;;) {
      if (at >= text.length) throw syntax("");
      const c = text[at];
      if (c === '"') break;
      if (c < " ") throw syntax("in string literal");
      if (c === "\\") {
        escaped = true;
        at++;
        if (at >= text.length || !'bfnrt\\/"u'.includes(text[at])) throw syntax("in string escape code");
        if (text[at] === "u") {
          for (let i = 0; i < 4; i++) {
            at++;
            if (at >= text.length || !/[0-9a-fA-F]/.test(text[at])) throw syntax("in \\u hexadecimal character escape");
          }
        }
      }
      at++;
    }
    at++;
    return escaped ? (JSON.parse(text.slice(start, at)) as string).replace(/[\ud800-\udfff]/gu, "\ufffd") : text.slice(start + 1, at - 1);
  };

  const number = (): number | NumberText => {
    const start = at;
    const digits = (context: string): void => {
      if (!isDigit(text.charCodeAt(at))) throw syntax(context);
      while (isDigit(text.charCodeAt(at))) at++;
    };
    if (text[at] === "-") at++;
    if (text[at] === "0") at++;
    else digits("in numeric literal");
    if (text[at] === ".") {
      at++;
      digits("after decimal point in numeric literal");
    }
    if (text[at] === "e" || text[at] === "E") {
      at++;
      if (text[at] === "+" || text[at] === "-") at++;
      digits("in exponent of numeric literal");
    }
    const spelled = text.slice(start, at);
    return /^-?\d{1,15}$/.test(spelled) ? Number(spelled) : new NumberText(spelled);
  };

  const literal = (word: string, value: boolean | null): boolean | null => {
    for (let i = 1; i < word.length; i++) {
      at++;
      if (text[at] !== word[i]) throw syntax(`in literal ${word} (expecting '${word[i]}')`);
    }
    at++;
    return value;
  };

  const object = (): Value => {
    enter();
    const entries: [string, Value][] = [];
    const seen = new Set<string>();
    space();
    if (text[at] === "}") at++;
    else
      for (;;) {
        space();
        if (text[at] !== '"') throw syntax("looking for beginning of object key string");
        const key = string();
        space();
        if (text[at] !== ":") throw syntax("after object key");
        at++;
        entries.push([key, value()]);
        seen.add(key);
        space();
        if (text[at] === ",") at++;
        else if (text[at] === "}") {
          at++;
          break;
        } else throw syntax("after object key:value pair");
      }
    depth--;
    // fromEntries defines, so "__proto__" is a key like any other.
    return seen.size === entries.length ? Object.fromEntries(entries) : new Entries(entries);
  };

  const array = (): Value[] => {
    enter();
    const items: Value[] = [];
    space();
    if (text[at] === "]") at++;
    else
      for (;;) {
        items.push(value());
        space();
        if (text[at] === ",") at++;
        else if (text[at] === "]") {
          at++;
          break;
        } else throw syntax("after array element");
      }
    depth--;
    return items;
  };

  const value = (): Value => {
    space();
    const c = text[at];
    if (c === "{") return object();
    if (c === "[") return array();
    if (c === '"') return string();
    if (c === "-" || isDigit(text.charCodeAt(at))) return number();
    const known = c === undefined ? undefined : LITERALS[c];
    if (known) return literal(...known);
    throw syntax("looking for beginning of value");
  };

  const out = value();
  space();
  if (at < text.length) throw syntax("after top-level value");
  return out;
}

/** Parses JSON of which only the value counts (patches, reviews): the last of duplicate keys wins. Throws DecodeError in Go's words. */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (!tooDeep(text)) return value;
  } catch {
    // Go has other words for it
  }
  return plain(parseExactly(text));
}

/** Whether a value nests deeper than the limit: what is put together from pieces that do not may do so. Does not recurse. */
export function nestsTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((item) => (typeof item === "object" && item !== null ? Object.values(item).filter((v) => typeof v === "object" && v !== null) : []));
  }
  return false;
}

/** Whether valid JSON text nests deeper than the limit. */
function tooDeep(text: string): boolean {
  // a value that deep has so many brackets
  if (text.length <= 2 * MAX_DEPTH) return false;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 34) {
      for (i++; text.charCodeAt(i) !== 34; i++) if (text.charCodeAt(i) === 92) i++;
    } else if (c === 123 || c === 91) {
      if (++depth > MAX_DEPTH) return true;
    } else if (c === 125 || c === 93) depth--;
  }
  return false;
}

/** An exact value as JSON.parse would have given it. */
export function plain(value: Value): unknown {
  if (value === null || typeof value !== "object") return value;
  if (value instanceof NumberText) return value.value;
  if (Array.isArray(value)) return value.map(plain);
  const entries = value instanceof Entries ? value.list : Object.entries(value);
  return Object.fromEntries(entries.map(([key, item]) => [key, plain(item)]));
}
