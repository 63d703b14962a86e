/** Columns of `kubectl get hpa`. Source: pkg/printers/internalversion printHorizontalPodAutoscaler. */
import type { Printer } from "../../kind.js";
import { AGE_COLUMN, age, column, NAME_COLUMN, printer } from "../../printing.js";
import type { MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from "../../schema/api/autoscaling.v2.js";

const UNKNOWN = "<unknown>";
const SHOWN = 2;

/** A quantity Go prints from a nil pointer. */
const quantity = (text: string | undefined): string => text ?? "<nil>";

function ofUtilization(name: string | undefined, target: MetricTarget, current: MetricValueStatus | undefined): string {
  if (target.averageValue !== undefined) return `${name}: ${current ? quantity(current.averageValue) : UNKNOWN}/${target.averageValue}`;
  const now = current?.averageUtilization === undefined ? UNKNOWN : `${current.averageUtilization}%`;
  return `${name}: ${now}/${target.averageUtilization === undefined ? "<auto>" : `${target.averageUtilization}%`}`;
}

function ofValue(target: MetricTarget, current: MetricValueStatus | undefined): string {
  if (target.averageValue !== undefined) return `${current?.averageValue ?? UNKNOWN}/${target.averageValue} (avg)`;
  return `${current ? quantity(current.value) : UNKNOWN}/${quantity(target.value)}`;
}

function metricCell(spec: MetricSpec, status: MetricStatus | undefined): string {
  switch (spec.type) {
    case "External":
      return ofValue(spec.external?.target as MetricTarget, status?.external?.current);
    case "Object":
      return ofValue(spec.object?.target as MetricTarget, status?.object?.current);
    case "Pods": {
      const current = status?.pods?.current;
      return `${current ? quantity(current.averageValue) : UNKNOWN}/${quantity(spec.pods?.target?.averageValue)}`;
    }
    case "Resource":
      return ofUtilization(spec.resource?.name, spec.resource?.target as MetricTarget, status?.resource?.current);
    case "ContainerResource":
      return ofUtilization(spec.containerResource?.name, spec.containerResource?.target as MetricTarget, status?.containerResource?.current);
    default:
      return "<unknown type>";
  }
}

function metricCells(specs: readonly MetricSpec[], statuses: readonly MetricStatus[]): string {
  if (specs.length === 0) return "<none>";
  const list = specs.map((spec, i) => metricCell(spec, statuses[i]));
  return list.length > SHOWN ? `${list.slice(0, SHOWN).join(", ")} + ${list.length - SHOWN} more...` : list.join(", ");
}

const TEXTS = {
  reference:
    "scaleTargetRef points to the target resource to scale, and is used to the pods for which metrics should be collected, as well as to actually change the replica count.",
  metrics:
    "metrics contains the specifications for which to use to calculate the desired replica count (the maximum replica count across all metrics will be used).  The desired replica count is calculated multiplying the ratio between the target value and the current value by the current number of pods.  Ergo, metrics used must decrease as the pod count is increased, and vice-versa.  See the individual metric source types for more information about how each type of metric must respond. If not set, the default metric will be set to 80% average CPU utilization.",
  min: "minReplicas is the lower limit for the number of replicas to which the autoscaler can scale down.  It defaults to 1 pod.  minReplicas is allowed to be 0 if the alpha feature gate HPAScaleToZero is enabled and at least one Object or External metric is configured.  Scaling is active as long as at least one metric value is available.",
  max: "maxReplicas is the upper limit for the number of replicas to which the autoscaler can scale up. It cannot be less that minReplicas.",
  replicas: "currentReplicas is current number of replicas of pods managed by this autoscaler, as last seen by the autoscaler.",
};

export const autoscalerPrinter: Printer = printer(
  [
    NAME_COLUMN,
    column("Reference", "string", TEXTS.reference),
    column("Targets", "string", TEXTS.metrics),
    column("MinPods", "string", TEXTS.min),
    column("MaxPods", "string", TEXTS.max),
    column("Replicas", "string", TEXTS.replicas),
    AGE_COLUMN,
  ],
  (o, ctx) => {
    const { scaleTargetRef: ref, metrics, minReplicas, maxReplicas } = o.spec ?? {};
    return [
      o.metadata.name ?? "",
      `${ref?.kind ?? ""}/${ref?.name ?? ""}`,
      metricCells(metrics ?? [], o.status?.currentMetrics ?? []),
      minReplicas === undefined ? "<unset>" : String(minReplicas),
      maxReplicas ?? 0,
      o.status?.currentReplicas ?? 0,
      age(o, ctx),
    ];
  },
);
