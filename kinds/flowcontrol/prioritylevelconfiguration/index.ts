/** PriorityLevelConfiguration. Sources: pkg/registry/flowcontrol/prioritylevelconfiguration, pkg/apis/flowcontrol/v1/defaults.go. */
import type { Kind } from "../../kind.js";
import type { PriorityLevelConfigurationSpec } from "../../schema/api/flowcontrol.v1.js";
import { flowStatus } from "../status.js";
import { priorityLevelPrinter } from "./printer.js";
import { validatePriorityLevel, validatePriorityLevelUpdate } from "./validate.js";

export const priorityLevelConfiguration: Kind = {
  group: "flowcontrol.apiserver.k8s.io",
  version: "v1",
  kind: "PriorityLevelConfiguration",
  resource: "prioritylevelconfigurations",
  singular: "prioritylevelconfiguration",
  namespaced: false,
  schema: "io.k8s.api.flowcontrol.v1.PriorityLevelConfiguration",
  defaults(object) {
    object.spec ??= {};
    const { limited, exempt } = object.spec as PriorityLevelConfigurationSpec;
    if (exempt) {
      exempt.nominalConcurrencyShares ??= 0;
      exempt.lendablePercent ??= 0;
    }
    if (!limited) return;
    limited.nominalConcurrencyShares ??= 30;
    limited.lendablePercent ??= 0;
    const queuing = limited.limitResponse?.queuing;
    if (!queuing) return;
    queuing.handSize ||= 8;
    queuing.queues ||= 64;
    queuing.queueLengthLimit ||= 50;
  },
  prepareForCreate(object) {
    object.status = {};
  },
  validate: validatePriorityLevel,
  validateUpdate: validatePriorityLevelUpdate,
  generation: "spec",
  status: flowStatus,
  printer: priorityLevelPrinter,
};
