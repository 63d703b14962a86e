/**
 * Expressions into trees, rule by rule of CEL's grammar. Where the grammar offers a choice the one ANTLR's prediction takes is taken, and the places of
 * the grammar have the numbers ANTLR gives them, so that syntax errors come out as cel-go's. Source: cel-go parser/gen/CEL.g4, parser/parser.go.
 */
import { type Expr, OPERATORS } from "./ast.js";
import type { Token, TokenType } from "./lexer.js";
import type { MacroSet } from "./macros.js";
import { END, EXPR, FIELD, isNumber, OPT_EXPR, OPT_FIELD, PRIMARY, PrimaryParser } from "./primary.js";
import { type Next, next } from "./recovery.js";
import type { Source } from "./source.js";

const RELATIONS = ["<", "<=", ">=", ">", "==", "!=", "in"] as const;
const AFTER_RELATION = next(...RELATIONS, "epsilon");
const AFTER_CALC = next("*", "/", "%", "+", "-", "epsilon");
const AFTER_MEMBER = next(".", "[", "epsilon");
const PRECEDENCE: Partial<Record<TokenType, number>> = { "*": 3, "/": 3, "%": 3, "+": 2, "-": 2 };

class Parser extends PrimaryParser {
  start(): Expr {
    let out: Expr = this.nothing();
    const whole = this.attempt(() => {
      this.rule(
        "start",
        0,
        next(),
        () => {
          out = this.expr(34, next("EOF"));
          this.match(35, "EOF", next());
        },
        () => undefined,
      );
    });
    if (whole) for (const [at, message] of this.findings) this.source.report(at, message);
    return out;
  }

  protected expr(place: number, follow: Next): Expr {
    this.enter("expr", place, follow);
    try {
      const condition = this.logical("||", 37, next("?", "epsilon"));
      this.sync(43, next("?", "epsilon"));
      if (this.peek() !== "?") return condition;
      const op = this.match(38, "?", EXPR);
      const yes = this.logical("||", 39, next(":"));
      this.match(40, ":", EXPR);
      return this.call(op.at, "_?_:_", [condition, yes, this.expr(41, END)]);
    } catch (e) {
      this.skip(e);
      return this.nothing();
    } finally {
      this.leave();
    }
  }

  /** conditionalOr and conditionalAnd: a chain of terms, as a balanced tree. */
  private logical(op: "||" | "&&", place: number, follow: Next): Expr {
    const or = op === "||";
    this.enter(op, place, follow);
    try {
      const more = next(op, "epsilon");
      const term = (at: number): Expr => (or ? this.logical("&&", at, more) : this.relation(at, 0, more));
      const terms = [term(or ? 45 : 53)];
      const ops: number[] = [];
      this.sync(or ? 50 : 58, more);
      while (this.peek() === op) {
        ops.push(this.match(or ? 46 : 54, op, EXPR).at);
        terms.push(term(or ? 47 : 55));
        this.sync(or ? 52 : 60, more);
      }
      return this.balanced(`_${op}_`, terms, ops, 0, ops.length - 1);
    } catch (e) {
      this.skip(e);
      return this.nothing();
    } finally {
      this.leave();
    }
  }

  private balanced(name: string, terms: readonly Expr[], ops: readonly number[], low: number, high: number): Expr {
    if (high < low) return terms[low] as Expr;
    const mid = (low + high + 1) >> 1;
    const args = [this.balanced(name, terms, ops, low, mid - 1), this.balanced(name, terms, ops, mid + 1, high)];
    return { kind: "call", at: ops[mid] as number, name, args };
  }

  private binary(op: Token, left: Expr, right: Expr): Expr {
    return this.call(op.at, OPERATORS[op.type] as string, [left, right]);
  }

  private relation(place: number, precedence: number, follow: Next): Expr {
    this.enter("relation", place, follow);
    try {
      let left = this.calc(62, 0, AFTER_RELATION);
      this.sync(69, AFTER_RELATION);
      while (precedence <= 1 && AFTER_RELATION.has(this.peek())) {
        const op = this.take();
        left = this.binary(op, left, this.relation(66, 2, AFTER_RELATION));
        this.sync(71, AFTER_RELATION);
      }
      return left;
    } catch (e) {
      this.skip(e);
      return this.nothing();
    } finally {
      this.leave();
    }
  }

  private calc(place: number, precedence: number, follow: Next): Expr {
    this.enter("calc", place, follow);
    try {
      let left = this.unary(73, AFTER_CALC);
      this.sync(83, AFTER_CALC);
      for (;;) {
        const own = PRECEDENCE[this.peek()];
        if (own === undefined || own < precedence) return left;
        const op = this.take();
        left = this.binary(op, left, this.calc(own === 3 ? 77 : 80, own === 3 ? 4 : 3, AFTER_CALC));
        this.sync(85, AFTER_CALC);
      }
    } catch (e) {
      this.skip(e);
      return this.nothing();
    } finally {
      this.leave();
    }
  }

  /** Whether a minus belongs to the number behind it, and is no operator. */
  private signed(): boolean {
    const then = this.peek(2);
    if (isNumber(then)) return true;
    if (!PRIMARY.has(then)) throw this.noViable(2);
    return false;
  }

  private unary(place: number, follow: Next): Expr {
    this.enter("unary", place, follow);
    try {
      this.sync(99, EXPR);
      if (this.peek() === "!") {
        const ops: Token[] = [];
        this.sync(88, next("!"));
        do {
          ops.push(this.match(87, "!", next("!", PRIMARY)));
          this.sync(90, next("!", PRIMARY), "loopBack");
        } while (this.peek() === "!");
        const operand = this.member(92, END);
        return ops.length % 2 === 0 ? operand : this.call((ops[0] as Token).at, "!_", [operand]);
      }
      if (this.peek() !== "-" || this.signed()) {
        if (!PRIMARY.has(this.peek())) throw this.noViable(1);
        return this.member(86, END);
      }
      const ops: Token[] = [];
      this.sync(94, next("-"));
      do {
        ops.push(this.match(93, "-", PRIMARY));
        this.sync(96, PRIMARY, "loopBack");
        if (!PRIMARY.has(this.peek())) throw this.noViable(1);
        // A last minus before a number is an operator too when one was read before.
      } while (this.peek() === "-" && (this.signed() || true));
      const operand = this.member(98, END);
      return ops.length % 2 === 0 ? operand : this.call((ops[0] as Token).at, "-_", [operand]);
    } catch (e) {
      this.skip(e);
      return this.nothing();
    } finally {
      this.leave();
    }
  }

  private member(place: number, follow: Next): Expr {
    let out: Expr | undefined;
    this.enter("member", place, follow);
    try {
      out = this.primary(102, AFTER_MEMBER);
      this.sync(128, AFTER_MEMBER);
      while (this.peek() === "." || this.peek() === "[") {
        this.sync(126, next(".", "["));
        const target: Expr = out;
        if (this.peek() === "[") out = this.indexed(target);
        else if (this.peek(2) === "IDENTIFIER" && this.peek(3) === "(") {
          this.match(111, ".", next("IDENTIFIER"));
          const name = this.match(112, "IDENTIFIER", next("("));
          const open = this.match(113, "(", next(EXPR, ")"));
          out = this.arguments(open, name.text, 115, 117, AFTER_MEMBER, target);
        } else if (OPT_FIELD.has(this.peek(2))) out = this.select(target);
        else throw this.noViable(2);
        this.sync(130, AFTER_MEMBER);
      }
      return out;
    } catch (e) {
      this.skip(e);
      return out ?? this.nothing();
    } finally {
      this.leave();
    }
  }

  private select(operand: Expr): Expr {
    const op = this.match(105, ".", OPT_FIELD);
    this.sync(107, OPT_FIELD);
    const optional = this.peek() === "?" && this.match(106, "?", FIELD);
    const at = this.token().at;
    const field = this.field(109, AFTER_MEMBER);
    if (field === undefined) this.complain(at, "unsupported ident kind");
    if (!optional) return { kind: "select", at: op.at, operand, field: field ?? "", testOnly: false };
    const name: Expr = { kind: "literal", at, type: "string", value: field ?? "" };
    return { kind: "call", at: op.at, name: "_?._", args: [operand, name] };
  }

  private indexed(target: Expr): Expr {
    const op = this.match(119, "[", OPT_EXPR);
    this.sync(121, OPT_EXPR);
    const optional = this.peek() === "?" && this.match(120, "?", EXPR);
    const at = this.expr(123, next("]"));
    this.match(124, "]", AFTER_MEMBER);
    return this.call(op.at, optional ? "_[?_]" : "_[_]", [target, at]);
  }
}

const MAX_CODE_POINTS = 100_000;

/** The tree of an expression; what is wrong with it goes to `source`. */
export function parse(source: Source, macros: MacroSet): Expr {
  if (source.chars.length <= MAX_CODE_POINTS) return new Parser(source, macros).start();
  source.report(undefined, `expression code point size exceeds limit: size: ${source.chars.length}, limit ${MAX_CODE_POINTS}`);
  return { kind: "error", at: 0 };
}
