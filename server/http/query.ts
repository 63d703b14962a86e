import { type FieldError, forbidden, notSupported, quote } from "../../kinds/field.js";
import { validateFieldManager } from "../../kinds/validation/metadata.js";
import { badRequest, invalid } from "../errors.js";
import type { DeleteOptions } from "../pipeline/delete.js";
import { deleteOptionsFindings, dryRunFindings } from "../pipeline/deleteoptions.js";
import type { ListParameters } from "../pipeline/list.js";
import type { FieldValidation } from "../pipeline/types.js";

const refuse = (kind: string, errors: readonly FieldError[]): void => {
  if (errors.length) throw invalid({ group: "meta.k8s.io", kind }, "", errors);
};

/** The parameters of a URL. Pairs with a malformed escape or a semicolon are dropped, as Go's url.ParseQuery does where its error is ignored. */
export function parseQuery(text: string): URLSearchParams {
  if (!text.includes("%") && !text.includes(";")) return new URLSearchParams(text);
  const pairs = text.split("&").filter((pair) => !pair.includes(";") && !/%(?![0-9a-fA-F]{2})/.test(pair));
  return new URLSearchParams(pairs.join("&"));
}

/** A boolean parameter as Go's conversion reads it: present and not "false" or "0" is true. Source: runtime.Convert_Slice_string_To_bool. */
export function flag(query: URLSearchParams, name: string): boolean | undefined {
  const value = query.get(name);
  if (value === null) return undefined;
  return value.toLowerCase() !== "false" && value !== "0";
}

/** An integer parameter. 400 with Go's text when it is none. Source: strconv.ParseInt. */
function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const bad = (why: string) => badRequest(`strconv.ParseInt: parsing ${quote(text)}: ${why}`);
  if (!/^[+-]?\d+$/.test(text)) throw bad("invalid syntax");
  if (text.length > 18 && BigInt.asIntN(64, BigInt(text)) !== BigInt(text)) throw bad("value out of range");
  return Number(text);
}

/** An int64 beyond 2^53 is a bigint, as in decoded bodies. */
const exact = (value: number | undefined, text: string | null): number | bigint | undefined =>
  value === undefined || text === null || Number.isSafeInteger(value) ? value : BigInt(text.replace("+", ""));

/** ListOptions of the URL. */
export interface ListQuery extends ListParameters {
  readonly watch: boolean;
  readonly labelSelector: string;
  readonly fieldSelector: string;
  readonly timeoutSeconds: number | undefined;
  readonly allowWatchBookmarks: boolean;
  readonly sendInitialEvents: boolean | undefined;
}

/** Source: metav1.ListOptions, internalversion defaults and validation. `forceWatch` on the legacy watch paths. */
export function listQuery(query: URLSearchParams, forceWatch = false): ListQuery {
  const watch = flag(query, "watch") === true;
  const resourceVersion = query.get("resourceVersion") ?? "";
  let sendInitialEvents = flag(query, "sendInitialEvents");
  let match = query.get("resourceVersionMatch") ?? "";
  const token = query.get("continue") ?? "";
  // a watch from "0" or from nowhere begins with the state, and says where that ends (SetListOptionsDefaults); the legacy paths do not set `watch`
  if (watch && match === "" && sendInitialEvents === undefined && (resourceVersion === "" || resourceVersion === "0")) {
    sendInitialEvents = true;
    match = "NotOlderThan";
  }
  refuse("ListOptions", watch ? watchErrors(match, token, sendInitialEvents) : listErrors(match, token, resourceVersion, sendInitialEvents));
  return {
    watch: watch || forceWatch,
    labelSelector: query.get("labelSelector") ?? "",
    fieldSelector: query.get("fieldSelector") ?? "",
    limit: integer(query, "limit") ?? 0,
    continue: token,
    resourceVersion,
    resourceVersionMatch: match,
    timeoutSeconds: integer(query, "timeoutSeconds"),
    allowWatchBookmarks: flag(query, "allowWatchBookmarks") === true,
    sendInitialEvents,
  };
}

function listErrors(match: string, token: string, version: string, initial: boolean | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const path = "resourceVersionMatch";
  if (match) {
    if (!version) errors.push(forbidden(path, "resourceVersionMatch is forbidden unless resourceVersion is provided"));
    if (token) errors.push(forbidden(path, "resourceVersionMatch is forbidden when continue is provided"));
    if (match !== "Exact" && match !== "NotOlderThan") errors.push(notSupported(path, match, ["Exact", "NotOlderThan", ""]));
    if (match === "Exact" && version === "0") errors.push(forbidden(path, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  if (initial !== undefined) errors.push(forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
  return errors;
}

function watchErrors(match: string, token: string, initial: boolean | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const path = "resourceVersionMatch";
  if (initial !== undefined && match !== "NotOlderThan")
    errors.push(forbidden(path, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
  if (match) {
    if (initial === undefined) errors.push(forbidden(path, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
    if (match !== "NotOlderThan") errors.push(notSupported(path, match, ["NotOlderThan"]));
    if (token) errors.push(forbidden(path, "resourceVersionMatch is forbidden when continue is provided"));
  }
  return errors;
}

/** What create, update and patch share. */
export interface WriteQuery {
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly fieldValidation: FieldValidation;
  readonly force: boolean | undefined;
}

/** CreateOptions, UpdateOptions or PatchOptions of the URL. `applying` makes the manager a must. Source: meta/v1/validation. */
export function writeQuery(query: URLSearchParams, kind: "CreateOptions" | "UpdateOptions" | "PatchOptions", applying = false): WriteQuery {
  const errors: FieldError[] = [];
  const force = flag(query, "force");
  const fieldManager = query.get("fieldManager") ?? "";
  if (kind === "PatchOptions") {
    if (applying && fieldManager === "")
      errors.push({ type: "FieldValueRequired", field: "fieldManager", message: "Required value: is required for apply patch" });
    if (!applying && force !== undefined) errors.push(forbidden("force", "may not be specified for non-apply patch"));
  }
  errors.push(...validateFieldManager(fieldManager, "fieldManager"));
  const dry = query.getAll("dryRun");
  errors.push(...dryRunFindings(dry));
  const validation = query.get("fieldValidation") ?? "";
  if (!["", "Ignore", "Warn", "Strict"].includes(validation)) errors.push(notSupported("fieldValidation", validation, ["", "Ignore", "Strict", "Warn"]));
  refuse(kind, errors);
  return { dryRun: dry.length > 0, fieldManager, fieldValidation: (validation || "Warn") as FieldValidation, force };
}

/** Parameters that are preconditions of a DELETE without a body. Source: meta/v1 Convert_url_Values_To_v1_DeleteOptions. */
function preconditionsOf(query: URLSearchParams): DeleteOptions["preconditions"] {
  const [uid, resourceVersion] = [query.get("uid") || undefined, query.get("resourceVersion") || undefined];
  return uid === undefined && resourceVersion === undefined ? undefined : { uid, resourceVersion };
}

/** DeleteOptions as they come in the body (decoded) or, without a body, in the URL. */
export function deleteQuery(query: URLSearchParams, body: Readonly<Record<string, unknown>> | undefined): { options: DeleteOptions; dryRun: boolean } {
  const source = body ?? {
    gracePeriodSeconds: exact(integer(query, "gracePeriodSeconds"), query.get("gracePeriodSeconds")),
    preconditions: preconditionsOf(query),
    propagationPolicy: query.get("propagationPolicy") ?? undefined,
    orphanDependents: flag(query, "orphanDependents"),
    dryRun: query.has("dryRun") ? query.getAll("dryRun") : undefined,
  };
  const options = source as DeleteOptions & { dryRun?: string[] };
  // a body takes the place of the URL, dryRun included
  const dry = options.dryRun ?? [];
  refuse("DeleteOptions", deleteOptionsFindings(options));
  return { options, dryRun: dry.length > 0 };
}
