/** PodDisruptionBudget. Sources: pkg/registry/policy/poddisruptionbudget, pkg/apis/policy/validation, api/discovery/apis__policy__v1.json. */
import { internalEqual, showInternal } from "../../core/pod/internal.js";
import { type FieldError, invalid, notSupported } from "../../field.js";
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { AGE_COLUMN, age, column, NAME_COLUMN, printer } from "../../printing.js";
import type { PodDisruptionBudgetSpec, PodDisruptionBudgetStatus } from "../../schema/api/policy.v1.js";
import { statusView } from "../../status.js";
import { type Condition, type LabelSelector, validateConditions, validateLabelSelector } from "../../validation/metadata.js";
import { validateAtMost100Percent, validateCounters, validatePositiveIntOrPercent } from "../../validation/numbers.js";

const EVICTION_POLICIES = ["AlwaysAllow", "IfHealthyBudget"];

const validateAmount = (value: number | string | undefined, path: string): FieldError[] =>
  value === undefined ? [] : [...validatePositiveIntOrPercent(value, path), ...validateAtMost100Percent(value, path)];

/** `old` is the stored spec on updates: a selector it already holds that is no selector may stay. */
function validateSpec(spec: PodDisruptionBudgetSpec = {}, old?: PodDisruptionBudgetSpec): FieldError[] {
  const out: FieldError[] = [];
  if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined)
    out.push(invalid("spec", showInternal("PodDisruptionBudgetSpec", spec), "minAvailable and maxUnavailable cannot be both set"));
  const selector = (of: PodDisruptionBudgetSpec | undefined) => of?.selector as LabelSelector | undefined;
  const allowInvalidLabelValueInSelector = validateLabelSelector(selector(old), {}, "").length > 0;
  out.push(
    ...validateAmount(spec.minAvailable, "spec.minAvailable"),
    ...validateAmount(spec.maxUnavailable, "spec.maxUnavailable"),
    ...validateLabelSelector(selector(spec), { allowInvalidLabelValueInSelector }, "spec.selector"),
  );
  const policy = spec.unhealthyPodEvictionPolicy;
  if (policy !== undefined && !EVICTION_POLICIES.includes(policy)) out.push(notSupported("spec.unhealthyPodEvictionPolicy", policy, EVICTION_POLICIES));
  return out;
}

function validateStatusUpdate(object: KubeObject): FieldError[] {
  const status: PodDisruptionBudgetStatus = object.status ?? {};
  return [
    ...validateConditions(status.conditions as Condition[] | undefined, "status.conditions"),
    ...validateCounters(status as Record<string, unknown>, ["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"]),
  ];
}

const amount = (value: number | string | undefined): string => (value === undefined ? "N/A" : String(value));

export const podDisruptionBudget: Kind = {
  group: "policy",
  version: "v1",
  kind: "PodDisruptionBudget",
  resource: "poddisruptionbudgets",
  singular: "poddisruptionbudget",
  shortNames: ["pdb"],
  namespaced: true,
  schema: "io.k8s.api.policy.v1.PodDisruptionBudget",
  prepareForCreate(object) {
    object.status = {};
    object.metadata.generation = 1;
  },
  validate: (object) => validateSpec(object.spec),
  validateUpdate: (object, old) => validateSpec(object.spec, old.spec),
  generation: (object, old) => !internalEqual("PodDisruptionBudgetSpec", object.spec ?? {}, old.spec ?? {}),
  allowUnconditionalUpdate: false,
  status: statusView({
    validateUpdate: validateStatusUpdate,
  }),
  printer: printer(
    [
      NAME_COLUMN,
      column("Min Available", "string", "The minimum number of pods that must be available."),
      column("Max Unavailable", "string", "The maximum number of pods that may be unavailable."),
      column("Allowed Disruptions", "integer", "Calculated number of pods that may be disrupted at this time."),
      AGE_COLUMN,
    ],
    (object, ctx) => [
      object.metadata.name ?? "",
      amount(object.spec?.minAvailable),
      amount(object.spec?.maxUnavailable),
      object.status?.disruptionsAllowed ?? 0,
      age(object, ctx),
    ],
  ),
};
