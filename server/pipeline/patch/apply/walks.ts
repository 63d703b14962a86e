/** The other walks over typed values: what they hold, whether they fit their type, and values with parts taken away. */
import { define } from "../../../codec/specials.js";
import { goPlain, goSyntax, goTypeOf, isObject } from "../gofmt.js";
import { below, type FieldSet, FieldSetBuilder, isEmpty } from "./fieldset.js";
import { fieldElement, printElement } from "./fieldsv1.js";
import type { ListType, MapType, Scalar, Type } from "./types.js";
import { type Doc, fieldType, itemElement, pick } from "./values.js";

/** The paths of everything a value says. The value must be valid. Source: typed/tofieldset.go. */
export function toFieldSet(type: Type, v: unknown): FieldSet {
  const out = new FieldSetBuilder();
  collect(type, v, [], out);
  return out;
}

function collect(type: Type, v: unknown, path: string[], out: FieldSetBuilder): void {
  switch (pick(type, v)) {
    case "scalar":
      out.insert(path);
      return;
    case "list": {
      const list = type.list as ListType;
      if (list.atomic) out.insert(path);
      else if (Array.isArray(v)) collectItems(list, v, path, out);
      return;
    }
    case "map": {
      const map = type.map as MapType;
      if (map.atomic) {
        out.insert(path);
        return;
      }
      if (!isObject(v)) return;
      for (const [name, child] of Object.entries(v)) {
        if (child === undefined) continue;
        const of = fieldType(map, name);
        if (!of) continue;
        path.push(fieldElement(name));
        collect(of, child, path, out);
        if (child === null || (isObject(child) && Object.keys(child).length === 0) || !map.fields.has(name)) out.insert(path);
        path.pop();
      }
    }
  }
}

function collectItems(list: ListType, items: readonly unknown[], path: string[], out: FieldSetBuilder): void {
  const names = items.map((item) => itemElement(list, item));
  const count = new Map<string, number>();
  for (const pe of names) count.set(pe, (count.get(pe) ?? 0) + 1);
  items.forEach((item, i) => {
    const pe = names[i] as string;
    path.push(pe);
    // duplicates are owned as one, their content is not
    if (count.get(pe) === 1) collect(list.of, item, path, out);
    out.insert(path);
    path.pop();
  });
}

/** One finding of `validate`; `path` is printed already. */
export interface TypeFinding {
  readonly path: string;
  readonly message: string;
}

/** Findings as one text: the finding alone, or a headed list. Source: ValidationErrors.Error. */
export function printFindings(findings: readonly TypeFinding[]): string {
  const texts = findings.map((f) => (f.path ? `${f.path}: ${f.message}` : f.message));
  return texts.length === 1 ? (texts[0] as string) : ["errors:", ...texts.map((t) => `  ${t}`)].join("\n");
}

/** Checks a value against its type. Source: typed/validate.go; the texts are what clients of apply see. */
export function validate(type: Type, v: unknown, allowDuplicates: boolean): TypeFinding[] {
  const out: TypeFinding[] = [];
  check(type, v, "", allowDuplicates, out);
  return out;
}

function check(type: Type, v: unknown, path: string, allowDuplicates: boolean, out: TypeFinding[]): void {
  switch (pick(type, v)) {
    case "scalar": {
      const message = checkScalar(type.scalar as Scalar, v);
      if (message) out.push({ path, message });
      return;
    }
    case "list":
      if (v === null || v === undefined) return;
      if (!Array.isArray(v)) out.push({ path, message: `expected list, got &{${goPlain(v)}}` });
      else checkItems(type.list as ListType, v, path, allowDuplicates, out);
      return;
    case "map": {
      if (v === null || v === undefined) return;
      if (!isObject(v)) {
        out.push({ path, message: `expected map, got &{${goPlain(v)}}` });
        return;
      }
      const map = type.map as MapType;
      for (const [name, child] of Object.entries(v)) {
        if (child === undefined) continue;
        const of = fieldType(map, name);
        if (!of) {
          out.push({ path: `${path}.${name}`, message: "field not declared in schema" });
          return;
        }
        check(of, child, `${path}.${name}`, allowDuplicates, out);
      }
    }
  }
}

function checkItems(list: ListType, items: readonly unknown[], path: string, allowDuplicates: boolean, out: TypeFinding[]): void {
  const seen = new Set<string>();
  for (let i = 0; i < items.length; i++) {
    let printed = `[${i}]`;
    if (!list.atomic) {
      let pe: string;
      try {
        pe = itemElement(list, items[i]);
      } catch (error) {
        out.push({ path, message: `element ${i}: ${(error as Error).message}` });
        return;
      }
      printed = printElement(pe);
      if (seen.has(pe) && !allowDuplicates) out.push({ path, message: `duplicate entries for key ${printed}` });
      seen.add(pe);
    }
    check(list.of, items[i], path + printed, allowDuplicates, out);
  }
}

/** What is wrong with a scalar, undefined when nothing is. */
export function checkScalar(scalar: Scalar, v: unknown): string | undefined {
  if (v === null || v === undefined) return undefined;
  switch (scalar) {
    case "numeric":
      return typeof v === "number" || typeof v === "bigint" ? undefined : `expected numeric (int or float), got ${goTypeOf(v)}`;
    case "string":
      return typeof v === "string" ? undefined : `expected string, got &value.valueUnstructured{Value:${goSyntax(v)}}`;
    case "boolean":
      return typeof v === "boolean" ? undefined : `expected boolean, got &{${goPlain(v)}}`;
    case "untyped":
      return typeof v !== "object" ? undefined : `expected any scalar, got &{${goPlain(v)}}`;
  }
}

/** A value without the items and fields a set names; what is left empty by it becomes null, as upstream leaves it. Source: typed/remove.go. */
export function removeItems(type: Type, v: unknown, gone: FieldSet): unknown {
  switch (pick(type, v)) {
    case "scalar":
      return v;
    case "list": {
      if (!Array.isArray(v)) return null;
      const list = type.list as ListType;
      // upstream loses atomic and empty values here; they are only reached through paths that name something below them, which these have not
      if (list.atomic || v.length === 0) return null;
      const out: unknown[] = [];
      for (const item of v) {
        const pe = itemElement(list, item);
        if (gone.members.has(pe)) continue;
        const inner = below(gone, pe);
        out.push(isEmpty(inner) ? item : removeItems(list.of, item, inner));
      }
      return out.length ? out : null;
    }
    case "map": {
      if (!isObject(v)) return null;
      const map = type.map as MapType;
      if (map.atomic || Object.keys(v).length === 0) return null;
      const out: Doc = {};
      for (const [name, child] of Object.entries(v)) {
        if (child === undefined) continue;
        const pe = fieldElement(name);
        if (gone.members.has(pe)) continue;
        const inner = below(gone, pe);
        const of = fieldType(map, name);
        define(out, name, isEmpty(inner) || !of ? child : removeItems(of, child, inner));
      }
      return Object.keys(out).length ? out : null;
    }
  }
}
