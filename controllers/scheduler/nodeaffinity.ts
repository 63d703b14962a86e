/** Node selectors of pods. Pure. Source: component-helpers scheduling/corev1/nodeaffinity. */
import { fitsNodeAffinity, nodeTermMatches } from "../runtime/nodes.js";
import type { Pod } from "../volume/api.js";
import type { NodeInfo } from "./nodeinfo.js";

/** nodeSelector and required node affinity together. */
export const matchesNodeAffinity = (pod: Pod, node: NodeInfo): boolean => fitsNodeAffinity(pod.spec, node);

/**
 * The nodes a pod names outright (matchFields on metadata.name in every term); undefined when it does not. An empty set: the terms contradict
 * themselves.
 */
export function namedNodes(pod: Pod): ReadonlySet<string> | undefined {
  const terms = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  if (terms.length === 0) return undefined;
  const all = new Set<string>();
  for (const term of terms) {
    let names: Set<string> | undefined;
    for (const field of term.matchFields ?? []) {
      if (field.key !== "metadata.name" || field.operator !== "In") continue;
      const values = new Set(field.values ?? []);
      names = names ? new Set([...names].filter((n) => values.has(n))) : values;
    }
    if (!names) return undefined;
    for (const name of names) all.add(name);
  }
  return all;
}

/** The sum of the weights of preferred terms a node meets. */
export function preferredNodeScore(pod: Pod, node: NodeInfo): number {
  let sum = 0;
  for (const term of pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [])
    if (nodeTermMatches(term.preference, node)) sum += term.weight;
  return sum;
}
