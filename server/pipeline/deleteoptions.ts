import { type FieldError, invalid as invalidField, notSupported } from "../../kinds/field.js";
import type { DeleteOptions } from "./delete.js";

/** What is wrong with options of a deletion. Source: apimachinery pkg/apis/meta/v1/validation ValidateDeleteOptions. */

export const dryRunFindings = (values: readonly string[]): FieldError[] => (values.some((v) => v !== "All") ? [notSupported("dryRun", values, ["All"])] : []);

export function deleteOptionsFindings(options: DeleteOptions & { readonly dryRun?: readonly string[] }): FieldError[] {
  const errors: FieldError[] = [];
  const policy: string | undefined = options.propagationPolicy ?? undefined;
  if (options.orphanDependents !== undefined && policy !== undefined)
    errors.push(invalidField("propagationPolicy", policy, "orphanDependents and deletionPropagation cannot be both set"));
  if (policy !== undefined && !["Foreground", "Background", "Orphan"].includes(policy))
    errors.push(notSupported("propagationPolicy", policy, ["Foreground", "Background", "Orphan", "nil"]));
  return [...errors, ...dryRunFindings(options.dryRun ?? [])];
}
