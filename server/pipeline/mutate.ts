import { storageKey } from "../../kinds/kind.js";
import type { KubeObject } from "../../kinds/object.js";
import type { BatchInHand } from "../../storage/store.js";
import { bareError, conflict, invalid, notFound, OPTIMISTIC_LOCK } from "../errors.js";
import type { Attributes } from "./admission/types.js";
import { type Committed, commit, commitAlong, type Verdict } from "./commit.js";
import { createTracked } from "./create.js";
import { ensureNamespace, foldOwnerReferences, setTypeMeta } from "./metadata.js";
import { answerEntry, answerObject, canonicalOf, invalidKind, resourceName, sameContent } from "./objects.js";
import { ignoreTimestamps } from "./patch/apply/index.js";
import { hookOf } from "./resources/types.js";
import { prepareForUpdate, validateUpdate, viewOf } from "./strategy.js";
import type { Answer, RequestContext, Services, Target } from "./types.js";
import { versionFault } from "./version.js";

/** How a write gets from the object that is there to the one that shall be. */
export interface Change {
  /**
   * The new object, owned by the caller of `mutate`, with its managedFields already up to date. `current` is shared and must not be written into; it is
   * undefined
   * when nothing is there and `allowCreate` holds. Runs inside the commit.
   */
  transform(current: KubeObject | undefined): KubeObject;
  /** A missing name is created. */
  readonly allowCreate: boolean;
  /** The uid the body names, if it names one: another uid is a conflict (PUT only). */
  readonly uid?: string;
}

/**
 * The one way an existing object changes: PUT, PATCH, apply, views, scale and the in-process `modify`. Source: registry.Store.Update and rest.BeforeUpdate.
 * Order: transform → mutating admission → resourceVersion check → strategy → validation → validating admission → store; an update that changes nothing stores
 * nothing; one
 * that empties the finalizers of a deleted object removes it.
 */
export async function mutate(services: Services, ctx: RequestContext, target: Target, change: Change): Promise<Answer> {
  const { kind } = target;
  const key = storageKey(kind, target.namespace, target.name);
  const done: Committed = await commit(services, ctx, kind, key, (current, batch) => decide(services, ctx, target, key, change, current, batch));
  if (done.action === "delete" && !ctx.dryRun) await hookOf(services, kind)?.afterDelete?.(done.object, ctx, services);
  const code = done.created && done.action === "put" ? 201 : 200;
  return done.entry && done.action !== "delete" ? answerEntry(code, kind, done.entry) : answerObject(code, done.object);
}

/** The same as part of another write: stored with it or not at all, and admitted, prepared and validated all the same. */
export function mutateAlong(batch: BatchInHand, services: Services, ctx: RequestContext, target: Target, change: Change): void {
  const key = storageKey(target.kind, target.namespace, target.name);
  commitAlong(batch, target.kind, key, (current) => decide(services, ctx, target, key, change, current, batch));
}

function decide(
  services: Services,
  ctx: RequestContext,
  target: Target,
  key: string,
  change: Change,
  current: KubeObject | undefined,
  batch: BatchInHand | undefined,
): Verdict {
  const { kind, subresource } = target;
  if (!current) {
    if (!change.allowCreate) throw notFound(resourceName(kind), target.name);
    if (change.uid) throw uidPrecondition(target, ctx.dryRun, key, change.uid, undefined);
    const object = change.transform(undefined);
    ensureNamespace(object, kind, target.namespace);
    return createTracked(services, ctx, target, object, target.name, batch, true);
  }
  if (change.uid && change.uid !== current.metadata.uid) throw uidPrecondition(target, ctx.dryRun, key, change.uid, current);
  const object = change.transform(current);
  if (object === current) return { action: "none", object: current };
  setTypeMeta(object, kind);

  const attributes: Attributes = { operation: "UPDATE", kind, subresource, namespace: target.namespace, name: target.name, object, old: current, batch };
  services.admission.admit(attributes, ctx, services);
  foldOwnerReferences(object, ctx, true);
  const hook = hookOf(services, kind);
  hook?.guardUpdate?.(object, current, target, ctx, services);
  checkVersion(target, object, current);
  hook?.beginUpdate?.(object, current, subresource, ctx, services, batch);
  const next = beforeUpdate(services, ctx, target, object, current);
  services.admission.validate({ ...attributes, object: next }, ctx, services);

  if (vanishes(next, current) && (hook?.mayVanish?.(next) ?? true)) {
    // what goes is what was stored; the client is shown what it sent
    return { action: "delete", object: current, answer: next };
  }
  return sameContent(next, current) ? { action: "none", object: current } : { action: "put", object: next };
}

/** Source: storage.Preconditions.Check by way of storeerr.InterpretUpdateError; a dry run does not know where etcd's keys begin. */
function uidPrecondition(target: Target, dryRun: boolean, key: string, wanted: string, current: KubeObject | undefined): Error {
  return conflict(
    resourceName(target.kind),
    target.name,
    `StorageError: invalid object, Code: 4, Key: ${dryRun ? key.replace(/^\/registry/, "") : key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${current?.metadata.uid ?? ""}`,
  );
}

function checkVersion(target: Target, object: KubeObject, current: KubeObject): void {
  const { kind } = target;
  const version = object.metadata.resourceVersion ?? "";
  const fault = version === "" ? undefined : versionFault(version);
  if (fault !== undefined) throw bareError(fault);
  if (version === "" || /^0+$/.test(version)) {
    if (kind.allowUnconditionalUpdate === false)
      throw invalid({ group: kind.group, kind: kind.resource }, target.name, [
        { type: "FieldValueInvalid", field: "metadata.resourceVersion", message: "Invalid value: 0: must be specified for an update" },
      ]);
    // unconditional: validation wants a version all the same
    object.metadata.resourceVersion = current.metadata.resourceVersion;
    return;
  }
  if (Number(version) !== Number(current.metadata.resourceVersion)) throw conflict(resourceName(kind), target.name, OPTIMISTIC_LOCK);
}

function beforeUpdate(services: Services, ctx: RequestContext, target: Target, object: KubeObject, current: KubeObject): KubeObject {
  const { kind, subresource } = target;
  ensureNamespace(object, kind, target.namespace);
  prepareForUpdate(kind, subresource, object, current, { now: services.now(), user: ctx.user.name });
  const meta = object.metadata;
  const old = current.metadata;
  meta.uid ||= old.uid;
  meta.creationTimestamp = old.creationTimestamp;
  // what is stored has none (PrepareObjectForStorage); a dry run shows what was sent
  if (!ctx.dryRun) meta.selfLink = undefined;
  if (old.deletionTimestamp) meta.deletionTimestamp = old.deletionTimestamp;
  meta.deletionGracePeriodSeconds ??= old.deletionGracePeriodSeconds;
  const errors = validateUpdate(kind, subresource, object, current, hookOf(services, kind)?.findings?.(object, current, target, ctx, services));
  if (errors.length) throw invalid(invalidKind(kind), meta.name ?? "", errors);
  const view = subresource ? viewOf(kind, subresource) : undefined;
  const warnings = view ? view.warningsOnUpdate?.(object, current) : kind.warnings?.(object, current);
  for (const warning of warnings ?? []) ctx.warn(warning);
  const next = canonicalOf(kind, object, current);
  next.metadata.resourceVersion = current.metadata.resourceVersion;
  return ignoreTimestamps(current, next);
}

/** The deletion that was held up may finish. Source: registry.ShouldDeleteDuringUpdate. */
function vanishes(next: KubeObject, current: KubeObject): boolean {
  if ((next.metadata.finalizers?.length ?? 0) > 0 || !current.metadata.deletionTimestamp) return false;
  return (current.metadata.deletionGracePeriodSeconds ?? 0) === 0;
}
