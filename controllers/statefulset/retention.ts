/** Who owns the claims: persistentVolumeClaimRetentionPolicy as owner references. Source: pkg/controller/statefulset/stateful_set_utils.go. */
import type { Gvk, KubeObject, OwnerReference, PersistentVolumeClaim, Pod, StatefulSet } from "../runtime/api.js";
import { controllerRef } from "../runtime/podtemplate.js";
import { inRange, ordinalOf, STATEFUL_SET } from "./identity.js";

const POD: Gvk = { apiVersion: "v1", kind: "Pod" };

const refers = (ref: OwnerReference, object: KubeObject, gvk: Gvk): boolean =>
  ref.apiVersion === gvk.apiVersion && ref.kind === gvk.kind && ref.name === object.metadata.name;
const uidOf = (object: KubeObject): string => object.metadata.uid ?? "";
const refsOf = (claim: PersistentVolumeClaim): readonly OwnerReference[] => claim.metadata.ownerReferences ?? [];
const ownedBy = (claim: PersistentVolumeClaim, owner: KubeObject): boolean => refsOf(claim).some((ref) => ref.uid === uidOf(owner));

/** Refers to an owner of that name that is not this one: left by a predecessor. */
function hasStaleOwner(claim: PersistentVolumeClaim, owner: KubeObject, gvk: Gvk): boolean {
  const ref = refsOf(claim).find((r) => refers(r, owner, gvk));
  return ref !== undefined && ref.uid !== uidOf(owner);
}

/** The claim belongs to an earlier pod of the name and is about to go with it: a new pod must wait. */
export const isClaimStale = (claim: PersistentVolumeClaim, pod: Pod): boolean => hasStaleOwner(claim, pod, POD);

const deletesWhenDeleted = (set: StatefulSet): boolean => set.spec.persistentVolumeClaimRetentionPolicy?.whenDeleted === "Delete";
export const deletesWhenScaled = (set: StatefulSet): boolean => set.spec.persistentVolumeClaimRetentionPolicy?.whenScaled === "Delete";

/** Someone else manages the claim while the policy would have us do so. */
export function hasUnexpectedController(claim: PersistentVolumeClaim, set: StatefulSet, pod: Pod): boolean {
  if (!deletesWhenDeleted(set) && !deletesWhenScaled(set)) return false;
  for (const ref of refsOf(claim)) {
    if (refers(ref, set, STATEFUL_SET)) {
      if (ref.uid !== uidOf(set)) return true;
    } else if (refers(ref, pod, POD)) {
      if (ref.uid !== uidOf(pod)) return true;
    } else if (ref.controller) return true;
  }
  return false;
}

/** Which of set and pod the policy wants as owner. The pod owns only once it is scaled away. */
function wanted(set: StatefulSet, pod: Pod): { set: boolean; pod: boolean } {
  const condemned = !inRange(set, ordinalOf(pod));
  const byPod = deletesWhenScaled(set) && condemned;
  return { set: deletesWhenDeleted(set) && !byPod, pod: byPod };
}

/** False when the claim's owners are to be rewritten. Claims of a predecessor's and of foreign controllers are let be. */
export function isOwnerUpToDate(claim: PersistentVolumeClaim, set: StatefulSet, pod: Pod): boolean {
  if (hasStaleOwner(claim, set, STATEFUL_SET) || hasStaleOwner(claim, pod, POD)) return true;
  if (hasUnexpectedController(claim, set, pod)) return !ownedBy(claim, set) && !ownedBy(claim, pod);
  if (refsOf(claim).some((ref) => (ref.uid === uidOf(set) || ref.uid === uidOf(pod)) && !ref.controller)) return false;
  const want = wanted(set, pod);
  return want.set === ownedBy(claim, set) && want.pod === ownedBy(claim, pod);
}

/** The claim's owner references as the policy wants them; undefined for none. */
export function ownersFor(claim: PersistentVolumeClaim, set: StatefulSet, pod: Pod): OwnerReference[] | undefined {
  const refs = refsOf(claim).filter((ref) => !refers(ref, set, STATEFUL_SET) && !refers(ref, pod, POD));
  if (!hasUnexpectedController(claim, set, pod)) {
    const want = wanted(set, pod);
    const add = (owner: KubeObject, gvk: Gvk): void => {
      if (!refs.some((ref) => ref.uid === uidOf(owner))) refs.push(controllerRef(owner, gvk));
    };
    if (want.set) add(set, STATEFUL_SET);
    if (want.pod) add(pod, POD);
  }
  return refs.length > 0 ? refs : undefined;
}
