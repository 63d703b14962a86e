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
}

/** One ready address behind a service. */
export interface ZoneEndpoint {
  readonly address: Address;
  /** The label it has below its service: its hostname, or its address with dashes. */
  readonly host: string;
  readonly ports: readonly ZonePort[];
}

/** What `answer` needs to know of the cluster; everything is read at the moment of the question. Namespaces and names are lower case. */
export interface ZoneView {
  hasNamespace(name: string): boolean;
  service(namespace: string, name: string): ZoneService | undefined;
  /** Ready endpoints of a service, or those of one host label (lower case). */
  endpoints(namespace: string, service: string, host?: string): readonly ZoneEndpoint[];
  /** Names of an address (canonical text), as labels left of `svc.cluster.local`. */
  pointers(address: string): readonly (readonly string[])[];
  /** Whether a pod that has not ended has this address (as text). */
  hasPod(namespace: string, address: string): boolean;
  /** Unix seconds of the last change that shows in an answer: the serial. */
  readonly serial: number;
}

interface Slice {
  readonly namespace: string;
  readonly service: string;
  readonly endpoints: readonly ZoneEndpoint[];
  /** Ports and addresses as one text: equal texts answer equally. */
  readonly fingerprint: string;
}

const SERVICE_NAME = "kubernetes.io/service-name";
const NO_PORT: readonly ZonePort[] = [{ name: "", protocol: "", port: -1 }];
const NONE: readonly ZoneEndpoint[] = [];
const ENDED = new Set(["Succeeded", "Failed", "Unknown"]);

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
  };
}

interface EndpointObject {
  readonly addresses?: readonly string[];
  readonly hostname?: string;
  readonly conditions?: { readonly ready?: boolean | null };
}

function sliceOf(object: KubeObject): Slice {
  const ports = portsOf(object.ports);
  const endpoints: ZoneEndpoint[] = [];
  for (const endpoint of (object.endpoints ?? []) as readonly EndpointObject[]) {
    // unknown counts as ready
    if (endpoint.conditions?.ready === false) continue;
    for (const text of endpoint.addresses ?? []) {
      const address = parseAddress(text);
      if (address) endpoints.push({ address, host: endpoint.hostname || dashed(text), ports });
    }
  }
  return {
    namespace: object.metadata.namespace ?? "",
    service: object.metadata.labels?.[SERVICE_NAME] ?? "",
    endpoints,
    fingerprint: JSON.stringify([ports, endpoints.map((e) => [e.address.text, e.host])]),
  };
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
  readonly #namespaces = new Set<string>();
  readonly #services = new Map<string, ZoneService>();
  readonly #slices = new Map<string, Slice>();
  readonly #pods = new Map<string, readonly string[]>();
  /** `namespace/service` → keys of its slices. */
  readonly #slicesOf = new Groups();
  /** Address → keys of services; of slices; of namespaces/pods. */
  readonly #servicesAt = new Groups();
  readonly #slicesAt = new Groups();
  readonly #podsAt = new Groups();
  /** `namespace/service` → its endpoints, by host label; made by the first question after a change. "" has all of them (no label is empty). */
  readonly #hosts = new Map<string, Map<string, ZoneEndpoint[]>>();

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
  }

  putNamespace(object: KubeObject): void {
    this.#namespaces.add(object.metadata.name ?? "");
  }

  removeNamespace(object: KubeObject): void {
    this.#namespaces.delete(object.metadata.name ?? "");
  }

  putService(object: KubeObject): void {
    const key = keyOf(object);
    const service = serviceOf(object);
    const old = this.#services.get(key);
    for (const a of old?.addresses ?? []) this.#servicesAt.delete(a.text, key);
    for (const a of service.addresses) this.#servicesAt.add(a.text, key);
    this.#services.set(key, service);
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
    const moved = old?.service !== slice.service;
    if (old && !moved && old.fingerprint === slice.fingerprint) return;
    if (old) this.#unlink(key, old);
    this.#slices.set(key, slice);
    const owner = `${slice.namespace}/${slice.service}`;
    this.#slicesOf.add(owner, key);
    for (const e of slice.endpoints) this.#slicesAt.add(e.address.text, key);
    this.#hosts.delete(owner);
    this.#touch();
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
    for (const e of slice.endpoints) this.#slicesAt.delete(e.address.text, key);
    this.#hosts.delete(owner);
  }

  /** Only needed for `pods verified`. */
  putPod(object: KubeObject): void {
    const key = keyOf(object);
    if (ENDED.has(object.status?.phase)) {
      this.removePod(object);
      return;
    }
    const addresses: readonly string[] = (object.status?.podIPs ?? []).map((p: { readonly ip?: string }) => p.ip ?? "").filter(Boolean);
    const old = this.#pods.get(key);
    if (old && old.join() === addresses.join()) return;
    for (const a of old ?? []) this.#podsAt.delete(`${object.metadata.namespace}/${a}`, key);
    for (const a of addresses) this.#podsAt.add(`${object.metadata.namespace}/${a}`, key);
    this.#pods.set(key, addresses);
    this.#touch();
  }

  removePod(object: KubeObject): void {
    const key = keyOf(object);
    const old = this.#pods.get(key);
    if (!old) return;
    for (const a of old) this.#podsAt.delete(`${object.metadata.namespace}/${a}`, key);
    this.#pods.delete(key);
    this.#touch();
  }

  hasNamespace(name: string): boolean {
    return this.#namespaces.has(name);
  }

  service(namespace: string, name: string): ZoneService | undefined {
    return this.#services.get(`${namespace}/${name}`);
  }

  endpoints(namespace: string, service: string, host = ""): readonly ZoneEndpoint[] {
    const key = `${namespace}/${service}`;
    let hosts = this.#hosts.get(key);
    if (!hosts) {
      hosts = new Map([["", []]]);
      for (const sliceKey of this.#slicesOf.get(key)) {
        for (const endpoint of this.#slices.get(sliceKey)?.endpoints ?? []) {
          hosts.get("")?.push(endpoint);
          const label = endpoint.host.toLowerCase();
          const list = hosts.get(label);
          if (list) list.push(endpoint);
          else hosts.set(label, [endpoint]);
        }
      }
      // names that are asked for without being there are not remembered
      if (hosts.get("")?.length) this.#hosts.set(key, hosts);
    }
    return hosts.get(host) ?? NONE;
  }

  pointers(address: string): readonly (readonly string[])[] {
    for (const key of this.#servicesAt.get(address)) {
      const service = this.#services.get(key);
      if (service) return [[service.name, service.namespace]];
    }
    const names: string[][] = [];
    for (const key of this.#slicesAt.get(address)) {
      const slice = this.#slices.get(key);
      // a slice of no service has no name to give
      if (!slice?.service) continue;
      for (const e of slice.endpoints) if (e.address.text === address) names.push([e.host, slice.service, slice.namespace]);
    }
    return names;
  }

  hasPod(namespace: string, address: string): boolean {
    for (const _ of this.#podsAt.get(`${namespace}/${address}`)) return true;
    return false;
  }
}
