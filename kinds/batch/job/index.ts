/** Job. Sources: pkg/registry/batch/job, api/discovery/apis__batch__v1.json. */

import { podTemplateWarnings } from "../../core/pod/warnings.js";
import { dropDisabledTemplateFields, podNameWarning } from "../../core/podtemplate/workload.js";
import { quote } from "../../field.js";
import type { Kind } from "../../kind.js";
import type { JobSpec } from "../../schema/api/batch.v1.js";
import { keepStatus, statusView } from "../../status.js";
import { isDNS1123Label } from "../../validation/names.js";
import { defaultJob } from "./defaults.js";
import { jobPrinter } from "./printer.js";
import { generateSelector } from "./selector.js";
import { jobSpecEqual } from "./spec.js";
import { validateJobStatusUpdate } from "./status.js";
import { validateJob, validateJobUpdate } from "./validate.js";

/** Source: pkg/api/job WarningsForJobSpec. `path` is the spec's. */
export function jobSpecWarnings(spec: Partial<JobSpec> | undefined, path: string): string[] {
  const many = spec?.completionMode === "Indexed" && (spec.completions ?? 0) > 100_000 && (spec.parallelism ?? 0) > 10_000;
  const text =
    "In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail";
  return [...(many ? [`${path}: ${text}`] : []), ...podTemplateWarnings(spec?.template, `${path}.template`)];
}

export const job: Kind = {
  group: "batch",
  version: "v1",
  kind: "Job",
  resource: "jobs",
  singular: "job",
  categories: ["all"],
  namespaced: true,
  schema: "io.k8s.api.batch.v1.Job",
  defaults: defaultJob,
  prepareForCreate(object) {
    if (!object.spec.manualSelector) generateSelector(object);
    object.status = {};
    object.metadata.generation = 1;
    dropDisabledTemplateFields(object.spec.template);
  },
  // by now the template has labels, which become the job's own
  readBack: defaultJob,
  prepareForUpdate(object, old) {
    keepStatus(object, old);
    dropDisabledTemplateFields(object.spec?.template, old.spec?.template);
  },
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  warnings(object, old) {
    if (!old) return [...podNameWarning(isDNS1123Label(object.metadata.name ?? "")), ...jobSpecWarnings(object.spec, "spec")];
    return object.metadata.generation === old.metadata.generation ? [] : jobSpecWarnings(object.spec, "spec");
  },
  generation: (object, old) => !jobSpecEqual(object.spec, old.spec),
  defaultPropagation: "orphan",
  deleteWarning:
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning",
  selectable: { "status.successful": (object) => String(object.status?.succeeded ?? 0) },
  unselectable: (field) => `field label ${quote(field)} not supported for Job`,
  status: statusView({
    validateUpdate: validateJobStatusUpdate,
  }),
  printer: jobPrinter,
};
