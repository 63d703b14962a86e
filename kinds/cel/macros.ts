/**
 * Macros: calls that the parser replaces, mostly by a loop over a range. Everything a macro makes up points at the call's bracket.
 * Source: cel-go parser/macro.go, cel/library.go (optMap), ext/comprehensions.go, ext/bindings.go, ext/lists.go (sortBy).
 */
import type { Expr, LiteralType } from "./ast.js";

/** A call as it is written. */
export interface MacroCall {
  readonly at: number;
  readonly name: string;
  readonly target: Expr | undefined;
  readonly args: readonly Expr[];
}

/** What a macro makes of a call; nothing when the call is none of its own after all. */
type Expansion = Expr | { readonly at: number; readonly error: string } | undefined;

/** Macros by name, number of arguments and style. */
export type MacroSet = ReadonlyMap<string, (call: MacroCall) => Expansion>;

const ACCU = "@result";
const RESERVED_ACCUS = new Set([ACCU, "__result__"]);

/** Builds nodes that all stand at one place. Those of the call itself are used as they are, where upstream copies them too. */
class Builder {
  constructor(readonly at: number) {}
  ident = (name: string): Expr => ({ kind: "ident", at: this.at, name });
  accu = (): Expr => this.ident(ACCU);
  literal = (type: LiteralType, value: boolean | bigint): Expr => ({ kind: "literal", at: this.at, type, value });
  list = (...elements: Expr[]): Expr => ({ kind: "list", at: this.at, elements, optional: new Set() });
  call = (name: string, ...args: Expr[]): Expr => ({ kind: "call", at: this.at, name, args });
  method = (name: string, target: Expr, ...args: Expr[]): Expr => ({ kind: "call", at: this.at, name, target, args });
  loop(range: Expr, vars: readonly string[], init: Expr, condition: Expr, step: Expr, result: Expr, accu = ACCU): Expr {
    const [iter = "", iter2] = vars;
    return { kind: "comprehension", at: this.at, range, iter, ...(iter2 === undefined ? {} : { iter2 }), accu, init, condition, step, result };
  }
  /** A name for a value: a loop over nothing whose accumulator has the name. */
  bind(name: string, value: Expr, result: Expr): Expr {
    return this.loop(this.list(), ["#unused"], value, this.literal("bool", false), this.ident(name), result, name);
  }
}

type Quantifier = "all" | "exists" | "exists_one";

function quantify(b: Builder, kind: Quantifier, range: Expr, vars: readonly string[], predicate: Expr): Expr {
  if (kind === "exists_one") {
    const one = (): Expr => b.literal("int", 1n);
    const step = b.call("_?_:_", predicate, b.call("_+_", b.accu(), one()), b.accu());
    return b.loop(range, vars, b.literal("int", 0n), b.literal("bool", true), step, b.call("_==_", b.accu(), one()));
  }
  const all = kind === "all";
  const condition = b.call("@not_strictly_false", all ? b.accu() : b.call("!_", b.accu()));
  return b.loop(range, vars, b.literal("bool", all), condition, b.call(all ? "_&&_" : "_||_", b.accu(), predicate), b.accu());
}

/** Steps of loops that collect: with a filter, what is not wanted leaves the accumulator as it is. */
function collect(b: Builder, range: Expr, vars: readonly string[], init: Expr, add: Expr, filter: Expr | undefined): Expr {
  return b.loop(range, vars, init, b.literal("bool", true), filter ? b.call("_?_:_", filter, add, b.accu()) : add, b.accu());
}

/** The one loop variable, or what is wrong with it. */
function variable(e: Expr, complaint: string): string | { readonly at: number; readonly error: string } {
  if (e.kind !== "ident") return { at: e.at, error: complaint };
  return RESERVED_ACCUS.has(e.name) ? { at: e.at, error: "iteration variable overwrites accumulator variable" } : e.name;
}

function twoVariables(a: Expr, b: Expr): string[] | { readonly at: number; readonly error: string } {
  for (const e of [a, b]) if (e.kind !== "ident") return { at: e.at, error: "argument must be a simple name" };
  const [first, second] = [a, b].map((e) => (e as { name: string }).name) as [string, string];
  if (first === second) return { at: b.at, error: `duplicate variable name: ${first}` };
  for (const e of [a, b]) {
    const name = variable(e, "");
    if (typeof name !== "string") return name;
  }
  return [first, second];
}

const isError = (x: string | string[] | { readonly error: string }): x is { readonly at: number; readonly error: string } =>
  typeof x !== "string" && !Array.isArray(x);

function oneQuantifier(kind: Quantifier): (call: MacroCall) => Expansion {
  return ({ at, target, args }) => {
    const name = variable(args[0] as Expr, "argument must be a simple name");
    return isError(name) ? name : quantify(new Builder(at), kind, target as Expr, [name], args[1] as Expr);
  };
}

function twoQuantifier(kind: Quantifier): (call: MacroCall) => Expansion {
  return ({ at, target, args }) => {
    const names = twoVariables(args[0] as Expr, args[1] as Expr);
    return isError(names) ? names : quantify(new Builder(at), kind, target as Expr, names, args[2] as Expr);
  };
}

function map({ at, target, args }: MacroCall): Expansion {
  const name = variable(args[0] as Expr, "argument is not an identifier");
  if (isError(name)) return name;
  const b = new Builder(at);
  const filter = args.length === 3 ? args[1] : undefined;
  return collect(b, target as Expr, [name], b.list(), b.call("_+_", b.accu(), b.list(args[args.length - 1] as Expr)), filter);
}

function filter({ at, target, args }: MacroCall): Expansion {
  const name = variable(args[0] as Expr, "argument is not an identifier");
  if (isError(name)) return name;
  const b = new Builder(at);
  return collect(b, target as Expr, [name], b.list(), b.call("_+_", b.accu(), b.list(args[0] as Expr)), args[1]);
}

/** transformList, transformMap and transformMapEntry. */
function transform(into: "list" | "map" | "entry"): (call: MacroCall) => Expansion {
  return ({ at, target, args }) => {
    const names = twoVariables(args[0] as Expr, args[1] as Expr);
    if (isError(names)) return names;
    const b = new Builder(at);
    const value = args[args.length - 1] as Expr;
    const only = args.length === 4 ? args[2] : undefined;
    if (into === "list") return collect(b, target as Expr, names, b.list(), b.call("_+_", b.accu(), b.list(value)), only);
    const add = into === "map" ? b.call("cel.@mapInsert", b.accu(), b.ident(names[0] as string), value) : b.call("cel.@mapInsert", b.accu(), value);
    return collect(b, target as Expr, names, { kind: "map", at, entries: [] }, add, only);
  };
}

function has({ at, args }: MacroCall): Expansion {
  const [arg] = args as [Expr];
  return arg.kind === "select" ? { ...arg, at, testOnly: true } : { at: arg.at, error: "invalid argument to has() macro" };
}

function optionalMap(flat: boolean): (call: MacroCall) => Expansion {
  return ({ at, target, args }) => {
    const [name, result] = args as [Expr, Expr];
    if (name.kind !== "ident") return { at: name.at, error: `${flat ? "optFlatMap" : "optMap"}() variable name must be a simple identifier` };
    const b = new Builder(at);
    const present = b.method("hasValue", target as Expr);
    const bound = b.bind(name.name, b.method("value", target as Expr), result);
    return b.call("_?_:_", present, flat ? bound : b.call("optional.of", bound), b.call("optional.none"));
  };
}

function sortBy({ at, target, args }: MacroCall): Expansion {
  const e = target as Expr;
  if (!["list", "select", "ident", "comprehension", "call"].includes(e.kind))
    return { at: e.at, error: "sortBy can only be applied to a list, identifier, comprehension, call or select expression" };
  const b = new Builder(at);
  const input = "@__sortBy_input__";
  const keys = map({ at, name: "map", target: b.ident(input), args });
  return keys === undefined || "error" in keys ? (keys as Expansion) : b.bind(input, e, b.method("@sortByAssociatedKeys", b.ident(input), keys));
}

function bind({ at, target, args }: MacroCall): Expansion {
  if (target?.kind !== "ident" || target.name !== "cel") return undefined;
  const [name, value, result] = args as [Expr, Expr, Expr];
  if (name.kind !== "ident") return { at: name.at, error: "cel.bind() variable names must be simple identifiers" };
  return new Builder(at).bind(name.name, value, result);
}

/** The macros of Kubernetes' environment: those of the language and of the libraries it has. */
export const MACROS: MacroSet = new Map<string, (call: MacroCall) => Expansion>([
  ["has/1/false", has],
  ["all/2/true", oneQuantifier("all")],
  ["exists/2/true", oneQuantifier("exists")],
  ["exists_one/2/true", oneQuantifier("exists_one")],
  ["map/2/true", map],
  ["map/3/true", map],
  ["filter/2/true", filter],
  ["optMap/2/true", optionalMap(false)],
  ["optFlatMap/2/true", optionalMap(true)],
  ["all/3/true", twoQuantifier("all")],
  ["exists/3/true", twoQuantifier("exists")],
  ["existsOne/3/true", twoQuantifier("exists_one")],
  ["exists_one/3/true", twoQuantifier("exists_one")],
  ["transformList/3/true", transform("list")],
  ["transformList/4/true", transform("list")],
  ["transformMap/3/true", transform("map")],
  ["transformMap/4/true", transform("map")],
  ["transformMapEntry/3/true", transform("entry")],
  ["transformMapEntry/4/true", transform("entry")],
  ["sortBy/2/true", sortBy],
]);

/** `cel.bind`, which only some environments have. */
export const BIND_MACRO: MacroSet = new Map([["bind/3/true", bind]]);

/** What becomes of a call: nothing when no macro has its name. */
export const expandMacro = (macros: MacroSet, call: MacroCall): Expansion =>
  macros.get(`${call.name}/${call.args.length}/${call.target !== undefined}`)?.(call);
