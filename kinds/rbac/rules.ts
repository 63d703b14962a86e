/**
 * What a rule allows, and what of some rules others do not cover. Sources: pkg/apis/rbac/v1/evaluation_helpers.go, component-helpers
 * auth/rbac/validation/policy_comparator.go, pkg/registry/rbac/validation/policy_compact.go.
 */
import { quote } from "../field.js";
import type { PolicyRule } from "../schema/api/rbac.v1.js";

/** What is asked of a resource. */
export interface ResourceAccess {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
}

const allows = (list: readonly string[] | null | undefined, value: string): boolean => list?.some((x) => x === "*" || x === value) ?? false;

/** Whether the rule allows an access to a resource. */
export function allowsResource(rule: PolicyRule, { verb, group, resource, subresource, name }: ResourceAccess): boolean {
  if (!allows(rule.verbs, verb) || !allows(rule.apiGroups, group)) return false;
  const combined = subresource ? `${resource}/${subresource}` : resource;
  if (!rule.resources?.some((r) => r === "*" || r === combined || (subresource !== "" && r === `*/${subresource}`))) return false;
  return !rule.resourceNames?.length || rule.resourceNames.includes(name);
}

/** Whether the rule allows a verb on a path that is no resource. */
export const allowsPath = (rule: PolicyRule, verb: string, path: string): boolean =>
  allows(rule.verbs, verb) && (rule.nonResourceURLs?.some((url) => url === "*" || pathCovers(url, path)) ?? false);

/** `/healthz/*` covers all that begins with `/healthz/`. */
const pathCovers = (owner: string, path: string): boolean => owner === path || (owner.endsWith("*") && path.startsWith(owner.replace(/\*+$/, "")));

/** The parts of `wanted`, each with one verb, group, resource and name, that no rule of `held` covers. */
export function uncovered(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(breakDown).filter((part) => !held.some((rule) => covers(rule, part)));
}

function breakDown(rule: PolicyRule): PolicyRule[] {
  const out: PolicyRule[] = [];
  const verbs = rule.verbs ?? [];
  for (const group of rule.apiGroups ?? [])
    for (const resource of rule.resources ?? [])
      for (const verb of verbs) {
        const part: PolicyRule = { verbs: [verb], apiGroups: [group], resources: [resource] };
        if (rule.resourceNames?.length) for (const name of rule.resourceNames) out.push({ ...part, resourceNames: [name] });
        else out.push(part);
      }
  for (const url of rule.nonResourceURLs ?? []) for (const verb of verbs) out.push({ verbs: [verb], nonResourceURLs: [url] });
  return out;
}

function covers(rule: PolicyRule, part: PolicyRule): boolean {
  const all = (list: readonly string[] | null | undefined, wanted: readonly string[] | null | undefined): boolean =>
    !wanted?.length || (list?.includes("*") ?? false) || wanted.every((w) => list?.includes(w));
  if (!all(rule.verbs, part.verbs) || !all(rule.apiGroups, part.apiGroups)) return false;
  for (const resource of part.resources ?? []) {
    const slash = resource.indexOf("/");
    const any = slash < 0 ? undefined : `*${resource.slice(slash)}`;
    if (!rule.resources?.some((r) => r === "*" || r === resource || r === any)) return false;
  }
  for (const url of part.nonResourceURLs ?? []) if (!rule.nonResourceURLs?.some((u) => pathCovers(u, url))) return false;
  if (!rule.resourceNames?.length) return true;
  return part.resourceNames?.length ? part.resourceNames.every((n) => rule.resourceNames?.includes(n)) : false;
}

/** Puts the verbs of parts about the same thing together again. */
function compact(parts: readonly PolicyRule[]): PolicyRule[] {
  const out: PolicyRule[] = [];
  const simple = new Map<string, PolicyRule>();
  for (const part of parts) {
    if (part.nonResourceURLs?.length) {
      out.push(part);
      continue;
    }
    const key = JSON.stringify([part.apiGroups, part.resources, part.resourceNames]);
    const known = simple.get(key);
    if (known) known.verbs = [...(known.verbs ?? []), ...(part.verbs ?? [])];
    else simple.set(key, { ...part });
  }
  return [...out, ...simple.values()];
}

/** `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}`, as errors show a rule. */
function describe(rule: PolicyRule): string {
  const parts = (
    [
      ["APIGroups", rule.apiGroups],
      ["Resources", rule.resources],
      ["NonResourceURLs", rule.nonResourceURLs],
      ["ResourceNames", rule.resourceNames],
      ["Verbs", rule.verbs],
    ] as const
  ).filter(([, list]) => list?.length);
  return `{${parts.map(([name, list]) => `${name}:${quoteAll(list ?? [])}`).join(", ")}}`;
}

/** Go's %q of a list of strings. */
export const quoteAll = (list: readonly string[]): string => `[${list.map(quote).join(" ")}]`;

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** What is missing, one line each, as an escalation is refused with. */
export const describeMissing = (missing: readonly PolicyRule[]): string => [...new Set(compact(missing).map(describe))].sort(byBytes).join("\n");
