/** Source: pkg/apis/autoscaling/validation/validation.go, pkg/registry/autoscaling/horizontalpodautoscaler (the options). All on the v2 form. */

import { validateContainerResourceName } from "../../core/amounts.js";
import { isNegativeAmount } from "../../core/pod/resources.js";
import { type FieldError, forbidden, invalid, notSupported, required } from "../../field.js";
import type { KubeObject } from "../../object.js";
import { signQuantity } from "../../quantity.js";
import type {
  CrossVersionObjectReference,
  HorizontalPodAutoscalerSpec,
  HPAScalingPolicy,
  HPAScalingRules,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
} from "../../schema/api/autoscaling.v2.js";
import { validateDNS1123Label } from "../../validation/core.js";
import { validateKubeObjectMetaUpdate, validateNonnegative } from "../../validation/metadata.js";
import { IS_NEGATIVE, nameIsPathSegment } from "../../validation/names.js";

const MAX_PERIOD_SECONDS = 1800;
const MAX_WINDOW_SECONDS = 3600;

/** What a reference's apiVersion may be. */
interface ReferenceOptions {
  readonly allowEmptyGroup: boolean;
  readonly allowInvalid: boolean;
}
interface Options {
  readonly minReplicas: 0 | 1;
  readonly target: ReferenceOptions;
  readonly object: ReferenceOptions;
}

type Ref = Partial<CrossVersionObjectReference> | undefined;

function apiVersionFault(ref: Ref, { allowEmptyGroup, allowInvalid }: ReferenceOptions): string | undefined {
  if (allowInvalid) return undefined;
  const text = ref?.apiVersion ?? "";
  const slashes = text === "/" ? 0 : text.split("/").length - 1;
  if (slashes > 1) return `unexpected GroupVersion string: ${text}`;
  const group = slashes === 1 ? text.slice(0, text.indexOf("/")) : "";
  return group === "" && !allowEmptyGroup ? "apiVersion must specify API group" : undefined;
}

const pathSegment = (value: string | undefined, path: string, missing = ""): FieldError[] =>
  value ? nameIsPathSegment(value, false).map((text) => invalid(path, value, text)) : [required(path, missing)];

function validateReference(ref: Ref, path: string, options: ReferenceOptions): FieldError[] {
  const fault = apiVersionFault(ref, options);
  return [
    ...pathSegment(ref?.kind, `${path}.kind`),
    ...pathSegment(ref?.name, `${path}.name`),
    ...(fault === undefined ? [] : [invalid(`${path}.apiVersion`, ref?.apiVersion ?? "", fault)]),
  ];
}

type Target = Partial<MetricTarget> | undefined;

function validateTarget(target: Target, path: string): FieldError[] {
  const { type = "", value, averageValue, averageUtilization } = target ?? {};
  const out: FieldError[] = [];
  if (type === "") out.push(required(`${path}.type`, "must specify a metric target type"));
  if (!["Utilization", "Value", "AverageValue"].includes(type)) out.push(invalid(`${path}.type`, type, "must be either Utilization, Value, or AverageValue"));
  const positive = (quantity: string | undefined, field: string): void => {
    if (present(quantity) && signQuantity(quantity) !== 1) out.push(invalid(`${path}.${field}`, quantity, "must be positive"));
  };
  positive(value, "value");
  positive(averageValue, "averageValue");
  if (present(averageUtilization) && averageUtilization < 1) out.push(invalid(`${path}.averageUtilization`, averageUtilization, "must be greater than 0"));
  return out;
}

const present = <T>(value: T | undefined | null): value is T => value !== undefined && value !== null;
const has = (target: Target, field: "value" | "averageValue" | "averageUtilization"): boolean => present(target?.[field]);

const validateIdentifier = (id: Partial<MetricIdentifier> | undefined, path: string): FieldError[] =>
  pathSegment(id?.name, `${path}.name`, "must specify a metric name");

/** What one source of metrics must say, by its field. In upstream's order: only the first source that is there is looked at. */
const SOURCES: Readonly<Record<string, (source: NonNullable<unknown>, path: string, options: Options) => FieldError[]>> = {
  object(source, path, options) {
    const { describedObject, metric, target } = source as NonNullable<MetricSpec["object"]>;
    return [
      ...validateReference(describedObject, `${path}.describedObject`, options.object),
      ...validateIdentifier(metric, `${path}.metric`),
      ...validateTarget(target, `${path}.target`),
      ...(has(target, "value") || has(target, "averageValue")
        ? []
        : [required(`${path}.target.averageValue`, "must set either a target value or averageValue")]),
    ];
  },
  external(source, path) {
    const { metric, target } = source as NonNullable<MetricSpec["external"]>;
    const [value, average] = [has(target, "value"), has(target, "averageValue")];
    return [
      ...validateIdentifier(metric, `${path}.metric`),
      ...validateTarget(target, `${path}.target`),
      ...(value || average ? [] : [required(`${path}.target.averageValue`, "must set either a target value for metric or a per-pod target")]),
      ...(value && average ? [forbidden(`${path}.target.value`, "may not set both a target value for metric and a per-pod target")] : []),
    ];
  },
  pods(source, path) {
    const { metric, target } = source as NonNullable<MetricSpec["pods"]>;
    return [
      ...validateIdentifier(metric, `${path}.metric`),
      ...validateTarget(target, `${path}.target`),
      ...(has(target, "averageValue") ? [] : [required(`${path}.target.averageValue`, "must specify a positive target averageValue")]),
    ];
  },
  resource(source, path) {
    const { name, target } = source as NonNullable<MetricSpec["resource"]>;
    return [...(name ? [] : [required(`${path}.name`, "must specify a resource name")]), ...validateResourceTarget(target, path)];
  },
  containerResource(source, path) {
    const { name, container, target } = source as NonNullable<MetricSpec["containerResource"]>;
    return [
      ...(name ? validateContainerResourceName(name, `${path}.name`) : [required(`${path}.name`, "must specify a resource name")]),
      ...(container ? validateDNS1123Label(container, `${path}.container`) : [required(`${path}.container`, "must specify a container")]),
      ...validateResourceTarget(target, path),
    ];
  },
};

function validateResourceTarget(target: Target, path: string): FieldError[] {
  const [utilization, average] = [has(target, "averageUtilization"), has(target, "averageValue")];
  return [
    ...validateTarget(target, `${path}.target`),
    ...(utilization || average ? [] : [required(`${path}.target.averageUtilization`, "must set either a target raw value or a target utilization")]),
    ...(utilization && average ? [forbidden(`${path}.target.averageValue`, "may not set both a target raw value and a target utilization")] : []),
  ];
}

const FIELD_OF: Readonly<Record<string, string>> = {
  ContainerResource: "containerResource",
  External: "external",
  Object: "object",
  Pods: "pods",
  Resource: "resource",
};

function validateMetric(metric: Partial<MetricSpec>, path: string, options: Options): FieldError[] {
  const { type = "" } = metric;
  const out: FieldError[] = type === "" ? [required(`${path}.type`, "must specify a metric source type")] : [];
  const expected = Object.hasOwn(FIELD_OF, type) ? FIELD_OF[type] : undefined;
  const unknown = notSupported(`${path}.type`, type, Object.keys(FIELD_OF));
  if (expected === undefined) out.push(unknown);
  const there = Object.keys(SOURCES).filter((field) => present(metric[field as keyof MetricSpec]));
  const [first] = there;
  if (first) out.push(...(SOURCES[first]?.(metric[first as keyof MetricSpec] as object, `${path}.${first}`, options) ?? []));
  if (expected === undefined) out.push(unknown);
  else if (!there.includes(expected)) out.push(required(`${path}.${expected}`, "must populate information for the given metric source"));
  if (there.length !== 1)
    for (const field of there) if (field !== expected) out.push(forbidden(`${path}.${field}`, "must populate the given metric source only"));
  return out;
}

function validatePolicy(policy: Partial<HPAScalingPolicy>, path: string): FieldError[] {
  const { type = "", value = 0, periodSeconds = 0 } = policy;
  return [
    ...(type === "Pods" || type === "Percent" ? [] : [notSupported(`${path}.type`, type, ["Percent", "Pods"])]),
    ...(value <= 0 ? [invalid(`${path}.value`, value, "must be greater than zero")] : []),
    ...(periodSeconds <= 0 ? [invalid(`${path}.periodSeconds`, periodSeconds, "must be greater than zero")] : []),
    ...(periodSeconds > MAX_PERIOD_SECONDS ? [invalid(`${path}.periodSeconds`, periodSeconds, `must be less than or equal to ${MAX_PERIOD_SECONDS}`)] : []),
  ];
}

const SELECT_POLICIES = ["Disabled", "Max", "Min"];

function validateRules(rules: Partial<HPAScalingRules> | null | undefined, path: string): FieldError[] {
  if (!rules) return [];
  const { stabilizationWindowSeconds: window, selectPolicy, policies, tolerance } = rules;
  const out: FieldError[] = [];
  if (present(window) && window < 0) out.push(invalid(`${path}.stabilizationWindowSeconds`, window, "must be greater than or equal to zero"));
  if (present(window) && window > MAX_WINDOW_SECONDS)
    out.push(invalid(`${path}.stabilizationWindowSeconds`, window, `must be less than or equal to ${MAX_WINDOW_SECONDS}`));
  if (present(selectPolicy) && !SELECT_POLICIES.includes(selectPolicy)) out.push(notSupported(`${path}.selectPolicy`, selectPolicy, SELECT_POLICIES));
  if (!policies?.length) out.push(required(`${path}.policies`, "must specify at least one Policy"));
  for (const [i, policy] of (policies ?? []).entries()) out.push(...validatePolicy(policy, `${path}.policies[${i}]`));
  if (present(tolerance) && isNegativeAmount(tolerance)) out.push(invalid(`${path}.tolerance`, tolerance, IS_NEGATIVE));
  return out;
}

function validateSpec(object: KubeObject, options: Options): FieldError[] {
  const spec: Partial<HorizontalPodAutoscalerSpec> = object.spec ?? {};
  const { minReplicas: min, maxReplicas: max = 0, metrics = [] } = spec;
  const out: FieldError[] = [];
  if (present(min) && min < options.minReplicas) out.push(invalid("spec.minReplicas", min, `must be greater than or equal to ${options.minReplicas}`));
  if (max === 0) out.push(required("spec.maxReplicas", "must be set and greater than 0"));
  else if (max < 0) out.push(invalid("spec.maxReplicas", max, "must be greater than or equal to 1"));
  if (present(min) && max < min) out.push(invalid("spec.maxReplicas", max, "must be greater than or equal to `minReplicas`"));
  out.push(...validateReference(spec.scaleTargetRef, "spec.scaleTargetRef", options.target));
  for (const [i, metric] of metrics.entries()) out.push(...validateMetric(metric, `spec.metrics[${i}]`, options));
  if (min === 0 && !metrics.some((m) => m.type === "Object" || m.type === "External"))
    out.push(forbidden("spec.metrics", "must specify at least one Object or External metric to support scaling to zero replicas"));
  out.push(...validateRules(spec.behavior?.scaleUp, "spec.behavior.scaleUp"), ...validateRules(spec.behavior?.scaleDown, "spec.behavior.scaleDown"));
  return out;
}

/** What was let in once may stay: zero replicas, an apiVersion nobody changes, metrics of invalid objects. */
function optionsFor(object: KubeObject, old?: KubeObject): Options {
  const ref: Ref = object.spec?.scaleTargetRef;
  const before: Ref = old?.spec?.scaleTargetRef;
  const unchanged = old !== undefined && (before?.apiVersion ?? "") === (ref?.apiVersion ?? "") && (before?.kind ?? "") === (ref?.kind ?? "");
  const described = { allowEmptyGroup: true, allowInvalid: false };
  const wasInvalid = ((old?.spec?.metrics ?? []) as Partial<MetricSpec>[]).some(
    (m) => m.type === "Object" && m.object && apiVersionFault(m.object.describedObject, described) !== undefined,
  );
  return {
    minReplicas: old?.spec?.minReplicas === 0 ? 0 : 1,
    target: { allowInvalid: unchanged, allowEmptyGroup: !unchanged && ref?.kind === "ReplicationController" },
    object: { ...described, allowInvalid: wasInvalid },
  };
}

export const validateAutoscaler = (object: KubeObject): FieldError[] => validateSpec(object, optionsFor(object));

export const validateAutoscalerUpdate = (object: KubeObject, old: KubeObject): FieldError[] => [
  ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
  ...validateSpec(object, optionsFor(object, old)),
];

export const validateAutoscalerStatusUpdate = (object: KubeObject, old: KubeObject): FieldError[] => [
  ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
  ...validateNonnegative(object.status?.currentReplicas ?? 0, "status.currentReplicas"),
  ...validateNonnegative(object.status?.desiredReplicas ?? 0, "status.desiredReplicas"),
];
