/** Sources: pkg/apis/autoscaling/v1/defaults.go, v2/defaults.go. */
import type { KubeObject } from "../../object.js";
import type { HPAScalingRules } from "../../schema/api/autoscaling.v2.js";
import { DEFAULT_METRICS, fromV1, toV1, withoutCarriers } from "./convert.js";

const PERIOD = 15;
const SCALE_UP = (): Partial<HPAScalingRules> => ({
  stabilizationWindowSeconds: 0,
  selectPolicy: "Max",
  policies: [
    { type: "Pods", value: 4, periodSeconds: PERIOD },
    { type: "Percent", value: 100, periodSeconds: PERIOD },
  ],
});
/** No stabilization window: that one is an option of the controller's. */
const SCALE_DOWN = (): Partial<HPAScalingRules> => ({ selectPolicy: "Max", policies: [{ type: "Percent", value: 100, periodSeconds: PERIOD }] });

function rules(given: Partial<HPAScalingRules> | null | undefined, defaults: Partial<HPAScalingRules>): Partial<HPAScalingRules> {
  const out = { ...defaults };
  for (const [field, value] of Object.entries(given ?? {})) if (value !== undefined && value !== null) (out as Record<string, unknown>)[field] = value;
  return out;
}

/** Rules are filled in wherever there is any behavior. */
export function defaultV2(object: KubeObject): void {
  object.metadata = withoutCarriers(object.metadata);
  object.spec ??= {};
  const { spec } = object;
  spec.minReplicas ??= 1;
  if (!spec.metrics?.length) spec.metrics = DEFAULT_METRICS();
  if (spec.behavior) spec.behavior = { scaleUp: rules(spec.behavior.scaleUp, SCALE_UP()), scaleDown: rules(spec.behavior.scaleDown, SCALE_DOWN()) };
}

/** v1 has the default metric by way of v2, and annotations that are written anew by it. */
export function defaultV1(object: KubeObject): void {
  object.spec ??= {};
  object.spec.minReplicas ??= 1;
  const { metadata, spec, status } = toV1(fromV1(object));
  Object.assign(object, { metadata, spec, status });
}
