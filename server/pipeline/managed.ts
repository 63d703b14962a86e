import { apiVersionOf, convert, type Kind } from "../../kinds/kind.js";
import type { KubeObject } from "../../kinds/object.js";
import { isRetiredForm } from "../codec/body.js";
import { DecodeError } from "../codec/errors.js";
import { bareError } from "../errors.js";
import { formOf } from "./lookup.js";
import { canonicalOf, timestamp } from "./objects.js";
import { defaultManager, resetFieldsFor, typeOf, updateManagedFields, type WriteContext } from "./patch/apply/index.js";
import type { RequestContext, Services } from "./types.js";

/** The manager a request writes as: the `fieldManager` parameter, else the head of the user agent. */
export const managerOf = (ctx: RequestContext): string => ctx.fieldManager || defaultManager(ctx.userAgent);

/** What a strategy throws away of a write, which nobody comes to own thereby. To be spread into the context of a write or an apply. */
export const resetFieldsOf = (kind: Kind, subresource: string) => resetFieldsFor(kind.group, kind.resource, subresource, kind.status !== undefined);

/** What is applied may hold values of the wrong type; here is where it is read first. Source: Scheme.unstructuredToTyped by way of merge.Updater. */
function readable(kind: Kind, object: KubeObject): KubeObject {
  try {
    return canonicalOf(kind, object);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const gvk = `${kind.group}/${kind.version}, Kind=${kind.kind}`;
    throw bareError(`failed to convert new object: unable to convert unstructured object to ${gvk}: ${error.message}`);
  }
}

/** How managers that wrote another form of the kind see a write. Source: managedfields versionConverter. */
export function conversionOf(services: Services, kind: Kind): Pick<WriteContext, "convert" | "isForm"> {
  const { kinds } = services;
  // a form that is no longer served has the fields of the one that is
  const isForm = (apiVersion: string): boolean => isRetiredForm(kind, apiVersion);
  if (!kinds.hasForms(kind)) return { isForm };
  return {
    isForm,
    convert(object, apiVersion) {
      const form = formOf(kinds, kind, apiVersion) ?? (isForm(apiVersion) ? kind : undefined);
      return form && { type: typeOf(form.schema), object: canonicalOf(form, convert(readable(kind, object), kind, form)) };
    },
  };
}

/** metadata.managedFields after a create, update or patch by this request. Returns the object with them (it may be the one given). */
export function trackUpdate(
  services: Services,
  ctx: RequestContext,
  kind: Kind,
  subresource: string,
  live: KubeObject | undefined,
  next: KubeObject,
): KubeObject {
  return updateManagedFields({
    struct: kind.schema,
    live,
    next,
    manager: managerOf(ctx),
    subresource,
    apiVersion: apiVersionOf(kind),
    nowIso: timestamp(services.now()),
    ...resetFieldsOf(kind, subresource),
    ...conversionOf(services, kind),
  });
}
