/** Columns of `kubectl get volumeattachments`. */
import type { Column } from "../../kind.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../../printing.js";

export const VOLUME_ATTACHMENT_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  {
    name: "Attacher",
    type: "string",
    format: "name",
    description: "attacher indicates the name of the volume driver that MUST handle this request. This is the name returned by GetPluginName().",
  },
  column("PV", "string", "persistentVolumeName represents the name of the persistent volume to attach."),
  column("Node", "string", "nodeName represents the node that the volume should be attached to."),
  column(
    "Attached",
    "boolean",
    "attached indicates the volume is successfully attached. This field must only be set by the entity completing the attach operation, i.e. the external-attacher.",
  ),
  AGE_COLUMN,
];
