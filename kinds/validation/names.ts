/**
 * String formats of the API. Every `is…` returns the findings' texts, [] when the value is fine; every `…Name` judges an object's name or, with
 * `prefix`, its generateName. Sources: apimachinery pkg/util/validation, pkg/api/validate/content, pkg/api/validation/generic.go.
 *
 * Lengths are bytes, as Go counts them. Two wordings of the length limit exist side by side upstream ("bytes" in validate/content, which serves
 * label keys and values; "characters" in util/validation, which serves all the rest), and both are kept.
 */
import { type FieldError, invalid, required } from "../field.js";

/** Length in bytes of the UTF-8 form. */
export const byteLength = (s: string): number => Buffer.byteLength(s, "utf8");

export const MUST_BE_NON_EMPTY = "must be non-empty";
export const IS_NEGATIVE = "must be greater than or equal to 0";
/** `must be between lo and hi, inclusive`. */
export const inclusiveRange = (lo: number, hi: number): string => `must be between ${lo} and ${hi}, inclusive`;

const maxCharacters = (n: number): string => `must be no more than ${n} characters`;
const maxBytes = (n: number): string => `must be no more than ${n} bytes`;

/** Text of a failed pattern; the comma before the closing of each example but the last is upstream's. */
export function regexError(message: string, pattern: string, ...examples: string[]): string {
  if (examples.length === 0) return `${message} (regex used for validation is '${pattern}')`;
  return `${message} (e.g. ${examples.map((e) => `'${e}', `).join(" or ")}regex used for validation is '${pattern}')`;
}

const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const LABEL_UNDERSCORE = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
const SUBDOMAIN_UNDERSCORE = `${LABEL_UNDERSCORE}(\\.${LABEL_UNDERSCORE})*`;
const LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?";
const WILDCARD_SUBDOMAIN = `\\*\\.${SUBDOMAIN}`;
const QUALIFIED = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const LABEL_VALUE = `(${QUALIFIED})?`;
const C_IDENTIFIER = "[A-Za-z_][A-Za-z0-9_]*";
const PERCENT = "[0-9]+%";
const HTTP_HEADER = "[-A-Za-z0-9]+";
const ENV_VAR = "[-._a-zA-Z][-._a-zA-Z0-9]*";
const CONFIG_MAP_KEY = "[-._a-zA-Z0-9]+";
const HTTP_PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";

const whole = (pattern: string, flags = ""): RegExp => new RegExp(`^${pattern}$`, flags);
const RE = {
  label: whole(LABEL),
  subdomain: whole(SUBDOMAIN),
  subdomainCaseless: whole(SUBDOMAIN, "i"),
  subdomainUnderscore: whole(SUBDOMAIN_UNDERSCORE),
  label1035: whole(LABEL_1035),
  wildcard: whole(WILDCARD_SUBDOMAIN),
  qualified: whole(QUALIFIED),
  labelValue: whole(LABEL_VALUE),
  cIdentifier: whole(C_IDENTIFIER),
  percent: whole(PERCENT),
  httpHeader: whole(HTTP_HEADER),
  envVar: whole(ENV_VAR),
  configMapKey: whole(CONFIG_MAP_KEY),
  httpPath: whole(HTTP_PATH),
} as const;

const SUBDOMAIN_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";

export function isDNS1123Label(s: string): string[] {
  const out = byteLength(s) > 63 ? [maxCharacters(63)] : [];
  if (RE.label.test(s)) return out;
  if (RE.subdomain.test(s)) return [...out, "must not contain dots"];
  const text = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
  return [...out, regexError(text, LABEL, "my-name", "123-abc")];
}

export function isDNS1123Subdomain(s: string): string[] {
  const out = byteLength(s) > 253 ? [maxCharacters(253)] : [];
  if (!RE.subdomain.test(s)) out.push(regexError(SUBDOMAIN_TEXT, SUBDOMAIN, "example.com"));
  return out;
}

/** The subdomain rule of validate/content (`k8s-long-name` of declarative validation). */
export function isLongName(s: string): string[] {
  const out = byteLength(s) > 253 ? [maxBytes(253)] : [];
  if (!RE.subdomain.test(s)) out.push(regexError(SUBDOMAIN_TEXT, SUBDOMAIN, "example.com"));
  return out;
}

/** The subdomain rule of validate/content that lets capitals pass (CSI driver names). */
export function isDNS1123SubdomainCaseless(s: string): string[] {
  const out = byteLength(s) > 253 ? [maxBytes(253)] : [];
  const text = "an RFC 1123 subdomain must consist of alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
  if (!RE.subdomainCaseless.test(s)) out.push(regexError(text, SUBDOMAIN, "Example.com"));
  return out;
}

/** Subdomains that may hold underscores: DNS search paths (RelaxedDNSSearchValidation). */
export function isDNS1123SubdomainWithUnderscore(s: string): string[] {
  const out = byteLength(s) > 253 ? [maxCharacters(253)] : [];
  const text =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character";
  if (!RE.subdomainUnderscore.test(s)) out.push(regexError(text, SUBDOMAIN_UNDERSCORE, "example.com"));
  return out;
}

export function isDNS1035Label(s: string): string[] {
  const out = byteLength(s) > 63 ? [maxCharacters(63)] : [];
  const text =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
  if (!RE.label1035.test(s)) out.push(regexError(text, LABEL_1035, "my-name", "abc-123"));
  return out;
}

export function isWildcardDNS1123Subdomain(s: string): string[] {
  const out = byteLength(s) > 253 ? [maxCharacters(253)] : [];
  const text =
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character";
  if (!RE.wildcard.test(s)) out.push(regexError(text, WILDCARD_SUBDOMAIN, "*.example.com"));
  return out;
}

const QUALIFIED_TEXT = regexError(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  QUALIFIED,
  "MyName",
  "my.name",
  "123-abc",
);

/** Label keys, annotation keys (lowercased first), finalizers, resource names: `[prefix/]name`. */
export function isQualifiedName(s: string): string[] {
  const parts = s.split("/");
  if (parts.length > 2) return [`a valid label key ${QUALIFIED_TEXT} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  const out: string[] = [];
  const name = parts[parts.length - 1] as string;
  if (parts.length === 2) {
    const prefix = parts[0] as string;
    if (prefix === "") out.push(`prefix part ${MUST_BE_NON_EMPTY}`);
    else {
      // validate/content's own subdomain check counts bytes where util/validation says characters.
      if (byteLength(prefix) > 253) out.push(`prefix part ${maxBytes(253)}`);
      if (!RE.subdomain.test(prefix)) out.push(`prefix part ${regexError(SUBDOMAIN_TEXT, SUBDOMAIN, "example.com")}`);
    }
  }
  if (name === "") out.push(`name part ${MUST_BE_NON_EMPTY}`);
  else if (byteLength(name) > 63) out.push(`name part ${maxBytes(63)}`);
  if (!RE.qualified.test(name)) out.push(`name part ${QUALIFIED_TEXT}`);
  return out;
}

export function isValidLabelValue(s: string): string[] {
  const out = byteLength(s) > 63 ? [maxBytes(63)] : [];
  const text =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
  if (!RE.labelValue.test(s)) out.push(regexError(text, LABEL_VALUE, "MyValue", "my_value", "12345"));
  return out;
}

export function isCIdentifier(s: string): string[] {
  if (RE.cIdentifier.test(s)) return [];
  const text = "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'";
  return [regexError(text, C_IDENTIFIER, "my_name", "MY_NAME", "MyName")];
}

export const isInRange = (n: number, lo: number, hi: number): string[] => (n >= lo && n <= hi ? [] : [inclusiveRange(lo, hi)]);
export const isValidPortNum = (n: number): string[] => isInRange(n, 1, 65535);
/** User and group ids share one range. */
export const isValidUserID = (n: number): string[] => isInRange(n, 0, 2147483647);
export const isValidGroupID = isValidUserID;

export function isValidPortName(s: string): string[] {
  const out: string[] = [];
  if (byteLength(s) > 15) out.push(maxCharacters(15));
  if (!/^[-a-z0-9]+$/.test(s)) out.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  if (!/[a-z]/.test(s)) out.push("must contain at least one letter (a-z)");
  if (s.includes("--")) out.push("must not contain consecutive hyphens");
  if (s.startsWith("-") || s.endsWith("-")) out.push("must not begin or end with a hyphen");
  return out;
}

export const isValidPercent = (s: string): string[] =>
  RE.percent.test(s) ? [] : [regexError("a valid percent string must be a numeric string followed by an ending '%'", PERCENT, "1%", "93%")];

export const isHTTPHeaderName = (s: string): string[] =>
  RE.httpHeader.test(s) ? [] : [regexError("a valid HTTP header must consist of alphanumeric characters or '-'", HTTP_HEADER, "X-Header-Name")];

function dotFindings(s: string): string[] {
  if (s === ".") return ["must not be '.'"];
  if (s === "..") return ["must not be '..'"];
  return s.startsWith("..") ? ["must not start with '..'"] : [];
}

export function isEnvVarName(s: string): string[] {
  const text = "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit";
  const out = RE.envVar.test(s) ? [] : [regexError(text, ENV_VAR, "my.env-name", "MY_ENV.NAME", "MyEnvName1")];
  return [...out, ...dotFindings(s)];
}

/** The rule in force since RelaxedEnvironmentVariableValidation: printable ASCII but "=". */
export function isRelaxedEnvVarName(s: string): string[] {
  if (s === "") return [`environment variable name ${MUST_BE_NON_EMPTY}`];
  return /^[ -<>-~]+$/.test(s) ? [] : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

export function isConfigMapKey(s: string): string[] {
  const out: string[] = [];
  if (byteLength(s) > 253) out.push(maxCharacters(253));
  const text = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
  if (!RE.configMapKey.test(s)) out.push(regexError(text, CONFIG_MAP_KEY, "key.name", "KEY_NAME", "key-name"));
  return [...out, ...dotFindings(s)];
}

export function isFullyQualifiedName(field: string, s: string): FieldError[] {
  if (s === "") return [required(field)];
  const errs = isDNS1123Subdomain(s);
  if (errs.length > 0) return [invalid(field, s, errs.join(","))];
  return s.split(".").length < 3 ? [invalid(field, s, "should be a domain with at least three segments separated by dots")] : [];
}

export function isFullyQualifiedDomainName(field: string, value: string): FieldError[] {
  if (value === "") return [required(field)];
  const s = value.endsWith(".") ? value.slice(0, -1) : value;
  const errs = isDNS1123Subdomain(s);
  if (errs.length > 0) return [invalid(field, s, errs.join(","))];
  const labels = s.split(".");
  if (labels.length < 2) return [invalid(field, s, "should be a domain with at least two segments separated by dots")];
  for (const label of labels) {
    const found = isDNS1123Label(label);
    if (found.length > 0) return [invalid(field, label, found.join(","))];
  }
  return [];
}

export function isDomainPrefixedPath(field: string, s: string): FieldError[] {
  if (s === "") return [required(field)];
  const slash = s.indexOf("/");
  const host = slash < 0 ? s : s.slice(0, slash);
  const path = slash < 0 ? "" : s.slice(slash + 1);
  if (host === "" || path === "") return [invalid(field, s, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  const out = isDNS1123Subdomain(host).map((text) => invalid(field, host, text));
  if (!RE.httpPath.test(path)) out.push(invalid(field, path, regexError("Invalid path", HTTP_PATH)));
  return out;
}

export function isDomainPrefixedKey(field: string, s: string): FieldError[] {
  if (s === "") return [required(field)];
  const out = isQualifiedName(s).map((text) => invalid(field, s, text));
  if (out.length > 0) return out;
  return s.split("/").length === 2 ? [] : [invalid(field, s, 'must be a domain-prefixed key (such as "acme.io/foo")')];
}

/** A rule for object names: texts of what is wrong; `prefix` when generateName is judged. */
export type NameRule = (name: string, prefix: boolean) => string[];

// Upstream cuts two characters, not one, before it adds the "a": "a-" is judged as "a", "ab-" as "aa".
const maskTrailingDash = (name: string): string => (name.length > 1 && name.endsWith("-") ? `${name.slice(0, -2)}a` : name);

export const nameIsDNSSubdomain: NameRule = (name, prefix) => isDNS1123Subdomain(prefix ? maskTrailingDash(name) : name);
export const nameIsDNSLabel: NameRule = (name, prefix) => isDNS1123Label(prefix ? maskTrailingDash(name) : name);
export const nameIsDNS1035Label: NameRule = (name, prefix) => isDNS1035Label(prefix ? maskTrailingDash(name) : name);

/** Names that only have to survive as a path segment (RBAC, and everything's names on the wire). */
export const nameIsPathSegment: NameRule = (name, prefix) => {
  if (!prefix && (name === "." || name === "..")) return [`may not be '${name}'`];
  return ["/", "%"].filter((bad) => name.includes(bad)).map((bad) => `may not contain '${bad}'`);
};
