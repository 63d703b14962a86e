/** Source: pkg/apis/storage/validation ValidateStorageClass(Update), pkg/api/storage. */
import { duplicate, type FieldError, invalid, notSupported, required, tooLong } from "../../field.js";
import type { KubeObject } from "../../object.js";
import type { TopologySelectorTerm } from "../../schema/api/core.v1.js";
import { validateQualifiedName } from "../../validation/core.js";
import { validateImmutableField, validateKubeObjectMeta, validateKubeObjectMetaUpdate, validateLabelName } from "../../validation/metadata.js";
import { byteLength, nameIsDNSSubdomain } from "../../validation/names.js";
import { deprecatedNodeLabel } from "../../validation/nodelabels.js";

const MAX_PARAMETERS = 512;
const MAX_PARAMETER_BYTES = 256 * 1024;
const RECLAIM_POLICIES = ["Delete", "Retain"];
const BINDING_MODES = ["Immediate", "WaitForFirstConsumer"];

export function validateParameters(parameters: Record<string, string>): FieldError[] {
  const entries = Object.entries(parameters);
  if (entries.length > MAX_PARAMETERS) return [tooLong("parameters", MAX_PARAMETERS)];
  const out = entries.filter(([key]) => key === "").map(() => invalid("parameters", "", "field can not be empty."));
  const size = entries.reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(value), 0);
  return size > MAX_PARAMETER_BYTES ? [...out, tooLong("parameters", MAX_PARAMETER_BYTES)] : out;
}

function validateTopologies(terms: readonly TopologySelectorTerm[]): FieldError[] {
  const out: FieldError[] = [];
  const seen: string[] = [];
  for (const [i, term] of terms.entries()) {
    const path = `allowedTopologies[${i}].matchLabelExpressions`;
    const byKey = new Map<string, string[]>();
    for (const [j, requirement] of (term.matchLabelExpressions ?? []).entries()) {
      const values = requirement.values ?? [];
      if (values.length === 0) out.push(required(`${path}[${j}].values`));
      for (const [k, value] of values.entries()) if (values.indexOf(value) < k) out.push(duplicate(`${path}[${j}].values[${k}]`, value));
      out.push(...validateLabelName(requirement.key ?? "", `${path}[${j}].key`));
      if (byKey.has(requirement.key)) out.push(duplicate(`${path}[${j}].key`, requirement.key));
      byKey.set(requirement.key, [...new Set(values)].sort());
    }
    // Terms are compared as sets; an empty term equals upstream's preallocated empty ones, one for each term of the list.
    const shown = JSON.stringify([...byKey].sort(([a], [b]) => (a < b ? -1 : 1)));
    const again = seen.filter((other) => other === shown).length + (byKey.size === 0 ? terms.length : 0);
    for (let n = 0; n < again; n++) out.push(duplicate(path, ""));
    seen.push(shown);
  }
  return out;
}

/** A driver's name: qualified, in any case. */
export const validateProvisioner = (name: string, field: string): FieldError[] => (name ? validateQualifiedName(name.toLowerCase(), field) : [required(field)]);

export function validateStorageClass(object: KubeObject): FieldError[] {
  const out = [...validateProvisioner(object.provisioner ?? "", "provisioner"), ...validateParameters(object.parameters ?? {})];
  if (object.reclaimPolicy && !RECLAIM_POLICIES.includes(object.reclaimPolicy)) out.push(notSupported("reclaimPolicy", object.reclaimPolicy, RECLAIM_POLICIES));
  const mode = object.volumeBindingMode ?? null;
  if (mode === null) out.push(required("volumeBindingMode"));
  else if (!BINDING_MODES.includes(mode)) out.push(notSupported("volumeBindingMode", mode, BINDING_MODES));
  return [...out, ...validateTopologies(object.allowedTopologies ?? [])];
}

export function validateStorageClassUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const parameters = validateImmutableField(object.parameters ?? {}, old.parameters ?? {}, "parameters");
  return [
    ...validateKubeObjectMeta(object.metadata, false, nameIsDNSSubdomain),
    ...validateStorageClass(object),
    ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
    ...(parameters.length > 0 ? validateImmutableField(sorted(object.parameters), sorted(old.parameters), "parameters") : []),
    ...validateImmutableField(object.provisioner ?? "", old.provisioner ?? "", "provisioner"),
    ...validateImmutableField(object.reclaimPolicy, old.reclaimPolicy, "reclaimPolicy"),
    ...validateImmutableField(object.volumeBindingMode, old.volumeBindingMode, "volumeBindingMode"),
  ];
}

/** Go prints maps with their keys sorted, and a nil map as null. */
const sorted = (map: Record<string, string> | undefined): Record<string, string> | null =>
  map && Object.keys(map).length > 0 ? Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1))) : null;

export function storageClassWarnings(object: KubeObject): string[] {
  const terms: TopologySelectorTerm[] = object.allowedTopologies ?? [];
  return terms.flatMap((term, i) =>
    (term.matchLabelExpressions ?? []).flatMap((e, j) => {
      const text = deprecatedNodeLabel(e.key);
      return text ? [`allowedTopologies[${i}].matchLabelExpressions[${j}].key: ${text}`] : [];
    }),
  );
}
