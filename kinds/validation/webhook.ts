/** Where a webhook is: a URL or a service. Source: apiserver pkg/util/webhook/validation.go. */
import { type FieldError, invalid, required } from "../field.js";
import { isDNS1123Subdomain, isValidPortNum } from "./names.js";
import { parseURL } from "./url.js";

const FORM = "; desired format: https://host[/path]";

export function validateWebhookURL(path: string, text: string, forceHttps: boolean): FieldError[] {
  const url = parseURL(text);
  if ("error" in url) return [required(path, `url must be a valid URL: ${url.error}${FORM}`)];
  const out: FieldError[] = [];
  if (forceHttps && url.scheme !== "https") out.push(invalid(path, url.scheme, `'https' is the only allowed URL scheme${FORM}`));
  if (url.host === "") out.push(invalid(path, url.host, `host must be specified${FORM}`));
  if (url.user !== undefined) out.push(invalid(path, url.user, "user information is not permitted in the URL"));
  if (url.fragment !== "") out.push(invalid(path, url.fragment, "fragments are not permitted in the URL"));
  if (url.query !== "") out.push(invalid(path, url.query, "query parameters are not permitted in the URL"));
  return out;
}

function validateServicePath(path: string, urlPath: string): FieldError[] {
  if (urlPath === "/" || urlPath === "") return [];
  if (urlPath === "//") return [invalid(path, urlPath, "segment[0] may not be empty")];
  const out = urlPath.startsWith("/") ? [] : [invalid(path, urlPath, "must start with a '/'")];
  const steps = urlPath.slice(1).replace(/\/$/, "").split("/");
  for (const [i, step] of steps.entries()) {
    if (step === "") out.push(invalid(path, urlPath, `segment[${i}] may not be empty`));
    else for (const text of isDNS1123Subdomain(step)) out.push(invalid(path, urlPath, `segment[${i}]: ${text}`));
  }
  return out;
}

export function validateWebhookService(at: string, namespace: string, name: string, path: string | null | undefined, port: number): FieldError[] {
  const out: FieldError[] = [];
  if (name === "") out.push(required(`${at}.name`));
  if (namespace === "") out.push(required(`${at}.namespace`));
  const texts = isValidPortNum(port);
  if (texts.length > 0) out.push(invalid(`${at}.port`, port, `port is not valid: ${texts.join(", ")}`));
  return path === undefined || path === null ? out : [...out, ...validateServicePath(`${at}.path`, path)];
}
