/** Resource lists of quotas, limits, nodes and volumes: as they are stored, and which names may stand in them. */
import { type FieldError, invalid } from "../field.js";
import { isQualifiedName } from "../validation/names.js";
import { isExtendedResource, isHugePageName, isNativeResource, isStandardResource, roundUpToMilli } from "./pod/resources.js";

/** Amounts finer than a thousandth are rounded up to one, in place. Source: pkg/apis/core/v1 SetDefaults_ResourceList. */
export function roundAmounts(list: Record<string, string> | null | undefined): void {
  for (const [name, text] of Object.entries(list ?? {})) (list as Record<string, string>)[name] = roundUpToMilli(String(text));
}

/** Source: pkg/apis/core/validation validateResourceName. */
export function validateResourceName(name: string, path: string): FieldError[] {
  const out = isQualifiedName(name).map((text) => invalid(path, name, text));
  if (out.length === 0 && !name.includes("/") && !isStandardResource(name))
    out.push(invalid(path, name, "must be a standard resource type or fully qualified"));
  return out;
}

/** Names of what containers ask for. Source: validateContainerResourceName. */
export function validateContainerResourceName(name: string, path: string): FieldError[] {
  const out = validateResourceName(name, path);
  if (!name.includes("/")) {
    if (!["cpu", "memory", "ephemeral-storage"].includes(name) && !isHugePageName(name))
      out.push(invalid(path, name, "must be a standard resource for containers"));
  } else if (!isNativeResource(name) && !isExtendedResource(name)) out.push(invalid(path, name, "doesn't follow extended resource name standard"));
  return out;
}
