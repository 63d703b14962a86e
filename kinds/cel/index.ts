/**
 * CEL as Kubernetes compiles it: parse, check types, look at literals. Findings read exactly as cel-go's. Evaluation is not part of this.
 * Source: apiserver pkg/cel/environment (base.go, for new expressions of 1.36), pkg/admission/plugin/cel/compile.go.
 */
import type { Expr } from "./ast.js";
import { Checker, type Declarations, type TypeProvider } from "./checker.js";
import { parseType } from "./declarations.js";
import { BIND_MACRO, MACROS, type MacroSet } from "./macros.js";
import { parse } from "./parser.js";
import { Source } from "./source.js";
import { type Type, typeText } from "./types.js";
import { validateLiterals } from "./validators.js";

export { parseType } from "./declarations.js";
export { type Type, typeText } from "./types.js";

/** Variables and message types, written as CEL writes types: `{ object: "dyn" }`, `{ "x.Device": { driver: "string" } }`. */
export interface EnvironmentOptions {
  readonly variables: Readonly<Record<string, string>>;
  /** Message types by name; a function for those whose names are not known before. */
  readonly types?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly dynamicTypes?: TypeProvider;
  /** Whether `jsonpatch.escapeKey` is there. */
  readonly patches?: boolean;
  /** Whether `cel.bind` is there. */
  readonly bind?: boolean;
}

/** What a compilation gives: a type and the tree, or the findings as `compilation failed: ` goes on. */
export type Compiled = { readonly type: Type; readonly tree: Expr } | { readonly error: string };

/** What expressions are compiled against. Cheap to make; what it reads from declarations it keeps. */
export class Environment {
  private readonly declarations: Declarations;
  private readonly macros: MacroSet;

  constructor(options: EnvironmentOptions) {
    const known = new Map(
      Object.entries(options.types ?? {}).map(([name, fields]) => [name, new Map(Object.entries(fields).map(([field, type]) => [field, parseType(type)]))]),
    );
    this.declarations = {
      variables: new Map(Object.entries(options.variables).map(([name, type]) => [name, parseType(type)])),
      types: (name) => {
        const fields = known.get(name);
        return fields ? { field: (field) => fields.get(field) ?? fields.get(`__${field}__`) } : options.dynamicTypes?.(name);
      },
      patches: options.patches ?? false,
      functions: new Map(),
    };
    this.macros = options.bind ? new Map([...MACROS, ...BIND_MACRO]) : MACROS;
  }

  /** Compiles an expression, which may have any type. */
  compile(expression: string): Compiled {
    try {
      return this.compileText(expression);
    } catch (e) {
      // Upstream's stack grows; ours ends, with chains of thousands of operators.
      if (!(e instanceof RangeError)) throw e;
      return { error: "ERROR: <input>:-1:0: expression is too deep" };
    }
  }

  private compileText(expression: string): Compiled {
    const source = new Source(expression);
    const tree = parse(source, this.macros);
    if (source.failed) return { error: source.toString() };
    const checker = new Checker(this.declarations, source);
    const type = checker.run(tree);
    if (!source.failed) validateLiterals(tree, checker, source);
    return source.failed ? { error: source.toString() } : { type, tree };
  }
}

/** `compile`, with what upstream says when the type is none of those wanted; [] takes any. Nothing when all is well. */
export function compileError(env: Environment, expression: string, wanted: readonly string[]): string | undefined {
  const result = env.compile(expression);
  if ("error" in result) return `compilation failed: ${result.error}`;
  const type = typeText(result.type);
  if (wanted.length === 0 || wanted.includes(type)) return undefined;
  return wanted.length === 1 ? `must evaluate to ${wanted[0]} but got ${type}` : `must evaluate to one of [${wanted.join(" ")}] but got ${type}`;
}
