import { ALL_VERBS, type Kind } from "../../../kinds/kind.js";
import { CODES, type Doc, type Method, type Param, type Payload, type Route } from "./model.js";
import { metaParams, type ParamText, pathParam, prettyParam } from "./options.js";
import type { Schemas, SchemaText } from "./schemas.js";

/** What a CustomResourceDefinition says about one version of its kind. */
export interface CustomSchema {
  /** `openAPIV3Schema`; absent when the version has none or it is not structural. */
  readonly schema?: Doc;
  /** `spec.preserveUnknownFields` of the definition. */
  readonly preserveUnknownFields?: boolean;
  /** `jsonPath`s of the version's selectable fields. */
  readonly selectableFields?: readonly string[];
}

/** Tells custom kinds from built-in ones, for which it answers undefined. */
export type CustomSchemas = (kind: Kind) => CustomSchema | undefined;

const META = "io.k8s.apimachinery.pkg.apis.meta.v1";
const TYPES: readonly string[] = ["application/json", "application/yaml"];
const PATCH_TYPES: readonly string[] = ["application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml"];

/** `com.example.stable.v1.CronTab`. */
export const modelName = (kind: Kind, name = kind.kind): string => `${kind.group.split(".").reverse().join(".")}.${kind.version}.${name}`;
const listKind = (kind: Kind): string => kind.listKind ?? `${kind.kind}List`;

/**
 * Operations on a custom resource, as its definition publishes them: fewer than it serves. Source: apiextensions pkg/controller/openapi/builder
 * generateBuilder.
 */
export function customRoutes(kind: Kind, text: ParamText): Route[] {
  const out: Route[] = [];
  const own: Payload = { ref: modelName(kind) };
  const list: Payload = { ref: modelName(kind, listKind(kind)) };
  const status: Payload = { ref: `${META}.Status` };
  const namespaced = kind.namespaced ? "Namespaced" : "";
  const root = `/apis/${kind.group}/${kind.version}`;
  const within = kind.namespaced ? [pathParam("namespace", text("request", "namespace"))] : [];
  const collection = kind.namespaced ? `${root}/namespaces/{namespace}/${kind.resource}` : `${root}/${kind.resource}`;
  const verbs = kind.verbs ?? ALL_VERBS;
  const named = [...within, pathParam("name", `name of the ${kind.kind}`)];
  const resourceVersion: Param = { name: "resourceVersion", in: "query", type: "string", description: text("ListOptions", "resourceVersion") };
  const gvk = { group: kind.group, version: kind.version, kind: kind.kind };
  const add = (
    path: string,
    method: Method,
    action: string,
    words: readonly [verb: string, noun: string, description: string],
    params: readonly Param[],
    answer: Payload,
    codes: readonly number[],
    body?: Route["body"],
  ): void => {
    out.push({
      path,
      method,
      action,
      verb: words[0],
      noun: words[1],
      description: words[2],
      params: [prettyParam(text), ...params],
      consumes: method === "patch" ? PATCH_TYPES : TYPES,
      produces: TYPES,
      responses: codes.map((code) => ({ code, description: CODES[code] ?? "", payload: answer })),
      gvk,
      ...(body ? { body } : {}),
    });
  };
  const lists = metaParams("ListOptions", text);
  const article = /^[aeiou]/i.test(kind.kind) ? "an" : "a";
  const write = { payload: own, required: true };
  const patch = { payload: { ref: `${META}.Patch` }, required: true };
  const objects = `list objects of kind ${kind.kind}`;
  if (verbs.includes("list")) {
    if (kind.namespaced) add(`${root}/${kind.resource}`, "get", "list", ["list", `${kind.kind}ForAllNamespaces`, objects], lists, list, [200]);
    add(collection, "get", "list", ["list", namespaced + kind.kind, objects], [...lists, ...within], list, [200]);
  }
  const creating = [...metaParams("CreateOptions", text), ...within];
  add(collection, "post", "post", ["create", namespaced + kind.kind, `create ${article} ${kind.kind}`], creating, own, [200, 201, 202], write);
  const many: [string, string, string] = ["delete", `Collection${namespaced}${kind.kind}`, `delete collection of ${kind.kind}`];
  add(collection, "delete", "deletecollection", many, [...lists, ...within], status, [200]);
  const item = (sub: string, payload: Payload, body: Route["body"]): void => {
    const path = `${collection}/{name}${sub && `/${sub}`}`;
    const noun = namespaced + kind.kind + sub.charAt(0).toUpperCase() + sub.slice(1);
    const of = `${sub ? `${sub} of ` : ""}the specified ${kind.kind}`;
    add(path, "get", "get", ["read", noun, `read ${of}`], [resourceVersion, ...named], payload, [200]);
    add(path, "put", "put", ["replace", noun, `replace ${of}`], [...metaParams("UpdateOptions", text), ...named], payload, [200, 201], body);
    add(path, "patch", "patch", ["patch", noun, `partially update ${of}`], [...metaParams("PatchOptions", text), ...named], payload, [200], patch);
  };
  item("", own, write);
  const options = { payload: { ref: `${META}.DeleteOptions` }, required: false };
  const deleting = [...metaParams("DeleteOptions", text), ...named];
  add(`${collection}/{name}`, "delete", "delete", ["delete", namespaced + kind.kind, `delete ${article} ${kind.kind}`], deleting, status, [200, 202], options);
  if (kind.status) item("status", own, write);
  const scale: Payload = { ref: "io.k8s.api.autoscaling.v1.Scale" };
  if (kind.scale) item("scale", scale, { payload: scale, required: true });
  return out;
}

/** Puts the definitions of a custom kind and its list among the others. */
export function defineCustom(kind: Kind, custom: CustomSchema, schemas: Schemas, version: 2 | 3, text: SchemaText): void {
  const extensions = (name: string): Doc => ({
    "x-kubernetes-group-version-kind": [{ group: kind.group, kind: name, version: kind.version }],
    ...(version === 3 && custom.selectableFields?.length
      ? { "x-kubernetes-selectable-fields": custom.selectableFields.map((path) => ({ fieldPath: path.replace(/^\./, "") })) }
      : {}),
  });
  const reference = (name: string, description: string): Doc =>
    version === 2 ? { description, ...schemas.ref(name) } : { description, allOf: [schemas.ref(name)] };
  // any built-in kind has the two texts
  const typeMeta = (): Doc =>
    Object.fromEntries(["apiVersion", "kind"].map((f) => [f, { ...described(text.field("io.k8s.api.core.v1.Pod", f)), type: "string" }]));
  const native = (): Doc => ({ ...typeMeta(), metadata: reference(`${META}.ObjectMeta`, "Standard object metadata.") });

  const name = modelName(kind);
  const { schema } = custom;
  // without a schema there are no properties at all: kubectl takes those that are named for all there may be
  const open = schema === undefined || (version === 2 && (custom.preserveUnknownFields === true || schema[PRESERVE] === true));
  const published = open ? { type: "object" } : publish(schema, version, native);
  if (!open) published.properties = { ...(published.properties as Doc | undefined), ...native() };
  const own = schemas.put(name, { ...published, ...extensions(kind.kind) });
  const items = { description: `List of ${kind.resource}.`, type: "array", items: own };
  schemas.put(modelName(kind, listKind(kind)), {
    description: `${listKind(kind)} is a list of ${kind.kind}`,
    type: "object",
    required: ["items"],
    properties: { ...typeMeta(), items, metadata: reference(`${META}.ListMeta`, "Standard list metadata.") },
    ...extensions(listKind(kind)),
  });
}

const described = (description: string | undefined): Doc => (description ? { description } : {});
const PRESERVE = "x-kubernetes-preserve-unknown-fields";
const EMBEDDED = "x-kubernetes-embedded-resource";

/** Keywords of a structural schema that are published. */
const KEYWORDS = new Set(
  `title description type nullable format default maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern maxItems minItems uniqueItems
  multipleOf enum maxProperties minProperties required items allOf oneOf anyOf not properties additionalProperties example`.split(/\s+/),
);
const ONLY_V3 = new Set(["allOf", "oneOf", "anyOf", "not", "nullable", "default"]);

/** A schema as a document has it: for v2 without what v2 and kubectl cannot read. Source: apiextensions pkg/controller/openapi/v2 ToStructuralOpenAPIV2. */
function publish(schema: Doc, version: 2 | 3, native: () => Doc): Doc {
  const out: Doc = {};
  const each = (map: unknown): Doc => Object.fromEntries(Object.entries(map as Record<string, Doc>).map(([k, v]) => [k, publish(v, version, native)]));
  for (const [key, value] of Object.entries(schema)) {
    if (!(KEYWORDS.has(key) || key.startsWith("x-kubernetes-")) || (version === 2 && ONLY_V3.has(key))) continue;
    if (key === "properties") out[key] = each(value);
    else if ((key === "items" || key === "additionalProperties") && typeof value === "object" && value !== null)
      out[key] = publish(value as Doc, version, native);
    else out[key] = value;
  }
  if (version === 3 && schema["x-kubernetes-int-or-string"] === true && !schema.anyOf && !schema.allOf) out.anyOf = [{ type: "integer" }, { type: "string" }];
  if (version === 2) narrow(schema, out);
  if (schema[EMBEDDED] === true && !(version === 2 && schema[PRESERVE] === true)) {
    out.properties = { ...(out.properties as Doc | undefined), ...native() };
    out.required = [...new Set([...((out.required as string[] | undefined) ?? []), "kind", "apiVersion"])];
  }
  return out;
}

function narrow(schema: Doc, out: Doc): void {
  if (schema.nullable === true || schema[PRESERVE] === true) {
    delete out.items;
    delete out.properties;
  }
  // kubectl reads neither arrays without items nor objects that may hold anything
  if (schema.nullable === true || (out.items === undefined && schema.type === "array") || (schema[PRESERVE] === true && schema.type === "object"))
    delete out.type;
  const nullable = Object.entries((schema.properties as Record<string, Doc> | undefined) ?? {}).filter(([, s]) => s.nullable === true);
  const required = ((schema.required as string[] | undefined) ?? []).filter((name) => !nullable.some(([n]) => n === name));
  if (required.length) out.required = required;
  else delete out.required;
}
