/**
 * What the resizer of a CSI driver does about a claim that asks for more, and how the claim's status tells of it. Pure. Sources: kubernetes-csi/external-resizer
 * pkg/controller/expand_and_recover.go, resize_status.go.
 */
import type { PersistentVolumeClaimCondition } from "../../../kinds/schema/api/core.v1.js";
import { mergeResizeConditions, NODE_EXPANSION_NOT_REQUIRED, resizeFinished, resizeState, resizeStates, withClaimStatus } from "../../runtime/claimresize.js";
import { amount } from "../amount.js";
import { hasAnnotation, type PersistentVolume, type PersistentVolumeClaim, PRE_RESIZE_CAPACITY } from "../api.js";
import { requestedStorage, volumeCapacity } from "../match.js";

export const claimCapacity = (claim: PersistentVolumeClaim): string => claim.status?.capacity?.storage ?? "0";

/** Whether the claim is bound to the volume and asks for more than it has. */
export function wantsExpansion(claim: PersistentVolumeClaim, volume: PersistentVolume): boolean {
  if (claim.status?.phase !== "Bound" || volume.spec.claimRef?.uid !== claim.metadata.uid) return false;
  return amount(requestedStorage(claim)) > amount(claimCapacity(claim));
}

/** What the resizer keeps in mind between two looks at a claim. */
export interface ResizeMemory {
  /** The driver's last answer was final: nothing is under way. */
  readonly finalError: boolean;
  /** It was that this will never do, not long ago. */
  readonly slow: boolean;
}

export type ResizePlan =
  | { readonly do: "nothing" }
  /** The same has failed for good: again only when the memory of it has faded. */
  | { readonly do: "wait" }
  /** `fresh`: another size than was tried last, so that status begins anew. */
  | { readonly do: "resize"; readonly size: string; readonly fresh: boolean };

/**
 * A growing that was begun is finished before the claim's newer wish is looked at, but where it failed for good: that is how a request that was too much is taken
 * back.
 */
export function planResize(claim: PersistentVolumeClaim, volume: PersistentVolume, memory: ResizeMemory): ResizePlan {
  const wanted = requestedStorage(claim);
  const allocated = claim.status?.allocatedResources?.storage;
  const state = resizeState(claim);
  let size = wanted;
  if (amount(volumeCapacity(volume)) < amount(wanted)) {
    if (state === "NodeResizeInfeasible") size = allocated ?? wanted;
    else if (state === "NodeResizePending" || state === "NodeResizeInProgress") {
      size = allocated ?? wanted;
      if (amount(volumeCapacity(volume)) >= amount(size)) return { do: "nothing" };
    } else if (state === "ControllerResizeInProgress" && !memory.finalError) size = allocated ?? wanted;
  } else {
    // The volume has its size: the rest is the node's, or what was done is still to be written down.
    if (state === "NodeResizePending" || state === "NodeResizeInProgress") return { do: "nothing" };
    if (!state && allocated === undefined && isFileSystemPending(claim)) return { do: "nothing" };
    size = allocated ?? wanted;
  }
  const fresh = allocated === undefined || amount(allocated) !== amount(size);
  return !fresh && memory.slow ? { do: "wait" } : { do: "resize", size, fresh };
}

const isFileSystemPending = (claim: PersistentVolumeClaim): boolean =>
  claim.status?.conditions?.some((c) => c.type === "FileSystemResizePending" && c.status === "True") ?? false;

function withoutAnnotation<T extends PersistentVolumeClaim | PersistentVolume>(object: T, name: string): T {
  if (!hasAnnotation(object, name)) return object;
  const { annotations, ...metadata } = object.metadata;
  const { [name]: _, ...others } = annotations ?? {};
  return { ...object, metadata: Object.keys(others).length ? { ...metadata, annotations: others } : metadata };
}

const condition = (type: string, at: string, message?: string): PersistentVolumeClaimCondition => ({
  type,
  status: "True",
  lastTransitionTime: at,
  ...(message && { message }),
});

/** The driver is about to be asked for `size`. */
export function resizeBegun(claim: PersistentVolumeClaim, plan: ResizePlan & { do: "resize" }, at: string): PersistentVolumeClaim {
  return withClaimStatus(withoutAnnotation(claim, NODE_EXPANSION_NOT_REQUIRED), {
    conditions: mergeResizeConditions(claim.status?.conditions, [condition("Resizing", at)], !plan.fresh),
    allocatedResources: { ...claim.status?.allocatedResources, storage: plan.size },
    ...(plan.fresh && { allocatedResourceStatuses: resizeStates(claim, "ControllerResizeInProgress") }),
  });
}

/** The volume has grown; its file system is a node's. */
export function nodeResizePending(claim: PersistentVolumeClaim, at: string): PersistentVolumeClaim {
  const pending = condition("FileSystemResizePending", at, "Waiting for user to (re-)start a pod to finish file system resize of volume on node.");
  return withClaimStatus(withoutAnnotation(claim, NODE_EXPANSION_NOT_REQUIRED), {
    conditions: mergeResizeConditions(claim.status?.conditions, [pending], true),
    allocatedResourceStatuses: resizeStates(claim, "NodeResizePending"),
  });
}

/** The driver has done it all. The annotation tells kubelets so. */
export function resizeDone(claim: PersistentVolumeClaim, size: string): PersistentVolumeClaim {
  const done = resizeFinished(claim, size);
  return { ...done, metadata: { ...done.metadata, annotations: { ...done.metadata.annotations, [NODE_EXPANSION_NOT_REQUIRED]: "true" } } };
}

/** The driver would not, for now or (`infeasible`) for good. */
export function resizeFailed(claim: PersistentVolumeClaim, error: string, infeasible: boolean, at: string): PersistentVolumeClaim {
  return withClaimStatus(claim, {
    conditions: mergeResizeConditions(claim.status?.conditions, [condition("ControllerResizeError", at, `failed to expand pvc with ${error}`)], true),
    ...(infeasible && { allocatedResourceStatuses: resizeStates(claim, "ControllerResizeInfeasible") }),
  });
}

/** The volume with its new size; while a file system is to grow it remembers what the claim had, the first time only. */
export function grownVolume(volume: PersistentVolume, size: string, before: string, nodeExpansion: boolean): PersistentVolume {
  const grown = { ...volume, spec: { ...volume.spec, capacity: { ...volume.spec.capacity, storage: size } } };
  if (!nodeExpansion || hasAnnotation(volume, PRE_RESIZE_CAPACITY)) return grown;
  return { ...grown, metadata: { ...grown.metadata, annotations: { ...grown.metadata.annotations, [PRE_RESIZE_CAPACITY]: before } } };
}

/** The volume without that memory, once the claim has all the volume has; undefined where there is nothing to forget. */
export function forgottenCapacity(volume: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume | undefined {
  const complete = amount(claimCapacity(claim)) >= amount(volumeCapacity(volume));
  return complete && hasAnnotation(volume, PRE_RESIZE_CAPACITY) ? withoutAnnotation(volume, PRE_RESIZE_CAPACITY) : undefined;
}
