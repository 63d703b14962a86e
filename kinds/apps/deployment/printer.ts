/** Source: pkg/printers/internalversion printDeployment. */

import { templateCells } from "../../core/podtemplate/workload.js";
import { labelSelectorAsSelector } from "../../labels.js";
import { AGE_COLUMN, age, CONTAINERS_COLUMN, column, IMAGES_COLUMN, NAME_COLUMN, printer } from "../../printing.js";
import type { LabelSelector } from "../../validation/metadata.js";

const UPDATED = "Total number of non-terminating pods targeted by this deployment that have the desired template spec.";
const AVAILABLE = "Total number of available non-terminating pods (ready for at least minReadySeconds) targeted by this deployment.";
const SELECTOR =
  "Label selector for pods. Existing ReplicaSets whose pods are selected by this will be the ones affected by this deployment. It must match the pod template's labels.";

/** Unlike the other workloads, an empty selector prints as nothing. */
function selectorText(selector: LabelSelector | undefined): string {
  try {
    return labelSelectorAsSelector(selector).toString();
  } catch {
    return "<invalid>";
  }
}

export const deploymentPrinter = printer(
  [
    NAME_COLUMN,
    column("Ready", "string", "Number of the pod with ready state"),
    column("Up-to-date", "string", UPDATED),
    column("Available", "string", AVAILABLE),
    AGE_COLUMN,
    CONTAINERS_COLUMN,
    IMAGES_COLUMN,
    column("Selector", "string", SELECTOR, true),
  ],
  (object, ctx) => [
    object.metadata.name ?? "",
    `${object.status?.readyReplicas ?? 0}/${object.spec?.replicas ?? 0}`,
    object.status?.updatedReplicas ?? 0,
    object.status?.availableReplicas ?? 0,
    age(object, ctx),
    ...templateCells(object),
    selectorText(object.spec?.selector),
  ],
);
