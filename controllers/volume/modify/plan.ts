/**
 * What the resizer of a CSI driver does about a claim that names another VolumeAttributesClass, and how the claim's status tells of it. Pure. Source:
 * kubernetes-csi/external-resizer pkg/modifycontroller.
 */
import type { PersistentVolumeClaimCondition } from "../../../kinds/schema/api/core.v1.js";
import { withClaimStatus } from "../../runtime/claimresize.js";
import type { PersistentVolumeClaim } from "../api.js";
import { DriverError } from "../driver/errors.js";

export type ModifyState = "Pending" | "InProgress" | "Infeasible";

/** What is kept in mind between two looks at a claim. */
export interface ModifyMemory {
  /** How the last call ended is not known: the driver may still be at it. */
  readonly uncertain: boolean;
  /** That this will never do was said not long ago. */
  readonly slow: boolean;
}

export type ModifyPlan =
  | { readonly do: "nothing" }
  /** The same has failed for good: again only when the memory of it has faded. */
  | { readonly do: "wait" }
  /** Nothing is wished any more. */
  | { readonly do: "roll-back" }
  | { readonly do: "begin"; readonly target: string }
  /** What was begun is finished first. */
  | { readonly do: "go-on"; readonly target: string };

export const wantedClass = (claim: PersistentVolumeClaim): string => claim.spec.volumeAttributesClassName ?? "";

/** Whether the claim has, or is on the way to, another class than it names. */
export const differs = (claim: PersistentVolumeClaim): boolean =>
  claim.status?.modifyVolumeStatus !== undefined || wantedClass(claim) !== (claim.status?.currentVolumeAttributesClassName ?? "");

/** Whether what failed last is what is wished still: only then is there anything to be patient about. */
export const wishesTheSame = (claim: PersistentVolumeClaim): boolean =>
  claim.status?.modifyVolumeStatus !== undefined && claim.status.modifyVolumeStatus.targetVolumeAttributesClassName === claim.spec.volumeAttributesClassName;

export function planModify(claim: PersistentVolumeClaim, memory: ModifyMemory): ModifyPlan {
  if (claim.status?.phase !== "Bound") return { do: "nothing" };
  if (wishesTheSame(claim) && memory.slow) return { do: "wait" };
  if (!differs(claim)) return { do: "nothing" };
  const wanted = wantedClass(claim);
  const status = claim.status.modifyVolumeStatus;
  const inProgress = status?.status === "InProgress";
  if (!wanted && !inProgress) return claim.status.conditions?.some(isModifying) ? { do: "roll-back" } : { do: "nothing" };
  if (inProgress && (memory.uncertain || !wanted)) return { do: "go-on", target: status.targetVolumeAttributesClassName ?? "" };
  return { do: "begin", target: wanted };
}

const isModifying = (c: PersistentVolumeClaimCondition): boolean => c.type === "ModifyingVolume";
const isOfModifying = (c: PersistentVolumeClaimCondition): boolean => isModifying(c) || c.type === "ModifyVolumeError";

/** Conditions of the same type are replaced; when they turned is when status or reason last changed. Source: MergePVCConditions. */
function merge(old: readonly PersistentVolumeClaimCondition[] = [], fresh: readonly PersistentVolumeClaimCondition[]): PersistentVolumeClaimCondition[] {
  const turned = (c: PersistentVolumeClaimCondition, before?: PersistentVolumeClaimCondition): PersistentVolumeClaimCondition => {
    const same = before && (before.reason ?? "") === (c.reason ?? "") && before.status === c.status;
    return { ...c, lastTransitionTime: same ? before.lastTransitionTime : c.lastProbeTime };
  };
  const kept = old.map((before) => {
    const c = fresh.find((one) => one.type === before.type);
    return c ? turned(c, before) : before;
  });
  return [...kept, ...fresh.filter((c) => !old.some((before) => before.type === c.type)).map((c) => turned(c))];
}

const modifying = (at: string, message: string): PersistentVolumeClaimCondition => ({ type: "ModifyingVolume", status: "True", lastProbeTime: at, message });

/** The class that is wished is not there: conditions stay as they are. */
export const modifyPending = (claim: PersistentVolumeClaim): PersistentVolumeClaim =>
  withClaimStatus(claim, { modifyVolumeStatus: { ...claim.status?.modifyVolumeStatus, status: "Pending" } });

/** The driver is about to be asked. */
export const modifyBegun = (claim: PersistentVolumeClaim, target: string, at: string): PersistentVolumeClaim =>
  withClaimStatus(claim, {
    modifyVolumeStatus: { targetVolumeAttributesClassName: target, status: "InProgress" },
    conditions: merge(claim.status?.conditions, [modifying(at, `Modifying volume to "${target}" is in progress.`)]),
  });

/** The driver would not, or has not answered. Only an argument it cannot use makes the wish infeasible. */
export function modifyFailed(claim: PersistentVolumeClaim, error: DriverError, at: string): PersistentVolumeClaim {
  const target = claim.status?.modifyVolumeStatus?.targetVolumeAttributesClassName ?? "";
  const how = DriverError.isFinal(error) ? "failed. Waiting for retry." : "is still in progress.";
  return withClaimStatus(claim, {
    modifyVolumeStatus: { ...claim.status?.modifyVolumeStatus, status: error.code === "InvalidArgument" ? "Infeasible" : "InProgress" },
    conditions: merge(claim.status?.conditions, [
      modifying(at, `Modifying volume to "${target}" ${how}`),
      { type: "ModifyVolumeError", status: "True", lastProbeTime: at, reason: error.code, message: error.description },
    ]),
  });
}

/** The volume is as the class says. */
export function modifyDone(claim: PersistentVolumeClaim, target: string): PersistentVolumeClaim {
  const conditions = (claim.status?.conditions ?? []).filter((c) => !isOfModifying(c));
  const done = withClaimStatus(claim, { currentVolumeAttributesClassName: target, conditions });
  const { modifyVolumeStatus: _, ...status } = done.status ?? {};
  return { ...done, status };
}

/** Nothing is under way any more; what went wrong last stays to be read. */
export const rolledBack = (claim: PersistentVolumeClaim): PersistentVolumeClaim =>
  withClaimStatus(claim, { conditions: claim.status?.conditions?.filter((c) => !isModifying(c)) });
