import { apiVersionOf, type Kind } from "../../kinds/kind.js";
import type { KubeObject } from "../../kinds/object.js";
import { defaultManager, updateManagedFields } from "./patch/apply/index.js";
import { timestamp } from "./objects.js";
import type { RequestContext, Services } from "./types.js";

/** The manager a request writes as: the `fieldManager` parameter, else the head of the user agent. */
export const managerOf = (ctx: RequestContext): string => ctx.fieldManager || defaultManager(ctx.userAgent);

/**
 * Fields whose changes a strategy throws away: they are not owned by who sent them. Source: the strategies' GetResetFields.
 */
export function resetFieldsOf(kind: Kind, subresource: string): string[][] {
  if (!kind.status) return [];
  return subresource === "status" ? [["spec"]] : [["status"]];
}

/** metadata.managedFields after a create, update or patch by this request. Returns the object with them (it may be the one given). */
export function trackUpdate(services: Services, ctx: RequestContext, kind: Kind, subresource: string, live: KubeObject | undefined, next: KubeObject): KubeObject {
  return updateManagedFields({
    struct: kind.schema,
    live,
    next,
    manager: managerOf(ctx),
    subresource,
    apiVersion: apiVersionOf(kind),
    nowIso: timestamp(services.now()),
    resetFields: resetFieldsOf(kind, subresource),
  });
}
