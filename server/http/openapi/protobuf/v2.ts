import type { FieldType, Messages, MessageType } from "./encode.js";

/** The messages of openapi.v2 that our documents have. Source: gnostic-models openapiv2/OpenAPIv2.proto. */

const many = (type: FieldType): FieldType => ({ list: type });
const of = (name: string): FieldType => ({ message: name });
const schema = of("Schema");
const has = (value: unknown, key: string): boolean => typeof value === "object" && value !== null && key in value;

/** Parameters of query and path differ in the numbers after `name` only. */
const nonBody = (shift: number): MessageType => ({
  fields: {
    required: [1, "bool"],
    in: [2, "string"],
    description: [3, "string"],
    name: [4, "string"],
    type: [5 + shift, "string"],
    format: [6 + shift, "string"],
    uniqueItems: [19 + shift, "bool"],
  },
  extensions: 22 + shift,
});

const nonBodyParameter: FieldType = {
  pick: (v) => ((v as { in?: string }).in === "path" ? { field: 4, type: of("PathParameter") } : { field: 3, type: of("QueryParameter") }),
};
const parameter: FieldType = {
  pick: (v) => ((v as { in?: string }).in === "body" ? { field: 1, type: of("BodyParameter") } : { field: 2, type: nonBodyParameter }),
};
const parameterOrRef: FieldType = { pick: (v) => (has(v, "$ref") ? { field: 2, type: of("JsonReference") } : { field: 1, type: parameter }) };
const responseOrRef: FieldType = { pick: (v) => (has(v, "$ref") ? { field: 2, type: of("JsonReference") } : { field: 1, type: of("Response") }) };
const schemaItem: FieldType = { pick: () => ({ field: 1, type: schema }) };
const schemaOrBool: FieldType = { pick: (v) => (typeof v === "boolean" ? { field: 2, type: "bool" } : { field: 1, type: schema }) };
/** A message of one repeated field that stands for one value or several. */
const oneOrMore = (type: FieldType): FieldType => ({ pick: (v) => ({ field: 1, type: Array.isArray(v) ? many(type) : type }) });
const apiKey: FieldType = { pick: () => ({ field: 2, type: of("ApiKeySecurity") }) };
const operation = of("Operation");

export const V2_MESSAGES: Messages = {
  Document: {
    fields: {
      swagger: [1, "string"],
      info: [2, of("Info")],
      paths: [8, of("Paths")],
      definitions: [9, of("Definitions")],
      parameters: [10, of("ParameterDefinitions")],
      security: [12, many(of("SecurityRequirement"))],
      securityDefinitions: [13, of("SecurityDefinitions")],
    },
    extensions: 16,
  },
  Info: { fields: { title: [1, "string"], version: [2, "string"] }, extensions: 7 },
  Paths: { fields: {}, extensions: 1, rest: [2, of("PathItem")] },
  PathItem: {
    fields: {
      get: [2, operation],
      put: [3, operation],
      post: [4, operation],
      delete: [5, operation],
      options: [6, operation],
      head: [7, operation],
      patch: [8, operation],
      parameters: [9, many(parameterOrRef)],
    },
    extensions: 10,
  },
  Operation: {
    fields: {
      tags: [1, many("string")],
      description: [3, "string"],
      operationId: [5, "string"],
      produces: [6, many("string")],
      consumes: [7, many("string")],
      parameters: [8, many(parameterOrRef)],
      responses: [9, of("Responses")],
      schemes: [10, many("string")],
    },
    extensions: 13,
  },
  Responses: { fields: {}, extensions: 2, rest: [1, responseOrRef] },
  Response: { fields: { description: [1, "string"], schema: [2, schemaItem] }, extensions: 5 },
  JsonReference: { fields: { $ref: [1, "string"], description: [2, "string"] } },
  BodyParameter: {
    fields: { description: [1, "string"], name: [2, "string"], in: [3, "string"], required: [4, "bool"], schema: [5, schema] },
    extensions: 6,
  },
  QueryParameter: nonBody(1),
  PathParameter: nonBody(0),
  ParameterDefinitions: { fields: {}, rest: [1, parameter] },
  Definitions: { fields: {}, rest: [1, schema] },
  Properties: { fields: {}, rest: [1, schema] },
  Schema: {
    fields: {
      $ref: [1, "string"],
      format: [2, "string"],
      title: [3, "string"],
      description: [4, "string"],
      default: [5, "any"],
      multipleOf: [6, "double"],
      maximum: [7, "double"],
      exclusiveMaximum: [8, "bool"],
      minimum: [9, "double"],
      exclusiveMinimum: [10, "bool"],
      maxLength: [11, "int"],
      minLength: [12, "int"],
      pattern: [13, "string"],
      maxItems: [14, "int"],
      minItems: [15, "int"],
      uniqueItems: [16, "bool"],
      maxProperties: [17, "int"],
      minProperties: [18, "int"],
      required: [19, many("string")],
      enum: [20, many("any")],
      additionalProperties: [21, schemaOrBool],
      type: [22, oneOrMore("string")],
      items: [23, oneOrMore(schema)],
      allOf: [24, many(schema)],
      properties: [25, of("Properties")],
      example: [30, "any"],
    },
    extensions: 31,
  },
  SecurityDefinitions: { fields: {}, rest: [1, apiKey] },
  ApiKeySecurity: { fields: { type: [1, "string"], name: [2, "string"], in: [3, "string"], description: [4, "string"] }, extensions: 5 },
  SecurityRequirement: { fields: {}, rest: [1, oneOrMore("string")] },
};
