import type { KubernetesOptions } from "./options.js";
import type { PlacedEndpoint, Zone, ZoneEndpoint, ZoneService, ZoneView } from "./zone.js";

/**
 * A zone as one `kubernetes` directive shows it. With all of its options at rest it is the zone itself. Namespaces and labels select what CoreDNS would list
 * and watch (plugin/kubernetes/controller.go); pointers go by the list of namespaces alone, not by whether the namespace is there.
 */
export function viewOf(zone: Zone, options: KubernetesOptions): ZoneView {
  const { podNames, namespaces, labels, namespaceLabels, noEndpoints, ignoreEmpty } = options;
  const plain = !podNames && namespaces.size === 0 && !labels && !namespaceLabels && !noEndpoints && !ignoreEmpty;
  return plain ? zone : new Selected(zone, options);
}

class Selected implements ZoneView {
  readonly #zone: Zone;
  readonly #options: KubernetesOptions;
  readonly #by: "host" | "podHost";

  constructor(zone: Zone, options: KubernetesOptions) {
    this.#zone = zone;
    this.#options = options;
    this.#by = options.podNames ? "podHost" : "host";
  }

  get serial(): number {
    return this.#zone.serial;
  }

  get synced(): boolean {
    return this.#zone.synced;
  }

  #selected<T extends Pick<ZoneEndpoint, "labels">>(list: readonly T[]): readonly T[] {
    const { labels } = this.#options;
    return labels ? list.filter((one) => labels(one.labels)) : list;
  }

  #named(namespace: string): boolean {
    const { namespaces } = this.#options;
    return namespaces.size === 0 || namespaces.has(namespace);
  }

  hasNamespace(name: string): boolean {
    const labels = this.#named(name) ? this.#zone.namespaceLabels(name) : undefined;
    return labels !== undefined && (this.#options.namespaceLabels?.(labels) ?? true);
  }

  service(namespace: string, name: string): ZoneService | undefined {
    const service = this.#zone.service(namespace, name);
    if (!service || !(this.#options.labels?.(service.labels) ?? true)) return undefined;
    const empty = (): boolean => this.endpoints(namespace, name).length === 0;
    return this.#options.ignoreEmpty && service.kind === "ClusterIP" && empty() ? undefined : service;
  }

  endpoints(namespace: string, service: string, host?: string): readonly ZoneEndpoint[] {
    if (this.#options.noEndpoints) return [];
    const endpoints = this.#selected(this.#zone.endpoints(namespace, service, host, this.#by));
    return this.#options.podNames ? endpoints.map((e) => ({ ...e, host: e.podHost })) : endpoints;
  }

  servicesAt(address: string): readonly ZoneService[] {
    return this.#selected(this.#zone.servicesAt(address)).filter((s) => this.#named(s.namespace));
  }

  endpointsAt(address: string): readonly PlacedEndpoint[] {
    if (this.#options.noEndpoints) return [];
    return this.#selected(this.#zone.endpointsAt(address, this.#by)).filter((e) => this.#named(e.namespace));
  }

  hasPod(namespace: string, address: string): boolean {
    const { labels } = this.#options;
    return this.#zone.podsAt(namespace, address).some((of) => labels?.(of) ?? true);
  }
}
