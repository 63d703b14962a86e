/** What PersistentVolumes and claims share. Source: pkg/apis/core/helper. */
import type { KubeObject } from "../object.js";

export const STORAGE_CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class";
export const ACCESS_MODES = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
export const VOLUME_MODES = ["Block", "Filesystem"];

const SHORT: readonly (readonly [string, string])[] = [
  ["ReadWriteOnce", "RWO"],
  ["ReadOnlyMany", "ROX"],
  ["ReadWriteMany", "RWX"],
  ["ReadWriteOncePod", "RWOP"],
];

/** `RWO,ROX`, always in this order. */
export const accessModesText = (modes: readonly string[] | undefined): string =>
  SHORT.filter(([mode]) => modes?.includes(mode))
    .map(([, short]) => short)
    .join(",");

/** The class of a volume or claim: the beta annotation counts before the field. */
export const storageClassOf = (object: KubeObject): string => object.metadata.annotations?.[STORAGE_CLASS_ANNOTATION] ?? object.spec?.storageClassName ?? "";
