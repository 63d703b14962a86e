/** Source: pkg/apis/core/validation ValidatePersistentVolumeClaim and its updates. */
import { type FieldError, forbidden, invalid, notSupported, required } from "../../field.js";
import type { KubeObject } from "../../object.js";
import { compareQuantity, quantityValue } from "../../quantity.js";
import { FIELD_IS_IMMUTABLE, validateImmutableField, validateKubeObjectMeta, validateKubeObjectMetaUpdate } from "../../validation/metadata.js";
import { isQualifiedName, nameIsDNSSubdomain } from "../../validation/names.js";
import { claimOptions, validateClaimSpec } from "../pod/claim.js";
import { internalDiff, internalEqual } from "../pod/internal.js";
import { isNativeResource, validateAmount } from "../pod/resources.js";
import { STORAGE_CLASS_ANNOTATION } from "../storage.js";

const SPEC = "PersistentVolumeClaimSpec";
const STORAGE = "spec.resources.requests.storage";
const RESIZE_STATUSES = ["ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"];

export const validateClaim = (object: KubeObject): FieldError[] => validateClaimSpec(object.spec ?? {}, "spec");

/** The class may move from the annotation to the field, when both say the same. */
function movesFromAnnotation(object: KubeObject, old: KubeObject): boolean {
  const before = old.metadata.annotations?.[STORAGE_CLASS_ANNOTATION];
  const after = object.metadata.annotations?.[STORAGE_CLASS_ANNOTATION];
  const unset = (old.spec?.storageClassName ?? null) === null;
  return before !== undefined && unset && object.spec?.storageClassName === before && (after === undefined || after === before);
}

/** A claim without a class may get one, once: the default class comes late. */
function getsClass(object: KubeObject, old: KubeObject): boolean {
  const annotation = old.metadata.annotations?.[STORAGE_CLASS_ANNOTATION];
  const now = object.spec?.storageClassName ?? null;
  return now !== null && (old.spec?.storageClassName ?? null) === null && (annotation === undefined || annotation === now);
}

/** The two specs with everything evened out that may differ: they have to be equal then. */
function comparable(object: KubeObject, old: KubeObject): { spec: KubeObject["spec"]; before: KubeObject["spec"]; errors: FieldError[] } {
  const spec = structuredClone(object.spec ?? {});
  const before = structuredClone(old.spec ?? {});
  const errors: FieldError[] = [];
  if (!before.volumeName) before.volumeName = spec.volumeName;
  if (movesFromAnnotation(object, old)) delete spec.storageClassName;
  else {
    const now = object.metadata.annotations?.[STORAGE_CLASS_ANNOTATION] ?? "";
    const was = old.metadata.annotations?.[STORAGE_CLASS_ANNOTATION] ?? "";
    if (now !== was) errors.push(invalid(`metadata.annotations.${STORAGE_CLASS_ANNOTATION}`, now, FIELD_IS_IMMUTABLE));
    if (getsClass(object, old)) spec.storageClassName = before.storageClassName;
  }
  if (object.status?.phase === "Bound") {
    if (spec.resources?.requests) spec.resources.requests.storage = before.resources?.requests?.storage ?? "0";
    spec.volumeAttributesClassName = before.volumeAttributesClassName;
  }
  return { spec, before, errors };
}

function validateClassChange(object: KubeObject, old: KubeObject): FieldError[] {
  const path = "spec.volumeAttributesClassName";
  const now = object.spec?.volumeAttributesClassName ?? null;
  if (now === (old.spec?.volumeAttributesClassName ?? null) || (old.status?.currentVolumeAttributesClassName ?? null) === null) return [];
  if (now === null) return [forbidden(path, "update to nil is forbidden when status.currentVolumeAttributesClassName is not nil")];
  return now === "" ? [forbidden(path, "update to empty string is forbidden when status.currentVolumeAttributesClassName is not nil")] : [];
}

export function validateClaimUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const out = [
    ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
    ...validateKubeObjectMeta(object.metadata, true, nameIsDNSSubdomain),
    ...validateClaimSpec(object.spec ?? {}, "spec", claimOptions(old.spec ?? {})),
  ];
  const { spec, before, errors } = comparable(object, old);
  out.push(...errors);
  if (!internalEqual(SPEC, spec, before)) {
    const text = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
    out.push(forbidden("spec", `${text}\n${internalDiff(SPEC, before, spec)}`));
  }
  const size = (o: KubeObject): string => String(o.spec?.resources?.requests?.storage ?? "0");
  // Shrinking is how a failed expansion is taken back; what the volume has already is the limit.
  if (compareQuantity(size(object), size(old)) < 0 && compareQuantity(size(object), String(old.status?.capacity?.storage ?? "0")) <= 0)
    out.push(forbidden(STORAGE, "field can not be less than status.capacity"));
  return [...out, ...validateImmutableField(object.spec?.volumeMode, old.spec?.volumeMode, "volumeMode"), ...validateClassChange(object, old)];
}

/** Names of resources in a claim's status: storage, or anything qualified of somebody else's. */
function validateResourceKey(name: string, path: string): FieldError[] {
  const out = isQualifiedName(name).map((text) => invalid(path, name, text));
  if (out.length === 0 && isNativeResource(name) && name !== "storage") out.push(notSupported(path, name, ["storage"]));
  return out;
}

const sortedEntries = (map: Record<string, unknown> | undefined): [string, string][] =>
  Object.entries(map ?? {})
    .map(([key, value]): [string, string] => [key, String(value)])
    .sort(([a], [b]) => (a < b ? -1 : 1));

const negative = (quantity: string, path: string): FieldError[] =>
  quantityValue(quantity) < 0 ? [invalid(path, quantityValue(quantity), "must be a valid resource quantity")] : [];

export function validateClaimStatusUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const out = validateKubeObjectMetaUpdate(object.metadata, old.metadata);
  if (!object.metadata.resourceVersion) out.push(required("resourceVersion"));
  if (!object.spec?.accessModes?.length) out.push(required("Spec.accessModes"));
  const status = object.status ?? {};
  for (const [name, quantity] of sortedEntries(status.capacity)) out.push(...negative(quantity, `status.capacity[${name}]`));
  const statuses = "status.allocatedResourceStatuses";
  for (const [name, value] of sortedEntries(status.allocatedResourceStatuses)) {
    out.push(...validateResourceKey(name, statuses));
    if (!RESIZE_STATUSES.includes(value)) out.push(notSupported(statuses, name, [...RESIZE_STATUSES].sort()));
  }
  for (const [name, quantity] of sortedEntries(status.allocatedResources)) {
    const path = "status.allocatedResources";
    const key = validateResourceKey(name, path);
    const bad = key.length > 0 ? key : negative(quantity, `${path}[${name}]`);
    out.push(...(bad.length > 0 ? bad : validateAmount("storage", quantity, `${path}[${name}]`)));
  }
  return out;
}
