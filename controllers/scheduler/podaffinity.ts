/** Which pods a pod must be near to or away from. Pure. Source: pkg/scheduler/framework/plugins/interpodaffinity. */
import { labelSelectorAsSelector, type Selector } from "../../kinds/labels.js";
import type { PodAffinityTerm } from "../../kinds/schema/api/core.v1.js";
import type { Pod } from "../volume/api.js";
import type { ClusterInfo, NodeInfo, PodInfo } from "./nodeinfo.js";

/** Labels of a namespace, for terms that choose namespaces by selector. */
export type NamespaceLabels = (name: string) => Readonly<Record<string, string>> | undefined;

/** A term made ready to be asked. `owner` is the pod that has it. */
export interface AffinityTerm {
  readonly topologyKey: string;
  matches(pod: Pod): boolean;
}

const selectorOf = (term: PodAffinityTerm): Selector => labelSelectorAsSelector(term.labelSelector);

export function affinityTerm(term: PodAffinityTerm, owner: Pod, namespaceLabels: NamespaceLabels): AffinityTerm {
  const selector = selectorOf(term);
  const byNamespace = term.namespaceSelector ? labelSelectorAsSelector(term.namespaceSelector) : undefined;
  const names = new Set(term.namespaces ?? []);
  // No word about namespaces means the pod's own.
  if (names.size === 0 && !byNamespace) names.add(owner.metadata.namespace ?? "");
  return {
    topologyKey: term.topologyKey,
    matches(pod) {
      const namespace = pod.metadata.namespace ?? "";
      if (!names.has(namespace) && !byNamespace?.matches(namespaceLabels(namespace) ?? {})) return false;
      return selector.matches(pod.metadata.labels ?? {});
    },
  };
}

const pairOf = (key: string, value: string): string => `${key}=${value}`;

export interface AffinityState {
  readonly affinity: readonly AffinityTerm[];
  readonly antiAffinity: readonly AffinityTerm[];
  /** Matching pods by topology pair. A pod counts for affinity when all terms match it, for anti-affinity term by term. */
  readonly affinityCounts: ReadonlyMap<string, number>;
  readonly antiAffinityCounts: ReadonlyMap<string, number>;
  /** Topology pairs that pods already placed keep this one away from. */
  readonly existing: ReadonlyMap<string, number>;
  /** The pod matches its own affinity: the first of a group may start it. */
  readonly selfMatch: boolean;
}

const bump = (counts: Map<string, number>, node: NodeInfo, key: string): void => {
  const value = node.labels[key];
  if (value !== undefined) counts.set(pairOf(key, value), (counts.get(pairOf(key, value)) ?? 0) + 1);
};

/** PreFilter; undefined when affinity has no say. */
export function affinityState(info: PodInfo, cluster: ClusterInfo, namespaceLabels: NamespaceLabels): AffinityState | undefined {
  const existing = new Map<string, number>();
  for (const { node, info: other } of cluster.repelling.values())
    for (const raw of other.antiAffinity) {
      const term = affinityTerm(raw, other.pod, namespaceLabels);
      if (term.matches(info.pod)) bump(existing, node, term.topologyKey);
    }
  if (existing.size === 0 && info.affinity.length === 0 && info.antiAffinity.length === 0) return undefined;
  const affinity = info.affinity.map((t) => affinityTerm(t, info.pod, namespaceLabels));
  const antiAffinity = info.antiAffinity.map((t) => affinityTerm(t, info.pod, namespaceLabels));
  const affinityCounts = new Map<string, number>();
  const antiAffinityCounts = new Map<string, number>();
  if (affinity.length || antiAffinity.length)
    for (const node of cluster.nodes)
      for (const { pod } of node.pods.values()) {
        if (affinity.length && affinity.every((t) => t.matches(pod))) for (const t of affinity) bump(affinityCounts, node, t.topologyKey);
        for (const t of antiAffinity) if (t.matches(pod)) bump(antiAffinityCounts, node, t.topologyKey);
      }
  return { affinity, antiAffinity, affinityCounts, antiAffinityCounts, existing, selfMatch: affinity.every((t) => t.matches(info.pod)) };
}

export type AffinityVerdict = "fits" | "affinity" | "anti-affinity" | "existing";

export function judgeAffinity(state: AffinityState, node: NodeInfo): AffinityVerdict {
  let near = true;
  for (const term of state.affinity) {
    const value = node.labels[term.topologyKey];
    if (value === undefined) return "affinity";
    if (!state.affinityCounts.get(pairOf(term.topologyKey, value))) near = false;
  }
  if (!near && !(state.affinityCounts.size === 0 && state.selfMatch)) return "affinity";
  for (const term of state.antiAffinity) {
    const value = node.labels[term.topologyKey];
    if (value !== undefined && state.antiAffinityCounts.get(pairOf(term.topologyKey, value))) return "anti-affinity";
  }
  if (state.existing.size) for (const [key, value] of Object.entries(node.labels)) if (state.existing.get(pairOf(key, value))) return "existing";
  return "fits";
}
