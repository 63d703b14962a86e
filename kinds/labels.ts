/**
 * Label selectors: the query string's grammar, the object form, and matching. Sources: apimachinery pkg/labels, pkg/apis/meta/v1/helpers.go.
 */
import { type FieldError, invalid, notSupported, quote } from "./field.js";
import type { LabelSelector } from "./validation/metadata.js";
import { isQualifiedName, isValidLabelValue } from "./validation/names.js";

type Labels = Readonly<Record<string, string>> | undefined;

/** Operators in the spelling of selection.Operator. */
export type Operator = "in" | "notin" | "=" | "==" | "!=" | "gt" | "lt" | "exists" | "!";

const BINARY: readonly Operator[] = ["in", "notin", "=", "==", "!=", "gt", "lt"];

/** One term of a selector. Values are as given; the printed form sorts them. */
export interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

/** What a selector answers. `String(selector)` is its canonical text, which parses back. */
export interface Selector {
  readonly requirements: readonly Requirement[];
  /** True when it selects everything. */
  readonly empty: boolean;
  /** True when it can select nothing at all: the selector made of an absent LabelSelector. */
  readonly nothing: boolean;
  matches(labels: Labels): boolean;
  toString(): string;
}

/** A selector that cannot be parsed; the message is upstream's. */
export class SelectorError extends Error {}

const INT64 = /^[+-]?[0-9]+$/;
const parseInt64 = (s: string): bigint | undefined => {
  if (!INT64.test(s)) return undefined;
  const n = BigInt(s.replace(/^\+/, ""));
  return n >= -(2n ** 63n) && n < 2n ** 63n ? n : undefined;
};

function matchesOne(r: Requirement, labels: Labels): boolean {
  const value = labels && Object.hasOwn(labels, r.key) ? labels[r.key] : undefined;
  switch (r.operator) {
    case "in":
    case "=":
    case "==":
      return value !== undefined && r.values.includes(value);
    case "notin":
    case "!=":
      return value === undefined || !r.values.includes(value);
    case "exists":
      return value !== undefined;
    case "!":
      return value === undefined;
    default: {
      const left = value === undefined ? undefined : parseInt64(value);
      const right = r.values.length === 1 ? parseInt64(r.values[0] as string) : undefined;
      if (left === undefined || right === undefined) return false;
      return r.operator === "gt" ? left > right : left < right;
    }
  }
}

function requirementText(r: Requirement): string {
  if (r.operator === "exists") return r.key;
  if (r.operator === "!") return `!${r.key}`;
  const values = [...r.values].sort().join(",");
  if (r.operator === "in" || r.operator === "notin") return `${r.key} ${r.operator} (${values})`;
  return `${r.key}${r.operator === "gt" ? ">" : r.operator === "lt" ? "<" : r.operator}${values}`;
}

function selectorOf(requirements: readonly Requirement[], nothing = false): Selector {
  const sorted = [...requirements].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return {
    requirements: sorted,
    empty: sorted.length === 0 && !nothing,
    nothing,
    matches: (labels) => !nothing && sorted.every((r) => matchesOne(r, labels)),
    toString: () => sorted.map(requirementText).join(","),
  };
}

const EVERYTHING = selectorOf([]);
const NOTHING = selectorOf([], true);

const keyError = (path: string, key: string): FieldError | undefined => {
  const errs = isQualifiedName(key);
  return errs.length > 0 ? invalid(path, key, errs.join("; ")) : undefined;
};

/** Checks a requirement as labels.NewRequirement does; throws with the aggregate's text. */
function newRequirement(key: string, operator: Operator, values: readonly string[]): Requirement {
  const errs: FieldError[] = [];
  const bad = keyError("key", key);
  if (bad) errs.push(bad);
  if (operator === "in" || operator === "notin") {
    if (values.length === 0) errs.push(invalid("values", values, "for 'in', 'notin' operators, values set can't be empty"));
  } else if (operator === "exists" || operator === "!") {
    if (values.length > 0) errs.push(invalid("values", values, "values set must be empty for exists and does not exist"));
  } else if (operator === "gt" || operator === "lt") {
    if (values.length !== 1) errs.push(invalid("values", values, "for 'Gt', 'Lt' operators, exactly one value is required"));
    for (const [i, v] of values.entries())
      if (parseInt64(v) === undefined) errs.push(invalid(`values[${i}]`, v, "for 'Gt', 'Lt' operators, the value must be an integer"));
  } else if (operator === "=" || operator === "==" || operator === "!=") {
    if (values.length !== 1) errs.push(invalid("values", values, "exact-match compatibility requires one single value"));
  } else errs.push(notSupported("operator", operator, [...BINARY, "exists", "!"]));
  for (const [i, v] of values.entries()) {
    const found = isValidLabelValue(v);
    if (found.length > 0) errs.push(invalid(`values[${i}][${key}]`, v, found.join("; ")));
  }
  if (errs.length > 0) throw new SelectorError(aggregate(errs));
  return { key, operator, values };
}

/** field.ErrorList.ToAggregate().Error(): duplicates go, one stands alone, several in brackets. */
function aggregate(errs: readonly FieldError[]): string {
  const texts = [...new Set(errs.map((e) => `${e.field}: ${e.message}`))];
  return texts.length === 1 ? (texts[0] as string) : `[${texts.join(", ")}]`;
}

type Token = "end" | "error" | "identifier" | ")" | "(" | "," | "!" | "==" | "=" | ">" | "<" | "!=" | "in" | "notin";
interface Item {
  readonly token: Token;
  readonly literal: string;
}

const SYMBOLS = new Set(["=", "!", "(", ")", ",", ">", "<"]);
const LITERALS = new Set<string>([")", ",", "!", "==", "=", ">", "in", "<", "!=", "notin", "("]);
const isSpace = (ch: string | undefined): boolean => ch === " " || ch === "\t" || ch === "\r" || ch === "\n";

function scan(text: string): Item[] {
  const items: Item[] = [];
  let at = 0;
  for (;;) {
    while (isSpace(text[at])) at++;
    const ch = text[at];
    if (ch === undefined || ch === "\0") {
      items.push({ token: "end", literal: "" });
      return items;
    }
    let literal = "";
    if (!SYMBOLS.has(ch)) {
      while (at < text.length && !SYMBOLS.has(text[at] as string) && !isSpace(text[at])) literal += text[at++];
      items.push({ token: LITERALS.has(literal) ? (literal as Token) : "identifier", literal });
      continue;
    }
    // The longest known symbol wins; a symbol that begins none is an error that holds everything up to the next non-symbol.
    let last = "";
    while (at < text.length && SYMBOLS.has(text[at] as string)) {
      literal += text[at];
      if (LITERALS.has(literal)) last = literal;
      else if (last) break;
      at++;
    }
    items.push(last ? { token: last as Token, literal: last } : { token: "error", literal: `error expected: keyword found '${literal}'` });
  }
}

class Parser {
  private position = 0;
  private readonly items: readonly Item[];

  constructor(text: string) {
    this.items = scan(text);
  }

  parse(): Requirement[] {
    const out: Requirement[] = [];
    for (;;) {
      const item = this.look();
      if (item.token === "end") return out;
      if (item.token !== "identifier" && item.token !== "!") throw new SelectorError(`found '${item.literal}', expected: !, identifier, or 'end of string'`);
      try {
        out.push(this.requirement());
      } catch (err) {
        throw err instanceof SelectorError ? new SelectorError(`unable to parse requirement: ${err.message}`) : err;
      }
      const after = this.take();
      if (after.token === "end") return out;
      if (after.token !== ",") throw new SelectorError(`found '${after.literal}', expected: ',' or 'end of string'`);
      const next = this.look();
      if (next.token !== "identifier" && next.token !== "!") throw new SelectorError(`found '${next.literal}', expected: identifier after ','`);
    }
  }

  /** "in" and "notin" are operators only where one may stand. */
  private look(operators = false): Item {
    const item = this.items[Math.min(this.position, this.items.length - 1)] as Item;
    return !operators && (item.token === "in" || item.token === "notin") ? { token: "identifier", literal: item.literal } : item;
  }

  private take(operators = false): Item {
    const item = this.look(operators);
    this.position++;
    return item;
  }

  private requirement(): Requirement {
    let item = this.take();
    const negated = item.token === "!";
    if (negated) item = this.take();
    if (item.token !== "identifier") throw new SelectorError(`found '${item.literal}', expected: identifier`);
    const key = item.literal;
    const bad = keyError("<nil>", key);
    if (bad) throw new SelectorError(`${bad.field}: ${bad.message}`);
    const next = this.look().token;
    if (negated) return newRequirement(key, "!", []);
    if (next === "end" || next === ",") return newRequirement(key, "exists", []);
    const operator = this.operator();
    const values = operator === "in" || operator === "notin" ? this.values() : this.exactValue();
    return newRequirement(key, operator, [...new Set(values)].sort());
  }

  private operator(): Operator {
    const item = this.take(true);
    switch (item.token) {
      case "in":
      case "notin":
      case "=":
      case "==":
      case "!=":
        return item.token;
      case ">":
        return "gt";
      case "<":
        return "lt";
      default:
        throw new SelectorError(`found '${item.literal}', expected: ${BINARY.join(", ")}`);
    }
  }

  private values(): string[] {
    const open = this.take();
    if (open.token !== "(") throw new SelectorError(`found '${open.literal}' expected: '('`);
    const first = this.look();
    if (first.token === ")") {
      this.take();
      return [""];
    }
    if (first.token !== "identifier" && first.token !== ",") throw new SelectorError(`found '${first.literal}', expected: ',', ')' or identifier`);
    const out = this.identifiers();
    if (this.take().token !== ")") throw new SelectorError(`found '${first.literal}', expected: ')'`);
    return out;
  }

  private identifiers(): string[] {
    const out: string[] = [];
    for (;;) {
      const item = this.take();
      if (item.token === "identifier") {
        out.push(item.literal);
        const next = this.look();
        if (next.token === ")") return out;
        if (next.token !== ",") throw new SelectorError(`found '${next.literal}', expected: ',' or ')'`);
      } else if (item.token === ",") {
        if (out.length === 0) out.push("");
        const next = this.look();
        if (next.token === ")" || next.token === ",") out.push("");
        if (next.token === ")") return out;
      } else throw new SelectorError(`found '${item.literal}', expected: ',', or identifier`);
    }
  }

  private exactValue(): string[] {
    const next = this.look();
    if (next.token === "end" || next.token === ",") return [""];
    const item = this.take();
    if (item.token !== "identifier") throw new SelectorError(`found '${item.literal}', expected: identifier`);
    return [item.literal];
  }
}

/** Parses the `labelSelector` query. "" selects everything. Throws SelectorError with upstream's text. */
export const parseLabelSelector = (text: string): Selector => (text === "" ? EVERYTHING : selectorOf(new Parser(text).parse()));

/** A selector of exact matches, unchecked: a Service's or a ReplicationController's `spec.selector`. Nothing or `{}` selects everything. */
export const selectorFromSet = (set: Labels): Selector =>
  selectorOf(Object.entries(set ?? {}).map(([key, value]) => ({ key, operator: "=", values: [value] })));

const OBJECT_OPERATORS: Readonly<Record<string, Operator>> = { In: "in", NotIn: "notin", Exists: "exists", DoesNotExist: "!" };

/**
 * metav1.LabelSelectorAsSelector: an absent selector selects nothing, an empty one everything.
 * Throws SelectorError when a requirement is malformed.
 */
export function labelSelectorAsSelector(selector: LabelSelector | null | undefined): Selector {
  if (!selector) return NOTHING;
  const out: Requirement[] = [];
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) out.push(newRequirement(key, "=", [value]));
  for (const e of selector.matchExpressions ?? []) {
    const operator = OBJECT_OPERATORS[e.operator];
    if (!operator) throw new SelectorError(`${quote(e.operator)} is not a valid label selector operator`);
    out.push(newRequirement(e.key, operator, e.values ?? []));
  }
  return out.length === 0 ? EVERYTHING : selectorOf(out);
}

/** Whether labels match a LabelSelector; a malformed one matches nothing. */
export function matchesLabelSelector(selector: LabelSelector | null | undefined, labels: Labels): boolean {
  try {
    return labelSelectorAsSelector(selector).matches(labels);
  } catch {
    return false;
  }
}

/** metav1.FormatLabelSelector, for `kubectl get -o wide` and describe: `<none>` when empty, `<error>` when malformed. */
export function formatLabelSelector(selector: LabelSelector | null | undefined): string {
  try {
    return labelSelectorAsSelector(selector).toString() || "<none>";
  } catch {
    return "<error>";
  }
}
