/** What controller and attacher name alike. */
import type { VolumeAttachment } from "../../runtime/api.js";

export { CSI_DRIVERS, type CSIDriver, VOLUME_ATTACHMENTS, type VolumeAttachment } from "../../runtime/api.js";
export { type Attachable, attachableOf, csiVolumeOf, isControllerAttached } from "../../runtime/attachables.js";

/** The index over attachments by their volume, and by their node. */
export const BY_VOLUME = "attachments.volume";
export const BY_NODE = "attachments.node";
export const volumeKeys = ({ spec }: VolumeAttachment): string[] => (spec.source.persistentVolumeName ? [spec.source.persistentVolumeName] : []);
export const nodeKeys = ({ spec }: VolumeAttachment): string[] => [spec.nodeName];
