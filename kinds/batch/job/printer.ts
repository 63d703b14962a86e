/** Source: pkg/printers/internalversion printJob. */
import { templateCells } from "../../core/podtemplate/workload.js";
import { formatLabelSelector } from "../../labels.js";
import { AGE_COLUMN, age, CONTAINERS_COLUMN, column, humanDuration, IMAGES_COLUMN, NAME_COLUMN, printer } from "../../printing.js";
import type { JobSpec, JobStatus } from "../../schema/api/batch.v1.js";
import { isConditionTrue } from "./conditions.js";

const SUCCEEDED =
  "The number of pods which reached phase Succeeded. The value increases monotonically for a given spec. However, it may decrease in reaction to scale down of elastic indexed jobs.";
/** A CronJob's table has the same column. */
export const SELECTOR_COLUMN = column(
  "Selector",
  "string",
  "A label query over pods that should match the pod count. Normally, the system sets this field for you. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors",
  true,
);

function completions(spec: Partial<JobSpec>, status: JobStatus): string {
  const succeeded = status.succeeded ?? 0;
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function state(status: JobStatus, terminating: boolean): string {
  if (isConditionTrue(status.conditions, "Complete")) return "Complete";
  if (isConditionTrue(status.conditions, "Failed")) return "Failed";
  if (terminating) return "Terminating";
  for (const type of ["Suspended", "FailureTarget", "SuccessCriteriaMet"]) if (isConditionTrue(status.conditions, type)) return type;
  return "Running";
}

export const jobPrinter = printer(
  [
    NAME_COLUMN,
    column("Status", "string", "Status of the job."),
    column("Completions", "string", SUCCEEDED),
    column("Duration", "string", "Time required to complete the job."),
    AGE_COLUMN,
    CONTAINERS_COLUMN,
    IMAGES_COLUMN,
    SELECTOR_COLUMN,
  ],
  (object, ctx) => {
    const status: JobStatus = object.status ?? {};
    const started = status.startTime ? Date.parse(status.startTime) : undefined;
    const until = status.completionTime ? Date.parse(status.completionTime) : ctx.now;
    return [
      object.metadata.name ?? "",
      state(status, object.metadata.deletionTimestamp !== undefined),
      completions(object.spec ?? {}, status),
      started === undefined ? "" : humanDuration(until - started),
      age(object, ctx),
      ...templateCells(object),
      formatLabelSelector(object.spec?.selector),
    ];
  },
);
