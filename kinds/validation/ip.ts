/**
 * IP addresses and CIDRs. "Sloppy" parsing is what Go 1.16's net.ParseIP took (leading zeros in IPv4), kept by k8s.io/utils/net for old fields; strict
 * parsing is netip's. Sources: apimachinery pkg/util/validation/ip.go, k8s.io/utils/net.
 */
import { type FieldError, invalid, quote } from "../field.js";

/** A parsed address: 16 bytes, IPv4 in the mapped form ::ffff:a.b.c.d. */
export interface ParsedIP {
  readonly bytes: readonly number[];
  /** True for IPv4 and IPv4-mapped IPv6: what net.IP.To4 answers. */
  readonly is4: boolean;
  /** Written as IPv6 (with a colon) though it maps an IPv4 address. */
  readonly is4In6: boolean;
  /** The text has leading zeros that netip refuses. */
  readonly leadingZeros: boolean;
}

export interface ParsedCIDR {
  readonly ip: ParsedIP;
  /** Prefix length as written. */
  readonly prefix: number;
  /** Address bits of the family as written: 32 or 128. */
  readonly bits: number;
  /** Network address: host bits cleared. */
  readonly network: readonly number[];
  readonly leadingZeros: boolean;
}

const DOT = 0x2e;

function parse4(text: string): { bytes: number[]; leadingZeros: boolean } | undefined {
  const bytes: number[] = [];
  let leadingZeros = false;
  let value = 0;
  let digits = 0;
  // by characters: every endpoint of every service is read here again and again
  for (let i = 0; i <= text.length; i++) {
    const c = i < text.length ? text.charCodeAt(i) : DOT;
    if (c === DOT) {
      if (digits === 0 || bytes.length === 4) return undefined;
      bytes.push(value);
      value = 0;
      digits = 0;
    } else {
      if (c < 0x30 || c > 0x39) return undefined;
      if (digits === 1 && value === 0) leadingZeros = true;
      value = value * 10 + (c - 0x30);
      if (value > 255) return undefined;
      digits++;
    }
  }
  return bytes.length === 4 ? { bytes, leadingZeros } : undefined;
}

function parse6(text: string): { bytes: number[]; leadingZeros: boolean } | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  let leadingZeros = false;
  const words = (half: string, last: boolean): number[] | undefined => {
    if (half === "") return [];
    const out: number[] = [];
    const groups = half.split(":");
    for (const [i, group] of groups.entries()) {
      if (last && i === groups.length - 1 && group.includes(".")) {
        const v4 = parse4(group);
        if (!v4) return undefined;
        leadingZeros ||= v4.leadingZeros;
        const [a, b, c, d] = v4.bytes as [number, number, number, number];
        out.push(a * 256 + b, c * 256 + d);
        continue;
      }
      if (!/^[0-9a-fA-F]+$/.test(group)) return undefined;
      const n = Number.parseInt(group, 16);
      if (n > 0xffff) return undefined;
      if (group.length > 4) leadingZeros = true;
      out.push(n);
    }
    return out;
  };
  const head = words(halves[0] as string, halves.length === 1);
  const tail = halves.length === 2 ? words(halves[1] as string, true) : [];
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const all = [...head, ...new Array<number>(halves.length === 2 ? missing : 0).fill(0), ...tail];
  return { bytes: all.flatMap((w) => [w >> 8, w & 255]), leadingZeros };
}

const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255];

/** Parses as Go 1.16 did; undefined when it is no address. Zones ("%eth0") are refused. */
export function parseIPSloppy(text: string): ParsedIP | undefined {
  if (text.includes(":")) {
    const v6 = parse6(text);
    if (!v6) return undefined;
    const mapped = MAPPED.every((b, i) => v6.bytes[i] === b);
    return { bytes: v6.bytes, is4: mapped, is4In6: mapped, leadingZeros: v6.leadingZeros };
  }
  const v4 = parse4(text);
  return v4 && { bytes: [...MAPPED, ...v4.bytes], is4: true, is4In6: false, leadingZeros: v4.leadingZeros };
}

const text6 = (bytes: readonly number[]): string => {
  const words = Array.from({ length: 8 }, (_, i) => (bytes[2 * i] as number) * 256 + (bytes[2 * i + 1] as number));
  // RFC 5952: the longest run of two zero words or more is folded, the first of equals.
  let start = -1;
  let length = 1;
  for (let i = 0; i < 8; i++) {
    let j = i;
    while (j < 8 && words[j] === 0) j++;
    if (j - i > length) {
      start = i;
      length = j - i;
    }
    if (j > i) i = j;
  }
  const hex = (part: number[]): string => part.map((w) => w.toString(16)).join(":");
  return start < 0 ? hex(words) : `${hex(words.slice(0, start))}::${hex(words.slice(start + length))}`;
};

const textOf = (bytes: readonly number[], is4: boolean): string => (is4 ? bytes.slice(12).join(".") : text6(bytes));

/** Canonical text, as net.IP.String: mapped addresses read as IPv4. */
export const ipText = (ip: ParsedIP): string => textOf(ip.bytes, ip.is4);

/** Parses "address/length" sloppily. */
export function parseCIDRSloppy(text: string): ParsedCIDR | undefined {
  const slash = text.indexOf("/");
  if (slash < 0) return undefined;
  const addr = text.slice(0, slash);
  const length = text.slice(slash + 1);
  const ip = parseIPSloppy(addr);
  const bits = addr.includes(":") ? 128 : 32;
  if (!ip || !/^[0-9]+$/.test(length) || Number(length) > bits) return undefined;
  const prefix = Number(length);
  const skip = 128 - bits;
  const network = ip.bytes.map((b, i) => {
    const keep = Math.min(8, Math.max(0, prefix + skip - 8 * i));
    return b & (0xff << (8 - keep)) & 0xff;
  });
  return { ip, prefix, bits, network, leadingZeros: ip.leadingZeros || (length.length > 1 && length.startsWith("0")) };
}

/** Canonical text of the network, as net.IPNet.String. */
export const cidrText = (c: ParsedCIDR): string => {
  const mapped = c.bits === 128 && c.ip.is4 && c.prefix >= 96;
  return `${textOf(c.network, c.bits === 32 || mapped)}/${mapped ? c.prefix - 96 : c.prefix}`;
};

/** Whether the network holds the address. */
export function cidrContains(c: ParsedCIDR, ip: ParsedIP): boolean {
  const skip = 128 - c.bits;
  return c.network.every((b, i) => {
    const keep = Math.min(8, Math.max(0, c.prefix + skip - 8 * i));
    return ((ip.bytes[i] as number) & (0xff << (8 - keep)) & 0xff) === b;
  });
}

export const isIPv4String = (s: string): boolean => parseIPSloppy(s)?.is4 === true;
export const isIPv6String = (s: string): boolean => parseIPSloppy(s)?.is4 === false;

function strictTexts(value: string): string[] {
  const ip = parseIPSloppy(value);
  if (!ip) return ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"];
  if (ip.leadingZeros) return ["must not have leading 0s"];
  return ip.is4In6 ? ["must not be an IPv4-mapped IPv6 address"] : [];
}

/** An address of a field that predates strict validation: any valid notation passes (StrictIPCIDRValidation decides about zeros and mapped ones). */
export function isValidIPForLegacyField(field: string, value: string, strict: boolean, validOld: readonly string[] = []): FieldError[] {
  if (validOld.includes(value)) return [];
  if (strict) return strictTexts(value).map((text) => invalid(field, value, text));
  return parseIPSloppy(value) ? [] : [invalid(field, value, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")];
}

/** What is wrong with an address that must be in canonical form. */
export function canonicalIPTexts(value: string): string[] {
  const out = strictTexts(value);
  if (out.length > 0) return out;
  const canonical = ipText(parseIPSloppy(value) as ParsedIP);
  return value === canonical ? [] : [`must be in canonical form (${quote(canonical)})`];
}

/** An address in canonical form. */
export const isValidIP = (field: string, value: string): FieldError[] => canonicalIPTexts(value).map((text) => invalid(field, value, text));

export function isValidCIDRForLegacyField(field: string, value: string, strict: boolean, validOld: readonly string[] = []): FieldError[] {
  if (validOld.includes(value)) return [];
  const c = parseCIDRSloppy(value);
  if (!c) return [invalid(field, value, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")];
  if (!strict) return [];
  if (c.leadingZeros) return [invalid(field, value, "must not have leading 0s in IP or prefix length")];
  if (c.ip.is4In6) return [invalid(field, value, "must not have an IPv4-mapped IPv6 address")];
  return c.network.some((b, i) => b !== c.ip.bytes[i]) ? [invalid(field, value, "must not have bits set beyond the prefix length")] : [];
}

/** A "subnet/mask" CIDR in canonical form. */
export function isValidCIDR(field: string, value: string): FieldError[] {
  const out = isValidCIDRForLegacyField(field, value, true);
  if (out.length > 0) return out;
  const canonical = cidrText(parseCIDRSloppy(value) as ParsedCIDR);
  return value === canonical ? [] : [invalid(field, value, `must be in canonical form (${quote(canonical)})`)];
}

/** Warning for a legal but unusual notation; [] for what does not parse. */
export function warningsForIP(field: string, value: string): string[] {
  const ip = parseIPSloppy(value);
  if (!ip) return [];
  if (ip.leadingZeros || ip.is4In6) return [`${field}: non-standard IP address ${quote(value)} is invalid: use ${quote(ipText(ip))}`];
  const canonical = ipText(ip);
  if (!ip.is4 && canonical !== value) return [`${field}: IPv6 address ${quote(value)} should be in RFC 5952 canonical format (${quote(canonical)})`];
  return [];
}

export function warningsForCIDR(field: string, value: string): string[] {
  const c = parseCIDRSloppy(value);
  if (!c) return [];
  const out: string[] = [];
  if (c.network.some((b, i) => b !== c.ip.bytes[i])) {
    const single = `${ipText(c.ip)}/${c.bits}`;
    out.push(`${field}: CIDR value ${quote(value)} is ambiguous in this context (should be ${quote(cidrText(c))} or ${quote(single)}?)`);
  }
  if (c.leadingZeros || c.ip.is4In6) out.push(`${field}: non-standard CIDR value ${quote(value)} is invalid: use ${quote(cidrText(c))}`);
  const canonical = cidrText(c);
  if (out.length === 0 && c.bits === 128 && canonical !== value)
    out.push(`${field}: IPv6 CIDR value ${quote(value)} should be in RFC 5952 canonical format (${quote(canonical)})`);
  return out;
}
