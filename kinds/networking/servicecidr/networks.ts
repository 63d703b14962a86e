/** The networks of ServiceCIDRs: what they share and which addresses they give. Source: pkg/api/servicecidr. */
import type { KubeObject } from "../../object.js";
import { cidrContains, type ParsedCIDR, type ParsedIP, parseCIDRSloppy, parseIPSloppy } from "../../validation/ip.js";

const nameOf = (object: KubeObject): string => object.metadata.name ?? "";
/** Those that parse; validation lets no other in. */
export const networksOf = (object: KubeObject): ParsedCIDR[] => ((object.spec?.cidrs ?? []) as string[]).flatMap((text) => parseCIDRSloppy(text) ?? []);
const networkIP = (network: ParsedCIDR): ParsedIP => ({ ...network.ip, bytes: network.network });
const sameFamily = (a: ParsedCIDR, b: ParsedCIDR): boolean => a.bits === b.bits;

/** Whether addresses are shared: two networks overlap when the larger one holds the smaller one's. */
export const overlap = (a: ParsedCIDR, b: ParsedCIDR): boolean =>
  sameFamily(a, b) && (a.prefix <= b.prefix ? cidrContains(a, networkIP(b)) : cidrContains(b, networkIP(a)));

/** Names of the ServiceCIDRs that share addresses with this one. */
export const overlapping = (object: KubeObject, all: readonly KubeObject[]): string[] =>
  all.filter((other) => networksOf(other).some((a) => networksOf(object).some((b) => overlap(a, b)))).map(nameOf);

/** A network gives the address away: not its own, nor (IPv4) the one for broadcasts. Source: PrefixContainsIP. */
function gives(network: ParsedCIDR, ip: ParsedIP): boolean {
  if ((network.bits === 32) !== ip.is4 || !cidrContains(network, ip)) return false;
  if (network.network.every((byte, i) => byte === ip.bytes[i])) return false;
  if (!ip.is4) return true;
  const host = 32 - network.prefix;
  const low = ip.bytes.slice(12).reduce((n, byte) => n * 256 + byte, 0) % 2 ** host;
  return low !== 2 ** host - 1;
}

/** Names of the ServiceCIDRs that give this address, one for each network that does. */
export function giving(address: string, all: readonly KubeObject[]): string[] {
  const ip = parseIPSloppy(address);
  return ip ? all.flatMap((object) => networksOf(object).flatMap((network) => (gives(network, ip) ? [nameOf(object)] : []))) : [];
}
