import { type Address, parseAddress } from "../wire/address.js";

/** What a name of a server block or an argument for a zone stands for. */
export interface Origin {
  /** As written, but for its port. */
  readonly hosts: readonly string[];
  readonly port: number | undefined;
}

const MAX_NAME = 255;
const MAX_LABEL = 63;
/** Bits of an address that are one label of its reverse name. */
const LABEL_BITS = { 4: 8, 6: 4 } as const;

/** Whether it is a name, with or without its last dot. Source: miekg/dns IsDomainName. An escaped byte counts as one. */
export function isDomainName(name: string): boolean {
  if (name === "") return false;
  if (name === ".") return true;
  // each byte beyond ASCII counts
  const bytes = Buffer.from(name.replace(/\.$/, ""))
    .toString("latin1")
    .replace(/\\(\d{3}|.)/gs, "x");
  const labels = bytes.split(".");
  return labels.every((l) => l.length > 0 && l.length <= MAX_LABEL) && bytes.length + 2 <= MAX_NAME + 1;
}

/** `ADDRESS/BITS`, as Go's net.ParseCIDR reads it. */
export function parseCidr(text: string): { readonly address: Address; readonly bits: number } | undefined {
  const [, host, mask] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const address = host === undefined ? undefined : parseAddress(host);
  const bits = Number(mask);
  return address && bits <= address.bytes.length * 8 ? { address, bits } : undefined;
}

/** The zones of the reverse names of a network: one, or where the mask ends inside of a label, as many as there are such labels. */
function reverseZones(address: Address, bits: number): string[] {
  const size = LABEL_BITS[address.family];
  const digits = [...address.bytes].flatMap((b) => (size === 8 ? [b] : [b >> 4, b & 15]));
  const whole = Math.floor(bits / size);
  const zone = (labels: readonly number[]): string =>
    [...labels.toReversed().map((d) => d.toString(size === 8 ? 10 : 16)), size === 8 ? "in-addr" : "ip6", "arpa", ""].join(".");
  const open = bits % size;
  if (open === 0) return [zone(digits.slice(0, whole))];
  const count = 2 ** (size - open);
  const first = digits[whole] - (digits[whole] % count);
  return Array.from({ length: count }, (_, i) => zone([...digits.slice(0, whole), first + i]));
}

/** A zone with an optional port; a network stands for its reverse zones. Errors: CoreDNS's. Source: CoreDNS plugin/normalize.go SplitHostPort. */
export function splitHostPort(text: string): Origin {
  const colon = text.lastIndexOf(":");
  if (colon >= 0 && colon === text.length - 1) throw new Error(`expecting data after last colon: ${JSON.stringify(text)}`);
  const isPort = colon >= 0 && /^[+-]?\d+$/.test(text.slice(colon + 1));
  const port = isPort ? Number(text.slice(colon + 1)) : undefined;
  const name = isPort ? text.slice(0, colon) : text;
  if (Buffer.byteLength(name) > MAX_NAME) throw new Error(`specified zone is too long: ${Buffer.byteLength(name)} > ${MAX_NAME}`);
  if (!isDomainName(name)) throw new Error(`zone is not a valid domain name: ${name}`);
  const network = parseCidr(name);
  if (!network) return { hosts: [name], port };
  if (name.startsWith(":") || (name.startsWith("0") && name.includes(":"))) throw new Error(`invalid CIDR ${name}`);
  return { hosts: reverseZones(network.address, network.bits), port };
}

/** A zone as this server knows it: lower case, no dot at its end. */
export const zoneOf = (name: string): string => name.toLowerCase().replace(/(?<!\\)\.$/, "");

/** `tls` of `tls://…`, and what follows it; `dns` where nothing is said. Source: CoreDNS plugin/pkg/parse Transport. */
export function splitTransport(text: string): { readonly transport: string; readonly rest: string } {
  const [, transport, rest] = /^(tls|dns|quic|grpc|https3|https|unix):\/\/(.*)$/s.exec(text) ?? [];
  return transport === undefined ? { transport: "dns", rest: text } : { transport, rest };
}

/**
 * The zones a plugin is for: those in its arguments, or else those of its server block; arguments that are no zones are passed over in silence.
 * Source: CoreDNS plugin/normalize.go OriginsFromArgsOrServerBlock.
 */
export function originsOf(args: readonly string[], zones: readonly string[]): readonly string[] {
  if (args.length === 0) return zones;
  return args.flatMap((arg) => {
    try {
      return splitHostPort(splitTransport(arg).rest).hosts.map(zoneOf);
    } catch {
      return [];
    }
  });
}

/** Whether a name is that of the zone or below it. Both in lower case, without the last dot. */
export const isBelow = (name: string, zone: string): boolean => zone === "" || name === zone || name.endsWith(`.${zone}`);

/** The zones of a `fallthrough`; all of them ("") when none is named. Source: CoreDNS plugin/pkg/fall. */
export const fallOf = (args: readonly string[]): readonly string[] => (args.length === 0 ? [""] : originsOf(args, []));
