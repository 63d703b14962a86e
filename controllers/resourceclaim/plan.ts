/** What is decided about claims and the pods that use them. Pure. Sources: pkg/controller/resourceclaim, k8s.io/dynamic-resource-allocation/resourceclaim. */
import type * as core from "../../kinds/schema/api/core.v1.js";
import type * as v1 from "../../kinds/schema/api/resource.v1.js";
import type { Pod } from "../runtime/api.js";
import { controllerOf } from "../runtime/podtemplate.js";
import { isPodTerminal } from "../runtime/podutil.js";
import type { ResourceClaim, ResourceClaimTemplate } from "../runtime/resourceclaims.js";

export type Consumer = v1.ResourceClaimConsumerReference;

/** Keeps a claim that is allocated; the scheduler sets it, and who takes the allocation away removes it. */
export const FINALIZER = "resource.kubernetes.io/delete-protection";
/** Names the entry of a pod's claims that a claim was made for. */
export const POD_CLAIM_ANNOTATION = "resource.kubernetes.io/pod-claim-name";
const MAX_BASE = 57;
const MAX_CONSUMERS = 256;

/** The pod will not run, or not any more. */
export const isDone = (pod: Pod): boolean => isPodTerminal(pod) || (pod.metadata.deletionTimestamp !== undefined && !pod.spec.nodeName);

/** Long names are both cut in proportion, so that something of each is left. */
function baseName(pod: string, entry: string): string {
  const whole = `${pod}-${entry}-`;
  if (whole.length <= MAX_BASE) return whole;
  const cut = (name: string): string => name.slice(0, Math.trunc((name.length * MAX_BASE) / whole.length));
  return `${cut(pod)}-${cut(entry)}`;
}

/** The claim of an entry that names a template. */
export function claimFrom(template: ResourceClaimTemplate, pod: Pod, entry: core.PodResourceClaim): ResourceClaim {
  const { labels, annotations } = template.spec.metadata ?? {};
  const { name = "", uid = "", namespace } = pod.metadata;
  return {
    apiVersion: "resource.k8s.io/v1",
    kind: "ResourceClaim",
    metadata: {
      generateName: baseName(name, entry.name),
      namespace,
      annotations: { ...annotations, [POD_CLAIM_ANNOTATION]: entry.name },
      ...(labels ? { labels } : {}),
      ownerReferences: [{ apiVersion: "v1", kind: "Pod", name, uid, controller: true }],
    },
    spec: template.spec.spec,
  };
}

const isPod = (consumer: Consumer): boolean => !consumer.apiGroup && consumer.resource === "pods";

/** A pod that runs somewhere takes part in a claim that is allocated. Undefined: it does already, or cannot. */
export function reservation(pod: Pod, claim: ResourceClaim): Consumer | undefined {
  const { allocation, reservedFor = [] } = claim.status ?? {};
  if (!allocation || !pod.spec.nodeName || reservedFor.length >= MAX_CONSUMERS) return undefined;
  if (reservedFor.some((consumer) => consumer.uid === pod.metadata.uid)) return undefined;
  return { resource: "pods", name: pod.metadata.name ?? "", uid: pod.metadata.uid ?? "" };
}

/** The reservations that still stand; of consumers that are no pods nothing is known. */
export const standing = (claim: ResourceClaim, podOf: (name: string) => Pod | undefined): Consumer[] =>
  (claim.status?.reservedFor ?? []).filter((consumer) => {
    if (!isPod(consumer)) return true;
    const pod = podOf(consumer.name);
    return pod !== undefined && pod.metadata.uid === consumer.uid && !isDone(pod);
  });

/** What a claim needs: another status, its finalizer gone, to be gone itself. */
export interface ClaimPlan {
  readonly status?: v1.ResourceClaimStatus;
  readonly unprotect?: true;
  readonly remove?: true;
}

export function planClaim(claim: ResourceClaim, podOf: (name: string) => Pod | undefined): ClaimPlan {
  const left = standing(claim, podOf);
  const guarded = claim.metadata.finalizers?.includes(FINALIZER) ?? false;
  const { allocation, reservedFor = [], ...rest } = claim.status ?? {};
  const plan: { status?: v1.ResourceClaimStatus; unprotect?: true; remove?: true } = {};
  if (left.length < reservedFor.length) {
    // The last one to go gives the devices back, for the next consumer to be placed anew.
    const kept = left.length === 0 && guarded ? undefined : allocation;
    plan.status = { ...rest, ...(kept ? { allocation: kept } : {}), ...(left.length ? { reservedFor: left } : {}) };
    if (guarded && !kept) plan.unprotect = true;
  } else if (guarded && claim.metadata.deletionTimestamp && left.length === 0) {
    if (allocation) plan.status = rest;
    plan.unprotect = true;
  }
  const owner = controllerOf(claim);
  if (left.length === 0 && owner?.kind === "Pod" && owner.apiVersion === "v1") {
    const pod = podOf(owner.name);
    // A pod that is gone takes its claims along by garbage collection.
    if (pod && (pod.metadata.uid !== owner.uid || isDone(pod))) plan.remove = true;
  }
  return plan;
}
