/** What status subresources do alike. */
import type { KubeObject } from "./object.js";

const KEPT = ["deletionGracePeriodSeconds", "generation", "selfLink", "labels", "annotations", "finalizers", "ownerReferences", "deletionTimestamp"];

/** metav1.ResetObjectMetaForStatus: these stay as stored, labels and annotations too; managedFields follow the request. */
export function resetMetadataForStatus(object: KubeObject, old: KubeObject): void {
  const meta = object.metadata as Record<string, unknown>;
  const stored = old.metadata as Record<string, unknown>;
  for (const field of KEPT) {
    if (stored[field] === undefined) delete meta[field];
    else meta[field] = stored[field];
  }
}
