/** Source: pkg/apis/core/validation ValidateResourceQuota and its updates. */
import { type FieldError, invalid, required, Shown, showValue } from "../../field.js";
import type { KubeObject } from "../../object.js";
import { sortedAmounts } from "../../resourcelist.js";
import type { ResourceQuotaSpec, ScopeSelector } from "../../schema/api/core.v1.js";
import { FIELD_IS_IMMUTABLE, validateKubeObjectMetaUpdate } from "../../validation/metadata.js";
import { validateResourceName } from "../amounts.js";
import { validateAmount } from "../pod/resources.js";

type List = Record<string, string>;
type Spec = Partial<ResourceQuotaSpec>;

const COMPUTE = ["cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"];
const OBJECTS = [
  ...["pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "persistentvolumeclaims", "configmaps"],
  ...["services.nodeports", "services.loadbalancers"],
];
const STORAGE = ["ephemeral-storage", "requests.storage", "requests.ephemeral-storage", "limits.ephemeral-storage"];
const isQuotaResource = (name: string): boolean =>
  COMPUTE.includes(name) || OBJECTS.includes(name) || STORAGE.includes(name) || name.startsWith("hugepages-") || name.startsWith("requests.hugepages-");

const POD_SCOPES = ["Terminating", "NotTerminating", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity"];
const SCOPES = [...POD_SCOPES, "BestEffort", "VolumeAttributesClass"];
const EXISTS_ONLY = ["BestEffort", "NotBestEffort", "Terminating", "NotTerminating", "CrossNamespacePodAffinity"];
const EXCLUSIVE = [
  ["BestEffort", "NotBestEffort"],
  ["Terminating", "NotTerminating"],
];

function scopeCovers(scope: string, name: string): boolean {
  if (POD_SCOPES.includes(scope)) return name === "pods" || COMPUTE.includes(name);
  if (scope === "BestEffort") return name === "pods";
  return scope !== "VolumeAttributesClass" || name === "persistentvolumeclaims" || name === "requests.storage";
}

function validateList(list: List | undefined, path: string): FieldError[] {
  return sortedAmounts(list).flatMap(([name, quantity]) => {
    const at = `${path}[${name}]`;
    const out = validateResourceName(name, at);
    if (!name.includes("/") && !isQuotaResource(name)) out.push(invalid(at, name, "must be a standard resource for quota"));
    return [...out, ...validateAmount(name, quantity, at)];
  });
}

const uncovered = (scope: string, hard: List | undefined): number =>
  sortedAmounts(hard).filter(([name]) => isQuotaResource(name) && !scopeCovers(scope, name)).length;

const conflicts = (scopes: readonly string[]): number => EXCLUSIVE.filter((pair) => pair.every((scope) => scopes.includes(scope))).length;

const times = (n: number, error: FieldError): FieldError[] => new Array<FieldError>(n).fill(error);

function validateScopes(spec: Spec): FieldError[] {
  const scopes = spec.scopes ?? [];
  const fail = (text: string): FieldError => invalid("spec.scopes", scopes, text);
  return [
    ...scopes.flatMap((scope) => [
      ...(SCOPES.includes(scope) ? [] : [fail("unsupported scope")]),
      ...times(uncovered(scope, spec.hard as List | undefined), fail("unsupported scope applied to resource")),
    ]),
    ...times(scopes.length > 0 ? conflicts(scopes) : 0, fail("conflicting scopes")),
  ];
}

/** The internal ScopeSelector, which has Go names. */
const shownSelector = (selector: ScopeSelector): Shown =>
  new Shown(
    JSON.stringify({
      MatchExpressions: selector.matchExpressions?.map((e) => ({ ScopeName: e.scopeName ?? "", Operator: e.operator ?? "", Values: e.values ?? null })) ?? null,
    }),
  );

function validateScopeSelector(spec: Spec): FieldError[] {
  const selector = spec.scopeSelector as ScopeSelector | undefined;
  if (!selector) return [];
  const path = "spec.scopeSelector.matchExpressions";
  const out: FieldError[] = [];
  const requirements = selector.matchExpressions ?? [];
  for (const { scopeName, operator, values = [] } of requirements) {
    if (!SCOPES.includes(scopeName)) out.push(invalid(`${path}.scopeName`, scopeName, "unsupported scope"));
    out.push(...times(uncovered(scopeName, spec.hard as List | undefined), invalid(path, shownSelector(selector), "unsupported scope applied to resource")));
    if (EXISTS_ONLY.includes(scopeName) && operator !== "Exists") {
      const text =
        "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
      out.push(invalid(`${path}.operator`, operator, text));
    }
    if (operator === "In" || operator === "NotIn") {
      if (values.length === 0) out.push(required(`${path}.values`, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"));
    } else if (operator === "Exists" || operator === "DoesNotExist") {
      if (values.length > 0) out.push(invalid(`${path}.values`, values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"));
    } else out.push(invalid(`${path}.operator`, operator ?? "", "not a valid selector operator"));
  }
  const clash = conflicts(requirements.map((r) => r.scopeName));
  return [...out, ...times(clash, invalid(path, spec.scopes ?? null, "conflicting scopes"))];
}

const validateSpec = (spec: Spec): FieldError[] => [
  ...validateList(spec.hard as List | undefined, "spec.hard"),
  ...validateScopes(spec),
  ...validateScopeSelector(spec),
];
const validateStatus = (object: KubeObject): FieldError[] => [
  ...validateList(object.status?.hard, "status.hard"),
  ...validateList(object.status?.used, "status.used"),
];

export const validateResourceQuota = (object: KubeObject): FieldError[] => [...validateSpec(object.spec ?? {}), ...validateStatus(object)];

export function validateResourceQuotaUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const out = [...validateKubeObjectMetaUpdate(object.metadata, old.metadata), ...validateSpec(object.spec ?? {})];
  const set = (o: KubeObject): string => [...new Set<string>(o.spec?.scopes ?? [])].sort().join();
  if (set(object) !== set(old)) out.push(invalid("spec.scopes", new Shown(showValue(object.spec?.scopes ?? null)), FIELD_IS_IMMUTABLE));
  return out;
}

export function validateResourceQuotaStatusUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const out = validateKubeObjectMetaUpdate(object.metadata, old.metadata);
  if (!object.metadata.resourceVersion) out.push(required("resourceVersion"));
  return [...out, ...validateStatus(object)];
}
