/** An IP address: its 4 or 16 bytes, and the text it was written as. */
export interface Address {
  readonly family: 4 | 6;
  readonly bytes: Uint8Array;
  readonly text: string;
}

const OCTET = /^(0|[1-9]\d{0,2})$/;

function parse4(text: string): number[] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((p) => OCTET.test(p) && Number(p) < 256)) return undefined;
  return parts.map(Number);
}

function groups(text: string): number[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  const bytes: number[] = [];
  for (const [i, part] of parts.entries()) {
    if (i === parts.length - 1 && part.includes(".")) {
      const tail = parse4(part);
      if (!tail) return undefined;
      bytes.push(...tail);
    } else {
      if (!/^[0-9a-f]{1,4}$/i.test(part)) return undefined;
      const value = Number.parseInt(part, 16);
      bytes.push(value >> 8, value & 255);
    }
  }
  return bytes;
}

function parse6(text: string): number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = groups(halves[0]);
  const tail = halves.length === 2 ? groups(halves[1]) : [];
  if (!head || !tail) return undefined;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2 || halves[0].includes(".")) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
}

/** Reads an address the way Go's net.ParseIP does: no leading zeros, no zone; an IPv4-mapped one counts as IPv4. Undefined when it is none. */
export function parseAddress(text: string): Address | undefined {
  const four = parse4(text);
  if (four) return { family: 4, bytes: Uint8Array.from(four), text };
  if (!text.includes(":")) return undefined;
  const six = parse6(text);
  if (!six) return undefined;
  if (six.slice(0, 10).every((b) => b === 0) && six[10] === 255 && six[11] === 255) return { family: 4, bytes: Uint8Array.from(six.slice(12)), text };
  return { family: 6, bytes: Uint8Array.from(six), text };
}

/** The canonical text (RFC 5952) of an address. */
export function formatAddress(address: Address): string {
  if (address.family === 4) return address.bytes.join(".");
  const words = Array.from({ length: 8 }, (_, i) => (address.bytes[2 * i] << 8) | address.bytes[2 * i + 1]);
  let [from, length] = [-1, 1];
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && words[end] === 0) end++;
    if (end - i > length) [from, length] = [i, end - i];
    i = Math.max(i, end - 1);
  }
  const hex = (list: number[]): string => list.map((w) => w.toString(16)).join(":");
  return from < 0 ? hex(words) : `${hex(words.slice(0, from))}::${hex(words.slice(from + length))}`;
}

/**
 * The canonical text of the address a name below in-addr.arpa (family 4) or ip6.arpa (6) stands for; `labels` are those left of the zone.
 * Undefined when they are no whole address. Source: CoreDNS plugin/pkg/dnsutil ExtractAddressFromReverse (nibbles are joined in fours, so it is their text that counts).
 */
export function reverseAddress(labels: readonly string[], family: 4 | 6): string | undefined {
  const turned = labels.toReversed();
  if (family === 4) {
    const address = parseAddress(turned.join("."));
    return address?.family === 4 ? formatAddress(address) : undefined;
  }
  const words: string[] = [];
  for (let i = 0; i + 4 <= turned.length; i += 4) words.push(turned.slice(i, i + 4).join(""));
  const address = parseAddress(words.join(":"));
  return address && formatAddress(address);
}
