import { mustStruct } from "../../kinds/schema/index.js";
import type { TypeRef } from "../../kinds/schema/types.js";

const SCHEMA_PROPS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps";

/** Every field of a struct set, to values that a count tells apart. */
export function filled(struct: string, count: { n: number }, depth = 0): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const field of mustStruct(struct).fields) if (field.proto !== undefined) out[field.name] = drawn(field.type, count, depth);
  return out;
}

function drawn(type: TypeRef, count: { n: number }, depth: number): unknown {
  const n = ++count.n;
  switch (type.k) {
    case "scalar":
      if (type.name === "string") return `s${n}`;
      if (type.name === "bool") return true;
      if (type.name === "bytes") return Buffer.from([n & 255, 0, 255]).toString("base64");
      if (type.name === "float64") return n + 0.5;
      return type.name === "int64" ? -n * 2 ** 33 : type.name === "int32" ? -n : n & 255;
    case "list":
      return [drawn(type.of, count, depth + 1), drawn(type.of, count, depth + 1)];
    case "map":
      return { b: drawn(type.of, count, depth + 1), "a/é": drawn(type.of, count, depth + 1) };
    case "struct":
      return type.name === SCHEMA_PROPS && depth > 3 ? { type: `t${n}` } : filled(type.name, count, depth + 1);
    case "special":
      return specialOf(type.name, n);
  }
}

function specialOf(name: string, n: number): unknown {
  const two = String(n % 60).padStart(2, "0");
  switch (name) {
    case "Time":
      return `2026-01-02T03:04:${two}Z`;
    case "MicroTime":
      return `1969-01-02T03:04:${two}.000007Z`;
    case "Duration":
      return `${(n % 50) + 1}m0.5s`;
    case "Quantity":
      return `${n}m`;
    case "IntOrString":
      return n % 2 ? -n : `${n}%`;
    case "RawExtension":
    case "FieldsV1":
      return { "f:a": { n, x: [null, "<&>"] } };
    case "JSON":
      return [n, "x"];
    case "JSONSchemaPropsOrBool":
      return n % 2 === 0;
    case "JSONSchemaPropsOrArray":
      return [{ type: "a" }, { type: "b" }];
    default:
      return ["a", "b"];
  }
}
