import { isBelow, zoneOf } from "../../corefile/zones.js";
import { type Address, formatAddress, parseAddress } from "../../wire/address.js";

/** Longer words cannot be names. */
const MAX_WORD = 1024;

/** The names of a hosts file: addresses by name (`*.` before a name is a wildcard), names by address. Nothing in it changes. */
export interface Table {
  readonly addresses: ReadonlyMap<string, readonly Address[]>;
  /** Keys are canonical texts. */
  readonly names: ReadonlyMap<string, readonly string[]>;
}

export const EMPTY: Table = { addresses: new Map(), names: new Map() };

function push<V>(map: Map<string, V[]>, key: string, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/**
 * Reads the text of a hosts file, as far as its names are in `zones`; with `reverse`, addresses lead to names, too. Lines that do not begin with an address are
 * passed over. Source: CoreDNS plugin/hosts/hostsfile.go.
 */
export function parseHosts(text: string, zones: readonly string[], reverse: boolean): Table {
  const addresses = new Map<string, Address[]>();
  const names = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const [first = "", ...rest] = line
      .replace(/#.*/s, "")
      .split(/[ \t\v\f\r]+/)
      .filter(Boolean);
    // what follows a percent sign is the zone of a link-local address
    const address = parseAddress(first.replace(/%.*/s, ""));
    if (!address) continue;
    for (const word of rest) {
      const name = zoneOf(word);
      if (Buffer.byteLength(word) > MAX_WORD || !zones.some((zone) => isBelow(name, zone))) continue;
      push(addresses, name, address);
      if (reverse && !name.startsWith("*.")) push(names, formatAddress(address), name);
    }
  }
  return { addresses, names };
}

/** The wildcard that stands for a name and all beside it. */
const wildcardOf = (name: string): string | undefined => (/^(?:\\.|[^.\\])+\./s.test(name) ? name.replace(/^(?:\\.|[^.\\])+/s, "*") : undefined);

/** The addresses of one family that a name has: its own, or else those of its wildcard. */
export function addressesOf({ addresses }: Table, name: string, family: 4 | 6): readonly Address[] {
  const of = (key: string): readonly Address[] => (addresses.get(key) ?? []).filter((a) => a.family === family);
  const own = of(name);
  const wildcard = wildcardOf(name);
  return own.length > 0 || wildcard === undefined ? own : of(wildcard);
}
