/** The tree of an expression, macros expanded. Source: cel-go common/ast. `at` is where findings about a node point. */

export type LiteralType = "bool" | "bytes" | "double" | "int" | "null" | "string" | "uint";

export interface MapEntry {
  readonly key: Expr;
  readonly value: Expr;
  readonly optional: boolean;
}

export interface FieldEntry {
  readonly at: number;
  readonly name: string;
  readonly value: Expr;
  readonly optional: boolean;
}

export type Expr =
  | { readonly kind: "literal"; readonly at: number; readonly type: LiteralType; readonly value: boolean | string | number | bigint | null }
  | { readonly kind: "ident"; readonly at: number; readonly name: string }
  | { readonly kind: "select"; readonly at: number; readonly operand: Expr; readonly field: string; readonly testOnly: boolean }
  | { readonly kind: "call"; readonly at: number; readonly name: string; readonly target?: Expr; readonly args: readonly Expr[] }
  | { readonly kind: "list"; readonly at: number; readonly elements: readonly Expr[]; readonly optional: ReadonlySet<number> }
  | { readonly kind: "map"; readonly at: number; readonly entries: readonly MapEntry[] }
  | { readonly kind: "struct"; readonly at: number; readonly name: string; readonly fields: readonly FieldEntry[] }
  | Comprehension
  /** What stands where nothing could be read. */
  | { readonly kind: "error"; readonly at: number };

export interface Comprehension {
  readonly kind: "comprehension";
  readonly at: number;
  readonly range: Expr;
  readonly iter: string;
  readonly iter2?: string;
  readonly accu: string;
  readonly init: Expr;
  readonly condition: Expr;
  readonly step: Expr;
  readonly result: Expr;
}

/** Names of operators as functions. Source: cel-go common/operators. */
export const OPERATORS: Readonly<Record<string, string>> = {
  "+": "_+_",
  "-": "_-_",
  "*": "_*_",
  "/": "_/_",
  "%": "_%_",
  "<": "_<_",
  "<=": "_<=_",
  ">": "_>_",
  ">=": "_>=_",
  "==": "_==_",
  "!=": "_!=_",
  in: "@in",
};

/** The nodes directly below. */
export function children(e: Expr): readonly Expr[] {
  switch (e.kind) {
    case "select":
      return [e.operand];
    case "call":
      return e.target ? [e.target, ...e.args] : e.args;
    case "list":
      return e.elements;
    case "map":
      return e.entries.flatMap((entry) => [entry.key, entry.value]);
    case "struct":
      return e.fields.map((field) => field.value);
    case "comprehension":
      return [e.range, e.init, e.condition, e.step, e.result];
    default:
      return [];
  }
}
