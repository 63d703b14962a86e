/**
 * Tokens of CEL, the longest that match, as the lexer ANTLR makes of CEL's grammar reads them: what fits nothing is reported, dropped up to and
 * including the character that did not fit, and reading goes on behind it. Source: cel-go parser/gen/CEL.g4.
 */
import type { Source } from "./source.js";

/** In the order of the grammar, which is the order errors list them in. */
export const TOKENS = [
  "==", "!=", "in", "<", "<=", ">=", ">", "&&", "||", "[", "]", "{", "}", "(", ")", ".", ",", "-", "!", "?", ":", "+", "*", "/", "%", "true", "false",
  "null", "NUM_FLOAT", "NUM_INT", "NUM_UINT", "STRING", "BYTES", "IDENTIFIER", "ESC_IDENTIFIER", "EOF",
] as const; // biome-ignore format: a list
export type TokenType = (typeof TOKENS)[number];

export interface Token {
  readonly type: TokenType;
  /** Empty at the end of the text, and for a token that error recovery made up. */
  readonly text: string;
  readonly at: number;
}

const SYMBOLS = ["==", "!=", "<=", ">=", "&&", "||", ..."<>[]{}().,-!?:+*/%"];
const WORDS = new Set(["in", "true", "false", "null"]);

const NUMBER =
  /^(?:(0x[0-9a-fA-F]+[uU]|[0-9]+[uU])|([0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?)|(0x[0-9a-fA-F]+|[0-9]+))/;

const ESCAPES: readonly RegExp[] = [/^[abfnrtv"'\\?`]/, /^[0-3][0-7][0-7]/, /^[xX][0-9a-fA-F]{2}/, /^u[0-9a-fA-F]{4}/, /^U[0-9a-fA-F]{8}/];

/** Where a text literal that opens at `start` ends; a negative number when it does not: ~(the place of the character that did not fit). */
function endOfText(source: Source, start: number, raw: boolean): number {
  const { chars } = source;
  const quote = chars[start] as string;
  const long = chars[start + 1] === quote && chars[start + 2] === quote;
  const stopsAt = (i: number): boolean => (long ? chars[i] === quote && chars[i + 1] === quote && chars[i + 2] === quote : chars[i] === quote);
  let i = start + (long ? 3 : 1);
  while (i < chars.length) {
    if (stopsAt(i)) return i + (long ? 3 : 1);
    const char = chars[i] as string;
    if (!long && (char === "\n" || char === "\r")) break;
    if (char === "\\" && !raw) {
      const rest = source.slice(i + 1, i + 10);
      const sequence = ESCAPES.map((e) => e.exec(rest)?.[0]).find((m) => m !== undefined);
      if (sequence === undefined) return long ? start + 2 : ~badEscape(rest, i + 1);
      i += 1 + sequence.length;
    } else i++;
  }
  // Two quotes are a whole, empty text when three open one that never ends.
  return long ? start + 2 : ~i;
}

/** The place within an escape sequence at which no sequence is possible any more. */
function badEscape(rest: string, at: number): number {
  const hex = /^[xXuU][0-9a-fA-F]*/.exec(rest)?.[0] ?? /^[0-3][0-7]?/.exec(rest)?.[0] ?? "";
  return at + hex.length;
}

function readText(source: Source, at: number): { end: number; bytes: boolean } | undefined {
  const prefix = /^(?:[bB]?[rR]?)(?=["'])/.exec(source.slice(at, at + 3))?.[0];
  if (prefix === undefined) return undefined;
  return { end: endOfText(source, at + prefix.length, /[rR]/.test(prefix)), bytes: /^[bB]/.test(prefix) };
}

/** All tokens, the end included. */
export function tokenize(source: Source): Token[] {
  const out: Token[] = [];
  const { chars } = source;
  let i = 0;
  const push = (type: TokenType, end: number): void => {
    out.push({ type, text: source.slice(i, end), at: i });
    i = end;
  };
  const fail = (bad: number): void => {
    source.report(i, `Syntax error: token recognition error at: '${source.slice(i, bad + 1)}'`);
    source.drop(i, bad + 1);
    i = bad + 1;
  };
  while (i < chars.length) {
    const char = chars[i] as string;
    if (/[\t \r\n\f]/.test(char)) {
      i++;
      continue;
    }
    if (char === "/" && chars[i + 1] === "/") {
      while (i < chars.length && chars[i] !== "\n") i++;
      continue;
    }
    const text = readText(source, i);
    if (text && text.end > 0) {
      push(text.bytes ? "BYTES" : "STRING", text.end);
      continue;
    }
    const rest = source.slice(i, i + 512);
    const word = /^[A-Za-z_][A-Za-z0-9_]*/.exec(rest)?.[0];
    if (word !== undefined) {
      let end = i + word.length;
      while (end < chars.length && /[A-Za-z0-9_]/.test(chars[end] as string)) end++;
      const whole = source.slice(i, end);
      push(WORDS.has(whole) ? (whole as TokenType) : "IDENTIFIER", end);
      continue;
    }
    const number = NUMBER.exec(rest);
    if (number) {
      push(number[1] !== undefined ? "NUM_UINT" : number[2] !== undefined ? "NUM_FLOAT" : "NUM_INT", i + number[0].length);
      continue;
    }
    if (char === "`") {
      let end = i + 1;
      while (end < chars.length && /[A-Za-z0-9_./ -]/.test(chars[end] as string)) end++;
      if (chars[end] === "`" && end > i + 1) push("ESC_IDENTIFIER", end + 1);
      else fail(end);
      continue;
    }
    const symbol = SYMBOLS.find((s) => rest.startsWith(s));
    if (symbol !== undefined) push(symbol as TokenType, i + symbol.length);
    else fail(text ? ~text.end : char === "=" || char === "&" || char === "|" ? i + 1 : i);
  }
  out.push({ type: "EOF", text: "", at: chars.length });
  return out;
}
