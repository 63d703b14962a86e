/**
 * The one catalogue of API errors. Everything that answers anything but 2xx is an `ApiError` made here; texts, reasons and codes are those of
 * apimachinery's pkg/api/errors.
 */
import type { FieldError } from "../kinds/field.js";

export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

/** metav1.Status, in Go's field order. */
export interface Status {
  kind: "Status";
  apiVersion: "v1";
  metadata: { resourceVersion?: string; continue?: string; remainingItemCount?: number };
  status: "Success" | "Failure";
  message?: string;
  reason?: string;
  details?: StatusDetails;
  code?: number;
}

/** The group and resource (plural) an error speaks of; `kind` in `details.kind` is the plural resource unless said otherwise. */
export interface ResourceName {
  readonly group: string;
  readonly resource: string;
}

/** `pods`, `statefulsets.apps`. */
export const qualified = (r: ResourceName): string => (r.group ? `${r.resource}.${r.group}` : r.resource);

/** An answer that is a Status. */
export class ApiError extends Error {
  constructor(
    readonly status: Status,
    readonly headers?: Readonly<Record<string, string>>,
  ) {
    super(status.message ?? status.reason ?? "");
    this.name = "ApiError";
  }
  get code(): number {
    return this.status.code ?? 500;
  }
  get reason(): string {
    return this.status.reason ?? "";
  }
}

function failure(code: number, reason: string, message: string, details?: StatusDetails): ApiError {
  const status: Status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message };
  if (reason) status.reason = reason;
  if (details) status.details = details;
  status.code = code;
  return new ApiError(status);
}
const named = (r: ResourceName, name: string): StatusDetails => {
  const d: StatusDetails = {};
  if (name) d.name = name;
  if (r.group) d.group = r.group;
  if (r.resource) d.kind = r.resource;
  return d;
};

export const notFound = (r: ResourceName, name: string): ApiError => failure(404, "NotFound", `${qualified(r)} "${name}" not found`, named(r, name));
/** An unknown resource inside a known group: the details are empty. */
export const unknownResource = (): ApiError => failure(404, "NotFound", "the server could not find the requested resource", {});
export const alreadyExists = (r: ResourceName, name: string): ApiError =>
  failure(409, "AlreadyExists", `${qualified(r)} "${name}" already exists`, named(r, name));
export const conflict = (r: ResourceName, name: string, why: string): ApiError =>
  failure(409, "Conflict", `Operation cannot be fulfilled on ${qualified(r)} "${name}": ${why}`, named(r, name));
/** The text of a lost optimistic lock. */
export const OPTIMISTIC_LOCK = "the object has been modified; please apply your changes to the latest version and try again";
export const forbidden = (r: ResourceName, name: string, why: string): ApiError =>
  failure(
    403,
    "Forbidden",
    r.resource === "" ? `forbidden: ${why}` : name ? `${qualified(r)} "${name}" is forbidden: ${why}` : `${qualified(r)} is forbidden: ${why}`,
    named(r, name),
  );
export const badRequest = (message: string): ApiError => failure(400, "BadRequest", message);
export const unauthorized = (): ApiError => failure(401, "Unauthorized", "Unauthorized");
/** A known resource that does not serve the HTTP method. */
export const methodNotSupported = (): ApiError => failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {});
/** A resource that serves the method, but not to this end: lists that cannot be watched. Source: errors.NewMethodNotSupported. */
export const notSupportedOn = (r: ResourceName, action: string): ApiError =>
  failure(405, "MethodNotAllowed", `${action} is not supported on resources of kind ${JSON.stringify(qualified(r))}`, named(r, ""));
export const notAcceptable = (accepted: readonly string[]): ApiError =>
  failure(406, "NotAcceptable", `only the following media types are accepted: ${accepted.join(", ")}`);
export const unsupportedMediaType = (accepted: readonly string[]): ApiError =>
  failure(415, "UnsupportedMediaType", `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`);
export const gone = (message: string): ApiError => failure(410, "Gone", message);
/** Reads from before the compaction floor; `metadata.continue` may offer a fresh token. */
export const expired = (message: string, freshContinue?: string): ApiError => {
  const e = failure(410, "Expired", message);
  if (freshContinue !== undefined) e.status.metadata.continue = freshContinue;
  return e;
};
/** `Internal error occurred: …` with its cause, as NewInternalError. */
export const internalError = (why: string): ApiError => failure(500, "InternalError", `Internal error occurred: ${why}`, { causes: [{ message: why }] });
/** A bare error of the server: code 500, no reason, the message as it is. */
export const bareError = (message: string): ApiError => failure(500, "", message);
export const timeout = (message: string, retryAfterSeconds = 0): ApiError =>
  failure(504, "Timeout", `Timeout: ${message}`, retryAfterSeconds ? { retryAfterSeconds } : {});
/** A list or get asks for a revision that is not there yet. */
export const tooLargeResourceVersion = (requested: number | bigint, current: number): ApiError =>
  failure(504, "Timeout", `Timeout: Too large resource version: ${requested}, current: ${current}`, {
    causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
    retryAfterSeconds: 1,
  });

/** What a 422 is about: kind (not the resource) with its group. */
export interface InvalidSubject {
  readonly group: string;
  readonly kind: string;
}
/**
 * 422 from a list of findings; the message joins them: one as it is, several as `[a, b]`. Source: errors.NewInvalid, utilerrors.Aggregate (which
 * drops repeated messages).
 */
export function invalid(subject: InvalidSubject, name: string, errors: readonly FieldError[]): ApiError {
  const texts = [...new Set(errors.map((e) => `${e.field}: ${e.message}`))];
  const details: StatusDetails = {};
  if (name) details.name = name;
  if (subject.group) details.group = subject.group;
  if (subject.kind) details.kind = subject.kind;
  if (errors.length) details.causes = errors.map((e) => ({ reason: e.type, message: e.message, field: e.field }));
  const what = subject.group ? `${subject.kind}.${subject.group}` : subject.kind;
  const tail = texts.length === 0 ? "" : texts.length === 1 ? `: ${texts[0]}` : `: [${texts.join(", ")}]`;
  return failure(422, "Invalid", `${what} "${name}" is invalid${tail}`, details);
}
/** What a real server does and this one does not: said at once, by name, instead of a hang or a silent success. */
export const notSupportedHere = (what: string): ApiError => failure(501, "NotImplemented", `mockube does not support ${what}`, {});
/** The same of a whole resource: not there, as on a server that has it switched off, and why. */
export const notServedHere = (resource: string): ApiError =>
  failure(404, "NotFound", `the server could not find the requested resource: mockube does not serve ${resource}`, {});
/** For answers the catalogue has no function for: code, reason, message and details as given. */
export const custom = failure;

const is = (error: unknown, reason: string): boolean => error instanceof ApiError && error.status.reason === reason;
export const isNotFound = (e: unknown): boolean => is(e, "NotFound");
export const isAlreadyExists = (e: unknown): boolean => is(e, "AlreadyExists");
export const isConflict = (e: unknown): boolean => is(e, "Conflict");
export const isInvalid = (e: unknown): boolean => is(e, "Invalid");
export const isForbidden = (e: unknown): boolean => is(e, "Forbidden");
/** The namespace is on its way out: a forbidden create with the cause NamespaceTerminating. */
export const isNamespaceTerminating = (e: unknown): boolean =>
  is(e, "Forbidden") && ((e as ApiError).status.details?.causes ?? []).some((c) => c.reason === "NamespaceTerminating");
