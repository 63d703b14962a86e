/** ConfigMap. Sources: pkg/apis/core/validation ValidateConfigMap(Update), pkg/registry/core/configmap. */
import { type FieldError, forbidden, invalid, tooLong } from "../../field.js";
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { age, printer } from "../../printing.js";
import { semanticEqual } from "../../validation/equality.js";
import { validateKubeObjectMeta, validateKubeObjectMetaUpdate } from "../../validation/metadata.js";
import { byteLength, isConfigMapKey, nameIsDNSSubdomain } from "../../validation/names.js";
import { CONFIG_MAP_COLUMNS } from "./printer.js";

/** Bytes of all values of one ConfigMap or Secret. */
export const MAX_DATA_BYTES = 1024 * 1024;

const IMMUTABLE = "field is immutable when `immutable` is set";

function validate(object: KubeObject): FieldError[] {
  const out: FieldError[] = [];
  const data: Record<string, string> = object.data ?? {};
  const binary: Record<string, string> = object.binaryData ?? {};
  let size = 0;
  for (const [key, value] of Object.entries(data)) {
    for (const text of isConfigMapKey(key)) out.push(invalid(`data[${key}]`, key, text));
    if (Object.hasOwn(binary, key)) out.push(invalid(`data[${key}]`, key, "duplicate of key present in binaryData"));
    size += byteLength(value ?? "");
  }
  for (const [key, value] of Object.entries(binary)) {
    for (const text of isConfigMapKey(key)) out.push(invalid(`binaryData[${key}]`, key, text));
    size += Buffer.byteLength(value ?? "", "base64");
  }
  // Upstream means the whole object with an empty path, which prints like this.
  if (size > MAX_DATA_BYTES) out.push(tooLong("[]", MAX_DATA_BYTES));
  return out;
}

/** An immutable object's flag and contents stay as they are. */
export function validateImmutableData(object: KubeObject, old: KubeObject, fields: readonly string[]): FieldError[] {
  if (old.immutable !== true) return [];
  const out = object.immutable === true ? [] : [forbidden("immutable", IMMUTABLE)];
  for (const field of fields) if (!semanticEqual(object[field] ?? {}, old[field] ?? {})) out.push(forbidden(field, IMMUTABLE));
  return out;
}

export const configMap: Kind = {
  group: "",
  version: "v1",
  kind: "ConfigMap",
  resource: "configmaps",
  singular: "configmap",
  shortNames: ["cm"],
  namespaced: true,
  schema: "io.k8s.api.core.v1.ConfigMap",
  validate,
  validateUpdate: (object, old) => [
    ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
    ...validateImmutableData(object, old, ["data", "binaryData"]),
    ...validateKubeObjectMeta(object.metadata, true, nameIsDNSSubdomain),
    ...validate(object),
  ],
  printer: printer(CONFIG_MAP_COLUMNS, (o, ctx) => [
    o.metadata.name ?? "",
    Object.keys(o.data ?? {}).length + Object.keys(o.binaryData ?? {}).length,
    age(o, ctx),
  ]),
};
