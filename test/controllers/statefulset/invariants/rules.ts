/** What must hold of a StatefulSet whenever one looks, and of each write at the moment it is made. Pure: what there is in, complaints out. */
import type { KubeObject } from "../../../../kinds/object.js";
import type { Write } from "./faults.js";

export const SET = "web";
export const REVISION = "controller-revision-hash";

/** What the store holds. */
export interface View {
  readonly now: number;
  readonly set?: KubeObject;
  readonly pods: readonly KubeObject[];
  readonly claims: readonly KubeObject[];
}

const PARENT = /^(.*)-(\d+)$/;
export const ordinalOf = (name: string): number => Number(PARENT.exec(name)?.[2] ?? -1);
const startOf = (set: KubeObject): number => set.spec.ordinals?.start ?? 0;
export const rangeOf = (set: KubeObject): number[] => Array.from({ length: set.spec.replicas }, (_, i) => startOf(set) + i);
const inRange = (set: KubeObject, ordinal: number): boolean => ordinal >= startOf(set) && ordinal < startOf(set) + set.spec.replicas;
const ordered = (set: KubeObject): boolean => set.spec.podManagementPolicy === "OrderedReady";
const partitionOf = (set: KubeObject): number => set.spec.updateStrategy.rollingUpdate?.partition ?? 0;

export const owned = (object: KubeObject, owner: KubeObject): boolean => (object.metadata.ownerReferences ?? []).some((r) => r.uid === owner.metadata.uid);
export const revisionOf = (pod: KubeObject): string | undefined => pod.metadata.labels?.[REVISION];

export function isReady(pod: KubeObject | undefined): boolean {
  const ready = pod?.status.conditions?.find((c: { type: string }) => c.type === "Ready");
  return pod?.status.phase === "Running" && ready?.status === "True";
}
/** Ready for minReadySeconds, and to stay. */
export function isWell(pod: KubeObject | undefined, set: KubeObject, now: number): boolean {
  if (!pod || pod.metadata.deletionTimestamp || !isReady(pod)) return false;
  const { lastTransitionTime } = pod.status.conditions.find((c: { type: string }) => c.type === "Ready");
  return Date.parse(lastTransitionTime) + (set.spec.minReadySeconds ?? 0) * 1000 <= now;
}

const claimNames = (set: KubeObject, ordinal: number): string[] =>
  (set.spec.volumeClaimTemplates ?? []).map((t: KubeObject) => `${t.metadata.name}-${SET}-${ordinal}`);

/** Complaints about a write that is about to happen. */
export function judge(write: Write, view: View): string[] {
  const { set } = view;
  if (!set) return [];
  if (write.resource === "pods" && write.verb === "create") return judgeCreate(write, view, set);
  if (write.resource === "pods" && write.verb === "delete") return judgeDelete(write.name, view, set);
  if (write.resource === "persistentvolumeclaims") return judgeClaim(write, view, set);
  return [];
}

function judgeCreate({ name, object }: Write, { pods, claims, now }: View, set: KubeObject): string[] {
  const said: string[] = [];
  const ordinal = ordinalOf(name);
  const byName = new Map(pods.map((pod) => [pod.metadata.name, pod]));
  if (set.metadata.deletionTimestamp) said.push(`creates ${name} although the set is being deleted`);
  if (!inRange(set, ordinal)) said.push(`creates ${name}, which is none of its ordinals`);
  if (pods.some((pod) => owned(pod, set) && ordinalOf(pod.metadata.name ?? "") === ordinal)) said.push(`creates ${name} beside the one there is`);
  if (ordered(set)) {
    for (const below of rangeOf(set)) {
      if (below < ordinal && !isWell(byName.get(`${SET}-${below}`), set, now)) said.push(`creates ${name} although ${SET}-${below} is not well`);
    }
  }
  for (const claim of claimNames(set, ordinal)) {
    const there = claims.find((c) => c.metadata.name === claim);
    if (!there || there.metadata.deletionTimestamp) said.push(`creates ${name} without ${claim}`);
  }
  return [...said, ...identity(object as KubeObject, set)];
}

function judgeDelete(name: string, { pods, claims, now }: View, set: KubeObject): string[] {
  const pod = pods.find((p) => p.metadata.name === name);
  // Gone already: the API says so.
  if (!pod) return [];
  if (!owned(pod, set)) return [`deletes ${name}, which is not its own`];
  if (pod.metadata.deletionTimestamp) return [`deletes ${name} twice`];
  const ordinal = ordinalOf(name);
  const mine = pods.filter((p) => owned(p, set));
  const at = (n: number): KubeObject | undefined => mine.find((p) => p.metadata.name === `${SET}-${n}`);
  if (!inRange(set, ordinal)) {
    const said: string[] = [];
    if (ordered(set)) {
      const unwell = rangeOf(set).filter((n) => !isWell(at(n), set, now));
      if (unwell.length > 0) said.push(`scales ${name} away although ${unwell} are not well`);
      const above = mine.filter((p) => !inRange(set, ordinalOf(p.metadata.name ?? "")) && ordinalOf(p.metadata.name ?? "") > ordinal);
      if (above.length > 0) said.push(`scales ${name} away before ${above.map((p) => p.metadata.name)}`);
    }
    for (const claim of claimNames(set, ordinal).map((n) => claims.find((c) => c.metadata.name === n))) {
      if (claim) said.push(...owners(claim, set, pod));
    }
    return said;
  }
  if (pod.status.phase === "Failed" || pod.status.phase === "Succeeded") return [];
  if (set.spec.updateStrategy.type === "OnDelete") return [`deletes ${name} under OnDelete`];
  if (ordinal - startOf(set) < partitionOf(set)) return [`deletes ${name} below the partition`];
  if (revisionOf(pod) === set.status.updateRevision && set.status.observedGeneration === set.metadata.generation)
    return [`deletes ${name}, which is up to date`];
  // upstream takes the highest that is outdated, well or not, once all above it are well
  const above = rangeOf(set).filter((n) => n > ordinal && !isWell(at(n), set, now));
  return above.length > 0 ? [`updates ${name} although ${above} above it are not well`] : [];
}

function judgeClaim({ verb, name, object }: Write, { claims, pods }: View, set: KubeObject): string[] {
  if (verb === "delete") return [`deletes the claim ${name}`];
  if (verb === "create") return claims.some((c) => c.metadata.name === name) ? [`creates ${name} again`] : [];
  const pod = pods.find((p) => p.metadata.name === `${SET}-${ordinalOf(name)}`);
  return object ? owners(object, set, pod) : [];
}

/** Whether a claim's owners are those of the policy: persistentVolumeClaimRetentionPolicy's four combinations. What belongs to a predecessor is let be, as upstream. */
export function owners(claim: KubeObject, set: KubeObject, pod: KubeObject | undefined): string[] {
  const stale = (owner: KubeObject, kind: string): boolean =>
    (claim.metadata.ownerReferences ?? []).some((r) => r.kind === kind && r.name === owner.metadata.name && r.uid !== owner.metadata.uid);
  if (stale(set, "StatefulSet") || (pod && stale(pod, "Pod"))) return [];
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy;
  const gone = !inRange(set, ordinalOf(claim.metadata.name ?? ""));
  const byPod = whenScaled === "Delete" && gone && pod !== undefined;
  const bySet = whenDeleted === "Delete" && !(whenScaled === "Delete" && gone);
  const have = (claim.metadata.ownerReferences ?? []).map((r) => `${r.kind} ${r.name} ${r.controller} ${r.blockOwnerDeletion}`);
  const want = [...(bySet ? [`StatefulSet ${SET} true true`] : []), ...(byPod ? [`Pod ${pod.metadata.name} true true`] : [])];
  return `${have}` === `${want}` ? [] : [`${claim.metadata.name} is owned by [${have}], not [${want}]`];
}

/** Complaints about how a pod introduces itself. */
export function identity(pod: KubeObject, set: KubeObject): string[] {
  const name = pod.metadata.name ?? "";
  const ordinal = ordinalOf(name);
  const labels = pod.metadata.labels ?? {};
  const volumes = new Map((pod.spec.volumes ?? []).map((v: { name: string }) => [v.name, v]));
  const said = [
    labels["statefulset.kubernetes.io/pod-name"] === name,
    labels["apps.kubernetes.io/pod-index"] === String(ordinal),
    Boolean(labels[REVISION]),
    pod.spec.hostname === name,
    pod.spec.subdomain === set.spec.serviceName,
    (set.spec.volumeClaimTemplates ?? []).every(
      (t: KubeObject) =>
        (volumes.get(t.metadata.name) as { persistentVolumeClaim?: { claimName: string } })?.persistentVolumeClaim?.claimName ===
        `${t.metadata.name}-${SET}-${ordinal}`,
    ),
  ];
  return said.every(Boolean) ? [] : [`${name} is not who it should be: ${said}`];
}

/** Complaints about what is there, whatever happened. */
export function standing({ set, pods }: View): string[] {
  if (!set) return [];
  const mine = pods.filter((pod) => owned(pod, set));
  const ordinals = mine.map((pod) => ordinalOf(pod.metadata.name ?? ""));
  const twice = ordinals.length > new Set(ordinals).size ? [`an ordinal twice: ${ordinals}`] : [];
  return [...twice, ...mine.flatMap((pod) => identity(pod, set))];
}

/** Complaints about a set at rest whose every pod can become Ready. */
export function complete({ set, pods, claims, now }: View): string[] {
  if (!set) return [];
  const mine = pods.filter((pod) => owned(pod, set)).sort((a, b) => ordinalOf(a.metadata.name ?? "") - ordinalOf(b.metadata.name ?? ""));
  const want = rangeOf(set).map((n) => `${SET}-${n}`);
  const have = mine.map((pod) => pod.metadata.name);
  const said: string[] = `${have}` === `${want}` ? [] : [`pods [${have}], not [${want}]`];
  for (const pod of mine) if (!isWell(pod, set, now)) said.push(`${pod.metadata.name} is not well`);
  const { status } = set;
  const updated = mine.filter((pod) => revisionOf(pod) === status.updateRevision).length;
  const current = mine.filter((pod) => revisionOf(pod) === status.currentRevision).length;
  const counts = {
    observedGeneration: set.metadata.generation,
    replicas: want.length,
    readyReplicas: want.length,
    availableReplicas: want.length,
    updatedReplicas: updated,
    currentReplicas: current,
  };
  for (const [field, value] of Object.entries(counts)) if ((status[field] ?? 0) !== value) said.push(`${field} ${status[field]}, not ${value}`);
  if (set.spec.updateStrategy.type === "RollingUpdate") {
    const old = mine.slice(partitionOf(set)).filter((pod) => revisionOf(pod) !== status.updateRevision);
    if (old.length > 0) said.push(`not updated: ${old.map((pod) => pod.metadata.name)}`);
    if (updated === want.length && status.currentRevision !== status.updateRevision) said.push("the update is not completed");
  }
  for (const ordinal of rangeOf(set)) {
    for (const name of claimNames(set, ordinal)) {
      const claim = claims.find((c) => c.metadata.name === name);
      const pod = mine.find((p) => p.metadata.name === `${SET}-${ordinal}`);
      said.push(...(claim ? owners(claim, set, pod) : [`no claim ${name}`]));
    }
  }
  return said;
}
