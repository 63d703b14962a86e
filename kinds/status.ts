/** What status subresources do alike. */
import type { ViewSubresource } from "./kind.js";
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

/** Status, or its absence, from the stored object: what a strategy does to it that writes everything else. */
export function keepStatus(object: KubeObject, old: KubeObject): void {
  if (old.status === undefined) delete object.status;
  else object.status = old.status;
}

/** Verbs of what is a view of an object. */
export const VIEW_VERBS = ["get", "patch", "update"] as const;

/** `/status` of a kind with a spec, which stays as it is stored; `prepareForUpdate` says what else does. */
export const statusView = ({ prepareForUpdate, ...view }: StatusRules): ViewSubresource => ({
  name: "status",
  verbs: VIEW_VERBS,
  ...view,
  prepareForUpdate(object, old, ctx) {
    object.spec = old.spec;
    prepareForUpdate?.(object, old, ctx);
  },
});

type StatusRules = Pick<ViewSubresource, "validateUpdate" | "warningsOnUpdate"> & Partial<Pick<ViewSubresource, "prepareForUpdate">>;
