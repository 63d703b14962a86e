/** What an aggregated ClusterRole allows. Source: pkg/controller/clusterroleaggregation syncClusterRole. */
import { labelSelectorAsSelector } from "../labels.js";
import type { KubeObject } from "../object.js";
import type { PolicyRule } from "../schema/api/rbac.v1.js";

type Selector = Parameters<typeof labelSelectorAsSelector>[0];

/** What tells rules apart; absent and empty lists are one. */
const identity = (r: PolicyRule): string =>
  JSON.stringify([r.verbs ?? [], r.apiGroups ?? [], r.resources ?? [], r.resourceNames ?? [], r.nonResourceURLs ?? []]);

/** The rules of all roles the selectors of `role` choose, each once: selectors in their order, roles by name. `roles` are in the order of their names. */
export function aggregatedRules(role: KubeObject, roles: readonly KubeObject[]): PolicyRule[] {
  const out = new Map<string, PolicyRule>();
  for (const text of (role.aggregationRule?.clusterRoleSelectors ?? []) as Selector[]) {
    const selector = labelSelectorAsSelector(text);
    for (const other of roles) {
      if (other.metadata.name === role.metadata.name || !selector.matches(other.metadata.labels ?? {})) continue;
      for (const rule of (other.rules ?? []) as PolicyRule[]) {
        const key = identity(rule);
        if (!out.has(key)) out.set(key, rule);
      }
    }
  }
  return [...out.values()];
}
