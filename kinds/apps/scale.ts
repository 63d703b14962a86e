import type { ScaleSubresource } from "../kind.js";
import { labelSelectorAsSelector } from "../labels.js";

/** `/scale` of the workloads that keep replicas and selector in the usual places. Source: pkg/registry/apps/…/storage scaleFrom…. */
export const workloadScale: ScaleSubresource = {
  getReplicas: (object) => object.spec?.replicas ?? 0,
  setReplicas(object, replicas) {
    object.spec ??= {};
    object.spec.replicas = replicas;
  },
  getStatusReplicas: (object) => object.status?.replicas ?? 0,
  getSelector: (object) => labelSelectorAsSelector(object.spec?.selector).toString(),
};
