/** Source: pkg/printers/internalversion printDaemonSet. */

import { templateCells } from "../../core/podtemplate/workload.js";
import { formatLabelSelector } from "../../labels.js";
import { AGE_COLUMN, age, CONTAINERS_COLUMN, column, formatLabels, IMAGES_COLUMN, NAME_COLUMN, printer } from "../../printing.js";

const DOCS = "More info: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/";
const SELECTOR =
  "A label query over pods that are managed by the daemon set. Must match in order to be controlled. It must match the pod template's labels. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors";
const NODE_SELECTOR =
  "NodeSelector is a selector which must be true for the pod to fit on a node. Selector which must match a node's labels for the pod to be scheduled on that node. More info: https://kubernetes.io/docs/concepts/configuration/assign-pod-node/";

export const daemonSetPrinter = printer(
  [
    NAME_COLUMN,
    column("Desired", "integer", `The total number of nodes that should be running the daemon pod (including nodes correctly running the daemon pod). ${DOCS}`),
    column("Current", "integer", `The number of nodes that are running at least 1 daemon pod and are supposed to run the daemon pod. ${DOCS}`),
    column(
      "Ready",
      "integer",
      "numberReady is the number of nodes that should be running the daemon pod and have one or more of the daemon pod running with a Ready Condition.",
    ),
    column("Up-to-date", "integer", "The total number of nodes that are running updated daemon pod"),
    column(
      "Available",
      "integer",
      "The number of nodes that should be running the daemon pod and have one or more of the daemon pod running and available (ready for at least spec.minReadySeconds)",
    ),
    column("Node Selector", "string", NODE_SELECTOR),
    AGE_COLUMN,
    CONTAINERS_COLUMN,
    IMAGES_COLUMN,
    column("Selector", "string", SELECTOR, true),
  ],
  (object, ctx) => [
    object.metadata.name ?? "",
    object.status?.desiredNumberScheduled ?? 0,
    object.status?.currentNumberScheduled ?? 0,
    object.status?.numberReady ?? 0,
    object.status?.updatedNumberScheduled ?? 0,
    object.status?.numberAvailable ?? 0,
    formatLabels(object.spec?.template?.spec?.nodeSelector),
    age(object, ctx),
    ...templateCells(object),
    formatLabelSelector(object.spec?.selector),
  ],
);
