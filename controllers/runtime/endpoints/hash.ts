const PRIME = (1n << 88n) + 0x13bn;
const OFFSET = 0x6c62272e07bb014262b821756295c58dn;
const MASK = (1n << 128n) - 1n;

/** FNV-1a of 128 bits in hex (Go's fnv.New128a). Upstream orders ports and subsets by it, so the order shows. */
export function fnv128a(text: string): string {
  let h = OFFSET;
  for (const byte of Buffer.from(text, "utf8")) h = ((h ^ BigInt(byte)) * PRIME) & MASK;
  return h.toString(16).padStart(32, "0");
}

/** A discovery/v1 EndpointPort. */
export interface SlicePort {
  name?: string | null;
  protocol?: string | null;
  port?: number | null;
  appProtocol?: string | null;
}

/** A core/v1 EndpointPort. */
export interface SubsetPort {
  name?: string;
  port: number;
  protocol?: string;
  appProtocol?: string | null;
}

// What follows is the text that k8s.io/utils/dump ForHash makes of the Go structs: type names, field order and all.
const pointer = (type: string, value: string | number | null | undefined): string => `(*${type})${value ?? "<nil>"}`;

export const dumpSlicePort = (p: SlicePort): string =>
  `(v1.EndpointPort){Name:${pointer("string", p.name)} Protocol:${pointer("v1.Protocol", p.protocol)} Port:${pointer("int32", p.port)} AppProtocol:${pointer("string", p.appProtocol)}}`;

const subsetPortFields = (p: SubsetPort): string =>
  `{Name:(string)${p.name ?? ""} Port:(int32)${p.port} Protocol:(v1.Protocol)${p.protocol ?? ""} AppProtocol:${pointer("string", p.appProtocol)}}`;
export const dumpSubsetPort = (p: SubsetPort): string => `(v1.EndpointPort)${subsetPortFields(p)}`;

/** core/v1 EndpointAddress. */
export interface SubsetAddress {
  ip: string;
  hostname?: string;
  nodeName?: string | null;
  targetRef?: { kind?: string; namespace?: string; name?: string; uid?: string; apiVersion?: string; resourceVersion?: string; fieldPath?: string };
}

/** core/v1 EndpointSubset. */
export interface Subset {
  addresses?: SubsetAddress[];
  notReadyAddresses?: SubsetAddress[];
  ports?: SubsetPort[];
}

function addressFields(a: SubsetAddress): string {
  const r = a.targetRef;
  const target = r
    ? `{Kind:(string)${r.kind ?? ""} Namespace:(string)${r.namespace ?? ""} Name:(string)${r.name ?? ""} UID:(types.UID)${r.uid ?? ""} APIVersion:(string)${r.apiVersion ?? ""} ResourceVersion:(string)${r.resourceVersion ?? ""} FieldPath:(string)${r.fieldPath ?? ""}}`
    : "<nil>";
  return `{IP:(string)${a.ip} Hostname:(string)${a.hostname ?? ""} NodeName:${pointer("string", a.nodeName)} TargetRef:(*v1.ObjectReference)${target}}`;
}

const list = <T>(type: string, items: readonly T[] | undefined, one: (item: T) => string): string =>
  `([]${type})${items === undefined || items.length === 0 ? "<nil>" : `[${items.map(one).join(" ")}]`}`;

/** Empty lists are nil, as they are in what RepackSubsets sorts. */
export const dumpSubset = (s: Subset): string =>
  `(v1.EndpointSubset){Addresses:${list("v1.EndpointAddress", s.addresses, addressFields)} NotReadyAddresses:${list("v1.EndpointAddress", s.notReadyAddresses, addressFields)} Ports:${list("v1.EndpointPort", s.ports, subsetPortFields)}}`;

/** Sorts by the hash of each item's dump. */
export function byHash<T>(items: readonly T[], dump: (item: T) => string): T[] {
  if (items.length < 2) return [...items];
  return items
    .map((item) => ({ item, hash: fnv128a(dump(item)) }))
    .sort((a, b) => (a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0))
    .map(({ item }) => item);
}
