/** Source: pkg/apis/apps/validation ValidateDeployment, ValidateDeploymentUpdate, ValidateDeploymentStatusUpdate. */
import { showInternal } from "../../core/pod/internal.js";
import type { PodValidationOptions } from "../../core/pod/options.js";
import {
  compileSelector,
  templateOptions,
  validateCollisionCount,
  validateImmutableSelector,
  validateReplicaCounters,
  validateReplicaTemplate,
} from "../../core/podtemplate/workload.js";
import { type FieldError, forbidden, invalid, notSupported, required } from "../../field.js";
import type { KubeObject } from "../../object.js";
import type { DeploymentSpec, DeploymentStrategy } from "../../schema/api/apps.v1.js";
import { type LabelSelector, validateKubeObjectMetaUpdate, validateLabelSelector, validateNonnegative } from "../../validation/metadata.js";
import { intOrPercentValue, validateAtMost100Percent, validateCounters, validatePositiveIntOrPercent } from "../../validation/numbers.js";

/** extensions' rollbackTo lives on as an annotation. */
export const ROLLBACK_TO = "deprecated.deployment.rollback.to";

function validateStrategy(strategy: DeploymentStrategy, path: string): FieldError[] {
  if (strategy.type === "Recreate")
    return strategy.rollingUpdate ? [forbidden(`${path}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")] : [];
  if (strategy.type !== "RollingUpdate") return [notSupported(path, showInternal("DeploymentStrategy", strategy), ["Recreate", "RollingUpdate"])];
  const rolling = strategy.rollingUpdate;
  if (!rolling) return [required(`${path}.rollingUpdate`, "this should be defaulted and never be nil")];
  const at = `${path}.rollingUpdate`;
  const { maxUnavailable = 0, maxSurge = 0 } = rolling;
  return [
    ...validatePositiveIntOrPercent(maxUnavailable, `${at}.maxUnavailable`),
    ...validatePositiveIntOrPercent(maxSurge, `${at}.maxSurge`),
    ...(intOrPercentValue(maxUnavailable) === 0 && intOrPercentValue(maxSurge) === 0
      ? [invalid(`${at}.maxUnavailable`, maxUnavailable, "may not be 0 when `maxSurge` is 0")]
      : []),
    ...validateAtMost100Percent(maxUnavailable, `${at}.maxUnavailable`),
  ];
}

/**
 * Selector of a Deployment or ReplicaSet, and the compiled form when it has one. Both say "deployment" about an empty one.
 */
export function validateReplicaSelector(selector: LabelSelector | undefined, path: string): [FieldError[], ReturnType<typeof compileSelector>] {
  const out: FieldError[] = [];
  if (!selector) out.push(required(path));
  else {
    out.push(...validateLabelSelector(selector, {}, path));
    if (Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions?.length ?? 0) === 0)
      out.push(invalid(path, showInternal("j", selector), "empty selector is invalid for deployment"));
  }
  const compiled = compileSelector(selector);
  if (!compiled) out.push(invalid(path, showInternal("j", selector), "invalid label selector"));
  return [out, compiled];
}

function validateSpec(object: KubeObject, options: PodValidationOptions): FieldError[] {
  const spec = object.spec as DeploymentSpec;
  const [selectorErrors, selector] = validateReplicaSelector(spec.selector as LabelSelector | undefined, "spec.selector");
  const out = [
    ...validateNonnegative(spec.replicas ?? 0, "spec.replicas"),
    ...selectorErrors,
    ...(selector ? validateReplicaTemplate(spec.template, selector, "spec.template", options) : []),
    ...validateStrategy(spec.strategy ?? {}, "spec.strategy"),
    ...validateNonnegative(spec.minReadySeconds ?? 0, "spec.minReadySeconds"),
  ];
  if (spec.revisionHistoryLimit !== undefined) out.push(...validateNonnegative(spec.revisionHistoryLimit, "spec.revisionHistoryLimit"));
  const rollback = object.metadata.annotations?.[ROLLBACK_TO];
  if (rollback && /^-?\d+$/.test(rollback)) out.push(...validateNonnegative(Number(rollback), "spec.rollback.version"));
  const deadline = spec.progressDeadlineSeconds;
  if (deadline !== undefined) {
    out.push(...validateNonnegative(deadline, "spec.progressDeadlineSeconds"));
    if (deadline <= (spec.minReadySeconds ?? 0)) out.push(invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"));
  }
  return out;
}

export const validateDeployment = (object: KubeObject): FieldError[] => validateSpec(object, templateOptions());

export const validateDeploymentUpdate = (object: KubeObject, old: KubeObject): FieldError[] => [
  ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
  ...validateSpec(object, templateOptions(old.spec?.template)),
  ...validateImmutableSelector(object, old),
];

const COUNTERS = [
  "observedGeneration",
  "replicas",
  "updatedReplicas",
  "readyReplicas",
  "availableReplicas",
  "unavailableReplicas",
  "terminatingReplicas",
  "collisionCount",
];

export const validateDeploymentStatusUpdate = (object: KubeObject, old: KubeObject): FieldError[] => [
  ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
  ...validateCounters(object.status ?? {}, COUNTERS),
  ...validateReplicaCounters(object.status ?? {}, ["updatedReplicas", "readyReplicas", "availableReplicas"], "readyReplicas"),
  ...validateCollisionCount(object.status, old.status),
];
