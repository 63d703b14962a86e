/** ReplicaSet. Sources: pkg/registry/apps/replicaset, pkg/apis/apps/validation ValidateReplicaSet, pkg/apis/apps/v1 SetDefaults_ReplicaSet. */
import { defaultPodTemplate } from "../../core/pod/defaults.js";
import { podTemplateWarnings } from "../../core/pod/warnings.js";
import {
  dropDisabledTemplateFields,
  podNameWarning,
  templateOptions,
  validateImmutableSelector,
  validateReplicaCounters,
  validateReplicaTemplate,
  workloadSpecEqual,
} from "../../core/podtemplate/workload.js";
import type { FieldError } from "../../field.js";
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { keepStatus, statusView } from "../../status.js";
import { validateKubeObjectMetaUpdate, validateNonnegative } from "../../validation/metadata.js";
import { isDNS1123Label } from "../../validation/names.js";
import { validateCounters } from "../../validation/numbers.js";
import { validateReplicaSelector } from "../deployment/validate.js";
import { workloadScale } from "../scale.js";
import { replicaSetPrinter } from "./printer.js";

function defaults(object: KubeObject): void {
  object.spec ??= {};
  object.spec.replicas ??= 1;
  object.spec.template ??= {};
  defaultPodTemplate(object.spec.template);
}

function validate(object: KubeObject, old?: KubeObject): FieldError[] {
  const { spec } = object;
  const [selectorErrors, selector] = validateReplicaSelector(spec.selector, "spec.selector");
  return [
    ...validateNonnegative(spec.replicas ?? 0, "spec.replicas"),
    ...validateNonnegative(spec.minReadySeconds ?? 0, "spec.minReadySeconds"),
    ...selectorErrors,
    ...(selector ? validateReplicaTemplate(spec.template, selector, "spec.template", templateOptions(old?.spec?.template)) : []),
  ];
}

export const replicaSet: Kind = {
  group: "apps",
  version: "v1",
  kind: "ReplicaSet",
  resource: "replicasets",
  singular: "replicaset",
  shortNames: ["rs"],
  categories: ["all"],
  namespaced: true,
  schema: "io.k8s.api.apps.v1.ReplicaSet",
  defaults,
  prepareForCreate(object) {
    object.metadata.generation = 1;
    object.status = { replicas: 0 };
    dropDisabledTemplateFields(object.spec?.template);
  },
  prepareForUpdate(object, old) {
    keepStatus(object, old);
    dropDisabledTemplateFields(object.spec?.template, old.spec?.template);
  },
  validate: (object) => validate(object),
  validateUpdate: (object, old) => [
    ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
    ...validate(object, old),
    ...validateImmutableSelector(object, old),
  ],
  warnings(object, old) {
    if (!old) return [...podNameWarning(isDNS1123Label(object.metadata.name ?? "")), ...podTemplateWarnings(object.spec?.template, "spec.template")];
    return object.metadata.generation === old.metadata.generation ? [] : podTemplateWarnings(object.spec?.template, "spec.template");
  },
  generation: (object, old) => !workloadSpecEqual(object, old),
  status: statusView({
    validateUpdate: (object, old) => [
      ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
      ...validateCounters(object.status ?? {}, [
        "replicas",
        "fullyLabeledReplicas",
        "readyReplicas",
        "availableReplicas",
        "observedGeneration",
        "terminatingReplicas",
      ]),
      ...validateReplicaCounters(object.status ?? {}, ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"], "readyReplicas"),
    ],
  }),
  scale: workloadScale,
  printer: replicaSetPrinter,
};
