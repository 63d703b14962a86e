/**
 * Types as structured merge sees them, compiled once from the schema facts (or from a custom resource's OpenAPI schema): which lists are keyed, sets or
 * atomic, which maps are atomic, and how Go fills and omits the fields of its structs. Source: kube-openapi schemaconv over the served OpenAPI.
 */
import { structFact } from "../../../../kinds/schema/index.js";
import type { FieldFact, Special, TypeRef } from "../../../../kinds/schema/types.js";

export type Scalar = "string" | "numeric" | "boolean" | "untyped";

/** A type: what a value of it may be. Most allow one of the three; free-form values allow all, and the value decides. */
export interface Type {
  /** Name of the definition, where there is one, for error texts. */
  readonly name?: string;
  readonly scalar?: Scalar;
  readonly list?: ListType;
  readonly map?: MapType;
  /** A Go struct: its fields have views. */
  readonly go?: true;
}

export interface ListType {
  /** Owned and replaced as a whole. Otherwise items are told apart by `keys`, or by value when there are none (a set). */
  readonly atomic: boolean;
  readonly keys: readonly string[];
  readonly of: Type;
}

export interface MapType {
  readonly atomic: boolean;
  /** Declared fields; none in a free map. */
  readonly fields: ReadonlyMap<string, Field>;
  /** Type of undeclared keys; undefined when there may be none. */
  readonly of?: Type;
  /** Fields that Go's JSON always carries, with what stands there when nothing was set. Only on Go structs. */
  readonly always?: readonly Field[];
}

export interface Field {
  readonly name: string;
  readonly type: Type;
  readonly default?: unknown;
  /**
   * The value as the Go struct would show it: undefined when its JSON leaves the field out, the zero value when it is absent but always written. Absent on
   * types that are not Go structs, where values are what they are.
   */
  readonly view?: (v: unknown) => unknown;
}

const UNTYPED_ATOMIC: { -readonly [K in keyof Type]: Type[K] } = { name: "__untyped_atomic_", scalar: "untyped" };
UNTYPED_ATOMIC.list = { atomic: true, keys: [], of: UNTYPED_ATOMIC };
UNTYPED_ATOMIC.map = { atomic: true, fields: new Map(), of: UNTYPED_ATOMIC };

const DEDUCED_TYPE: { -readonly [K in keyof Type]: Type[K] } = { name: "__untyped_deduced_", scalar: "untyped" };
DEDUCED_TYPE.list = { atomic: true, keys: [], of: UNTYPED_ATOMIC };
DEDUCED_TYPE.map = { atomic: false, fields: new Map(), of: DEDUCED_TYPE };

/** Any value; maps are followed key by key, lists are atomic. What a custom resource without schema is. */
export const DEDUCED: Type = DEDUCED_TYPE;

const STRING: Type = { scalar: "string" };
const NUMERIC: Type = { scalar: "numeric" };
const BOOLEAN: Type = { scalar: "boolean" };
const UNTYPED: Type = { scalar: "untyped" };
const FREE_MAP: Type = { map: { atomic: false, fields: new Map(), of: DEDUCED } };

const SPECIALS: Readonly<Record<Special, Type>> = {
  Time: UNTYPED,
  MicroTime: UNTYPED,
  Duration: STRING,
  Quantity: UNTYPED,
  // the served schema gives no type for it: what it holds is judged when the object is decoded
  IntOrString: DEDUCED,
  RawExtension: UNTYPED_ATOMIC,
  FieldsV1: FREE_MAP,
  JSON: DEDUCED,
  JSONSchemaPropsOrBool: DEDUCED,
  JSONSchemaPropsOrArray: DEDUCED,
  JSONSchemaPropsOrStringArray: DEDUCED,
};

const structs = new Map<string, Type>();

/** The type of a struct by its definition name. Facts are immutable, so the compiled types are shared by all clusters. Throws on unknown names. */
export function typeOf(struct: string): Type {
  const known = structs.get(struct);
  if (known) return known;
  const fact = structFact(struct);
  if (!fact) throw new Error(`no schema facts of ${struct}`);
  const fields = new Map<string, Field>();
  const always: Field[] = [];
  const map = { atomic: fact.mapType === "atomic", fields, of: fact.fields.length === 0 ? DEDUCED : undefined, always };
  const type: Type = { name: struct, map, go: true };
  // registered before its fields are compiled: types may contain themselves
  structs.set(struct, type);
  for (const f of fact.fields) {
    const field: Field = { name: f.name, type: fieldType(f), default: f.default, view: viewOf(f) };
    fields.set(f.name, field);
    if (field.view?.(undefined) !== undefined) always.push(field);
  }
  return type;
}

function fieldType(f: FieldFact): Type {
  const { type } = f;
  if (type.k === "list") {
    return { list: listType(type.of, f) };
  }
  if (type.k === "map") {
    return { map: { atomic: f.mapType === "atomic", fields: new Map(), of: refType(type.of) } };
  }
  if (type.k === "struct" && f.mapType) {
    const of = typeOf(type.name);
    let map: MapType | undefined;
    // a getter, because the struct may still be under construction when a field of it refers to it
    return {
      name: type.name,
      get map() {
        map ??= { ...(of.map as MapType), atomic: f.mapType === "atomic" };
        return map;
      },
    };
  }
  return refType(type);
}

/** The list's kind as the OpenAPI extensions tell it: the list type, else the patch strategy, else atomic. */
function listType(of: TypeRef, f: FieldFact): ListType {
  const item = refType(of);
  if (f.listType === "set") return { atomic: false, keys: [], of: item };
  if (f.listType === "map") return { atomic: false, keys: f.listMapKeys ?? [], of: item };
  if (f.listType === undefined && f.patchStrategy?.[0] === "merge") return { atomic: false, keys: f.patchMergeKey ? [f.patchMergeKey] : [], of: item };
  return { atomic: true, keys: [], of: item };
}

function refType(ref: TypeRef): Type {
  switch (ref.k) {
    case "struct":
      return typeOf(ref.name);
    case "list":
      return { list: { atomic: true, keys: [], of: refType(ref.of) } };
    case "map":
      return { map: { atomic: false, fields: new Map(), of: refType(ref.of) } };
    case "special":
      return SPECIALS[ref.name];
    case "scalar":
      if (ref.name === "string" || ref.name === "bytes") return STRING;
      return ref.name === "bool" ? BOOLEAN : NUMERIC;
  }
}

const EMPTY_STRUCT = Object.freeze({});
const identity = (v: unknown): unknown => v;

function isEmptyContainer(v: unknown): boolean {
  if (Array.isArray(v)) return v.length === 0;
  if (typeof v !== "object" || v === null) return false;
  for (const _ in v) return false;
  return true;
}

/** How Go's struct shows a field. Source: structured-merge-diff value/structreflect.go, which follows encoding/json. */
function viewOf(f: FieldFact): (v: unknown) => unknown {
  const { type } = f;
  if (f.pointer) return f.omitempty ? (v) => v ?? undefined : (v) => v ?? null;
  if (type.k === "list" || type.k === "map" || (type.k === "scalar" && type.name === "bytes")) {
    if (!f.omitempty) return (v) => v ?? null;
    return (v) => (v === null || v === undefined || v === "" || isEmptyContainer(v) ? undefined : v);
  }
  if (type.k === "scalar") {
    const zero = type.name === "string" ? "" : type.name === "bool" ? false : 0;
    if (f.omitempty) return (v) => (v === zero || v === null ? undefined : v);
    return (v) => v ?? zero;
  }
  if (f.omitzero) return (v) => (v === null || isEmptyContainer(v) ? undefined : v);
  if (type.k === "struct") return (v) => v ?? EMPTY_STRUCT;
  switch (type.name) {
    case "Quantity":
      return (v) => v ?? "0";
    case "IntOrString":
      return (v) => v ?? 0;
    case "Duration":
      return (v) => v ?? "0s";
    default:
      return type.name === "Time" || type.name === "MicroTime" || type.name === "RawExtension" ? (v) => v ?? null : identity;
  }
}

/** The part of an OpenAPI v3 schema (JSONSchemaProps) that matters for merging. */
export interface OpenApiSchema {
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, OpenApiSchema>>;
  readonly additionalProperties?: OpenApiSchema | boolean;
  readonly items?: OpenApiSchema;
  readonly default?: unknown;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
  readonly "x-kubernetes-embedded-resource"?: boolean;
  readonly "x-kubernetes-list-type"?: string;
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
  readonly "x-kubernetes-map-type"?: string;
}

const META_FIELDS = (): [string, Field][] => [
  ["apiVersion", { name: "apiVersion", type: STRING }],
  ["kind", { name: "kind", type: STRING }],
  ["metadata", { name: "metadata", type: withoutViews(typeOf("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")) }],
];

const plain = new WeakMap<Type, Type>();

/** A struct's type for values that are no Go structs, such as applied configurations: what is written is what counts. */
export function withoutViews(type: Type): Type {
  if (!type.map && !type.list) return type;
  const known = plain.get(type);
  if (known) return known;
  const out: { -readonly [K in keyof Type]: Type[K] } = { name: type.name, scalar: type.scalar };
  plain.set(type, out);
  if (type.list) out.list = { ...type.list, of: withoutViews(type.list.of) };
  if (type.map) {
    const fields = new Map<string, Field>();
    for (const f of type.map.fields.values()) fields.set(f.name, { name: f.name, type: withoutViews(f.type), default: f.default });
    out.map = { atomic: type.map.atomic, fields, of: type.map.of && withoutViews(type.map.of) };
  }
  return out;
}

/**
 * The type of a custom resource's version from its structural schema, with apiVersion, kind and metadata added. `preserveUnknown` is the CRD's
 * spec.preserveUnknownFields. Compile once per version and keep it.
 */
export function typeOfCustomResource(schema: OpenApiSchema | undefined, preserveUnknown = false): Type {
  if (!schema) return DEDUCED;
  const compiled = schemaType(schema, preserveUnknown);
  if (!compiled.map) return compiled;
  return { ...compiled, map: { ...compiled.map, fields: new Map([...compiled.map.fields, ...META_FIELDS()]) } };
}

function schemaType(schema: OpenApiSchema, inherited: boolean): Type {
  const preserve = inherited || schema["x-kubernetes-preserve-unknown-fields"] === true;
  switch (schema.type) {
    case "object": {
      const map = schemaMap(schema, preserve);
      if (schema["x-kubernetes-embedded-resource"]) return { map: { ...map, fields: new Map([...map.fields, ...META_FIELDS()]) } };
      return { map };
    }
    case "array":
      return { list: schemaList(schema, preserve) };
    case "integer":
    case "number":
      return NUMERIC;
    case "boolean":
      return BOOLEAN;
    case "string":
      return schema.format && schema.format !== "byte" ? UNTYPED : STRING;
    default:
      return { scalar: "untyped", list: schemaList(schema, preserve), map: schemaMap(schema, preserve) };
  }
}

function schemaMap(schema: OpenApiSchema, preserve: boolean): MapType {
  const fields = new Map<string, Field>();
  for (const [name, member] of Object.entries(schema.properties ?? {})) {
    fields.set(name, { name, type: schemaType(member, preserve), default: member.default });
  }
  const more = schema.additionalProperties;
  let of: Type | undefined;
  if (more === undefined) of = preserve || fields.size === 0 ? DEDUCED : undefined;
  else if (typeof more === "object") of = schemaType(more, preserve);
  else of = more ? DEDUCED : undefined;
  return { atomic: schema["x-kubernetes-map-type"] === "atomic", fields, of };
}

function schemaList(schema: OpenApiSchema, preserve: boolean): ListType {
  const of = schema.items ? schemaType(schema.items, preserve) : UNTYPED_ATOMIC;
  const kind = schema["x-kubernetes-list-type"];
  return { atomic: kind !== "set" && kind !== "map", keys: kind === "map" ? (schema["x-kubernetes-list-map-keys"] ?? []) : [], of };
}
