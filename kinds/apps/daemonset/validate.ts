/** Source: pkg/apis/apps/validation ValidateDaemonSet, ValidateDaemonSetUpdate, ValidateDaemonSetStatusUpdate. */
import { showInternal } from "../../core/pod/internal.js";
import type { PodValidationOptions } from "../../core/pod/options.js";
import { validatePodTemplateSpec } from "../../core/pod/spec.js";
import {
  compileSelector,
  templateOptions,
  validateCollisionCount,
  validateImmutableSelector,
  validateTemplateLabels,
  validateTemplateRuns,
} from "../../core/podtemplate/workload.js";
import { type FieldError, invalid, notSupported, required } from "../../field.js";
import type { KubeObject } from "../../object.js";
import type { DaemonSetSpec, DaemonSetUpdateStrategy } from "../../schema/api/apps.v1.js";
import {
  type LabelSelector,
  selectorHasInvalidLabelValue,
  validateKubeObjectMetaUpdate,
  validateLabelSelector,
  validateNonnegative,
} from "../../validation/metadata.js";
import { intOrPercentValue, validateAtMost100Percent, validateCounters, validatePositiveIntOrPercent } from "../../validation/numbers.js";

function validateStrategy(strategy: DaemonSetUpdateStrategy, path: string): FieldError[] {
  if (strategy.type === "OnDelete") return [];
  if (strategy.type !== "RollingUpdate") return [notSupported(path, showInternal("DaemonSetUpdateStrategy", strategy), ["RollingUpdate", "OnDelete"])];
  const rolling = strategy.rollingUpdate;
  if (!rolling) return [required(`${path}.rollingUpdate`)];
  const at = `${path}.rollingUpdate`;
  const { maxUnavailable = 0, maxSurge = 0 } = rolling;
  const out = [
    ...validatePositiveIntOrPercent(maxUnavailable, `${at}.maxUnavailable`),
    ...validatePositiveIntOrPercent(maxSurge, `${at}.maxSurge`),
    ...validateAtMost100Percent(maxUnavailable, `${at}.maxUnavailable`),
    ...validateAtMost100Percent(maxSurge, `${at}.maxSurge`),
  ];
  const [unavailable, surge] = [intOrPercentValue(maxUnavailable) !== 0, intOrPercentValue(maxSurge) !== 0];
  if (unavailable && surge) out.push(invalid(`${at}.maxSurge`, maxSurge, "may not be set when maxUnavailable is non-zero"));
  if (!unavailable && !surge) out.push(required(`${at}.maxUnavailable`, "cannot be 0 when maxSurge is 0"));
  return out;
}

function validateSpec(spec: DaemonSetSpec, options: PodValidationOptions): FieldError[] {
  const selector = spec.selector as LabelSelector | undefined;
  const out = validateLabelSelector(selector, { allowInvalidLabelValueInSelector: options.allowInvalidLabelValueInSelector }, "spec.selector");
  const compiled = compileSelector(selector);
  if (compiled) out.push(...validateTemplateLabels(spec.template, compiled, "spec.template"));
  if (selector && Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions?.length ?? 0) === 0)
    out.push(invalid("spec.selector", showInternal("j", selector), "empty selector is invalid for daemonset"));
  out.push(
    ...validatePodTemplateSpec(spec.template, "spec.template", options),
    ...validateTemplateRuns(spec.template, "DaemonSet", "spec.template"),
    ...validateNonnegative(spec.minReadySeconds ?? 0, "spec.minReadySeconds"),
    ...validateStrategy(spec.updateStrategy ?? {}, "spec.updateStrategy"),
  );
  if (spec.revisionHistoryLimit !== undefined) out.push(...validateNonnegative(spec.revisionHistoryLimit, "spec.revisionHistoryLimit"));
  return out;
}

export const validateDaemonSet = (object: KubeObject): FieldError[] => validateSpec(object.spec, templateOptions());

export function validateDaemonSetUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const options = templateOptions(old.spec?.template);
  const allowInvalidLabelValueInSelector = options.allowInvalidLabelValueInSelector || selectorHasInvalidLabelValue(old.spec?.selector);
  return [
    ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
    ...validateImmutableSelector(object, old),
    ...validateSpec(object.spec, { ...options, allowInvalidLabelValueInSelector }),
  ];
}

const COUNTERS = [
  "currentNumberScheduled",
  "numberMisscheduled",
  "desiredNumberScheduled",
  "numberReady",
  "observedGeneration",
  "updatedNumberScheduled",
  "numberAvailable",
  "numberUnavailable",
  "collisionCount",
];

export const validateDaemonSetStatusUpdate = (object: KubeObject, old: KubeObject): FieldError[] => [
  ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
  ...validateCounters(object.status ?? {}, COUNTERS),
  ...validateCollisionCount(object.status, old.status),
];
