// Generated from facts.json (Kubernetes v1.36.3) by scripts/facts/types.mjs. Do not edit.
import type * as metaV1 from "./meta.v1.js";

/** scheduling.k8s.io/v1 PriorityClass */
export interface PriorityClass {
  kind?: string;
  apiVersion?: string;
  metadata: metaV1.ObjectMeta;
  value?: number;
  globalDefault?: boolean;
  description?: string;
  preemptionPolicy?: string;
}

/** scheduling.k8s.io/v1 PriorityClassList */
export interface PriorityClassList {
  kind?: string;
  apiVersion?: string;
  metadata?: metaV1.ListMeta;
  items: PriorityClass[];
}
