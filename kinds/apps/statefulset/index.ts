/** StatefulSet. Sources: pkg/registry/apps/statefulset, api/discovery/apis__apps__v1.json. */

import { workloadSpecEqual } from "../../core/podtemplate/workload.js";
import type { Kind } from "../../kind.js";
import { statusView } from "../../status.js";
import { nameIsDNSLabel } from "../../validation/names.js";
import { workloadScale } from "../scale.js";
import { defaultStatefulSet } from "./defaults.js";
import { statefulSetPrinter } from "./printer.js";
import { prepareForCreate, prepareForUpdate, warnings } from "./strategy.js";
import { validateStatefulSet, validateStatefulSetStatusUpdate, validateStatefulSetUpdate } from "./validate.js";

export const statefulSet: Kind = {
  group: "apps",
  version: "v1",
  kind: "StatefulSet",
  resource: "statefulsets",
  singular: "statefulset",
  shortNames: ["sts"],
  categories: ["all"],
  namespaced: true,
  schema: "io.k8s.api.apps.v1.StatefulSet",
  defaults: defaultStatefulSet,
  validateName: nameIsDNSLabel,
  prepareForCreate,
  prepareForUpdate,
  validate: validateStatefulSet,
  validateUpdate: validateStatefulSetUpdate,
  warnings,
  generation: (object, old) => !workloadSpecEqual(object, old),
  status: statusView({
    validateUpdate: validateStatefulSetStatusUpdate,
  }),
  scale: workloadScale,
  printer: statefulSetPrinter,
};
