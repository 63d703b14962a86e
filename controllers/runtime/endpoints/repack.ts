import { byHash, dumpSubset, dumpSubsetPort, type Subset, type SubsetAddress, type SubsetPort } from "./hash.js";

interface Group {
  readonly ports: SubsetPort[];
  readonly addresses: ReadonlyMap<SubsetAddress, boolean>;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byAddress = (a: SubsetAddress, b: SubsetAddress): number => compare(a.ip, b.ip) || compare(a.targetRef?.uid ?? "", b.targetRef?.uid ?? "");

/**
 * The canonical form of subsets: each set of addresses once, with all the ports it offers, ready before not ready, sorted. Not ready trumps ready.
 * Source: pkg/api/v1/endpoints RepackSubsets.
 */
export function repackSubsets(subsets: readonly Subset[]): Subset[] {
  const known = new Map<string, SubsetAddress>();
  const ports = new Map<string, { port: SubsetPort | undefined; addresses: Map<SubsetAddress, boolean> }>();
  const take = (address: SubsetAddress, port: SubsetPort | undefined, ready: boolean): void => {
    const id = `${address.ip}|${address.targetRef?.uid ?? ""}`;
    const canonical = known.get(id) ?? address;
    known.set(id, canonical);
    const key = port ? dumpSubsetPort(port) : "";
    let of = ports.get(key);
    if (!of) {
      of = { port, addresses: new Map() };
      ports.set(key, of);
    }
    if (of.addresses.get(canonical) !== false) of.addresses.set(canonical, ready);
  };
  for (const s of subsets) {
    for (const port of s.ports?.length ? s.ports : [undefined]) {
      for (const a of s.addresses ?? []) take(a, port, true);
      for (const a of s.notReadyAddresses ?? []) take(a, port, false);
    }
  }
  const groups = new Map<string, Group>();
  for (const { port, addresses } of ports.values()) {
    const key = [...addresses]
      .sort(([a], [b]) => byAddress(a, b))
      .map(([a, ready]) => `${JSON.stringify(a)}${ready}`)
      .join();
    const group = groups.get(key) ?? { ports: [], addresses };
    if (port) group.ports.push(port);
    groups.set(key, group);
  }
  const packed = [...groups.values()].map(({ ports: list, addresses }): Subset => {
    const ready = [...addresses].filter(([, r]) => r).map(([a]) => a);
    const notReady = [...addresses].filter(([, r]) => !r).map(([a]) => a);
    return {
      ...(ready.length > 0 ? { addresses: ready.sort(byAddress) } : {}),
      ...(notReady.length > 0 ? { notReadyAddresses: notReady.sort(byAddress) } : {}),
      ...(list.length > 0 ? { ports: byHash(list, dumpSubsetPort) } : {}),
    };
  });
  return byHash(packed, dumpSubset);
}
