// Generated from facts.json (Kubernetes v1.36.3) by scripts/facts/types.mjs. Do not edit.
import type * as metaV1 from "./meta.v1.js";

/** apidiscovery.k8s.io/v2beta1 APIGroupDiscovery */
export interface APIGroupDiscovery {
  kind?: string;
  apiVersion?: string;
  metadata: metaV1.ObjectMeta;
  versions?: APIVersionDiscovery[];
}

/** apidiscovery.k8s.io/v2beta1 APIGroupDiscoveryList */
export interface APIGroupDiscoveryList {
  kind?: string;
  apiVersion?: string;
  metadata?: metaV1.ListMeta;
  items: APIGroupDiscovery[];
}

export interface APIResourceDiscovery {
  resource: string;
  responseKind?: metaV1.GroupVersionKind;
  scope: string;
  singularResource: string;
  verbs: string[] | null;
  shortNames?: string[];
  categories?: string[];
  subresources?: APISubresourceDiscovery[];
}

export interface APISubresourceDiscovery {
  subresource: string;
  responseKind?: metaV1.GroupVersionKind;
  acceptedTypes?: metaV1.GroupVersionKind[];
  verbs: string[] | null;
}

export interface APIVersionDiscovery {
  version: string;
  resources?: APIResourceDiscovery[];
  freshness?: string;
}
