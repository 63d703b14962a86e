import type { FieldError } from "../../../kinds/field.js";
import type { Kind } from "../../../kinds/kind.js";
import type { KubeObject } from "../../../kinds/object.js";
import type { BatchInHand } from "../../../storage/store.js";
import type { DeleteOptions } from "../delete.js";
import type { Answer, RequestContext, Services, Target } from "../types.js";

/**
 * What a few resources do beyond the generic store, because their registry upstream does (pkg/registry/core/<resource>/storage): a Service allocates
 * addresses, a
 * Namespace is deleted in two steps. Hooks run inside the commit, between admission and the strategy. Synchronous; errors are ApiErrors.
 */
export interface ResourceHook {
  /** Whether the user may make this, beyond what authorization said: roles and bindings grant rights. Before a name is generated. */
  guardCreate?(object: KubeObject, target: Target, ctx: RequestContext, services: Services): void;
  /** The same of a change, `old` shared. */
  guardUpdate?(object: KubeObject, old: KubeObject, target: Target, ctx: RequestContext, services: Services): void;
  /** A kind that is asked and not kept (its only verb is create): what a POST answers. The object is the caller's to edit, defaulted and admitted. */
  answer?(object: KubeObject, target: Target, ctx: RequestContext, services: Services): KubeObject;
  /** The objects of a computed kind as they are now. */
  computed?(): readonly KubeObject[];
  /** Takes the place of storing: what a POST on a kind that is not kept does and answers. `object` is decoded and has its namespace. */
  create?(object: KubeObject, target: Target, ctx: RequestContext, services: Services): Promise<Answer>;
  /** Before a deletion by name (those of a collection are not asked about): may refuse it, whether the object is there or not. */
  guardDelete?(target: Target): void;
  /** Before a new object is prepared and validated. May edit it. */
  beginCreate?(object: KubeObject, ctx: RequestContext, services: Services, batch: BatchInHand | undefined): void;
  /** Before a changed object is prepared and validated; `subresource` is "" for the object itself. May edit it. */
  beginUpdate?(object: KubeObject, old: KubeObject, subresource: string, ctx: RequestContext, services: Services, batch: BatchInHand | undefined): void;
  /** What the strategy's validation finds beyond the prepared object itself, before the rest; `old` on changes. */
  findings?(object: KubeObject, old: KubeObject | undefined, target: Target, ctx: RequestContext, services: Services): FieldError[];
  /** What else is written when this is: in the same commit, just before it. `now` is absent on deletions. Not on dry runs, and not where nothing changes. */
  alongside?(old: KubeObject | undefined, now: KubeObject | undefined, batch: BatchInHand, services: Services): void;
  /** Takes the place of the generic deletion: returns what to store instead (the current object itself: leave it), or undefined to go on as usual. */
  beginDelete?(current: KubeObject, options: DeleteOptions, ctx: RequestContext, services: Services): { readonly put: KubeObject } | undefined;
  /** When an object has gone for good (not on dry runs). Errors of its own are not the caller's: the object is gone. */
  afterDelete?(object: KubeObject, ctx: RequestContext, services: Services): Promise<void>;
  /** Whether an object whose finalizers are empty and which is being deleted may go (namespaces also want spec.finalizers empty). */
  mayVanish?(object: KubeObject): boolean;
  /** POST on a subresource that is not a view, by subresource name. */
  readonly connect?: Readonly<Record<string, (body: KubeObject, target: Target, ctx: RequestContext, services: Services) => Promise<Answer>>>;
}

/** The hook of a kind's resource, if it has one. */
export const hookOf = ({ resources }: Services, kind: Pick<Kind, "group" | "resource">): ResourceHook | undefined =>
  resources.get(`${kind.group}/${kind.resource}`);

/** Hooks by `group/resource` (`/pods`, `apps/statefulsets`). */
export type ResourceHooks = ReadonlyMap<string, ResourceHook>;
