/** ControllerRevision. Sources: pkg/registry/apps/controllerrevision, pkg/apis/apps/validation ValidateControllerRevisionCreate. */
import { type FieldError, required } from "../../field.js";
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { AGE_COLUMN, age, column, NAME_COLUMN, printer } from "../../printing.js";
import { validateImmutableField, validateKubeObjectMeta, validateKubeObjectMetaUpdate, validateNonnegative } from "../../validation/metadata.js";
import { nameIsDNSSubdomain } from "../../validation/names.js";

const validateRevision = (object: KubeObject): FieldError[] => validateNonnegative(object.revision ?? 0, "revision");

function validateData(object: KubeObject): FieldError[] {
  const { data } = object;
  if (data === undefined || data === null) return [required("data", "data is mandatory")];
  return typeof data === "object" && !Array.isArray(data) ? [] : [required("data", "data must be a valid JSON object")];
}

/** `statefulset.apps/web`, as kubectl names the owner; the group is everything before the version. */
function controllerName(object: KubeObject): string {
  const owner = object.metadata.ownerReferences?.find((ref) => ref.controller);
  if (!owner) return "<none>";
  const group = owner.apiVersion.includes("/") ? owner.apiVersion.split("/")[0] : "";
  const kind = owner.kind.toLowerCase();
  return kind === "" ? owner.name : `${kind}${group ? `.${group}` : ""}/${owner.name}`;
}

export const controllerRevision: Kind = {
  group: "apps",
  version: "v1",
  kind: "ControllerRevision",
  resource: "controllerrevisions",
  singular: "controllerrevision",
  namespaced: true,
  schema: "io.k8s.api.apps.v1.ControllerRevision",
  validate: (object) => [...validateRevision(object), ...validateData(object)],
  validateUpdate: (object, old) => [
    ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
    ...validateKubeObjectMeta(object.metadata, true, nameIsDNSSubdomain),
    ...validateRevision(object),
    ...validateImmutableField(object.data, old.data, "data"),
  ],
  generation: "none",
  printer: printer(
    [
      NAME_COLUMN,
      column("Controller", "string", "Controller of the object"),
      column("Revision", "string", "Revision indicates the revision of the state represented by Data."),
      AGE_COLUMN,
    ],
    (object, ctx) => [object.metadata.name ?? "", controllerName(object), object.revision ?? 0, age(object, ctx)],
  ),
};
