import { readFileSync } from "node:fs";
import type { Facts, FieldFact, StructFact, TypeRef } from "./types.js";

export type { Facts, FieldFact, Scalar, Special, StructFact, TypeRef } from "./types.js";

/** The facts as text, put in by the bundler's `define`; from source the file is read instead. Parsing text is three times faster than importing JSON. */
declare const MOCKUBE_FACTS: string | undefined;

let loaded: Facts | undefined;
let byKind: Map<string, string> | undefined;
const fieldMaps = new Map<string, ReadonlyMap<string, FieldFact>>();

/** All facts, parsed at the first call. Immutable, the same for every cluster. */
export function facts(): Facts {
  loaded ??= JSON.parse(typeof MOCKUBE_FACTS === "string" ? MOCKUBE_FACTS : readFileSync(new URL("./facts.json", import.meta.url), "utf8")) as Facts;
  return loaded;
}

/** The struct of a definition name such as `io.k8s.api.core.v1.Pod`; undefined when there is none. */
export const structFact = (name: string): StructFact | undefined => facts().structs[name];

/** As `structFact`, for names that must exist: throws a programmer's error otherwise. */
export function mustStruct(name: string): StructFact {
  const found = facts().structs[name];
  if (!found) throw new Error(`no schema facts of ${name}`);
  return found;
}

/** JSON field name → fact, in declaration order. Built once per struct. Empty for an unknown struct. */
export function fieldsOf(name: string): ReadonlyMap<string, FieldFact> {
  let map = fieldMaps.get(name);
  if (!map) {
    map = new Map((structFact(name)?.fields ?? []).map((field) => [field.name, field]));
    fieldMaps.set(name, map);
  }
  return map;
}

/** One field's fact by struct and JSON name. */
export const fieldFact = (struct: string, field: string): FieldFact | undefined => fieldsOf(struct).get(field);

/** Definition name of a kind (lists are kinds too), undefined when the facts do not know it. The legacy group is `""`. */
export function gvkType(group: string, version: string, kind: string): string | undefined {
  if (!byKind) {
    byKind = new Map();
    for (const [name, struct] of Object.entries(facts().structs)) {
      for (const gvk of struct.gvk ?? []) byKind.set(`${gvk.group}/${gvk.version}/${gvk.kind}`, name);
    }
  }
  return byKind.get(`${group}/${version}/${kind}`);
}

/** Bare Go name out of a definition name: `Pod`. */
export const bareName = (name: string): string => name.slice(name.lastIndexOf(".") + 1);

const SPECIAL_PACKAGE: Readonly<Record<string, string>> = { Quantity: "resource", IntOrString: "intstr", RawExtension: "runtime" };

/** The Go type as reflection prints it, for decoding errors: `int32`, `[]v1.Container`, `map[string]string`, `v1.ResourceList`. */
export function goType(ref: TypeRef): string {
  switch (ref.k) {
    case "scalar":
      return ref.go ?? (ref.name === "bytes" ? "[]uint8" : ref.name);
    case "special":
      return `${SPECIAL_PACKAGE[ref.name] ?? "v1"}.${ref.name}`;
    case "struct":
      return ref.name.split(".").slice(-2).join(".");
    case "list":
      return ref.go ?? `[]${ref.of.ptr ? "*" : ""}${goType(ref.of)}`;
    case "map":
      return ref.go ?? `map[string]${ref.of.ptr ? "*" : ""}${goType(ref.of)}`;
  }
}
