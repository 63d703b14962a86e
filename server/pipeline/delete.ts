import { apiVersionOf, type Kind, storageKey, storedKind } from "../../kinds/kind.js";
import type { KubeObject, ObjectMeta } from "../../kinds/object.js";
import { conflict, notFound } from "../errors.js";
import { commit, type Verdict } from "./commit.js";
import { answerEntry, answerObject, canonicalOf, resourceName, sameContent, servedForm, timestamp } from "./objects.js";
import { hookOf } from "./resources/types.js";
import type { Answer, RequestContext, Services, Target } from "./types.js";

/** metav1.DeleteOptions, decoded and validated. */
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: "Background" | "Foreground" | "Orphan";
  /** Legacy: true means Orphan; overrides everything. */
  readonly orphanDependents?: boolean;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

const ORPHAN = "orphan";
const FOREGROUND = "foregroundDeletion";

/** What became of the object: gone, marked, or already on its way. */
type Fate = "gone" | "marked" | "pending" | "zero-grace";

/**
 * DELETE on one object. Source: registry.Store.Delete, rest.BeforeDelete. An object with finalizers, or with a grace period, is only marked; a grace period
 * that is
 * over is first written (watchers see it) and then the object is removed.
 */
export async function remove(services: Services, ctx: RequestContext, target: Target, options: DeleteOptions, ofCollection = false): Promise<Answer> {
  if (!ofCollection) hookOf(services, target.kind)?.guardDelete?.(target);
  // deletion looks at metadata only: it works on the stored form, whichever form was asked for
  const kind = storedKind(target.kind);
  warnOfPropagation(kind, ctx, options);
  const key = storageKey(kind, target.namespace, target.name);
  let fate: Fate = "gone";
  const done = await commit(services, ctx, kind, key, (current) => {
    const [verdict, what] = decide(services, ctx, target, options, current);
    fate = what;
    return verdict;
  });
  // a client that says orphanDependents=false is told whether the object is still there (handlers.DeleteResource)
  const later = options.orphanDependents === false ? 202 : 200;
  const after = async (object: KubeObject): Promise<void> => {
    if (!ctx.dryRun) await hookOf(services, kind)?.afterDelete?.(object, ctx, services);
  };
  if (fate === "gone") {
    await after(done.object);
    return deleted(target.kind, done.object, 200);
  }
  if (fate === "pending") return deleted(target.kind, done.object, later);
  if (fate === "marked") return done.entry ? answerEntry(later, target.kind, done.entry) : answerObject(later, servedForm(target.kind, done.object));
  if (ctx.dryRun) return answerObject(200, servedForm(target.kind, done.object));
  const last = await commit(services, ctx, kind, key, (current) =>
    current && current.metadata.uid === done.object.metadata.uid ? { action: "delete", object: current } : { action: "none", object: done.object },
  );
  await after(last.object);
  return deleted(target.kind, last.object, 200);
}

/** Says what becomes of dependents where the kind's answer surprises and the client did not ask. */
export function warnOfPropagation(kind: Kind, ctx: RequestContext, options: DeleteOptions): void {
  if (kind.deleteWarning && options.propagationPolicy === undefined && options.orphanDependents === undefined) ctx.warn(kind.deleteWarning);
}

/** `object` is in its stored form. Source: registry.Store.finalizeDelete. */
function deleted(kind: Kind, object: KubeObject, code: Answer["code"]): Answer {
  if (kind.returnDeletedObject) return answerObject(code, servedForm(kind, object));
  const details = { name: object.metadata.name, ...(kind.group ? { group: kind.group } : {}), kind: kind.resource, uid: object.metadata.uid };
  return answerObject(code, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details });
}

function decide(services: Services, ctx: RequestContext, target: Target, options: DeleteOptions, current: KubeObject | undefined): [Verdict, Fate] {
  const kind = storedKind(target.kind);
  if (!current) throw notFound(resourceName(target.kind), target.name);
  const admit = (): void =>
    services.admission.validate(
      { operation: "DELETE", kind: target.kind, subresource: "", namespace: target.namespace, name: target.name, object: undefined, old: current },
      ctx,
      services,
    );
  const mark = (object: KubeObject): Verdict => {
    const next = canonicalOf(kind, object);
    return sameContent(next, current) ? { action: "none", object: current } : { action: "put", object: next };
  };
  const special = hookOf(services, kind)?.beginDelete?.(current, options, ctx, services);
  if (special) {
    if (special.put !== current) admit();
    return [mark(special.put), "marked"];
  }
  checkPreconditions(kind, current, options);

  const object: KubeObject = { kind: kind.kind, apiVersion: apiVersionOf(kind), ...current, metadata: { ...current.metadata } };
  const grace = graceful(services, kind, object.metadata, object, options);
  if (grace === "pending") return [{ action: "none", object: current }, "pending"];
  admit();
  object.metadata.finalizers = deletionFinalizers(kind, object.metadata, options);
  const held = (object.metadata.finalizers?.length ?? 0) > 0;
  if (grace === undefined) {
    if (!held) return [{ action: "delete", object: current }, "gone"];
    markDeleting(services, object.metadata);
    return [mark(object), "marked"];
  }
  return [mark(object), held || grace > 0 ? "marked" : "zero-grace"];
}

function checkPreconditions(kind: Kind, current: KubeObject, { preconditions }: DeleteOptions): void {
  if (!preconditions) return;
  const what = { group: kind.group, resource: kind.kind };
  const { uid = "", resourceVersion = "", name = "" } = current.metadata;
  if (preconditions.uid !== undefined && preconditions.uid !== uid)
    throw conflict(
      what,
      name,
      `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    );
  if (preconditions.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion)
    throw conflict(
      what,
      name,
      `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`,
    );
}

/**
 * Sets deletion time and grace on `meta`. Returns the grace in seconds, undefined where the kind knows none, "pending" when a deletion with the same or a
 * shorter grace
 * is under way. Source: rest.BeforeDelete.
 */
function graceful(services: Services, kind: Kind, meta: ObjectMeta, object: KubeObject, options: DeleteOptions): number | undefined | "pending" {
  if (!kind.gracefulDeletion) return undefined;
  const requested = options.gracePeriodSeconds !== undefined && options.gracePeriodSeconds < 0 ? 1 : options.gracePeriodSeconds;
  if (meta.deletionTimestamp) {
    const running = meta.deletionGracePeriodSeconds;
    if (!running) return undefined;
    if (requested === undefined || requested >= running) return "pending";
    let period = requested;
    let at = Date.parse(meta.deletionTimestamp) - milliseconds(running) + milliseconds(requested);
    if (at < services.now()) {
      at = services.now();
      if (period !== 0) period = 1;
    }
    meta.deletionTimestamp = timestamp(at);
    meta.deletionGracePeriodSeconds = period;
    return period;
  }
  const grace = kind.gracefulDeletion.gracePeriod(object, requested);
  if (grace === undefined) return undefined;
  meta.deletionTimestamp = timestamp(services.now() + milliseconds(grace));
  meta.deletionGracePeriodSeconds = grace;
  if (meta.generation) meta.generation++;
  return grace;
}

/** Seconds as Go's time.Duration holds them: beyond 292 years it wraps around. */
const milliseconds = (seconds: number): number => Number(BigInt.asIntN(64, BigInt(seconds) * 1_000_000_000n) / 1_000_000n);

/** Source: registry.markAsDeleting. */
function markDeleting(services: Services, meta: ObjectMeta): void {
  if (!meta.deletionTimestamp && meta.generation) meta.generation++;
  if (!meta.deletionTimestamp || Date.parse(meta.deletionTimestamp) > services.now()) meta.deletionTimestamp = timestamp(services.now());
  meta.deletionGracePeriodSeconds = 0;
}

/** The garbage collector's finalizers as the options want them. Source: deletionFinalizersForGarbageCollection. */
export function deletionFinalizers(kind: Pick<Kind, "defaultPropagation">, meta: ObjectMeta, options: DeleteOptions): string[] | undefined {
  const now = meta.finalizers ?? [];
  const orphan = wants(options, "Orphan", now, ORPHAN, FOREGROUND) ?? kind.defaultPropagation === "orphan";
  const foreground = options.orphanDependents === undefined && (wants(options, "Foreground", now, FOREGROUND, ORPHAN) ?? false);
  const rest = now.filter((f) => f !== ORPHAN && f !== FOREGROUND);
  if (orphan) rest.push(ORPHAN);
  if (foreground) rest.push(FOREGROUND);
  const same = rest.length === now.length && rest.every((f) => now.includes(f));
  return same ? meta.finalizers : rest;
}

/** Explicit options first, then what an earlier delete left on the object. Undefined when neither speaks. */
function wants(options: DeleteOptions, policy: string, finalizers: readonly string[], mine: string, other: string): boolean | undefined {
  if (options.orphanDependents !== undefined) return policy === "Orphan" ? options.orphanDependents : false;
  if (options.propagationPolicy) return options.propagationPolicy === policy;
  for (const f of finalizers) {
    if (f === mine) return true;
    if (f === other) return false;
  }
  return undefined;
}
