/** Columns of `kubectl get resourcequotas`. */
import type { Column } from "../../kind.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../../printing.js";

export const QUOTA_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  column("Request", "string", "Request represents a minimum amount of cpu/memory that a container may consume."),
  column("Limit", "string", "Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node."),
  AGE_COLUMN,
];
