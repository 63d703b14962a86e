/** ResourceClaimTemplate. Sources: pkg/registry/resource/resourceclaimtemplate, pkg/apis/resource/validation. */
import { internalEqual, showInternal } from "../../core/pod/internal.js";
import { type FieldError, invalid } from "../../field.js";
import type { Kind } from "../../kind.js";
import type { KubeObject, ObjectMeta } from "../../object.js";
import { AGE_COLUMN, age, NAME_COLUMN, printer } from "../../printing.js";
import { FIELD_IS_IMMUTABLE, validateKubeObjectMeta, validateKubeObjectMetaUpdate, validateTemplateObjectMeta } from "../../validation/metadata.js";
import { nameIsDNSSubdomain } from "../../validation/names.js";
import { defaultClaimSpec, validateClaimSpec } from "../claimspec.js";

const SPEC = "ResourceClaimTemplateSpec";

const validate = (object: KubeObject): FieldError[] => [
  ...validateTemplateObjectMeta(object.spec?.metadata as ObjectMeta | undefined, "spec.metadata"),
  ...validateClaimSpec(object.spec?.spec, "spec.spec"),
];

export const resourceClaimTemplate: Kind = {
  group: "resource.k8s.io",
  version: "v1",
  kind: "ResourceClaimTemplate",
  resource: "resourceclaimtemplates",
  singular: "resourceclaimtemplate",
  namespaced: true,
  schema: "io.k8s.api.resource.v1.ResourceClaimTemplate",
  defaults: (object) => defaultClaimSpec(object.spec?.spec),
  validate,
  validateUpdate: (object, old) => [
    ...validateKubeObjectMeta(object.metadata, true, nameIsDNSSubdomain),
    ...validate(object),
    ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
    ...(internalEqual(SPEC, object.spec, old.spec) ? [] : [invalid("spec", showInternal(SPEC, object.spec ?? {}), FIELD_IS_IMMUTABLE)]),
  ],
  returnDeletedObject: true,
  printer: printer([NAME_COLUMN, AGE_COLUMN], (o, ctx) => [o.metadata.name ?? "", age(o, ctx)]),
};
