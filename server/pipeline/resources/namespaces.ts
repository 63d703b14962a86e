import type { KubeObject } from "../../../kinds/object.js";
import { type DeleteOptions, deletionFinalizers } from "../delete.js";
import { conflict } from "../../errors.js";
import { timestamp } from "../objects.js";
import type { ResourceHook } from "./types.js";

/**
 * A namespace is deleted in two steps: the first DELETE marks it Terminating, the namespace controller empties it and then its spec.finalizers; only then may
 * it go.
 * Source: pkg/registry/core/namespace/storage.
 */
export const namespaces: ResourceHook = {
  beginDelete(current, options, _ctx, services) {
    checkPreconditions(current, options);
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

/** The same question as for other kinds, in this registry's own words. */
function checkPreconditions({ metadata }: KubeObject, { preconditions = {} }: DeleteOptions): void {
  const refuse = (what: string, wanted: string, is = ""): void => {
    if (wanted !== is)
      throw conflict(
        { group: "", resource: "namespaces" },
        metadata.name ?? "",
        `Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${is}`,
      );
  };
  if (preconditions.uid !== undefined) refuse("UID", preconditions.uid, metadata.uid);
  if (preconditions.resourceVersion !== undefined) refuse("ResourceVersion", preconditions.resourceVersion, metadata.resourceVersion);
}

function finalized(object: KubeObject): boolean {
  return (object.spec?.finalizers?.length ?? 0) === 0;
}

/** Here an option that is not given leaves a finalizer as it is, and orphanDependents=false means foreground. */
function finalizersOf(current: KubeObject, options: DeleteOptions): string[] | undefined {
  if (options.orphanDependents !== undefined)
    return deletionFinalizers({}, current.metadata, { propagationPolicy: options.orphanDependents ? "Orphan" : "Foreground" });
  return deletionFinalizers({}, current.metadata, options);
}
