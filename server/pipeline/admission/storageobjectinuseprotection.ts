import type { AdmissionPlugin } from "./types.js";

/** By `group/resource`. */
const FINALIZER: Readonly<Record<string, string>> = {
  "/persistentvolumes": "kubernetes.io/pv-protection",
  "/persistentvolumeclaims": "kubernetes.io/pvc-protection",
  "storage.k8s.io/volumeattributesclasses": "kubernetes.io/vac-protection",
};

/** Source: plugin/pkg/admission/storage/storageobjectinuseprotection. */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: "StorageObjectInUseProtection",
  admit({ operation, kind, subresource, object }) {
    if (!object || operation !== "CREATE" || subresource !== "") return;
    const finalizer = FINALIZER[`${kind.group}/${kind.resource}`];
    if (!finalizer) return;
    const finalizers = object.metadata.finalizers ?? [];
    if (!finalizers.includes(finalizer)) object.metadata.finalizers = [...finalizers, finalizer];
  },
};
