/**
 * The innermost rules of CEL's grammar: names, calls, lists, maps, messages and literals. See parser.ts.
 */
import type { Expr, FieldEntry, MapEntry } from "./ast.js";
import { type Token, tokenize, type TokenType } from "./lexer.js";
import { integer, textValue } from "./literals.js";
import { expandMacro, type MacroSet } from "./macros.js";
import { type Next, next, Recovery } from "./recovery.js";
import type { Source } from "./source.js";

export const LITERAL = next("-", "NUM_INT", "NUM_UINT", "NUM_FLOAT", "STRING", "BYTES", "true", "false", "null");
export const PRIMARY = next("[", "{", "(", ".", "IDENTIFIER", LITERAL);
export const EXPR = next(PRIMARY, "!");
export const OPT_EXPR = next(EXPR, "?");
export const FIELD = next("IDENTIFIER", "ESC_IDENTIFIER");
export const OPT_FIELD = next(FIELD, "?");
export const END = next("epsilon");
const MORE = next(",", "epsilon");
const CLOSES_CALL = next(")");

/** Names that are none, though the grammar takes them. */
const RESERVED = new Set("as break const continue else false for function if import in let loop package namespace null return true var void while".split(" "));

export const isNumber = (type: TokenType): boolean => type === "NUM_INT" || type === "NUM_FLOAT";

export abstract class PrimaryParser extends Recovery {
  /** What is wrong with what could be read; not told when reading is given up. */
  protected readonly findings: [number, string][] = [];

  constructor(
    source: Source,
    private readonly macros: MacroSet,
  ) {
    super(source, tokenize(source));
  }

  protected nothing = (): Expr => ({ kind: "error", at: this.token().at });

  protected complain(at: number, message: string): Expr {
    this.findings.push([at, message]);
    return { kind: "error", at };
  }

  protected call(at: number, name: string, args: readonly Expr[], target?: Expr): Expr {
    const expanded = expandMacro(this.macros, { at, name, target, args });
    if (expanded === undefined) return { kind: "call", at, name, ...(target ? { target } : {}), args };
    return "error" in expanded ? this.complain(expanded.at, expanded.error) : expanded;
  }

  protected abstract expr(place: number, follow: Next): Expr;

  /** Arguments and the closing bracket; a call that is not closed is one all the same. */
  protected arguments(open: Token, name: string, sync: number, close: number, after: Next, target?: Expr): Expr {
    this.sync(sync, next(EXPR, ")"));
    const args: Expr[] = [];
    if (EXPR.has(this.peek())) {
      const list = (): void => {
        args.push(this.expr(186, MORE));
        this.sync(191, MORE);
        while (this.peek() === ",") {
          this.match(187, ",", EXPR);
          args.push(this.expr(188, MORE));
          this.sync(193, MORE);
        }
      };
      this.rule("exprList", sync - 1, CLOSES_CALL, list, () => undefined);
    }
    try {
      this.match(close, ")", after);
    } finally {
      this.lastCall = this.call(open.at, name, args, target);
    }
    return this.lastCall;
  }
  private lastCall: Expr = { kind: "error", at: 0 };

  protected field(place: number, follow: Next): string | undefined {
    return this.rule<string | undefined>(
      "escapeIdent",
      place,
      follow,
      () => {
        this.sync(235, FIELD);
        if (this.peek() === "IDENTIFIER") return this.match(233, "IDENTIFIER", END).text;
        if (this.peek() !== "ESC_IDENTIFIER") throw this.noViable(1);
        const token = this.match(234, "ESC_IDENTIFIER", END);
        this.complain(token.at, "unsupported syntax: '`'");
        return "";
      },
      () => undefined,
    );
  }

  /** Which of the alternatives of `primary` it is: a name alone, a call, or the name of a message. */
  private named(): "ident" | "call" | "message" {
    const first = this.peek() === "." ? 2 : 1;
    if (this.peek(first) !== "IDENTIFIER") throw this.noViable(first);
    if (this.peek(first + 1) === "(") return "call";
    let i = first + 1;
    while (this.peek(i) === "." && this.peek(i + 1) === "IDENTIFIER") i += 2;
    return this.peek(i) === "{" ? "message" : "ident";
  }

  protected primary(place: number, follow: Next): Expr {
    let begun: Expr | undefined;
    const begin = (e: Expr): void => {
      begun = e;
    };
    this.enter("primary", place, follow);
    try {
      this.sync(184, PRIMARY);
      const type = this.peek();
      if (type === "(") {
        this.match(144, "(", EXPR);
        const inner = this.expr(145, CLOSES_CALL);
        this.match(146, ")", END);
        return inner;
      }
      if (type === "[") return this.list(begin);
      if (type === "{") return this.map(begin);
      if (LITERAL.has(type)) return this.literal(183);
      const choice = this.named();
      const at = this.token().at;
      const dot = type === "." ? 1 : 0;
      if (choice === "message") return this.message(begin);
      const [leading, ident] = choice === "call" ? [135, 138] : [131, 134];
      this.sync(leading + 1, next(".", "IDENTIFIER"));
      if (dot) this.match(leading, ".", next("IDENTIFIER"));
      const name = this.match(ident, "IDENTIFIER", choice === "call" ? next("(") : END);
      const text = (dot ? "." : "") + name.text;
      const reserved = RESERVED.has(name.text) ? `reserved identifier: ${name.text}` : undefined;
      if (choice === "ident") return reserved ? this.complain(at, reserved) : { kind: "ident", at: name.at, name: text };
      const open = this.match(139, "(", next(EXPR, ")"));
      if (!reserved) return this.arguments(open, text, 141, 143, END);
      this.complain(at, reserved);
      return this.arguments(open, "", 141, 143, END);
    } catch (e) {
      this.skip(e);
      return begun ?? this.nothing();
    } finally {
      this.leave();
    }
  }

  private list(begin: (e: Expr) => void): Expr {
    const open = this.match(148, "[", next(OPT_EXPR, ",", "]"));
    begin({ kind: "list", at: open.at, elements: [], optional: new Set() });
    this.sync(150, next(OPT_EXPR, ",", "]"));
    const elements: Expr[] = [];
    const optional = new Set<number>();
    const element = (place: number): void => {
      const [e, isOptional] = this.optExpr(place, MORE);
      if (isOptional) optional.add(elements.length);
      elements.push(e);
    };
    if (OPT_EXPR.has(this.peek()))
      this.rule(
        "listInit",
        149,
        next(",", "]"),
        () => {
          element(194);
          this.sync(199, MORE);
          while (this.peek() === "," && OPT_EXPR.has(this.peek(2))) {
            this.match(195, ",", OPT_EXPR);
            element(196);
            this.sync(201, MORE);
          }
        },
        () => undefined,
      );
    this.close(153, 152, 155, "]");
    return { kind: "list", at: open.at, elements, optional };
  }

  /** A last comma, and the bracket that closes. */
  private close(sync: number, comma: number, place: number, bracket: "]" | "}"): void {
    this.sync(sync, next(",", bracket));
    if (this.peek() === ",") this.match(comma, ",", next(bracket));
    this.match(place, bracket, END);
  }

  private optExpr(place: number, follow: Next): [Expr, boolean] {
    let optional = false;
    const e = this.rule(
      "optExpr",
      place,
      follow,
      () => {
        this.sync(238, OPT_EXPR);
        if (this.peek() === "?") optional = this.match(237, "?", EXPR) !== undefined;
        return this.expr(240, END);
      },
      this.nothing,
    );
    return [e, optional];
  }

  private map(begin: (e: Expr) => void): Expr {
    const open = this.match(156, "{", next(OPT_EXPR, ",", "}"));
    begin({ kind: "map", at: open.at, entries: [] });
    this.sync(158, next(OPT_EXPR, ",", "}"));
    const entries: MapEntry[] = [];
    const entry = (place: number): void => {
      const [key, optional] = this.optExpr(place, next(":"));
      this.match(place + 1, ":", EXPR);
      entries.push({ key, value: this.expr(place + 2, MORE), optional });
    };
    if (OPT_EXPR.has(this.peek()))
      this.rule(
        "mapInitializerList",
        157,
        next(",", "}"),
        () => {
          entry(220);
          this.sync(230, MORE);
          while (this.peek() === "," && OPT_EXPR.has(this.peek(2))) {
            this.match(223, ",", OPT_EXPR);
            entry(224);
            this.sync(232, MORE);
          }
        },
        () => undefined,
      );
    this.close(161, 160, 163, "}");
    return { kind: "map", at: open.at, entries };
  }

  private message(begin: (e: Expr) => void): Expr {
    let name = "";
    this.sync(165, next(".", "IDENTIFIER"));
    if (this.peek() === ".") name += this.match(164, ".", next("IDENTIFIER")).text;
    name += this.match(167, "IDENTIFIER", next(".", "{")).text;
    this.sync(172, next(".", "{"));
    while (this.peek() === ".") {
      name += this.match(168, ".", next("IDENTIFIER")).text;
      name += this.match(169, "IDENTIFIER", next(".", "{")).text;
      this.sync(174, next(".", "{"), "loopBack");
    }
    const open = this.match(175, "{", next(OPT_FIELD, ",", "}"));
    begin({ kind: "struct", at: open.at, name, fields: [] });
    this.sync(177, next(OPT_FIELD, ",", "}"));
    const fields: FieldEntry[] = [];
    const start = this.token().at;
    const field = (place: number): void => {
      let optional = false;
      const key = this.rule<string | undefined>(
        "optField",
        place,
        next(":"),
        () => {
          this.sync(216, OPT_FIELD);
          if (this.peek() === "?") optional = this.match(215, "?", FIELD) !== undefined;
          return this.field(218, END);
        },
        () => undefined,
      );
      const colon = this.match(place + 1, ":", EXPR);
      const value = this.expr(place + 2, MORE);
      if (key === undefined) this.complain(start, "unsupported ident kind");
      fields.push({ at: colon.at, name: key ?? "", value, optional });
    };
    if (OPT_FIELD.has(this.peek()))
      this.rule(
        "fieldInitializerList",
        176,
        next(",", "}"),
        () => {
          field(202);
          this.sync(212, MORE);
          while (this.peek() === "," && OPT_FIELD.has(this.peek(2))) {
            this.match(205, ",", OPT_FIELD);
            field(206);
            this.sync(214, MORE);
          }
        },
        () => undefined,
      );
    this.close(180, 179, 182, "}");
    return { kind: "struct", at: open.at, name, fields };
  }

  private literal(place: number): Expr {
    return this.rule(
      "literal",
      place,
      END,
      () => {
        this.sync(256, LITERAL);
        const at = this.token().at;
        const negative = this.peek() === "-";
        if (negative && !isNumber(this.peek(2))) throw this.noViable(2);
        if (negative) this.take();
        const { type, text } = this.take();
        return this.value(at, type, text, negative);
      },
      this.nothing,
    );
  }

  private value(at: number, type: TokenType, text: string, negative: boolean): Expr {
    switch (type) {
      case "NUM_INT":
      case "NUM_UINT": {
        const unsigned = type === "NUM_UINT";
        const name = unsigned ? "uint" : "int";
        const value = integer(unsigned ? text.slice(0, -1) : text, negative, unsigned);
        return value === undefined ? this.complain(at, `invalid ${name} literal`) : { kind: "literal", at, type: name, value };
      }
      case "NUM_FLOAT": {
        const value = negative ? -Number(text) : Number(text);
        return Number.isFinite(value) ? { kind: "literal", at, type: "double", value } : this.complain(at, "invalid double literal");
      }
      case "STRING":
      case "BYTES": {
        const bytes = type === "BYTES";
        const result = textValue(bytes ? text.slice(1) : text, bytes);
        if ("error" in result) return this.complain(at, result.error);
        return { kind: "literal", at, type: bytes ? "bytes" : "string", value: result.value };
      }
      case "null":
        return { kind: "literal", at, type: "null", value: null };
      default:
        return { kind: "literal", at, type: "bool", value: type === "true" };
    }
  }
}
