/** Source: pkg/api/service/warnings.go. */
import type { KubeObject } from "../../object.js";
import { warningsForCIDR, warningsForIP } from "../../validation/ip.js";
import type { Spec } from "./types.js";

const TOPOLOGY_HINTS = "service.kubernetes.io/topology-aware-hints";

export function serviceWarnings(object: KubeObject): string[] {
  const spec: Spec = object.spec ?? {};
  const out: string[] = [];
  if (object.metadata.annotations?.[TOPOLOGY_HINTS] !== undefined)
    out.push(`annotation ${TOPOLOGY_HINTS} is deprecated, please use service.kubernetes.io/topology-mode instead`);
  if (spec.clusterIP && spec.clusterIP !== "None") out.push(...(spec.clusterIPs ?? []).flatMap((ip, i) => warningsForIP(`spec.clusterIPs[${i}]`, ip)));
  const headless = spec.type === "ClusterIP" && spec.clusterIP === "None";
  const external = spec.externalIPs ?? [];
  if (headless) {
    if (spec.loadBalancerIP) out.push("spec.loadBalancerIP is ignored for headless services");
    if (external.length > 0) out.push("spec.externalIPs is ignored for headless services");
    if (spec.sessionAffinity !== "None") out.push("spec.SessionAffinity is ignored for headless services");
  }
  out.push(...external.flatMap((ip, i) => warningsForIP(`spec.externalIPs[${i}]`, ip)));
  if (external.length > 0 && !headless && spec.type !== "ExternalName")
    out.push("spec.externalIPs is deprecated and may no longer be implemented in some clusters");
  if (spec.loadBalancerIP) out.push(...warningsForIP("spec.loadBalancerIP", spec.loadBalancerIP));
  out.push(...(spec.loadBalancerSourceRanges ?? []).flatMap((cidr, i) => warningsForCIDR(`spec.loadBalancerSourceRanges[${i}]`, cidr)));
  if (spec.type === "ExternalName" && external.length > 0) out.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  if (spec.type !== "ExternalName" && spec.externalName) out.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  if (spec.trafficDistribution === "PreferClose") out.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  return out;
}
