/**
 * How ANTLR's parsers deal with input that does not fit: one token dropped, one made up, or everything skipped up to something that may follow. What it
 * reports, and that it reports once until a token fits again, is what people read from cel-go. Source: antlr4 runtime error_strategy.go.
 */
import type { Source } from "./source.js";
import { TOKENS, type Token, type TokenType } from "./lexer.js";

/** What may come next at a place of the grammar; EPSILON when the rule may end there. */
export type Next = ReadonlySet<TokenType | "epsilon">;
export const next = (...of: (TokenType | "epsilon" | Next)[]): Next => new Set(of.flatMap((x) => (typeof x === "string" ? [x] : [...x])));

/** The kinds of places at which ANTLR looks ahead before it goes on. Only these two differ in what is done about a surprise. */
type Place = "block" | "loopBack";

const RULE_DEPTH = 250;
const RECOVERIES = 30;
const LOOKAHEAD = 256;
const SYNTAX_ERRORS = 100;

/** Nothing in a rule fits: the rule is left, and its caller goes on behind what was skipped. */
export class Mismatch extends Error {
  constructor(
    readonly offending: Token,
    readonly text: string,
  ) {
    super(text);
  }
}
/** Reading is given up. */
class GiveUp extends Error {}

const order = (type: TokenType): number => (type === "EOF" ? -1 : TOKENS.indexOf(type));
const display = (type: TokenType): string => (type === "EOF" ? "<EOF>" : /^[A-Z]/.test(type) ? type : `'${type}'`);
const quoted = (text: string): string => `'${text.replaceAll("\t", "\\t").replaceAll("\n", "\\n").replaceAll("\r", "\\r")}'`;
const shown = (token: Token): string => quoted(token.type === "EOF" ? "<EOF>" : token.text);

function verbose(set: ReadonlySet<TokenType>): string {
  const names = [...set].sort((a, b) => order(a) - order(b)).map(display);
  return names.length === 1 ? (names[0] as string) : `{${names.join(", ")}}`;
}

export class Recovery {
  private index = 0;
  private readonly follows: Next[] = [];
  private readonly callers: [name: string, place: number][] = [];
  private readonly depths = new Map<string, number>();
  /** The place of the grammar, by a number of its own; only its identity counts. */
  protected place = 0;
  private recovering = false;
  private lastErrorIndex = -1;
  private readonly lastErrorPlaces = new Set<number>();
  private recoveries = 0;
  private syntaxErrors = 0;

  constructor(
    protected readonly source: Source,
    private readonly tokens: readonly Token[],
  ) {}

  /** Runs `read`; false when reading was given up. */
  protected attempt(read: () => void): boolean {
    try {
      read();
      return true;
    } catch (e) {
      if (e instanceof GiveUp) return false;
      throw e;
    }
  }

  protected peek(n = 1): TokenType {
    return this.token(n).type;
  }

  protected token(n = 1): Token {
    return this.tokens[Math.min(this.index + n - 1, this.tokens.length - 1)] as Token;
  }

  private consume(): void {
    if (this.index < this.tokens.length - 1) this.index++;
  }

  /** Goes into a rule that the caller may go on from with `follow`; `leave` has to come after it, whatever happens. */
  protected enter(name: string, place: number, follow: Next): void {
    const depth = (this.depths.get(name) ?? 0) + 1;
    this.depths.set(name, depth);
    this.place = place;
    this.follows.push(follow);
    this.callers.push([name, place]);
    if (depth > RULE_DEPTH) this.giveUp(`expression recursion limit exceeded: ${RULE_DEPTH}`);
  }

  protected leave(): void {
    const [name, place] = this.callers.pop() as [string, number];
    this.depths.set(name, (this.depths.get(name) ?? 1) - 1);
    this.follows.pop();
    this.place = place;
  }

  /** What a rule does with what was thrown in it: when nothing fitted, goes on behind it. */
  protected skip(e: unknown): void {
    if (!(e instanceof Mismatch)) throw e;
    if (!this.recovering) {
      this.recovering = true;
      this.syntaxError(e.offending, e.text);
    }
    this.recover();
  }

  /** Reads a rule. `broken` is its value when nothing in it fitted. The rules that nest deeply do the same without a function of their own. */
  protected rule<T>(name: string, place: number, follow: Next, read: () => T, broken: () => T): T {
    this.enter(name, place, follow);
    try {
      return read();
    } catch (e) {
      this.skip(e);
      return broken();
    } finally {
      this.leave();
    }
  }

  private giveUp(text: string): never {
    this.source.report(undefined, text);
    throw new GiveUp(text);
  }

  private syntaxError(token: Token, text: string): void {
    // A reserved word where a name belongs reads as it did before CEL's grammar knew those words.
    const reserved = text.replace(/^no viable alternative at input '.(true|false|null)'/, "mismatched input '$1' expecting IDENTIFIER");
    if (++this.syntaxErrors > SYNTAX_ERRORS) {
      this.source.report(token.at, `Syntax error: More than ${SYNTAX_ERRORS} syntax errors`);
      throw new GiveUp(text);
    }
    this.source.report(token.at, `Syntax error: ${reserved}`);
  }

  /** What may come, with what may follow the rules that may end here. */
  private expected(local: Next): Set<TokenType> {
    const out = new Set(local);
    for (let i = this.follows.length - 1; out.delete("epsilon") && i >= 0; i--) for (const type of this.follows[i] as Next) out.add(type);
    return out as Set<TokenType>;
  }

  private recoverySet(): Set<TokenType> {
    const out = next(...this.follows) as Set<TokenType | "epsilon">;
    out.delete("epsilon");
    return out as Set<TokenType>;
  }

  private skipTo(set: ReadonlySet<TokenType>): void {
    for (let skipped = 0; this.peek() !== "EOF" && !set.has(this.peek()); skipped++) {
      if (skipped >= LOOKAHEAD) this.giveUp(`error recovery token lookahead limit exceeded: ${LOOKAHEAD}`);
      this.consume();
    }
  }

  private countRecovery(): void {
    if (this.recoveries++ < RECOVERIES) return;
    const text = `error recovery attempt limit exceeded: ${RECOVERIES}`;
    this.syntaxError(this.token(), text);
    throw new GiveUp(text);
  }

  private recover(): void {
    this.countRecovery();
    // The same place and token again: something has to be consumed, or this would never end.
    if (this.lastErrorIndex === this.index && this.lastErrorPlaces.has(this.place)) this.consume();
    this.lastErrorIndex = this.index;
    this.lastErrorPlaces.add(this.place);
    this.skipTo(this.recoverySet());
  }

  private fits(): void {
    this.recovering = false;
    this.lastErrorIndex = -1;
    this.lastErrorPlaces.clear();
  }

  private unwanted(local: Next): void {
    if (this.recovering) return;
    this.recovering = true;
    this.syntaxError(this.token(), `extraneous input ${shown(this.token())} expecting ${verbose(this.expected(local))}`);
  }

  private dropOne(local: Next): boolean {
    if (!this.expected(local).has(this.peek(2))) return false;
    this.unwanted(local);
    this.consume();
    this.fits();
    return true;
  }

  protected mismatch(local: Next): Mismatch {
    return new Mismatch(this.token(), `mismatched input ${shown(this.token())} expecting ${verbose(this.expected(local))}`);
  }

  /** No choice fits: told with everything read from the first token of the choice to the one that decided. */
  protected noViable(n: number): Mismatch {
    const last = this.token(n);
    const input = this.peek() === "EOF" ? "<EOF>" : this.source.kept(this.token().at, last.at + Array.from(last.text).length);
    return new Mismatch(last, `no viable alternative at input ${quoted(input)}`);
  }

  /** Looks whether what comes fits where a choice or a loop is. */
  protected sync(place: number, local: Next, kind: Place = "block"): void {
    this.place = place;
    if (this.recovering || local.has("epsilon") || local.has(this.peek())) return;
    if (kind === "loopBack") {
      this.unwanted(local);
      this.skipTo(new Set([...this.expected(local), ...this.recoverySet()]));
    } else if (!this.dropOne(local)) throw this.mismatch(local);
  }

  /** Takes a token of one type. `after` is what may follow it: a missing token is made up when that is what comes. */
  protected match(place: number, type: TokenType, after: Next): Token {
    this.place = place;
    const token = this.token();
    if (token.type === type) {
      this.fits();
      this.consume();
      return token;
    }
    this.countRecovery();
    const local = next(type);
    if (this.dropOne(local)) {
      const found = this.token();
      this.consume();
      return found;
    }
    if (!this.expected(after).has(this.peek())) throw this.mismatch(local);
    if (!this.recovering) {
      this.recovering = true;
      this.syntaxError(token, `missing ${verbose(this.expected(local))} at ${shown(token)}`);
    }
    const before = this.tokens[this.index - 1];
    return { type, text: `<missing ${display(type)}>`, at: token.type === "EOF" && before ? before.at : token.at };
  }

  /** Takes whatever comes: the choice has been made. */
  protected take(): Token {
    const token = this.token();
    this.fits();
    this.consume();
    return token;
  }
}
