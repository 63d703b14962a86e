/** Node labels upstream warns about. Source: pkg/api/node/util.go. */
const DEPRECATED: Readonly<Record<string, string>> = {
  "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
  "failure-domain.beta.kubernetes.io/region": 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  "failure-domain.beta.kubernetes.io/zone": 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  "beta.kubernetes.io/instance-type": 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  "app.kubernetes.io/created-by": "deprecated since v1.9",
  "scheduler.alpha.kubernetes.io/preferAvoidPods": "deprecated since v1.22; use Taints and Tolerations instead",
  "node-role.kubernetes.io/master": 'use "node-role.kubernetes.io/control-plane" instead',
};

/** What is wrong with the label key, undefined when nothing is. */
export const deprecatedNodeLabel = (key: string): string | undefined => (Object.hasOwn(DEPRECATED, key) ? DEPRECATED[key] : undefined);

/** beta label → the label that took its place. Source: pkg/apis/core/validation betaToGALabel. */
export const BETA_TO_GA: Readonly<Record<string, string>> = {
  "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
  "beta.kubernetes.io/os": "kubernetes.io/os",
  "beta.kubernetes.io/arch": "kubernetes.io/arch",
  "beta.kubernetes.io/instance-type": "node.kubernetes.io/instance-type",
};

interface NodeSelectorTerm {
  matchExpressions?: { key: string; values?: string[] }[];
}

/** Warnings for the expressions of one node selector term. Source: GetWarningsForNodeSelectorTerm without the value check. */
export const warningsForNodeSelectorTerm = (term: NodeSelectorTerm, path: string): string[] =>
  (term.matchExpressions ?? []).flatMap((e, i) => {
    const text = deprecatedNodeLabel(e.key);
    return text ? [`${path}.matchExpressions[${i}].key: ${e.key} is ${text}`] : [];
  });
