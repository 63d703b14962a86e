/** Scale of autoscaling/v1: what every `/scale` speaks; no resource of its own. Source: pkg/printers/internalversion printScale. */
import type { Kind } from "../../kind.js";
import { AGE_COLUMN, age, column, NAME_COLUMN, printer } from "../../printing.js";

const { format: _, ...NAME } = NAME_COLUMN;

export const scale: Kind = {
  group: "autoscaling",
  version: "v1",
  kind: "Scale",
  resource: "scales",
  singular: "scale",
  namespaced: true,
  schema: "io.k8s.api.autoscaling.v1.Scale",
  printer: printer(
    [
      NAME,
      column("Desired", "integer", "replicas is the desired number of instances for the scaled object."),
      column("Available", "integer", "replicas is the actual number of observed instances of the scaled object."),
      AGE_COLUMN,
    ],
    (o, ctx) => [o.metadata.name ?? "", o.spec?.replicas ?? 0, o.status?.replicas ?? 0, age(o, ctx)],
  ),
};
