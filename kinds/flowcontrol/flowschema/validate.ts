/** Source: pkg/apis/flowcontrol/validation ValidateFlowSchema. */
import { internalEqual, showInternal } from "../../core/pod/internal.js";
import { type FieldError, forbidden, invalid, notSupported, required } from "../../field.js";
import type { KubeObject } from "../../object.js";
import type {
  FlowSchemaSpec,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  ServiceAccountSubject,
  Subject,
} from "../../schema/api/flowcontrol.v1.js";
import { validateKubeObjectMeta } from "../../validation/metadata.js";
import { isDNS1123Label, isDNS1123Subdomain, nameIsDNSSubdomain } from "../../validation/names.js";
import { MANDATORY_SCHEMAS } from "../bootstrap.js";
import { validateFlowConditions } from "../status.js";

const MAX_PRECEDENCE = 10000;
const METHODS = ["ByNamespace", "ByUser"];
const VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"];

/** A list that has to hold something, and nothing beside a wildcard. */
function wildcardList(list: readonly string[] | null | undefined, path: string, none: string, what: string): FieldError[] {
  if (!list?.length) return [required(path, none)];
  return list.length > 1 && list.includes("*") ? [invalid(path, list, `if '*' is present, must not specify other ${what}`)] : [];
}

function validateVerbs(verbs: readonly string[] | null | undefined, path: string): FieldError[] {
  const out = wildcardList(verbs, path, "verbs must contain at least one value", "verbs");
  const known = !verbs?.length || verbs.includes("*") || verbs.every((verb) => VERBS.includes(verb));
  return known ? out : [...out, notSupported(path, verbs, VERBS)];
}

function validateServiceAccount(account: ServiceAccountSubject, path: string): FieldError[] {
  const { name = "", namespace = "" } = account;
  const out: FieldError[] = [];
  if (name === "") out.push(required(`${path}.name`));
  else if (name !== "*") out.push(...isDNS1123Subdomain(name).map((text) => invalid(`${path}.name`, name, text)));
  if (namespace === "") out.push(required(`${path}.namespace`, "must specify namespace for service account"));
  else out.push(...isDNS1123Label(namespace).map((text) => invalid(`${path}.namespace`, namespace, text)));
  return out;
}

/** Kinds of subjects and their fields, in the order in which the fields of others are refused. */
const SUBJECT_FIELDS = { ServiceAccount: "serviceAccount", User: "user", Group: "group" } as const;

function validateSubject(subject: Subject, path: string): FieldError[] {
  const own = Object.hasOwn(SUBJECT_FIELDS, subject.kind ?? "") ? SUBJECT_FIELDS[subject.kind as keyof typeof SUBJECT_FIELDS] : undefined;
  if (!own) return [notSupported(`${path}.kind`, subject.kind ?? "", Object.keys(SUBJECT_FIELDS).sort())];
  const at = `${path}.${own}`;
  const value = subject[own];
  const out: FieldError[] = [];
  if (!value) out.push(required(at, `${own} is required when subject kind is '${subject.kind}'`));
  else if (own === "serviceAccount") out.push(...validateServiceAccount(value as ServiceAccountSubject, at));
  else if (!value.name) out.push(required(`${at}.name`));
  for (const [kind, field] of Object.entries(SUBJECT_FIELDS))
    if (field !== own && subject[field]) out.push(forbidden(`${path}.${field}`, `${field} is forbidden when subject kind is not '${kind}'`));
  return out;
}

function urlProblem(url: string): string | undefined {
  if (url === "") return "must not be empty";
  if (url === "/") return undefined;
  if (!url.startsWith("/")) return "must start with slash";
  if (url.includes(" ")) return "must not contain white-space";
  if (url.includes("//")) return "must not contain double slash";
  const wildcards = url.split("*").length - 1;
  return wildcards > 1 || (wildcards === 1 && !url.endsWith("/*")) ? "wildcard can only do suffix matching" : undefined;
}

function validateNonResourceRule(rule: NonResourcePolicyRule, path: string): FieldError[] {
  const at = `${path}.nonResourceURLs`;
  const urls = rule.nonResourceURLs ?? [];
  const out = [
    ...validateVerbs(rule.verbs, `${path}.verbs`),
    ...wildcardList(urls, at, "nonResourceURLs must contain at least one value", "non-resource URLs"),
  ];
  if (urls.includes("*")) return out;
  for (const [i, url] of urls.entries()) {
    const problem = urlProblem(url);
    if (problem) out.push(invalid(`${at}[${i}]`, url, problem));
  }
  return out;
}

function validateResourceRule(rule: ResourcePolicyRule, path: string): FieldError[] {
  const out = [
    ...validateVerbs(rule.verbs, `${path}.verbs`),
    ...wildcardList(rule.apiGroups, `${path}.apiGroups`, "resource rules must supply at least one api group", "api groups"),
    ...wildcardList(rule.resources, `${path}.resources`, "resource rules must supply at least one resource", "resources"),
  ];
  const namespaces = rule.namespaces ?? [];
  const at = `${path}.namespaces`;
  if (namespaces.length === 0) {
    if (!rule.clusterScope) out.push(required(at, "resource rules that are not cluster scoped must supply at least one namespace"));
  } else if (namespaces.includes("*")) out.push(...wildcardList(namespaces, at, "", "namespaces"));
  else
    for (const [i, namespace] of namespaces.entries())
      for (const text of isDNS1123Label(namespace))
        out.push(invalid(`${at}[${i}]`, namespace, `each member of this list must be '*' or a DNS-1123 label; ${text}`));
  return out;
}

function validateRules(rule: PolicyRulesWithSubjects, path: string): FieldError[] {
  const { subjects, resourceRules = [], nonResourceRules = [] } = rule;
  const out = subjects?.length
    ? subjects.flatMap((subject, i) => validateSubject(subject, `${path}.subjects[${i}]`))
    : [required(`${path}.subjects`, "subjects must contain at least one value")];
  if (resourceRules.length === 0 && nonResourceRules.length === 0)
    out.push(required(path, "at least one of resourceRules and nonResourceRules has to be non-empty"));
  return [
    ...out,
    ...resourceRules.flatMap((r, i) => validateResourceRule(r, `${path}.resourceRules[${i}]`)),
    ...nonResourceRules.flatMap((r, i) => validateNonResourceRule(r, `${path}.nonResourceRules[${i}]`)),
  ];
}

function validateSpec(object: KubeObject): FieldError[] {
  const spec = (object.spec ?? {}) as FlowSchemaSpec;
  const precedence = spec.matchingPrecedence ?? 0;
  const at = "spec.matchingPrecedence";
  const out: FieldError[] = [];
  if (precedence <= 0) out.push(invalid(at, precedence, "must be a positive value"));
  if (precedence > MAX_PRECEDENCE) out.push(invalid(at, precedence, `must not be greater than ${MAX_PRECEDENCE}`));
  if (precedence === 1 && object.metadata.name !== "exempt") out.push(invalid(at, precedence, "only the schema named 'exempt' may have matchingPrecedence 1"));
  if (spec.distinguisherMethod && !METHODS.includes(spec.distinguisherMethod.type ?? ""))
    out.push(notSupported("spec.distinguisherMethod.type", showInternal("FlowDistinguisherMethod", spec.distinguisherMethod), METHODS));
  const level = spec.priorityLevelConfiguration?.name ?? "";
  const name = "spec.priorityLevelConfiguration.name";
  if (level === "") out.push(required(name, "must reference a priority level"));
  else out.push(...isDNS1123Subdomain(level).map((text) => invalid(name, level, text)));
  for (const [i, rule] of (spec.rules ?? []).entries()) out.push(...validateRules(rule, `spec.rules[${i}]`));
  return out;
}

/** A schema's own findings; on updates those of its metadata too, as upstream has no other validation for them. */
export function validateFlowSchema(object: KubeObject): FieldError[] {
  const out = validateSpec(object);
  const { name = "" } = object.metadata;
  if (Object.hasOwn(MANDATORY_SCHEMAS, name) && !internalEqual("FlowSchemaSpec", object.spec, MANDATORY_SCHEMAS[name]))
    out.push(invalid("spec", showInternal("FlowSchemaSpec", object.spec), `spec of '${name}' must equal the fixed value`));
  return [...out, ...validateFlowConditions(object)];
}

export const validateFlowSchemaUpdate = (object: KubeObject): FieldError[] => [
  ...validateKubeObjectMeta(object.metadata, false, nameIsDNSSubdomain),
  ...validateFlowSchema(object),
];
