/** The spec of a claim template, in ephemeral volumes and StatefulSets. Source: pkg/apis/core/validation ValidatePersistentVolumeClaimSpec. */
import { type FieldError, forbidden, invalid, notSupported, required } from "../../field.js";
import { canonicalQuantity, compareQuantity } from "../../quantity.js";
import type { PersistentVolumeClaimSpec } from "../../schema/api/core.v1.js";
import { type LabelSelector, validateLabelSelector } from "../../validation/metadata.js";
import { isDNS1123Subdomain, nameIsDNSLabel, nameIsDNSSubdomain } from "../../validation/names.js";
import { validateAmount } from "./resources.js";

const ACCESS_MODES = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

interface DataReference {
  readonly apiGroup?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
}

/** What an update may keep though it is wrong. Source: ValidationOptionsForPersistentVolumeClaim. */
export interface ClaimOptions {
  /** Any API group of a data source: the stored claim names one. */
  readonly anyGroup: boolean;
  readonly anyLabelValue: boolean;
}
const STRICT: ClaimOptions = { anyGroup: false, anyLabelValue: false };

/** The options that a stored claim gives its update. */
export function claimOptions(old: Partial<PersistentVolumeClaimSpec>): ClaimOptions {
  const { dataSource, dataSourceRef } = old as { dataSource?: DataReference; dataSourceRef?: DataReference };
  return {
    anyGroup: (dataSource?.apiGroup ?? null) !== null || (dataSourceRef?.apiGroup ?? null) !== null,
    anyLabelValue: validateLabelSelector(old.selector as LabelSelector, {}, "").length > 0,
  };
}

function validateReference(ref: DataReference, path: string, anyGroup: boolean): FieldError[] {
  const out: FieldError[] = [...(ref.name ? [] : [required(`${path}.name`)]), ...(ref.kind ? [] : [required(`${path}.kind`)])];
  const group = ref.apiGroup ?? "";
  if (group === "" && ref.kind !== "PersistentVolumeClaim")
    out.push(invalid(path, ref.kind ?? "", "must be 'PersistentVolumeClaim' when referencing the default apiGroup"));
  if (group !== "" && !anyGroup) for (const text of isDNS1123Subdomain(group)) out.push(invalid(`${path}.apiGroup`, group, text));
  if (ref.namespace) for (const text of nameIsDNSLabel(ref.namespace, false)) out.push(invalid(`${path}.namespace`, ref.namespace, text));
  return out;
}

/** The group is a pointer: "" differs from none. */
const sameSource = (a: DataReference, b: DataReference): boolean =>
  (a.apiGroup ?? null) === (b.apiGroup ?? null) && (a.kind ?? "") === (b.kind ?? "") && (a.name ?? "") === (b.name ?? "");

export function validateClaimSpec(spec: Partial<PersistentVolumeClaimSpec>, path: string, options = STRICT): FieldError[] {
  const modes = spec.accessModes ?? [];
  const out: FieldError[] = modes.length > 0 ? [] : [required(`${path}.accessModes`, "at least 1 access mode is required")];
  out.push(...validateLabelSelector(spec.selector as LabelSelector, { allowInvalidLabelValueInSelector: options.anyLabelValue }, `${path}.selector`));
  for (const mode of modes) if (!ACCESS_MODES.includes(mode)) out.push(notSupported(`${path}.accessModes`, mode, ACCESS_MODES));
  if (modes.includes("ReadWriteOncePod") && modes.some((m) => m !== "ReadWriteOncePod" && ACCESS_MODES.includes(m)))
    out.push(forbidden(`${path}.accessModes`, "may not use ReadWriteOncePod with other access modes"));
  const storage = spec.resources?.requests?.storage;
  const at = `${path}.resources[storage]`;
  if (storage === undefined) out.push(required(at));
  else if (compareQuantity(String(storage), "0") <= 0) out.push(invalid(at, canonicalQuantity(String(storage)), "must be greater than zero"));
  else out.push(...validateAmount("storage", String(storage), at));
  if (spec.storageClassName)
    for (const text of nameIsDNSSubdomain(spec.storageClassName, false)) out.push(invalid(`${path}.storageClassName`, spec.storageClassName, text));
  if (spec.volumeMode !== undefined && !["Block", "Filesystem"].includes(spec.volumeMode))
    out.push(notSupported(`${path}.volumeMode`, spec.volumeMode, ["Block", "Filesystem"]));
  const { dataSource, dataSourceRef } = spec as { dataSource?: DataReference; dataSourceRef?: DataReference };
  if (dataSource) out.push(...validateReference({ ...dataSource, namespace: undefined }, `${path}.dataSource`, options.anyGroup));
  if (dataSourceRef) out.push(...validateReference(dataSourceRef, `${path}.dataSourceRef`, options.anyGroup));
  // Upstream prints a field.Path as the value here, which marshals to an empty object.
  if (dataSource && dataSourceRef?.namespace) out.push(invalid(path, {}, "may not be specified when dataSourceRef.namespace is specified"));
  else if (dataSource && dataSourceRef && !sameSource(dataSource, dataSourceRef)) out.push(invalid(path, {}, "must match dataSourceRef"));
  if (spec.volumeAttributesClassName)
    for (const text of nameIsDNSSubdomain(spec.volumeAttributesClassName, false))
      out.push(invalid(`${path}.volumeAttributesClassName`, spec.volumeAttributesClassName, text));
  return out;
}
