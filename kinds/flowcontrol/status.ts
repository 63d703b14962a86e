/** The status of flow schemas and priority levels: metadata stays as it is, conditions have types of their own. Source: pkg/registry/flowcontrol, pkg/apis/flowcontrol/validation. */
import { duplicate, type FieldError, required } from "../field.js";
import type { KubeObject } from "../object.js";
import { statusView } from "../status.js";

export function validateFlowConditions(object: KubeObject): FieldError[] {
  const seen = new Set<string>();
  return ((object.status?.conditions ?? []) as { type?: string }[]).flatMap(({ type = "" }, i) => {
    const path = `status.conditions[${i}].type`;
    const out = seen.has(type) ? [duplicate(path, type)] : [];
    seen.add(type);
    return type === "" ? [...out, required(path)] : out;
  });
}

export const flowStatus = statusView({
  prepareForUpdate(object, old) {
    const { managedFields } = object.metadata;
    object.metadata = { ...old.metadata };
    if (managedFields) object.metadata.managedFields = managedFields;
    else delete object.metadata.managedFields;
  },
  validateUpdate: validateFlowConditions,
});
