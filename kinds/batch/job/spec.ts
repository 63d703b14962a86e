/** Job specs, a Job's own and a CronJob's template. Source: pkg/apis/batch/validation validateJobSpec, ValidateJobSpec. */
import { internalEqual, showInternal } from "../../core/pod/internal.js";
import type { PodValidationOptions } from "../../core/pod/options.js";
import { validatePodTemplateSpec } from "../../core/pod/spec.js";
import { compileSelector, templateEqual } from "../../core/podtemplate/workload.js";
import { type FieldError, invalid, notSupported, quote, required, tooLong } from "../../field.js";
import type { JobSpec } from "../../schema/api/batch.v1.js";
import { semanticEqual } from "../../validation/equality.js";
import { type LabelSelector, validateLabelSelector, validateNonnegative } from "../../validation/metadata.js";
import { byteLength, isDomainPrefixedPath } from "../../validation/names.js";
import { validatePodFailurePolicy, validatePodReplacementPolicy, validateSuccessPolicy } from "./policies.js";

/** Bounds that keep the texts of completedIndexes and failedIndexes storable. */
const MAX_INDEXED = 100_000;
const MANY_COMPLETIONS = 100_000;
const MAX_WITH_MANY_COMPLETIONS = 10_000;
const MAX_MANAGED_BY = 63;

const COMPLETION_MODES = ["NonIndexed", "Indexed"];
const RESTART_POLICIES = ["OnFailure", "Never"];

const nonnegative = (value: number | undefined, path: string): FieldError[] => (value === undefined ? [] : validateNonnegative(value, path));

const atMost = (value: number | undefined, max: number, path: string, detail: string): FieldError[] =>
  value !== undefined && value > max ? [invalid(path, value, `must be less than or equal to ${detail}`)] : [];

function validateIndexed(spec: JobSpec, path: string): FieldError[] {
  const { completions, parallelism, maxFailedIndexes } = spec;
  const out = [
    ...(completions === undefined ? [required(`${path}.completions`, "when completion mode is Indexed")] : []),
    ...atMost(parallelism, MAX_INDEXED, `${path}.parallelism`, `${MAX_INDEXED} when completion mode is Indexed`),
    ...(completions === undefined ? [] : atMost(maxFailedIndexes, completions, `${path}.maxFailedIndexes`, "completions")),
    ...atMost(maxFailedIndexes, MAX_INDEXED, `${path}.maxFailedIndexes`, String(MAX_INDEXED)),
  ];
  if (completions === undefined || completions <= MANY_COMPLETIONS || spec.backoffLimitPerIndex === undefined) return out;
  const bound = `${MAX_WITH_MANY_COMPLETIONS} when completions are above ${MANY_COMPLETIONS} and used with backoff limit per index`;
  if (maxFailedIndexes === undefined) out.push(required(`${path}.maxFailedIndexes`, `must be specified when completions is above ${MANY_COMPLETIONS}`));
  return [
    ...out,
    ...atMost(parallelism, MAX_WITH_MANY_COMPLETIONS, `${path}.parallelism`, bound),
    ...atMost(maxFailedIndexes, MAX_WITH_MANY_COMPLETIONS, `${path}.maxFailedIndexes`, bound),
  ];
}

function validateCompletionMode(spec: JobSpec, path: string): FieldError[] {
  const mode = spec.completionMode;
  const out: FieldError[] = [];
  if (mode !== undefined && !COMPLETION_MODES.includes(mode)) out.push(notSupported(`${path}.completionMode`, mode, COMPLETION_MODES));
  if (mode === "Indexed") return [...out, ...validateIndexed(spec, path)];
  if (mode !== undefined && mode !== "NonIndexed") return out;
  for (const field of ["backoffLimitPerIndex", "maxFailedIndexes"] as const)
    if (spec[field] !== undefined) out.push(invalid(`${path}.${field}`, spec[field], "requires indexed completion mode"));
  return out;
}

/** Pods of a Job end; defaulting has made an absent policy "Always". */
function validateRestartPolicy(spec: JobSpec, path: string): FieldError[] {
  const policy = spec.template?.spec?.restartPolicy ?? "";
  if (policy === "Always" || policy === "") return [required(path, `valid values: ${RESTART_POLICIES.map(quote).join(", ")}`)];
  if (!RESTART_POLICIES.includes(policy)) return [notSupported(path, policy, RESTART_POLICIES)];
  return spec.podFailurePolicy && policy !== "Never" ? [invalid(path, policy, 'only "Never" is supported when podFailurePolicy is specified')] : [];
}

/** Everything but the selector, which a CronJob's template does not have. `path` is the spec's. */
export function validateJobTemplateParts(spec: JobSpec, path: string, options: PodValidationOptions): FieldError[] {
  const out = [
    ...nonnegative(spec.parallelism, `${path}.parallelism`),
    ...nonnegative(spec.completions, `${path}.completions`),
    ...nonnegative(spec.activeDeadlineSeconds, `${path}.activeDeadlineSeconds`),
    ...nonnegative(spec.backoffLimit, `${path}.backoffLimit`),
    ...nonnegative(spec.ttlSecondsAfterFinished, `${path}.ttlSecondsAfterFinished`),
    ...nonnegative(spec.backoffLimitPerIndex, `${path}.backoffLimitPerIndex`),
    ...nonnegative(spec.maxFailedIndexes, `${path}.maxFailedIndexes`),
  ];
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined)
    out.push(required(`${path}.backoffLimitPerIndex`, "when maxFailedIndexes is specified"));
  if (spec.managedBy !== undefined) {
    out.push(...isDomainPrefixedPath(`${path}.managedBy`, spec.managedBy));
    if (byteLength(spec.managedBy) > MAX_MANAGED_BY) out.push(tooLong(`${path}.managedBy`, MAX_MANAGED_BY));
  }
  out.push(...validateCompletionMode(spec, path));
  if (spec.podFailurePolicy) out.push(...validatePodFailurePolicy(spec, `${path}.podFailurePolicy`));
  if (spec.successPolicy && (spec.completionMode ?? "NonIndexed") !== "Indexed")
    out.push(invalid(`${path}.successPolicy`, showInternal("SuccessPolicy", spec.successPolicy), "requires indexed completion mode"));
  else if (spec.successPolicy) out.push(...validateSuccessPolicy(spec, `${path}.successPolicy`));
  return [
    ...out,
    ...validatePodReplacementPolicy(spec, `${path}.podReplacementPolicy`),
    ...validatePodTemplateSpec(spec.template, `${path}.template`, options),
    ...validateRestartPolicy(spec, `${path}.template.spec.restartPolicy`),
  ];
}

/** A Job's own spec: what is said of a template, and a selector that selects the template's pods. */
export function validateJobSpec(spec: JobSpec, path: string, options: PodValidationOptions): FieldError[] {
  const out = validateJobTemplateParts(spec, path, options);
  const selector = spec.selector as LabelSelector | undefined;
  if (!selector) out.push(required(`${path}.selector`));
  else out.push(...validateLabelSelector(selector, options, `${path}.selector`));
  const labels = spec.template?.metadata?.labels as Record<string, string> | undefined;
  if (compileSelector(selector)?.matches(labels) === false)
    out.push(invalid(`${path}.template.metadata.labels`, sortedLabels(labels), "`selector` does not match template `labels`"));
  return out;
}

/** Labels as an error prints them: sorted, `null` when there are none. */
export const sortedLabels = (labels: Readonly<Record<string, string>> | undefined): Record<string, string> | undefined =>
  labels && Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Whether two specs mean the same; a pointer that is set to zero differs from one that is not set. */
export const jobSpecEqual = (a: JobSpec | undefined, b: JobSpec | undefined): boolean =>
  semanticEqual({ ...a, template: undefined, selector: undefined }, { ...b, template: undefined, selector: undefined }) &&
  internalEqual("j", a?.selector, b?.selector) &&
  templateEqual(a?.template, b?.template);
