import type { AdmissionPlugin } from "./types.js";

const FINALIZER: Readonly<Record<string, string>> = {
  persistentvolumes: "kubernetes.io/pv-protection",
  persistentvolumeclaims: "kubernetes.io/pvc-protection",
};

/** Source: plugin/pkg/admission/storage/storageobjectinuseprotection. */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: "StorageObjectInUseProtection",
  admit({ operation, kind, subresource, object }) {
    const finalizer = kind.group === "" ? FINALIZER[kind.resource] : undefined;
    if (!object || operation !== "CREATE" || !finalizer || subresource !== "") return;
    const finalizers = object.metadata.finalizers ?? [];
    if (!finalizers.includes(finalizer)) object.metadata.finalizers = [...finalizers, finalizer];
  },
};
