// Generated from facts.json (Kubernetes v1.36.3) by scripts/facts/types.mjs. Do not edit.
import type * as metaV1 from "./meta.v1.js";

/** policy/v1beta1 Eviction */
export interface Eviction {
  kind?: string;
  apiVersion?: string;
  metadata: metaV1.ObjectMeta;
  deleteOptions?: metaV1.DeleteOptions;
}
