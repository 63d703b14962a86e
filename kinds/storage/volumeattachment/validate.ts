/** Source: pkg/apis/storage/validation ValidateVolumeAttachment(Update). */

import { validateInlineVolumeSpec } from "../../core/persistentvolume/validate.js";
import { internal, internalEqual } from "../../core/pod/internal.js";
import { validateCSIDriverName } from "../../core/pod/volume-sources.js";
import { type FieldError, forbidden, invalid, required, tooLong } from "../../field.js";
import type { KubeObject } from "../../object.js";
import type { VolumeAttachmentSource, VolumeAttachmentSpec, VolumeAttachmentStatus, VolumeError } from "../../schema/api/storage.v1.js";
import { FIELD_IS_IMMUTABLE, validateKubeObjectMeta } from "../../validation/metadata.js";
import { byteLength, inclusiveRange, nameIsDNSSubdomain } from "../../validation/names.js";

const MAX_METADATA = 256 * 1024;
const MAX_MESSAGE = 1024;
const MAX_INT32 = 2 ** 31 - 1;
const SOURCE = "spec.source";
const ONE_SOURCE = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";

function validateSource(source: VolumeAttachmentSource): FieldError[] {
  const name = source.persistentVolumeName ?? undefined;
  const inline = source.inlineVolumeSpec ?? undefined;
  if (name === undefined && !inline) return [required(SOURCE, ONE_SOURCE)];
  if (name !== undefined && inline) return [forbidden(SOURCE, ONE_SOURCE)];
  if (inline) return validateInlineVolumeSpec(inline, `${SOURCE}.inlineVolumeSpec`);
  return name === "" ? [required(`${SOURCE}.persistentVolumeName`, "must specify non empty persistentVolumeName")] : [];
}

function validateError(error: VolumeError | undefined, field: string): FieldError[] {
  if (!error) return [];
  const code = error.errorCode ?? undefined;
  return [
    // the limit named is not the one applied, upstream as here
    ...(byteLength(error.message ?? "") > MAX_MESSAGE ? [tooLong(`${field}.message`, MAX_METADATA)] : []),
    ...(code !== undefined && code < 0 ? [invalid(`${field}.errorCode`, code, inclusiveRange(0, MAX_INT32))] : []),
  ];
}

function validateStatus(status: Partial<VolumeAttachmentStatus>): FieldError[] {
  const size = Object.entries(status.attachmentMetadata ?? {}).reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(value), 0);
  return [
    ...(size > MAX_METADATA ? [tooLong("status.attachmentMetadata", MAX_METADATA)] : []),
    ...validateError(status.attachError ?? undefined, "status.attachError"),
    ...validateError(status.detachError ?? undefined, "status.detachError"),
  ];
}

export function validateVolumeAttachment(object: KubeObject): FieldError[] {
  const spec: Partial<VolumeAttachmentSpec> = object.spec ?? {};
  const node = spec.nodeName ?? "";
  const volume = spec.source?.persistentVolumeName ?? undefined;
  return [
    ...validateCSIDriverName(spec.attacher, "spec.attacher"),
    ...validateSource(spec.source ?? {}),
    ...nameIsDNSSubdomain(node, false).map((text) => invalid("spec.nodeName", node, text)),
    ...validateStatus(object.status ?? {}),
    ...(volume === undefined ? [] : nameIsDNSSubdomain(volume, false).map((text) => invalid(`${SOURCE}.persistentVolumeName`, volume, text))),
  ];
}

/** The internal struct, as the message prints it. */
const internalSpec = (spec: Partial<VolumeAttachmentSpec>): object => ({
  Attacher: spec.attacher ?? "",
  Source: {
    PersistentVolumeName: spec.source?.persistentVolumeName ?? null,
    InlineVolumeSpec: spec.source?.inlineVolumeSpec ? internal("PersistentVolumeSpec", spec.source.inlineVolumeSpec) : null,
  },
  NodeName: spec.nodeName ?? "",
});

/** Of the object and of its status alike: the status strategy inherits it. */
export function validateVolumeAttachmentUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const now: Partial<VolumeAttachmentSpec> = object.spec ?? {};
  const was: Partial<VolumeAttachmentSpec> = old.spec ?? {};
  const same =
    (now.attacher ?? "") === (was.attacher ?? "") &&
    (now.nodeName ?? "") === (was.nodeName ?? "") &&
    (now.source?.persistentVolumeName ?? null) === (was.source?.persistentVolumeName ?? null) &&
    internalEqual("*PersistentVolumeSpec", now.source?.inlineVolumeSpec, was.source?.inlineVolumeSpec);
  return [
    ...validateKubeObjectMeta(object.metadata, false, nameIsDNSSubdomain),
    ...validateVolumeAttachment(object),
    ...(same ? [] : [invalid("spec", internalSpec(now), FIELD_IS_IMMUTABLE)]),
  ];
}
