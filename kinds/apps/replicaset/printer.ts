/** Source: pkg/printers/internalversion printReplicaSet. */

import { templateCells } from "../../core/podtemplate/workload.js";
import { formatLabelSelector } from "../../labels.js";
import { AGE_COLUMN, age, CONTAINERS_COLUMN, column, IMAGES_COLUMN, NAME_COLUMN, printer } from "../../printing.js";

const DESIRED =
  "Replicas is the number of desired pods. This is a pointer to distinguish between explicit zero and unspecified. Defaults to 1. More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicaset";
const CURRENT =
  "Replicas is the most recently observed number of non-terminating pods. More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicaset";
const SELECTOR =
  "Selector is a label query over pods that should match the replica count. Label keys and values that must match in order to be controlled by this replica set. It must match the pod template's labels. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors";

export const replicaSetPrinter = printer(
  [
    NAME_COLUMN,
    column("Desired", "integer", DESIRED),
    column("Current", "integer", CURRENT),
    column("Ready", "integer", "The number of non-terminating pods targeted by this ReplicaSet with a Ready Condition."),
    AGE_COLUMN,
    CONTAINERS_COLUMN,
    IMAGES_COLUMN,
    column("Selector", "string", SELECTOR, true),
  ],
  (object, ctx) => [
    object.metadata.name ?? "",
    object.spec?.replicas ?? 0,
    object.status?.replicas ?? 0,
    object.status?.readyReplicas ?? 0,
    age(object, ctx),
    ...templateCells(object),
    formatLabelSelector(object.spec?.selector),
  ],
);
