/**
 * JSON values as YAML text, as sigs.k8s.io/yaml writes them: block style, keys in natural order, lists at their key's indentation, lines folded behind
 * column 80. Source: go.yaml.in/yaml/v2 encode.go, sorter.go, emitterc.go.
 */
import { Entries, NumberText } from "../../kinds/exact.js";
import { goFloat, meansSomethingElse, wholeNumber } from "./yamlscalar.js";

const WIDTH = 80;
/** A longer key gets a line of its own behind a question mark. */
const MAX_SIMPLE_KEY = 128;

const isBreak = (c: string | undefined): boolean => c === "\n" || c === "\r" || c === "\u0085" || c === "\u2028" || c === "\u2029";
const isBlankOrEnd = (c: string | undefined): boolean => c === undefined || c === " " || c === "\t" || c === "\0" || isBreak(c);

/** Characters that may stand unescaped; those beyond the basic plane are not among them. */
function isPrintable(c: string): boolean {
  const code = c.codePointAt(0) as number;
  return code === 0x0a || (code >= 0x20 && code <= 0x7e) || (code >= 0xa0 && code <= 0xd7ff) || (code >= 0xe000 && code <= 0xfffd && code !== 0xfeff);
}

/** In which styles a text can be written. */
interface Analysis {
  readonly multiline: boolean;
  readonly plain: boolean;
  readonly single: boolean;
  readonly block: boolean;
}

function analyze(chars: readonly string[]): Analysis {
  if (chars.length === 0) return { multiline: false, plain: true, single: true, block: false };
  const start = chars.slice(0, 3).join("");
  let indicators = start === "---" || start === "...";
  let multiline = false;
  let special = false;
  let breakSpace = false;
  let spaceBreak = false;
  let before: string | undefined = " ";
  for (const [i, c] of chars.entries()) {
    const blankAfter = i + 1 >= chars.length || chars[i + 1] === " " || chars[i + 1] === "\t";
    if (i === 0 && "#,[]{}&*!|>'\"%@`".includes(c)) indicators = true;
    if ((c === ":" || (i === 0 && (c === "?" || c === "-"))) && blankAfter) indicators = true;
    if (c === "#" && isBlankOrEnd(before)) indicators = true;
    if (!isPrintable(c)) special = true;
    if (c === " " && isBreak(before) && i > 0) breakSpace = true;
    if (isBreak(c)) {
      multiline = true;
      if (before === " " && i > 0) spaceBreak = true;
    }
    before = c;
  }
  const edge = (c: string | undefined): boolean => c === " " || isBreak(c);
  const unfit = special || spaceBreak;
  return {
    multiline,
    plain: !(unfit || multiline || indicators || breakSpace || edge(chars[0]) || edge(chars.at(-1))),
    single: !(unfit || breakSpace),
    block: !(unfit || chars.at(-1) === " "),
  };
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\0": "0",
  "\x07": "a",
  "\b": "b",
  "\t": "t",
  "\n": "n",
  "\v": "v",
  "\f": "f",
  "\r": "r",
  "\x1b": "e",
  '"': '"',
  "\\": "\\",
  "\u0085": "N",
  "\u00a0": "_",
  "\u2028": "L",
  "\u2029": "P",
};

function escapeOf(c: string): string {
  const known = ESCAPES[c];
  if (known) return `\\${known}`;
  const code = c.codePointAt(0) as number;
  const hex = code.toString(16).toUpperCase();
  return code <= 0xff ? `\\x${hex.padStart(2, "0")}` : code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}

type Style = "plain" | "single" | "double" | "literal";

/** Where a node stands. */
interface Place {
  /** Column of what is below the node's parent. */
  readonly indent: number;
  readonly inMapping?: boolean;
  readonly key?: boolean;
}

/** The emitter's state: text so far, the column, and whether nothing but blanks or indicators stands on the line. */
class Emitter {
  private readonly parts: string[] = [];
  private column = 0;
  private whitespace = true;
  private indention = true;

  text(): string {
    return this.parts.join("");
  }

  private put(text: string): void {
    this.parts.push(text);
    this.column++;
  }

  private newline(text = "\n"): void {
    this.parts.push(text);
    this.column = 0;
  }

  indentTo(indent: number): void {
    if (!this.indention || this.column > indent || (this.column === indent && !this.whitespace)) this.newline();
    if (this.column < indent) this.parts.push(" ".repeat(indent - this.column));
    this.column = Math.max(this.column, indent);
    this.whitespace = true;
    this.indention = true;
  }

  indicator(text: string, needSpace: boolean, keepsIndention = false): void {
    if (needSpace && !this.whitespace) this.put(" ");
    for (const c of text) this.put(c);
    this.whitespace = false;
    this.indention = this.indention && keepsIndention;
  }

  node(value: unknown, place: Place): void {
    if (Array.isArray(value)) this.sequence(value, place);
    else if (value !== null && typeof value === "object" && !(value instanceof NumberText)) this.mapping(entriesOf(value), place);
    else if (typeof value === "string") this.string(value, place);
    else this.scalar([...plainText(value)], "plain", place);
  }

  private sequence(items: readonly unknown[], { indent, inMapping }: Place): void {
    if (items.length === 0) {
      this.indicator("[", true);
      this.indicator("]", false);
      return;
    }
    const inner = inMapping && !this.indention ? indent : indent + 2;
    for (const item of items) {
      this.indentTo(inner);
      this.indicator("-", true, true);
      this.node(item, { indent: inner });
    }
  }

  private mapping(entries: ReadonlyMap<string, unknown>, { indent }: Place): void {
    const keys = [...entries.keys()].sort(byNature);
    if (keys.length === 0) {
      this.indicator("{", true);
      this.indicator("}", false);
      return;
    }
    const inner = indent + 2;
    for (const key of keys) {
      this.indentTo(inner);
      if (!/[\n\r\u0085\u2028\u2029]/.test(key) && Buffer.byteLength(key) <= MAX_SIMPLE_KEY) {
        this.string(key, { indent: inner, key: true });
        this.indicator(":", false);
      } else {
        this.indicator("?", true, true);
        this.string(key, { indent: inner, inMapping: true });
        this.indentTo(inner);
        this.indicator(":", true, true);
      }
      this.node(entries.get(key), { indent: inner, inMapping: true });
    }
  }

  private string(text: string, place: Place): void {
    const chars = [...text];
    const wanted: Style = text.includes("\n") ? "literal" : meansSomethingElse(text) ? "double" : "plain";
    this.scalar(chars, wanted, place);
  }

  private scalar(chars: readonly string[], wanted: Style, { indent, key = false }: Place): void {
    const can = analyze(chars);
    let style = key && can.multiline ? "double" : wanted;
    if (style === "plain" && (!can.plain || (chars.length === 0 && key))) style = "single";
    if (style === "single" && !can.single) style = "double";
    if (style === "literal" && (!can.block || key)) style = "double";
    const inner = indent + 2;
    if (style === "literal") this.literal(chars, inner);
    else if (style === "double") this.double(chars, inner, !key);
    else this.simple(chars, inner, !key, style === "single");
  }

  /** Plain and single-quoted text: folded at single spaces behind the width. */
  private simple(chars: readonly string[], indent: number, mayBreak: boolean, quoted: boolean): void {
    if (quoted) this.indicator("'", true);
    else if (!this.whitespace) this.put(" ");
    let spaces = false;
    let breaks = false;
    for (const [i, c] of chars.entries()) {
      if (c === " ") {
        const inside = !quoted || (i > 0 && i < chars.length - 1);
        if (mayBreak && !spaces && this.column > WIDTH && inside && chars[i + 1] !== " ") this.indentTo(indent);
        else this.put(c);
        spaces = true;
      } else if (isBreak(c)) {
        if (!breaks && c === "\n") this.newline();
        this.newline(c);
        this.indention = true;
        breaks = true;
      } else {
        if (breaks) this.indentTo(indent);
        if (quoted && c === "'") this.put("'");
        this.put(c);
        this.indention = false;
        spaces = false;
        breaks = false;
      }
    }
    if (quoted) this.indicator("'", false);
    this.whitespace = false;
    this.indention = false;
  }

  private double(chars: readonly string[], indent: number, mayBreak: boolean): void {
    this.indicator('"', true);
    // a text that begins with a byte order mark is escaped to its end
    const marked = chars[0] === "\ufeff";
    let spaces = false;
    for (const [i, c] of chars.entries()) {
      if (marked || !isPrintable(c) || isBreak(c) || c === '"' || c === "\\") {
        for (const e of escapeOf(c)) this.put(e);
        spaces = false;
      } else if (c === " ") {
        if (mayBreak && !spaces && this.column > WIDTH && i > 0 && i < chars.length - 1) {
          this.indentTo(indent);
          if (chars[i + 1] === " ") this.put("\\");
        } else this.put(c);
        spaces = true;
      } else {
        this.put(c);
        spaces = false;
      }
    }
    this.indicator('"', false);
  }

  private literal(chars: readonly string[], indent: number): void {
    this.indicator("|", true);
    if (chars[0] === " " || isBreak(chars[0])) this.indicator("2", false);
    const last = chars.at(-1);
    if (!isBreak(last)) this.indicator("-", false);
    else if (chars.length === 1 || isBreak(chars.at(-2))) this.indicator("+", false);
    this.newline();
    this.indention = true;
    this.whitespace = true;
    let breaks = true;
    for (const c of chars) {
      if (isBreak(c)) {
        this.newline(c);
        this.indention = true;
        breaks = true;
      } else {
        if (breaks) this.indentTo(indent);
        this.put(c);
        this.indention = false;
        breaks = false;
      }
    }
  }
}

const entriesOf = (object: object): ReadonlyMap<string, unknown> => new Map(object instanceof Entries ? object.list : Object.entries(object));

function plainText(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value !== "number" && !(value instanceof NumberText)) return String(value);
  // the text is read as YAML first, which tells whole numbers from floats by their spelling
  const whole = wholeNumber(value instanceof NumberText ? value.text : String(value));
  return whole === undefined ? goFloat(Number(value instanceof NumberText ? value.text : value)) : String(whole);
}

const isLetter = (c: string): boolean => /\p{L}/u.test(c);
const isDigit = (c: string | undefined): boolean => c !== undefined && /\p{Nd}/u.test(c);

/** The natural order of keys: runs of digits by their size, letters behind everything else. */
export function byNature(a: string, b: string): number {
  const x = [...a];
  const y = [...b];
  for (let i = 0; i < x.length && i < y.length; i++) {
    const [p, q] = [x[i] as string, y[i] as string];
    if (p === q) continue;
    const [pl, ql] = [isLetter(p), isLetter(q)];
    if (pl !== ql) return pl ? 1 : -1;
    const codes = (p.codePointAt(0) as number) - (q.codePointAt(0) as number);
    if (pl) return codes;
    let m = 0n;
    let n = 0n;
    if (p === "0" || q === "0")
      for (let j = i - 1; j >= 0 && isDigit(x[j]); j--)
        if (x[j] !== "0") {
          m = 1n;
          n = 1n;
          break;
        }
    let at = i;
    for (; isDigit(x[at]); at++) m = m * 10n + BigInt((x[at] as string).charCodeAt(0) - 48);
    let bt = i;
    for (; isDigit(y[bt]); bt++) n = n * 10n + BigInt((y[bt] as string).charCodeAt(0) - 48);
    if (m !== n) return m < n ? -1 : 1;
    return at !== bt ? at - bt : codes;
  }
  return x.length - y.length;
}

/** A value (what JSON.parse or parseExactly gives) as a YAML document. */
export function emitYaml(value: unknown): string {
  const emitter = new Emitter();
  emitter.node(value, { indent: -2 });
  emitter.indentTo(0);
  const text = emitter.text();
  return text.endsWith("\n") ? text : `${text}\n`;
}
