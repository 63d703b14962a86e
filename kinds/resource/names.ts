/** Names in resource.k8s.io. Source: pkg/apis/resource/validation. */
import { validateCSIDriverName } from "../core/pod/volume-sources.js";
import { type FieldError, invalid, required, tooLong } from "../field.js";
import { validateDNS1123Label, validateDNS1123Subdomain } from "../validation/core.js";
import { byteLength, isCIdentifier, isValidLabelValue, nameIsDNSSubdomain } from "../validation/names.js";

/** What may be as long as a C identifier in an attribute's name, and the whole of such a name. */
const MAX_ID = 32;
const MAX_POOL = 253;

/** Driver names are CSI's: a subdomain in any case, 63 bytes at most. */
export const validateDriverName = validateCSIDriverName;

/** One or more subdomains separated by slashes. */
export function validatePoolName(name: string | undefined, path: string): FieldError[] {
  if (!name) return [required(path)];
  const out = byteLength(name) > MAX_POOL ? [tooLong(path, MAX_POOL)] : [];
  return [...out, ...name.split("/").flatMap((part) => validateDNS1123Subdomain(part, path))];
}

/** Names of requests, devices, counters and counter sets. */
export const validateLabelLike = (name: string | undefined, path: string): FieldError[] => validateDNS1123Label(name ?? "", path);

export const validateDeviceClassName = (name: string | undefined, path: string): FieldError[] =>
  name ? validateDNS1123Subdomain(name, path) : [required(path)];

export const validateNodeName = (name: string, path: string): FieldError[] => nameIsDNSSubdomain(name, false).map((text) => invalid(path, name, text));

export const validateLabelValue = (value: string, path: string): FieldError[] => isValidLabelValue(value).map((text) => invalid(path, value, text));

function validateIdentifier(id: string, path: string): FieldError[] {
  const out = byteLength(id) > MAX_ID ? [tooLong(path, MAX_ID)] : [];
  return [...out, ...isCIdentifier(id).map((text) => invalid(path, id, text))];
}

/** `[domain/]identifier`. More than one slash passes: upstream knows, and leaves it so. */
export function validateQualifiedName(name: string, path: string): FieldError[] {
  const parts = name.split("/");
  if (parts.length === 1) return validateIdentifier(name, path);
  if (parts.length > 2) return [];
  const [domain = "", id = ""] = parts;
  return [
    ...(domain ? validateDriverName(domain, path) : [invalid(path, "", "the domain must not be empty")]),
    ...(id ? validateIdentifier(id, path) : [invalid(path, "", "the name must not be empty")]),
  ];
}

/** The same with the domain. */
export function validateFullyQualifiedName(name: string, path: string): FieldError[] {
  const out = validateQualifiedName(name, path);
  if (!name.includes("/")) out.push(invalid(path, name, "a fully qualified name must be a domain and a name separated by a slash"));
  return out;
}

/** What google/uuid finds wrong with a text, "" for nothing: with or without hyphens, in braces, as a URN. */
function uuidFault(text: string): string {
  const hex = /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/;
  const fault = (ok: boolean): string => (ok ? "" : "invalid UUID format");
  switch (byteLength(text)) {
    case 36:
      return fault(hex.test(text));
    case 45:
      return text.slice(0, 9).toLowerCase() === "urn:uuid:" ? fault(hex.test(text.slice(9))) : `invalid urn prefix: ${JSON.stringify(text.slice(0, 9))}`;
    case 38:
      return text.startsWith("{") && text.endsWith("}") ? fault(hex.test(text.slice(1, -1))) : "invalid bracketed UUID format";
    case 32:
      return fault(/^[0-9a-fA-F]{32}$/.test(text));
    default:
      return `invalid UUID length: ${byteLength(text)}`;
  }
}

const UUID_FORM = "uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters";

export function validateUID(uid: string, path: string): FieldError[] {
  const fault = uuidFault(uid);
  if (fault) return [invalid(path, uid, `error validating uid: ${fault}`)];
  return uid.length !== 36 || uid !== uid.toLowerCase() ? [invalid(path, uid, UUID_FORM)] : [];
}
