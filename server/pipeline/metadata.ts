import { apiVersionOf, type Kind } from "../../kinds/kind.js";
import type { KubeObject, OwnerReference } from "../../kinds/object.js";
import { badRequest } from "../errors.js";
import { deepEqual } from "./objects.js";
import type { RequestContext, Target } from "./types.js";

/** Fills in or checks metadata.namespace. Source: rest.EnsureObjectNamespaceMatchesRequestNamespace. */
export function ensureNamespace(object: KubeObject, kind: Kind, namespace: string): void {
  const expected = kind.namespaced ? namespace : "";
  const actual = object.metadata.namespace ?? "";
  if (actual === expected) return;
  if (actual === "") object.metadata.namespace = expected;
  else if (expected === "") object.metadata.namespace = undefined;
  else throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
}

/** The body's name must be the URL's. Source: handlers.checkName. */
export function checkName(object: KubeObject, target: Target): void {
  const { name, namespace } = object.metadata;
  if (!name) throw badRequest(`the name of the object (${target.name} based on URL) was undeterminable: name must be provided`);
  if (name !== target.name) throw badRequest(`the name of the object (${name}) does not match the name on the URL (${target.name})`);
  if (target.namespace && namespace && namespace !== target.namespace)
    throw badRequest(`the namespace of the object (${namespace}) does not match the namespace on the request (${target.namespace})`);
}

/** kind and apiVersion as the kind has them. */
export function setTypeMeta(object: KubeObject, kind: Kind): void {
  object.kind = kind.kind;
  object.apiVersion = apiVersionOf(kind);
}

/** Folds equal ownerReferences, with upstream's warning. Source: handlers.dedupOwnerReferencesAndAddWarning. */
export function foldOwnerReferences(object: KubeObject, ctx: RequestContext, afterAdmission: boolean): void {
  const refs = object.metadata.ownerReferences;
  if (!refs || refs.length < 2) return;
  const kept: OwnerReference[] = [];
  const twice: string[] = [];
  for (const ref of refs) {
    if (!kept.some((k) => deepEqual(k, ref))) kept.push(ref);
    else twice.push(ref.uid);
  }
  if (twice.length === 0) return;
  object.metadata.ownerReferences = kept;
  const uids = twice.join(", ");
  ctx.warn(
    afterAdmission
      ? `.metadata.ownerReferences contains duplicate entries after mutating admission happens; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${uids}`
      : `.metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${uids}`,
  );
}
