/** What claims and volumes wait for, as statements. Pure. */
import type { Named, Statement } from "../runtime/journal.js";
import { CLAIM_PROTECTION, keyOf, type PersistentVolume, type PersistentVolumeClaim, type Pod, splitKey, VOLUME_PROTECTION } from "./api.js";
import type { ClaimAction, VolumeAction } from "./binder/plan.js";

const claimRef = (key: string): Named => ({ kind: "PersistentVolumeClaim", ...splitKey(key) });
const refOf = (claim: PersistentVolumeClaim): Named => claimRef(keyOf(claim));
const volumeRef = (name: string): Named => ({ kind: "PersistentVolume", name });
const NOT_BOUND = "is not bound";

/** Something that was tried for a claim and failed. */
export const failedFor = (claim: PersistentVolumeClaim, because: string): Statement => ({
  about: refOf(claim),
  state: NOT_BOUND,
  because,
  unblocks: "that is put right; it is tried again, in growing intervals",
});

/** The claim of a class that is made by somebody outside. */
export const waitsForProvisioner = (claim: PersistentVolumeClaim, provisioner: string): Statement => ({
  about: refOf(claim),
  state: NOT_BOUND,
  because: `${provisioner} has not made its volume`,
  rule: "the provisioner of its class makes it",
  unblocks: "it has, or a volume that fits is made by hand",
});

/** `waitingPods`: names of the pods that use the claim and have no node. */
export function aboutClaim(claim: PersistentVolumeClaim, action: ClaimAction, waitingPods: readonly string[]): Statement | undefined {
  const about = refOf(claim);
  const wanted = claim.spec.volumeName;
  switch (action.do) {
    case "bind":
    case "assign-class":
      return undefined;
    case "provision":
      if (action.storageClass) return undefined;
      return {
        about,
        state: NOT_BOUND,
        because: `storageclass.storage.k8s.io "${action.className}" not found`,
        rule: "storageClassName",
        unblocks: "the class is created, or a volume of that class",
      };
    case "lost":
      return { about, state: "is Lost", because: action.note.message, unblocks: "it is deleted and made anew" };
    case "fail":
      return { ...failedFor(claim, action.error), ...(wanted ? { waitsFor: [volumeRef(wanted)] } : {}) };
    case "pending": {
      const { note } = action;
      if (wanted) {
        const because = note?.message ?? `volume ${wanted}, which it names, is not there`;
        return { about, state: NOT_BOUND, because, rule: "spec.volumeName", waitsFor: [volumeRef(wanted)], unblocks: "that volume is there, free, and fits" };
      }
      if (!note) return undefined;
      if (note.reason === "FailedBinding")
        return { about, state: NOT_BOUND, because: note.message, rule: "storageClassName", unblocks: "a volume that fits is created, or a default class" };
      const waitsFor = waitingPods.map((name) => ({ kind: "Pod", namespace: claim.metadata.namespace, name }));
      const unblocks = waitingPods.length > 0 ? "the pod has a node" : "a pod that uses it is created";
      return { about, state: NOT_BOUND, because: note.message, rule: "WaitForFirstConsumer", waitsFor, unblocks };
    }
  }
}

/** `volume` is as it stands after the action was taken. */
export function aboutVolume(volume: PersistentVolume, action: VolumeAction): Statement | undefined {
  const about = volumeRef(volume.metadata.name ?? "");
  const { claimRef: ref, persistentVolumeReclaimPolicy: policy } = volume.spec;
  const key = ref ? `${ref.namespace}/${ref.name}` : "";
  switch (action.do) {
    case "phase":
      if (action.phase === "Bound") return undefined;
      if (!ref) return { about, state: NOT_BOUND, because: "no claim that fits has asked for it", unblocks: "one does" };
      return {
        about,
        state: NOT_BOUND,
        because: `it is kept for claim ${key}, which is not bound to it`,
        rule: "spec.claimRef",
        waitsFor: [claimRef(key)],
        unblocks: "that claim is there, and fits",
      };
    case "mismatch":
      return { about, state: NOT_BOUND, because: action.onVolume.message, rule: "volumeMode", waitsFor: [claimRef(key)], unblocks: "claim and volume agree" };
    case "sync-claim":
    case "unbind":
      return undefined;
    case "reclaim": {
      const because = `claim ${key}, which it was bound to, is gone`;
      const rule = `persistentVolumeReclaimPolicy ${policy}`;
      if (volume.status?.phase === "Failed")
        return { about, state: "is not reclaimed", because: volume.status.message ?? "", rule, unblocks: "that is put right, or it is deleted by hand" };
      if (policy === "Retain")
        return { about, state: "is not available again", because, rule, unblocks: "somebody takes its spec.claimRef away, or deletes it" };
      return { about, state: "is not reclaimed", because, rule, unblocks: "its driver has deleted what is behind it" };
    }
  }
}

/** A claim that is deleted and that pods hold. */
export const protectedClaim = (claim: PersistentVolumeClaim, pods: readonly Pod[]): Statement => ({
  about: refOf(claim),
  state: "is not gone",
  because: `it is used by ${pods.map((pod) => pod.metadata.name).join(", ")}`,
  rule: CLAIM_PROTECTION,
  waitsFor: pods.map((pod) => ({ kind: "Pod", namespace: pod.metadata.namespace, name: pod.metadata.name ?? "" })),
  unblocks: "no pod uses it any more",
});

/** A volume that is deleted and that a claim is bound to. */
export function protectedVolume(volume: PersistentVolume): Statement {
  const { namespace, name } = volume.spec.claimRef ?? {};
  return {
    about: volumeRef(volume.metadata.name ?? ""),
    state: "is not gone",
    because: `claim ${namespace}/${name} is bound to it`,
    rule: VOLUME_PROTECTION,
    waitsFor: [claimRef(`${namespace}/${name}`)],
    unblocks: "the claim is deleted",
  };
}

/** A claim that asks for more than it has. */
export const waitsForResizer = (claim: PersistentVolumeClaim, because: string): Statement => ({
  about: refOf(claim),
  state: `has ${claim.status?.capacity?.storage} and not ${claim.spec.resources?.requests?.storage}`,
  because,
  rule: "ExternalExpanding",
  unblocks: "whoever makes volumes of its class has grown this one",
});
