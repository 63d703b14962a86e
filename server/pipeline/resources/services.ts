import { invalid as invalidField } from "../../../kinds/field.js";
import { initIPFamilies, needsHealthCheckNodePort, needsNodePort, normalizeClusterIPs, patchAllocatedValues } from "../../../kinds/core/service/index.js";
import type { KubeObject } from "../../../kinds/object.js";
import type { ServicePort, ServiceSpec } from "../../../kinds/schema/api/core.v1.js";
import { cidrContains, parseCIDRSloppy, parseIPSloppy } from "../../../kinds/validation/ip.js";
import { internalError, invalid } from "../../errors.js";
import { peekAll } from "../admission/lookup.js";
import { remove } from "../delete.js";
import type { Services } from "../types.js";
import type { ResourceHook } from "./types.js";

/** What a cluster hands out to its Services. */
export interface ServiceRanges {
  /** IPv4 CIDR of cluster IPs. */
  readonly clusterIPs: string;
  readonly nodePorts: readonly [number, number];
}
export const DEFAULT_RANGES: ServiceRanges = { clusterIPs: "10.96.0.0/16", nodePorts: [30000, 32767] };

type Spec = Partial<ServiceSpec>;
const SUBJECT = { group: "", kind: "Service" };

/**
 * Cluster IPs, node ports and IP families. What is taken is read off the Services that are there, in the turn of the commit: there is no second book that
 * could disagree. Single-stack IPv4.
 * Source: pkg/registry/core/service/storage (alloc.go, storage.go).
 */
export function servicesHook(ranges: ServiceRanges = DEFAULT_RANGES): ResourceHook {
  return {
    beginCreate(object, _ctx, services) {
      normalizeClusterIPs(object);
      const allocation = new Allocation(ranges, services, object);
      allocation.families(undefined);
      allocation.clusterIP();
      allocation.nodePorts([]);
      allocation.healthCheckPort(undefined);
    },
    beginUpdate(object, old, subresource, _ctx, services) {
      if (subresource) return;
      patchAllocatedValues(object, old);
      normalizeClusterIPs(object, old);
      const allocation = new Allocation(ranges, services, object);
      allocation.families(old);
      if (old.spec?.type === "ExternalName" && object.spec?.type !== "ExternalName") allocation.clusterIP();
      allocation.nodePorts(old.spec?.type === "NodePort" || old.spec?.type === "LoadBalancer" ? nodePortsOf(old.spec) : []);
      allocation.healthCheckPort(old.spec?.healthCheckNodePort);
      // storage.defaultOnReadInternalTrafficPolicy: nothing is routed to an external name
      if (object.spec?.type === "ExternalName") object.spec.internalTrafficPolicy = undefined;
    },
    // the name may be taken again before the endpoints controller gets to it (storage.afterDelete)
    async afterDelete({ metadata: { namespace = "", name = "" } }, ctx, services) {
      const kind = services.kinds.find("", "v1", "endpoints");
      if (!kind) return;
      await remove(services, ctx, { kind, namespace, name, subresource: "" }, {}).catch(() => {});
    },
  };
}

const nodePortsOf = (spec: Spec): number[] => (spec.ports ?? []).flatMap((p) => (p.nodePort ? [p.nodePort] : []));

class Allocation {
  private readonly spec: Spec;
  private readonly name: string;
  constructor(
    private readonly ranges: ServiceRanges,
    private readonly services: Services,
    private readonly object: KubeObject,
  ) {
    this.spec = object.spec ??= {};
    this.name = object.metadata.name ?? "";
  }

  private others(): Spec[] {
    const { uid } = this.object.metadata;
    return peekAll(this.services, "", "v1", "services")
      .filter((s) => s.metadata.uid !== uid)
      .map((s) => s.spec ?? {});
  }

  private refuse(field: string, value: unknown, why: string): Error {
    return invalid(SUBJECT, this.name, [invalidField(field, value, why)]);
  }

  families(old: KubeObject | undefined): void {
    const errors = initIPFamilies(this.object, old, ["IPv4"]);
    if (errors.length) throw invalid(SUBJECT, this.name, errors);
  }

  clusterIP(): void {
    const { spec } = this;
    if (spec.type === "ExternalName" || spec.clusterIPs?.[0] === "None" || spec.clusterIP === "None") return;
    const used = new Set(this.others().flatMap((s) => s.clusterIPs ?? []));
    const wanted = spec.clusterIPs?.[0] ?? "";
    if (wanted) {
      const range = parseCIDRSloppy(this.ranges.clusterIPs);
      const ip = parseIPSloppy(wanted);
      const failed = (why: string) => this.refuse("spec.clusterIPs", spec.clusterIPs, `failed to allocate IP ${wanted}: ${why}`);
      if (!range || !ip || !cidrContains(range, ip)) throw failed("the provided network does not match the current range");
      if (used.has(wanted)) throw failed("provided IP is already allocated");
      spec.clusterIP = wanted;
      return;
    }
    const ip = this.draw(used);
    spec.clusterIP = ip;
    spec.clusterIPs = [ip];
  }

  /** A free address, at random from the upper part of the range: the lower one is left to those who choose their own (ipallocator's dynamic block). */
  private draw(used: ReadonlySet<string>): string {
    const [base = "", bits = "16"] = this.ranges.clusterIPs.split("/");
    const start = base.split(".").reduce((n, part) => n * 256 + Number(part), 0);
    const size = 2 ** (32 - Number(bits));
    // ipallocator's calculateRangeOffset
    const low = size <= 16 ? 0 : Math.min(256, Math.max(16, Math.floor(size / 16)));
    const at = (n: number): string => [24, 16, 8, 0].map((shift) => Math.floor((start + n) / 2 ** shift) % 256).join(".");
    // neither the network's own address nor the one for broadcasts
    const span = size - 2 - low;
    const first = Math.floor(this.services.random() * span);
    for (let i = 0; i < span; i++) {
      const ip = at(1 + low + ((first + i) % span));
      if (!used.has(ip)) return ip;
    }
    for (let n = 1; n <= low; n++) if (!used.has(at(n))) return at(n);
    throw internalError(`failed to allocate a serviceIP for Service ${JSON.stringify(this.name)}: range is full`);
  }

  /** Source: initNodePorts and updateNodePorts. `own` are the ports this Service has already. */
  nodePorts(own: readonly number[]): void {
    const { spec } = this;
    if (spec.type !== "NodePort" && spec.type !== "LoadBalancer") return;
    const taken = new Set(this.others().flatMap((s) => [...nodePortsOf(s), ...(s.healthCheckNodePort ? [s.healthCheckNodePort] : [])]));
    const byPort = new Map<number, number>();
    const allocates = needsNodePort(spec);
    const mine = new Set(own);
    for (const [i, port] of (spec.ports ?? []).entries()) {
      if (!port.nodePort && !allocates) continue;
      const shared = byPort.get(port.port);
      const wanted = port.nodePort || (shared ? 0 : requestedFor(port, spec.ports ?? []));
      if (wanted && wanted !== shared) this.claim(wanted, taken, mine, `spec.ports[${i}].nodePort`);
      const number = wanted || shared || this.drawPort(taken);
      // one number serves the same port of two protocols
      port.nodePort = number;
      taken.add(number);
      mine.add(number);
      if (!shared) byPort.set(port.port, number);
    }
  }

  private claim(port: number, taken: ReadonlySet<number>, mine: ReadonlySet<number>, field: string): void {
    const [low, high] = this.ranges.nodePorts;
    if (port < low || port > high) throw this.refuse(field, port, `provided port is not in the valid range. The range of valid ports is ${low}-${high}`);
    if (taken.has(port) && !mine.has(port)) throw this.refuse(field, port, "provided port is already allocated");
  }

  private drawPort(taken: ReadonlySet<number>): number {
    const [low, high] = this.ranges.nodePorts;
    const span = high - low + 1;
    const first = Math.floor(this.services.random() * span);
    for (let i = 0; i < span; i++) {
      const port = low + ((first + i) % span);
      if (!taken.has(port)) return port;
    }
    throw internalError("failed to allocate a nodePort: range is full");
  }

  healthCheckPort(own: number | undefined): void {
    const { spec } = this;
    if (!needsHealthCheckNodePort(spec)) return;
    const taken = new Set(this.others().flatMap((s) => [...nodePortsOf(s), ...(s.healthCheckNodePort ? [s.healthCheckNodePort] : [])]));
    for (const port of nodePortsOf(spec)) taken.add(port);
    const wanted = spec.healthCheckNodePort;
    if (!wanted) spec.healthCheckNodePort = this.drawPort(taken);
    else if (wanted !== own && taken.has(wanted))
      throw internalError(`failed to allocate requested HealthCheck NodePort ${wanted}: provided port is already allocated`);
  }
}

const requestedFor = (port: ServicePort, ports: readonly ServicePort[]): number => ports.find((p) => p.port === port.port && p.nodePort)?.nodePort ?? 0;
