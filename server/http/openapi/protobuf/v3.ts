import type { FieldType, Messages } from "./encode.js";

/** The messages of openapi.v3 that our documents have. Source: gnostic-models openapiv3/OpenAPIv3.proto. */

const many = (type: FieldType): FieldType => ({ list: type });
const of = (name: string): FieldType => ({ message: name });
const has = (value: unknown, key: string): boolean => typeof value === "object" && value !== null && key in value;
const orReference = (name: string): FieldType => ({ pick: (v) => (has(v, "$ref") ? { field: 2, type: of("Reference") } : { field: 1, type: of(name) }) });

const schema = orReference("Schema");
const operation = of("Operation");
const schemaOrBool: FieldType = { pick: (v) => (typeof v === "boolean" ? { field: 2, type: "bool" } : { field: 1, type: schema }) };
const itemsItem: FieldType = { pick: () => ({ field: 1, type: schema }) };
/** Only scalars have a form: of an object the empty message is left, as upstream leaves it. */
const defaultType: FieldType = {
  pick: (v) => {
    if (typeof v === "number") return { field: 1, type: "double" };
    if (typeof v === "boolean") return { field: 2, type: "bool" };
    return typeof v === "string" ? { field: 3, type: "string" } : { field: 3, type: "nothing" };
  },
};

export const V3_MESSAGES: Messages = {
  Document: {
    fields: { openapi: [1, "string"], info: [2, of("Info")], paths: [4, of("Paths")], components: [5, of("Components")] },
    extensions: 9,
  },
  Info: { fields: { title: [1, "string"], version: [6, "string"] }, extensions: 7 },
  Paths: { fields: {}, extensions: 2, rest: [1, of("PathItem")] },
  PathItem: {
    fields: {
      get: [4, operation],
      put: [5, operation],
      post: [6, operation],
      delete: [7, operation],
      options: [8, operation],
      head: [9, operation],
      patch: [10, operation],
      parameters: [13, many(orReference("Parameter"))],
    },
    extensions: 14,
  },
  Operation: {
    fields: {
      tags: [1, many("string")],
      description: [3, "string"],
      operationId: [5, "string"],
      parameters: [6, many(orReference("Parameter"))],
      requestBody: [7, orReference("RequestBody")],
      responses: [8, of("Responses")],
    },
    extensions: 13,
  },
  Parameter: {
    fields: { name: [1, "string"], in: [2, "string"], description: [3, "string"], required: [4, "bool"], schema: [10, schema] },
    extensions: 14,
  },
  RequestBody: { fields: { description: [1, "string"], content: [2, of("MediaTypes")], required: [3, "bool"] }, extensions: 4 },
  MediaTypes: { fields: {}, rest: [1, of("MediaType")] },
  MediaType: { fields: { schema: [1, schema] }, extensions: 5 },
  Responses: { fields: { default: [1, orReference("Response")] }, extensions: 3, rest: [2, orReference("Response")] },
  Response: { fields: { description: [1, "string"], content: [3, of("MediaTypes")] }, extensions: 5 },
  Reference: { fields: { $ref: [1, "string"] } },
  Components: { fields: { schemas: [1, of("Schemas")], securitySchemes: [7, of("SecuritySchemes")] }, extensions: 10 },
  Schemas: { fields: {}, rest: [1, schema] },
  Properties: { fields: {}, rest: [1, schema] },
  SecuritySchemes: { fields: {}, rest: [1, orReference("SecurityScheme")] },
  SecurityScheme: { fields: { type: [1, "string"], description: [2, "string"], name: [3, "string"], in: [4, "string"] }, extensions: 9 },
  Schema: {
    fields: {
      nullable: [1, "bool"],
      example: [7, "any"],
      title: [9, "string"],
      multipleOf: [10, "double"],
      maximum: [11, "double"],
      exclusiveMaximum: [12, "bool"],
      minimum: [13, "double"],
      exclusiveMinimum: [14, "bool"],
      maxLength: [15, "int"],
      minLength: [16, "int"],
      pattern: [17, "string"],
      maxItems: [18, "int"],
      minItems: [19, "int"],
      uniqueItems: [20, "bool"],
      maxProperties: [21, "int"],
      minProperties: [22, "int"],
      required: [23, many("string")],
      enum: [24, many("any")],
      type: [25, "string"],
      allOf: [26, many(schema)],
      oneOf: [27, many(schema)],
      anyOf: [28, many(schema)],
      not: [29, of("Schema")],
      items: [30, itemsItem],
      properties: [31, of("Properties")],
      additionalProperties: [32, schemaOrBool],
      default: [33, defaultType],
      description: [34, "string"],
      format: [35, "string"],
    },
    extensions: 36,
  },
};
