/** PodTemplate. Sources: pkg/registry/core/podtemplate, pkg/apis/core/validation ValidatePodTemplate. */
import type { FieldError } from "../../field.js";
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { column, containerCells, formatLabels, NAME_COLUMN, printer } from "../../printing.js";
import { validateKubeObjectMetaUpdate } from "../../validation/metadata.js";
import { defaultPodTemplate } from "../pod/defaults.js";
import { validatePodTemplateSpec } from "../pod/spec.js";
import { podTemplateWarnings } from "../pod/warnings.js";
import { dropDisabledTemplateFields, templateEqual, templateOptions } from "./workload.js";

const validate = (object: KubeObject, old?: KubeObject): FieldError[] => validatePodTemplateSpec(object.template, "template", templateOptions(old?.template));

export const podTemplate: Kind = {
  group: "",
  version: "v1",
  kind: "PodTemplate",
  resource: "podtemplates",
  singular: "podtemplate",
  namespaced: true,
  schema: "io.k8s.api.core.v1.PodTemplate",
  defaults(object) {
    object.template ??= {};
    defaultPodTemplate(object.template);
  },
  prepareForCreate: (object) => dropDisabledTemplateFields(object.template),
  prepareForUpdate: (object, old) => dropDisabledTemplateFields(object.template, old.template),
  generation: (object, old) => !templateEqual(object.template, old.template),
  validate: (object) => validate(object),
  validateUpdate: (object, old) => [...validateKubeObjectMetaUpdate(object.metadata, old.metadata), ...validate(object, old)],
  warnings: (object, old) => (old && object.metadata.generation === old.metadata.generation ? [] : podTemplateWarnings(object.template, "template")),
  returnDeletedObject: true,
  printer: printer(
    [
      NAME_COLUMN,
      column("Containers", "string", "Names of each container in the template."),
      column("Images", "string", "Images referenced by each container in the template."),
      column("Pod Labels", "string", "The labels for the pod template."),
    ],
    (object) => [object.metadata.name ?? "", ...containerCells(object.template?.spec), formatLabels(object.template?.metadata?.labels)],
  ),
};
