import { initIPFamilies, needsHealthCheckNodePort, needsNodePort, normalizeClusterIPs, patchAllocatedValues } from "../../../kinds/core/service/index.js";
import { invalid as invalidField } from "../../../kinds/field.js";
import { apiVersionOf, type Kind, storageKey, storagePrefix } from "../../../kinds/kind.js";
import { addressName, addressObject } from "../../../kinds/networking/ipaddress/allocation.js";
import type { KubeObject, ManagedFieldsEntry } from "../../../kinds/object.js";
import type { ServicePort, ServiceSpec } from "../../../kinds/schema/api/core.v1.js";
import type { BatchInHand, Entry } from "../../../storage/store.js";
import { bareError, internalError, invalid } from "../../errors.js";
import { commitAlong } from "../commit.js";
import { remove } from "../delete.js";
import { trackUpdate } from "../managed.js";
import { objectOf, timestamp } from "../objects.js";
import type { RequestContext, Services } from "../types.js";
import { PortOperation, type PortRange } from "./nodeports.js";
import { type AddressRange, ALLOCATED, addressNumber, addressRanges, drawAddress, MISMATCHED, NOT_READY, notInRange, rangeHolds } from "./serviceips.js";
import type { ResourceHook } from "./types.js";

/** What a cluster hands out to its Services. */
export interface ServiceRanges {
  /** IPv4 CIDR of the ServiceCIDR that a cluster begins with. */
  readonly clusterIPs: string;
  readonly nodePorts: PortRange;
}
export const DEFAULT_RANGES: ServiceRanges = { clusterIPs: "10.96.0.0/16", nodePorts: [30000, 32767] };
/** The ServiceCIDR that a cluster begins with. */
export const DEFAULT_SERVICE_CIDR = "kubernetes";

type Spec = Partial<ServiceSpec>;
const SUBJECT = { group: "", kind: "Service" };

/**
 * Cluster IPs, node ports and IP families. An address is taken when it has an IPAddress object, which is written in the commit of its Service: neither is
 * ever there without the other. Which ports are taken is read off the Services. Single-stack IPv4.
 * Source: pkg/registry/core/service/storage (alloc.go, storage.go).
 */
export function servicesHook(ranges: ServiceRanges = DEFAULT_RANGES): ResourceHook {
  const take = createTaking();
  return {
    beginCreate(object, ctx, services, batch) {
      normalizeClusterIPs(object);
      const allocation = new Allocation(ranges, services, object, ctx, batch);
      allocation.families(undefined);
      allocation.clusterIP();
      allocation.createNodePorts();
    },
    beginUpdate(object, old, subresource, ctx, services, batch) {
      if (subresource) return;
      patchAllocatedValues(object, old);
      normalizeClusterIPs(object, old);
      const allocation = new Allocation(ranges, services, object, ctx, batch);
      allocation.families(old);
      if (old.spec?.type === "ExternalName" && object.spec?.type !== "ExternalName") allocation.clusterIP();
      allocation.updateNodePorts(old.spec ?? {});
      // storage.defaultOnReadInternalTrafficPolicy: nothing is routed to an external name
      if (object.spec?.type === "ExternalName") object.spec.internalTrafficPolicy = undefined;
    },
    alongside(old, now, batch, services) {
      const kind = services.kinds.find("networking.k8s.io", "v1", "ipaddresses");
      if (!kind) return;
      const before = addressesOf(old);
      const after = addressesOf(now);
      for (const address of after) if (!before.includes(address)) take(kind, address, now as KubeObject, batch, services);
      for (const address of before) if (!after.includes(address)) release(kind, address, batch, services);
    },
    // the name may be taken again before the endpoints controller gets to it (storage.afterDelete)
    async afterDelete({ metadata: { namespace = "", name = "" } }, ctx, services) {
      const kind = services.kinds.find("", "v1", "endpoints");
      if (!kind) return;
      await remove(services, ctx, { kind, namespace, name, subresource: "" }, {}).catch(() => {});
    },
  };
}

/** The addresses a Service holds; none for headless and external ones. */
export function addressesOf(service: KubeObject | undefined): readonly string[] {
  const spec: Spec = service?.spec ?? {};
  if (spec.type === "ExternalName" || spec.clusterIPs?.[0] === "None") return [];
  return (spec.clusterIPs ?? []).filter((address) => address !== "");
}

/** The API server's own client, which writes the IPAddress. */
const LOOPBACK = { user: { name: "system:apiserver", groups: ["system:masters"] }, userAgent: "kube-apiserver", fieldManager: "kube-apiserver" };

type Take = (kind: Kind, address: string, service: KubeObject, batch: BatchInHand, services: Services) => void;

/** Writes the IPAddress of an address. Who owns its fields is worked out for the first and is the same for all. */
function createTaking(): Take {
  const ctx: RequestContext = { ...LOOPBACK, dryRun: false, fieldValidation: "Ignore", warn: () => {} };
  let owned: Omit<ManagedFieldsEntry, "time"> | undefined;
  return (kind, address, service, batch, services) => {
    const { metadata, spec } = addressObject(address, service);
    commitAlong(batch, kind, storageKey(kind, "", metadata.name ?? ""), (current) => {
      if (current) return { action: "none", object: current };
      const time = timestamp(services.now());
      if (!owned) {
        const [{ time: _, ...entry } = {}] = trackUpdate(services, ctx, kind, "", undefined, { metadata: { ...metadata }, spec }).metadata.managedFields ?? [];
        owned = entry;
      }
      const { name, labels } = metadata;
      const { manager, operation, apiVersion, ...rest } = owned;
      const managedFields = [{ manager, operation, apiVersion, time, ...rest }];
      // as Go orders the fields, so that there is nothing left to bring into form
      const object: KubeObject = {
        kind: kind.kind,
        apiVersion: apiVersionOf(kind),
        metadata: { name, uid: services.uid(), creationTimestamp: time, labels, managedFields },
        spec,
      };
      return { action: "put", object };
    });
  };
}

/** As DELETE would have it: what has finalizers is marked. */
function release(kind: Kind, address: string, batch: BatchInHand, services: Services): void {
  commitAlong(batch, kind, storageKey(kind, "", addressName(address)), (current) => {
    if (!current) return { action: "none", object: { metadata: {} } };
    if (!current.metadata.finalizers?.length) return { action: "delete", object: current };
    const deletionTimestamp = current.metadata.deletionTimestamp ?? timestamp(services.now());
    return { action: "put", object: { ...current, metadata: { ...current.metadata, deletionTimestamp, deletionGracePeriodSeconds: 0 } } };
  });
}

const nodePortsOf = (spec: Spec): number[] => (spec.ports ?? []).flatMap((p) => (p.nodePort ? [p.nodePort] : []));
const hasNodePorts = (spec: Spec): boolean => spec.type === "NodePort" || spec.type === "LoadBalancer";

class Allocation {
  private readonly spec: Spec;
  private readonly name: string;
  private operation: PortOperation | undefined;

  constructor(
    private readonly ranges: ServiceRanges,
    private readonly services: Services,
    object: KubeObject,
    private readonly ctx: RequestContext,
    private readonly batch: BatchInHand | undefined,
  ) {
    this.object = object;
    this.spec = object.spec ??= {};
    this.name = object.metadata.name ?? "";
  }
  private readonly object: KubeObject;

  private refuse(field: string, value: unknown, why: string): Error {
    return invalid(SUBJECT, this.name, [invalidField(field, value, why)]);
  }

  /** What is stored now, with what the writes before this one in the same commit did. */
  private all(group: string, resource: string): KubeObject[] {
    const kind = this.services.kinds.find(group, "v1", resource);
    if (!kind) return [];
    const prefix = storagePrefix(kind);
    const entries: readonly Entry[] = this.batch ? this.batch.list(prefix) : this.services.store.list(prefix).entries;
    return entries.map((entry) => objectOf(entry, kind));
  }

  /** Whether an address, in its canonical text, is a Service's or reserved by hand. */
  private takenness(): (address: string) => boolean {
    const kind = this.services.kinds.find("networking.k8s.io", "v1", "ipaddresses");
    if (!kind) return () => false;
    const prefix = storagePrefix(kind);
    const source = this.batch ?? this.services.store;
    return (address) => source.get(prefix + address) !== undefined;
  }

  families(old: KubeObject | undefined): void {
    const errors = initIPFamilies(this.object, old, ["IPv4"]);
    if (errors.length) throw invalid(SUBJECT, this.name, errors);
  }

  clusterIP(): void {
    const { spec } = this;
    if (spec.type === "ExternalName" || spec.clusterIPs?.[0] === "None" || spec.clusterIP === "None") return;
    const isDefault = (object: KubeObject): boolean => object.metadata.name === DEFAULT_SERVICE_CIDR;
    const cidrs = this.all("networking.k8s.io", "servicecidrs");
    const ranges = addressRanges([...cidrs.filter(isDefault), ...cidrs.filter((object) => !isDefault(object))]);
    const wanted = spec.clusterIPs?.[0] ?? "";
    if (wanted) {
      const why = this.ctx.dryRun ? pretendedFault(wanted, ranges) : this.fault(wanted, ranges);
      if (why !== undefined) throw this.refuse("spec.clusterIPs", spec.clusterIPs, `failed to allocate IP ${wanted}: ${why}`);
      spec.clusterIP = wanted;
      return;
    }
    const address = this.ctx.dryRun ? this.pretended(ranges) : drawAddress(ranges, this.takenness(), () => this.services.random());
    if (address === undefined) throw internalError(`failed to allocate a serviceIP for Service ${JSON.stringify(this.name)}: range is full`);
    const why = this.ctx.dryRun ? undefined : this.unfit(address);
    if (why !== undefined) throw this.refuse("spec.clusterIPs", spec.clusterIPs ?? [""], `failed to allocate IP: ${why}`);
    spec.clusterIP = address;
    spec.clusterIPs = [address];
  }

  /** Why an address cannot be this Service's: its IPAddress tells the Service's name, at which nobody has looked yet. */
  private unfit(address: string): string | undefined {
    const object = addressObject(address, this.object);
    const errors = this.services.kinds.find("networking.k8s.io", "v1", "ipaddresses")?.validate?.(object) ?? [];
    if (errors.length === 0) return undefined;
    return invalid({ group: "networking.k8s.io", kind: "IPAddress" }, object.metadata.name ?? "", errors).message;
  }

  private fault(wanted: string, ranges: readonly AddressRange[]): string | undefined {
    const n = addressNumber(wanted);
    if (n === undefined || !ranges.some((range) => range.ready && rangeHolds(range, n))) return MISMATCHED;
    return this.unfit(wanted) ?? (this.takenness()(addressName(wanted)) ? ALLOCATED : undefined);
  }

  /** A dry run takes no address: it shows the network's own. */
  private pretended(ranges: readonly AddressRange[]): string {
    const range = ranges[0];
    if (!range?.ready) throw this.refuse("spec.clusterIPs", this.spec.clusterIPs ?? [""], `failed to allocate IP: ${NOT_READY}`);
    return range.cidr.slice(0, range.cidr.indexOf("/"));
  }

  private ports(): PortOperation {
    this.operation ??= new PortOperation(
      this.ranges.nodePorts,
      this.all("", "services").flatMap(({ spec = {} }) => [...nodePortsOf(spec), ...(spec.healthCheckNodePort ? [spec.healthCheckNodePort] : [])]),
      () => this.services.random(),
      this.ctx.dryRun,
    );
    return this.operation;
  }

  private allocate(port: number, i: number): void {
    const why = this.ports().allocate(port);
    if (why !== undefined) throw this.refuse(`spec.ports[${i}].nodePort`, port, why);
  }

  private anyPort(): number {
    const port = this.ports().next();
    if (port === undefined) throw internalError("failed to allocate a nodePort: range is full");
    return port;
  }

  /** One number serves the same port of two protocols. Source: initNodePorts. */
  createNodePorts(): void {
    const { spec } = this;
    if (hasNodePorts(spec)) {
      const byPort = new Map<number, number>();
      for (const [i, port] of (spec.ports ?? []).entries()) {
        if (!port.nodePort && !needsNodePort(spec)) continue;
        const shared = byPort.get(port.port);
        if (shared === undefined) {
          const wanted = requestedFor(port, spec.ports ?? []);
          if (wanted) this.allocate(wanted, i);
          port.nodePort = wanted || this.anyPort();
          byPort.set(port.port, port.nodePort);
        } else if (!port.nodePort) port.nodePort = shared;
        else if (port.nodePort !== shared) this.allocate(port.nodePort, i);
      }
    }
    if (needsHealthCheckNodePort(spec)) this.healthCheckPort();
  }

  /** Source: updateNodePorts, updateHealthCheckNodePort. What the Service gives up stays taken until it is written. */
  updateNodePorts(old: Spec): void {
    const { spec } = this;
    if (hasNodePorts(spec)) {
      const own = new Set(nodePortsOf(old));
      const seen = new Set<string>();
      for (const [i, port] of (spec.ports ?? []).entries()) {
        if (!port.nodePort && !needsNodePort(spec)) continue;
        if (!port.nodePort) port.nodePort = this.anyPort();
        else if (!own.has(port.nodePort)) {
          this.allocate(port.nodePort, i);
          own.add(port.nodePort);
        }
        const shown = `{${port.protocol ?? ""} ${port.nodePort}}`;
        if (seen.has(shown)) throw bareError(`duplicate nodePort: ${shown}`);
        seen.add(shown);
      }
    }
    if (needsHealthCheckNodePort(spec) && !needsHealthCheckNodePort(old)) this.healthCheckPort();
  }

  private healthCheckPort(): void {
    const wanted = this.spec.healthCheckNodePort;
    if (wanted) {
      const why = this.ports().allocate(wanted);
      if (why !== undefined) throw internalError(`failed to allocate requested HealthCheck NodePort ${wanted}: ${why}`);
      return;
    }
    const port = this.ports().next();
    if (port === undefined) throw internalError("failed to allocate a HealthCheck NodePort 0: range is full");
    this.spec.healthCheckNodePort = port;
  }
}

/** A dry run asks one range only, and not whether the address is taken. */
function pretendedFault(wanted: string, ranges: readonly AddressRange[]): string | undefined {
  const n = addressNumber(wanted);
  const range = ranges.find((one) => n !== undefined && rangeHolds(one, n)) ?? ranges[0];
  if (!range?.ready) return NOT_READY;
  return n !== undefined && rangeHolds(range, n) ? undefined : notInRange(addressName(wanted), range);
}

const requestedFor = (port: ServicePort, ports: readonly ServicePort[]): number => ports.find((p) => p.port === port.port && p.nodePort)?.nodePort ?? 0;
