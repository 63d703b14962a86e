/** How a resource's objects are charged to quotas. Source: apiserver pkg/quota/v1 (interfaces.go, generic/evaluator.go). */
import type { KubeObject } from "../../../object.js";
import type { ResourceList } from "../../../resourcelist.js";
import type { ResourceQuotaSpec, ScopedResourceSelectorRequirement } from "../../../schema/api/core.v1.js";

export type Requirement = ScopedResourceSelectorRequirement;

/** A write, as far as quotas are concerned. */
export interface QuotaRequest {
  readonly operation: "CREATE" | "UPDATE";
  readonly subresource: string;
  readonly object: KubeObject;
  /** Undefined on creates. */
  readonly old: KubeObject | undefined;
}

/** What measuring may ask of the cluster. */
export interface QuotaFacts {
  /** Milliseconds since the epoch. */
  readonly now: number;
  deviceClasses(): readonly KubeObject[];
  pod(namespace: string, name: string): KubeObject | undefined;
  resourceClaims(namespace: string): readonly KubeObject[];
}

export interface Evaluator {
  readonly group: string;
  readonly resource: string;
  /** Whether such a write can change what is used. */
  handles(request: QuotaRequest): boolean;
  /** Those of a quota's resources that are measured here. */
  matching(names: readonly string[], facts: QuotaFacts): string[];
  /** What the object must say and does not, as the client is told; undefined when nothing is missing. */
  missing?(required: readonly string[], object: KubeObject): string | undefined;
  /** Whether a scope covers the object. No scope covers objects that know none. */
  inScope?(scope: Requirement, object: KubeObject): boolean;
  usage(object: KubeObject, facts: QuotaFacts): ResourceList;
}

/** `count/pods`, `count/deployments.apps`. */
export const objectCountName = (group: string, resource: string): string => `count/${resource}${group ? `.${group}` : ""}`;

/** An evaluator that counts objects, under a second name where quotas have had one since before such counts. */
export function countEvaluator(group: string, resource: string, alias?: string): Evaluator {
  const names = [objectCountName(group, resource), ...(alias ? [alias] : [])];
  const usage: ResourceList = Object.fromEntries(names.map((name) => [name, "1"]));
  return {
    group,
    resource,
    handles: ({ operation, subresource }) => operation === "CREATE" && subresource === "",
    matching: (wanted) => wanted.filter((name) => names.includes(name)),
    usage: () => usage,
  };
}

/** A quota's scopes in either form. */
export const scopesOf = (spec: Partial<ResourceQuotaSpec> | undefined): Requirement[] => [
  ...(spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: "Exists" })),
  ...(spec?.scopeSelector?.matchExpressions ?? []),
];

/** Whether all of a quota's scopes cover the object. */
export const coveredBy = (evaluator: Evaluator, spec: Partial<ResourceQuotaSpec> | undefined, object: KubeObject): boolean =>
  scopesOf(spec).every((scope) => evaluator.inScope?.(scope, object) ?? false);

/** A scope that selects by value, matched against the one value that an object has for it (or none). Source: ScopedResourceSelectorRequirementsAsSelector. */
export function scopeSelects({ operator, values = [] }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "DoesNotExist":
      return value === undefined;
    default:
      return operator === "Exists" && value !== undefined;
  }
}
