/** What all workloads with a pod template do alike. Source: the strategies under pkg/registry/apps and pkg/apis/apps/validation. */
import { type FieldError, forbidden, invalid, notSupported } from "../../field.js";
import { labelSelectorAsSelector, type Selector } from "../../labels.js";
import type { KubeObject, ObjectMeta } from "../../object.js";
import { containerCells } from "../../printing.js";
import type { PodTemplateSpec } from "../../schema/api/core.v1.js";
import { plainEqual, semanticEqual } from "../../validation/equality.js";
import { FIELD_IS_IMMUTABLE, type LabelSelector } from "../../validation/metadata.js";
import { internalEqual, showInternal } from "../pod/internal.js";
import { type PodValidationOptions, podValidationOptions } from "../pod/options.js";
import { validatePodTemplateSpec } from "../pod/spec.js";
import { dropDisabledPodFields } from "../pod/strategy.js";

/** Options for a template; `old` is the stored one on updates. Source: GetValidationOptionsFromPodTemplate. */
export const templateOptions = (old?: PodTemplateSpec): PodValidationOptions => podValidationOptions(false, old?.spec, old?.metadata as ObjectMeta | undefined);

/** Drops what gates that are off forbid, unless the stored template has it. */
export function dropDisabledTemplateFields(template: PodTemplateSpec | undefined, old?: PodTemplateSpec): void {
  if (template?.spec) dropDisabledPodFields(template.spec, old?.spec);
}

/** Whether two templates mean the same: quantities by value, absent and empty lists alike. */
export const templateEqual = (a: PodTemplateSpec | undefined, b: PodTemplateSpec | undefined): boolean =>
  internalEqual("PodSpec", a?.spec, b?.spec) &&
  internalEqual("{}s", a?.metadata?.labels, b?.metadata?.labels) &&
  internalEqual("{}s", a?.metadata?.annotations, b?.metadata?.annotations) &&
  semanticEqual({ ...a?.metadata, labels: undefined, annotations: undefined }, { ...b?.metadata, labels: undefined, annotations: undefined });

/** Whether the specs of two workloads are the same; what raises the generation. */
export const workloadSpecEqual = (a: KubeObject, b: KubeObject): boolean => {
  const { template: left, selector: selectorA, ...restA } = a.spec ?? {};
  const { template: right, selector: selectorB, ...restB } = b.spec ?? {};
  return plainEqual(restA, restB) && internalEqual("j", selectorA, selectorB) && templateEqual(left, right);
};

/** The selector compiled, undefined when malformed. An absent one selects nothing, so it matches no template either. */
export function compileSelector(selector: LabelSelector | undefined): Selector | undefined {
  try {
    return labelSelectorAsSelector(selector);
  } catch {
    return undefined;
  }
}

/** Selectors stay: they say which pods are whose. */
export const validateImmutableSelector = (object: KubeObject, old: KubeObject): FieldError[] =>
  internalEqual("j", object.spec?.selector, old.spec?.selector) ? [] : [invalid("spec.selector", showInternal("j", object.spec?.selector), FIELD_IS_IMMUTABLE)];

/** `selector` must select the template's own pods. `path` is the template's. */
export function validateTemplateLabels(template: PodTemplateSpec | undefined, selector: Selector, path: string): FieldError[] {
  const labels = template?.metadata?.labels as Record<string, string> | undefined;
  if (selector.empty || selector.matches(labels ?? {})) return [];
  const shown = labels && Object.keys(labels).length > 0 ? Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))) : labels;
  return [invalid(`${path}.metadata.labels`, shown, "`selector` does not match template `labels`")];
}

/** Pods of a workload run on: no other restart policy, no deadline. `path` is the template's, `kind` as the message names it. */
export function validateTemplateRuns(template: PodTemplateSpec | undefined, kind: string, path: string): FieldError[] {
  const restart = template?.spec?.restartPolicy ?? "";
  return [
    ...(restart === "Always" ? [] : [notSupported(`${path}.spec.restartPolicy`, restart, ["Always"])]),
    ...(template?.spec?.activeDeadlineSeconds === undefined
      ? []
      : [forbidden(`${path}.spec.activeDeadlineSeconds`, `activeDeadlineSeconds in ${kind} is not Supported`)]),
  ];
}

/** ValidatePodTemplateSpecForReplicaSet: Deployments and ReplicaSets. */
export function validateReplicaTemplate(template: PodTemplateSpec, selector: Selector, path: string, options: PodValidationOptions): FieldError[] {
  return [
    ...validateTemplateLabels(template, selector, path),
    ...validatePodTemplateSpec(template, path, options),
    ...validateTemplateRuns(template, "ReplicaSet", path),
  ];
}

/** Counters that may not exceed `status.replicas`, and available that may not exceed ready (`readyName` as the message has it). */
export function validateReplicaCounters(status: Readonly<Record<string, unknown>>, fields: readonly string[], readyName: string): FieldError[] {
  const n = (field: string): number => Number(status[field] ?? 0);
  const out = fields.flatMap((field) => (n(field) > n("replicas") ? [invalid(`status.${field}`, n(field), "cannot be greater than status.replicas")] : []));
  if (n("availableReplicas") > n("readyReplicas")) out.push(invalid("status.availableReplicas", n("availableReplicas"), `cannot be greater than ${readyName}`));
  return out;
}

/** collisionCount only grows: names were made from it. */
export function validateCollisionCount(status: { collisionCount?: number } | undefined, old: { collisionCount?: number } | undefined): FieldError[] {
  const [next, before] = [status?.collisionCount, old?.collisionCount];
  return before !== undefined && (next === undefined || next < before) ? [invalid("status.collisionCount", next ?? 0, "cannot be decremented")] : [];
}

/** A note on names that end up in pods' names and hostnames. */
export const podNameWarning = (texts: readonly string[]): string[] =>
  texts.length === 0
    ? []
    : [`metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [${texts.join(" ")}]`];

/** Names and images of a template's containers, for wide columns. */
export const templateCells = (object: KubeObject): [string, string] => containerCells(object.spec?.template?.spec);
