/** Who a StatefulSet's pods are: names, labels, volumes and claims by ordinal. Source: pkg/controller/statefulset/stateful_set_utils.go. */
import type { KubeObject, PersistentVolumeClaim, Pod, PodTemplateSpec, StatefulSet } from "../runtime/api.js";
import { podFromTemplate } from "../runtime/podtemplate.js";

export const STATEFUL_SET = { apiVersion: "apps/v1", kind: "StatefulSet" } as const;
export const POD_NAME_LABEL = "statefulset.kubernetes.io/pod-name";
export const POD_INDEX_LABEL = "apps.kubernetes.io/pod-index";
export const REVISION_LABEL = "controller-revision-hash";

/** A revision of the set's template; `name` is what pods carry in their revision label. */
export interface Revision {
  readonly name: string;
  readonly template: PodTemplateSpec;
}

const MAX_INT32 = 0x7fffffff;

/** The set's name and the ordinal out of a pod's name; ordinal -1 when there is none. */
export function parentAndOrdinal(podName: string): { parent: string; ordinal: number } {
  const start = digitsAt(podName);
  if (start < 0) return { parent: "", ordinal: -1 };
  return { parent: podName.slice(0, start - 1), ordinal: ordinalAt(podName, start) };
}

/** Where the digits behind the last dash begin; -1 when the name does not end so. By characters: each look at a set asks this of each of its pods. */
function digitsAt(podName: string): number {
  let i = podName.length;
  while (i > 0 && podName.charCodeAt(i - 1) >= 0x30 && podName.charCodeAt(i - 1) <= 0x39) i--;
  return i < podName.length && i > 0 && podName.charCodeAt(i - 1) === 0x2d ? i : -1;
}

function ordinalAt(podName: string, start: number): number {
  const ordinal = Number(podName.slice(start));
  return ordinal <= MAX_INT32 ? ordinal : -1;
}

export function ordinalOf(pod: KubeObject): number {
  const name = pod.metadata.name ?? "";
  const start = digitsAt(name);
  return start < 0 ? -1 : ordinalAt(name, start);
}
export function isMemberOf(set: StatefulSet, pod: KubeObject): boolean {
  const name = pod.metadata.name ?? "";
  const start = digitsAt(name);
  return start === (set.metadata.name ?? "").length + 1 && name.startsWith(set.metadata.name ?? "");
}
export const startOrdinal = (set: StatefulSet): number => set.spec.ordinals?.start ?? 0;
export const replicasOf = (set: StatefulSet): number => set.spec.replicas ?? 1;
/** Whether the ordinal is one of those the set is to have. */
export const inRange = (set: StatefulSet, ordinal: number): boolean => ordinal >= startOrdinal(set) && ordinal < startOrdinal(set) + replicasOf(set);

export const podName = (set: StatefulSet, ordinal: number): string => `${set.metadata.name}-${ordinal}`;
export const claimName = (set: StatefulSet, template: string, ordinal: number): string => `${template}-${set.metadata.name}-${ordinal}`;
export const revisionOf = (pod: KubeObject): string => pod.metadata.labels?.[REVISION_LABEL] ?? "";

/** Names of the claim templates in order. A name given twice counts once: the last wins. */
const claimTemplates = (set: StatefulSet): Map<string, PersistentVolumeClaim> =>
  new Map((set.spec.volumeClaimTemplates ?? []).map((template) => [template.metadata?.name ?? "", template as PersistentVolumeClaim]));

/** The names of an ordinal's claims. */
export function claimNames(set: StatefulSet, ordinal: number): string[] {
  if (!set.spec.volumeClaimTemplates?.length) return [];
  return [...claimTemplates(set).keys()].map((name) => claimName(set, name, ordinal));
}

/** An ordinal's claims as they are to be created. The selector's labels go over the template's own. */
export function claimsFor(set: StatefulSet, ordinal: number): PersistentVolumeClaim[] {
  return [...claimTemplates(set)].map(([name, template]) => {
    const claim = structuredClone(template) as PersistentVolumeClaim;
    const labels = { ...claim.metadata.labels, ...set.spec.selector?.matchLabels };
    claim.apiVersion = "v1";
    claim.kind = "PersistentVolumeClaim";
    claim.metadata.name = claimName(set, name, ordinal);
    claim.metadata.namespace = set.metadata.namespace;
    if (Object.keys(labels).length > 0) claim.metadata.labels = labels;
    return claim;
  });
}

/** Whether name and pod-name label are those of a member. The index label is not looked at, as upstream. */
export function identityMatches(set: StatefulSet, pod: Pod): boolean {
  const { parent, ordinal } = parentAndOrdinal(pod.metadata.name ?? "");
  return (
    ordinal >= 0 &&
    parent === set.metadata.name &&
    pod.metadata.name === podName(set, ordinal) &&
    pod.metadata.namespace === set.metadata.namespace &&
    pod.metadata.labels?.[POD_NAME_LABEL] === pod.metadata.name
  );
}

/** Whether the pod mounts its own claim for every claim template. */
export function storageMatches(set: StatefulSet, pod: Pod): boolean {
  const templates = set.spec.volumeClaimTemplates;
  const ordinal = ordinalOf(pod);
  if (ordinal < 0) return false;
  if (!templates?.length) return true;
  return templates.every((template) => {
    const name = template.metadata?.name ?? "";
    const volume = pod.spec.volumes?.findLast((v) => v.name === name);
    return volume?.persistentVolumeClaim?.claimName === claimName(set, name, ordinal);
  });
}

/** Puts the labels of identity on a pod that may be written into. */
export function setIdentity(set: StatefulSet, pod: Pod): void {
  const ordinal = ordinalOf(pod);
  const name = podName(set, ordinal);
  pod.metadata.name = name;
  pod.metadata.namespace = set.metadata.namespace;
  pod.metadata.labels = { ...pod.metadata.labels, [POD_NAME_LABEL]: name, [POD_INDEX_LABEL]: String(ordinal) };
}

/** Makes the claims the pod's volumes of those names; volumes of other names stay, after them. */
export function setStorage(set: StatefulSet, pod: Pod): void {
  const ordinal = ordinalOf(pod);
  const templates = claimTemplates(set);
  const claims = [...templates.keys()].map((name) => ({ name, persistentVolumeClaim: { claimName: claimName(set, name, ordinal) } }));
  const others = (pod.spec.volumes ?? []).filter((volume) => !templates.has(volume.name));
  if (claims.length + others.length > 0) pod.spec.volumes = [...claims, ...others];
}

/** A new member at a revision, as it is to be created. */
export function newPod(set: StatefulSet, ordinal: number, revision: Revision): Pod {
  const pod = podFromTemplate(revision.template, set, STATEFUL_SET);
  pod.metadata.name = podName(set, ordinal);
  setIdentity(set, pod);
  pod.spec.hostname = pod.metadata.name;
  // An empty serviceName leaves the field out.
  if (set.spec.serviceName) pod.spec.subdomain = set.spec.serviceName;
  else delete pod.spec.subdomain;
  setStorage(set, pod);
  pod.metadata.labels![REVISION_LABEL] = revision.name;
  return pod;
}
