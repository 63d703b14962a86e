import type { KubeObject } from "../../kinds/object.js";
import { aggregatedRules } from "../../kinds/rbac/aggregate.js";
import type { PolicyRule } from "../../kinds/schema/api/rbac.v1.js";
import { semanticEqual } from "../../kinds/validation/equality.js";

/** A role whose rules are not those of its parts any more, and what they should be. */
export interface Correction {
  readonly name: string;
  readonly rules: readonly PolicyRule[];
}

/** What to correct among all cluster roles, in the order of their names. A role that gathers another aggregated one is right a round later. */
export function planAggregation(roles: readonly KubeObject[]): Correction[] {
  return roles.flatMap((role) => {
    if (!role.aggregationRule || role.metadata.deletionTimestamp) return [];
    const rules = aggregatedRules(role, roles);
    return semanticEqual(rules, role.rules) ? [] : [{ name: role.metadata.name ?? "", rules }];
  });
}
