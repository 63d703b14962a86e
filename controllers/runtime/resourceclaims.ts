/** What everybody who meets a pod's claims on devices must agree about. Pure. Source: k8s.io/dynamic-resource-allocation/resourceclaim. */
import type { Informer } from "../../client/client.js";
import type * as core from "../../kinds/schema/api/core.v1.js";
import type * as v1 from "../../kinds/schema/api/resource.v1.js";
import type { As, Pod } from "./api.js";
import { controllerOf } from "./podtemplate.js";

export type ResourceClaim = As<v1.ResourceClaim>;
export type ResourceClaimTemplate = As<v1.ResourceClaimTemplate>;

const ref = (resource: string) => ({ group: "resource.k8s.io", version: "v1", resource });
export const RESOURCE_CLAIMS = ref("resourceclaims");
export const RESOURCE_CLAIM_TEMPLATES = ref("resourceclaimtemplates");
export const DEVICE_CLASSES = ref("deviceclasses");

/** Which claim an entry of a pod means: by name; by name and made for the pod; not made yet; none is needed. */
export type Reference = { readonly name: string; readonly own: boolean } | "missing" | "unneeded";

export function referenceOf(pod: Pod, entry: core.PodResourceClaim): Reference {
  if (entry.resourceClaimName) return { name: entry.resourceClaimName, own: false };
  const made = pod.status?.resourceClaimStatuses?.find((status) => status.name === entry.name);
  if (!made) return "missing";
  return made.resourceClaimName ? { name: made.resourceClaimName, own: true } : "unneeded";
}

/** Names of the claims a pod uses, as far as they are known. */
export const claimNamesOf = (pod: Pod): string[] =>
  (pod.spec.resourceClaims ?? []).flatMap((entry) => {
    const reference = referenceOf(pod, entry);
    return typeof reference === "object" ? [reference.name] : [];
  });

export const isFor = (pod: Pod, claim: ResourceClaim): boolean => controllerOf(claim)?.uid === pod.metadata.uid;

const BY_CLAIM = "resourceclaim/claim";

/** Declares the index that `podsOf` reads. */
export const addClaimIndex = (pods: Informer<Pod>): void =>
  pods.addIndex(BY_CLAIM, (pod) => (pod.spec.resourceClaims ? claimNamesOf(pod).map((name) => `${pod.metadata.namespace}/${name}`) : []));

/** The pods that use a claim; `key` is its namespace and name. */
export const podsOf = (pods: Informer<Pod>, key: string): readonly Pod[] => pods.byIndex(BY_CLAIM, key);
