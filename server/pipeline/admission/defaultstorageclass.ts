import type { KubeObject } from "../../../kinds/object.js";
import { peekAll } from "./lookup.js";
import type { AdmissionPlugin } from "./types.js";

const IS_DEFAULT = ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];
const isDefault = (c: KubeObject): boolean => IS_DEFAULT.some((key) => c.metadata.annotations?.[key] === "true");

/** The newest of several classes, ties by name. */
export function newestClass(classes: readonly KubeObject[]): KubeObject | undefined {
  const at = (c: KubeObject): number => Date.parse(c.metadata.creationTimestamp ?? "") || 0;
  return [...classes].sort((a, b) => at(b) - at(a) || ((a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1))[0];
}

/** Source: pkg/volume/util GetDefaultClass. */
export const defaultClass = (classes: readonly KubeObject[]): KubeObject | undefined => newestClass(classes.filter(isDefault));

/** Source: plugin/pkg/admission/storage/storageclass/setdefault. */
export const defaultStorageClass: AdmissionPlugin = {
  name: "DefaultStorageClass",
  admit({ operation, kind, subresource, object }, _ctx, services) {
    if (!object || operation !== "CREATE" || kind.group !== "" || kind.resource !== "persistentvolumeclaims" || subresource !== "") return;
    if (object.spec.storageClassName !== undefined && object.spec.storageClassName !== null) return;
    if (object.metadata.annotations?.["volume.beta.kubernetes.io/storage-class"] !== undefined) return;
    const found = defaultClass(peekAll(services, "storage.k8s.io", "v1", "storageclasses"));
    if (found) object.spec.storageClassName = found.metadata.name;
  },
};
