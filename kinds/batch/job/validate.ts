/** Source: pkg/apis/batch/validation ValidateJob, ValidateJobUpdate; pkg/registry/batch/job validationOptionsForJob. */
import { internalEqual, showInternal } from "../../core/pod/internal.js";
import type { PodValidationOptions } from "../../core/pod/options.js";
import { templateEqual, templateOptions, validateImmutableSelector } from "../../core/podtemplate/workload.js";
import { type FieldError, invalid } from "../../field.js";
import type { KubeObject } from "../../object.js";
import type { JobSpec, JobStatus } from "../../schema/api/batch.v1.js";
import type { Container, PodSpec, PodTemplateSpec } from "../../schema/api/core.v1.js";
import {
  FIELD_IS_IMMUTABLE,
  selectorHasInvalidLabelValue,
  validateImmutableField,
  validateKubeObjectMeta,
  validateKubeObjectMetaUpdate,
} from "../../validation/metadata.js";
import { isDNS1123Label, nameIsDNSSubdomain } from "../../validation/names.js";
import { isConditionTrue } from "./conditions.js";
import { CONTROLLER_UID, JOB_NAME, validateGeneratedSelector } from "./selector.js";
import { validateJobSpec } from "./spec.js";

interface Options {
  readonly pod: PodValidationOptions;
  readonly requirePrefixedLabels: boolean;
  /** Of a template whose job is suspended and runs no pods, resources and what concerns scheduling may change. */
  readonly mutableTemplate: boolean;
}

function optionsFor(old?: KubeObject): Options {
  const pod = templateOptions(old?.spec?.template);
  if (!old) return { pod, requirePrefixedLabels: true, mutableTemplate: false };
  const { status = {} as JobStatus, spec } = old;
  const labels = spec?.template?.metadata?.labels ?? {};
  return {
    pod: { ...pod, allowInvalidLabelValueInSelector: pod.allowInvalidLabelValueInSelector || selectorHasInvalidLabelValue(spec?.selector) },
    requirePrefixedLabels: JOB_NAME in labels && CONTROLLER_UID in labels,
    mutableTemplate: spec?.suspend === true && (!status.startTime || isConditionTrue(status.conditions, "Suspended")) && (status.active ?? 0) === 0,
  };
}

function validate(job: KubeObject, options: Options): FieldError[] {
  const spec = job.spec as JobSpec;
  const out = [...validateGeneratedSelector(job, options.requirePrefixedLabels), ...validateJobSpec(spec, "spec", options.pod)];
  if (spec.completionMode === "Indexed" && (spec.completions ?? 0) > 0) {
    // The controller appends the index to the hostname of each pod.
    const { name = "" } = job.metadata;
    const hostname = `${name}-${(spec.completions as number) - 1}`;
    if (isDNS1123Label(hostname).length > 0) out.push(invalid("metadata.name", name, `will not able to create pod with invalid DNS label: ${hostname}`));
  }
  return out;
}

/** The number of completions stays, but for Indexed jobs that change it along with the parallelism. */
function validateCompletions(spec: JobSpec, old: JobSpec): FieldError[] {
  if (spec.completionMode !== "Indexed") return validateImmutableField(spec.completions, old.completions, "spec.completions");
  if (spec.completions === undefined || spec.completions === old.completions || spec.completions === spec.parallelism) return [];
  return [invalid("spec.completions", spec.completions, "can only be modified in tandem with spec.parallelism")];
}

/** The stored template with what the new one may change already changed. */
function withNewScheduling(old: PodTemplateSpec, template: PodTemplateSpec): PodTemplateSpec {
  const spec = template.spec as PodSpec;
  const { affinity: oldAffinity, ...rest } = old.spec as PodSpec;
  const { nodeAffinity: _, ...others } = oldAffinity ?? {};
  const affinity = spec.affinity
    ? { ...others, ...(spec.affinity.nodeAffinity ? { nodeAffinity: spec.affinity.nodeAffinity } : {}) }
    : Object.keys(others).length > 0
      ? others
      : undefined;
  return {
    ...old,
    metadata: { ...old.metadata, annotations: template.metadata?.annotations, labels: template.metadata?.labels } as PodTemplateSpec["metadata"],
    spec: {
      ...rest,
      ...(affinity ? { affinity } : {}),
      nodeSelector: spec.nodeSelector,
      tolerations: spec.tolerations,
      schedulingGates: spec.schedulingGates,
    } as PodSpec,
  };
}

/** Containers with the resources of their namesakes in the same place. */
const withNewResources = (old: readonly Container[] | undefined, next: readonly Container[] | undefined): readonly Container[] | undefined =>
  old?.length === next?.length ? old?.map((c, i) => (next?.[i]?.name === c.name ? { ...c, resources: next[i].resources } : c)) : old;

function validateTemplateUpdate(spec: JobSpec, old: JobSpec, mutable: boolean): FieldError[] {
  if (!mutable) {
    const { template } = spec;
    return templateEqual(template, old.template) ? [] : [invalid("spec.template", showInternal("PodTemplateSpec", template), FIELD_IS_IMMUTABLE)];
  }
  const pod = spec.template.spec as PodSpec;
  const before = withNewScheduling(old.template, spec.template).spec as PodSpec;
  const allowed = {
    ...before,
    containers: withNewResources(before.containers as Container[], pod.containers as Container[]),
    initContainers: withNewResources(before.initContainers, pod.initContainers),
  };
  return internalEqual("PodSpec", pod, allowed) ? [] : [invalid("spec.template.spec", showInternal("PodSpec", pod), FIELD_IS_IMMUTABLE)];
}

const immutablePolicy = (type: string, value: unknown, old: unknown, path: string): FieldError[] =>
  internalEqual(`*${type}`, value, old) ? [] : [invalid(path, showInternal(type, value), FIELD_IS_IMMUTABLE)];

export const validateJob = (job: KubeObject): FieldError[] => validate(job, optionsFor());

/** Upstream judges the new object as if it were created, and then its spec once more beside the old one. */
export function validateJobUpdate(job: KubeObject, oldJob: KubeObject): FieldError[] {
  const options = optionsFor(oldJob);
  const [spec, old] = [job.spec as JobSpec, oldJob.spec as JobSpec];
  return [
    ...validateKubeObjectMeta(job.metadata, true, nameIsDNSSubdomain),
    ...validate(job, options),
    ...validateKubeObjectMetaUpdate(job.metadata, oldJob.metadata),
    ...validateJobSpec(spec, "spec", options.pod),
    ...validateCompletions(spec, old),
    ...validateImmutableSelector(job, oldJob),
    ...validateTemplateUpdate(spec, old, options.mutableTemplate),
    ...validateImmutableField(spec.completionMode, old.completionMode, "spec.completionMode"),
    ...immutablePolicy("PodFailurePolicy", spec.podFailurePolicy, old.podFailurePolicy, "spec.podFailurePolicy"),
    ...validateImmutableField(spec.backoffLimitPerIndex, old.backoffLimitPerIndex, "spec.backoffLimitPerIndex"),
    ...validateImmutableField(spec.managedBy, old.managedBy, "spec.managedBy"),
    ...immutablePolicy("SuccessPolicy", spec.successPolicy, old.successPolicy, "spec.successPolicy"),
  ];
}
