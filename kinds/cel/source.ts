/**
 * The text of an expression and what went wrong in it, shown as cel-go shows it: each finding with its line and a caret below.
 * Source: cel-go common/source.go, common/error.go, common/errors.go. Positions count code points.
 */

/** A finding: `offset` is undefined when it belongs to no place. */
interface Issue {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Findings that are shown; of more, only the number is. */
export const MAX_REPORTED = 100;
const MAX_SNIPPET_BYTES = 16384;

const isWide = (char: string | undefined): boolean => char !== undefined && (char.codePointAt(0) ?? 0) >= 0x80;

export class Source {
  /** Code points, one text each. */
  readonly chars: readonly string[];
  private readonly lineStarts: number[] = [0];
  private readonly issues: Issue[] = [];
  private count = 0;
  /** What the lexer dropped. */
  private readonly dropped: [number, number][] = [];

  constructor(readonly text: string) {
    this.chars = Array.from(text);
    this.chars.forEach((char, i) => {
      if (char === "\n") this.lineStarts.push(i + 1);
    });
  }

  slice(start: number, end: number): string {
    return this.chars.length === this.text.length ? this.text.slice(start, end) : this.chars.slice(start, end).join("");
  }

  drop(start: number, end: number): void {
    this.dropped.push([start, end]);
  }

  /** The text between two offsets, without what the lexer dropped. */
  kept(start: number, end: number): string {
    const isDropped = (i: number): boolean => this.dropped.some(([from, to]) => i >= from && i < to);
    return this.chars.filter((_, i) => i >= start && i < end && !isDropped(i)).join("");
  }

  /** Records a finding at an offset; without one it belongs to no place, and comes first. */
  report(offset: number | undefined, message: string): void {
    this.count++;
    if (this.count > MAX_REPORTED) return;
    if (offset === undefined) {
      this.issues.push({ line: -1, column: -1, message });
      return;
    }
    if (this.chars.length === 0) {
      this.issues.push({ line: 1, column: -1, message });
      return;
    }
    let line = 1;
    while (line < this.lineStarts.length && (this.lineStarts[line] as number) <= offset) line++;
    this.issues.push({ line, column: offset - (this.lineStarts[line - 1] as number), message });
  }

  /** How many findings there are. */
  get findings(): number {
    return this.count;
  }

  get failed(): boolean {
    return this.count > 0;
  }

  private snippet(line: number): string | undefined {
    const start = this.lineStarts[line - 1];
    if (start === undefined || this.chars.length === 0) return undefined;
    const next = this.lineStarts[line];
    return this.slice(start, next === undefined ? this.chars.length : next - 1);
  }

  private show(issue: Issue): string {
    const head = `ERROR: <input>:${issue.line}:${issue.column + 1}: ${issue.message}`;
    const snippet = this.snippet(issue.line);
    if (snippet === undefined || Buffer.byteLength(snippet) > MAX_SNIPPET_BYTES) return head;
    const chars = Array.from(snippet);
    let caret = "";
    for (let i = 0; i < issue.column && i < chars.length; i++) caret += isWide(chars[i]) ? "\uff0e" : ".";
    return `${head}\n | ${snippet.replaceAll("\t", " ")}\n | ${caret}${isWide(chars[Math.max(issue.column, 0)]) ? "\uff3e" : "^"}`;
  }

  /** All findings in the order of their places. */
  toString(): string {
    const sorted = [...this.issues].sort((a, b) => a.line - b.line || a.column - b.column);
    const lines = sorted.map((issue) => this.show(issue));
    if (this.count > MAX_REPORTED) lines.push(`${this.count - MAX_REPORTED} more errors were truncated`);
    return lines.join("\n");
  }
}
