import type { KubeObject } from "../../../kinds/object.js";
import { type Address, parseAddress } from "../../wire/address.js";

/** A port of a service or of a slice. `name` and `protocol` are lower-cased; `port` -1 stands for "none declared", as CoreDNS has it. */
export interface ZonePort {
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
}

/** A service, as far as DNS cares. */
export interface ZoneService {
  readonly namespace: string;
  readonly name: string;
  readonly kind: "ClusterIP" | "Headless" | "ExternalName";
  /** Only of an ExternalName service. */
  readonly externalName: string;
  /** Cluster addresses; none for a headless service. */
  readonly addresses: readonly Address[];
  readonly ports: readonly ZonePort[];
  readonly labels: Labels;
}

export type Labels = Readonly<Record<string, string>>;

/** One ready address behind a service, or in slices of FQDNs, another name. */
export type ZoneEndpoint = EndpointName &
  ({ readonly address: Address; readonly alias?: undefined } | { readonly address?: undefined; readonly alias: string });

interface EndpointName {
  /** The label it has below its service: its hostname, or its address with dashes. */
  readonly host: string;
  /** The same where pods give their names (`endpoint_pod_names`): hostname, name of the pod, or address with dashes. */
  readonly podHost: string;
  readonly ports: readonly ZonePort[];
  /** Of the slice. */
  readonly labels: Labels;
}

/** What `answer` needs to know of the cluster; everything is read at the moment of the question. Namespaces and names are lower case. */
export interface ZoneView {
  hasNamespace(name: string): boolean;
  service(namespace: string, name: string): ZoneService | undefined;
  /** Ready endpoints of a service, or those of one label below it (lower case). */
  endpoints(namespace: string, service: string, host?: string): readonly ZoneEndpoint[];
  /** Services with this cluster address (canonical text), in no order that means anything. */
  servicesAt(address: string): readonly ZoneService[];
  /** Ready endpoints with this address, each with the namespace and the service it is below. */
  endpointsAt(address: string): readonly PlacedEndpoint[];
  /** Whether a pod that has not ended has this address (as text). */
  hasPod(namespace: string, address: string): boolean;
  /** False until everything that was there at first is known. */
  readonly synced: boolean;
  /** Unix seconds of the last change that shows in an answer: the serial. */
  readonly serial: number;
}

/** An endpoint, and below which service its name is. */
export interface PlacedEndpoint {
  readonly namespace: string;
  readonly service: string;
  readonly host: string;
  readonly labels: Labels;
}

interface Slice {
  readonly namespace: string;
  readonly service: string;
  readonly labels: Labels;
  readonly endpoints: readonly ZoneEndpoint[];
  /** Ports and addresses as one text: equal texts answer equally. */
  readonly fingerprint: string;
}

const SERVICE_NAME = "kubernetes.io/service-name";
const NO_PORT: readonly ZonePort[] = [{ name: "", protocol: "", port: -1 }];
const NONE: readonly ZoneEndpoint[] = [];
const ENDED = new Set(["Succeeded", "Failed", "Unknown"]);

const sameLabels = (a: Labels, b: Labels): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

const keyOf = (o: KubeObject): string => `${o.metadata.namespace}/${o.metadata.name}`;

interface PortObject {
  readonly name?: string;
  readonly protocol?: string;
  readonly port?: number;
}

function portsOf(list: readonly PortObject[] | null | undefined): readonly ZonePort[] {
  if (!list?.length) return NO_PORT;
  return list.map((p) => ({ name: (p.name ?? "").toLowerCase(), protocol: (p.protocol ?? "").toLowerCase(), port: p.port ?? -1 }));
}

/** The label of an endpoint without hostname. Source: CoreDNS plugin/kubernetes endpointHostname (no label may end in a dash). */
function dashed(address: string): string {
  const label = address.replaceAll(/[.:]/g, "-");
  return label.endsWith("-") ? `${label}0` : label;
}

function serviceOf(object: KubeObject): ZoneService {
  const { type, clusterIP, clusterIPs, externalName, ports } = object.spec ?? {};
  const addresses: readonly string[] = clusterIPs?.length ? clusterIPs : [clusterIP ?? ""];
  return {
    namespace: object.metadata.namespace ?? "",
    name: object.metadata.name ?? "",
    kind: type === "ExternalName" ? "ExternalName" : addresses[0] === "None" ? "Headless" : "ClusterIP",
    externalName: externalName ?? "",
    addresses: addresses.map(parseAddress).filter((a) => a !== undefined),
    ports: portsOf(ports),
    labels: object.metadata.labels ?? {},
  };
}

interface EndpointObject {
  readonly addresses?: readonly string[];
  readonly targetRef?: { readonly kind?: string; readonly name?: string };
  readonly hostname?: string;
  readonly conditions?: { readonly ready?: boolean | null };
}

/** A pod's name, where it can be a label. */
const podLabel = ({ targetRef }: EndpointObject): string => (targetRef?.name && targetRef.name.length < 64 ? targetRef.name : "");

function sliceOf(object: KubeObject): Slice {
  const ports = portsOf(object.ports);
  const labels: Labels = object.metadata.labels ?? {};
  const endpoints: ZoneEndpoint[] = [];
  for (const endpoint of (object.endpoints ?? []) as readonly EndpointObject[]) {
    // unknown counts as ready
    if (endpoint.conditions?.ready === false) continue;
    for (const text of endpoint.addresses ?? []) {
      const address = parseAddress(text);
      const host = endpoint.hostname || dashed(text);
      const named = { host, podHost: endpoint.hostname || podLabel(endpoint) || host, ports, labels };
      endpoints.push(address ? { ...named, address } : { ...named, alias: text });
    }
  }
  return {
    namespace: object.metadata.namespace ?? "",
    service: labels[SERVICE_NAME] ?? "",
    labels,
    endpoints,
    fingerprint: JSON.stringify([ports, endpoints.map((e) => [e.alias ?? e.address.text, e.host, e.podHost])]),
  };
}

interface Pod {
  readonly addresses: readonly string[];
  readonly labels: Labels;
}

/** Map of sets that forgets empty ones. */
class Groups {
  readonly #groups = new Map<string, Set<string>>();

  add(group: string, member: string): void {
    const members = this.#groups.get(group);
    if (members) members.add(member);
    else this.#groups.set(group, new Set([member]));
  }

  delete(group: string, member: string): void {
    const members = this.#groups.get(group);
    if (members?.delete(member) && members.size === 0) this.#groups.delete(group);
  }

  get(group: string): Iterable<string> {
    return this.#groups.get(group) ?? [];
  }
}

type Hosts = Map<string, ZoneEndpoint[]>;

/**
 * The names of a cluster, indexed: fed object by object, asked by `answer`. Holds no connection and no timer. An object put again replaces what was there
 * under its key; removing what is not there does nothing.
 *
 * The serial moves as CoreDNS's does (plugin/kubernetes controller.go detectChanges): on every new and every removed object, and on a change only if it
 * touches what DNS answers from: ports and external name of a service, ready endpoints and ports of a slice, addresses of a pod.
 */
export class Zone implements ZoneView {
  readonly #now: () => number;
  #modified: number;
  /** Moves with everything that could change an answer: whoever keeps answers compares it. */
  generation = 0;
  synced = false;
  readonly #namespaces = new Map<string, Labels>();
  readonly #services = new Map<string, ZoneService>();
  readonly #slices = new Map<string, Slice>();
  readonly #pods = new Map<string, Pod>();
  /** `namespace/service` → keys of its slices. */
  readonly #slicesOf = new Groups();
  /** Address → keys of services; of slices; of namespaces/pods. */
  readonly #servicesAt = new Groups();
  readonly #slicesAt = new Groups();
  readonly #podsAt = new Groups();
  /** `namespace/service` → its endpoints, by label; made by the first question after a change. "" has all of them (no label is empty). */
  readonly #hosts = { host: new Map<string, Hosts>(), podHost: new Map<string, Hosts>() };

  /** `now`: milliseconds since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
    this.#modified = now();
  }

  get serial(): number {
    return Math.floor(this.#modified / 1000) >>> 0;
  }

  #touch(): void {
    this.#modified = this.#now();
    this.generation++;
  }

  putNamespace(object: KubeObject): void {
    this.#namespaces.set(object.metadata.name ?? "", object.metadata.labels ?? {});
    this.generation++;
  }

  removeNamespace(object: KubeObject): void {
    this.#namespaces.delete(object.metadata.name ?? "");
    this.generation++;
  }

  putService(object: KubeObject): void {
    const key = keyOf(object);
    const service = serviceOf(object);
    const old = this.#services.get(key);
    for (const a of old?.addresses ?? []) this.#servicesAt.delete(a.text, key);
    for (const a of service.addresses) this.#servicesAt.add(a.text, key);
    this.#services.set(key, service);
    this.generation++;
    if (!old || old.externalName !== service.externalName || JSON.stringify(old.ports) !== JSON.stringify(service.ports)) this.#touch();
  }

  removeService(object: KubeObject): void {
    const key = keyOf(object);
    const old = this.#services.get(key);
    if (!old) return;
    for (const a of old.addresses) this.#servicesAt.delete(a.text, key);
    this.#services.delete(key);
    this.#touch();
  }

  putEndpointSlice(object: KubeObject): void {
    const key = keyOf(object);
    const slice = sliceOf(object);
    const old = this.#slices.get(key);
    const same = old?.service === slice.service && old.fingerprint === slice.fingerprint;
    if (same && sameLabels(old.labels, slice.labels)) return;
    if (old) this.#unlink(key, old);
    this.#slices.set(key, slice);
    const owner = `${slice.namespace}/${slice.service}`;
    this.#slicesOf.add(owner, key);
    for (const e of slice.endpoints) if (e.address) this.#slicesAt.add(e.address.text, key);
    this.#forget(owner);
    if (same) this.generation++;
    else this.#touch();
  }

  removeEndpointSlice(object: KubeObject): void {
    const key = keyOf(object);
    const old = this.#slices.get(key);
    if (!old) return;
    this.#unlink(key, old);
    this.#slices.delete(key);
    this.#touch();
  }

  #unlink(key: string, slice: Slice): void {
    const owner = `${slice.namespace}/${slice.service}`;
    this.#slicesOf.delete(owner, key);
    for (const e of slice.endpoints) if (e.address) this.#slicesAt.delete(e.address.text, key);
    this.#forget(owner);
  }

  #forget(owner: string): void {
    this.#hosts.host.delete(owner);
    this.#hosts.podHost.delete(owner);
  }

  /** Only needed for `pods verified`. */
  putPod(object: KubeObject): void {
    const key = keyOf(object);
    if (ENDED.has(object.status?.phase)) {
      this.removePod(object);
      return;
    }
    const addresses: readonly string[] = (object.status?.podIPs ?? []).map((p: { readonly ip?: string }) => p.ip ?? "").filter(Boolean);
    const labels: Labels = object.metadata.labels ?? {};
    const old = this.#pods.get(key);
    const same = old?.addresses.join() === addresses.join();
    if (same && sameLabels(old.labels, labels)) return;
    for (const a of old?.addresses ?? []) this.#podsAt.delete(`${object.metadata.namespace}/${a}`, key);
    for (const a of addresses) this.#podsAt.add(`${object.metadata.namespace}/${a}`, key);
    this.#pods.set(key, { addresses, labels });
    if (same) this.generation++;
    else this.#touch();
  }

  removePod(object: KubeObject): void {
    const key = keyOf(object);
    const old = this.#pods.get(key);
    if (!old) return;
    for (const a of old.addresses) this.#podsAt.delete(`${object.metadata.namespace}/${a}`, key);
    this.#pods.delete(key);
    this.#touch();
  }

  hasNamespace(name: string): boolean {
    return this.#namespaces.has(name);
  }

  namespaceLabels(name: string): Labels | undefined {
    return this.#namespaces.get(name);
  }

  service(namespace: string, name: string): ZoneService | undefined {
    return this.#services.get(`${namespace}/${name}`);
  }

  /** `by`: which of an endpoint's two labels counts. */
  endpoints(namespace: string, service: string, host = "", by: "host" | "podHost" = "host"): readonly ZoneEndpoint[] {
    const key = `${namespace}/${service}`;
    let hosts = this.#hosts[by].get(key);
    if (!hosts) {
      hosts = this.#hostsOf(key, by);
      // names that are asked for without being there are not remembered
      if (hosts.get("")?.length) this.#hosts[by].set(key, hosts);
    }
    return hosts.get(host) ?? NONE;
  }

  #hostsOf(key: string, by: "host" | "podHost"): Hosts {
    const all: ZoneEndpoint[] = [];
    const hosts: Hosts = new Map([["", all]]);
    for (const sliceKey of this.#slicesOf.get(key)) {
      for (const endpoint of this.#slices.get(sliceKey)?.endpoints ?? []) {
        all.push(endpoint);
        const label = endpoint[by].toLowerCase();
        const list = hosts.get(label);
        if (list) list.push(endpoint);
        else hosts.set(label, [endpoint]);
      }
    }
    return hosts;
  }

  servicesAt(address: string): readonly ZoneService[] {
    return Array.from(this.#servicesAt.get(address), (key) => this.#services.get(key)).filter((s) => s !== undefined);
  }

  endpointsAt(address: string, by: "host" | "podHost" = "host"): readonly PlacedEndpoint[] {
    const placed: PlacedEndpoint[] = [];
    for (const key of this.#slicesAt.get(address)) {
      const slice = this.#slices.get(key);
      // a slice of no service has no name to give
      if (!slice?.service) continue;
      const { namespace, service, labels } = slice;
      for (const e of slice.endpoints) if (e.address?.text === address) placed.push({ namespace, service, host: e[by], labels });
    }
    return placed;
  }

  hasPod(namespace: string, address: string): boolean {
    return this.podsAt(namespace, address).length > 0;
  }

  /** The labels of each pod with this address. */
  podsAt(namespace: string, address: string): readonly Labels[] {
    return Array.from(this.#podsAt.get(`${namespace}/${address}`), (key) => this.#pods.get(key)?.labels ?? {});
  }
}
