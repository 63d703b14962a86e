import { SYSTEM_PRIORITY_CLASSES } from "../../../kinds/scheduling/priorityclass/index.js";
import { forbidden } from "../../errors.js";
import { resourceName } from "../objects.js";
import type { ResourceHook } from "./types.js";

/** Source: pkg/registry/scheduling/priorityclass/storage Delete. */
export const priorityClasses: ResourceHook = {
  guardDelete({ kind, name }) {
    if (SYSTEM_PRIORITY_CLASSES.some((c) => c.name === name))
      throw forbidden(resourceName(kind), name, "this is a system priority class and cannot be deleted");
  },
};
