/** Source: pkg/apis/core/validation ValidatePersistentVolume(Update), pkg/volume/validation. */
import { posix } from "node:path";
import { type FieldError, forbidden, invalid, notSupported, required } from "../../field.js";
import type { KubeObject } from "../../object.js";
import { canonicalQuantity, compareQuantity, quantityValue } from "../../quantity.js";
import type { NodeSelectorTerm, PersistentVolumeSpec, VolumeNodeAffinity } from "../../schema/api/core.v1.js";
import { FIELD_IS_IMMUTABLE, validateImmutableField, validateKubeObjectMeta, validateKubeObjectMetaUpdate } from "../../validation/metadata.js";
import { isValidLabelValue, nameIsDNSSubdomain } from "../../validation/names.js";
import { BETA_TO_GA } from "../../validation/nodelabels.js";
import { unifiedDiff } from "../pod/diff.js";
import { internal, internalEqual, showInternal } from "../pod/internal.js";
import { validateNodeSelector } from "../pod/scheduling.js";
import { ACCESS_MODES, VOLUME_MODES } from "../storage.js";
import { SOURCE_FIELDS, validateSources } from "./sources.js";

const RECLAIM_POLICIES = ["Delete", "Recycle", "Retain"];
const MOUNT_OPTIONS = "volume.beta.kubernetes.io/mount-options";
/** Sources whose mount options may stand in the old annotation. */
const MOUNTABLE = [
  ...["gcePersistentDisk", "awsElasticBlockStore", "glusterfs", "nfs", "rbd", "quobyte", "iscsi", "cinder", "cephfs", "azureFile"],
  ...["vsphereVolume", "azureDisk", "photonPersistentDisk"],
];

function validateCapacity(given: Record<string, string> | undefined): FieldError[] {
  const capacity = given ?? {};
  const entries = Object.entries(capacity).sort(([a], [b]) => (a < b ? -1 : 1));
  const out: FieldError[] = entries.length > 0 ? [] : [required("spec.capacity")];
  if (capacity.storage === undefined || entries.length > 1) {
    const shown = given ? Object.fromEntries(entries.map(([name, q]) => [name, canonicalQuantity(String(q))])) : null;
    out.push(notSupported("spec.capacity", shown, ["storage"]));
  }
  for (const [name, q] of entries) {
    const path = `spec.capacity[${name}]`;
    const whole = quantityValue(String(q));
    if (whole < 0) out.push(invalid(path, whole, "must be a valid resource quantity"));
    if (compareQuantity(String(q), "0") <= 0) out.push(invalid(path, canonicalQuantity(String(q)), "must be greater than zero"));
  }
  return out;
}

const hasInvalidValues = (affinity: VolumeNodeAffinity | undefined): boolean =>
  (affinity?.required?.nodeSelectorTerms ?? []).some((t) =>
    (t.matchExpressions ?? []).some((e) => (e.values ?? []).some((v) => isValidLabelValue(v).length > 0)),
  );

function validateNodeAffinity(affinity: VolumeNodeAffinity | undefined, old: VolumeNodeAffinity | undefined): FieldError[] {
  if (!affinity) return [];
  if (!affinity.required) return [required("spec.nodeAffinity.required", "must specify required node constraints")];
  return validateNodeSelector(affinity.required, hasInvalidValues(old), "spec.nodeAffinity.required");
}

function validateAccessModes(modes: readonly string[], path: string): FieldError[] {
  const out: FieldError[] = modes.length > 0 ? [] : [required(path)];
  for (const mode of modes) if (!ACCESS_MODES.includes(mode)) out.push(notSupported(path, mode, ACCESS_MODES));
  if (modes.includes("ReadWriteOncePod") && modes.some((m) => m !== "ReadWriteOncePod" && ACCESS_MODES.includes(m)))
    out.push(forbidden(path, "may not use ReadWriteOncePod with other access modes"));
  return out;
}

/** The volume of a VolumeAttachment that stands in no PersistentVolume: CSI only, and nothing that a claim would be matched by. */
export function validateInlineVolumeSpec(spec: Partial<PersistentVolumeSpec>, path: string): FieldError[] {
  const inline = "in the context of inline volumes";
  const never = (field: string): FieldError => forbidden(`${path}.${field}`, `may not be specified ${inline}`);
  const policy = spec.persistentVolumeReclaimPolicy;
  const mode = spec.volumeMode ?? "Filesystem";
  return [
    ...(spec.claimRef ? [never("claimRef")] : []),
    ...(Object.keys(spec.capacity ?? {}).length > 0 ? [never("capacity")] : []),
    ...(spec.csi ? [] : [required(`${path}.csi`, `has to be specified ${inline}`)]),
    ...validateAccessModes(spec.accessModes ?? [], `${path}.accessModes`),
    ...(policy && policy !== "Retain" ? [forbidden(`${path}.persistentVolumeReclaimPolicy`, `may only be Retain ${inline}`)] : []),
    ...(spec.nodeAffinity ? [never("nodeAffinity")] : []),
    // a node affinity counts for nothing here, so that a local volume always lacks one
    ...validateSources({ ...spec, nodeAffinity: undefined }, "", path),
    ...(recyclesRoot(spec) ? [forbidden(`${path}.persistentVolumeReclaimPolicy`, RECYCLES_ROOT)] : []),
    ...(spec.storageClassName ? [never("storageClassName")] : []),
    ...(mode === "Filesystem" ? [] : [forbidden(`${path}.volumeMode`, `may not specify volumeMode other than Filesystem ${inline}`)]),
  ];
}

const RECYCLES_ROOT = "may not be 'recycle' for a hostPath mount of '/'";
const recyclesRoot = (spec: Partial<PersistentVolumeSpec>): boolean =>
  spec.persistentVolumeReclaimPolicy === "Recycle" && spec.hostPath != null && posix.normalize(spec.hostPath.path || ".") === "/";

/** `old` only loosens what a stored object already breaks. */
function validateSpec(object: KubeObject, old?: KubeObject): FieldError[] {
  const spec = object.spec ?? {};
  const out = validateAccessModes(spec.accessModes ?? [], "spec.accessModes");
  out.push(...validateCapacity(spec.capacity));
  const policy = spec.persistentVolumeReclaimPolicy;
  if (policy && !RECLAIM_POLICIES.includes(policy)) out.push(notSupported("spec.persistentVolumeReclaimPolicy", policy, RECLAIM_POLICIES));
  out.push(...validateNodeAffinity(spec.nodeAffinity, old?.spec?.nodeAffinity), ...validateSources(spec, object.metadata.name ?? ""));
  if (recyclesRoot(spec)) out.push(forbidden("spec.persistentVolumeReclaimPolicy", RECYCLES_ROOT));
  const className = (value: string, path: string): FieldError[] => nameIsDNSSubdomain(value, false).map((text) => invalid(path, value, text));
  if (spec.storageClassName) out.push(...className(spec.storageClassName, "spec.storageClassName"));
  if ((spec.volumeMode ?? null) !== null && !VOLUME_MODES.includes(spec.volumeMode)) out.push(notSupported("spec.volumeMode", spec.volumeMode, VOLUME_MODES));
  const attributes = spec.volumeAttributesClassName ?? null;
  if (attributes === null) return out;
  const path = "spec.volumeAttributesClassName";
  out.push(...(attributes === "" ? [required(path, "an empty string is disallowed")] : className(attributes, path)));
  return spec.csi ? out : [...out, required("spec.csi", "has to be specified when using volumeAttributesClassName")];
}

function validateMountOptions(object: KubeObject): FieldError[] {
  if (object.metadata.annotations?.[MOUNT_OPTIONS] === undefined || MOUNTABLE.some((source) => object.spec?.[source])) return [];
  return [forbidden(`metadata.annotations.${MOUNT_OPTIONS}`, "may not specify mount options for this volume type")];
}

export const validatePersistentVolume = (object: KubeObject): FieldError[] => [...validateSpec(object), ...validateMountOptions(object)];

/** The source alone, as the internal PersistentVolumeSource prints: upstream's field order, every field. */
function internalSource(spec: KubeObject["spec"]): Record<string, unknown> {
  const all = internal("PersistentVolumeSpec", spec ?? {});
  const names = new Set(SOURCE_FIELDS.map((field) => field.toLowerCase()));
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name.toLowerCase())));
}

/** A label's beta name may give way to its final one; nothing else may change. */
function sameAffinity(now: VolumeNodeAffinity | undefined, old: VolumeNodeAffinity): boolean {
  const renamed: VolumeNodeAffinity = structuredClone(old);
  const terms: NodeSelectorTerm[] = renamed.required?.nodeSelectorTerms ?? [];
  for (const [i, term] of terms.entries()) {
    for (const list of ["matchExpressions", "matchFields"] as const) {
      for (const [j, requirement] of (term[list] ?? []).entries()) {
        const key = now?.required?.nodeSelectorTerms?.[i]?.[list]?.[j]?.key;
        if (key !== undefined && BETA_TO_GA[requirement.key] === key) requirement.key = key;
      }
    }
  }
  return internalEqual("*VolumeNodeAffinity", now, renamed);
}

export function validatePersistentVolumeUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const own = [...validateKubeObjectMeta(object.metadata, false, nameIsDNSSubdomain), ...validateSpec(object, old)];
  // The strategy runs the validation of the object, and the validation of the update runs it again.
  const out = [...own, ...validateMountOptions(object), ...own];
  const spec = structuredClone(object.spec ?? {});
  // The secret for expansion may be added later, once.
  if (old.spec?.csi && !old.spec.csi.controllerExpandSecretRef && spec.csi) delete spec.csi.controllerExpandSecretRef;
  const before = JSON.stringify(internalSource(old.spec), null, 1);
  const after = JSON.stringify(internalSource(spec), null, 1);
  if (before !== after) {
    out.push(forbidden("spec.persistentvolumesource", `spec.persistentvolumesource is immutable after creation\n${unifiedDiff(before, after)}`));
  }
  out.push(...validateImmutableField(spec.volumeMode, old.spec?.volumeMode, "volumeMode"));
  if (old.spec?.nodeAffinity && !sameAffinity(spec.nodeAffinity, old.spec.nodeAffinity))
    out.push(
      invalid("nodeAffinity", showInternal("VolumeNodeAffinity", spec.nodeAffinity), `${FIELD_IS_IMMUTABLE}, except for updating from beta label to GA`),
    );
  if ((old.spec?.volumeAttributesClassName ?? null) !== null && (spec.volumeAttributesClassName ?? null) === null)
    out.push(forbidden("spec.volumeAttributesClassName", "update from non-nil value to nil is forbidden"));
  return out;
}

export function validatePersistentVolumeStatusUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const out = validateKubeObjectMetaUpdate(object.metadata, old.metadata);
  return object.metadata.resourceVersion ? out : [...out, required("resourceVersion")];
}
