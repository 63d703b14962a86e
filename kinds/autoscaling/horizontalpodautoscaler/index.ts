/**
 * HorizontalPodAutoscaler in both of its versions; v2 is stored. Sources: pkg/registry/autoscaling/horizontalpodautoscaler,
 * pkg/kubeapiserver/default_storage_factory_builder.go (no override: the preferred version is stored).
 */
import { servedForm } from "../../forms.js";
import type { Kind } from "../../kind.js";
import { keepStatus, statusView } from "../../status.js";
import { CARRIERS, fromV1, toV1 } from "./convert.js";
import { defaultV1, defaultV2 } from "./defaults.js";
import { autoscalerPrinter } from "./printer.js";
import { validateAutoscaler, validateAutoscalerStatusUpdate, validateAutoscalerUpdate } from "./validate.js";

export const horizontalPodAutoscaler: Kind = {
  group: "autoscaling",
  version: "v2",
  kind: "HorizontalPodAutoscaler",
  resource: "horizontalpodautoscalers",
  singular: "horizontalpodautoscaler",
  shortNames: ["hpa"],
  categories: ["all"],
  namespaced: true,
  schema: "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler",
  defaults: defaultV2,
  prepareForCreate(object) {
    object.status = {};
  },
  // the default would keep that of v1, which is annotations in part
  prepareForUpdate: keepStatus,
  validate: validateAutoscaler,
  validateUpdate: validateAutoscalerUpdate,
  status: statusView({
    validateUpdate: validateAutoscalerStatusUpdate,
  }),
  printer: autoscalerPrinter,
};

export const horizontalPodAutoscalerV1: Kind = servedForm(
  {
    group: "autoscaling",
    version: "v1",
    schema: "io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler",
    defaults: defaultV1,
    hiddenAnnotations: CARRIERS,
  },
  { kind: horizontalPodAutoscaler, toStored: fromV1, fromStored: toV1 },
);
