/** Where a DaemonSet's pods belong, and the pod for a node. Pure. Source: pkg/controller/daemon/util/daemonset_util.go, NodeShouldRunDaemonPod. */
import type { PodSpec, Toleration } from "../../kinds/schema/api/core.v1.js";
import type { DaemonSet, Node, Pod } from "../runtime/api.js";
import { fitsNodeAffinity, untoleratedTaint } from "../runtime/nodes.js";
import { podFromTemplate } from "../runtime/podtemplate.js";

export const DAEMON_SET = { apiVersion: "apps/v1", kind: "DaemonSet" } as const;
/** On pods and revisions: which template they are of. */
export const REVISION_HASH = "controller-revision-hash";
/** The label that served before there were revisions, and the annotation it is taken from. */
const POD_GENERATION = "pod-template-generation";
const TEMPLATE_GENERATION = "deprecated.daemonset.template.generation";

const toleration = (reason: string, effect: string): Toleration => ({ key: `node.kubernetes.io/${reason}`, operator: "Exists", effect });
/** A daemon stays with its node whatever ails that. */
const TOLERATIONS: readonly Toleration[] = [
  ...["not-ready", "unreachable"].map((reason) => toleration(reason, "NoExecute")),
  ...["disk-pressure", "memory-pressure", "pid-pressure", "unschedulable"].map((reason) => toleration(reason, "NoSchedule")),
];
const OF_HOST_NETWORK = toleration("network-unavailable", "NoSchedule");

/** The spec's tolerations with those of daemons. One that differs in its seconds only is replaced. Source: AddOrUpdateDaemonPodTolerations. */
export function daemonTolerations(spec: PodSpec): Toleration[] {
  const matches = (a: Toleration, b: Toleration): boolean =>
    a.key === b.key && a.operator === b.operator && (a.value ?? "") === (b.value ?? "") && a.effect === b.effect;
  const out = [...(spec.tolerations ?? [])];
  for (const wanted of spec.hostNetwork ? [...TOLERATIONS, OF_HOST_NETWORK] : TOLERATIONS) {
    if (!out.some((t) => matches(t, wanted))) out.push(wanted);
    for (const [i, t] of out.entries()) if (matches(t, wanted)) out[i] = wanted;
  }
  return out;
}

/** Whether a pod is to be made on the node, and whether one that is there may stay. */
export function shouldRun(set: DaemonSet, node: Node): { readonly run: boolean; readonly stay: boolean } {
  const spec: PodSpec = set.spec.template.spec ?? { containers: [] };
  const name = node.metadata.name ?? "";
  if (spec.nodeName && spec.nodeName !== name) return { run: false, stay: false };
  if (!fitsNodeAffinity(spec, { name, labels: node.metadata.labels ?? {} })) return { run: false, stay: false };
  const tolerations = daemonTolerations(spec);
  if (!untoleratedTaint(tolerations, node.spec?.taints, ["NoSchedule", "NoExecute"])) return { run: true, stay: true };
  return { run: false, stay: !untoleratedTaint(tolerations, node.spec?.taints, ["NoExecute"]) };
}

const templateGeneration = (set: DaemonSet): string | undefined => {
  const text = set.metadata.annotations?.[TEMPLATE_GENERATION] ?? "";
  return /^[+-]?\d+$/.test(text) ? String(Number(text)) : undefined;
};

/** The pod for a node. The scheduler places it: its affinity leaves no other choice. */
export function podFor(set: DaemonSet, node: string, hash: string): Pod {
  const pod = podFromTemplate(set.spec.template, set, DAEMON_SET);
  const generation = templateGeneration(set);
  Object.assign(pod.metadata.labels as object, { ...(generation === undefined ? {} : { [POD_GENERATION]: generation }), [REVISION_HASH]: hash });
  const nodeSelectorTerms = [{ matchFields: [{ key: "metadata.name", operator: "In", values: [node] }] }];
  const { affinity } = pod.spec;
  pod.spec.tolerations = daemonTolerations(pod.spec);
  pod.spec.affinity = {
    ...affinity,
    nodeAffinity: { ...affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
  };
  return pod;
}

/** Whether the pod is of the set's present template. */
export function isUpdated(set: DaemonSet, pod: Pod, hash: string): boolean {
  const { labels } = pod.metadata;
  const generation = templateGeneration(set);
  return labels?.[REVISION_HASH] === hash || (generation !== undefined && labels?.[POD_GENERATION] === generation);
}

/** The node a pod is on, or was made for; undefined when it does not say. */
export function targetNode(pod: Pod): string | undefined {
  if (pod.spec.nodeName) return pod.spec.nodeName;
  const terms = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const named = terms.flatMap((term) => term.matchFields ?? []).find((field) => field.key === "metadata.name" && field.operator === "In");
  return named?.values?.length === 1 ? named.values[0] : undefined;
}
