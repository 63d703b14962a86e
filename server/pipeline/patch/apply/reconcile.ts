/**
 * Brings field sets written under an older schema of a custom resource in line with the current one: what became atomic is owned as a whole. Source:
 * structured-merge-diff typed/reconcile_schema.go.
 */
import { type FieldSet, FieldSetBuilder, isEmpty, recursiveDifference, union } from "./fieldset.js";
import { DEDUCED, type MapType, type Type } from "./types.js";

/** The set under the current type; the same set when nothing in it is affected. */
export function reconcileFieldSet(type: Type, set: FieldSet): FieldSet {
  const whole: string[][] = [];
  walk(type, set, [], false, whole);
  if (whole.length === 0) return set;
  const paths = new FieldSetBuilder();
  for (const path of whole) paths.insert(path);
  return union(recursiveDifference(set, paths), paths);
}

/** Collects the paths that are owned in parts and can only be owned as a whole. `leaf`: the path itself is owned, nothing below it. */
function walk(type: Type, set: FieldSet | undefined, path: string[], leaf: boolean, whole: string[][]): void {
  if (type.map) {
    if (isFree(type.map)) return;
    if (!leaf && type.map.atomic) {
      if (set && !isEmpty(set)) whole.push(path.slice());
      return;
    }
    const { fields, of } = type.map;
    descend(set, (pe) => (pe.startsWith("f:") ? fields.get(pe.slice(2))?.type : undefined) ?? of, path, whole);
  } else if (type.list && !type.scalar) {
    if (!leaf && type.list.atomic) {
      whole.push(path.slice());
      return;
    }
    const { of } = type.list;
    descend(set, () => of, path, whole);
  }
}

function descend(set: FieldSet | undefined, typeAt: (pe: string) => Type | undefined, path: string[], whole: string[][]): void {
  if (!set) return;
  const visit = (pe: string, member: boolean): void => {
    const type = typeAt(pe);
    if (!type) return;
    const child = set.children.get(pe);
    path.push(pe);
    walk(type, child, path, member && !child, whole);
    path.pop();
  };
  for (const pe of set.children.keys()) if (!set.members.has(pe)) visit(pe, false);
  for (const pe of set.members) visit(pe, true);
}

/** A map of anything, whose values tell their own types. */
const isFree = (map: MapType): boolean => map.fields.size === 0 && (map.of === DEDUCED || map.of?.scalar === "untyped");
