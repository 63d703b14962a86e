import type { KubeObject } from "../../kinds/object.js";
import type { SlicePort, Subset, SubsetAddress } from "../runtime/endpoints/hash.js";
import { LAST_CHANGE } from "../runtime/endpoints/pods.js";
import { repackSubsets } from "../runtime/endpoints/repack.js";
import {
  type AddressType,
  type Endpoint,
  type EndpointSlice,
  endpointKey,
  endpointsOf,
  identity,
  MANAGED_BY,
  orNull,
  portsKey,
  recycle,
  SERVICE_NAME,
  type SliceChanges,
  sameEndpoint,
  sortPorts,
} from "./slices.js";

export const MIRRORING_NAME = "endpointslicemirroring-controller.k8s.io";
/** mirroringMaxEndpointsPerSubset. */
const MAX_PER_SUBSET = 1000;
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

export interface MirrorPlan extends SliceChanges {
  /** Reason and message of Events about the Endpoints. */
  readonly warnings: readonly (readonly [reason: string, message: string])[];
}

const without = (map: Readonly<Record<string, string>> | undefined, ...keys: string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(map ?? {}).filter(([k]) => !keys.includes(k)));
const sameMap = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.keys(a).every((k) => a[k] === b[k]);

function familyOf(ip: string): AddressType | undefined {
  if (ip.includes(":")) return /^[0-9a-fA-F:.]+$/.test(ip) ? "IPv6" : undefined;
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(ip) ? "IPv4" : undefined;
}

const toEndpoint = (a: SubsetAddress, ready: boolean): Endpoint => ({
  addresses: [a.ip],
  conditions: { ready },
  ...(a.hostname ? { hostname: a.hostname } : {}),
  ...(a.targetRef ? { targetRef: a.targetRef } : {}),
  ...(a.nodeName ? { nodeName: a.nodeName } : {}),
});

interface Group {
  readonly type: AddressType;
  readonly ports: SlicePort[];
  readonly endpoints: Map<string, Endpoint>;
}

/** What makes the slices say what the Endpoints say; all go when there are no Endpoints to mirror. Source: endpointslicemirroring/reconciler.go. */
export function planMirror(endpoints: KubeObject | undefined, existing: readonly EndpointSlice[]): MirrorPlan {
  if (!endpoints) return { create: [], update: [], delete: [...existing], warnings: [] };
  const { groups, warnings } = desired(endpoints);
  const changes: SliceChanges = { create: [], update: [], delete: [] };
  const byKey = new Map<string, EndpointSlice[]>();
  for (const s of existing) {
    const key = `${s.addressType}-${portsKey(s.ports)}`;
    byKey.set(key, [...(byKey.get(key) ?? []), s]);
  }
  for (const [key, group] of groups) {
    const slices = byKey.get(key) ?? [];
    if (group.endpoints.size === 0) {
      changes.delete.push(...slices);
      continue;
    }
    changes.delete.push(...slices.slice(1));
    if (slices[0] && isCurrent(slices[0], endpoints, group)) continue;
    (slices[0] ? changes.update : changes.create).push(mirrorSlice(endpoints, group, slices[0]));
  }
  for (const [key, slices] of byKey) if (!groups.has(key)) changes.delete.push(...slices);
  return { ...recycle(changes, () => true), warnings };
}

function desired(endpoints: KubeObject): { groups: Map<string, Group>; warnings: [string, string][] } {
  const groups = new Map<string, Group>();
  let invalid = 0;
  let skipped = 0;
  for (const subset of repackSubsets((endpoints.subsets ?? []) as Subset[])) {
    const ports = sortPorts(
      (subset.ports ?? []).map((p) => ({
        name: p.name ?? "",
        port: p.port,
        protocol: p.protocol ?? "TCP",
        ...(p.appProtocol != null ? { appProtocol: p.appProtocol } : {}),
      })),
    );
    for (const type of ["IPv4", "IPv6"] as const) {
      const key = `${type}-${portsKey(ports)}`;
      if (!groups.has(key)) groups.set(key, { type, ports, endpoints: new Map() });
    }
    const addresses = [...(subset.addresses ?? []).map((a) => [a, true] as const), ...(subset.notReadyAddresses ?? []).map((a) => [a, false] as const)];
    let added = 0;
    for (const [address, ready] of addresses) {
      if (added >= MAX_PER_SUBSET) break;
      const type = familyOf(address.ip);
      if (!type) {
        invalid++;
        continue;
      }
      const endpoint = toEndpoint(address, ready);
      groups.get(`${type}-${portsKey(ports)}`)?.endpoints.set(endpointKey(endpoint), endpoint);
      added++;
    }
    skipped += addresses.length - added;
  }
  const warnings: [string, string][] = [];
  if (invalid > 0) warnings.push(["InvalidIPAddress", `Skipped ${invalid} invalid IP addresses when mirroring to EndpointSlices`]);
  if (skipped > invalid) {
    warnings.push([
      "TooManyAddressesToMirror",
      `A max of ${MAX_PER_SUBSET} addresses can be mirrored to EndpointSlices per Endpoints subset. ${skipped} addresses were skipped`,
    ]);
  }
  return { groups, warnings };
}

function isCurrent(slice: EndpointSlice, endpoints: KubeObject, group: Group): boolean {
  const now = endpointsOf(slice);
  const owned = (slice.metadata.ownerReferences ?? []).some((o) => o.kind === "Endpoints" && o.uid === endpoints.metadata.uid);
  return (
    owned &&
    now.length === group.endpoints.size &&
    now.every((e) => {
      const wanted = group.endpoints.get(endpointKey(e));
      return wanted !== undefined && sameEndpoint(wanted, e);
    }) &&
    sameMap(endpoints.metadata.labels ?? {}, without(slice.metadata.labels, MANAGED_BY, SERVICE_NAME)) &&
    sameMap(without(endpoints.metadata.annotations, LAST_CHANGE, LAST_APPLIED), slice.metadata.annotations ?? {})
  );
}

function mirrorSlice(endpoints: KubeObject, group: Group, old: EndpointSlice | undefined): EndpointSlice {
  const { name: source = "", namespace, uid = "" } = endpoints.metadata;
  const annotations = without(endpoints.metadata.annotations, LAST_CHANGE, LAST_APPLIED);
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      ...(old ? identity(old) : { generateName: `${source}-` }),
      namespace,
      labels: { ...endpoints.metadata.labels, [SERVICE_NAME]: source, [MANAGED_BY]: MIRRORING_NAME },
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
      ownerReferences: [{ apiVersion: "v1", kind: "Endpoints", name: source, uid, controller: true, blockOwnerDeletion: true }],
    },
    addressType: group.type,
    endpoints: orNull([...group.endpoints.values()].slice(0, MAX_PER_SUBSET)),
    ports: orNull(group.ports),
  };
}
