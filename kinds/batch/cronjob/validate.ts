/** Source: pkg/apis/batch/validation ValidateCronJobCreate, ValidateCronJobUpdate, validateTimeZone. */
import { showInternal } from "../../core/pod/internal.js";
import type { PodValidationOptions } from "../../core/pod/options.js";
import { templateOptions } from "../../core/podtemplate/workload.js";
import { type FieldError, invalid, notSupported, required } from "../../field.js";
import type { KubeObject } from "../../object.js";
import type { CronJobSpec, JobTemplateSpec } from "../../schema/api/batch.v1.js";
import { validateKubeObjectMetaUpdate, validateNonnegative } from "../../validation/metadata.js";
import { byteLength } from "../../validation/names.js";
import { validateJobTemplateParts } from "../job/spec.js";
import { parseSchedule, ScheduleError } from "./schedule.js";
import { loadLocation, ZoneError } from "./timezone.js";

/** The controller appends a dash and ten digits to a job's name, which has room for 63. */
const MAX_NAME = 52;
const CONCURRENCY_POLICIES = ["Allow", "Forbid", "Replace"];
const ZONE_PART = /^[A-Za-z.\-_0-9+]{1,14}$/;

function validateSchedule(schedule: string, zoneAllowed: boolean, timeZone: string | undefined): FieldError[] {
  const path = "spec.schedule";
  if (schedule === "") return [required(path)];
  const out: FieldError[] = [];
  try {
    parseSchedule(schedule);
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    out.push(invalid(path, schedule, error.message));
  }
  if (!schedule.includes("TZ")) return out;
  if (!zoneAllowed) out.push(invalid(path, schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"));
  else if (timeZone !== undefined) out.push(invalid(path, schedule, "cannot use both timeZone field and TZ or CRON_TZ in schedule"));
  return out;
}

function validateTimeZone(name: string | undefined): FieldError[] {
  const path = "spec.timeZone";
  if (name === undefined) return [];
  if (name === "") return [invalid(path, name, "timeZone must be nil or non-empty string")];
  if (name.split("/").some((part) => part === "." || part === ".." || part.startsWith("-") || !ZONE_PART.test(part)))
    return [invalid(path, name, `unknown time zone ${name}`)];
  const out: FieldError[] = [];
  if (name.toLowerCase() === "local") out.push(invalid(path, name, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"));
  try {
    loadLocation(name);
  } catch (error) {
    if (!(error instanceof ZoneError)) throw error;
    out.push(invalid(path, name, error.message));
  }
  return out;
}

function validateConcurrencyPolicy(policy: string): FieldError[] {
  const path = "spec.concurrencyPolicy";
  if (policy === "") return [required(path)];
  return CONCURRENCY_POLICIES.includes(policy) ? [] : [notSupported(path, policy, CONCURRENCY_POLICIES)];
}

/** A template's jobs get their selectors each for itself. */
function validateJobTemplate(template: JobTemplateSpec, path: string, options: PodValidationOptions): FieldError[] {
  const spec = template.spec ?? ({} as NonNullable<JobTemplateSpec["spec"]>);
  return [
    ...validateJobTemplateParts(spec, `${path}.spec`, options),
    ...(spec.selector ? [invalid(`${path}.spec.selector`, showInternal("j", spec.selector), "`selector` will be auto-generated")] : []),
    ...(spec.manualSelector ? [notSupported(`${path}.spec.manualSelector`, true, ["nil", "false"])] : []),
  ];
}

function validateSpec(spec: CronJobSpec, old: CronJobSpec | undefined): FieldError[] {
  const nonnegative = (field: "startingDeadlineSeconds" | "successfulJobsHistoryLimit" | "failedJobsHistoryLimit"): FieldError[] =>
    spec[field] === undefined ? [] : validateNonnegative(spec[field], `spec.${field}`);
  return [
    // A zone in the schedule itself is an old habit: what is stored with one may have one.
    ...validateSchedule(spec.schedule ?? "", old?.schedule?.includes("TZ") ?? false, spec.timeZone),
    ...nonnegative("startingDeadlineSeconds"),
    ...(old && old.timeZone === spec.timeZone ? [] : validateTimeZone(spec.timeZone)),
    ...validateConcurrencyPolicy(spec.concurrencyPolicy ?? ""),
    ...validateJobTemplate(spec.jobTemplate ?? {}, "spec.jobTemplate", templateOptions(old?.jobTemplate?.spec?.template)),
    ...nonnegative("successfulJobsHistoryLimit"),
    ...nonnegative("failedJobsHistoryLimit"),
  ];
}

export function validateCronJob(object: KubeObject): FieldError[] {
  const { name = "" } = object.metadata;
  return [
    ...validateSpec(object.spec as CronJobSpec, undefined),
    ...(byteLength(name) > MAX_NAME ? [invalid("metadata.name", name, `must be no more than ${MAX_NAME} characters`)] : []),
  ];
}

export const validateCronJobUpdate = (object: KubeObject, old: KubeObject): FieldError[] => [
  ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
  ...validateSpec(object.spec as CronJobSpec, old.spec as CronJobSpec),
];
