/** Namespace. Sources: pkg/registry/core/namespace, pkg/apis/core/validation ValidateNamespace and its updates. */
import { type FieldError, invalid } from "../../field.js";
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { AGE_COLUMN, age, column, NAME_COLUMN, printer } from "../../printing.js";
import { statusView } from "../../status.js";
import { validateFinalizerName, validateKubeFinalizerName, validateKubeObjectMeta, validateKubeObjectMetaUpdate } from "../../validation/metadata.js";
import { nameIsDNSLabel } from "../../validation/names.js";

const NAME_LABEL = "kubernetes.io/metadata.name";

/** Every namespace is labelled with its name, whatever the client says. */
function labelName(object: KubeObject): void {
  if (!object.metadata.name) return;
  object.metadata.labels ??= {};
  object.metadata.labels[NAME_LABEL] = object.metadata.name;
}

function defaults(object: KubeObject): void {
  labelName(object);
  object.status ??= {};
  if (!object.status.phase) object.status.phase = "Active";
}

const finalizerErrors = (name: string, path: string): FieldError[] => [...validateFinalizerName(name, path), ...validateKubeFinalizerName(name, path)];

const validate = (object: KubeObject): FieldError[] => (object.spec?.finalizers ?? []).flatMap((name: string) => finalizerErrors(name, "spec.finalizers"));

export const namespace: Kind = {
  group: "",
  version: "v1",
  kind: "Namespace",
  resource: "namespaces",
  singular: "namespace",
  shortNames: ["ns"],
  namespaced: false,
  // Namespaces go one by one: each has to be emptied first.
  verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
  schema: "io.k8s.api.core.v1.Namespace",
  defaults,
  validateName: nameIsDNSLabel,
  prepareForCreate(object) {
    object.status = { phase: "Active" };
    const finalizers: string[] = object.spec?.finalizers ?? [];
    if (!finalizers.includes("kubernetes")) object.spec = { ...object.spec, finalizers: [...finalizers, "kubernetes"] };
    labelName(object);
  },
  prepareForUpdate(object, old) {
    if (old.spec === undefined) delete object.spec;
    else object.spec = old.spec;
    object.status = old.status;
    labelName(object);
  },
  validate,
  validateUpdate: (object, old) => [
    ...validateKubeObjectMeta(object.metadata, false, nameIsDNSLabel),
    ...validate(object),
    ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
  ],
  returnDeletedObject: true,
  selectable: { "status.phase": (o) => o.status?.phase ?? "" },
  status: statusView({
    prepareForUpdate: labelName,
    validateUpdate(object, old) {
      const out = validateKubeObjectMetaUpdate(object.metadata, old.metadata);
      const phase = object.status?.phase ?? "";
      const deleting = object.metadata.deletionTimestamp !== undefined;
      if (!deleting && phase !== "Active") out.push(invalid("status.Phase", phase, "may only be 'Active' if `deletionTimestamp` is empty"));
      if (deleting && phase !== "Terminating") out.push(invalid("status.Phase", phase, "may only be 'Terminating' if `deletionTimestamp` is not empty"));
      return out;
    },
  }),
  views: [
    {
      name: "finalize",
      verbs: ["update"],
      prepareForUpdate(object, old) {
        object.status = old.status;
        labelName(object);
      },
      validateUpdate: (object, old) => [
        ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
        ...(object.spec?.finalizers ?? []).flatMap((name: string, i: number) => finalizerErrors(name, `spec.finalizers[${i}]`)),
      ],
    },
  ],
  printer: printer([NAME_COLUMN, column("Status", "string", "The status of the namespace"), AGE_COLUMN], (o, ctx) => [
    o.metadata.name ?? "",
    o.status?.phase ?? "",
    age(o, ctx),
  ]),
};
