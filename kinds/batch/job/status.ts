/**
 * What a Job's status may become. Most rules hold only where their fields change, so that a status that breaks one for other reasons can be written on.
 * Sources: pkg/registry/batch/job getStatusValidationOptions, pkg/apis/batch/validation validateJobStatus, ValidateJobStatusUpdate.
 */
import { showInternal } from "../../core/pod/internal.js";
import { duplicate, type FieldError, invalid, invalidWithoutValue, required } from "../../field.js";
import type { KubeObject } from "../../object.js";
import type { JobSpec, JobStatus } from "../../schema/api/batch.v1.js";
import { semanticEqual } from "../../validation/equality.js";
import { FIELD_IS_IMMUTABLE, validateKubeObjectMetaUpdate, validateNonnegative } from "../../validation/metadata.js";
import { validateCounters } from "../../validation/numbers.js";
import { isConditionFalse, isConditionTrue, isJobFinished } from "./conditions.js";
import { countIndexes, IndexesError, overlapAt } from "./indexes.js";

const conditions = (detail: string): FieldError => invalidWithoutValue("status.conditions", detail);
const time = (text: string | null | undefined): number | undefined => (text ? Date.parse(text) : undefined);

function validateUncounted(pods: JobStatus["uncountedTerminatedPods"]): FieldError[] {
  const seen = new Set<string>();
  return (["succeeded", "failed"] as const).flatMap((list) =>
    (pods?.[list] ?? []).flatMap((uid, i) => {
      const at = `status.uncountedTerminatedPods.${list}[${i}]`;
      if (uid === "") return [invalid(at, uid, "must not be empty")];
      if (seen.has(uid)) return [duplicate(at, uid)];
      seen.add(uid);
      return [];
    }),
  );
}

function indexesFault(text: string, completions: number): string | undefined {
  try {
    countIndexes(text, completions);
    return undefined;
  } catch (error) {
    if (error instanceof IndexesError) return error.message;
    throw error;
  }
}

/** Which parts of the status the write changes. */
function changesOf(status: JobStatus, old: JobStatus) {
  const condition = (type: string): boolean => isConditionTrue(status.conditions, type) !== isConditionTrue(old.conditions, type);
  return {
    finished: isJobFinished(status.conditions) !== isJobFinished(old.conditions),
    complete: condition("Complete"),
    failed: condition("Failed"),
    failureTarget: condition("FailureTarget"),
    successCriteriaMet: condition("SuccessCriteriaMet"),
    completedIndexes: (status.completedIndexes ?? "") !== (old.completedIndexes ?? ""),
    failedIndexes: status.failedIndexes !== old.failedIndexes,
    active: (status.active ?? 0) !== (old.active ?? 0),
    startTime: time(status.startTime) !== time(old.startTime),
    completionTime: time(status.completionTime) !== time(old.completionTime),
    uncounted: !semanticEqual(status.uncountedTerminatedPods, old.uncountedTerminatedPods),
    ready: status.ready !== old.ready,
    terminating: status.terminating !== old.terminating,
  };
}

type Changes = ReturnType<typeof changesOf>;

function validateTimes(status: JobStatus, changed: Changes): FieldError[] {
  const out: FieldError[] = [];
  const complete = isConditionTrue(status.conditions, "Complete");
  if (changed.complete || changed.completionTime) {
    if (status.completionTime && !complete)
      out.push(invalid("status.completionTime", status.completionTime, "cannot set completionTime when there is no Complete=True condition"));
    if (!status.completionTime && complete) out.push(required("status.completionTime", "completionTime is required for Complete jobs"));
  }
  const [start, end] = [time(status.startTime), time(status.completionTime)];
  if ((changed.startTime || changed.completionTime) && start !== undefined && end !== undefined && end < start)
    out.push(invalid("status.completionTime", status.completionTime, "must be equal to or after `startTime`"));
  return out;
}

function validateFinished(spec: JobSpec, status: JobStatus, changed: Changes): FieldError[] {
  const out: FieldError[] = [];
  const active = status.active ?? 0;
  if ((changed.finished || changed.active) && active > 0) out.push(invalid("status.active", active, "active>0 is invalid for finished job"));
  const suspendedWithNothingToDo = spec.suspend === true && spec.completions === 0;
  if ((changed.finished || changed.startTime) && !suspendedWithNothingToDo && !status.startTime)
    out.push(required("status.startTime", "startTime is required for finished job"));
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  if ((changed.finished || changed.uncounted) && succeeded.length + failed.length > 0)
    out.push(
      invalid("status.uncountedTerminatedPods", showInternal("UncountedTerminatedPods", status.uncountedTerminatedPods), "must be empty for finished job"),
    );
  return out;
}

function validateIndexes(spec: JobSpec, status: JobStatus, changed: Changes): FieldError[] {
  const out: FieldError[] = [];
  const { completions } = spec;
  const { completedIndexes = "", failedIndexes } = status;
  if (changed.completedIndexes && completions !== undefined) {
    const fault = indexesFault(completedIndexes, completions);
    if (fault) out.push(invalid("status.completedIndexes", completedIndexes, `error parsing completedIndexes: ${fault}`));
  }
  if (changed.failedIndexes && completions !== undefined && spec.backoffLimitPerIndex !== undefined && failedIndexes !== undefined) {
    const fault = indexesFault(failedIndexes, completions);
    if (fault) out.push(invalid("status.failedIndexes", failedIndexes, `error parsing failedIndexes: ${fault}`));
  }
  if (changed.completedIndexes && completedIndexes !== "" && spec.completionMode !== "Indexed")
    out.push(invalid("status.completedIndexes", completedIndexes, "cannot set non-empty completedIndexes when non-indexed completion mode"));
  if (changed.failedIndexes && spec.backoffLimitPerIndex === undefined && failedIndexes !== undefined)
    out.push(invalid("status.failedIndexes", failedIndexes, "cannot set non-null failedIndexes when backoffLimitPerIndex is null"));
  if ((changed.failedIndexes || changed.completedIndexes) && completions !== undefined && failedIndexes !== undefined) {
    const index = overlapAt(completedIndexes, failedIndexes, completions);
    if (index !== undefined) out.push(invalid("status.failedIndexes", failedIndexes, `failedIndexes and completedIndexes overlap at index: ${index}`));
  }
  return out;
}

function validateStatus(spec: JobSpec, status: JobStatus, changed: Changes): FieldError[] {
  const is = (type: string): boolean => isConditionTrue(status.conditions, type);
  const [complete, failed, failureTarget, successCriteriaMet] = [is("Complete"), is("Failed"), is("FailureTarget"), is("SuccessCriteriaMet")];
  const out = [
    ...validateCounters(status as Record<string, unknown>, ["active", "succeeded", "failed"]),
    ...(status.ready === undefined ? [] : validateNonnegative(status.ready, "status.ready")),
    ...(status.terminating === undefined ? [] : validateNonnegative(status.terminating, "status.terminating")),
    ...validateUncounted(status.uncountedTerminatedPods),
  ];
  if ((changed.complete || changed.failed) && complete && failed) out.push(conditions("cannot set Complete=True and Failed=true conditions"));
  if ((changed.complete || changed.failureTarget) && complete && failureTarget)
    out.push(conditions("cannot set Complete=True and FailureTarget=true conditions"));
  out.push(...validateTimes(status, changed));
  if ((changed.failed || changed.failedIndexes) && failed && !failureTarget)
    out.push(conditions("cannot set Failed=True condition without the FailureTarget=true condition"));
  if ((changed.complete || changed.successCriteriaMet) && complete && !successCriteriaMet)
    out.push(conditions("cannot set Complete=True condition without the SuccessCriteriaMet=true condition"));
  if (complete || failed) out.push(...validateFinished(spec, status, changed));
  out.push(...validateIndexes(spec, status, changed));
  if ((changed.finished || changed.terminating) && (status.terminating ?? 0) > 0 && (complete || failed))
    out.push(invalid("status.terminating", status.terminating, "terminating>0 is invalid for finished job"));
  if ((changed.ready || changed.active) && status.ready !== undefined && status.ready > (status.active ?? 0))
    out.push(invalid("status.ready", status.ready, "cannot set more ready pods than active"));
  if (successCriteriaMet && failed) out.push(conditions("cannot set SuccessCriteriaMet=True and Failed=true conditions"));
  if (successCriteriaMet && failureTarget) out.push(conditions("cannot set SuccessCriteriaMet=True and FailureTarget=true conditions"));
  if (spec.successPolicy && !successCriteriaMet && complete)
    out.push(conditions("cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True"));
  return out;
}

export function validateJobStatusUpdate(job: KubeObject, oldJob: KubeObject): FieldError[] {
  const spec = job.spec as JobSpec;
  const [status, old]: [JobStatus, JobStatus] = [job.status ?? {}, oldJob.status ?? {}];
  const changed = changesOf(status, old);
  const out = [...validateKubeObjectMetaUpdate(job.metadata, oldJob.metadata), ...validateStatus(spec, status, changed)];
  for (const type of ["Failed", "Complete", "FailureTarget"])
    if (isConditionTrue(old.conditions, type) && !isConditionTrue(status.conditions, type))
      out.push(conditions(`cannot disable the terminal ${type}=True condition`));
  const decreased = (field: "failed" | "succeeded"): FieldError[] =>
    (status[field] ?? 0) < (old[field] ?? 0) ? [invalid(`status.${field}`, status[field] ?? 0, `cannot decrease the ${field} counter`)] : [];
  out.push(...decreased("failed"));
  // An Indexed job whose completions and parallelism go together can be scaled in.
  if (spec.completionMode !== "Indexed" || spec.completions !== spec.parallelism) out.push(...decreased("succeeded"));
  if (status.completionTime && old.completionTime && changed.completionTime)
    out.push(invalid("status.completionTime", status.completionTime, FIELD_IS_IMMUTABLE));
  const resumes = isConditionTrue(old.conditions, "Suspended") && isConditionFalse(status.conditions, "Suspended");
  if (changed.startTime && !resumes && old.startTime && !spec.suspend)
    out.push(invalid("status.startTime", status.startTime, "field is immutable for unsuspended job once set"));
  if (isConditionTrue(old.conditions, "SuccessCriteriaMet") && !isConditionTrue(status.conditions, "SuccessCriteriaMet"))
    out.push(conditions("cannot disable the SuccessCriteriaMet=True condition"));
  if (
    isConditionTrue(old.conditions, "Complete") &&
    !isConditionTrue(old.conditions, "SuccessCriteriaMet") &&
    isConditionTrue(status.conditions, "SuccessCriteriaMet")
  )
    out.push(conditions("cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions"));
  return out;
}
