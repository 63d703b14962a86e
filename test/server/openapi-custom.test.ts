import { describe, expect, it } from "vitest";
import type { Kind } from "../../kinds/kind.js";
import { KINDS } from "../../kinds/registry.js";
import type { CustomSchema } from "../../server/http/openapi/custom.js";
import { documentsOf } from "../../server/http/openapi/documents.js";

// biome-ignore lint/suspicious/noExplicitAny: documents are walked as they come
type Json = any;

const cronTab: Kind = {
  group: "stable.example.com",
  version: "v1",
  kind: "CronTab",
  resource: "crontabs",
  singular: "crontab",
  namespaced: true,
  schema: "com.example.stable.v1.CronTab",
  status: true,
};

const schema = {
  type: "object",
  required: ["spec"],
  properties: {
    spec: {
      type: "object",
      required: ["cron", "image"],
      properties: {
        cron: { type: "string", pattern: "^.+$", default: "* * * * *" },
        image: { type: "string", nullable: true },
        port: { "x-kubernetes-int-or-string": true },
        anything: { type: "object", "x-kubernetes-preserve-unknown-fields": true, properties: { a: { type: "string" } } },
        template: { type: "object", "x-kubernetes-embedded-resource": true },
        either: { type: "object", oneOf: [{ required: ["a"] }, { required: ["b"] }], properties: { a: { type: "string" }, b: { type: "string" } } },
      },
    },
  },
};

function build(custom: CustomSchema): { v3: Json; v2: Json; names: readonly string[] } {
  const documents = documentsOf([...KINDS, cronTab], { customSchema: (kind) => (kind === cronTab ? custom : undefined) });
  documents.v2().protobuf();
  const v3 = documents.v3("apis/stable.example.com/v1")!;
  v3.protobuf();
  return { v3: JSON.parse(v3.json.toString()), v2: JSON.parse(documents.v2().json.toString()), names: documents.names };
}

describe("#3.1 openapi: custom resources", () => {
  const { v3, v2, names } = build({ schema, selectableFields: [".spec.cron"] });
  const own = v3.components.schemas["com.example.stable.v1.CronTab"];

  it("have a document of their group version, none of their group", () => {
    expect(names).toContain("apis/stable.example.com/v1");
    expect(names).not.toContain("apis/stable.example.com");
    expect(v3.info.title).toBe("Kubernetes CRD Swagger");
    const root = "/apis/stable.example.com/v1";
    expect(Object.keys(v3.paths)).toEqual([
      `${root}/crontabs`,
      `${root}/namespaces/{namespace}/crontabs`,
      `${root}/namespaces/{namespace}/crontabs/{name}`,
      `${root}/namespaces/{namespace}/crontabs/{name}/status`,
    ]);
    const item = v3.paths[`${root}/namespaces/{namespace}/crontabs/{name}`];
    expect(item.get.operationId).toBe("readStableExampleComV1NamespacedCronTab");
    expect(Object.keys(item.patch.requestBody.content)).toEqual([
      "application/apply-patch+yaml",
      "application/json-patch+json",
      "application/merge-patch+json",
    ]);
    expect(v2.paths).toHaveProperty([`${root}/crontabs`]);
  });

  it("are published with metadata and what v3 can say", () => {
    expect(own["x-kubernetes-group-version-kind"]).toEqual([{ group: "stable.example.com", kind: "CronTab", version: "v1" }]);
    expect(own["x-kubernetes-selectable-fields"]).toEqual([{ fieldPath: "spec.cron" }]);
    expect(own.properties.metadata.allOf).toEqual([{ $ref: "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta" }]);
    const { properties } = own.properties.spec;
    expect(properties.cron).toEqual(schema.properties.spec.properties.cron);
    expect(properties.port.anyOf).toEqual([{ type: "integer" }, { type: "string" }]);
    expect(properties.template.required).toEqual(["kind", "apiVersion"]);
    const list = v3.components.schemas["com.example.stable.v1.CronTabList"];
    expect(list.properties.items.items).toEqual({ $ref: "#/components/schemas/com.example.stable.v1.CronTab" });
  });

  it("lose in v2 what kubectl cannot read", () => {
    const { spec } = v2.definitions["com.example.stable.v1.CronTab"].properties;
    expect(spec.required).toEqual(["cron"]);
    expect(spec.properties).toMatchObject({ cron: { type: "string", pattern: "^.+$" }, image: {}, anything: { "x-kubernetes-preserve-unknown-fields": true } });
    expect(spec.properties.cron.default).toBeUndefined();
    expect(spec.properties.image).toEqual({});
    expect(spec.properties.anything.properties).toBeUndefined();
    expect(spec.properties.either.oneOf).toBeUndefined();
  });

  it("without a schema say nothing about fields", () => {
    for (const custom of [{}, { schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } }]) {
      const doc = build(custom);
      expect(doc.v2.definitions["com.example.stable.v1.CronTab"].properties).toBeUndefined();
    }
    expect(build({}).v3.components.schemas["com.example.stable.v1.CronTab"].properties).toBeUndefined();
  });
});
