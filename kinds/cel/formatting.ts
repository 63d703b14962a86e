/** `'%d'.format([…])` with both parts written out: clauses against the types of their arguments. Source: cel-go ext/formatting.go. */
import type { Expr } from "./ast.js";
import type { Checker } from "./checker.js";
import type { Source } from "./source.js";
import type { TypeKind } from "./types.js";

const TEXTS: readonly TypeKind[] = ["list", "map", "int", "uint", "double", "bool", "string", "timestamp", "bytes", "duration", "type", "null"];
/** What each clause takes, and what is said about anything else. */
const CLAUSES: Readonly<Record<string, readonly [text: string, kinds: readonly TypeKind[]]>> = {
  s: ["string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps", TEXTS],
  d: ["decimal clause can only be used on integers", ["int", "uint"]],
  f: ["fixed-point clause can only be used on doubles", ["double", "string"]],
  e: ["scientific clause can only be used on doubles", ["double", "string"]],
  b: ["only integers and bools can be formatted as binary", ["int", "uint", "bool"]],
  x: ["only integers, byte buffers, and strings can be formatted as hex", ["int", "uint", "string", "bytes"]],
  X: ["only integers, byte buffers, and strings can be formatted as hex", ["int", "uint", "string", "bytes"]],
  o: ["octal clause can only be used on integers", ["int", "uint"]],
};

class Problem extends Error {
  constructor(
    message: string,
    readonly at?: number,
  ) {
    super(message);
  }
}

/** The first part of an argument that a clause does not take; text clauses look into lists and maps. */
function misfit(e: Expr, kinds: readonly TypeKind[], deep: boolean, checker: Checker): Expr | undefined {
  const { kind } = checker.typeOf(e);
  if (kind !== "dyn" && !kinds.includes(kind)) return e;
  if (!deep) return undefined;
  const parts = e.kind === "list" ? e.elements : e.kind === "map" ? e.entries.flatMap((entry) => [entry.key, entry.value]) : [];
  for (const part of parts) {
    const bad = misfit(part, kinds, true, checker);
    if (bad) return bad;
  }
  return undefined;
}

/** Reads a clause behind its percent sign; returns how much of the text it was. */
function clause(text: string, arg: Expr, checker: Checker): number {
  const failed = (why: string): Problem => new Problem(`could not parse formatting clause: ${why}`);
  let i = 0;
  if (text[0] === ".") {
    const digits = /^[0-9]*/.exec(text.slice(1))?.[0] ?? "";
    i = 1 + digits.length;
    if (i >= text.length) throw failed("error while parsing precision: could not find end of precision specifier");
    const wrong = digits === "" ? "invalid syntax" : Number(digits) > Number.MAX_SAFE_INTEGER ? "value out of range" : undefined;
    if (wrong)
      throw failed(`error while parsing precision: error while converting precision to integer: strconv.Atoi: parsing ${JSON.stringify(digits)}: ${wrong}`);
  }
  const letter = text[i] as string;
  const known = Object.hasOwn(CLAUSES, letter) ? CLAUSES[letter] : undefined;
  if (!known) throw failed(`unrecognized formatting clause "${letter}"`);
  const bad = misfit(arg, known[1], letter === "s", checker);
  if (bad) throw new Problem(`error during formatting: ${known[0]}, was given ${checker.typeOf(bad).name}`, bad.at);
  return i + 1;
}

/** How many arguments the text asks for. */
function requested(text: string, args: readonly Expr[], checker: Checker): number {
  let count = 0;
  for (let i = 0; i < text.length; ) {
    if (text[i] !== "%") i++;
    else if (text[i + 1] === "%") i += 2;
    else {
      if (i + 1 >= text.length) throw new Problem("unexpected end of string");
      const arg = args[count];
      if (!arg) throw new Problem(`index ${count} out of range`);
      count++;
      i += 1 + clause(text.slice(i + 1), arg, checker);
    }
  }
  return count;
}

/** Judges a call, when it is one of `format` with both parts written out. */
export function validateFormat(e: Expr, checker: Checker, source: Source): void {
  if (e.kind !== "call" || e.name !== "format" || e.target?.kind !== "literal" || e.target.type !== "string") return;
  const [list] = e.args;
  if (list?.kind !== "list") return;
  try {
    // Upstream reads bytes.
    const count = requested(Buffer.from(String(e.target.value), "utf8").toString("latin1"), list.elements, checker);
    if (list.elements.length > count) source.report(e.at, `too many arguments supplied to string.format (expected ${count}, got ${list.elements.length})`);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    source.report(problem.at ?? e.at, problem.message);
  }
}
