import type { KubeObject } from "../../../kinds/object.js";
import { type DeleteOptions, deletionFinalizers } from "../delete.js";
import { timestamp } from "../objects.js";
import type { ResourceHook } from "./types.js";

/**
 * A namespace is deleted in two steps: the first DELETE marks it Terminating, the namespace controller empties it and then its spec.finalizers; only then may it go.
 * Source: pkg/registry/core/namespace/storage.
 */
export const namespaces: ResourceHook = {
  beginDelete(current, options, _ctx, services) {
    if (current.metadata.deletionTimestamp) return finalized(current) ? undefined : { put: current };
    const put: KubeObject = {
      ...current,
      metadata: { ...current.metadata, deletionTimestamp: timestamp(services.now()), finalizers: finalizersOf(current, options) },
      status: { ...current.status, phase: "Terminating" },
    };
    return { put };
  },
  mayVanish: finalized,
};

function finalized(object: KubeObject): boolean {
  return (object.spec?.finalizers?.length ?? 0) === 0;
}

/** Here an option that is not given leaves a finalizer as it is, and orphanDependents=false means foreground. */
function finalizersOf(current: KubeObject, options: DeleteOptions): string[] | undefined {
  if (options.orphanDependents !== undefined)
    return deletionFinalizers({}, current.metadata, { propagationPolicy: options.orphanDependents ? "Orphan" : "Foreground" });
  return deletionFinalizers({}, current.metadata, options);
}
