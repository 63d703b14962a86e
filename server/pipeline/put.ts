import type { KubeObject } from "../../kinds/object.js";
import { trackUpdate } from "./managed.js";
import { checkName, ensureNamespace, foldOwnerReferences } from "./metadata.js";
import { mutate } from "./mutate.js";
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

/**
 * Read-modify-write inside the commit, for the in-process client: `change` gets the shared current object and returns a new one, or undefined (or the same)
 * to leave things
 * as they are.
 */
export function modify(services: Services, ctx: RequestContext, target: Target, change: (current: KubeObject) => KubeObject | undefined): Promise<Answer> {
  const { kind, subresource } = target;
  return mutate(services, ctx, target, {
    allowCreate: false,
    transform: (current) => {
      const next = change(current as KubeObject);
      if (!next || next === current) return current as KubeObject;
      // parts of `next` may be shared with `current`; what follows edits in place
      const { managedFields, ...metadata } = next.metadata;
      const object: KubeObject = cloneJson({ ...next, metadata });
      // nobody edits these: tracking makes new ones, and knows by their identity what it has decoded before
      if (managedFields) object.metadata.managedFields = managedFields;
      kind.defaults?.(object);
      return trackUpdate(services, ctx, kind, subresource, current, object);
    },
  });
}
