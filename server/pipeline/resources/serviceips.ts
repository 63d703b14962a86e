/**
 * Cluster IPs: which addresses the ServiceCIDRs give. Single-stack IPv4.
 * Source: pkg/registry/core/service/ipallocator (cidrallocator.go, ipallocator.go).
 */
import type { KubeObject } from "../../../kinds/object.js";
import { cidrText, parseCIDRSloppy, parseIPSloppy } from "../../../kinds/validation/ip.js";

/** One IPv4 network that addresses are taken from; several ServiceCIDRs may name it. Addresses are numbers. */
export interface AddressRange {
  readonly cidr: string;
  readonly ready: boolean;
  /** Neither the network's own address nor the one for broadcasts. */
  readonly first: number;
  readonly last: number;
  /** Addresses before this one are left to those who choose their own. */
  readonly dynamic: number;
}

/** Why an address cannot be had, in the allocators' words. */
export const MISMATCHED = "the provided network does not match the current range";
export const ALLOCATED = "provided IP is already allocated";
export const NOT_READY = "allocator not ready";
export const notInRange = (ip: string, range: AddressRange): string =>
  `the provided IP (${ip}) is not in the valid range. The range of valid IPs is ${range.cidr}`;

/** An IPv4 address as a number, undefined for any other text. */
export function addressNumber(text: string): number | undefined {
  const ip = parseIPSloppy(text);
  return ip?.is4 ? numberOf(ip.bytes) : undefined;
}
const numberOf = (bytes: readonly number[]): number => bytes.slice(12).reduce((n, byte) => n * 256 + byte, 0);

/** The address in its canonical text. */
export const addressText = (n: number): string => [24, 16, 8, 0].map((shift) => Math.floor(n / 2 ** shift) % 256).join(".");

/** min(max(16, size/16), 256), none in a range as small as that. Source: calculateRangeOffset. */
const staticBand = (size: number): number => (size <= 16 ? 0 : Math.min(256, Math.max(16, Math.floor(size / 16))));

/** A ServiceCIDR gives addresses unless its Ready condition says no, or it is going. Source: isReady, syncAllocators. */
function isReady(object: KubeObject): boolean {
  if (object.metadata.deletionTimestamp) return false;
  const conditions: readonly { type?: string; status?: string }[] = object.status?.conditions ?? [];
  const ready = conditions.find((condition) => condition.type === "Ready");
  return ready === undefined || ready.status === "True";
}

/** The IPv4 networks of these ServiceCIDRs, each once, in their order; one is ready if any ServiceCIDR that names it is. */
export function addressRanges(serviceCIDRs: readonly KubeObject[]): AddressRange[] {
  const out = new Map<string, AddressRange>();
  for (const object of serviceCIDRs) {
    for (const text of (object.spec?.cidrs ?? []) as string[]) {
      const cidr = parseCIDRSloppy(text);
      if (cidr?.bits !== 32) continue;
      const ready = isReady(object) || (out.get(text)?.ready ?? false);
      const network = numberOf(cidr.network);
      const size = 2 ** (32 - cidr.prefix);
      out.set(text, { cidr: cidrText(cidr), ready, first: network + 1, last: network + size - 2, dynamic: network + 1 + staticBand(size) });
    }
  }
  return [...out.values()];
}

export const rangeHolds = (range: AddressRange, address: number): boolean => address >= range.first && address <= range.last;

/** A free address of one range: at random in its dynamic part, else in its static one; undefined when it is full. */
function drawFrom({ first, last, dynamic }: AddressRange, taken: (address: string) => boolean, random: () => number): string | undefined {
  const parts: readonly (readonly [number, number])[] = [
    [dynamic, last - dynamic + 1],
    [first, dynamic - first],
  ];
  for (const [base, size] of parts) {
    const start = Math.floor(random() * size);
    for (let i = 0; i < size; i++) {
      const text = addressText(base + ((start + i) % size));
      if (!taken(text)) return text;
    }
  }
  return undefined;
}

/** A free address of any range that is ready, tried from a random one on. Undefined: all are full. */
export function drawAddress(ranges: readonly AddressRange[], taken: (address: string) => boolean, random: () => number): string | undefined {
  const ready = ranges.filter((range) => range.ready);
  const start = ready.length > 1 ? Math.floor(random() * ready.length) : 0;
  for (let i = 0; i < ready.length; i++) {
    const found = drawFrom(ready[(start + i) % ready.length] as AddressRange, taken, random);
    if (found !== undefined) return found;
  }
  return undefined;
}
