/** podFailurePolicy, successPolicy and podReplacementPolicy. Source: pkg/apis/batch/validation validatePodFailurePolicy, validateSuccessPolicy. */
import { duplicate, type FieldError, invalid, invalidWithoutValue, notSupported, quote, required, tooLong, tooMany } from "../../field.js";
import type {
  JobSpec,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
  SuccessPolicyRule,
} from "../../schema/api/batch.v1.js";
import { validateQualifiedName } from "../../validation/core.js";
import { validateNonnegative } from "../../validation/metadata.js";
import { countIndexes, IndexesError } from "./indexes.js";

const MAX_RULES = 20;
const MAX_EXIT_CODES = 255;
const MAX_PATTERNS = 20;
const MAX_INDEXES_LENGTH = 64 * 1024;

const ACTIONS = ["Count", "FailIndex", "FailJob", "Ignore"];
const OPERATORS = ["In", "NotIn"];
const STATUSES = ["False", "True", "Unknown"];

/** Upstream prints the set with %q: in brackets, without commas. */
const validValues = (values: readonly string[]): string => `valid values: [${values.map(quote).join(" ")}]`;

function validateOnExitCodes(codes: PodFailurePolicyOnExitCodesRequirement, path: string, containers: ReadonlySet<string>): FieldError[] {
  const out: FieldError[] = [];
  if (!codes.operator) out.push(required(`${path}.operator`, validValues(OPERATORS)));
  else if (!OPERATORS.includes(codes.operator)) out.push(notSupported(`${path}.operator`, codes.operator, OPERATORS));
  if (codes.containerName !== undefined && !containers.has(codes.containerName))
    out.push(invalid(`${path}.containerName`, codes.containerName, "must be one of the container or initContainer names in the pod template"));
  const values = codes.values ?? [];
  if (values.length === 0) out.push(invalid(`${path}.values`, codes.values, "at least one value is required"));
  else if (values.length > MAX_EXIT_CODES) out.push(tooMany(`${path}.values`, values.length, MAX_EXIT_CODES));
  const seen = new Set<number>();
  let ordered = true;
  for (const [i, value] of values.entries()) {
    if (codes.operator === "In" && value === 0) out.push(invalid(`${path}.values[${i}]`, value, "must not be 0 for the In operator"));
    if (seen.has(value)) out.push(duplicate(`${path}.values[${i}]`, value));
    seen.add(value);
    if (i > 0 && (values[i - 1] as number) > value) ordered = false;
  }
  if (!ordered) out.push(invalid(`${path}.values`, values, "must be ordered"));
  return out;
}

function validateOnPodConditions(patterns: readonly PodFailurePolicyOnPodConditionsPattern[], path: string): FieldError[] {
  const out = patterns.length > MAX_PATTERNS ? [tooMany(path, patterns.length, MAX_PATTERNS)] : [];
  for (const [i, pattern] of patterns.entries()) {
    const at = `${path}[${i}]`;
    out.push(...validateQualifiedName(pattern.type ?? "", `${at}.type`));
    if (!pattern.status) out.push(required(`${at}.status`, validValues(STATUSES)));
    else if (!STATUSES.includes(pattern.status)) out.push(notSupported(`${at}.status`, pattern.status, STATUSES));
  }
  return out;
}

function validateFailureRule(rule: PodFailurePolicyRule, spec: JobSpec, path: string, containers: ReadonlySet<string>): FieldError[] {
  const out: FieldError[] = [];
  if (!rule.action) out.push(required(`${path}.action`, validValues(ACTIONS)));
  else if (rule.action === "FailIndex") {
    if (spec.backoffLimitPerIndex === undefined) out.push(invalid(`${path}.action`, rule.action, "requires the backoffLimitPerIndex to be set"));
  } else if (!ACTIONS.includes(rule.action)) out.push(notSupported(`${path}.action`, rule.action, ACTIONS));
  const conditions = rule.onPodConditions ?? [];
  if (rule.onExitCodes) out.push(...validateOnExitCodes(rule.onExitCodes, `${path}.onExitCodes`, containers));
  if (conditions.length > 0) out.push(...validateOnPodConditions(conditions, `${path}.onPodConditions`));
  if (rule.onExitCodes && conditions.length > 0) out.push(invalidWithoutValue(path, "specifying both OnExitCodes and OnPodConditions is not supported"));
  if (!rule.onExitCodes && conditions.length === 0) out.push(invalidWithoutValue(path, "specifying one of OnExitCodes and OnPodConditions is required"));
  return out;
}

export function validatePodFailurePolicy(spec: JobSpec, path: string): FieldError[] {
  const rules = spec.podFailurePolicy?.rules ?? [];
  const pod = spec.template?.spec;
  const containers = new Set([...(pod?.containers ?? []), ...(pod?.initContainers ?? [])].map((c) => c.name ?? ""));
  return [
    ...(rules.length > MAX_RULES ? [tooMany(`${path}.rules`, rules.length, MAX_RULES)] : []),
    ...rules.flatMap((rule, i) => validateFailureRule(rule, spec, `${path}.rules[${i}]`, containers)),
  ];
}

/** A job with a failure policy replaces pods only once they have failed. */
export function validatePodReplacementPolicy(spec: JobSpec, path: string): FieldError[] {
  const policy = spec.podReplacementPolicy;
  if (policy === undefined) return [];
  const supported = spec.podFailurePolicy ? ["Failed"] : ["Failed", "TerminatingOrFailed"];
  return supported.includes(policy) ? [] : [notSupported(path, policy, supported)];
}

function validateSuccessRule(rule: SuccessPolicyRule, completions: number, path: string): FieldError[] {
  const { succeededCount: count, succeededIndexes: indexes } = rule;
  const out: FieldError[] = [];
  if (count === undefined && indexes === undefined) out.push(required(path, "at least one of succeededCount or succeededIndexes must be specified"));
  let total = 0;
  if (indexes !== undefined) {
    if (indexes.length > MAX_INDEXES_LENGTH) out.push(tooLong(`${path}.succeededIndexes`, MAX_INDEXES_LENGTH));
    try {
      total = countIndexes(indexes, completions);
    } catch (error) {
      if (!(error instanceof IndexesError)) throw error;
      out.push(invalid(`${path}.succeededIndexes`, indexes, `error parsing succeededIndexes: ${error.message}`));
    }
  }
  if (count !== undefined) {
    const at = `${path}.succeededCount`;
    out.push(...validateNonnegative(count, at));
    if (count > completions) out.push(invalid(at, count, `must be less than or equal to ${completions} (the number of specified completions)`));
    if (indexes !== undefined && count > total)
      out.push(invalid(at, count, `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`));
  }
  return out;
}

export function validateSuccessPolicy(spec: JobSpec, path: string): FieldError[] {
  const rules = spec.successPolicy?.rules ?? [];
  return [
    ...(rules.length === 0 ? [required(`${path}.rules`, "at least one rules must be specified when the successPolicy is specified")] : []),
    ...(rules.length > MAX_RULES ? [tooMany(`${path}.rules`, rules.length, MAX_RULES)] : []),
    ...rules.flatMap((rule, i) => validateSuccessRule(rule, spec.completions ?? 0, `${path}.rules[${i}]`)),
  ];
}
