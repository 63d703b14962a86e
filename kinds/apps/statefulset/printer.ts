/** Source: pkg/printers/internalversion printStatefulSet. */

import { templateCells } from "../../core/podtemplate/workload.js";
import { AGE_COLUMN, age, CONTAINERS_COLUMN, column, IMAGES_COLUMN, NAME_COLUMN, printer } from "../../printing.js";

export const statefulSetPrinter = printer(
  [NAME_COLUMN, column("Ready", "string", "Number of the pod with ready state"), AGE_COLUMN, CONTAINERS_COLUMN, IMAGES_COLUMN],
  (object, ctx) => [
    object.metadata.name ?? "",
    `${object.status?.readyReplicas ?? 0}/${object.spec?.replicas ?? 0}`,
    age(object, ctx),
    ...templateCells(object),
  ],
);
