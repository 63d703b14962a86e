/**
 * Metrics as autoscaling/v1 spells them in annotations, and as v2 has them in its fields: specs say `target…`, statuses `current…`, otherwise both are built
 * alike. Source: pkg/apis/autoscaling/v1/conversion.go. Fields come in the order of Go's structs, which is that of the annotation's text.
 */
import { isZeroQuantity } from "../../quantity.js";
import type { Reader } from "./reader.js";

/** A value of either form: both are plain JSON trees here. */
// biome-ignore lint/suspicious/noExplicitAny: two trees of the same leaves
type Tree = any;

const reference = (ref: Tree): Tree => ({ kind: ref?.kind ?? "", name: ref?.name ?? "", apiVersion: ref?.apiVersion || undefined });

/** v1 → v2 drops empty identifiers' selectors as Go leaves out nil pointers. */
const identifier = (name: string | undefined, selector: Tree): Tree => ({ name: name ?? "", selector: selector ?? undefined });

/** MetricSpec of v2 as v1 has it. */
export function specToV1(metric: Tree): Tree {
  const { object, pods, resource, containerResource, external } = metric;
  const utilization = (source: Tree): Tree => ({
    targetAverageUtilization: source.target?.averageUtilization ?? undefined,
    targetAverageValue: source.target?.averageValue ?? undefined,
  });
  return {
    type: metric.type ?? "",
    object: object && {
      target: reference(object.describedObject),
      metricName: object.metric?.name ?? "",
      targetValue: object.target?.value ?? "0",
      selector: object.metric?.selector ?? undefined,
      averageValue: object.target?.averageValue ?? undefined,
    },
    pods: pods && {
      metricName: pods.metric?.name ?? "",
      targetAverageValue: pods.target?.averageValue ?? "0",
      selector: pods.metric?.selector ?? undefined,
    },
    resource: resource && { name: resource.name ?? "", ...utilization(resource) },
    containerResource: containerResource && {
      name: containerResource.name ?? "",
      ...utilization(containerResource),
      container: containerResource.container ?? "",
    },
    external: external && {
      metricName: external.metric?.name ?? "",
      metricSelector: external.metric?.selector ?? undefined,
      targetValue: external.target?.value ?? undefined,
      targetAverageValue: external.target?.averageValue ?? undefined,
    },
  };
}

/** MetricStatus of v2 as v1 has it. */
export function statusToV1(metric: Tree): Tree {
  const { object, pods, resource, containerResource, external } = metric;
  const utilization = (source: Tree): Tree => ({
    currentAverageUtilization: source.current?.averageUtilization ?? undefined,
    currentAverageValue: source.current?.averageValue ?? "0",
  });
  return {
    type: metric.type ?? "",
    object: object && {
      target: reference(object.describedObject),
      metricName: object.metric?.name ?? "",
      currentValue: object.current?.value ?? "0",
      selector: object.metric?.selector ?? undefined,
      averageValue: object.current?.averageValue ?? undefined,
    },
    pods: pods && {
      metricName: pods.metric?.name ?? "",
      currentAverageValue: pods.current?.averageValue ?? "0",
      selector: pods.metric?.selector ?? undefined,
    },
    resource: resource && { name: resource.name ?? "", ...utilization(resource) },
    containerResource: containerResource && {
      name: containerResource.name ?? "",
      ...utilization(containerResource),
      container: containerResource.container ?? "",
    },
    external: external && {
      metricName: external.metric?.name ?? "",
      metricSelector: external.metric?.selector ?? undefined,
      currentValue: external.current?.value ?? "0",
      currentAverageValue: external.current?.averageValue ?? undefined,
    },
  };
}

const readReference = (r: Reader | undefined): Tree => ({ kind: r?.text("kind") ?? "", name: r?.text("name") ?? "", apiVersion: r?.text("apiVersion") });

/** A v1 MetricSpec out of an annotation. The reader throws on values of the wrong type. */
export function specFromV1(r: Reader): Tree {
  const utilization = (s: Reader): Tree => {
    const averageUtilization = s.int("targetAverageUtilization");
    const type = averageUtilization === undefined ? "AverageValue" : "Utilization";
    return { type, averageValue: s.quantity("targetAverageValue"), averageUtilization };
  };
  const object = r.object("object");
  const pods = r.object("pods");
  const resource = r.object("resource");
  const container = r.object("containerResource");
  const external = r.object("external");
  const value = object?.quantity("targetValue") ?? "0";
  const average = object?.quantity("averageValue");
  const externalValue = external?.quantity("targetValue");
  return {
    type: r.text("type") ?? "",
    object: object && {
      describedObject: readReference(object.object("target")),
      // v1 cannot leave the value out: a zero beside an average means none
      target:
        average === undefined ? { type: "Value", value } : { type: "AverageValue", value: isZeroQuantity(value) ? undefined : value, averageValue: average },
      metric: identifier(object.text("metricName"), object.selector("selector")),
    },
    pods: pods && {
      metric: identifier(pods.text("metricName"), pods.selector("selector")),
      target: { type: "AverageValue", averageValue: pods.quantity("targetAverageValue") ?? "0" },
    },
    resource: resource && { name: resource.text("name") ?? "", target: utilization(resource) },
    containerResource: container && { name: container.text("name") ?? "", target: utilization(container), container: container.text("container") ?? "" },
    external: external && {
      metric: identifier(external.text("metricName"), external.selector("metricSelector")),
      target: {
        type: externalValue === undefined ? "AverageValue" : "Value",
        value: externalValue,
        averageValue: external.quantity("targetAverageValue"),
      },
    },
  };
}

/** A v1 MetricStatus out of an annotation. */
export function statusFromV1(r: Reader): Tree {
  const utilization = (s: Reader): Tree => ({
    averageValue: s.quantity("currentAverageValue") ?? "0",
    averageUtilization: s.int("currentAverageUtilization"),
  });
  const object = r.object("object");
  const pods = r.object("pods");
  const resource = r.object("resource");
  const container = r.object("containerResource");
  const external = r.object("external");
  return {
    type: r.text("type") ?? "",
    object: object && {
      metric: identifier(object.text("metricName"), object.selector("selector")),
      current: { value: object.quantity("currentValue") ?? "0", averageValue: object.quantity("averageValue") },
      describedObject: readReference(object.object("target")),
    },
    pods: pods && {
      metric: identifier(pods.text("metricName"), pods.selector("selector")),
      current: { averageValue: pods.quantity("currentAverageValue") ?? "0" },
    },
    resource: resource && { name: resource.text("name") ?? "", current: utilization(resource) },
    containerResource: container && { name: container.text("name") ?? "", current: utilization(container), container: container.text("container") ?? "" },
    external: external && {
      metric: identifier(external.text("metricName"), external.selector("metricSelector")),
      current: { value: external.quantity("currentValue") ?? "0", averageValue: external.quantity("currentAverageValue") },
    },
  };
}
