/** Columns of `kubectl get events`. */
import type { Column } from "../../kind.js";
import { column, NAME_COLUMN } from "../../printing.js";

export const EVENT_COLUMNS: readonly Column[] = [
  column("Last Seen", "string", "The time at which the most recent occurrence of this event was recorded."),
  column("Type", "string", "Type of this event (Normal, Warning), new types could be added in the future"),
  column(
    "Reason",
    "string",
    "This should be a short, machine understandable string that gives the reason for the transition into the object's current status.",
  ),
  column("Object", "string", "The object that this event is about."),
  column(
    "Subobject",
    "string",
    'If referring to a piece of an object instead of an entire object, this string should contain a valid JSON/Go field access statement, such as desiredState.manifest.containers[2]. For example, if the object reference is to a container within a pod, this would take on a value like: "spec.containers{name}" (where "name" refers to the name of the container that triggered the event) or if no container name is specified "spec.containers[2]" (container with index 2 in this pod). This syntax is chosen only to have some well-defined way of referencing a part of an object.',
    true,
  ),
  column("Source", "string", "The component reporting this event. Should be a short machine understandable string.", true),
  column("Message", "string", "A human-readable description of the status of this operation."),
  column("First Seen", "string", "The time at which the event was first recorded. (Time of server receipt is in TypeMeta.)", true),
  column("Count", "string", "The number of times this event has occurred.", true),
  { ...NAME_COLUMN, priority: 1 },
];
