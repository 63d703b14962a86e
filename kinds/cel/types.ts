/** CEL's types, how they are written, and which fits where. Source: cel-go common/types/types.go, checker/types.go, checker/format.go. */

export type TypeKind =
  | "any" | "bool" | "bytes" | "double" | "duration" | "dyn" | "error" | "int" | "list" | "map" | "null" | "opaque" | "string" | "struct" | "timestamp"
  | "type" | "param" | "uint"; // biome-ignore format: a list

export interface Type {
  readonly kind: TypeKind;
  /** The name at run time: `google.protobuf.Duration`, a message's, a parameter's. */
  readonly name: string;
  readonly params: readonly Type[];
}

const simple = (kind: TypeKind, name: string = kind): Type => ({ kind, name, params: [] });

export const DYN = simple("dyn");
export const ERROR = simple("error", "!error!");
export const BOOL = simple("bool");
export const INT = simple("int");
export const STRING = simple("string");
export const ANY = simple("any", "google.protobuf.Any");
const SIMPLE: Readonly<Record<string, Type>> = {
  any: ANY,
  bool: BOOL,
  bytes: simple("bytes"),
  double: simple("double"),
  duration: simple("duration", "google.protobuf.Duration"),
  dyn: DYN,
  int: INT,
  null: simple("null", "null_type"),
  string: STRING,
  timestamp: simple("timestamp", "google.protobuf.Timestamp"),
  uint: simple("uint"),
};

export const listType = (element: Type): Type => ({ kind: "list", name: "list", params: [element] });
export const mapType = (key: Type, value: Type): Type => ({ kind: "map", name: "map", params: [key, value] });
export const typeType = (of: Type): Type => ({ kind: "type", name: "type", params: [of] });
export const optionalType = (of: Type): Type => ({ kind: "opaque", name: "optional_type", params: [of] });
export const structType = (name: string): Type => simple("struct", name);
export const paramType = (name: string): Type => simple("param", name);
/** The type of a literal, or one that is written with a single word. */
export const simpleType = (word: string): Type => SIMPLE[word] ?? structType(word);

/** How findings write a type. Source: checker/format.go FormatCELType. */
export function formatType(t: Type): string {
  switch (t.kind) {
    case "any":
    case "duration":
    case "null":
    case "timestamp":
      return t.kind;
    default:
      return t.params.length === 0 ? t.name : `${t.name}(${t.params.map(formatType).join(", ")})`;
  }
}

/** How the type of a whole expression is written. Source: types.Type String. */
export function typeText(t: Type): string {
  if (t.kind === "param") return `<${t.name}>`;
  return t.params.length === 0 ? t.name : `${t.name}(${t.params.map(typeText).join(", ")})`;
}

export const isDyn = (t: Type): boolean => t.kind === "dyn" || t.kind === "any";
export const isDynOrError = (t: Type): boolean => isDyn(t) || t.kind === "error";

/** The same type, names of parameters included. */
export const isExact = (a: Type, b: Type): boolean =>
  a === b || (a.kind === b.kind && a.name === b.name && a.params.length === b.params.length && a.params.every((p, i) => isExact(p, b.params[i] as Type)));

/** The type within an optional, and whether it was one. */
export const unwrapOptional = (t: Type): [Type, boolean] => (t.kind === "opaque" && t.name === "optional_type" ? [t.params[0] ?? DYN, true] : [t, false]);

/** What type parameters stand for, so far. */
export type Bindings = ReadonlyMap<string, Type>;

/** Bindings that can be taken back: an overload that does not fit leaves none. */
export class Unifier {
  readonly bindings = new Map<string, Type>();
  private readonly undo: [string, Type | undefined][] = [];

  bind(name: string, type: Type): void {
    this.undo.push([name, this.bindings.get(name)]);
    this.bindings.set(name, type);
  }

  /** Whether all of `a` fit where `b` is wanted; parameters are bound so that they do. */
  assign(a: readonly Type[], b: readonly Type[]): boolean {
    this.undo.length = 0;
    if (a.length === b.length && a.every((t, i) => fits(this, t, b[i] as Type))) return true;
    for (const [name, type] of this.undo.reverse()) {
      if (type) this.bindings.set(name, type);
      else this.bindings.delete(name);
    }
    return false;
  }
}

/** Replaces bound parameters; unbound ones by dyn when `toDyn`. */
export function substitute(bindings: Bindings, t: Type, toDyn: boolean): Type {
  if (t.kind === "param") {
    const bound = bindings.get(t.name);
    if (bound) return substitute(bindings, bound, toDyn);
    return toDyn ? DYN : t;
  }
  return t.params.length === 0 ? t : { ...t, params: t.params.map((p) => substitute(bindings, p, toDyn)) };
}

/** Whether `a` is equal to `b` or says less than it. */
function isEqualOrLessSpecific(a: Type, b: Type): boolean {
  if (isDyn(a) || a.kind === "param") return true;
  if (isDyn(b) || b.kind === "param") return false;
  if (a.kind !== b.kind) return false;
  if (a.kind === "type") return true;
  if (a.kind === "opaque" || a.kind === "list" || a.kind === "map")
    return a.name === b.name && a.params.length === b.params.length && a.params.every((p, i) => isEqualOrLessSpecific(p, b.params[i] as Type));
  return isExact(a, b);
}

/** The more general of two types that fit each other. */
export const mostGeneral = (a: Type, b: Type): Type => (isEqualOrLessSpecific(a, b) ? a : b);

/** Whether parameter `t` is nowhere within `within`: a type cannot contain itself. */
function isAbsent(bindings: Bindings, t: Type, within: Type): boolean {
  if (isExact(t, within)) return false;
  if (within.kind === "param") {
    const bound = bindings.get(within.name);
    return !bound || isAbsent(bindings, t, bound);
  }
  return within.params.every((p) => isAbsent(bindings, t, p));
}

/** Whether `a` can stand for parameter `b`, which is bound to it then, and whether `b` was bound before. */
function bindTo(unifier: Unifier, a: Type, b: Type): [fits: boolean, bound: boolean] {
  if (isExact(a, b)) return [true, true];
  const { bindings } = unifier;
  const bound = bindings.get(b.name);
  if (bound) {
    if (isExact(a, bound)) return [true, true];
    if (!fits(unifier, a, bound)) return [false, true];
    const general = mostGeneral(a, bound);
    if (isAbsent(bindings, b, general)) unifier.bind(b.name, general);
    return [true, true];
  }
  if (!isAbsent(bindings, b, a)) return [false, false];
  unifier.bind(b.name, a);
  return [true, false];
}

const isNullable = (t: Type): boolean => ["opaque", "struct", "any", "duration", "timestamp", "null"].includes(t.kind);

function fits(unifier: Unifier, a: Type, b: Type): boolean {
  if (b.kind === "param") {
    const [ok, bound] = bindTo(unifier, a, b);
    if (ok || bound) return ok;
  }
  if (a.kind === "param") return bindTo(unifier, b, a)[0];
  if (isDynOrError(a) || isDynOrError(b)) return true;
  if (a.kind === "null") return isNullable(b);
  if (b.kind === "null") return isNullable(a);
  if (a.kind !== b.kind) return false;
  if (a.kind === "type") return true;
  if (a.name !== b.name || a.params.length !== b.params.length) return false;
  return a.params.every((p, i) => fits(unifier, p, b.params[i] as Type));
}
