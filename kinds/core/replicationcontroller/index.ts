/** ReplicationController. Sources: pkg/registry/core/replicationcontroller, pkg/apis/core/validation ValidateReplicationController. */
import { type FieldError, invalid, notFound, required } from "../../field.js";
import type { Kind } from "../../kind.js";
import { selectorFromSet } from "../../labels.js";
import type { KubeObject } from "../../object.js";
import { age, containerCells, formatLabels, printer } from "../../printing.js";
import { keepStatus, statusView } from "../../status.js";
import { validateKubeObjectMetaUpdate, validateNonnegative } from "../../validation/metadata.js";
import { isDNS1123Label } from "../../validation/names.js";
import { validateCounters } from "../../validation/numbers.js";
import { defaultPodTemplate } from "../pod/defaults.js";
import { internalEqual } from "../pod/internal.js";
import { validatePodTemplateSpec } from "../pod/spec.js";
import { podTemplateWarnings } from "../pod/warnings.js";
import {
  dropDisabledTemplateFields,
  podNameWarning,
  templateOptions,
  validateReplicaCounters,
  validateTemplateLabels,
  validateTemplateRuns,
  workloadSpecEqual,
} from "../podtemplate/workload.js";
import { CONTROLLER_COLUMNS } from "./printer.js";

const COUNTERS = ["replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration"];

/** The template's labels stand in for a selector and for labels of its own. */
function defaults(object: KubeObject): void {
  object.spec ??= {};
  const { spec } = object;
  const labels: Record<string, string> | undefined = spec.template?.metadata?.labels;
  if (labels) {
    if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
    if (Object.keys(object.metadata.labels ?? {}).length === 0) object.metadata.labels = { ...labels };
  }
  spec.replicas ??= 1;
  if (spec.template) defaultPodTemplate(spec.template);
}

function validate(object: KubeObject, old?: KubeObject): FieldError[] {
  const spec = object.spec ?? {};
  const selector = selectorFromSet(spec.selector);
  const out = [
    ...validateNonnegative(spec.minReadySeconds ?? 0, "spec.minReadySeconds"),
    ...(selector.empty ? [required("spec.selector")] : []),
    ...validateNonnegative(spec.replicas ?? 0, "spec.replicas"),
  ];
  if (!spec.template) return [...out, required("spec.template")];
  return [
    ...out,
    ...validateTemplateLabels(spec.template, selector, "spec.template"),
    ...validatePodTemplateSpec(spec.template, "spec.template", templateOptions(old?.spec?.template)),
    ...validateTemplateRuns(spec.template, "ReplicationController", "spec.template"),
  ];
}

const NON_CONVERTIBLE = "non-convertible.kubernetes.io";

/** What an annotation says could not be converted must stay as it is. */
function validateNonConvertible(object: KubeObject, old: KubeObject): FieldError[] {
  return Object.entries(old.metadata.annotations ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, value]) => {
      const parts = key.startsWith(NON_CONVERTIBLE) ? key.split("/") : [];
      if (parts.length !== 2) return [];
      const [, broken = ""] = parts;
      if (!broken.includes("selector")) return [{ ...notFound(broken, value), message: `${notFound(broken, value).message}: unknown non-convertible field` }];
      const same = internalEqual("{}s", object.spec?.selector, old.spec?.selector);
      return same ? [] : [invalid("spec.selector", object.spec?.selector, "cannot update non-convertible selector")];
    });
}

export const replicationController: Kind = {
  group: "",
  version: "v1",
  kind: "ReplicationController",
  resource: "replicationcontrollers",
  singular: "replicationcontroller",
  shortNames: ["rc"],
  categories: ["all"],
  namespaced: true,
  schema: "io.k8s.api.core.v1.ReplicationController",
  storagePath: "controllers",
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
    ...validateNonConvertible(object, old),
  ],
  warnings(object, old) {
    if (!old) return [...podNameWarning(isDNS1123Label(object.metadata.name ?? "")), ...podTemplateWarnings(object.spec?.template, "spec.template")];
    // Upstream hands over the two templates in the wrong order: what it warns of is in the old one.
    return object.metadata.generation === old.metadata.generation ? [] : podTemplateWarnings(old.spec?.template, "spec.template");
  },
  generation: (object, old) => !workloadSpecEqual(object, old),
  defaultPropagation: "orphan",
  selectable: { "status.replicas": (object) => String(object.status?.replicas ?? 0) },
  status: statusView({
    validateUpdate: (object, old) => [
      ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
      ...validateCounters(object.status ?? {}, COUNTERS),
      ...validateReplicaCounters(object.status ?? {}, ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"], "readyReplicas"),
    ],
  }),
  scale: {
    getReplicas: (object) => object.spec?.replicas ?? 0,
    setReplicas(object, replicas) {
      object.spec ??= {};
      object.spec.replicas = replicas;
    },
    getStatusReplicas: (object) => object.status?.replicas ?? 0,
    getSelector: (object) => selectorFromSet(object.spec?.selector).toString(),
  },
  printer: printer(CONTROLLER_COLUMNS, (o, ctx) => [
    o.metadata.name ?? "",
    o.spec?.replicas ?? 0,
    o.status?.replicas ?? 0,
    o.status?.readyReplicas ?? 0,
    age(o, ctx),
    ...containerCells(o.spec?.template?.spec),
    formatLabels(o.spec?.selector),
  ]),
};
