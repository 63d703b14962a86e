/** Which dependents are a controller's own: taken in by label, let go when they no longer match. Source: pkg/controller/controller_ref_manager.go. */
import type { Informer, ResourceClient } from "../../client/client.js";
import type { Selector } from "../../kinds/labels.js";
import type { Gvk, KubeObject } from "./api.js";
import { aggregate, isInvalid, isNotFound, messageOf } from "./errors.js";
import { controllerOf, controllerRef } from "./podtemplate.js";

const INDEX = "controller";
const orphansOf = (namespace: string): string => `orphans/${namespace}`;

/** Declares the index `ownedBy` and `orphans` read: by the managing controller's uid, or by namespace for those without one. */
export function addControllerIndex(informer: Informer<KubeObject>): void {
  informer.addIndex(INDEX, (object) => [controllerOf(object)?.uid ?? orphansOf(object.metadata.namespace ?? "")]);
}

/** Objects whose managing controller has this uid. */
export const ownedBy = <T extends KubeObject>(informer: Informer<T>, uid: string): readonly T[] => informer.byIndex(INDEX, uid);

/** Objects of a namespace that no controller manages. */
export const orphans = <T extends KubeObject>(informer: Informer<T>, namespace: string): readonly T[] => informer.byIndex(INDEX, orphansOf(namespace));

export interface Claim<T extends KubeObject> {
  readonly owner: KubeObject;
  readonly gvk: Gvk;
  readonly selector: Selector;
  /** The owner's and orphans of its namespace. */
  readonly candidates: readonly T[];
  /** Narrows the selector. */
  readonly filter?: (object: T) => boolean;
  /** Kind of the candidates, for error texts: `Pod`. */
  readonly kind: string;
  readonly resource: ResourceClient<T>;
  /** A finalizer that what is adopted gets and what is let go loses. */
  readonly finalizer?: string;
  /** The owner as it stands now, asked once and only before the first adoption. */
  fresh(): Promise<KubeObject>;
}

/**
 * Returns what the owner may manage. Orphans that match are adopted, owned ones that do not match are released; neither while the owner is being deleted.
 * Throws when a patch failed for another reason than that its object has gone.
 */
export async function claim<T extends KubeObject>(request: Claim<T>): Promise<T[]> {
  const { owner, selector, filter } = request;
  const claimed: T[] = [];
  const errors: unknown[] = [];
  const matches = (object: T): boolean => selector.matches(object.metadata.labels) && (!filter || filter(object));
  let mayAdopt: Promise<void> | undefined;
  for (const object of request.candidates) {
    const controller = controllerOf(object);
    try {
      if (controller) {
        if (controller.uid !== owner.metadata.uid) continue;
        if (matches(object)) claimed.push(object);
        else if (!owner.metadata.deletionTimestamp) await release(request, object);
        continue;
      }
      if (owner.metadata.deletionTimestamp || !matches(object) || object.metadata.deletionTimestamp) continue;
      mayAdopt ??= recheck(request);
      claimed.push(await adopt(request, object, mayAdopt));
    } catch (error) {
      if (!isNotFound(error)) errors.push(error);
    }
  }
  const failure = aggregate(errors);
  if (failure) throw failure;
  return claimed;
}

/** Sees to it that an owner that is on its way out, or has been replaced, adopts nothing (kubernetes #42639). */
async function recheck(request: Pick<Claim<KubeObject>, "owner" | "gvk" | "fresh">): Promise<void> {
  let fresh: KubeObject;
  const { namespace, name, uid } = request.owner.metadata;
  try {
    fresh = await request.fresh();
  } catch (error) {
    throw new Error(`can't recheck DeletionTimestamp: ${messageOf(error)}`);
  }
  if (fresh.metadata.uid !== uid) {
    const gone = `original ${request.gvk.kind} ${namespace}/${name} is gone: got uid ${fresh.metadata.uid}, wanted ${uid}`;
    throw new Error(`can't recheck DeletionTimestamp: ${gone}`);
  }
  if (fresh.metadata.deletionTimestamp) throw new Error(`${namespace}/${name} has just been deleted at ${fresh.metadata.deletionTimestamp}`);
}

async function adopt<T extends KubeObject>(request: Claim<T>, object: T, mayAdopt: Promise<void>): Promise<T> {
  const { namespace = "", name = "", uid } = object.metadata;
  try {
    await mayAdopt;
  } catch (error) {
    throw new Error(`can't adopt ${request.kind} ${namespace}/${name} (${uid}): ${messageOf(error)}`);
  }
  return request.resource.patch(namespace, name, "application/strategic-merge-patch+json", adoptionPatch(request.owner, request.gvk, uid, request.finalizer));
}

/** The patch that makes `owner` the managing controller; the uid is there so that a namesake is refused. */
export const adoptionPatch = (owner: KubeObject, gvk: Gvk, uid: string | undefined, finalizer?: string): object => ({
  metadata: { ownerReferences: [controllerRef(owner, gvk)], uid, ...(finalizer ? { finalizers: [finalizer] } : {}) },
});

async function release<T extends KubeObject>({ resource, owner, finalizer }: Claim<T>, object: T): Promise<void> {
  const { namespace = "", name = "", uid } = object.metadata;
  const finalizers = finalizer ? { "$deleteFromPrimitiveList/finalizers": [finalizer] } : {};
  const patch = { metadata: { uid, ownerReferences: [{ $patch: "delete", uid: owner.metadata.uid }], ...finalizers } };
  try {
    await resource.patch(namespace, name, "application/strategic-merge-patch+json", patch);
  } catch (error) {
    // Gone, replaced by a namesake, or released by someone else already.
    if (!isNotFound(error) && !isInvalid(error)) throw error;
  }
}
