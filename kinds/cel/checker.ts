/** Types of expressions, and everything that does not fit. Source: cel-go checker/checker.go, checker/env.go. */
import type { Comprehension, Expr } from "./ast.js";
import { type Overload, overloadsOf, PATCH_FUNCTIONS, TYPE_NAMES } from "./declarations.js";
import { MAX_REPORTED, type Source } from "./source.js";
import {
  BOOL,
  DYN,
  ERROR,
  formatType,
  INT,
  isDyn,
  isDynOrError,
  isExact,
  listType,
  mapType,
  mostGeneral,
  optionalType,
  paramType,
  simpleType,
  substitute,
  type Type,
  typeType,
  Unifier,
  unwrapOptional,
} from "./types.js";

/** The fields of message types: undefined for a type nobody knows. */
export type TypeProvider = (name: string) => { readonly field: (name: string) => Type | undefined } | undefined;

/** What expressions may name. */
export interface Declarations {
  readonly variables: ReadonlyMap<string, Type>;
  readonly types: TypeProvider;
  /** Whether functions that write patches are there. */
  readonly patches: boolean;
  /** Overloads read so far. */
  readonly functions: Map<string, readonly Overload[]>;
}

/** The dotted name that a chain of selections spells. */
function qualifiedName(e: Expr): string | undefined {
  if (e.kind === "ident") return e.name;
  if (e.kind !== "select" || e.testOnly) return undefined;
  const operand = qualifiedName(e.operand);
  return operand === undefined ? undefined : `${operand}.${e.field}`;
}

export class Checker {
  /** Types of nodes. */
  readonly types = new Map<Expr, Type>();
  /** Nodes with findings in them. */
  private readonly faulty = new Set<Expr>();
  private readonly unifier = new Unifier();
  private scopes: ReadonlyMap<string, Type>[];
  private fresh = 0;

  constructor(
    private readonly env: Declarations,
    private readonly source: Source,
  ) {
    this.scopes = [env.variables];
  }

  /** The type of the whole expression. */
  run(root: Expr): Type {
    this.check(root);
    return this.typeOf(root);
  }

  /** The type of a node once everything is known about it. */
  typeOf(e: Expr): Type {
    return substitute(this.unifier.bindings, this.got(e), true);
  }

  private got(e: Expr): Type {
    return this.types.get(e) ?? ERROR;
  }

  private newVariable(): Type {
    return paramType(`_var${this.fresh++}`);
  }

  private fits(a: readonly Type[], b: readonly Type[]): boolean {
    return this.unifier.assign(a, b);
  }

  private mismatch(at: number, expected: Type, actual: Type): void {
    this.source.report(at, `expected type '${formatType(expected)}' but found '${formatType(actual)}'`);
  }

  private undeclared(at: number, name: string): Type {
    this.source.report(at, `undeclared reference to '${name}' (in container '')`);
    return ERROR;
  }

  /** What a name stands for. A leading dot asks for the outermost. */
  private lookup(name: string): Type | undefined {
    const plain = name.startsWith(".") ? name.slice(1) : name;
    for (const scope of this.scopes) {
      const found = scope.get(plain);
      if (found) return found;
    }
    if (this.env.types(plain)) return typeType(simpleType(plain));
    return Object.hasOwn(TYPE_NAMES, plain) ? TYPE_NAMES[plain] : undefined;
  }

  private overloads(name: string): readonly Overload[] | undefined {
    const plain = name.startsWith(".") ? name.slice(1) : name;
    return PATCH_FUNCTIONS.has(plain) && !this.env.patches ? undefined : overloadsOf(plain, this.env.functions);
  }

  private check(e: Expr): void {
    // Macros use a node twice: it need not be looked at again, but what is wrong with it counts twice.
    const before = this.source.findings;
    if (this.types.has(e) && (!this.faulty.has(e) || before > MAX_REPORTED)) return;
    this.types.set(e, this.typeFor(e));
    if (this.source.findings > before) this.faulty.add(e);
  }

  private typeFor(e: Expr): Type {
    switch (e.kind) {
      case "literal":
        return simpleType(e.type);
      case "ident":
        return this.lookup(e.name) ?? this.undeclared(e.at, e.name);
      case "select": {
        const name = qualifiedName(e);
        const known = name === undefined ? undefined : this.lookup(name);
        if (known) return known;
        const field = this.select(e, e.operand, e.field, false);
        return e.testOnly ? BOOL : substitute(this.unifier.bindings, field, false);
      }
      case "call":
        return this.call(e);
      case "list":
        return this.list(e);
      case "map":
        return this.map(e);
      case "struct":
        return this.struct(e);
      case "comprehension":
        return this.loop(e);
      default:
        return ERROR;
    }
  }

  private fieldType(at: number, struct: string, field: string): Type {
    const type = this.env.types(struct);
    const found = type?.field(field);
    if (!type) this.source.report(at, `unexpected failed resolution of '${struct}'`);
    else if (!found) this.source.report(at, `undefined field '${field}'`);
    return found ?? ERROR;
  }

  private select(e: Expr, operand: Expr, field: string, optional: boolean): Type {
    this.check(operand);
    const [target, wasOptional] = unwrapOptional(substitute(this.unifier.bindings, this.got(operand), false));
    let result = DYN;
    if (target.kind === "map") result = target.params[1] as Type;
    else if (target.kind === "struct") result = this.fieldType(e.at, target.name, field);
    else if (target.kind === "param") this.fits([DYN], [target]);
    else if (!isDynOrError(target)) this.source.report(e.at, `type '${formatType(target)}' does not support field selection`);
    return wasOptional || optional ? optionalType(result) : result;
  }

  private call(e: Expr & { kind: "call" }): Type {
    if (e.name === "_?._") {
      const [operand, field] = e.args as [Expr, Expr & { kind: "literal" }];
      return substitute(this.unifier.bindings, this.select(e, operand, String(field.value), true), false);
    }
    for (const arg of e.args) this.check(arg);
    if (!e.target) {
      const overloads = this.overloads(e.name);
      return overloads ? this.resolve(e.at, e.name, overloads, undefined, e.args) : this.undeclared(e.at, e.name);
    }
    // `a.b.c()` is the function `a.b.c` when there is one, else `c` of the value `a.b`.
    const prefix = qualifiedName(e.target);
    const qualified = prefix === undefined ? undefined : this.overloads(`${prefix}.${e.name}`);
    if (qualified) return this.resolve(e.at, `${prefix}.${e.name}`.replace(/^\./, ""), qualified, undefined, e.args);
    this.check(e.target);
    const overloads = this.overloads(e.name);
    return overloads ? this.resolve(e.at, e.name, overloads, e.target, e.args) : this.undeclared(e.at, e.name);
  }

  private resolve(at: number, name: string, overloads: readonly Overload[], target: Expr | undefined, args: readonly Expr[]): Type {
    const nodes = target ? [target, ...args] : args;
    const types = nodes.map((node) => this.got(node));
    if (name === "_&&_" || name === "_||_") {
      const bad = args.filter((arg, i) => {
        const wrong = !this.fits([types[i] as Type], [BOOL]);
        if (wrong) this.mismatch(arg.at, BOOL, types[i] as Type);
        return wrong;
      });
      return bad.length > 0 ? ERROR : BOOL;
    }
    let result: Type | undefined;
    for (const overload of overloads) {
      if (overload.member !== (target !== undefined)) continue;
      const own = new Map(overload.params.map((p) => [p, this.newVariable()]));
      const wanted = overload.args.map((arg) => substitute(own, arg, false));
      if (!this.fits(types, wanted)) continue;
      const type = substitute(this.unifier.bindings, substitute(own, overload.result, false), false);
      if (!result) result = type;
      else if (!isDyn(result) && !isExact(type, result)) result = DYN;
    }
    if (result) return result;
    const [first, ...rest] = types.map((t) => formatType(substitute(this.unifier.bindings, t, true)));
    const applied = target ? `${first}.(${rest.join(", ")})` : `(${[first, ...rest].filter((t) => t !== undefined).join(", ")})`;
    this.source.report(at, `found no matching overload for '${name.replace(/^\./, "")}' applied to '${applied}'`);
    return ERROR;
  }

  /** The type that two values of one list or map have together. That they should have one is for the literals' validation to say. */
  private join(previous: Type | undefined, current: Type): Type {
    if (!previous) return current;
    return this.fits([previous], [current]) ? mostGeneral(previous, current) : DYN;
  }

  /** What an element written with a question mark adds. */
  private optionalValue(e: Expr, type: Type): Type {
    const [value, wasOptional] = unwrapOptional(type);
    if (!wasOptional && !isDyn(value)) this.mismatch(e.at, optionalType(value), value);
    return value;
  }

  private list(e: Expr & { kind: "list" }): Type {
    let type: Type | undefined;
    e.elements.forEach((element, i) => {
      this.check(element);
      const own = this.got(element);
      type = this.join(type, e.optional.has(i) ? this.optionalValue(element, own) : own);
    });
    return listType(type ?? this.newVariable());
  }

  private map(e: Expr & { kind: "map" }): Type {
    let keys: Type | undefined;
    let values: Type | undefined;
    for (const { key, value, optional } of e.entries) {
      this.check(key);
      keys = this.join(keys, this.got(key));
      this.check(value);
      values = this.join(values, optional ? this.optionalValue(value, this.got(value)) : this.got(value));
    }
    return mapType(keys ?? this.newVariable(), values ?? this.newVariable());
  }

  private struct(e: Expr & { kind: "struct" }): Type {
    const named = this.lookup(e.name);
    if (!named) return this.undeclared(e.at, e.name);
    let type = ERROR;
    if (named.kind !== "type") {
      if (named.kind !== "error") this.source.report(e.at, `'${named.name}' is not a type`);
    } else if (named.params[0]?.kind === "struct") type = named.params[0];
    else this.source.report(e.at, `'${named.params[0]?.name ?? "type"}' is not a message type`);
    for (const field of e.fields) {
      this.check(field.value);
      const wanted = this.fieldType(field.at, type.kind === "struct" ? type.name : e.name, field.name);
      const own = this.got(field.value);
      const actual = field.optional ? this.optionalValue(field.value, own) : own;
      if (!this.fits([wanted], [actual]))
        this.source.report(field.at, `expected type of field '${field.name}' is '${formatType(wanted)}' but provided type is '${formatType(actual)}'`);
    }
    return type;
  }

  /** Types of the variables of a loop over `range`. */
  private loopTypes(range: Expr, two: boolean): Type[] {
    const type = substitute(this.unifier.bindings, this.got(range), false);
    const [first = DYN, second = DYN] = type.params;
    switch (type.kind) {
      case "list":
        return two ? [INT, first] : [first];
      case "map":
        return two ? [first, second] : [first];
      case "dyn":
      case "error":
      case "param":
        this.fits([DYN], [type]);
        return two ? [DYN, DYN] : [DYN];
      default:
        this.source.report(range.at, `expression of type '${formatType(type)}' cannot be range of a comprehension (must be list, map, or dynamic)`);
        return two ? [ERROR, ERROR] : [ERROR];
    }
  }

  private assert(e: Expr, type: Type): void {
    if (!this.fits([type], [this.got(e)])) this.mismatch(e.at, type, this.got(e));
  }

  private loop(e: Comprehension): Type {
    this.check(e.range);
    this.check(e.init);
    const accu = this.got(e.init);
    const [first, second] = this.loopTypes(e.range, e.iter2 !== undefined) as [Type, Type | undefined];
    const outer = this.scopes;
    const withAccu = [new Map([[e.accu, accu]]), ...outer];
    const inner = new Map([[e.iter, first]]);
    if (e.iter2 !== undefined && second) inner.set(e.iter2, second);
    this.scopes = [inner, ...withAccu];
    this.check(e.condition);
    this.assert(e.condition, BOOL);
    this.check(e.step);
    this.assert(e.step, accu);
    this.scopes = withAccu;
    this.check(e.result);
    this.scopes = outer;
    return substitute(this.unifier.bindings, this.got(e.result), false);
  }
}
