/**
 * How the status of a claim tells of its growing: the resizer writes the first steps, the kubelet the last. Pure. Sources: kubernetes-csi/external-resizer
 * pkg/util, pkg/controller/resize_status.go; pkg/volume/util/resize_util.go.
 */
import type { PersistentVolumeClaimCondition, PersistentVolumeClaimStatus } from "../../kinds/schema/api/core.v1.js";
import type { PersistentVolumeClaim } from "./api.js";

/** The states of status.allocatedResourceStatuses; none once the growing is over. */
export type ResizeState = "ControllerResizeInProgress" | "ControllerResizeInfeasible" | "NodeResizePending" | "NodeResizeInProgress" | "NodeResizeInfeasible";

/** On a claim: the driver has done everything, no node is to grow a file system. */
export const NODE_EXPANSION_NOT_REQUIRED = "volume.kubernetes.io/node-expansion-not-required";

const RESIZE_CONDITIONS: ReadonlySet<string> = new Set(["Resizing", "FileSystemResizePending", "ControllerResizeError", "NodeResizeError"]);

export const resizeState = (claim: PersistentVolumeClaim): ResizeState | undefined =>
  (claim.status?.allocatedResourceStatuses?.storage as ResizeState | undefined) || undefined;

/** The conditions with those of resizing replaced: one of the same type takes the place of the old; the other old ones stay only when told. */
export function mergeResizeConditions(
  old: readonly PersistentVolumeClaimCondition[] | undefined,
  fresh: readonly PersistentVolumeClaimCondition[],
  keepOld: boolean,
): PersistentVolumeClaimCondition[] {
  const left = new Map(fresh.map((condition) => [condition.type, condition]));
  const merged: PersistentVolumeClaimCondition[] = [];
  for (const condition of old ?? []) {
    const replacement = left.get(condition.type);
    left.delete(condition.type);
    if (replacement) merged.push(replacement);
    else if (keepOld || !RESIZE_CONDITIONS.has(condition.type)) merged.push(condition);
  }
  return [...merged, ...left.values()];
}

/** The claim with that status; lists and maps that are empty are left out, as they are in JSON. */
export function withClaimStatus(claim: PersistentVolumeClaim, change: Partial<PersistentVolumeClaimStatus>): PersistentVolumeClaim {
  const status = { ...claim.status, ...change };
  for (const field of ["conditions", "allocatedResources", "allocatedResourceStatuses"] as const)
    if (!status[field] || Object.keys(status[field]).length === 0) delete status[field];
  return { ...claim, status };
}

/** status.allocatedResourceStatuses with storage in `state`, or without it. */
export function resizeStates(claim: PersistentVolumeClaim, state: ResizeState | undefined): Record<string, string> {
  const { storage: _, ...others } = claim.status?.allocatedResourceStatuses ?? {};
  return state ? { ...others, storage: state } : others;
}

/** The growing is over: the claim has `size`. Source: MarkNodeExpansionFinishedWithRecovery. */
export const resizeFinished = (claim: PersistentVolumeClaim, size: string): PersistentVolumeClaim =>
  withClaimStatus(claim, {
    capacity: { ...claim.status?.capacity, storage: size },
    allocatedResourceStatuses: resizeStates(claim, undefined),
    conditions: mergeResizeConditions(claim.status?.conditions, [], false),
  });

/** A node has begun. Source: MarkNodeExpansionInProgress. */
export const nodeResizeBegun = (claim: PersistentVolumeClaim): PersistentVolumeClaim =>
  withClaimStatus(claim, { allocatedResourceStatuses: resizeStates(claim, "NodeResizeInProgress") });
