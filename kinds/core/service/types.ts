/** What a Service's spec asks for. Sources: pkg/api/service/util.go, pkg/registry/core/service. */
import type { ServicePort, ServiceSpec } from "../../schema/api/core.v1.js";

/** A spec as decoded: every field may be absent. */
export type Spec = Partial<ServiceSpec>;

/** Reached from outside the cluster, so that an external traffic policy makes sense. */
export const externallyAccessible = (spec: Spec): boolean =>
  spec.type === "LoadBalancer" || spec.type === "NodePort" || (spec.type === "ClusterIP" && (spec.externalIPs?.length ?? 0) > 0);

/** Wants a health check node port. */
export const needsHealthCheckNodePort = (spec: Spec): boolean => spec.type === "LoadBalancer" && spec.externalTrafficPolicy === "Local";
export const needsClusterIP = (spec: Spec): boolean => spec.type !== "ExternalName";
/** Wants node ports: NodePort always, LoadBalancer unless told not to. */
export const needsNodePort = (spec: Spec): boolean =>
  spec.type === "NodePort" || (spec.type === "LoadBalancer" && spec.allocateLoadBalancerNodePorts !== false);
/** Headless by its clusterIPs, which the strategy has filled in from clusterIP. */
export const isHeadless = (spec: Spec): boolean => spec.clusterIPs?.length === 1 && spec.clusterIPs[0] === "None";

export const portsOf = (spec: Spec): ServicePort[] => spec.ports ?? [];
export const sameStrings = (a: readonly string[] | undefined, b: readonly string[] | undefined): boolean =>
  (a?.length ?? 0) === (b?.length ?? 0) && (a ?? []).every((s, i) => s === b?.[i]);
export const sameClusterIPs = (a: Spec, b: Spec): boolean => (a.clusterIP ?? "") === (b.clusterIP ?? "") && sameStrings(a.clusterIPs, b.clusterIPs);
