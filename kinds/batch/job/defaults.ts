/** Source: pkg/apis/batch/v1 SetDefaults_Job and what zz_generated.defaults.go runs beside it. */
import { defaultPodTemplate } from "../../core/pod/defaults.js";
import type { KubeObject } from "../../object.js";
import type { JobSpec } from "../../schema/api/batch.v1.js";

const MAX_INT32 = 2147483647;

/** Defaults of what lies inside a job spec; a CronJob's template gets these and no more. */
export function defaultJobParts(spec: JobSpec): void {
  for (const rule of spec.podFailurePolicy?.rules ?? []) for (const pattern of rule.onPodConditions ?? []) pattern.status ||= "True";
  spec.template ??= {} as typeof spec.template;
  defaultPodTemplate(spec.template);
}

export function defaultJob(object: KubeObject): void {
  object.spec ??= {};
  const spec = object.spec as JobSpec;
  defaultJobParts(spec);
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : MAX_INT32;
  const labels = spec.template.metadata?.labels as Record<string, string> | undefined;
  // One and the same map, as upstream: the labels that are generated into the template later become the job's own as well.
  if (labels && Object.keys(object.metadata.labels ?? {}).length === 0) object.metadata.labels = labels;
  spec.completionMode ??= "NonIndexed";
  spec.suspend ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? "Failed" : "TerminatingOrFailed";
  spec.manualSelector ??= false;
}
