/** ServiceAccount. Sources: pkg/registry/core/serviceaccount, pkg/apis/core/validation ValidateServiceAccount. */
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { AGE_COLUMN, age, NAME_COLUMN, printer } from "../../printing.js";
import { validateKubeObjectMeta, validateKubeObjectMetaUpdate } from "../../validation/metadata.js";
import { nameIsDNSSubdomain } from "../../validation/names.js";

const ENFORCE_MOUNTABLE = "kubernetes.io/enforce-mountable-secrets";

/** Of a secret reference only the name counts. */
function cleanSecretReferences(object: KubeObject): void {
  if (Array.isArray(object.secrets)) object.secrets = object.secrets.map((ref: { name?: string }) => (ref.name ? { name: ref.name } : {}));
}

const hasEnforce = (object: KubeObject | undefined): boolean => object?.metadata.annotations?.[ENFORCE_MOUNTABLE] !== undefined;

export const serviceAccount: Kind = {
  group: "",
  version: "v1",
  kind: "ServiceAccount",
  resource: "serviceaccounts",
  singular: "serviceaccount",
  shortNames: ["sa"],
  namespaced: true,
  schema: "io.k8s.api.core.v1.ServiceAccount",
  prepareForCreate: cleanSecretReferences,
  prepareForUpdate: cleanSecretReferences,
  validateUpdate: (object, old) => [
    ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
    ...validateKubeObjectMeta(object.metadata, true, nameIsDNSSubdomain),
  ],
  warnings: (object, old) =>
    hasEnforce(object) && !hasEnforce(old)
      ? [`metadata.annotations[${ENFORCE_MOUNTABLE}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`]
      : [],
  returnDeletedObject: true,
  connect: [{ name: "token", kind: "TokenRequest", group: "authentication.k8s.io", version: "v1", verbs: ["create"] }],
  printer: printer([NAME_COLUMN, AGE_COLUMN], (o, ctx) => [o.metadata.name ?? "", age(o, ctx)]),
};
