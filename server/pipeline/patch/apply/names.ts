/** Names of field managers. Source: endpoints/handlers/create.go prefixFromUserAgent, apis/meta/v1/validation ValidateFieldManager. */
import { type FieldError, invalid, tooLong } from "../../../../kinds/field.js";

/** Longest manager name, in bytes. */
export const FIELD_MANAGER_MAX_LENGTH = 128;

const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** The manager of a request that names none: the user agent up to the first slash, printable characters only, at most 128 bytes. May be empty. */
export function defaultManager(userAgent: string): string {
  let out = "";
  let bytes = 0;
  for (const ch of userAgent.split("/", 1)[0] ?? "") {
    if (!PRINTABLE.test(ch)) continue;
    bytes += Buffer.byteLength(ch);
    if (bytes > FIELD_MANAGER_MAX_LENGTH) break;
    out += ch;
  }
  return out;
}

/** Findings about the option `fieldManager` (or the field `path`). */
export function validateFieldManager(name: string, path = "fieldManager"): FieldError[] {
  const out: FieldError[] = [];
  if (Buffer.byteLength(name) > FIELD_MANAGER_MAX_LENGTH) out.push(tooLong(path, FIELD_MANAGER_MAX_LENGTH));
  let position = 0;
  for (const ch of name) {
    if (!PRINTABLE.test(ch)) {
      const code = (ch.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, "0");
      out.push(invalid(path, name, `invalid character U+${code} (at position ${position})`));
    }
    position += Buffer.byteLength(ch);
  }
  return out;
}
