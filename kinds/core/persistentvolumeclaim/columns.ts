/** Columns of `kubectl get persistentvolumeclaims`. */
import type { Column } from "../../kind.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../../printing.js";

export const CLAIM_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  column("Status", "string", "phase represents the current phase of PersistentVolumeClaim."),
  column("Volume", "string", "volumeName is the binding reference to the PersistentVolume backing this claim."),
  column("Capacity", "string", "capacity represents the actual resources of the underlying volume."),
  column(
    "Access Modes",
    "string",
    "accessModes contains the actual access modes the volume backing the PVC has. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#access-modes-1",
  ),
  column("StorageClass", "string", "StorageClass of the pvc"),
  column("VolumeAttributesClass", "string", "VolumeAttributesClass of the pvc"),
  AGE_COLUMN,
  column(
    "VolumeMode",
    "string",
    "volumeMode defines what type of volume is required by the claim. Value of Filesystem is implied when not included in claim spec.",
    true,
  ),
];
