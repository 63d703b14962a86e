// Generated from facts.json (Kubernetes v1.36.3) by scripts/facts/types.mjs. Do not edit.
import type * as metaV1 from "./meta.v1.js";

/** coordination.k8s.io/v1 Lease */
export interface Lease {
  kind?: string;
  apiVersion?: string;
  metadata: metaV1.ObjectMeta;
  spec: LeaseSpec;
}

/** coordination.k8s.io/v1 LeaseList */
export interface LeaseList {
  kind?: string;
  apiVersion?: string;
  metadata?: metaV1.ListMeta;
  items: Lease[];
}

export interface LeaseSpec {
  holderIdentity?: string;
  leaseDurationSeconds?: number;
  acquireTime?: string;
  renewTime?: string;
  leaseTransitions?: number;
  strategy?: string;
  preferredHolder?: string;
}
