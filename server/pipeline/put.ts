import type { KubeObject } from "../../kinds/object.js";
import type { BatchInHand } from "../../storage/store.js";
import { trackUpdate } from "./managed.js";
import { checkName, ensureNamespace, foldOwnerReferences } from "./metadata.js";
import { type Change, mutate, mutateAlong } from "./mutate.js";
import { cloneJson } from "./objects.js";
import type { Answer, RequestContext, Services, Target } from "./types.js";

/** PUT on an object or on a view of it. `object` is decoded, owned, and has no defaults yet. Source: handlers.UpdateResource. */
export function put(services: Services, ctx: RequestContext, target: Target, object: KubeObject): Promise<Answer> {
  const { kind, subresource } = target;
  ensureNamespace(object, kind, target.namespace);
  checkName(object, target);
  foldOwnerReferences(object, ctx, false);
  kind.defaults?.(object);
  return mutate(services, ctx, target, {
    allowCreate: kind.allowCreateOnUpdate === true,
    uid: object.metadata.uid,
    transform: (current) => trackUpdate(services, ctx, kind, subresource, current, object),
  });
}

type Edit = (current: KubeObject) => KubeObject | undefined;

/**
 * Read-modify-write inside the commit, for the in-process client: `edit` gets the shared current object and returns a new one, or undefined (or the same)
 * to leave things
 * as they are.
 */
export const modify = (services: Services, ctx: RequestContext, target: Target, edit: Edit): Promise<Answer> =>
  mutate(services, ctx, target, edited(services, ctx, target, edit));

/** The same as part of another write. */
export const modifyAlong = (batch: BatchInHand, services: Services, ctx: RequestContext, target: Target, edit: Edit): void =>
  mutateAlong(batch, services, ctx, target, edited(services, ctx, target, edit));

function edited(services: Services, ctx: RequestContext, { kind, subresource }: Target, edit: Edit): Change {
  return {
    allowCreate: false,
    transform: (current) => {
      const next = edit(current as KubeObject);
      if (!next || next === current) return current as KubeObject;
      // parts of `next` may be shared with `current`; what follows edits in place
      const { managedFields, ...metadata } = next.metadata;
      const object: KubeObject = cloneJson({ ...next, metadata });
      // nobody edits these: tracking makes new ones, and knows by their identity what it has decoded before
      if (managedFields) object.metadata.managedFields = managedFields;
      kind.defaults?.(object);
      // with a status nothing else is written: what was not touched is `current`'s own again, so that nobody looks for differences in it
      if (subresource === "status")
        for (const name in object) if (name !== "metadata" && name !== "status" && next[name] === current?.[name]) object[name] = next[name];
      return trackUpdate(services, ctx, kind, subresource, current, object);
    },
  };
}
