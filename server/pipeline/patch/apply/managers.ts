/**
 * Keeps metadata.managedFields through creates, updates and patches. The order of the rules is that of upstream's chain of managers
 * (managedfields/internal/fieldmanager.go NewDefaultFieldManager), read from the inside out.
 */
import type { KubeObject, ManagedFieldsEntry } from "../../../../kinds/object.js";
import { sameJson } from "../gofmt.js";
import { fieldsOfNew } from "./alike.js";
import { type Comparison, compare } from "./compare.js";
import { difference, type FieldSet, isEmpty, type Pattern, setOfFields, union } from "./fieldset.js";
import { capUpdateManagers, decodeManaged, encodeManaged, identifier, type Managed } from "./managed.js";
import { reconcileFieldSet } from "./reconcile.js";
import { type Type, typeOf } from "./types.js";
import { type Filter, settleUpdate } from "./updater.js";
import { validate } from "./walks.js";

/** An object as another version of its kind shows it. */
export interface Versioned {
  readonly type: Type;
  readonly object: KubeObject;
}

/** What updates and applies have in common. */
export interface WriteContext {
  /** The struct's definition name, or a compiled type (custom resources). */
  readonly struct: string | Type;
  /** What is stored, in the request's version; undefined when the object is created. */
  readonly live: KubeObject | undefined;
  /** Name of the writer; "" becomes "unknown". */
  readonly manager: string;
  /** "" or absent for the main resource. */
  readonly subresource?: string;
  /** Version of the request, `apps/v1`. */
  readonly apiVersion: string;
  /** RFC 3339; kept to the second. */
  readonly nowIso: string;
  /** Fields (and all below them) that the resource's strategy resets on this endpoint: `[["status"]]` on a main resource, `[["spec"], …]` on its status. */
  readonly resetFields?: readonly (readonly string[])[];
  /** Where upstream names the fields that count instead (pods/resize): patterns with `*` for any item. */
  readonly onlyFields?: readonly Pattern[];
  /**
   * Shows an object in another version of its kind, for the managers that wrote that version; undefined drops them (the version is gone). Without it the other
   * versions are those that `isForm` knows, and have the same fields.
   */
  convert?(object: KubeObject, apiVersion: string): Versioned | undefined;
  isForm?(apiVersion: string): boolean;
}

export interface UpdateContext extends WriteContext {
  /** The object to be stored, decoded and defaulted, before admission and strategy. */
  readonly next: KubeObject;
}

/** Fields nobody owns. */
const STRIPPED = setOfFields([
  ["apiVersion"],
  ["kind"],
  ["metadata"],
  ...["name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation", "managedFields", "resourceVersion"].map((name) => [
    "metadata",
    name,
  ]),
]);

export const stripMeta = (set: FieldSet): FieldSet => difference(set, STRIPPED);

const resetSets = new WeakMap<object, FieldSet>();

/** The filter of a context; lists of reset fields are compiled once. */
export function filterOf(context: WriteContext): Filter {
  const { resetFields, onlyFields } = context;
  let reset: FieldSet | undefined;
  if (resetFields?.length) {
    reset = resetSets.get(resetFields);
    if (!reset) {
      reset = setOfFields(resetFields);
      resetSets.set(resetFields, reset);
    }
  }
  return { reset, only: onlyFields };
}

export const typeFor = (struct: string | Type): Type => (typeof struct === "string" ? typeOf(struct) : struct);

/** `2024-05-01T10:00:00.123Z` → `2024-05-01T10:00:00Z`: metav1.Time has whole seconds. */
export const wholeSeconds = (iso: string): string => (iso.includes(".") ? iso.replace(/\.\d+/, "") : iso);

/** Comparisons in the other managers' versions, made when first asked for. */
export function otherVersions(context: WriteContext, live: KubeObject, next: KubeObject, own: Comparison): (apiVersion: string) => Comparison | undefined {
  const known = new Map<string, Comparison | undefined>();
  return (apiVersion) => {
    if (!known.has(apiVersion)) known.set(apiVersion, compareIn(context, apiVersion, live, next, own));
    return known.get(apiVersion);
  };
}

function compareIn(context: WriteContext, apiVersion: string, live: KubeObject, next: KubeObject, own: Comparison): Comparison | undefined {
  if (!context.convert) return context.isForm?.(apiVersion) ? own : undefined;
  const from = context.convert(live, apiVersion);
  const to = context.convert(next, apiVersion);
  return from && to ? compare(from.type, from.object, to.object, isManagedFields) : undefined;
}

/** metadata.managedFields describes the object and is no part of what is described. */
export const isManagedFields = (path: readonly string[]): boolean => path.length === 2 && path[1] === "f:managedFields" && path[0] === "f:metadata";

/** What stands in the place of an object that does not exist yet. */
export const nothing = (apiVersion: string, kind: string | undefined): KubeObject => ({ apiVersion, kind, metadata: {} });

/** Whether a client asks for managedFields to be emptied: an empty list, or a list of one empty entry. */
function isReset(entries: readonly ManagedFieldsEntry[] | null | undefined): boolean {
  if (!entries) return false;
  return entries.length === 0 || (entries.length === 1 && sameJson(entries[0], {}));
}

function decodeOrEmpty(entries: readonly ManagedFieldsEntry[] | null | undefined): Managed {
  try {
    return decodeManaged(entries);
  } catch {
    return new Map();
  }
}

/**
 * The managers a write starts from: the client's own managedFields when it sent usable ones to the main resource, else those stored; none after a reset.
 */
function startingManagers(context: UpdateContext): Managed {
  const stored = context.live?.metadata?.managedFields;
  if (context.subresource) return decodeOrEmpty(stored);
  const sent = context.next.metadata?.managedFields;
  if (isReset(sent)) return new Map();
  if (sent === stored) return decodeOrEmpty(stored);
  const managed = decodeOrEmpty(sent);
  return managed.size > 0 ? managed : decodeOrEmpty(stored);
}

/** The object with these managedFields, a copy down to the metadata. */
export function withManagedFields(object: KubeObject, entries: ManagedFieldsEntry[] | undefined): KubeObject {
  const { managedFields, ...metadata } = object.metadata ?? {};
  if (entries === managedFields && object.metadata) return object;
  return { ...object, metadata: entries ? { ...metadata, managedFields: entries } : metadata };
}

/** Reconciles what managers of a custom resource own with its schema, which may have changed since. Writes into `managed`. */
export function reconcileManaged(context: WriteContext, type: Type, live: KubeObject, managed: Managed): void {
  if (type.go) return;
  for (const [id, m] of managed) {
    const known = m.apiVersion === context.apiVersion || !context.convert ? type : context.convert(live, m.apiVersion)?.type;
    const set = known && reconcileFieldSet(known, m.set);
    if (set && set !== m.set) managed.set(id, { ...m, set, source: undefined });
  }
}

/**
 * The core of an update: settles ownership of what changed between `live` and `next` and adds it to the manager's entry. Writes into `managed`; true when
 * anything in it changed.
 */
export function trackUpdate(context: WriteContext, type: Type, live: KubeObject, next: KubeObject, managed: Managed): void {
  const filter = filterOf(context);
  reconcileManaged(context, type, live, managed);
  const take = (): FieldSet => {
    const changes = compare(type, live, next, isManagedFields);
    return stripMeta(settleUpdate(managed, changes, context.apiVersion, filter, otherVersions(context, live, next, changes)));
  };
  const { struct, subresource: of = "" } = context;
  const fresh = !context.live && managed.size === 0 && typeof struct === "string";
  const taken = fresh ? fieldsOfNew(struct, of, next, take) : take();
  if (!isEmpty(taken)) {
    const manager = context.manager || "unknown";
    const subresource = context.subresource ?? "";
    const id = identifier(manager, "Update", context.apiVersion, subresource);
    const previous = managed.get(id);
    // the time moves only here: a write that changes nothing leaves it
    managed.set(id, {
      manager,
      operation: "Update",
      apiVersion: context.apiVersion,
      subresource,
      set: previous ? union(taken, previous.set) : taken,
      time: wholeSeconds(context.nowIso),
    });
  }
  capUpdateManagers(managed);
}

/**
 * The object to be stored with its managedFields brought up to date, for creates, updates and all patches but apply. Never fails: an object whose fields
 * cannot be told apart is stored without managedFields, as upstream does. Returns `next` itself or a shallow copy; neither argument is written to.
 *
 * Call it where upstream does: after decoding and defaulting, before mutating admission and the strategy's prepareForCreate/Update, so that what those
 * change belongs to nobody.
 */
export function updateManagedFields(context: UpdateContext): KubeObject {
  const { next } = context;
  const managed = startingManagers(context);
  // objects that were never tracked stay so until somebody applies; those being created always are
  if (managed.size === 0 && context.live?.metadata?.uid) return withManagedFields(next, undefined);
  const type = typeFor(context.struct);
  const live = context.live ?? nothing(context.apiVersion, next.kind);
  // Go structs fit their types by construction; a custom resource that does not loses its managedFields
  if (!type.go && (validate(type, next, true).length > 0 || validate(type, live, true).length > 0)) return withManagedFields(next, undefined);
  trackUpdate(context, type, live, next, managed);
  const entries = encodeManaged(managed);
  return withManagedFields(next, entries && sameEntries(entries, context.live?.metadata?.managedFields));
}

/** The stored list where the new one holds the very same entries, so that later comparisons are quick. */
export function sameEntries(entries: ManagedFieldsEntry[], stored: ManagedFieldsEntry[] | undefined): ManagedFieldsEntry[] {
  if (stored?.length !== entries.length) return entries;
  for (let i = 0; i < entries.length; i++) if (entries[i] !== stored[i]) return entries;
  return stored;
}

/**
 * Takes back new times in managedFields when nothing else differs between what is stored and what is about to be: such a write is none. Call it on the final
 * object, right before the comparison that finds writes that change nothing. Source: handlers/fieldmanager/equality.go
 * IgnoreManagedFieldsTimestampsTransformer.
 */
export function ignoreTimestamps(live: KubeObject, next: KubeObject): KubeObject {
  const before = live.metadata?.managedFields;
  const after = next.metadata?.managedFields;
  if (before === after || !before?.length || before.length !== after?.length) return next;
  let moved = false;
  for (let i = 0; i < after.length; i++) {
    const { time: was, ...old } = before[i] as ManagedFieldsEntry;
    const { time: is, ...now } = after[i] as ManagedFieldsEntry;
    if (was !== is) moved = true;
    if (!sameJson(old, now)) return next;
  }
  if (!moved) return next;
  const reverted = withManagedFields(next, before);
  return sameJson(live, reverted) ? reverted : next;
}
