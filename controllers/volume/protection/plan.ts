/** When the protecting finalizers go. Pure. Sources: pkg/controller/volume/pvcprotection, pkg/controller/volume/pvprotection. */
import { CLAIM_PROTECTION, claimIsForPod, claimNameOf, type PersistentVolume, type PersistentVolumeClaim, type Pod, VOLUME_PROTECTION } from "../api.js";

export type ProtectionAction = "add" | "remove" | "leave";

/** Nothing runs any more and its volumes are unpublished: only garbage collection is missing. */
const isShutDown = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined && pod.metadata.deletionGracePeriodSeconds === 0;

/**
 * Whether a pod holds the claim. Only a pod that has a node does (a kubelet would not start one on a claim that is being deleted), and a finished one still
 * does; a claim made for the pod itself is let go as soon as the pod is shut down, or each would wait for the other.
 */
export function podHoldsClaim(pod: Pod, claim: PersistentVolumeClaim): boolean {
  if (!pod.spec.nodeName) return false;
  return (pod.spec.volumes ?? []).some((volume) =>
    volume.persistentVolumeClaim
      ? volume.persistentVolumeClaim.claimName === claim.metadata.name
      : volume.ephemeral !== undefined && !isShutDown(pod) && claimNameOf(pod, volume) === claim.metadata.name && claimIsForPod(pod, claim),
  );
}

/** `pods` are those that name the claim. */
export function planClaimProtection(claim: PersistentVolumeClaim, pods: readonly Pod[]): ProtectionAction {
  const has = claim.metadata.finalizers?.includes(CLAIM_PROTECTION) ?? false;
  if (claim.metadata.deletionTimestamp) return has && !pods.some((pod) => podHoldsClaim(pod, claim)) ? "remove" : "leave";
  return has ? "leave" : "add";
}

/** A volume is held while it is Bound. */
export function planVolumeProtection(volume: PersistentVolume): ProtectionAction {
  const has = volume.metadata.finalizers?.includes(VOLUME_PROTECTION) ?? false;
  if (volume.metadata.deletionTimestamp) return has && volume.status?.phase !== "Bound" ? "remove" : "leave";
  return has ? "leave" : "add";
}
