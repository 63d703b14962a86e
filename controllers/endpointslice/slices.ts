import type { KubeObject, ObjectMeta } from "../../kinds/object.js";
import { byHash, dumpSlicePort, type SlicePort } from "../runtime/endpoints/hash.js";
import { IS_HEADLESS, isHeadless, LAST_CHANGE } from "../runtime/endpoints/pods.js";

/** discovery/v1 Endpoint. */
export interface Endpoint {
  addresses: string[];
  conditions?: { ready?: boolean; serving?: boolean; terminating?: boolean };
  hostname?: string;
  targetRef?: { kind?: string; namespace?: string; name?: string; uid?: string; resourceVersion?: string; [field: string]: unknown };
  deprecatedTopology?: Record<string, string>;
  nodeName?: string;
  zone?: string;
  hints?: { forZones?: { name: string }[]; forNodes?: { name: string }[] };
}

export type AddressType = "IPv4" | "IPv6";

/** discovery/v1 EndpointSlice. Empty lists are null: that is what a Go client's protobuf makes of them, and what is served. */
export interface EndpointSlice extends KubeObject {
  metadata: ObjectMeta;
  addressType: string;
  endpoints: Endpoint[] | null;
  ports: SlicePort[] | null;
}

/** What to do about the slices of one service. */
export interface SliceChanges {
  readonly create: EndpointSlice[];
  readonly update: EndpointSlice[];
  readonly delete: EndpointSlice[];
}

export const SERVICE_NAME = "kubernetes.io/service-name";
export const MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
const RESERVED = new Set([SERVICE_NAME, MANAGED_BY, IS_HEADLESS]);

export const orNull = <T>(list: readonly T[]): T[] | null => (list.length > 0 ? [...list] : null);
export const endpointsOf = (slice: EndpointSlice): readonly Endpoint[] => slice.endpoints ?? [];

/** Sorts ports as upstream does while it makes a key of them. Source: NewPortMapKey. */
export const sortPorts = (ports: readonly SlicePort[]): SlicePort[] => byHash(ports, dumpSlicePort);
export const portsKey = (ports: readonly SlicePort[] | null | undefined): string =>
  sortPorts(ports ?? [])
    .map(dumpSlicePort)
    .join();

/** Identity of an endpoint among others: hashEndpoint in endpointset.go. */
export const endpointKey = (e: Endpoint): string =>
  JSON.stringify([[...e.addresses].sort(), e.hostname ?? "", e.targetRef?.namespace ?? "", e.targetRef?.name ?? ""]);

function sameTarget(a: Endpoint["targetRef"], b: Endpoint["targetRef"]): boolean {
  if (!a || !b) return a === b;
  const fields = new Set([...Object.keys(a), ...Object.keys(b)]);
  fields.delete("resourceVersion");
  for (const f of fields) if ((a[f] ?? "") !== (b[f] ?? "")) return false;
  return true;
}

/** EndpointsEqualBeyondHash. */
export const sameEndpoint = (a: Endpoint, b: Endpoint): boolean =>
  a.nodeName === b.nodeName &&
  a.zone === b.zone &&
  a.conditions?.ready === b.conditions?.ready &&
  a.conditions?.serving === b.conditions?.serving &&
  a.conditions?.terminating === b.conditions?.terminating &&
  sameTarget(a.targetRef, b.targetRef);

const sameMap = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.keys(a).every((k) => a[k] === b[k]);
const unreserved = (labels: Readonly<Record<string, string>> | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(labels ?? {}).filter(([k]) => !RESERVED.has(k)));

/** The labels of a service's slices, and whether `slice` lacks some of the service's own (setEndpointSliceLabels). */
export function sliceLabels(slice: EndpointSlice | undefined, service: KubeObject, manager: string): { labels: Record<string, string>; moved: boolean } {
  const own = unreserved(service.metadata.labels);
  const labels = { ...own, ...(isHeadless(service) ? { [IS_HEADLESS]: "" } : {}), [SERVICE_NAME]: service.metadata.name ?? "", [MANAGED_BY]: manager };
  return { labels, moved: slice === undefined || !sameMap(unreserved(slice.metadata.labels), own) };
}

/** A new slice of a service, without endpoints. */
export function newSlice(service: KubeObject, ports: readonly SlicePort[], addressType: AddressType, manager: string): EndpointSlice {
  const { name = "", namespace, uid = "" } = service.metadata;
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: sliceLabels(undefined, service, manager).labels,
      ownerReferences: [{ apiVersion: "v1", kind: "Service", name, uid, controller: true, blockOwnerDeletion: true }],
    },
    addressType,
    endpoints: null,
    ports: orNull(ports),
  };
}

export const ownedBy = (slice: EndpointSlice, service: KubeObject): boolean =>
  (slice.metadata.ownerReferences ?? []).some((o) => o.uid === service.metadata.uid && o.kind === "Service" && o.apiVersion === "v1");

/** The slice with the trigger time, or without one (addTriggerTimeAnnotation). */
export function withTriggerTime(slice: EndpointSlice, time: string | undefined): EndpointSlice {
  const { [LAST_CHANGE]: _, ...rest } = slice.metadata.annotations ?? {};
  const annotations = time ? { ...rest, [LAST_CHANGE]: time } : rest;
  const { annotations: __, ...metadata } = slice.metadata;
  return { ...slice, metadata: Object.keys(annotations).length > 0 ? { ...metadata, annotations } : metadata };
}

/** Makes a write an update of `slice` as it was read. */
export const identity = ({ metadata: { name, resourceVersion } }: EndpointSlice): Pick<ObjectMeta, "name" | "resourceVersion"> => ({
  name,
  ...(resourceVersion ? { resourceVersion } : {}),
});

/** Slices that would be created take over those that would be deleted, where address type and owner allow it (Reconciler.finalize). */
export function recycle(changes: SliceChanges, may: (slice: EndpointSlice) => boolean): SliceChanges {
  const create = [...changes.create];
  const update = [...changes.update];
  const rest: EndpointSlice[] = [];
  for (const old of changes.delete) {
    const next = create.at(-1);
    if (next && next.addressType === old.addressType && may(old)) {
      create.pop();
      update.push({ ...next, metadata: { ...next.metadata, ...identity(old) } });
    } else rest.push(old);
  }
  return { create, update, delete: rest };
}
