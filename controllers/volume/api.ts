/** What the volume controllers name alike: the objects' types, their resources, and the annotations and finalizers that carry the binding protocol. */
import type { ResourceRef } from "../../client/client.js";
import type * as core from "../../kinds/schema/api/core.v1.js";
import type * as storage from "../../kinds/schema/api/storage.v1.js";
import {
  type As,
  CLAIMS,
  keyOf,
  NODES,
  type Node,
  type ObjectMeta,
  type PersistentVolume,
  type PersistentVolumeClaim,
  PODS,
  type Pod,
  splitKey,
  VOLUMES,
  withGvk,
} from "../runtime/api.js";
import { migratedDriver } from "../runtime/attachables.js";

export { CLAIMS, keyOf, migratedDriver, NODES, type Node, type PersistentVolume, type PersistentVolumeClaim, PODS, type Pod, splitKey, VOLUMES };
export type StorageClass = As<storage.StorageClass>;
export type AttributesClass = As<storage.VolumeAttributesClass>;
export type ObjectReference = core.ObjectReference;

export const CLASSES: ResourceRef = { group: "storage.k8s.io", version: "v1", resource: "storageclasses" };
export const ATTRIBUTES_CLASSES: ResourceRef = { group: "storage.k8s.io", version: "v1", resource: "volumeattributesclasses" };

/** On a claim: binding has once been completed. Its value does not matter. */
export const BIND_COMPLETED = "pv.kubernetes.io/bind-completed";
/** On either side: the pointer was set by the controller and not by the user. */
export const BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller";
/** On a claim: the node the scheduler chose for its first consumer. */
export const SELECTED_NODE = "volume.kubernetes.io/selected-node";
/** On a volume: who made it. */
export const PROVISIONED_BY = "pv.kubernetes.io/provisioned-by";
/** On either side: the CSI driver that stands in for an in-tree plugin. */
export const MIGRATED_TO = "pv.kubernetes.io/migrated-to";
/** On a claim: who is to make its volume. The beta spelling is still written beside it. */
export const STORAGE_PROVISIONER = "volume.kubernetes.io/storage-provisioner";
export const BETA_STORAGE_PROVISIONER = "volume.beta.kubernetes.io/storage-provisioner";
/** On a claim: who is to grow its volume. */
export const STORAGE_RESIZER = "volume.kubernetes.io/storage-resizer";
/** On a volume whose file system is still to grow: what its claim had before. */
export const PRE_RESIZE_CAPACITY = "volume.alpha.kubernetes.io/pre-resize-capacity";
export const DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class";
export const BETA_DEFAULT_CLASS = "storageclass.beta.kubernetes.io/is-default-class";
/** The annotation that named the class before there was a field. It wins where it is present. */
export const BETA_CLASS = "volume.beta.kubernetes.io/storage-class";
/** The provisioner of classes that only hold volumes made by hand. */
export const NO_PROVISIONER = "kubernetes.io/no-provisioner";

export const CLAIM_PROTECTION = "kubernetes.io/pvc-protection";
export const VOLUME_PROTECTION = "kubernetes.io/pv-protection";
/** Keeps a volume of an in-tree provisioner until its storage is gone. */
export const IN_TREE_FINALIZER = "kubernetes.io/pv-controller";
/** The same for volumes of external provisioners. */
export const EXTERNAL_FINALIZER = "external-provisioner.volume.kubernetes.io/finalizer";

export const annotation = (object: { metadata: { annotations?: Record<string, string> } }, name: string): string | undefined =>
  object.metadata.annotations?.[name];
export const hasAnnotation = (object: { metadata: { annotations?: Record<string, string> } }, name: string): boolean => annotation(object, name) !== undefined;

/** The class a claim asks for; "" for none and for an explicit "". Source: component-helpers storage/volume GetPersistentVolumeClaimClass. */
export const claimClass = (claim: PersistentVolumeClaim): string => annotation(claim, BETA_CLASS) ?? claim.spec.storageClassName ?? "";
/** Whether a claim says anything about its class; "" is a word too. */
export const claimHasClass = (claim: PersistentVolumeClaim): boolean =>
  hasAnnotation(claim, BETA_CLASS) || (claim.spec.storageClassName !== undefined && claim.spec.storageClassName !== null);
export const volumeClass = (volume: PersistentVolume): string => annotation(volume, BETA_CLASS) ?? volume.spec.storageClassName ?? "";

/** A reference to a claim as GetReference makes it, with the revision it was made at. */
export const claimReference = (claim: PersistentVolumeClaim): ObjectReference => ({
  kind: "PersistentVolumeClaim",
  namespace: claim.metadata.namespace,
  name: claim.metadata.name,
  uid: claim.metadata.uid,
  apiVersion: "v1",
  resourceVersion: claim.metadata.resourceVersion,
});

/** Objects as Events must name them. */
export const asClaim = (claim: PersistentVolumeClaim): PersistentVolumeClaim => withGvk(claim, { apiVersion: "v1", kind: "PersistentVolumeClaim" });
export const asVolume = (volume: PersistentVolume): PersistentVolume => withGvk(volume, { apiVersion: "v1", kind: "PersistentVolume" });

/** The claim a pod's volume stands for; undefined when it is of another kind. Source: component-helpers storage/ephemeral VolumeClaimName. */
export const claimNameOf = (pod: Pod, volume: core.Volume): string | undefined =>
  volume.persistentVolumeClaim?.claimName ?? (volume.ephemeral ? `${pod.metadata.name}-${volume.name}` : undefined);

/** Keys (`namespace/name`) of the claims a pod uses. */
export function claimKeysOf(pod: Pod): string[] {
  const out: string[] = [];
  for (const volume of pod.spec?.volumes ?? []) {
    const name = claimNameOf(pod, volume);
    if (name !== undefined) out.push(`${pod.metadata.namespace}/${name}`);
  }
  return out;
}

/** Whether a claim was made for this very pod. Source: component-helpers storage/ephemeral VolumeIsForPod. */
export const claimIsForPod = (pod: Pod, claim: PersistentVolumeClaim): boolean =>
  (claim.metadata.ownerReferences ?? []).some((o) => o.controller === true && o.uid === pod.metadata.uid);

/** The name of the index over pods by the claims they use. */
export const PODS_BY_CLAIM = "volume.claim";

/** Anything with metadata. */
export type KubeMeta = { metadata: ObjectMeta };
