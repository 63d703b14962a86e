import type { KubeObject } from "../../kinds/object.js";
import type { SlicePort } from "../runtime/endpoints/hash.js";
import { belongsInEndpoints, findPort, hostnameIn, isReady, podIPs, type ServicePort } from "../runtime/endpoints/pods.js";
import {
  type AddressType,
  type Endpoint,
  type EndpointSlice,
  endpointKey,
  endpointsOf,
  newSlice,
  ownedBy,
  portsKey,
  recycle,
  type SliceChanges,
  sameEndpoint,
  sliceLabels,
  sortPorts,
} from "./slices.js";

export const CONTROLLER_NAME = "endpointslice-controller.k8s.io";
export const MAX_ENDPOINTS = 100;

export interface SlicePlanInput {
  readonly service: KubeObject;
  /** Pods the service selects, in the order in which they are to be placed. */
  readonly pods: readonly KubeObject[];
  node(name: string): KubeObject | undefined;
  /** The service's slices of this controller that are not being deleted. */
  readonly existing: readonly EndpointSlice[];
  readonly maxEndpoints?: number;
}

export interface SlicePlan extends SliceChanges {
  /** What could not be placed, in upstream's words; the service is tried again. */
  readonly errors: readonly string[];
}

/** podToEndpoint; addresses are empty when the pod has none of the family. */
export function podEndpoint(pod: KubeObject, node: KubeObject | undefined, service: KubeObject, addressType: AddressType): Endpoint {
  const serving = isReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const zone = node?.metadata.labels?.["topology.kubernetes.io/zone"];
  const hostname = hostnameIn(pod, service);
  return {
    addresses: podIPs(pod).filter((ip) => ip.includes(":") === (addressType === "IPv6")),
    // A terminating pod is never ready, unless the service publishes those that are not.
    conditions: { ready: service.spec?.publishNotReadyAddresses === true || (serving && !terminating), serving, terminating },
    ...(hostname ? { hostname } : {}),
    targetRef: { kind: "Pod", namespace: pod.metadata.namespace, name: pod.metadata.name, uid: pod.metadata.uid },
    ...(pod.spec?.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    ...(zone ? { zone } : {}),
  };
}

/** getEndpointPorts. */
export function podPorts(service: KubeObject, pod: KubeObject): SlicePort[] {
  const ports: SlicePort[] = [];
  for (const p of (service.spec?.ports ?? []) as ServicePort[]) {
    const port = findPort(pod, p);
    if (port === undefined) continue;
    ports.push({ name: p.name ?? "", port, protocol: p.protocol ?? "TCP", ...(p.appProtocol !== undefined ? { appProtocol: p.appProtocol } : {}) });
  }
  return sortPorts(ports);
}

/** getAddressTypesForService. */
export function addressTypes(service: KubeObject): AddressType[] {
  const families = ((service.spec?.ipFamilies ?? []) as string[]).filter((f): f is AddressType => f === "IPv4" || f === "IPv6");
  if (families.length > 0) return families;
  if (service.spec?.clusterIP && service.spec.clusterIP !== "None") return [service.spec.clusterIP.includes(":") ? "IPv6" : "IPv4"];
  return ["IPv4", "IPv6"];
}

/** What to do so that the slices say what pods the service has, with as few writes as may be. Source: k8s.io/endpointslice Reconciler.Reconcile. */
export function planSlices(input: SlicePlanInput): SlicePlan {
  const types = addressTypes(input.service);
  const errors: string[] = [];
  const all: SliceChanges = { create: [], update: [], delete: [] };
  for (const type of types) {
    const changes = planAddressType(input, type, errors);
    all.create.push(...changes.create);
    all.update.push(...changes.update);
    all.delete.push(...changes.delete);
  }
  all.delete.push(...input.existing.filter((s) => !(types as string[]).includes(s.addressType)));
  return { ...all, errors };
}

function planAddressType(input: SlicePlanInput, type: AddressType, errors: string[]): SliceChanges {
  const { service } = input;
  const max = input.maxEndpoints ?? MAX_ENDPOINTS;
  const existing = input.existing.filter((s) => s.addressType === type);
  const changes: SliceChanges = { create: [], update: [], delete: [] };
  const byPorts = new Map<string, EndpointSlice[]>();
  for (const slice of existing) {
    if (!ownedBy(slice, service)) changes.delete.push(slice);
    else byPorts.set(portsKey(slice.ports), [...(byPorts.get(portsKey(slice.ports)) ?? []), slice]);
  }
  const desired = new Map<string, { ports: SlicePort[]; endpoints: Map<string, Endpoint> }>();
  for (const pod of input.pods) {
    if (!belongsInEndpoints(pod, true)) continue;
    const ports = podPorts(service, pod);
    const key = portsKey(ports);
    let group = desired.get(key);
    if (!group) {
      group = { ports, endpoints: new Map() };
      desired.set(key, group);
    }
    const node = pod.spec?.nodeName ? input.node(pod.spec.nodeName) : undefined;
    if (!node && !service.spec?.publishNotReadyAddresses) {
      const { namespace, name } = service.metadata;
      errors.push(`skipping Pod ${pod.metadata.name} for Service ${namespace}/${name}: Node ${pod.spec?.nodeName ?? ""} Not Found`);
      continue;
    }
    const endpoint = podEndpoint(pod, node, service, type);
    if (endpoint.addresses.length > 0) group.endpoints.set(endpointKey(endpoint), endpoint);
  }
  for (const [key, group] of desired) placeGroup(service, type, max, byPorts.get(key) ?? [], group, changes);
  for (const [key, slices] of byPorts) if (!desired.has(key)) changes.delete.push(...slices);

  // A service always has a slice: an empty one when there is nothing to say.
  if (existing.length === changes.delete.length && changes.create.length === 0) {
    const placeholder = newSlice(service, [], type, CONTROLLER_NAME);
    if (changes.delete.length === 1 && isPlaceholder(changes.delete[0], placeholder)) changes.delete.length = 0;
    else changes.create.push(placeholder);
  }
  const hinted = withHints(service, changes, existing);
  return recycle(hinted, (slice) => ownedBy(slice, service));
}

/** Distributes the endpoints of one set of ports over its slices. Source: reconcileByPortMapping. */
function placeGroup(
  service: KubeObject,
  type: AddressType,
  max: number,
  existing: readonly EndpointSlice[],
  group: { ports: SlicePort[]; endpoints: Map<string, Endpoint> },
  changes: SliceChanges,
): void {
  const left = new Map(group.endpoints);
  const updated: EndpointSlice[] = [];
  let unchanged: EndpointSlice[] = [];
  for (const slice of existing) {
    const kept: Endpoint[] = [];
    let moved = false;
    for (const endpoint of endpointsOf(slice)) {
      const key = endpointKey(endpoint);
      const wanted = left.get(key);
      if (!wanted) continue;
      if (!sameEndpoint(wanted, endpoint)) moved = true;
      // Hints are worked out later; those that are there stay until then.
      kept.push(endpoint.hints ? { ...wanted, hints: endpoint.hints } : wanted);
      left.delete(key);
    }
    const { labels, moved: relabelled } = sliceLabels(slice, service, CONTROLLER_NAME);
    if (moved || kept.length !== endpointsOf(slice).length) {
      if (kept.length === 0) changes.delete.push(slice);
      else updated.push({ ...slice, metadata: { ...slice.metadata, labels }, endpoints: kept });
    } else if (relabelled) updated.push({ ...slice, metadata: { ...slice.metadata, labels } });
    else unchanged.push(slice);
  }
  const waiting = [...left.values()];
  const fill = (slice: EndpointSlice): EndpointSlice => {
    const room = max - endpointsOf(slice).length;
    return room <= 0 || waiting.length === 0 ? slice : { ...slice, endpoints: [...endpointsOf(slice), ...waiting.splice(0, room)] };
  };
  // Slices that are written anyway are filled first, the fullest before the others.
  changes.update.push(...updated.sort((a, b) => endpointsOf(b).length - endpointsOf(a).length).map(fill));
  while (waiting.length > 0) {
    const target = waiting.length < max ? bestFit(unchanged, waiting.length, max) : undefined;
    if (target) {
      unchanged = unchanged.filter((s) => s !== target);
      changes.update.push(fill(target));
    } else changes.create.push(fill(newSlice(service, group.ports, type, CONTROLLER_NAME)));
  }
}

/** The slice that is closest to full with so many more (getSliceToFill). */
function bestFit(slices: readonly EndpointSlice[], more: number, max: number): EndpointSlice | undefined {
  let best: EndpointSlice | undefined;
  let least = max;
  for (const slice of slices) {
    const room = max - (more + endpointsOf(slice).length);
    if (room >= 0 && room < least) [best, least] = [slice, room];
  }
  return best;
}

function isPlaceholder(slice: EndpointSlice, placeholder: EndpointSlice): boolean {
  const [a, b] = [slice.metadata.labels ?? {}, placeholder.metadata.labels ?? {}];
  const sameLabels = Object.keys({ ...a, ...b }).every((k) => (a[k] ?? "") === (b[k] ?? ""));
  return sameLabels && endpointsOf(slice).length === 0 && (slice.ports ?? []).length === 0;
}

const SPREADS: readonly string[] = ["PreferClose", "PreferSameZone", "PreferSameNode"];

/** Routing hints for services with a trafficDistribution, none for others. Source: k8s.io/endpointslice trafficdist. */
function withHints(service: KubeObject, changes: SliceChanges, existing: readonly EndpointSlice[]): SliceChanges {
  const distribution: string | undefined = service.spec?.trafficDistribution;
  const wanted = distribution !== undefined && SPREADS.includes(distribution);
  const hint = (e: Endpoint): Endpoint => {
    if (wanted && !e.conditions?.ready) return e;
    const { hints: _, ...rest } = e;
    if (!wanted) return rest;
    const forZones = e.zone ? [{ name: e.zone }] : undefined;
    const forNodes = e.nodeName && distribution === "PreferSameNode" ? [{ name: e.nodeName }] : undefined;
    return forZones || forNodes ? { ...rest, hints: { ...(forZones ? { forZones } : {}), ...(forNodes ? { forNodes } : {}) } } : rest;
  };
  const hinted = (slice: EndpointSlice): EndpointSlice => (slice.endpoints ? { ...slice, endpoints: slice.endpoints.map(hint) } : slice);
  const touched = new Set([...changes.update, ...changes.delete].map((s) => s.metadata.name));
  const stale = existing.filter((s) => !touched.has(s.metadata.name) && JSON.stringify(hinted(s).endpoints) !== JSON.stringify(s.endpoints));
  return { create: changes.create.map(hinted), update: [...changes.update, ...stale].map(hinted), delete: changes.delete };
}
