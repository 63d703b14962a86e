/** The selector a Job gets of its own accord. Sources: pkg/registry/batch/job generateSelector, pkg/apis/batch/validation validateGeneratedSelector. */
import { showInternal } from "../../core/pod/internal.js";
import { compileSelector } from "../../core/podtemplate/workload.js";
import { type FieldError, invalid, required } from "../../field.js";
import type { KubeObject } from "../../object.js";
import type { LabelSelector } from "../../validation/metadata.js";
import { sortedLabels } from "./spec.js";

export const CONTROLLER_UID = "batch.kubernetes.io/controller-uid";
export const JOB_NAME = "batch.kubernetes.io/job-name";
const LEGACY_CONTROLLER_UID = "controller-uid";
const LEGACY_JOB_NAME = "job-name";

/**
 * Labels the template with the job's name and uid and selects by the uid. What the client has set stays; where it contradicts, validation refuses.
 * Writes into the template's label map itself: it may be the job's own (see defaultJob).
 */
export function generateSelector(job: KubeObject): void {
  const { name = "", uid = "" } = job.metadata;
  job.spec.template.metadata ??= {};
  job.spec.template.metadata.labels ??= {};
  const labels: Record<string, string> = job.spec.template.metadata.labels;
  for (const key of [LEGACY_JOB_NAME, JOB_NAME]) labels[key] ??= name;
  for (const key of [LEGACY_CONTROLLER_UID, CONTROLLER_UID]) labels[key] ??= uid;
  job.spec.selector ??= {};
  job.spec.selector.matchLabels ??= {};
  job.spec.selector.matchLabels[CONTROLLER_UID] ??= uid;
}

function validateHasLabel(labels: Readonly<Record<string, string>> | undefined, key: string, expected: string, path: string): FieldError[] {
  const actual = labels?.[key];
  if (actual === undefined) return [required(`${path}.labels[${key}]`, `must be '${expected}'`)];
  return actual === expected ? [] : [invalid(`${path}.labels[${key}]`, sortedLabels(labels), `must be '${expected}'`)];
}

/** `prefixed`: the labels with a prefix are wanted too; jobs from before they existed do not have them. */
export function validateGeneratedSelector(job: KubeObject, prefixed: boolean): FieldError[] {
  const selector = job.spec?.selector as LabelSelector | undefined;
  if (job.spec?.manualSelector || !selector) return [];
  const { name = "", uid = "" } = job.metadata;
  const expected: Record<string, string> = {
    [LEGACY_CONTROLLER_UID]: uid,
    [LEGACY_JOB_NAME]: name,
    ...(prefixed ? { [CONTROLLER_UID]: uid, [JOB_NAME]: name } : {}),
  };
  const labels = job.spec.template?.metadata?.labels;
  return [
    ...(uid ? [] : [required("metadata.uid")]),
    ...Object.entries(expected).flatMap(([key, value]) => validateHasLabel(labels, key, value, "spec.template.metadata")),
    ...(compileSelector(selector)?.matches(expected) === false ? [invalid("spec.selector", showInternal("j", selector), "`selector` not auto-generated")] : []),
  ];
}
