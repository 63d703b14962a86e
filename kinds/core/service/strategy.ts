/**
 * What happens to a Service between decoding and validation. Allocation (cluster IPs, node ports, families) stands between `normalizeClusterIPs` and
 * the strategy, because upstream allocates in the storage's beginCreate and beginUpdate hooks, before the strategy validates.
 * Sources: pkg/registry/core/service/strategy.go dropTypeDependentFields, storage/storage.go normalizeClusterIPs, patchAllocatedValues.
 */
import type { KubeObject } from "../../object.js";
import { externallyAccessible, needsClusterIP, needsHealthCheckNodePort, needsNodePort, portsOf, type Spec, sameClusterIPs, sameStrings } from "./types.js";

const specOf = (object: KubeObject): Spec => object.spec ?? {};

/** clusterIP and clusterIPs follow each other as far as the client's intent is clear. First step of a create; after patchAllocatedValues on updates. */
export function normalizeClusterIPs(object: KubeObject, old?: KubeObject): void {
  const spec = specOf(object);
  if (!old) {
    if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP];
    return;
  }
  const before = specOf(old);
  if (before.clusterIPs?.length && !spec.clusterIPs?.length && (before.clusterIP ?? "") === (spec.clusterIP ?? "")) spec.clusterIPs = [...before.clusterIPs];
  if ((before.clusterIP ?? "") === (spec.clusterIP ?? "") || !sameStrings(before.clusterIPs, spec.clusterIPs)) return;
  // The singular field changed and the plural did not: the client knows only the singular one.
  if (before.clusterIP && !spec.clusterIP) delete spec.clusterIPs;
  else spec.clusterIPs = [spec.clusterIP ?? ""];
}

/** Values that were allocated once are kept when an update leaves them out. First step of an update. */
export function patchAllocatedValues(object: KubeObject, old: KubeObject): void {
  const spec = specOf(object);
  const before = specOf(old);
  if (needsClusterIP(before) && needsClusterIP(spec)) {
    if (!spec.clusterIP && before.clusterIP) spec.clusterIP = before.clusterIP;
    if (!spec.clusterIPs?.length && before.clusterIPs?.length) spec.clusterIPs = [...before.clusterIPs];
  }
  if (needsNodePort(before) && needsNodePort(spec)) {
    const inUse = new Set(portsOf(spec).map((p) => p.nodePort));
    const used = new Set(portsOf(before).flatMap((p) => (p.nodePort && inUse.has(p.nodePort) ? [p.nodePort] : [])));
    const byName = new Map(portsOf(before).map((p) => [p.name ?? "", p.nodePort ?? 0]));
    for (const port of portsOf(spec)) {
      const had = byName.get(port.name ?? "");
      if (!port.nodePort && had && !used.has(had)) port.nodePort = had;
    }
  }
  if (needsHealthCheckNodePort(before) && needsHealthCheckNodePort(spec) && !spec.healthCheckNodePort && before.healthCheckNodePort)
    spec.healthCheckNodePort = before.healthCheckNodePort;
}

const wantsNodePorts = (spec: Spec): boolean => spec.type === "NodePort" || spec.type === "LoadBalancer";

/** A type change takes along what the new type has no use for, unless the client changed that as well: then validation complains. */
export function dropTypeDependentFields(object: KubeObject, old: KubeObject): void {
  const spec = specOf(object);
  const before = specOf(old);
  if (needsClusterIP(before) && !needsClusterIP(spec)) {
    if (sameClusterIPs(before, spec)) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    if (sameStrings(before.ipFamilies, spec.ipFamilies)) delete spec.ipFamilies;
    if ((before.ipFamilyPolicy ?? "") === (spec.ipFamilyPolicy ?? "")) delete spec.ipFamilyPolicy;
  }
  if (wantsNodePorts(before) && !wantsNodePorts(spec)) {
    const had = new Set(portsOf(before).map((p) => p.nodePort));
    if (portsOf(spec).every((p) => !p.nodePort || had.has(p.nodePort))) for (const port of portsOf(spec)) delete port.nodePort;
  }
  if (needsHealthCheckNodePort(before) && !needsHealthCheckNodePort(spec) && (before.healthCheckNodePort ?? 0) === (spec.healthCheckNodePort ?? 0))
    delete spec.healthCheckNodePort;
  if (before.type === "LoadBalancer" && spec.type !== "LoadBalancer") {
    if (before.allocateLoadBalancerNodePorts === spec.allocateLoadBalancerNodePorts) delete spec.allocateLoadBalancerNodePorts;
    if (before.loadBalancerClass === spec.loadBalancerClass) delete spec.loadBalancerClass;
  }
  if (externallyAccessible(before) && !externallyAccessible(spec) && before.externalTrafficPolicy === spec.externalTrafficPolicy)
    delete spec.externalTrafficPolicy;
  if (spec.type !== "LoadBalancer") object.status = { ...object.status, loadBalancer: {} };
}
