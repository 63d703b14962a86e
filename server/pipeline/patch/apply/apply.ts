/** Server-side apply. Source: managedfields/internal structuredmerge.go, lastappliedmanager.go, lastappliedupdater.go, conflict.go. */
import { quote } from "../../../../kinds/field.js";
import type { KubeObject } from "../../../../kinds/object.js";
import { stringify } from "../../../codec/encode.js";
import { parseJson } from "../../../codec/json.js";
import { sortedDeep } from "../../../codec/specials.js";
import { bareName } from "../../../../kinds/schema/index.js";
import { type ApiError, badRequest, bareError, custom } from "../../../errors.js";
import { compare } from "./compare.js";
import { difference, type FieldSet, has } from "./fieldset.js";
import { printPath } from "./fieldsv1.js";
import { decodeManaged, encodeManaged, identifier, type Managed } from "./managed.js";
import {
  filterOf,
  isManagedFields,
  nothing,
  otherVersions,
  reconcileManaged,
  sameEntries,
  stripMeta,
  trackUpdate,
  typeFor,
  type WriteContext,
  wholeSeconds,
  withManagedFields,
} from "./managers.js";
import { MergeError } from "./merge.js";
import { type Type, withoutViews } from "./types.js";
import { applyConfiguration, type Conflict, Conflicts } from "./updater.js";
import { goView } from "./values.js";
import { printFindings, toFieldSet, validate } from "./walks.js";

export interface ApplyContext extends WriteContext {
  /** Kind the endpoint serves; needed for compiled types only, a struct is named after its kind. */
  readonly kind?: string;
  /** The applied configuration, as decoded: nothing defaulted, nothing dropped. */
  readonly patchObject: KubeObject;
  readonly force?: boolean;
}

export interface Applied {
  /** The object to default, admit, validate and store. */
  readonly object: KubeObject;
  /** Whether anything differs from the live object but the times in managedFields. */
  readonly changed: boolean;
}

const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
const BEFORE_FIRST_APPLY = "before-first-apply";
const MAX_ANNOTATIONS = 256 * 1024;

/** schema.GroupVersionKind's text: `apps/v1, Kind=Deployment`, `/v1, Kind=ConfigMap`. */
function gvkText(object: { apiVersion?: unknown; kind?: unknown }): string {
  const apiVersion = typeof object.apiVersion === "string" ? object.apiVersion : "";
  const kind = typeof object.kind === "string" ? object.kind : "";
  return `${apiVersion.includes("/") ? apiVersion : `/${apiVersion}`}, Kind=${kind}`;
}

const subject = (object: KubeObject): string => `${textOf(object.metadata?.namespace)}/${textOf(object.metadata?.name)}; ${gvkText(object)}`;
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/**
 * Applies a configuration to the live object (or to nothing, which creates it). Throws 400 for a configuration of another kind or one that carries
 * managedFields, 409 for conflicts with other managers unless `force`, bare 500s for configurations that do not fit the schema. Arguments are not written to.
 */
export function apply(context: ApplyContext): Applied {
  const { patchObject } = context;
  const type = typeFor(context.struct);
  const kind = context.kind ?? bareName(type.name ?? "");
  if (gvkText(patchObject) !== gvkText({ apiVersion: context.apiVersion, kind })) throw badRequest(`invalid object type: ${gvkText(patchObject)}`);
  const state = start(context, type, kind);
  let result: KubeObject | undefined;
  try {
    result = attempt(context, type, state, context.force === true);
  } catch (error) {
    if (!(error instanceof Conflicts)) throw error;
    if (context.manager !== "kubectl") throw conflictError(error.list);
    // kubectl takes over what client-side apply left behind: conflicts on values that stand as last applied are none
    const allowed = ownedByLastApplied(type, state.live, context.apiVersion);
    if (!allowed) throw conflictError(error.list);
    const rest = error.list.filter((c) => !has(allowed, c.path));
    if (rest.length) throw conflictError(rest);
    result = attempt(context, type, state, true);
  }
  return finish(context, type, state, result);
}

interface State {
  readonly live: KubeObject;
  managed: Managed;
}

/** The live object as its struct shows it, and its managers; those of an object that was never tracked get one entry for all that is there. */
function start(context: ApplyContext, type: Type, kind: string): State {
  const seen = (object: KubeObject): KubeObject => (type.go ? (goView(type, object) as KubeObject) : object);
  const live = seen(context.live ?? nothing(context.apiVersion, kind));
  let managed: Managed;
  try {
    managed = decodeManaged(context.live?.metadata?.managedFields);
  } catch (error) {
    throw bareError(`failed to decode managed fields: ${(error as Error).message}`);
  }
  if (managed.size === 0 && context.live) {
    const wrong = type.go ? [] : validate(type, live, true);
    if (wrong.length) {
      throw bareError(`failed to create manager for existing fields: failed to convert new object (${subject(live)}) to smd typed: ${printFindings(wrong)}`);
    }
    trackUpdate({ ...context, manager: BEFORE_FIRST_APPLY }, type, seen(nothing(context.apiVersion, kind)), live, managed);
  }
  return { live, managed };
}

/** One pass of merging and settling. Returns undefined when the object stays as it is. On failure `state.managed` is as before. */
function attempt(context: ApplyContext, type: Type, state: State, force: boolean): KubeObject | undefined {
  const { patchObject, apiVersion } = context;
  const managedFields: unknown = patchObject.metadata?.managedFields;
  if (Array.isArray(managedFields)) throw badRequest("metadata.managedFields must be nil");
  const plain = withoutViews(type);
  const findings = validate(plain, patchObject, false);
  if (findings.length) throw bareError(`failed to create typed patch object (${subject(patchObject)}): ${printFindings(findings)}`);
  if (!type.go) {
    const wrong = validate(plain, state.live, true);
    if (wrong.length) throw bareError(`failed to create typed live object (${subject(state.live)}): ${printFindings(wrong)}`);
  }
  const managed: Managed = new Map(state.managed);
  reconcileManaged(context, type, state.live, managed);
  const manager = context.manager || "unknown";
  const subresource = context.subresource ?? "";
  let next: KubeObject | undefined;
  try {
    next = applyConfiguration({
      type: plain,
      live: state.live,
      config: patchObject,
      managed,
      manager,
      apiVersion,
      subresource,
      filter: filterOf(context),
      other: (version, from, to) => otherVersions(context, from as KubeObject, to as KubeObject, compare(plain, from, to, isManagedFields))(version),
      force,
    }) as KubeObject | undefined;
  } catch (error) {
    if (error instanceof MergeError) throw bareError(`failed to merge config: ${printFindings(error.findings)}`);
    throw error;
  }
  const id = identifier(manager, "Apply", apiVersion, subresource);
  const own = managed.get(id);
  if (own) {
    const set = stripMeta(own.set);
    if (set.members.size === 0 && set.children.size === 0) managed.delete(id);
    // an applier's time moves with every apply that changes the object
    else managed.set(id, { ...own, set, time: next ? wholeSeconds(context.nowIso) : own.time });
  }
  state.managed = managed;
  return next;
}

function finish(context: ApplyContext, type: Type, state: State, result: KubeObject | undefined): Applied {
  const before = context.live?.metadata?.managedFields;
  let object = result ? (type.go ? (goView(type, result) as KubeObject) : result) : (context.live ?? state.live);
  const encoded = encodeManaged(state.managed);
  const entries = encoded && before ? sameEntries(encoded, before) : encoded;
  object = withManagedFields(object, entries);
  if (context.manager === "kubectl" && object.metadata.annotations?.[LAST_APPLIED]) object = withLastApplied(object, context.patchObject);
  const changed = result !== undefined || !sameButTimes(before, entries) || !context.live;
  return { object, changed };
}

function sameButTimes(a: readonly object[] | undefined, b: readonly object[] | undefined): boolean {
  if (a === b) return true;
  const key = (list: readonly object[] | undefined) => stringify(sortedDeep((list ?? []).map((entry) => ({ ...entry, time: undefined }))));
  return key(a) === key(b);
}

/** Fields of the last-applied annotation whose values still stand; undefined when the annotation is missing or of no use. */
function ownedByLastApplied(type: Type, live: KubeObject, apiVersion: string): FieldSet | undefined {
  const text = live.metadata?.annotations?.[LAST_APPLIED];
  if (!text) return undefined;
  let last: KubeObject;
  try {
    last = parseJson(text) as KubeObject;
  } catch {
    return undefined;
  }
  if (!last || typeof last.kind !== "string" || last.apiVersion !== apiVersion) return undefined;
  const plain = withoutViews(type);
  if (validate(plain, live, false).length || validate(plain, last, false).length) return undefined;
  const c = compare(plain, last, live);
  return difference(difference(difference(toFieldSet(plain, last), c.modified), c.added), c.removed);
}

/** Keeps kubectl's annotation in step with what kubectl applied, unless it would make the annotations too large: then it goes. */
function withLastApplied(object: KubeObject, applied: KubeObject): KubeObject {
  const config = { ...applied, metadata: { ...applied.metadata } };
  if (config.metadata.annotations) {
    const { [LAST_APPLIED]: _, ...rest } = config.metadata.annotations;
    config.metadata.annotations = rest;
  }
  const annotations: Record<string, string> = { ...object.metadata.annotations, [LAST_APPLIED]: `${goJson(config)}\n` };
  let size = 0;
  for (const [name, v] of Object.entries(annotations)) size += Buffer.byteLength(name) + Buffer.byteLength(v);
  if (size > MAX_ANNOTATIONS) delete annotations[LAST_APPLIED];
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** JSON as encoding/json writes a map: keys sorted, `<`, `>` and `&` escaped. */
const goJson = (v: unknown): string => stringify(sortedDeep(v));

function printManager(c: Conflict): string {
  const { manager, subresource, operation, apiVersion } = c.manager;
  let text = quote(manager);
  if (subresource) text += ` with subresource ${quote(subresource)}`;
  if (operation === "Update") text += ` using ${apiVersion}`;
  return text;
}

/** 409 with one cause per field. Source: NewConflictError. */
function conflictError(list: readonly Conflict[]): ApiError {
  const causes = list.map((c) => ({ reason: "FieldManagerConflict", message: `conflict with ${printManager(c)}`, field: printPath(c.path) }));
  const [only] = list;
  let message: string;
  if (list.length === 1 && only) {
    message = `Apply failed with 1 conflict: conflict with ${printManager(only)}: ${printPath(only.path)}`;
  } else {
    const lines: string[] = [];
    let previous: string | undefined;
    for (const c of list) {
      if (c.id !== previous) lines.push(`conflicts with ${printManager(c)}:`);
      previous = c.id;
      lines.push(`- ${printPath(c.path)}`);
    }
    message = `Apply failed with ${list.length} conflicts: ${lines.join("\n")}`;
  }
  return custom(409, "Conflict", message, { causes });
}
