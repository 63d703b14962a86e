/** Rules that several core kinds share, each a finding list. Source: pkg/apis/core/validation. */
import { type FieldError, invalid } from "../field.js";
import { parseIPSloppy } from "./ip.js";
import { isDNS1123Label, isDNS1123Subdomain, isQualifiedName, isValidPortName, isValidPortNum } from "./names.js";

export const PROTOCOLS = ["SCTP", "TCP", "UDP"] as const;

export const validateDNS1123Label = (value: string, path: string): FieldError[] => isDNS1123Label(value).map((text) => invalid(path, value, text));
export const validateDNS1123Subdomain = (value: string, path: string): FieldError[] => isDNS1123Subdomain(value).map((text) => invalid(path, value, text));
export const validateQualifiedName = (value: string, path: string): FieldError[] => isQualifiedName(value).map((text) => invalid(path, value, text));

/** A port by number or by name. */
export function validatePortNumOrName(port: number | string, path: string): FieldError[] {
  return (typeof port === "number" ? isValidPortNum(port) : isValidPortName(port)).map((text) => invalid(path, port, text));
}

/** Addresses that make no sense as an endpoint or an external IP. Source: ValidateEndpointIP. */
export function validateEndpointIP(value: string, path: string): FieldError[] {
  const ip = parseIPSloppy(value);
  if (!ip) return [invalid(path, value, "must be a valid IP address")];
  const b = ip.is4 ? ip.bytes.slice(12) : ip.bytes;
  const [first = 0, second = 0, third = 0] = b;
  const out: FieldError[] = [];
  if (b.every((byte) => byte === 0)) out.push(invalid(path, value, `may not be unspecified (${value})`));
  const loopback = ip.is4 ? first === 127 : b.slice(0, 15).every((byte) => byte === 0) && b[15] === 1;
  if (loopback) out.push(invalid(path, value, "may not be in the loopback range (127.0.0.0/8, ::1/128)"));
  const linkLocal = ip.is4 ? first === 169 && second === 254 : first === 0xfe && (second & 0xc0) === 0x80;
  if (linkLocal) out.push(invalid(path, value, "may not be in the link-local range (169.254.0.0/16, fe80::/10)"));
  const multicast = ip.is4 ? first === 224 && second === 0 && third === 0 : first === 0xff && (second & 0x0f) === 0x02;
  if (multicast) out.push(invalid(path, value, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"));
  return out;
}
