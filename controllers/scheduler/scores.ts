/**
 * How well a node suits a pod, among those it fits. Pure and without chance: equal nodes are told apart by how many pods they have, then by name, so that a
 * cluster replayed places its pods alike. Weights are the default profile's. Source: pkg/scheduler/framework/plugins.
 */

import { untoleratedTaint } from "../runtime/nodes.js";
import { preferredNodeScore } from "./nodeaffinity.js";
import type { ClusterInfo, NodeInfo, PodInfo } from "./nodeinfo.js";
import { affinityTerm, type NamespaceLabels } from "./podaffinity.js";
import { spreadState } from "./spread.js";

const WEIGHT = { taints: 3, nodeAffinity: 2, fit: 1, spread: 2, podAffinity: 2, balance: 1 } as const;

const least = (wanted: number, size: number): number => (size <= 0 || wanted > size ? 0 : Math.floor(((size - wanted) * 100) / size));

/** LeastAllocated over cpu and memory. */
function fitScore(info: PodInfo, node: NodeInfo): number {
  const cpu = least(node.nonZero.cpu + info.nonZero.cpu, node.allocatable.cpu);
  const memory = least(node.nonZero.memory + info.nonZero.memory, node.allocatable.memory);
  return Math.floor((cpu + memory) / 2);
}

/** The closer cpu and memory are used alike, the better. */
function balanceScore(info: PodInfo, node: NodeInfo): number {
  const share = (wanted: number, size: number): number => (size <= 0 ? 0 : Math.min(1, wanted / size));
  const cpu = share(node.requested.cpu + info.requests.cpu, node.allocatable.cpu);
  const memory = share(node.requested.memory + info.requests.memory, node.allocatable.memory);
  return Math.floor((1 - Math.abs(cpu - memory) / 2) * 100);
}

/** Turns raw numbers into 0–100: the largest gets 100, or with `reverse` the smallest. */
function normalize(raw: number[], reverse = false): number[] {
  const max = Math.max(...raw);
  if (max <= 0) return raw.map(() => (reverse ? 100 : 0));
  return raw.map((v) => (reverse ? Math.floor(100 - (v * 100) / max) : Math.floor((v * 100) / max)));
}

/** Few pods of the same owner first: on the node, then in its zone. Stands for the default constraints (hostname and zone). */
function defaultSpread(info: PodInfo, nodes: readonly NodeInfo[], cluster: ClusterInfo): number[] {
  if (!info.owner) return nodes.map(() => 0);
  const zones = new Map<string, number>();
  const zoneOf = (node: NodeInfo): string => node.labels["topology.kubernetes.io/zone"] ?? "";
  for (const node of cluster.nodes) zones.set(zoneOf(node), (zones.get(zoneOf(node)) ?? 0) + (node.owners.get(info.owner) ?? 0));
  return nodes.map((node) => (node.owners.get(info.owner) ?? 0) * 2 + (zones.get(zoneOf(node)) ?? 0));
}

/** Matching pods per domain of the ScheduleAnyway constraints, or of the default ones where the pod has none. */
function spreadScore(info: PodInfo, nodes: readonly NodeInfo[], cluster: ClusterInfo): number[] {
  if (!info.pod.spec.topologySpreadConstraints?.length) return defaultSpread(info, nodes, cluster);
  const state = spreadState(info.pod, cluster.nodes, "ScheduleAnyway");
  if (!state) return nodes.map(() => 0);
  return nodes.map((node) =>
    state.constraints.reduce((sum, c, i) => {
      const value = node.labels[c.topologyKey];
      return value === undefined ? sum : sum + (state.domains[i].get(value) ?? 0) * Math.log(state.domains[i].size + 2) + (c.maxSkew - 1);
    }, 0),
  );
}

function podAffinityScore(info: PodInfo, nodes: readonly NodeInfo[], cluster: ClusterInfo, namespaceLabels: NamespaceLabels): number[] {
  const affinity = info.pod.spec.affinity;
  const terms = [
    ...(affinity?.podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((t) => ({ ...t, sign: 1 })),
    ...(affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((t) => ({ ...t, sign: -1 })),
  ].map((t) => ({ weight: t.weight * t.sign, term: affinityTerm(t.podAffinityTerm, info.pod, namespaceLabels) }));
  if (terms.length === 0) return nodes.map(() => 0);
  const sums = new Map<string, number>();
  for (const node of cluster.nodes)
    for (const { pod } of node.pods.values())
      for (const { weight, term } of terms) {
        const value = node.labels[term.topologyKey];
        if (value === undefined || !term.matches(pod)) continue;
        const pair = `${term.topologyKey}=${value}`;
        sums.set(pair, (sums.get(pair) ?? 0) + weight);
      }
  const keys = new Set(terms.map((t) => t.term.topologyKey));
  const raw = nodes.map((node) => [...keys].reduce((sum, key) => sum + (sums.get(`${key}=${node.labels[key]}`) ?? 0), 0));
  const [min, max] = [Math.min(...raw), Math.max(...raw)];
  return raw.map((v) => (max === min ? 0 : Math.floor((100 * (v - min)) / (max - min))));
}

/** The best of the nodes; there must be one. */
export function chooseNode(info: PodInfo, nodes: readonly NodeInfo[], cluster: ClusterInfo, namespaceLabels: NamespaceLabels): NodeInfo {
  if (nodes.length === 1) return nodes[0];
  const taints = normalize(
    nodes.map(
      (n) =>
        n.node?.spec.taints?.filter((t) => t.effect === "PreferNoSchedule" && untoleratedTaint(info.pod.spec.tolerations, [t], ["PreferNoSchedule"])).length ??
        0,
    ),
    true,
  );
  const preferred = normalize(nodes.map((n) => preferredNodeScore(info.pod, n)));
  const spread = normalize(spreadScore(info, nodes, cluster), true);
  const near = podAffinityScore(info, nodes, cluster, namespaceLabels);
  let best = nodes[0];
  let bestScore = Number.NEGATIVE_INFINITY;
  nodes.forEach((node, i) => {
    const score =
      WEIGHT.taints * taints[i] +
      WEIGHT.nodeAffinity * preferred[i] +
      WEIGHT.fit * fitScore(info, node) +
      WEIGHT.balance * balanceScore(info, node) +
      WEIGHT.spread * spread[i] +
      WEIGHT.podAffinity * near[i];
    const better = score - bestScore || best.pods.size - node.pods.size || (node.name < best.name ? 1 : -1);
    if (better > 0 || bestScore === Number.NEGATIVE_INFINITY) {
      best = node;
      bestScore = score;
    }
  });
  return best;
}
