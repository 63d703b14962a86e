/**
 * What the controller hears when it asks for metrics in a cluster where nobody serves them, as here: each source of metrics fails in words of its own.
 * Sources: pkg/controller/podautoscaler (computeReplicasForMetric, replica_calculator.go, metrics/client.go), k8s.io/metrics pkg/client.
 */
import { labelSelectorAsSelector } from "../../kinds/labels.js";
import type { MetricSpec } from "../../kinds/schema/api/autoscaling.v2.js";
import type { LabelSelector } from "../../kinds/schema/api/meta.v1.js";
import { messageOf } from "../runtime/errors.js";

/** A metric that could not be had: the reason and text of its Event and condition, and the text for the summary. */
export interface MetricFailure {
  readonly reason: string;
  readonly message: string;
  readonly error: string;
}

/** client-go's answer for a path that is not served. */
const notServed = (resource: string): string => `the server could not find the requested resource (get ${resource})`;
const NO_RESOURCE_METRICS = `unable to fetch metrics from resource metrics API: ${notServed("pods.metrics.k8s.io")}`;
const NO_CUSTOM_METRICS = "unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered";

/** metav1.LabelSelector as its generated String method prints it. */
export function selectorText(selector: LabelSelector | null | undefined): string {
  if (!selector) return "nil";
  const labels = Object.entries(selector.matchLabels ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}: ${value},`);
  const expressions = (selector.matchExpressions ?? []).map(
    ({ key, operator, values }) => `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${(values ?? []).join(" ")}],},`,
  );
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join("")}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join("")}},}`;
}

function selectorFault(selector: LabelSelector | null | undefined): string | undefined {
  try {
    labelSelectorAsSelector(selector);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

type Target = NonNullable<MetricSpec["resource"]>["target"];

function resourceFault(name: string, target: Target): string {
  const metrics = `unable to get metrics for resource ${name}: ${NO_RESOURCE_METRICS}`;
  if (target.averageValue !== undefined) return `failed to get ${name} usage: ${metrics}`;
  if (target.averageUtilization === undefined)
    return "invalid resource metric source: neither an average utilization target nor an average value (usage) target was set";
  return `failed to get ${name} utilization: ${metrics}`;
}

function objectFailure({ describedObject, metric, target }: NonNullable<MetricSpec["object"]>, namespace: string): MetricFailure {
  const failure = (message: string, error = message): MetricFailure => ({
    reason: "FailedGetObjectMetric",
    message,
    error: `failed to get object metric value: ${error}`,
  });
  const fault = selectorFault(metric.selector);
  if (fault !== undefined) return failure(fault);
  // the order of its parts is upstream's
  const missing = `unable to get metric ${metric.name}: ${describedObject.kind} on ${namespace} ${describedObject.name}/${NO_CUSTOM_METRICS}`;
  if (target.type === "Value" && target.value !== undefined) return failure(missing);
  if (target.type === "AverageValue" && target.averageValue !== undefined) return failure(missing, `failed to get ${metric.name} object metric: ${missing}`);
  return failure("invalid object metric source: neither a value target nor an average value target was set");
}

function podsFailure({ metric }: NonNullable<MetricSpec["pods"]>): MetricFailure {
  const message = selectorFault(metric.selector) ?? `unable to get metric ${metric.name}: ${NO_CUSTOM_METRICS}`;
  return { reason: "FailedGetPodsMetric", message, error: `failed to get pods metric value: ${message}` };
}

function externalFailure({ metric, target }: NonNullable<MetricSpec["external"]>, namespace: string): MetricFailure {
  const { name, selector } = metric;
  const failure = (message: string, error = message): MetricFailure => ({
    reason: "FailedGetExternalMetric",
    message,
    error: `failed to get ${name} external metric value: ${error}`,
  });
  if (target.averageValue === undefined && target.value === undefined)
    return failure("invalid external metric source: neither a value target nor an average value target was set");
  const missing =
    selectorFault(selector) ??
    `unable to get external metric ${namespace}/${name}/${selectorText(selector)}: unable to fetch metrics from external metrics API: ${notServed(`${name}.external.metrics.k8s.io`)}`;
  return failure(
    missing,
    target.averageValue !== undefined ? `failed to get ${name} external metric: ${missing}` : `failed to get external metric ${name}: ${missing}`,
  );
}

/** Why a metric cannot be had. */
export function metricFailure(spec: MetricSpec, namespace: string): MetricFailure {
  if (spec.type === "Object" && spec.object) return objectFailure(spec.object, namespace);
  if (spec.type === "Pods" && spec.pods) return podsFailure(spec.pods);
  if (spec.type === "External" && spec.external) return externalFailure(spec.external, namespace);
  if (spec.type === "Resource" && spec.resource) {
    const { name, target } = spec.resource;
    const message = resourceFault(name, target);
    return { reason: "FailedGetResourceMetric", message, error: `failed to get ${name} resource metric value: ${message}` };
  }
  if (spec.type === "ContainerResource" && spec.containerResource) {
    const { name, container, target } = spec.containerResource;
    const message = resourceFault(name, target);
    return { reason: "FailedGetContainerResourceMetric", message, error: `failed to get ${container} container metric value: ${message}` };
  }
  const message = `unknown metric source type ${JSON.stringify(spec.type)}`;
  return { reason: "InvalidMetricSourceType", message, error: message };
}
