/** Source: pkg/apis/core/validation ValidateSecret, ValidateSecretUpdate. */
import { type FieldError, invalid, required, tooLong } from "../../field.js";
import type { KubeObject } from "../../object.js";
import { validateImmutableField, validateKubeObjectMeta, validateKubeObjectMetaUpdate } from "../../validation/metadata.js";
import { isConfigMapKey, nameIsDNSSubdomain } from "../../validation/names.js";
import { MAX_DATA_BYTES, validateImmutableData } from "../configmap/index.js";
import { goJSONError } from "../../validation/gojsontext.js";

const SERVICE_ACCOUNT_NAME = "kubernetes.io/service-account.name";

/** What each well-known type asks of its data. */
function validateType(object: KubeObject): FieldError[] {
  const data: Record<string, string> = object.data ?? {};
  const has = (key: string): boolean => Object.hasOwn(data, key);
  const wants = (...keys: string[]): FieldError[] => keys.map((key) => required(`data[${key}]`));
  const json = (key: string): FieldError[] => {
    if (!has(key)) return wants(key);
    const problem = goJSONError(Buffer.from(data[key] as string, "base64").toString("utf8"));
    return problem ? [invalid(`data[${key}]`, "<secret contents redacted>", problem)] : [];
  };
  switch (object.type) {
    case "kubernetes.io/service-account-token":
      return object.metadata.annotations?.[SERVICE_ACCOUNT_NAME] ? [] : [required(`metadata.annotations[${SERVICE_ACCOUNT_NAME}]`)];
    case "kubernetes.io/dockercfg":
      return json(".dockercfg");
    case "kubernetes.io/dockerconfigjson":
      return json(".dockerconfigjson");
    case "kubernetes.io/basic-auth":
      return has("username") || has("password") ? [] : wants("username", "password");
    case "kubernetes.io/ssh-auth":
      return data["ssh-privatekey"] ? [] : wants("ssh-privatekey");
    case "kubernetes.io/tls":
      return ["tls.crt", "tls.key"].filter((key) => !has(key)).map((key) => required(`data[${key}]`));
    default:
      return [];
  }
}

export function validateSecret(object: KubeObject): FieldError[] {
  const out: FieldError[] = [];
  let size = 0;
  for (const [key, value] of Object.entries<string>(object.data ?? {})) {
    for (const text of isConfigMapKey(key)) out.push(invalid(`data[${key}]`, key, text));
    size += Buffer.byteLength(value ?? "", "base64");
  }
  if (size > MAX_DATA_BYTES) out.push(tooLong("data", MAX_DATA_BYTES));
  return [...out, ...validateType(object)];
}

export function validateSecretUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  return [
    ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
    ...validateImmutableField(object.type ?? "", old.type ?? "", "type"),
    ...validateImmutableData(object, old, ["data"]),
    ...validateKubeObjectMeta(object.metadata, true, nameIsDNSSubdomain),
    ...validateSecret(object),
  ];
}
