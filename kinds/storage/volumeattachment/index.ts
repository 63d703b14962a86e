/** VolumeAttachment of storage.k8s.io/v1. Sources: pkg/registry/storage/volumeattachment, pkg/apis/storage. */
import { defaultVolumeSource } from "../../core/persistentvolume/defaults.js";
import type { Kind } from "../../kind.js";
import { age, printer } from "../../printing.js";
import { resetMetadataForStatus, statusView } from "../../status.js";
import { VOLUME_ATTACHMENT_COLUMNS } from "./printer.js";
import { validateVolumeAttachment, validateVolumeAttachmentUpdate } from "./validate.js";

export const volumeAttachment: Kind = {
  group: "storage.k8s.io",
  version: "v1",
  kind: "VolumeAttachment",
  resource: "volumeattachments",
  singular: "volumeattachment",
  namespaced: false,
  schema: "io.k8s.api.storage.v1.VolumeAttachment",
  defaults(object) {
    const inline = object.spec?.source?.inlineVolumeSpec;
    if (inline) defaultVolumeSource(inline);
  },
  validate: validateVolumeAttachment,
  validateUpdate: validateVolumeAttachmentUpdate,
  status: statusView({
    prepareForUpdate: resetMetadataForStatus,
    validateUpdate: validateVolumeAttachmentUpdate,
  }),
  allowUnconditionalUpdate: false,
  returnDeletedObject: true,
  printer: printer(VOLUME_ATTACHMENT_COLUMNS, (o, ctx) => [
    o.metadata.name ?? "",
    o.spec?.attacher ?? "",
    o.spec?.source?.persistentVolumeName ?? "",
    o.spec?.nodeName ?? "",
    o.status?.attached ?? false,
    age(o, ctx),
  ]),
};
