import { describe, expect, it } from "vitest";
import { ALL_VERBS, type Kind } from "../../kinds/kind.js";
import { KINDS } from "../../kinds/registry.js";
import { type Documents, documentsOf } from "../../server/http/openapi/documents.js";
import type { Doc } from "../../server/http/openapi/model.js";

// biome-ignore lint/suspicious/noExplicitAny: documents are walked as they come
type Json = any;

const documents = documentsOf(KINDS, { text: { definition: () => undefined, field: () => undefined, parameter: () => undefined } });
const parse = (json: Buffer): Doc => JSON.parse(json.toString("utf8")) as Doc;
const gvOf = (kind: Kind): string => (kind.group ? `apis/${kind.group}/${kind.version}` : `api/${kind.version}`);
const v3 = (name: string, from: Documents = documents): Json => parse(from.v3(name)!.json);
const v2: Json = parse(documents.v2().json);
const at = (kind: Kind): string => `/${gvOf(kind)}/${kind.namespaced ? "namespaces/{namespace}/" : ""}${kind.resource}`;

function* refsOf(doc: unknown): Generator<string> {
  if (typeof doc !== "object" || doc === null) return;
  for (const [key, value] of Object.entries(doc)) {
    if (key === "$ref" && typeof value === "string") yield value;
    else yield* refsOf(value);
  }
}

const resolve = (doc: unknown, ref: string): unknown =>
  ref
    .slice(2)
    .split("/")
    .reduce<Json>((d, key) => d?.[key], doc);

describe("#3.1 openapi: what is served is described", () => {
  it.each(KINDS.map((k) => [`${gvOf(k)} ${k.resource}`, k] as const))("%s has its schema and its paths", (_, kind) => {
    const doc = v3(gvOf(kind));
    const schema = doc.components.schemas[kind.schema];
    expect(schema["x-kubernetes-group-version-kind"]).toContainEqual({ group: kind.group, kind: kind.kind, version: kind.version });
    expect(v2.definitions[kind.schema]["x-kubernetes-group-version-kind"]).toEqual(schema["x-kubernetes-group-version-kind"]);
    const verbs = kind.verbs ?? ALL_VERBS;
    const methods = (path: string): string[] => Object.keys(doc.paths[path] ?? {}).filter((m) => m !== "parameters");
    const served = { get: "get", update: "put", patch: "patch", delete: "delete" } as const;
    for (const [verb, method] of Object.entries(served)) expect(methods(`${at(kind)}/{name}`).includes(method)).toBe(verbs.includes(verb as "get"));
    const many = { list: "get", create: "post", deletecollection: "delete" } as const;
    for (const [verb, method] of Object.entries(many)) expect(methods(at(kind)).includes(method)).toBe(verbs.includes(verb as "list"));
    const subs = [...(kind.status ? ["status"] : []), ...(kind.scale ? ["scale"] : []), ...(kind.views ?? []).map((v) => v.name)];
    for (const sub of [...subs, ...(kind.connect ?? []).map((c) => c.name)]) expect(methods(`${at(kind)}/{name}/${sub}`), sub).not.toEqual([]);
    for (const path of Object.keys(doc.paths)) expect(v2.paths).toHaveProperty([path]);
  });

  it("refers to nothing that is not there", () => {
    for (const [name, doc] of [["v2", v2], ...documents.names.map((n) => [n, v3(n)])])
      for (const ref of new Set(refsOf(doc))) expect(resolve(doc, ref), `${ref} in ${name}`).toBeDefined();
  });

  it("gives every operation an id of its own", () => {
    const ids = Object.values(v2.paths).flatMap((item: Json) => Object.values(item).flatMap((op: Json) => op.operationId ?? []));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("lists the documents by path, those of no group among them", () => {
    for (const name of [".well-known/openid-configuration", "api", "api/v1", "apis", "apis/apps", "apis/apps/v1", "openid/v1/jwks", "version"])
      expect(documents.names).toContain(name);
    expect(documents.v3("apis/nope.example.com/v1")).toBeUndefined();
  });
});

describe("#3.1 openapi: as kube-apiserver writes it", () => {
  const apps = v3("apis/apps/v1");
  const spec = apps.components.schemas["io.k8s.api.apps.v1.StatefulSetSpec"];

  it("has the facts about fields", () => {
    expect(spec.required).toEqual(["selector", "template"]);
    expect(spec.properties.replicas).toEqual({ type: "integer", format: "int32" });
    expect(spec.properties.podManagementPolicy).toEqual({ type: "string", enum: ["OrderedReady", "Parallel"] });
    const container = apps.components.schemas["io.k8s.api.core.v1.PodSpec"].properties.containers;
    expect(container).toMatchObject({
      type: "array",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
      "x-kubernetes-patch-merge-key": "name",
      "x-kubernetes-patch-strategy": "merge",
    });
    expect(apps.components.schemas["io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector"]["x-kubernetes-map-type"]).toBe("atomic");
  });

  it("wraps references that have siblings, in v3 only", () => {
    const template = "io.k8s.api.core.v1.PodTemplateSpec";
    expect(spec.properties.template).toEqual({ default: {}, allOf: [{ $ref: `#/components/schemas/${template}` }] });
    expect(spec.properties.volumeClaimTemplates.items).toMatchObject({ default: {}, allOf: [{ $ref: expect.stringContaining("PersistentVolumeClaim") }] });
    const old = v2.definitions["io.k8s.api.apps.v1.StatefulSetSpec"].properties;
    expect(old.template).toEqual({ $ref: `#/definitions/${template}` });
    expect(old.serviceName).toEqual({ type: "string" });
    expect(spec.properties.serviceName).toEqual({ type: "string", default: "" });
  });

  it("knows the types that are two things at once", () => {
    const quantity = "io.k8s.apimachinery.pkg.api.resource.Quantity";
    const intOrString = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
    expect(apps.components.schemas[quantity]).toEqual({ oneOf: [{ type: "string" }, { type: "number" }] });
    expect(apps.components.schemas[intOrString]).toEqual({ format: "int-or-string", oneOf: [{ type: "integer" }, { type: "string" }] });
    expect(v2.definitions[quantity]).toEqual({ type: "string" });
    expect(v2.definitions[intOrString]).toEqual({ type: "string", format: "int-or-string" });
  });

  it("names DeleteOptions in every group version in v2, in its own and the core one in v3", () => {
    const name = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions";
    const gvk = (group: string): object => ({ group, kind: "DeleteOptions", version: "v1" });
    expect(apps.components.schemas[name]["x-kubernetes-group-version-kind"]).toEqual([gvk(""), gvk("apps")]);
    expect(v3("api/v1").components.schemas[name]["x-kubernetes-group-version-kind"]).toEqual([gvk("")]);
    expect(v2.definitions[name]["x-kubernetes-group-version-kind"]).toHaveLength(60);
  });

  it("builds operations: ids, actions, bodies, content types, common parameters", () => {
    const items = apps.paths["/apis/apps/v1/namespaces/{namespace}/statefulsets"];
    expect([items.get, items.post, items.delete].map((op) => [op.operationId, op["x-kubernetes-action"]])).toEqual([
      ["listAppsV1NamespacedStatefulSet", "list"],
      ["createAppsV1NamespacedStatefulSet", "post"],
      ["deleteAppsV1CollectionNamespacedStatefulSet", "deletecollection"],
    ]);
    expect(items.parameters.map((p: Doc) => p.name)).toEqual(["namespace", "pretty"]);
    expect(Object.keys(items.get.responses["200"].content)).toContain("application/json;stream=watch");
    expect(items.delete.parameters.map((p: Doc) => p.name)).not.toContain("watch");
    const item = apps.paths["/apis/apps/v1/namespaces/{namespace}/statefulsets/{name}"];
    expect(Object.keys(item.patch.requestBody.content)).toEqual([
      "application/apply-patch+yaml",
      "application/json-patch+json",
      "application/merge-patch+json",
      "application/strategic-merge-patch+json",
    ]);
    expect(item.get["x-kubernetes-group-version-kind"]).toEqual({ group: "apps", version: "v1", kind: "StatefulSet" });
    const scale = apps.paths["/apis/apps/v1/namespaces/{namespace}/statefulsets/{name}/scale"];
    expect(scale.put.operationId).toBe("replaceAppsV1NamespacedStatefulSetScale");
    expect(scale.put["x-kubernetes-group-version-kind"]).toEqual({ group: "autoscaling", version: "v1", kind: "Scale" });
    expect(apps.paths["/apis/apps/v1/statefulsets"].get.operationId).toBe("listAppsV1StatefulSetForAllNamespaces");
    expect(apps.paths["/apis/apps/v1/watch/statefulsets"].get.operationId).toBe("watchAppsV1StatefulSetListForAllNamespaces");
    expect(v2.paths["/apis/"].get).toMatchObject({ operationId: "getAPIVersions", tags: ["apis"] });
  });

  it("describes logs, streams and proxies", () => {
    const pod = "/api/v1/namespaces/{namespace}/pods/{name}";
    const { paths } = v3("api/v1");
    expect(paths[`${pod}/log`].get.responses["200"].content["text/plain"]).toEqual({ schema: { type: "string" } });
    expect(paths[`${pod}/log`].parameters.map((p: Doc) => p.name)).toContain("tailLines");
    expect(paths[`${pod}/exec`].post.operationId).toBe("connectCoreV1PostNamespacedPodExec");
    expect(paths[`${pod}/exec`].parameters.map((p: Doc) => p.name)).toEqual(["command", "container", "name", "namespace", "stderr", "stdin", "stdout", "tty"]);
    expect(paths[`${pod}/proxy/{path}`].options.operationId).toBe("connectCoreV1OptionsNamespacedPodProxyWithPath");
    expect(paths[`${pod}/eviction`].post.requestBody.content["*/*"].schema.$ref).toMatch(/policy\.v1\.Eviction$/);
  });

  it("shares parameters in v2 under names hashed from them", () => {
    expect(v2.parameters["body-2Y1dVQaQ"].schema.$ref).toMatch(/DeleteOptions$/);
    expect(v2.parameters["body-78PwaGsr"]).toMatchObject({ required: true, schema: { $ref: expect.stringMatching(/Patch$/) } });
    const item = v2.paths["/apis/apps/v1/namespaces/{namespace}/statefulsets/{name}"];
    expect(item.delete.parameters[0]).toEqual({ $ref: "#/parameters/body-2Y1dVQaQ" });
    expect(item.patch.parameters).toContainEqual(expect.objectContaining({ name: "fieldValidation", in: "query" }));
  });
});

describe("#3.1 openapi: descriptions", () => {
  it("stand on definitions, fields and parameters where there are some", () => {
    const text = {
      definition: (name: string) =>
        name.endsWith(".StatefulSetOrdinals") ? "First words. And more." : name.endsWith("StatefulSetSpec") ? "A spec." : undefined,
      field: (name: string, field: string) => (name.endsWith("StatefulSetSpec") && field === "replicas" ? "How many." : undefined),
      parameter: (options: string, name: string) => `${options} ${name}`,
    };
    const doc = v3("apis/apps/v1", documentsOf(KINDS, { text }));
    const spec = doc.components.schemas["io.k8s.api.apps.v1.StatefulSetSpec"];
    expect(spec.description).toBe("A spec.");
    expect(spec.properties.replicas.description).toBe("How many.");
    expect(spec.properties.ordinals.description).toBe("First words.");
    const item = doc.paths["/apis/apps/v1/namespaces/{namespace}/statefulsets/{name}"];
    expect(item.patch.parameters.find((p: Doc) => p.name === "force").description).toBe("PatchOptions force");
  });
});
