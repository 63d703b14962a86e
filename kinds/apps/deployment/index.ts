/** Deployment. Sources: pkg/registry/apps/deployment, api/discovery/apis__apps__v1.json. */
import { podTemplateWarnings } from "../../core/pod/warnings.js";
import { dropDisabledTemplateFields, podNameWarning, workloadSpecEqual } from "../../core/podtemplate/workload.js";
import type { Kind } from "../../kind.js";
import { keepStatus, statusView } from "../../status.js";
import { semanticEqual } from "../../validation/equality.js";
import { isDNS1123Label } from "../../validation/names.js";
import { parseInt64Fault } from "../../validation/numbers.js";
import { workloadScale } from "../scale.js";
import { defaultDeployment } from "./defaults.js";
import { deploymentPrinter } from "./printer.js";
import { ROLLBACK_TO, validateDeployment, validateDeploymentStatusUpdate, validateDeploymentUpdate } from "./validate.js";

export const deployment: Kind = {
  group: "apps",
  version: "v1",
  kind: "Deployment",
  resource: "deployments",
  singular: "deployment",
  shortNames: ["deploy"],
  categories: ["all"],
  namespaced: true,
  schema: "io.k8s.api.apps.v1.Deployment",
  defaults: defaultDeployment,
  conversionFault(object) {
    const text = object.metadata.annotations?.[ROLLBACK_TO] || undefined;
    const fault = text === undefined ? undefined : parseInt64Fault(text);
    return fault && `failed to parse annotation[${ROLLBACK_TO}]=${text} as int64: ${fault}`;
  },
  hiddenAnnotations: [ROLLBACK_TO],
  prepareForCreate(object) {
    object.metadata.generation = 1;
    object.status = {};
    dropDisabledTemplateFields(object.spec?.template);
  },
  prepareForUpdate(object, old) {
    keepStatus(object, old);
    dropDisabledTemplateFields(object.spec?.template, old.spec?.template);
  },
  validate: validateDeployment,
  validateUpdate: validateDeploymentUpdate,
  warnings(object, old) {
    if (!old) return [...podNameWarning(isDNS1123Label(object.metadata.name ?? "")), ...podTemplateWarnings(object.spec?.template, "spec.template")];
    return object.metadata.generation === old.metadata.generation ? [] : podTemplateWarnings(object.spec?.template, "spec.template");
  },
  // Annotations count: the controller copies them to its ReplicaSets.
  generation: (object, old) => !workloadSpecEqual(object, old) || !semanticEqual(object.metadata.annotations ?? {}, old.metadata.annotations ?? {}),
  status: statusView({
    prepareForUpdate(object, old) {
      if (old.metadata.labels) object.metadata.labels = old.metadata.labels;
      else delete object.metadata.labels;
    },
    validateUpdate: validateDeploymentStatusUpdate,
  }),
  scale: workloadScale,
  printer: deploymentPrinter,
};
