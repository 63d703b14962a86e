/** What a pod's claims allow. Pure. Source: pkg/scheduler/framework/plugins/volumebinding, volumerestrictions, volumezone. */
import { amount } from "../volume/amount.js";
import {
  annotation,
  BIND_COMPLETED,
  claimClass,
  claimIsForPod,
  claimNameOf,
  hasAnnotation,
  NO_PROVISIONER,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  SELECTED_NODE,
  type StorageClass,
} from "../volume/api.js";
import { findMatchingVolume, requestedStorage, volumeFitsNode } from "../volume/match.js";
import { type CapacityFacts, hasEnoughCapacity } from "./capacity.js";
import type { LimitFacts } from "./limits.js";
import type { NodeInfo } from "./nodeinfo.js";

/** Claims, volumes and classes as the scheduler sees them: with what it has already decided and the API does not say yet. */
export interface VolumeFacts extends CapacityFacts, LimitFacts {
  claim(namespace: string, name: string): PersistentVolumeClaim | undefined;
  volume(name: string): PersistentVolume | undefined;
  storageClass(name: string): StorageClass | undefined;
  /** Volumes of a class. */
  volumesOfClass(name: string): readonly PersistentVolume[];
  /** Some pod that has a node uses the claim. */
  claimInUse(key: string): boolean;
}

export interface PodClaims {
  readonly bound: readonly PersistentVolumeClaim[];
  /** Unbound claims that wait for this very decision. */
  readonly delayed: readonly PersistentVolumeClaim[];
  /** ReadWriteOncePod claims another pod has. */
  readonly conflicts: boolean;
}

const isFullyBound = (claim: PersistentVolumeClaim): boolean => !!claim.spec.volumeName && hasAnnotation(claim, BIND_COMPLETED);

/** PreFilter: the pod's claims sorted by what they need, or why no node will do; `volume` says that a volume is missing and not a claim. */
export function podClaims(pod: Pod, facts: VolumeFacts): PodClaims | { readonly reason: string; readonly volume?: true } {
  const namespace = pod.metadata.namespace ?? "";
  const volumes = pod.spec.volumes ?? [];
  let conflicts = false;
  // VolumeRestrictions looks first, and only at claims named outright.
  for (const volume of volumes) {
    const name = volume.persistentVolumeClaim?.claimName;
    if (name === undefined) continue;
    const claim = facts.claim(namespace, name);
    if (!claim) return { reason: `persistentvolumeclaim "${name}" not found` };
    if (claim.spec.accessModes?.includes("ReadWriteOncePod") && facts.claimInUse(`${namespace}/${name}`)) conflicts = true;
  }
  const bound: PersistentVolumeClaim[] = [];
  const delayed: PersistentVolumeClaim[] = [];
  let immediate = false;
  for (const volume of volumes) {
    const name = claimNameOf(pod, volume);
    if (name === undefined) continue;
    const claim = facts.claim(namespace, name);
    if (!claim) return { reason: `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"` };
    if (claim.status?.phase === "Lost")
      return { reason: `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName ?? ""}"` };
    if (claim.metadata.deletionTimestamp) return { reason: `persistentvolumeclaim "${name}" is being deleted` };
    if (volume.ephemeral && !claimIsForPod(pod, claim))
      return { reason: `PVC ${namespace}/${name} was not created for pod ${namespace}/${pod.metadata.name} (pod is not owner)` };
    if (isFullyBound(claim)) bound.push(claim);
    else if (!claim.spec.volumeName && facts.storageClass(claimClass(claim))?.volumeBindingMode === "WaitForFirstConsumer") delayed.push(claim);
    else immediate = true;
  }
  if (immediate) return { reason: "pod has unbound immediate PersistentVolumeClaims" };
  for (const claim of bound) {
    // VolumeZone asks for every volume by name.
    const name = claim.spec.volumeName ?? "";
    if (!facts.volume(name)) return { reason: `persistentvolume "${name}" not found`, volume: true };
  }
  return { bound, delayed, conflicts };
}

/** What choosing a node would mean for the claims that wait. */
export interface VolumeChoice {
  readonly bindings: readonly { readonly claim: PersistentVolumeClaim; readonly volume: PersistentVolume }[];
  readonly provisions: readonly PersistentVolumeClaim[];
}

export const NO_CHOICE: VolumeChoice = { bindings: [], provisions: [] };

const NODE_CONFLICT = "node(s) didn't match PersistentVolume's node affinity";
const BIND_CONFLICT = "node(s) didn't find available persistent volumes to bind";
const NOT_ENOUGH = "node(s) did not have enough free storage";

/** MatchTopologySelectorTerms: no terms match all, an empty term none. */
function topologyAllows(storageClass: StorageClass, labels: Readonly<Record<string, string>>): boolean {
  const terms = storageClass.allowedTopologies;
  if (!terms?.length) return true;
  return terms.some((term) => {
    const all = term.matchLabelExpressions ?? [];
    return all.length > 0 && all.every((e) => labels[e.key] !== undefined && (e.values ?? []).includes(labels[e.key]));
  });
}

/** VolumeBinding's Filter on one node: a choice, or reasons. */
export function chooseVolumes(claims: PodClaims, node: NodeInfo, facts: VolumeFacts): VolumeChoice | { readonly reasons: string[] } {
  const reasons: string[] = [];
  for (const claim of claims.bound) {
    const volume = facts.volume(claim.spec.volumeName ?? "");
    if (volume && !volumeFitsNode(volume, node.labels)) {
      reasons.push(NODE_CONFLICT);
      break;
    }
  }
  const bindings: { claim: PersistentVolumeClaim; volume: PersistentVolume }[] = [];
  const provisions: PersistentVolumeClaim[] = [];
  const findable: PersistentVolumeClaim[] = [];
  let satisfied = true;
  for (const claim of claims.delayed) {
    const selected = annotation(claim, SELECTED_NODE);
    if (selected === undefined) findable.push(claim);
    else if (selected === node.name) provisions.push(claim);
    else satisfied = false;
  }
  if (satisfied) {
    // Small requests choose first, so that each gets the tightest fit.
    findable.sort((a, b) => amount(requestedStorage(a)) - amount(requestedStorage(b)));
    const excluded = new Set<string>();
    for (const claim of findable) {
      const volume = findMatchingVolume(claim, facts.volumesOfClass(claimClass(claim)), { node: node.node, excluded, delayBinding: true });
      if (volume) {
        excluded.add(volume.metadata.name ?? "");
        bindings.push({ claim, volume });
      } else provisions.push(claim);
    }
    // The first claim that cannot be served speaks for all.
    for (const claim of provisions) {
      const storageClass = facts.storageClass(claimClass(claim));
      satisfied = !!storageClass?.provisioner && storageClass.provisioner !== NO_PROVISIONER && topologyAllows(storageClass, node.labels);
      if (!satisfied || !storageClass) break;
      if (hasEnoughCapacity(claim, storageClass, node.labels, facts)) continue;
      reasons.push(NOT_ENOUGH);
      break;
    }
  }
  if (!satisfied) reasons.push(BIND_CONFLICT);
  return reasons.length ? { reasons } : { bindings, provisions };
}

const ZONE_LABELS = [
  "topology.kubernetes.io/zone",
  "topology.kubernetes.io/region",
  "failure-domain.beta.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/region",
] as const;
const ZONE_NAMES: Readonly<Record<string, string>> = {
  "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
};

/** VolumeZone: labels of a bound volume name the zones it lives in, several joined by `__`. A node that tells no zone is in all of them. */
export function zonesConflict(claims: PodClaims, node: NodeInfo, facts: VolumeFacts): boolean {
  if (!ZONE_LABELS.some((key) => node.labels[key] !== undefined)) return false;
  for (const claim of claims.bound) {
    const volume = facts.volume(claim.spec.volumeName ?? "");
    for (const key of ZONE_LABELS) {
      const zones = volume?.metadata.labels?.[key];
      if (zones === undefined) continue;
      const value = node.labels[key] ?? node.labels[ZONE_NAMES[key] ?? key];
      if (value === undefined || !zones.split("__").includes(value)) return true;
    }
  }
  return false;
}

/** Volumes in pod specs themselves that two pods of one node cannot share. */
export function diskConflict(pod: Pod, node: NodeInfo): boolean {
  const mine = (pod.spec.volumes ?? []).filter((v) => v.gcePersistentDisk || v.awsElasticBlockStore || v.rbd || v.iscsi);
  if (mine.length === 0) return false;
  const shares = (a: readonly string[] | undefined | null, b: readonly string[] | undefined | null): boolean => (a ?? []).some((x) => (b ?? []).includes(x));
  for (const { pod: other } of node.pods.values())
    for (const b of other.spec.volumes ?? [])
      for (const a of mine) {
        if (a.gcePersistentDisk && b.gcePersistentDisk && a.gcePersistentDisk.pdName === b.gcePersistentDisk.pdName)
          if (!(a.gcePersistentDisk.readOnly && b.gcePersistentDisk.readOnly)) return true;
        if (a.awsElasticBlockStore && b.awsElasticBlockStore && a.awsElasticBlockStore.volumeID === b.awsElasticBlockStore.volumeID) return true;
        if (a.iscsi && b.iscsi && a.iscsi.iqn === b.iscsi.iqn && !(a.iscsi.readOnly && b.iscsi.readOnly)) return true;
        if (a.rbd && b.rbd && a.rbd.image === b.rbd.image && (a.rbd.pool ?? "rbd") === (b.rbd.pool ?? "rbd") && shares(a.rbd.monitors, b.rbd.monitors))
          if (!(a.rbd.readOnly && b.rbd.readOnly)) return true;
      }
  return false;
}
