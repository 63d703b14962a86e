// Generated from facts.json (Kubernetes v1.36.3) by scripts/facts/types.mjs. Do not edit.
import type * as coreV1 from "./core.v1.js";
import type * as metaV1 from "./meta.v1.js";

export interface Overhead {
  podFixed?: Record<string, string>;
}

/** node.k8s.io/v1 RuntimeClass */
export interface RuntimeClass {
  kind?: string;
  apiVersion?: string;
  metadata: metaV1.ObjectMeta;
  handler: string;
  overhead?: Overhead;
  scheduling?: Scheduling;
}

/** node.k8s.io/v1 RuntimeClassList */
export interface RuntimeClassList {
  kind?: string;
  apiVersion?: string;
  metadata?: metaV1.ListMeta;
  items: RuntimeClass[];
}

export interface Scheduling {
  nodeSelector?: Record<string, string>;
  tolerations?: coreV1.Toleration[];
}
