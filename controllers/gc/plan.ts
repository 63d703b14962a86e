import type { KubeObject, OwnerReference } from "../../kinds/object.js";

export const ORPHAN = "orphan";
export const FOREGROUND = "foregroundDeletion";

/** What an owner reference turned out to point at. */
export type Owner =
  /** The kind is not served: nothing can be said about it, and nothing is done. */
  { readonly is: "unknown" } | { readonly is: "absent" } | { readonly is: "there"; readonly object: KubeObject };

export type Propagation = "Background" | "Foreground" | "Orphan";

/** What is to be done about one object. */
export type Decision =
  | { readonly do: "nothing" }
  /** Take its uid out of its dependents' references, then drop its orphan finalizer. */
  | { readonly do: "orphan dependents" }
  /** Dependents that block it are looked after first. */
  | { readonly do: "wait for dependents" }
  | { readonly do: "drop finalizer" }
  /** Drop references to owners that are gone, or that wait for this very object. */
  | { readonly do: "drop references"; readonly uids: readonly string[] }
  | { readonly do: "delete"; readonly policy: Propagation; readonly unblock: boolean };

const has = (object: KubeObject, finalizer: string): boolean => object.metadata.finalizers?.includes(finalizer) ?? false;

/** Being deleted, and waiting for its dependents. */
export const deletingDependents = (object: KubeObject): boolean => object.metadata.deletionTimestamp !== undefined && has(object, FOREGROUND);

/** Whether the dependent keeps a foreground deletion of the owner waiting. */
export const blocks = (dependent: KubeObject, owner: KubeObject): boolean =>
  (dependent.metadata.ownerReferences ?? []).some((r) => r.uid === owner.metadata.uid && r.blockOwnerDeletion === true);

/**
 * Decides about `object` from its owners and dependents as they are now. Source: pkg/controller/garbagecollector attemptToDeleteItem, processDeletingDependentsItem,
 * processTransitions.
 */
export function decide(object: KubeObject, owners: readonly (readonly [OwnerReference, Owner])[], dependents: readonly KubeObject[]): Decision {
  if (object.metadata.deletionTimestamp) {
    if (has(object, ORPHAN)) return { do: "orphan dependents" };
    if (!has(object, FOREGROUND)) return { do: "nothing" };
    return dependents.some((d) => blocks(d, object)) ? { do: "wait for dependents" } : { do: "drop finalizer" };
  }
  if (owners.length === 0 || owners.some(([, o]) => o.is === "unknown")) return { do: "nothing" };
  const solid = owners.filter(([, o]) => o.is === "there" && !deletingDependents(o.object));
  const waiting = owners.filter(([, o]) => o.is === "there" && deletingDependents(o.object));
  if (solid.length > 0) {
    const rest = owners.filter((o) => !solid.includes(o));
    return rest.length === 0 ? { do: "nothing" } : { do: "drop references", uids: rest.map(([r]) => r.uid) };
  }
  // A dependent that waits for its own dependents may wait for its owner in a circle: references that block are made not to.
  if (waiting.length > 0 && dependents.length > 0) return { do: "delete", policy: "Foreground", unblock: dependents.some(deletingDependents) };
  return { do: "delete", policy: has(object, ORPHAN) ? "Orphan" : has(object, FOREGROUND) ? "Foreground" : "Background", unblock: false };
}

/** Source: objectReference.String in graph.go; the text of OwnerRefInvalidNamespace. */
export const invalidNamespaceMessage = (ref: OwnerReference, namespace: string): string =>
  `ownerRef [${ref.apiVersion}/${ref.kind}, namespace: ${namespace}, name: ${ref.name}, uid: ${ref.uid}] does not exist in namespace "${namespace}"`;

/** Whether two lists of references say the same to the collector. */
export function sameReferences(a: readonly OwnerReference[] = [], b: readonly OwnerReference[] = []): boolean {
  return (
    a === b ||
    (a.length === b.length &&
      a.every((r, i) => {
        const s = b[i];
        return r.uid === s.uid && r.name === s.name && r.kind === s.kind && r.apiVersion === s.apiVersion && r.blockOwnerDeletion === s.blockOwnerDeletion;
      }))
  );
}
