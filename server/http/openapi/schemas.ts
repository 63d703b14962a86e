import { type FieldFact, type StructFact, structFact, type TypeRef } from "../../../kinds/schema/index.js";
import type { Doc } from "./model.js";
import { SCHEME_VERSIONS } from "./scheme.js";

/** Prose about definitions and their fields. */
export interface SchemaText {
  definition(name: string): string | undefined;
  field(name: string, field: string): string | undefined;
}

const META = "io.k8s.apimachinery.pkg.apis.meta.v1";
const APIEXTENSIONS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1";
const ANY: Dialects = { v2: {}, v3: {} };

/** A definition in either dialect of OpenAPI. */
interface Dialects {
  readonly v2: Doc;
  readonly v3: Doc;
}
const same = (doc: Doc): Dialects => ({ v2: doc, v3: doc });

/** Definitions of the types whose JSON is not that of their Go struct. v2 has no oneOf: what may be two things is called a string there. */
const SPECIAL_DEFINITIONS: Readonly<Record<string, Dialects>> = {
  [`${META}.Time`]: same({ type: "string", format: "date-time" }),
  [`${META}.MicroTime`]: same({ type: "string", format: "date-time" }),
  [`${META}.Duration`]: same({ type: "string" }),
  [`${META}.FieldsV1`]: same({ type: "object" }),
  [`${META}.Patch`]: same({ type: "object" }),
  "io.k8s.apimachinery.pkg.runtime.RawExtension": same({ type: "object" }),
  "io.k8s.apimachinery.pkg.api.resource.Quantity": { v2: { type: "string" }, v3: { oneOf: [{ type: "string" }, { type: "number" }] } },
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {
    v2: { type: "string", format: "int-or-string" },
    v3: { format: "int-or-string", oneOf: [{ type: "integer" }, { type: "string" }] },
  },
  [`${APIEXTENSIONS}.JSON`]: ANY,
  [`${APIEXTENSIONS}.JSONSchemaPropsOrBool`]: ANY,
  [`${APIEXTENSIONS}.JSONSchemaPropsOrArray`]: ANY,
  [`${APIEXTENSIONS}.JSONSchemaPropsOrStringArray`]: ANY,
};

const SPECIAL_NAMES = new Map(Object.keys(SPECIAL_DEFINITIONS).map((name) => [name.slice(name.lastIndexOf(".") + 1), name]));

const SCALARS: Readonly<Record<string, Doc>> = {
  string: { type: "string" },
  bool: { type: "boolean" },
  int32: { type: "integer", format: "int32" },
  int64: { type: "integer", format: "int64" },
  uint8: { type: "integer", format: "byte" },
  uint32: { type: "integer", format: "int64" },
  float64: { type: "number", format: "double" },
  bytes: { type: "string", format: "byte" },
};

/** Kinds that apimachinery registers in every group version. */
const EVERYWHERE = new Set([`${META}.DeleteOptions`, `${META}.WatchEvent`]);

/**
 * References that stand alone in v3: every other field that refers to a definition has a description upstream, and the reference moves into allOf beside it.
 */
const UNDOCUMENTED: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [`${APIEXTENSIONS}.JSONSchemaProps`, new Set(["additionalItems", "additionalProperties", "example", "externalDocs", "items", "not"])],
  ["io.k8s.api.networking.v1.IngressRule", new Set(["http"])],
]);

/** In which document a definition stands: v2 knows all groups, a v3 document one group version (undefined for those of a group or of none). */
export type Place = { readonly version: 2 } | { readonly version: 3; readonly group?: string; readonly groupVersion?: string };

/** Renders definitions from the schema facts, and everything they lead to. */
export class Schemas {
  private readonly found = new Map<string, Doc>();
  private readonly prefix: string;

  constructor(
    private readonly place: Place,
    private readonly text: SchemaText,
  ) {
    this.prefix = place.version === 2 ? "#/definitions/" : "#/components/schemas/";
  }

  /** A reference to a definition; the definition and all it refers to will be in `all()`. */
  ref(name: string): Doc {
    this.add(name);
    return { $ref: this.prefix + name };
  }

  /** Puts in a definition that the facts do not have (a custom resource's). */
  put(name: string, definition: Doc): Doc {
    this.found.set(name, definition);
    return { $ref: this.prefix + name };
  }

  /** All definitions so far, by name. */
  all(): Doc {
    return Object.fromEntries([...this.found].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  private add(name: string): void {
    if (this.found.has(name)) return;
    const special = SPECIAL_DEFINITIONS[name];
    const description = this.text.definition(name);
    if (special) {
      this.found.set(name, { ...(description ? { description } : {}), ...(this.place.version === 2 ? special.v2 : special.v3) });
      return;
    }
    const struct = structFact(name);
    if (!struct) throw new Error(`no schema facts of ${name}`);
    const doc: Doc = {};
    // before the properties: types may lead back to themselves
    this.found.set(name, doc);
    if (description) doc.description = description;
    doc.type = "object";
    const required = struct.fields.filter((f) => f.required).map((f) => f.name);
    if (required.length) doc.required = required;
    if (struct.fields.length)
      doc.properties = Object.fromEntries([...struct.fields].sort((a, b) => (a.name < b.name ? -1 : 1)).map((f) => [f.name, this.property(name, f)]));
    const gvk = this.groupVersionKinds(name, struct);
    if (gvk) doc["x-kubernetes-group-version-kind"] = gvk;
    if (struct.mapType) doc["x-kubernetes-map-type"] = struct.mapType;
    if (struct.unions) doc["x-kubernetes-unions"] = struct.unions;
  }

  /** Source: apiserver pkg/server/routes filterScopedGVKs for the kinds that are registered everywhere. */
  private groupVersionKinds(name: string, struct: StructFact): Doc[] | undefined {
    if (!EVERYWHERE.has(name)) return struct.gvk?.map(({ group, version, kind }) => ({ group, kind, version }));
    const kind = struct.go;
    if (this.place.version === 3 && this.place.groupVersion !== undefined) {
      const own = { group: this.place.group ?? "", kind, version: this.place.groupVersion };
      const core = { group: "", kind, version: "v1" };
      return own.group === "" && own.version === "v1" ? [core] : [core, own];
    }
    return SCHEME_VERSIONS.flatMap(([group, versions]) => versions.map((version) => ({ group, kind, version })));
  }

  private property(struct: string, field: FieldFact): Doc {
    const silent = UNDOCUMENTED.get(struct)?.has(field.name) ?? false;
    const own = this.text.field(struct, field.name);
    const description = silent ? undefined : (own ?? this.substitute(struct, field));
    const { $ref, type, format, items, ...rest } = this.type(field.type);
    const wrap = this.place.version === 3 && $ref !== undefined && !silent;
    const fallback = field.default !== undefined ? field.default : field.type.k === "struct" && !field.pointer ? {} : undefined;
    const doc: Doc = {
      description,
      type,
      format: field.format ?? format,
      default: this.place.version === 3 ? fallback : undefined,
      enum: field.enum,
      items: field.itemEnum ? { ...(items as Doc), enum: field.itemEnum } : items,
      allOf: wrap ? [{ $ref }] : undefined,
      ...rest,
      $ref: wrap ? undefined : $ref,
      "x-kubernetes-embedded-resource": field.embeddedResource,
      "x-kubernetes-list-map-keys": field.listMapKeys,
      "x-kubernetes-list-type": field.listType,
      "x-kubernetes-map-type": field.mapType,
      "x-kubernetes-patch-merge-key": field.patchMergeKey,
      "x-kubernetes-patch-strategy": field.patchStrategy?.join(","),
      "x-kubernetes-preserve-unknown-fields": field.preserveUnknown,
    };
    return present(doc);
  }

  /** The prose at hand has none on fields that refer to a definition: a few words, or how the definition begins, help as well. */
  private substitute(struct: string, field: FieldFact): string | undefined {
    const about = this.text.definition(struct);
    if (field.type.k !== "struct" || about === undefined) return undefined;
    const kind = struct.slice(struct.lastIndexOf(".") + 1).replace(/Template(Spec)?$/, "");
    if (field.name === "metadata") return kind.endsWith("List") ? "Standard list metadata." : "Standard object metadata.";
    if (field.name === "spec") return `The desired behavior of the ${kind}.`;
    if (field.name === "status") return `The most recently observed status of the ${kind}.`;
    return firstSentence(this.text.definition(field.type.name));
  }

  private type(ref: TypeRef): Doc {
    switch (ref.k) {
      case "scalar":
        return { ...SCALARS[ref.name] };
      case "special":
        return this.ref(SPECIAL_NAMES.get(ref.name) ?? ref.name);
      case "struct":
        return this.ref(ref.name);
      case "list":
        return { type: "array", items: this.element(ref.of) };
      case "map":
        return { type: "object", additionalProperties: this.element(ref.of) };
    }
  }

  /**
   * An item of a list or a value of a map. In v3 it carries its Go zero value as default unless it is a pointer; a reference may have no siblings there and
   * moves into allOf (kube-openapi builder3/util WrapRefs).
   */
  private element(ref: TypeRef): Doc {
    const doc = this.type(ref);
    if (this.place.version === 2 || ref.ptr) return doc;
    const zero = zeroOf(ref);
    if (zero === undefined) return doc;
    const { $ref, ...rest } = doc;
    return $ref === undefined ? { ...rest, default: zero } : { default: zero, allOf: [{ $ref }] };
  }
}

const firstSentence = (text: string | undefined): string | undefined => (text === undefined ? undefined : (/^[\s\S]*?\.(?=\s|$)/.exec(text)?.[0] ?? text));

/** Without the keys that have no value. */
function present(doc: Doc): Doc {
  for (const key of Object.keys(doc)) if (doc[key] === undefined) delete doc[key];
  return doc;
}

function zeroOf(ref: TypeRef): unknown {
  if (ref.k === "struct") return {};
  if (ref.k !== "scalar" || ref.name === "bytes") return undefined;
  return ref.name === "string" ? "" : ref.name === "bool" ? false : 0;
}
