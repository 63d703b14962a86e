/** Which requests a webhook or a policy is about. Source: pkg/apis/admissionregistration/validation. */
import { compileError } from "../cel/index.js";
import { type AdmissionVariables, admissionEnvironment } from "../cel/admission.js";
import { duplicate, type FieldError, invalid, notSupported, required, tooMany } from "../field.js";
import type { MatchCondition, MatchResources, NamedRuleWithOperations, RuleWithOperations } from "../schema/api/admissionregistration.v1.js";
import { validateLabelSelector } from "../validation/metadata.js";
import { isQualifiedName, nameIsPathSegment } from "../validation/names.js";

export const FAILURE_POLICIES = ["Fail", "Ignore"] as const;
export const MATCH_POLICIES = ["Equivalent", "Exact"] as const;
export const REINVOCATION_POLICIES = ["IfNeeded", "Never"] as const;
const OPERATIONS: readonly string[] = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
/** Nothing is left to mutate when an object goes. */
const MUTATING_OPERATIONS: readonly string[] = ["*", "CONNECT", "CREATE", "UPDATE"];
const SCOPES = ["*", "Cluster", "Namespaced"];
const MAX_MATCH_CONDITIONS = 64;

/** A field with a few values that has to be set, or need not. */
export function oneOf(value: string | null | undefined, supported: readonly string[], path: string, need: boolean): FieldError[] {
  if (value === undefined || value === null) return need ? [required(path)] : [];
  return supported.includes(value) ? [] : [notSupported(path, value, supported)];
}

function validateResources(resources: readonly string[], path: string): FieldError[] {
  const out = resources.length === 0 ? [required(path)] : [];
  const wholeResources = new Set<string>();
  const anyResource = new Set<string>();
  let plain = false;
  for (const [i, resource] of resources.entries()) {
    if (resource === "") {
      out.push(required(`${path}[${i}]`));
      continue;
    }
    const slash = resource.indexOf("/");
    if (slash < 0) {
      plain = resource !== "*";
      continue;
    }
    const [name, sub] = [resource.slice(0, slash), resource.slice(slash + 1)];
    if (wholeResources.has(name)) out.push(invalid(`${path}[${i}]`, resource, `if '${name}/*' is present, must not specify ${resource}`));
    if (anyResource.has(sub)) out.push(invalid(`${path}[${i}]`, resource, `if '*/${sub}' is present, must not specify ${resource}`));
    if (sub === "*") wholeResources.add(name);
    if (name === "*") anyResource.add(sub);
  }
  if (resources.length > 1 && resources.includes("*/*")) out.push(invalid(path, resources, "if '*/*' is present, must not specify other resources"));
  if (resources.includes("*") && plain) out.push(invalid(path, resources, "if '*' is present, must not specify other resources without subresources"));
  return out;
}

function validateRule(rule: RuleWithOperations, path: string): FieldError[] {
  const { apiGroups = [], apiVersions = [], resources = [], scope } = rule;
  const out = apiGroups.length === 0 ? [required(`${path}.apiGroups`)] : [];
  if (apiGroups.length > 1 && apiGroups.includes("*"))
    out.push(invalid(`${path}.apiGroups`, apiGroups, "if '*' is present, must not specify other API groups"));
  if (apiVersions.length === 0) out.push(required(`${path}.apiVersions`));
  if (apiVersions.length > 1 && apiVersions.includes("*"))
    out.push(invalid(`${path}.apiVersions`, apiVersions, "if '*' is present, must not specify other API versions"));
  for (const [i, version] of apiVersions.entries()) if (version === "") out.push(required(`${path}.apiVersions[${i}]`));
  return [...out, ...validateResources(resources, `${path}.resources`), ...oneOf(scope, SCOPES, `${path}.scope`, false)];
}

export function validateRuleWithOperations(rule: RuleWithOperations, path: string): FieldError[] {
  const { operations = [] } = rule;
  const out = operations.length === 0 ? [required(`${path}.operations`)] : [];
  if (operations.length > 1 && operations.includes("*"))
    out.push(invalid(`${path}.operations`, operations, "if '*' is present, must not specify other operations"));
  for (const [i, operation] of operations.entries())
    if (!OPERATIONS.includes(operation)) out.push(notSupported(`${path}.operations[${i}]`, operation, OPERATIONS));
  return [...out, ...validateRule(rule, path)];
}

function validateNamedRule(rule: NamedRuleWithOperations, path: string): FieldError[] {
  const seen = new Set<string>();
  const names = (rule.resourceNames ?? []).flatMap((name, i) => {
    const out = nameIsPathSegment(name, false).map((text) => invalid(`${path}.resourceNames[${i}]`, name, text));
    if (seen.has(name)) out.push(duplicate(`${path}.resourceNames[${i}]`, name));
    seen.add(name);
    return out;
  });
  return [...names, ...validateRuleWithOperations(rule as RuleWithOperations, path)];
}

export function validateMatchResources(match: MatchResources | null | undefined, path: string): FieldError[] {
  if (!match) return [];
  const selector = (name: "namespaceSelector" | "objectSelector"): FieldError[] =>
    match[name] ? validateLabelSelector(match[name], {}, `${path}.${name}`) : [required(`${path}.${name}`)];
  return [
    ...oneOf(match.matchPolicy, MATCH_POLICIES, `${path}.matchPolicy`, true),
    ...selector("namespaceSelector"),
    ...selector("objectSelector"),
    ...(match.resourceRules ?? []).flatMap((rule, i) => validateNamedRule(rule, `${path}.resourceRules[${i}]`)),
    ...(match.excludeResourceRules ?? []).flatMap((rule, i) => validateNamedRule(rule, `${path}.excludeResourceRules[${i}]`)),
  ];
}

/** Operations of the rules of something that mutates. */
export const validateMutatingOperations = (match: MatchResources | null | undefined, path: string): FieldError[] =>
  (match?.resourceRules ?? [])
    .flatMap((rule) => rule.operations ?? [])
    .filter((operation) => !MUTATING_OPERATIONS.includes(operation))
    .map((operation) => notSupported(`${path}.resourceRules.operations`, operation, MUTATING_OPERATIONS));

/** Constraints of a policy: they have to say what it is about. */
export function validateMatchConstraints(match: MatchResources | null | undefined, path: string): FieldError[] {
  if (!match) return [required(path)];
  return [...validateMatchResources(match, path), ...(match.resourceRules?.length ? [] : [required(`${path}.resourceRules`)])];
}

/** Conditions are compiled as they are, without white space around them. */
export function validateMatchConditions(conditions: readonly MatchCondition[] | null | undefined, has: AdmissionVariables, path: string): FieldError[] {
  const list = conditions ?? [];
  if (list.length === 0) return [];
  const env = admissionEnvironment({ ...has, authorizer: true });
  const names = new Set<string>();
  const out = list.length > MAX_MATCH_CONDITIONS ? [tooMany(path, list.length, MAX_MATCH_CONDITIONS)] : [];
  for (const [i, condition] of list.entries()) {
    const at = `${path}[${i}]`;
    const expression = (condition.expression ?? "").trim();
    const error = expression === "" ? undefined : compileError(env, expression, ["bool"]);
    if (expression === "") out.push(required(`${at}.expression`));
    else if (error !== undefined) out.push(invalid(`${at}.expression`, expression, error));
    const name = condition.name ?? "";
    if (name === "") {
      out.push(required(`${at}.name`));
      continue;
    }
    out.push(...isQualifiedName(name).map((text) => invalid(`${at}.name`, name, text)));
    if (names.has(name)) out.push(duplicate(`${at}.name`, name));
    names.add(name);
  }
  return out;
}
