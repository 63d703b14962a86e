/** The pods of a Job. Source: pkg/controller/job manageJob and the annotations of indexed_job_utils.go. */
import type { Container } from "../../kinds/schema/api/core.v1.js";
import type { Gvk, Job, Pod } from "../runtime/api.js";
import { podFromTemplate } from "../runtime/podtemplate.js";
import { COMPLETION_INDEX, FAILURE_COUNT, FINALIZER, IGNORED_FAILURE_COUNT, ignoredIndexFailures, indexFailures } from "./pods.js";
import { judgeFailure } from "./policies.js";

export const JOB: Gvk = { apiVersion: "batch/v1", kind: "Job" };

const INDEX_VARIABLE = "JOB_COMPLETION_INDEX";
/** Names that are to be generated may be this long, so that the suffix fits. */
const MAX_PREFIX = 58;

function generateName(job: Job, index: number): string {
  const end = `-${index}-`;
  const prefix = `${job.metadata.name}${end}`;
  return prefix.length > MAX_PREFIX ? prefix.slice(0, MAX_PREFIX - end.length) + end : prefix;
}

function withIndexVariable<T extends Container>(container: T): T {
  if (container.env?.some((v) => v.name === INDEX_VARIABLE)) return container;
  const variable = { name: INDEX_VARIABLE, valueFrom: { fieldRef: { fieldPath: `metadata.labels['${COMPLETION_INDEX}']` } } };
  return { ...container, env: [...(container.env ?? []), variable] };
}

/** How often the index has failed so far, of which `replaced` is the last pod. */
function failureCounts(job: Job, replaced: Pod | undefined): Record<string, string> {
  const counts = replaced ? judgeFailure(job.spec.podFailurePolicy, replaced).counts : false;
  const failures = replaced ? indexFailures(replaced) + (counts ? 1 : 0) : 0;
  const ignored = replaced ? ignoredIndexFailures(replaced) + (counts ? 0 : 1) : 0;
  return { [FAILURE_COUNT]: String(failures), ...(ignored > 0 ? { [IGNORED_FAILURE_COUNT]: String(ignored) } : {}) };
}

/** A pod off the job's template; of an Indexed job the one of `index`, in place of `replaced` if there was one. */
export function podOf(job: Job, index?: number, replaced?: Pod): Pod {
  const pod = podFromTemplate(job.spec.template, job, JOB);
  const { metadata } = pod;
  if (!metadata.finalizers?.includes(FINALIZER)) metadata.finalizers = [...(metadata.finalizers ?? []), FINALIZER];
  if (index === undefined) return pod;
  metadata.generateName = generateName(job, index);
  metadata.labels = { ...metadata.labels, [COMPLETION_INDEX]: String(index) };
  metadata.annotations = {
    ...metadata.annotations,
    [COMPLETION_INDEX]: String(index),
    ...(job.spec.backoffLimitPerIndex === undefined ? {} : failureCounts(job, replaced)),
  };
  const { initContainers, containers } = pod.spec;
  pod.spec = {
    ...pod.spec,
    hostname: `${job.metadata.name}-${index}`,
    containers: (containers ?? []).map(withIndexVariable),
    ...(initContainers ? { initContainers: initContainers.map(withIndexVariable) } : {}),
  };
  return pod;
}
