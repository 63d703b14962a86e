/** What is asked of nodes: whether they are ready, and which of them a pod may be on (selectors, affinity, taints). Pure. Source: component-helpers scheduling/corev1, api/core/v1 Toleration.ToleratesTaint. */
import type { KubeObject } from "../../kinds/object.js";
import type { NodeCondition, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodSpec, Taint } from "../../kinds/schema/api/core.v1.js";
import type { Node } from "./api.js";

/** What a node says of itself, or what is said of it when it does not. */
export const readyCondition = (node: KubeObject | Node): NodeCondition | undefined =>
  (node.status?.conditions as readonly NodeCondition[] | undefined)?.find((c) => c.type === "Ready");
export const isNodeReady = (node: KubeObject | Node): boolean => readyCondition(node)?.status === "True";

/** A node as selectors see it. */
export interface NodeFacts {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

const INTEGER = /^[+-]?\d+$/;

function requirementMatches(r: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (r.operator) {
    case "In":
      return value !== undefined && (r.values ?? []).includes(value);
    case "NotIn":
      return value === undefined || !(r.values ?? []).includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
    case "Lt": {
      const bound = r.values?.[0];
      if (value === undefined || bound === undefined || !INTEGER.test(value) || !INTEGER.test(bound)) return false;
      return r.operator === "Gt" ? BigInt(value) > BigInt(bound) : BigInt(value) < BigInt(bound);
    }
    default:
      return false;
  }
}

/** One term: all of it must hold; an empty one holds never. Source: component-helpers scheduling/corev1/nodeaffinity. */
export function nodeTermMatches(term: NodeSelectorTerm, node: NodeFacts): boolean {
  const expressions = term.matchExpressions ?? [];
  const fields = term.matchFields ?? [];
  if (expressions.length === 0 && fields.length === 0) return false;
  return (
    expressions.every((r) => requirementMatches(r, node.labels[r.key])) &&
    fields.every((r) => requirementMatches(r, r.key === "metadata.name" ? node.name : undefined))
  );
}

/** Whether any term holds. */
export const nodeSelectorMatches = (selector: NodeSelector, node: NodeFacts): boolean =>
  (selector.nodeSelectorTerms ?? []).some((term) => nodeTermMatches(term, node));

/** nodeSelector and required node affinity together. Source: nodeaffinity.GetRequiredNodeAffinity. */
export function fitsNodeAffinity(spec: PodSpec, node: NodeFacts): boolean {
  for (const [key, value] of Object.entries(spec.nodeSelector ?? {})) if (node.labels[key] !== value) return false;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return !required || nodeSelectorMatches(required, node);
}

interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
}

const NUMBER = /^(0|-?[1-9]\d*)$/;

export function tolerates(toleration: Toleration, taint: Pick<Taint, "key" | "value" | "effect">): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  switch (toleration.operator || "Equal") {
    case "Exists":
      return true;
    case "Equal":
      return (toleration.value ?? "") === (taint.value ?? "");
    case "Lt":
    case "Gt": {
      if (!NUMBER.test(toleration.value ?? "") || !NUMBER.test(taint.value ?? "")) return false;
      const [a, b] = [BigInt(taint.value ?? "0"), BigInt(toleration.value ?? "0")];
      return toleration.operator === "Lt" ? a < b : a > b;
    }
    default:
      return false;
  }
}

/** The first taint of the given effects that nothing tolerates. */
export function untoleratedTaint(
  tolerations: readonly Toleration[] | undefined,
  taints: readonly Taint[] | undefined,
  effects: readonly string[],
): Taint | undefined {
  return taints?.find((taint) => effects.includes(taint.effect) && !(tolerations ?? []).some((t) => tolerates(t, taint)));
}
