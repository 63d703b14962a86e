/**
 * Pods that claim devices. Nothing is allocated here: a claim is there, with an allocation that somebody else wrote, or the pod waits. Pure.
 * Source: pkg/scheduler/framework/plugins/dynamicresources.
 */
import { nodeSelectorMatches } from "../runtime/nodes.js";
import { isFor, type ResourceClaim, referenceOf } from "../runtime/resourceclaims.js";
import type { Pod } from "../volume/api.js";
import type { NodeInfo } from "./nodeinfo.js";

export interface DeviceFacts {
  claim(namespace: string, name: string): ResourceClaim | undefined;
  hasClass(name: string): boolean;
}

/** A pod's claims on devices. */
export type DeviceClaims = readonly ResourceClaim[];

/** The claims a pod uses, undefined while one of them is missing, going or another pod's: then the pod is not looked at. */
export function deviceClaims(pod: Pod, facts: DeviceFacts): DeviceClaims | undefined {
  const claims: ResourceClaim[] = [];
  for (const entry of pod.spec.resourceClaims ?? []) {
    const reference = referenceOf(pod, entry);
    if (reference === "unneeded") continue;
    const claim = reference === "missing" ? undefined : facts.claim(pod.metadata.namespace ?? "", reference.name);
    if (!claim || claim.metadata.deletionTimestamp || (reference !== "missing" && reference.own && !isFor(pod, claim))) return undefined;
    claims.push(claim);
  }
  return claims;
}

/** A class that a claim without allocation asks for, and that is not there. */
export function missingClass(claims: DeviceClaims, facts: DeviceFacts): string | undefined {
  for (const claim of claims) {
    if (claim.status?.allocation) continue;
    for (const { name, exactly, firstAvailable = [] } of claim.spec.devices?.requests ?? []) {
      const wanted = exactly ? [[name, exactly.deviceClassName]] : firstAvailable.map((a) => [`${name}/${a.name}`, a.deviceClassName]);
      for (const [request, className] of wanted) if (!facts.hasClass(className)) return `request ${request}: device class ${className} does not exist`;
    }
  }
  return undefined;
}

/** What speaks against a node. */
export function judgeDevices(claims: DeviceClaims, node: NodeInfo): string | undefined {
  if (claims.some((claim) => !claim.status?.allocation)) return "cannot allocate all claims";
  const elsewhere = claims.some(({ status }) => status?.allocation?.nodeSelector && !nodeSelectorMatches(status.allocation.nodeSelector, node));
  return elsewhere ? "resourceclaim not available on the node" : undefined;
}
