/** DaemonSet. Sources: pkg/registry/apps/daemonset, api/discovery/apis__apps__v1.json. */
import { podTemplateWarnings } from "../../core/pod/warnings.js";
import type { Kind } from "../../kind.js";
import { statusView } from "../../status.js";
import { defaultDaemonSet } from "./defaults.js";
import { daemonSetPrinter } from "./printer.js";
import {
  conversionFault,
  generationMoves,
  prepareForCreate,
  prepareForUpdate,
  prepareStatusForUpdate,
  TEMPLATE_GENERATION,
  templateChanged,
} from "./strategy.js";
import { validateDaemonSet, validateDaemonSetStatusUpdate, validateDaemonSetUpdate } from "./validate.js";

export const daemonSet: Kind = {
  group: "apps",
  version: "v1",
  kind: "DaemonSet",
  resource: "daemonsets",
  singular: "daemonset",
  shortNames: ["ds"],
  categories: ["all"],
  namespaced: true,
  schema: "io.k8s.api.apps.v1.DaemonSet",
  defaults: defaultDaemonSet,
  conversionFault,
  hiddenAnnotations: [TEMPLATE_GENERATION],
  prepareForCreate,
  prepareForUpdate,
  validate: validateDaemonSet,
  validateUpdate: validateDaemonSetUpdate,
  warnings: (object, old) => (old && !templateChanged(object, old) ? [] : podTemplateWarnings(object.spec?.template, "spec.template")),
  generation: generationMoves,
  status: statusView({
    prepareForUpdate: prepareStatusForUpdate,
    validateUpdate: validateDaemonSetStatusUpdate,
  }),
  printer: daemonSetPrinter,
};
