// Generated from facts.json (Kubernetes v1.36.3) by scripts/facts/types.mjs. Do not edit.
import type * as metaV1 from "./meta.v1.js";

/** policy/v1 Eviction */
export interface Eviction {
  kind?: string;
  apiVersion?: string;
  metadata: metaV1.ObjectMeta;
  deleteOptions?: metaV1.DeleteOptions;
}

/** policy/v1 PodDisruptionBudget */
export interface PodDisruptionBudget {
  kind?: string;
  apiVersion?: string;
  metadata: metaV1.ObjectMeta;
  spec: PodDisruptionBudgetSpec;
  status?: PodDisruptionBudgetStatus;
}

/** policy/v1 PodDisruptionBudgetList */
export interface PodDisruptionBudgetList {
  kind?: string;
  apiVersion?: string;
  metadata?: metaV1.ListMeta;
  items: PodDisruptionBudget[];
}

export interface PodDisruptionBudgetSpec {
  minAvailable?: number | string;
  selector?: metaV1.LabelSelector;
  maxUnavailable?: number | string;
  unhealthyPodEvictionPolicy?: string;
}

export interface PodDisruptionBudgetStatus {
  observedGeneration?: number;
  disruptedPods?: Record<string, string>;
  disruptionsAllowed?: number;
  currentHealthy?: number;
  desiredHealthy?: number;
  expectedPods?: number;
  conditions?: metaV1.Condition[];
}
