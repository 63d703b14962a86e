/**
 * Writes of the binding protocol. Each is one read-modify-write inside the commit that holds only while the object is still the one that was planned for;
 * it resolves to what is now in place. A write that no longer holds throws `Stale`, and the key is tried again.
 */
import type { Client } from "../../client/client.js";
import { amount } from "./amount.js";
import {
  annotation,
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  CLAIMS,
  claimReference,
  hasAnnotation,
  type PersistentVolume,
  type PersistentVolumeClaim,
  PRE_RESIZE_CAPACITY,
  VOLUMES,
} from "./api.js";
import { isVolumeBoundToClaim } from "./match.js";

/** The object moved on under the plan. */
export class Stale extends Error {}

const sameUid = (a: { metadata: { uid?: string } }, b: { metadata: { uid?: string } }): boolean => a.metadata.uid === b.metadata.uid;

export interface VolumeWriter {
  /** Changes metadata and spec; `change` returns undefined to leave the object. */
  claim(planned: PersistentVolumeClaim, change: (now: PersistentVolumeClaim) => PersistentVolumeClaim | undefined): Promise<PersistentVolumeClaim>;
  volume(planned: PersistentVolume, change: (now: PersistentVolume) => PersistentVolume | undefined): Promise<PersistentVolume>;
  /** Returns whether the phase changed, and the claim as it is now. */
  claimStatus(planned: PersistentVolumeClaim, phase: string, volume: PersistentVolume | undefined): Promise<{ claim: PersistentVolumeClaim; changed: boolean }>;
  /** Changes status, and annotations with it. */
  claimStatusAs(planned: PersistentVolumeClaim, change: (now: PersistentVolumeClaim) => PersistentVolumeClaim | undefined): Promise<PersistentVolumeClaim>;
  volumePhase(planned: PersistentVolume, phase: string, message?: string): Promise<{ volume: PersistentVolume; changed: boolean }>;
  /** claimRef and annotation on the volume's side. */
  bindVolume(volume: PersistentVolume, claim: PersistentVolumeClaim): Promise<PersistentVolume>;
  /** volumeName and annotations on the claim's side. */
  bindClaim(claim: PersistentVolumeClaim, volume: PersistentVolume): Promise<PersistentVolumeClaim>;
  /** Takes a binding back: wholly when the controller made it, only the uid when the user did. */
  unbindVolume(volume: PersistentVolume): Promise<PersistentVolume>;
}

const withAnnotations = <T extends { metadata: { annotations?: Record<string, string> } }>(object: T, add: Record<string, string>): T => ({
  ...object,
  metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...add } },
});

/** The claim with its status in `phase`; undefined when it already says all that. Source: pv_controller.go updateClaimStatus. */
export function claimWithStatus(claim: PersistentVolumeClaim, phase: string, volume: PersistentVolume | undefined): PersistentVolumeClaim | undefined {
  const now = claim.status ?? {};
  const next = { ...now };
  let dirty = now.phase !== phase;
  next.phase = phase;
  if (!volume) {
    for (const field of ["accessModes", "capacity", "currentVolumeAttributesClassName"] as const)
      if (next[field] !== undefined) {
        delete next[field];
        dirty = true;
      }
  } else {
    if (JSON.stringify(now.accessModes) !== JSON.stringify(volume.spec.accessModes)) {
      next.accessModes = volume.spec.accessModes;
      dirty = true;
    }
    // Only on the way to Bound: later on the claim's capacity may lag behind the volume's on purpose, while the file system grows.
    if (now.phase !== phase) {
      // While a file system is still to grow, the claim has what it had before.
      const capacity = annotation(volume, PRE_RESIZE_CAPACITY) ?? volume.spec.capacity?.storage;
      if (capacity === undefined) throw new Error(`PersistentVolume "${volume.metadata.name}" is without a storage capacity`);
      const before = now.capacity?.storage;
      if (before === undefined || amount(before) !== amount(capacity)) next.capacity = { ...volume.spec.capacity, storage: capacity };
    }
    if (now.phase === "Pending" && phase === "Bound" && now.currentVolumeAttributesClassName !== volume.spec.volumeAttributesClassName) {
      next.currentVolumeAttributesClassName = volume.spec.volumeAttributesClassName;
      dirty = true;
    }
  }
  return dirty ? { ...claim, status: next } : undefined;
}

export function createWriter(client: Client): VolumeWriter {
  const claims = client.resource<PersistentVolumeClaim>(CLAIMS);
  const volumes = client.resource<PersistentVolume>(VOLUMES);
  const changeClaim = async (
    planned: PersistentVolumeClaim,
    change: (now: PersistentVolumeClaim) => PersistentVolumeClaim | undefined,
    subresource = "",
  ): Promise<PersistentVolumeClaim> => {
    const result = await claims.modify(
      planned.metadata.namespace ?? "",
      planned.metadata.name ?? "",
      (now) => (sameUid(now, planned) ? change(now) : undefined),
      {
        subresource,
      },
    );
    if (!sameUid(result, planned)) throw new Stale(`claim ${planned.metadata.namespace}/${planned.metadata.name} is another one by now`);
    return result;
  };
  const changeVolume = async (
    planned: PersistentVolume,
    change: (now: PersistentVolume) => PersistentVolume | undefined,
    subresource = "",
  ): Promise<PersistentVolume> => {
    const result = await volumes.modify("", planned.metadata.name ?? "", (now) => (sameUid(now, planned) ? change(now) : undefined), { subresource });
    if (!sameUid(result, planned)) throw new Stale(`volume ${planned.metadata.name} is another one by now`);
    return result;
  };
  const writer: VolumeWriter = {
    claim: (planned, change) => changeClaim(planned, change),
    volume: (planned, change) => changeVolume(planned, change),
    async claimStatus(planned, phase, volume) {
      if (!claimWithStatus(planned, phase, volume)) return { claim: planned, changed: false };
      let changed = false;
      const claim = await changeClaim(
        planned,
        (now) => {
          changed = now.status?.phase !== phase;
          return claimWithStatus(now, phase, volume);
        },
        "status",
      );
      return { claim, changed };
    },
    claimStatusAs: (planned, change) => changeClaim(planned, change, "status"),
    async volumePhase(planned, phase, message = "") {
      if (planned.status?.phase === phase) return { volume: planned, changed: false };
      let changed = false;
      const volume = await changeVolume(
        planned,
        (now) => {
          changed = now.status?.phase !== phase && now.spec.claimRef?.uid === planned.spec.claimRef?.uid;
          if (!changed) return undefined;
          const { message: _, ...status } = now.status ?? {};
          return { ...now, status: { ...status, phase, ...(message ? { message } : {}) } };
        },
        "status",
      );
      return { volume, changed };
    },
    async bindVolume(planned, claim) {
      if (isVolumeBoundToClaim(planned, claim) && planned.spec.claimRef?.uid === claim.metadata.uid) return planned;
      const volume = await changeVolume(planned, (now) => {
        const current = now.spec.claimRef;
        // Somebody else's by now: leave it, the check below says so.
        if (current && !isVolumeBoundToClaim(now, claim)) return undefined;
        if (current?.uid === claim.metadata.uid) return undefined;
        const bound: PersistentVolume = { ...now, spec: { ...now.spec, claimRef: claimReference(claim) } };
        return current || hasAnnotation(now, BOUND_BY_CONTROLLER) ? bound : withAnnotations(bound, { [BOUND_BY_CONTROLLER]: "yes" });
      });
      if (volume.spec.claimRef?.uid !== claim.metadata.uid) throw new Stale(`volume ${planned.metadata.name} went to another claim`);
      return volume;
    },
    async bindClaim(planned, volume) {
      const name = volume.metadata.name ?? "";
      if (planned.spec.volumeName === name && hasAnnotation(planned, BIND_COMPLETED)) return planned;
      const claim = await changeClaim(planned, (now) => {
        if (now.spec.volumeName && now.spec.volumeName !== name) return undefined;
        const add: Record<string, string> = {};
        if (now.spec.volumeName !== name && !hasAnnotation(now, BOUND_BY_CONTROLLER)) add[BOUND_BY_CONTROLLER] = "yes";
        if (!hasAnnotation(now, BIND_COMPLETED)) add[BIND_COMPLETED] = "yes";
        return withAnnotations({ ...now, spec: { ...now.spec, volumeName: name } }, add);
      });
      if (claim.spec.volumeName !== name) throw new Stale(`claim ${planned.metadata.name} went to another volume`);
      return claim;
    },
    async unbindVolume(planned) {
      const volume = await changeVolume(planned, (now) => {
        if (!now.spec.claimRef || now.spec.claimRef.uid !== planned.spec.claimRef?.uid) return undefined;
        if (!hasAnnotation(now, BOUND_BY_CONTROLLER)) {
          const { uid: _, ...claimRef } = now.spec.claimRef;
          return { ...now, spec: { ...now.spec, claimRef } };
        }
        const { claimRef: _, ...spec } = now.spec;
        const { [BOUND_BY_CONTROLLER]: __, ...annotations } = now.metadata.annotations ?? {};
        const { annotations: ___, ...metadata } = now.metadata;
        return { ...now, metadata: Object.keys(annotations).length ? { ...metadata, annotations } : metadata, spec };
      });
      return (await writer.volumePhase(volume, "Available")).volume;
    },
  };
  return writer;
}
