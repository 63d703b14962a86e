/** Topology spread constraints. Pure. Source: pkg/scheduler/framework/plugins/podtopologyspread. */
import { labelSelectorAsSelector, type Selector, selectorFromSet } from "../../kinds/labels.js";
import type { TopologySpreadConstraint } from "../../kinds/schema/api/core.v1.js";
import { untoleratedTaint } from "../runtime/nodes.js";
import type { Pod } from "../volume/api.js";
import { matchesNodeAffinity } from "./nodeaffinity.js";
import type { NodeInfo } from "./nodeinfo.js";

export interface SpreadConstraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  readonly minDomains: number;
  readonly honorAffinity: boolean;
  readonly honorTaints: boolean;
  matches(labels: Readonly<Record<string, string>>): boolean;
  /** Empty selectors count no pod at all. */
  readonly empty: boolean;
}

export function spreadConstraints(pod: Pod, action: "DoNotSchedule" | "ScheduleAnyway"): SpreadConstraint[] {
  return ((pod.spec.topologySpreadConstraints ?? []) as TopologySpreadConstraint[])
    .filter((c) => c.whenUnsatisfiable === action)
    .map((c) => {
      const selector: Selector = labelSelectorAsSelector(c.labelSelector);
      const same: Record<string, string> = {};
      for (const key of c.matchLabelKeys ?? []) {
        const labels = pod.metadata.labels ?? {};
        if (Object.hasOwn(labels, key)) same[key] = labels[key] as string;
      }
      const also = Object.keys(same).length ? selectorFromSet(same) : undefined;
      return {
        maxSkew: c.maxSkew,
        topologyKey: c.topologyKey,
        minDomains: c.minDomains ?? 1,
        honorAffinity: (c.nodeAffinityPolicy ?? "Honor") === "Honor",
        honorTaints: c.nodeTaintsPolicy === "Honor",
        matches: (labels) => selector.matches(labels) && (also?.matches(labels) ?? true),
        empty: !also && selector.empty,
      };
    });
}

const counts = (c: SpreadConstraint, pod: Pod, node: NodeInfo): boolean =>
  (!c.honorAffinity || matchesNodeAffinity(pod, node)) &&
  (!c.honorTaints || untoleratedTaint(pod.spec.tolerations, node.node?.spec.taints, ["NoSchedule", "NoExecute"]) === undefined);

function matching(c: SpreadConstraint, pod: Pod, node: NodeInfo): number {
  if (c.empty) return 0;
  let n = 0;
  for (const { pod: other } of node.pods.values())
    if (!other.metadata.deletionTimestamp && other.metadata.namespace === pod.metadata.namespace && c.matches(other.metadata.labels ?? {})) n++;
  return n;
}

export interface SpreadState {
  readonly constraints: readonly SpreadConstraint[];
  /** Per constraint: pods by the topology's value, over nodes that carry all the keys. */
  readonly domains: readonly ReadonlyMap<string, number>[];
}

/** PreFilter; undefined when the pod has no such constraint. */
export function spreadState(pod: Pod, nodes: readonly NodeInfo[], action: "DoNotSchedule" | "ScheduleAnyway"): SpreadState | undefined {
  const constraints = spreadConstraints(pod, action);
  if (constraints.length === 0) return undefined;
  const domains = constraints.map(() => new Map<string, number>());
  for (const node of nodes) {
    if (!constraints.every((c) => node.labels[c.topologyKey] !== undefined)) continue;
    constraints.forEach((c, i) => {
      if (!counts(c, pod, node)) return;
      const value = node.labels[c.topologyKey];
      domains[i].set(value, (domains[i].get(value) ?? 0) + matching(c, pod, node));
    });
  }
  return { constraints, domains };
}

export type SpreadVerdict = "fits" | "skew" | "no-label";

export function judgeSpread(state: SpreadState, pod: Pod, node: NodeInfo): SpreadVerdict {
  for (const [i, c] of state.constraints.entries()) {
    const value = node.labels[c.topologyKey];
    if (value === undefined) return "no-label";
    const domains = state.domains[i];
    // With fewer domains than asked for the least is taken as none.
    const least = domains.size < c.minDomains ? 0 : Math.min(...domains.values());
    const self = c.matches(pod.metadata.labels ?? {}) ? 1 : 0;
    if ((domains.get(value) ?? 0) + self - least > c.maxSkew) return "skew";
  }
  return "fits";
}
