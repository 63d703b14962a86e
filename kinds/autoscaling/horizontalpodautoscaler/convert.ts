/**
 * HorizontalPodAutoscaler of autoscaling/v1 and the v2 it is stored as: what v1 has no fields for travels in annotations.
 * Source: pkg/apis/autoscaling/v1/conversion.go, v2/conversion.go, annotations.go, helpers.go.
 */
import { goJson } from "../../gojson.js";
import type { KubeObject } from "../../object.js";
import { specFromV1, specToV1, statusFromV1, statusToV1 } from "./metrics.js";
import { Reader } from "./reader.js";

const PREFIX = "autoscaling.alpha.kubernetes.io/";
const METRICS = `${PREFIX}metrics`;
const CURRENT_METRICS = `${PREFIX}current-metrics`;
const CONDITIONS = `${PREFIX}conditions`;
const BEHAVIOR = `${PREFIX}behavior`;
/** Annotations that v1 carries fields of v2 in, or once did. */
export const CARRIERS: readonly string[] = [METRICS, CURRENT_METRICS, CONDITIONS, BEHAVIOR, `${PREFIX}scale-down-tolerance`, `${PREFIX}scale-up-tolerance`];

/** What v2 takes for a missing list of metrics. */
export const DEFAULT_METRICS = (averageUtilization = 80): object[] => [
  { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization } } },
];

/** Metadata without the carriers. The metadata itself where it has none. */
export function withoutCarriers(metadata: KubeObject["metadata"]): KubeObject["metadata"] {
  const { annotations } = metadata;
  if (!annotations || !Object.keys(annotations).some((key) => CARRIERS.includes(key))) return metadata;
  return { ...metadata, annotations: Object.fromEntries(Object.entries(annotations).filter(([key]) => !CARRIERS.includes(key))) };
}

// biome-ignore lint/suspicious/noExplicitAny: parts of objects
type Tree = any;

const isCpuUtilization = (metric: Tree): boolean =>
  metric.type === "Resource" && metric.resource?.name === "cpu" && (metric.resource.target?.averageUtilization ?? null) !== null;

/** v2's rules under the names of Go's internal struct: that is what is written. */
const rulesToText = (rules: Tree): Tree =>
  rules
    ? {
        StabilizationWindowSeconds: rules.stabilizationWindowSeconds ?? null,
        SelectPolicy: rules.selectPolicy ?? null,
        Policies: rules.policies?.map((p: Tree) => ({ Type: p.type ?? "", Value: p.value ?? 0, PeriodSeconds: p.periodSeconds ?? 0 })) ?? null,
        Tolerance: rules.tolerance ?? null,
      }
    : null;

const rulesFromText = (r: Reader | undefined): Tree =>
  r && {
    stabilizationWindowSeconds: r.int("StabilizationWindowSeconds"),
    selectPolicy: r.text("SelectPolicy"),
    policies: r.list("Policies", (p) => ({ type: p.text("Type") ?? "", value: p.int("Value") ?? 0, periodSeconds: p.int("PeriodSeconds") ?? 0 })),
    tolerance: r.quantity("Tolerance"),
  };

/** A v2 object as v1. */
export function toV1(object: KubeObject): KubeObject {
  const { spec = {}, status = {} } = object;
  const metadata = withoutCarriers(object.metadata);
  const carried: Record<string, string> = {};
  const others = (spec.metrics ?? []).filter((metric: Tree) => !isCpuUtilization(metric));
  if (others.length) carried[METRICS] = goJson(others.map(specToV1));
  if (status.currentMetrics?.length) carried[CURRENT_METRICS] = goJson(status.currentMetrics.map(statusToV1));
  if (spec.behavior) carried[BEHAVIOR] = goJson({ ScaleUp: rulesToText(spec.behavior.scaleUp), ScaleDown: rulesToText(spec.behavior.scaleDown) });
  if (status.conditions?.length)
    carried[CONDITIONS] = goJson(
      status.conditions.map((c: Tree) => ({
        type: c.type ?? "",
        status: c.status ?? "",
        lastTransitionTime: c.lastTransitionTime ?? null,
        reason: c.reason || undefined,
        message: c.message || undefined,
      })),
    );
  const current = (status.currentMetrics ?? []).filter(
    (m: Tree) => m.type === "Resource" && m.resource?.name === "cpu" && (m.resource.current?.averageUtilization ?? null) !== null,
  );
  return {
    ...(object.apiVersion === undefined ? {} : { kind: object.kind, apiVersion: "autoscaling/v1" }),
    metadata: Object.keys(carried).length ? { ...metadata, annotations: { ...metadata.annotations, ...carried } } : metadata,
    spec: {
      scaleTargetRef: spec.scaleTargetRef,
      minReplicas: spec.minReplicas,
      maxReplicas: spec.maxReplicas,
      targetCPUUtilizationPercentage: spec.metrics?.find(isCpuUtilization)?.resource.target.averageUtilization,
    },
    status: {
      observedGeneration: status.observedGeneration,
      lastScaleTime: status.lastScaleTime,
      currentReplicas: status.currentReplicas,
      desiredReplicas: status.desiredReplicas,
      currentCPUUtilizationPercentage: current.at(-1)?.resource.current.averageUtilization,
    },
  };
}

/** A v1 object as v2. An annotation that cannot be read is passed over. */
export function fromV1(object: KubeObject): KubeObject {
  const { spec = {}, status = {} } = object;
  const carried = object.metadata.annotations ?? {};
  const read = <T>(name: string, how: (text: string) => T | undefined): T | undefined => (carried[name] === undefined ? undefined : how(carried[name]));
  const utilization = spec.targetCPUUtilizationPercentage ?? undefined;
  let metrics = utilization === undefined ? [] : DEFAULT_METRICS(utilization);
  const others = read(METRICS, (text) => Reader.list(text, specFromV1));
  if (others) metrics = [...others, ...metrics];
  const behavior = read(BEHAVIOR, (text) =>
    Reader.object(text, (r) => ({ scaleUp: rulesFromText(r.object("ScaleUp")), scaleDown: rulesFromText(r.object("ScaleDown")) })),
  );
  const cpu = status.currentCPUUtilizationPercentage ?? undefined;
  const conditions = read(CONDITIONS, (text) =>
    Reader.list(text, (r) => ({
      type: r.text("type") ?? "",
      status: r.text("status") ?? "",
      lastTransitionTime: r.time("lastTransitionTime"),
      reason: r.text("reason"),
      message: r.text("message"),
    })),
  );
  return {
    ...(object.apiVersion === undefined ? {} : { kind: object.kind, apiVersion: "autoscaling/v2" }),
    metadata: withoutCarriers(object.metadata),
    spec: {
      scaleTargetRef: spec.scaleTargetRef,
      minReplicas: spec.minReplicas,
      maxReplicas: spec.maxReplicas,
      metrics: metrics.length ? metrics : DEFAULT_METRICS(),
      behavior: behavior && (behavior.scaleUp || behavior.scaleDown) ? behavior : undefined,
    },
    status: {
      observedGeneration: status.observedGeneration,
      lastScaleTime: status.lastScaleTime,
      currentReplicas: status.currentReplicas,
      desiredReplicas: status.desiredReplicas,
      currentMetrics:
        read(CURRENT_METRICS, (text) => Reader.list(text, statusFromV1)) ??
        (cpu === undefined ? undefined : [{ type: "Resource", resource: { name: "cpu", current: { averageUtilization: cpu } } }]),
      conditions,
    },
  };
}
