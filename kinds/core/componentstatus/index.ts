/** ComponentStatus of core/v1: made when it is asked for. Sources: pkg/registry/core/componentstatus, pkg/printers/internalversion printComponentStatus. */
import type { Kind } from "../../kind.js";
import { column, NAME_COLUMN, printer } from "../../printing.js";

export const componentStatus: Kind = {
  group: "",
  version: "v1",
  kind: "ComponentStatus",
  resource: "componentstatuses",
  singular: "componentstatus",
  shortNames: ["cs"],
  namespaced: false,
  verbs: ["get", "list"],
  schema: "io.k8s.api.core.v1.ComponentStatus",
  computed: true,
  deprecated: "v1 ComponentStatus is deprecated in v1.19+",
  printer: printer(
    [
      NAME_COLUMN,
      column("Status", "string", "Status of the component conditions"),
      column("Message", "string", "Message of the component conditions"),
      column("Error", "string", "Error of the component conditions"),
    ],
    (o) => {
      const healthy = (o.conditions ?? []).find((c: { type?: string }) => c.type === "Healthy");
      const status = healthy ? (healthy.status === "True" ? "Healthy" : "Unhealthy") : "Unknown";
      return [o.metadata.name ?? "", status, healthy?.message ?? "", healthy?.error ?? ""];
    },
  ),
};
