/**
 * What went wrong with a call of the client. Errors are told by their Status and not by their class: controllers know the API's answers, not the server's code.
 */
interface StatusLike {
  reason?: string;
  code?: number;
  details?: { causes?: { reason?: string }[] };
}
const statusOf = (error: unknown): StatusLike | undefined => (error as { status?: StatusLike } | undefined)?.status;
const is = (error: unknown, reason: string): boolean => statusOf(error)?.reason === reason;

export const isNotFound = (error: unknown): boolean => is(error, "NotFound");
export const isAlreadyExists = (error: unknown): boolean => is(error, "AlreadyExists");
export const isConflict = (error: unknown): boolean => is(error, "Conflict");
export const isInvalid = (error: unknown): boolean => is(error, "Invalid");
export const isForbidden = (error: unknown): boolean => is(error, "Forbidden");
/** Nothing can be created: the namespace is being deleted. */
export const isNamespaceTerminating = (error: unknown): boolean =>
  is(error, "Forbidden") && (statusOf(error)?.details?.causes ?? []).some((cause) => cause.reason === "NamespaceTerminating");

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Several failures as one, with Go's text for it: one as it is, several in brackets, repeated texts once. Returns undefined for none. */
export function aggregate(errors: readonly unknown[]): Error | undefined {
  if (errors.length === 0) return undefined;
  if (errors.length === 1) return errors[0] instanceof Error ? errors[0] : new Error(messageOf(errors[0]));
  const texts = [...new Set(errors.map(messageOf))];
  return new Error(texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`, { cause: errors });
}
