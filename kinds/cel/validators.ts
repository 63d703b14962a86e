/** Literals that could never be right when they are evaluated. Source: apiserver pkg/cel/environment/base.go ASTValidators, cel-go cel/validator.go. */
import { children, type Expr } from "./ast.js";
import type { Checker } from "./checker.js";
import type { Source } from "./source.js";
import { validateFormat } from "./formatting.js";
import { formatType, type Type, unwrapOptional } from "./types.js";

/** A node, and whether it is an argument of `format`, or within one. */
type Visit = readonly [e: Expr, formatted: boolean];

/** All nodes, each before those below it, in the order of the text. Shared ones come once. */
function nodes(root: Expr): Visit[] {
  const out: Visit[] = [];
  const seen = new Set<Expr>();
  const open: Visit[] = [[root, false]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [e, formatted] = next;
    if (seen.has(e)) continue;
    seen.add(e);
    out.push(next);
    const below = formatted || (e.kind === "call" && e.name === "format");
    for (const child of [...children(e)].reverse()) open.push([child, below]);
  }
  return out;
}

/** Go's duration text: numbers with units, each number with an optional fraction. Source: time.ParseDuration. */
const isDuration = (text: string): boolean => /^[-+]?(?:0|(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.test(text);

const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,]\d+)?(?:Z|[+-](\d\d):(\d\d))$/;

/** Source: time.Parse(time.RFC3339). */
function isTimestamp(text: string): boolean {
  const m = TIMESTAMP.exec(text);
  if (!m) return false;
  const [year, month, day, hour, minute, second, offsetHour = 0, offsetMinute = 0] = m
    .slice(1)
    .map((s) => (s === undefined ? undefined : Number(s))) as number[];
  const days = new Date(Date.UTC(2000 + ((year as number) % 400), month as number, 0)).getUTCDate();
  return (
    (year as number) >= 1 &&
    (month as number) >= 1 &&
    (month as number) <= 12 &&
    (day as number) >= 1 &&
    (day as number) <= days &&
    (hour as number) < 24 &&
    (minute as number) < 60 &&
    (second as number) < 60 &&
    offsetHour <= 24 &&
    offsetMinute < 60
  );
}

const POSIX = "alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit";

/** Whether Go's regexp takes it: what RE2 lacks is refused, what only RE2 has is replaced by something as good, and the rest is ours to judge. */
export function isRegex(text: string): boolean {
  const plain = text.replace(/\\Q[\s\S]*?(?:\\E|$)/g, "x").replace(/\\\\/g, "x");
  const counts = [...plain.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].flatMap((m) => [m[1], m[2]]);
  if (counts.some((count) => Number(count ?? 0) > 1000)) return false;
  if (/\(\?(?:=|!|<=|<!|P=|P>)|\\[1-9ceghijklmoquyCGHIJKLMNORTUVXYZ]|\\x(?!\{[0-9a-fA-F]+\}|[0-9a-fA-F]{2})|\[[^\]]*[^\]\\]-\\[dDsSwWpP]/.test(plain))
    return false;
  const ours = plain
    .replace(/(?:[\^$]|\\[AbBz])[*+?]/g, "")
    .replace(/\\[Az]/g, "")
    .replace(/\\[pP](?:\{\^?\w+\}|[A-Z])/g, "x")
    .replace(/\\x\{[0-9a-fA-F]+\}/g, "x")
    .replace(new RegExp(`\\[:\\^?(?:${POSIX}):\\]`, "g"), "x")
    .replace(/\(\?P?<\w+>/g, "(")
    .replace(/\(\?[imsU]*(?:-[imsU]+)?(:|\))/g, (_, end) => (end === ":" ? "(?:" : ""));
  if (/\[:\^?\w+:\]/.test(ours)) return false;
  try {
    new RegExp(ours);
    return true;
  } catch {
    return false;
  }
}

function literalArguments(all: readonly Visit[], name: string): (Expr & { kind: "literal" })[] {
  const calls = all.map(([e]) => e).filter((e): e is Expr & { kind: "call" } => e.kind === "call" && e.name === name);
  return calls.map((call) => call.args[0]).filter((arg): arg is Expr & { kind: "literal" } => arg?.kind === "literal");
}

/** Equal, whatever the parameters are called. */
const isEquivalent = (a: Type, b: Type): boolean =>
  a.kind === b.kind &&
  a.params.length === b.params.length &&
  (a.kind === "param" || a.name === b.name) &&
  a.params.every((p, i) => isEquivalent(p, b.params[i] as Type));

export function validateLiterals(root: Expr, checker: Checker, source: Source): void {
  const all = nodes(root);
  const text = (name: string, fits: (value: string) => boolean): void => {
    for (const arg of literalArguments(all, name)) if (arg.type === "string" && !fits(String(arg.value))) source.report(arg.at, `invalid ${name} argument`);
  };
  text("duration", isDuration);
  text("timestamp", isTimestamp);
  text("matches", isRegex);
  const mismatch = (e: Expr, expected: Type, actual: Type): void =>
    source.report(e.at, `expected type '${formatType(expected)}' but found '${formatType(actual)}'`);
  const strict = all.filter(([, formatted]) => !formatted);
  for (const [e] of strict) {
    if (e.kind !== "list") continue;
    const types = e.elements.map((element, i) => (e.optional.has(i) ? unwrapOptional(checker.typeOf(element))[0] : checker.typeOf(element)));
    const odd = types.findIndex((t) => !isEquivalent(types[0] as Type, t));
    if (odd > 0) mismatch(e.elements[odd] as Expr, types[0] as Type, types[odd] as Type);
  }
  for (const [e] of strict) {
    const [first, ...rest] = e.kind === "map" ? e.entries : [];
    if (!first) continue;
    const value = (entry: typeof first): Type => (entry.optional ? unwrapOptional(checker.typeOf(entry.value))[0] : checker.typeOf(entry.value));
    const [keys, values] = [checker.typeOf(first.key), value(first)];
    for (const entry of rest) {
      if (!isEquivalent(keys, checker.typeOf(entry.key))) mismatch(entry.key, keys, checker.typeOf(entry.key));
      if (!isEquivalent(values, value(entry))) mismatch(entry.value, values, value(entry));
    }
  }
  for (const [e] of all) validateFormat(e, checker, source);
}
