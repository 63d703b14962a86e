/** ClusterRole. Sources: pkg/apis/rbac/validation ValidateClusterRole(Update), pkg/registry/rbac/clusterrole. */
import { type FieldError, invalid, required } from "../../field.js";
import type { Kind } from "../../kind.js";
import { labelSelectorAsSelector } from "../../labels.js";
import type { KubeObject } from "../../object.js";
import { DEFAULT_PRINTER } from "../../printing.js";
import type { AggregationRule } from "../../schema/api/rbac.v1.js";
import { type LabelSelector, validateLabelSelector } from "../../validation/metadata.js";
import { RBAC_KIND, validateAsUpdate, validateRules } from "../common.js";

const PATH = "aggregationRule.clusterRoleSelectors";

function validateAggregation(rule: AggregationRule | undefined, allowInvalidLabelValueInSelector: boolean): FieldError[] {
  if (!rule) return [];
  const selectors = (rule.clusterRoleSelectors ?? []) as readonly LabelSelector[];
  const out = selectors.length ? [] : [required(PATH, "at least one clusterRoleSelector required if aggregationRule is non-nil")];
  for (const [i, selector] of selectors.entries()) {
    out.push(...validateLabelSelector(selector, { allowInvalidLabelValueInSelector }, `${PATH}[${i}]`));
    // the value shown is the selector that could not be made
    if (!isUsable(selector)) out.push(invalid(`${PATH}[${i}]`, null, "invalid label selector."));
  }
  return out;
}

function isUsable(selector: LabelSelector): boolean {
  try {
    labelSelectorAsSelector(selector as Parameters<typeof labelSelectorAsSelector>[0]);
    return true;
  } catch {
    return false;
  }
}

const validate = (object: KubeObject, allowInvalid = false): FieldError[] => [
  ...validateRules(object.rules, false),
  ...validateAggregation(object.aggregationRule, allowInvalid),
];

/** A role that holds a selector of the lax times may keep it. */
const holdsInvalid = (old: KubeObject): boolean =>
  ((old.aggregationRule?.clusterRoleSelectors ?? []) as LabelSelector[]).some((s) => validateLabelSelector(s, {}, "").length > 0);

export const clusterRole: Kind = {
  ...RBAC_KIND,
  kind: "ClusterRole",
  resource: "clusterroles",
  singular: "clusterrole",
  namespaced: false,
  schema: "io.k8s.api.rbac.v1.ClusterRole",
  validate: (object) => validate(object),
  validateUpdate: (object, old) => validateAsUpdate(false, (o) => validate(o, holdsInvalid(old)))(object, old),
  printer: DEFAULT_PRINTER,
};
