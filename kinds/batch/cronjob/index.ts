/** CronJob. Sources: pkg/registry/batch/cronjob, pkg/apis/batch/v1 SetDefaults_CronJob, api/discovery/apis__batch__v1.json. */
import { dropDisabledTemplateFields, podNameWarning } from "../../core/podtemplate/workload.js";
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import type { CronJobSpec } from "../../schema/api/batch.v1.js";
import { keepStatus, statusView } from "../../status.js";
import { semanticEqual } from "../../validation/equality.js";
import { isDNS1123Label } from "../../validation/names.js";
import { defaultJobParts } from "../job/defaults.js";
import { jobSpecWarnings } from "../job/index.js";
import { jobSpecEqual } from "../job/spec.js";
import { cronJobPrinter } from "./printer.js";
import { validateCronJob, validateCronJobUpdate } from "./validate.js";

function defaultCronJob(object: KubeObject): void {
  object.spec ??= {};
  const spec = object.spec as CronJobSpec;
  spec.concurrencyPolicy ||= "Allow";
  spec.suspend ??= false;
  spec.successfulJobsHistoryLimit ??= 3;
  spec.failedJobsHistoryLimit ??= 1;
  spec.jobTemplate ??= {};
  spec.jobTemplate.spec ??= {} as NonNullable<typeof spec.jobTemplate.spec>;
  defaultJobParts(spec.jobTemplate.spec);
}

/** The wrong path is upstream's. */
const zoneWarning = (schedule: string | undefined): string[] =>
  schedule?.includes("TZ")
    ? [
        "cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details",
      ]
    : [];

function specEqual(a: CronJobSpec, b: CronJobSpec): boolean {
  const metadata = (spec: CronJobSpec): object => {
    const { labels, annotations, ...rest } = spec.jobTemplate?.metadata ?? {};
    const filled = (map: object | undefined): object | undefined => (Object.keys(map ?? {}).length > 0 ? map : undefined);
    return { ...rest, labels: filled(labels), annotations: filled(annotations) };
  };
  return (
    semanticEqual({ ...a, jobTemplate: undefined }, { ...b, jobTemplate: undefined }) &&
    semanticEqual(metadata(a), metadata(b)) &&
    jobSpecEqual(a.jobTemplate?.spec, b.jobTemplate?.spec)
  );
}

const templateOf = (object: KubeObject) => object.spec?.jobTemplate?.spec?.template;

export const cronJob: Kind = {
  group: "batch",
  version: "v1",
  kind: "CronJob",
  resource: "cronjobs",
  singular: "cronjob",
  shortNames: ["cj"],
  categories: ["all"],
  namespaced: true,
  schema: "io.k8s.api.batch.v1.CronJob",
  defaults: defaultCronJob,
  prepareForCreate(object) {
    object.status = {};
    object.metadata.generation = 1;
    dropDisabledTemplateFields(templateOf(object));
  },
  prepareForUpdate(object, old) {
    keepStatus(object, old);
    dropDisabledTemplateFields(templateOf(object), templateOf(old));
  },
  validate: validateCronJob,
  validateUpdate: validateCronJobUpdate,
  warnings(object, old) {
    const spec = object.spec as CronJobSpec | undefined;
    const path = "spec.jobTemplate.spec";
    if (!old) return [...podNameWarning(isDNS1123Label(object.metadata.name ?? "")), ...jobSpecWarnings(spec?.jobTemplate?.spec, path)];
    return [...(object.metadata.generation === old.metadata.generation ? [] : jobSpecWarnings(spec?.jobTemplate?.spec, path)), ...zoneWarning(spec?.schedule)];
  },
  generation: (object, old) => !specEqual(object.spec as CronJobSpec, old.spec as CronJobSpec),
  status: statusView({
    validateUpdate: () => [],
  }),
  printer: cronJobPrinter,
};
