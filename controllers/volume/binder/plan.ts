/** What the binder does with one claim or one volume. Pure: facts in, one action out. Source: pkg/controller/volume/persistentvolume/pv_controller.go. */
import {
  annotation,
  BETA_CLASS,
  BETA_DEFAULT_CLASS,
  BETA_STORAGE_PROVISIONER,
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  claimClass,
  claimHasClass,
  DEFAULT_CLASS,
  EXTERNAL_FINALIZER,
  hasAnnotation,
  IN_TREE_FINALIZER,
  MIGRATED_TO,
  migratedDriver,
  type PersistentVolume,
  type PersistentVolumeClaim,
  PROVISIONED_BY,
  SELECTED_NODE,
  STORAGE_PROVISIONER,
  type StorageClass,
} from "../api.js";
import { findBestMatch, isVolumeBoundToClaim, volumeMismatch, volumeModeMismatch } from "../match.js";

/** An Event to write about the object at hand. */
export interface Note {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

/** What deciding about a claim may ask. */
export interface ClaimFacts {
  volume(name: string): PersistentVolume | undefined;
  /** Volumes without a claimRef, and those whose claimRef names this claim. */
  candidates(): readonly PersistentVolume[];
  storageClass(name: string): StorageClass | undefined;
  classes(): readonly StorageClass[];
  /** Names of the pods that use the claim, have no node yet and have not finished. */
  waitingPods(): readonly string[];
}

export type ClaimAction =
  /** Point both at each other and mark both Bound. */
  | { readonly do: "bind"; readonly volume: PersistentVolume }
  | { readonly do: "pending"; readonly note?: Note }
  | { readonly do: "lost"; readonly note: Note }
  | { readonly do: "assign-class"; readonly storageClass: string }
  /** `storageClass` is missing when there is none of that name. */
  | { readonly do: "provision"; readonly storageClass: StorageClass | undefined; readonly className: string }
  /** Cannot be, and is tried again. */
  | { readonly do: "fail"; readonly note: Note; readonly error: string };

/** Whether volumes of the claim's class wait for a pod. A missing class does not. */
export const delaysBinding = (claim: PersistentVolumeClaim, storageClass: (name: string) => StorageClass | undefined): boolean => {
  const name = claimClass(claim);
  return name !== "" && storageClass(name)?.volumeBindingMode === "WaitForFirstConsumer";
};

/** The class claims without a word get: the newest that is marked, by name among equals. Source: pkg/volume/util GetDefaultClass. */
export function defaultClass(classes: readonly StorageClass[]): StorageClass | undefined {
  const marked = classes.filter((c) => annotation(c, DEFAULT_CLASS) === "true" || annotation(c, BETA_DEFAULT_CLASS) === "true");
  const made = (c: StorageClass): string => c.metadata.creationTimestamp ?? "";
  const name = (c: StorageClass): string => c.metadata.name ?? "";
  return [...marked].sort((a, b) => (made(a) === made(b) ? (name(a) < name(b) ? -1 : 1) : made(a) > made(b) ? -1 : 1))[0];
}

const waitNote = (pods: readonly string[]): Note => {
  if (pods.length === 0) return { type: "Normal", reason: "WaitForFirstConsumer", message: "waiting for first consumer to be created before binding" };
  return { type: "Normal", reason: "WaitForPodScheduled", message: `waiting for pod${pods.length > 1 ? "s" : ""} ${pods.join(",")} to be scheduled` };
};

function planUnbound(claim: PersistentVolumeClaim, facts: ClaimFacts): ClaimAction {
  const wanted = claim.spec.volumeName;
  if (!wanted) {
    const delay = delaysBinding(claim, facts.storageClass);
    const found = findBestMatch(claim, facts.candidates(), delay);
    if (found) return { do: "bind", volume: found };
    if (!claimHasClass(claim)) {
      const fallback = defaultClass(facts.classes());
      if (fallback) return { do: "assign-class", storageClass: fallback.metadata.name ?? "" };
    }
    if (delay && !hasAnnotation(claim, SELECTED_NODE)) return { do: "pending", note: waitNote(facts.waitingPods()) };
    const className = claimClass(claim);
    if (className !== "") return { do: "provision", storageClass: facts.storageClass(className), className };
    return {
      do: "pending",
      note: { type: "Normal", reason: "FailedBinding", message: "no persistent volumes available for this claim and no storage class is set" },
    };
  }
  const volume = facts.volume(wanted);
  if (!volume) return { do: "pending" };
  if (!volume.spec.claimRef) {
    const why = volumeMismatch(volume, claim);
    if (why === undefined) return { do: "bind", volume };
    return { do: "pending", note: { type: "Warning", reason: "VolumeMismatch", message: `Cannot bind to requested volume "${volume.metadata.name}": ${why}` } };
  }
  if (isVolumeBoundToClaim(volume, claim)) return { do: "bind", volume };
  const note: Note = { type: "Warning", reason: "FailedBinding", message: `volume "${volume.metadata.name}" already bound to a different claim.` };
  // With the annotation somebody took away bind-completed from a claim the controller had bound: that must not pass quietly.
  if (!hasAnnotation(claim, BOUND_BY_CONTROLLER)) return { do: "pending", note };
  const { namespace, name } = volume.spec.claimRef;
  const key = `${claim.metadata.namespace}/${claim.metadata.name}`;
  return { do: "fail", note, error: `invalid binding of claim "${key}" to volume "${wanted}": volume already claimed by "${namespace}/${name}"` };
}

const lost = (reason: string, message: string): ClaimAction => ({ do: "lost", note: { type: "Warning", reason, message } });

function planBound(claim: PersistentVolumeClaim, facts: ClaimFacts): ClaimAction {
  if (!claim.spec.volumeName) return lost("ClaimLost", "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!");
  const volume = facts.volume(claim.spec.volumeName);
  if (!volume) return lost("ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!");
  if (!volume.spec.claimRef || volume.spec.claimRef.uid === claim.metadata.uid) return { do: "bind", volume };
  return lost("ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly");
}

/** syncClaim: whether binding was ever completed decides which half looks at it. */
export const planClaim = (claim: PersistentVolumeClaim, facts: ClaimFacts): ClaimAction =>
  hasAnnotation(claim, BIND_COMPLETED) ? planBound(claim, facts) : planUnbound(claim, facts);

export type VolumeAction =
  | { readonly do: "phase"; readonly phase: "Available" | "Bound" }
  /** The claim's side finishes it. */
  | { readonly do: "sync-claim" }
  | { readonly do: "mismatch"; readonly onVolume: Note; readonly onClaim: Note }
  /** Released (unless it is already, or Failed), then the reclaim policy. */
  | { readonly do: "reclaim" }
  | { readonly do: "unbind" };

/** syncVolume. `claim` is what stands under the claimRef's name, whatever its uid. */
export function planVolume(volume: PersistentVolume, claim: PersistentVolumeClaim | undefined): VolumeAction {
  const ref = volume.spec.claimRef;
  if (!ref?.uid) return { do: "phase", phase: "Available" };
  // Another claim of the same name is not the one it was bound to.
  if (!claim || claim.metadata.uid !== ref.uid) return { do: "reclaim" };
  const volumeName = volume.metadata.name;
  if (!claim.spec.volumeName) {
    if (!volumeModeMismatch(claim, volume)) return { do: "sync-claim" };
    return {
      do: "mismatch",
      onVolume: {
        type: "Warning",
        reason: "VolumeMismatch",
        message: `Cannot bind PersistentVolume to requested PersistentVolumeClaim "${claim.metadata.name}" due to incompatible volumeMode.`,
      },
      onClaim: {
        type: "Warning",
        reason: "VolumeMismatch",
        message: `Cannot bind PersistentVolume "${volumeName}" to requested PersistentVolumeClaim due to incompatible volumeMode.`,
      },
    };
  }
  if (claim.spec.volumeName === volumeName) return { do: "phase", phase: "Bound" };
  if (hasAnnotation(volume, PROVISIONED_BY) && volume.spec.persistentVolumeReclaimPolicy === "Delete") return { do: "reclaim" };
  return { do: "unbind" };
}

/** Whether reclaiming may go on: bound to a claim that is gone, is another one, or has found another volume. Source: isVolumeReleased. */
export function isVolumeReleased(volume: PersistentVolume, claim: PersistentVolumeClaim | undefined): boolean {
  const ref = volume.spec.claimRef;
  if (!ref?.uid) return false;
  if (claim?.metadata.uid !== ref.uid) return true;
  return !!claim.spec.volumeName && claim.spec.volumeName !== volume.metadata.name;
}

/** The claim or volume with its migrated-to annotation as it should be; undefined when it is. Source: updateMigrationAnnotations. */
export function migrationAnnotations(
  object: { metadata: { annotations?: Record<string, string> } },
  of: "claim" | "volume",
): Record<string, string> | undefined {
  const annotations = object.metadata.annotations;
  if (!annotations) return undefined;
  const provisioner = of === "claim" ? (annotations[STORAGE_PROVISIONER] ?? annotations[BETA_STORAGE_PROVISIONER]) : annotations[PROVISIONED_BY];
  if (provisioner === undefined) return undefined;
  const driver = migratedDriver(provisioner);
  if (driver !== undefined) return annotations[MIGRATED_TO] === driver ? undefined : { ...annotations, [MIGRATED_TO]: driver };
  if (!annotations[MIGRATED_TO]) return undefined;
  const { [MIGRATED_TO]: _, ...rest } = annotations;
  return rest;
}

/** Finalizers a dynamically made volume should have; undefined when it has them. They follow the reclaim policy. Source: modifyDeletionFinalizers. */
export function deletionFinalizers(volume: PersistentVolume): string[] | undefined {
  const provisioner = annotation(volume, PROVISIONED_BY);
  if (provisioner === undefined) return undefined;
  const now = volume.metadata.finalizers ?? [];
  const has = now.includes(IN_TREE_FINALIZER);
  const without = (name: string, from: string[]): string[] => from.filter((f) => f !== name);
  if (migratedDriver(provisioner) !== undefined) return has ? without(IN_TREE_FINALIZER, now) : undefined;
  if (!provisioner.startsWith("kubernetes.io/")) return undefined;
  const policy = volume.spec.persistentVolumeReclaimPolicy;
  let next = now;
  if (policy === "Delete" && !has) next = [...next, IN_TREE_FINALIZER];
  else if ((policy === "Retain" || policy === "Recycle") && has) next = without(IN_TREE_FINALIZER, next);
  if (next.includes(EXTERNAL_FINALIZER)) next = without(EXTERNAL_FINALIZER, next);
  return next === now ? undefined : next;
}

/** The key under which a claim that is not bound waits for volumes and classes: `class:<name>`, or `volume:<name>` when it names one. */
export const waitingKeys = (claim: PersistentVolumeClaim): string[] => {
  if (hasAnnotation(claim, BIND_COMPLETED)) return [];
  if (claim.spec.volumeName) return [`volume:${claim.spec.volumeName}`];
  return claimHasClass(claim) ? [`class:${annotation(claim, BETA_CLASS) ?? claim.spec.storageClassName ?? ""}`] : ["class:", "no-class"];
};
