/** Names of signers. Source: pkg/apis/core/validation/names.go ValidateSignerName. */
import { type FieldError, invalid, quote, required, tooLong } from "../field.js";
import { isDNS1123Label, isDNS1123Subdomain } from "./names.js";

const MAX_DOMAIN = 253;
/** A label, a dot, a subdomain. */
const MAX_PATH = 253 + 63 + 1;

/** Findings on the first part that has any: those of the others would say the same. */
function validateParts(parts: readonly string[], shown: string, rule: (part: string) => string[], path: string): FieldError[] {
  for (const part of parts) {
    const found = rule(part);
    if (found.length) return found.map((text) => invalid(path, shown, `validating label ${quote(part)}: ${text}`));
  }
  return [];
}

/** `example.com/signer-name`. */
export function validateSignerName(name: string | undefined, path: string): FieldError[] {
  if (!name) return [required(path)];
  const [domain = "", rest, ...more] = name.split("/");
  if (rest === undefined || more.length) return [invalid(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")];
  const labels = domain.split(".");
  const out = Buffer.byteLength(domain) > MAX_DOMAIN ? [tooLong(path, MAX_DOMAIN)] : [];
  out.push(...validateParts(labels, domain, isDNS1123Label, path));
  if (labels.length < 2) out.push(invalid(path, domain, "should be a domain with at least two segments separated by dots"));
  out.push(...validateParts(rest.split("."), rest, isDNS1123Subdomain, path));
  const max = MAX_DOMAIN + MAX_PATH + 1;
  return Buffer.byteLength(name) > max ? [...out, tooLong(path, max)] : out;
}
