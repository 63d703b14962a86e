/** Source: pkg/apis/core/validation validateService, ValidateServiceUpdate, ValidateLoadBalancerStatus. */
import { duplicate, type FieldError, forbidden, invalid, notSupported, required, Shown } from "../../field.js";
import type { KubeObject } from "../../object.js";
import type { LoadBalancerIngress, ServicePort } from "../../schema/api/core.v1.js";
import {
  PROTOCOLS,
  validateDNS1123Label,
  validateDNS1123Subdomain,
  validateEndpointIP,
  validatePortNumOrName,
  validateQualifiedName,
} from "../../validation/core.js";
import { isValidCIDRForLegacyField, isValidIPForLegacyField, parseIPSloppy } from "../../validation/ip.js";
import { validateKubeObjectMetaUpdate, validateLabels } from "../../validation/metadata.js";
import { isDNS1123Subdomain, isValidPortNum } from "../../validation/names.js";
import { validateClusterIPFields, validateClusterIPsUpdate, validateIPFamiliesUpdate } from "./cluster-ips.js";
import { externallyAccessible, isHeadless, needsHealthCheckNodePort, portsOf, type Spec } from "./types.js";

const TYPES = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const AFFINITIES = ["ClientIP", "None"];
const TRAFFIC_POLICIES = ["Cluster", "Local"];
const TRAFFIC_DISTRIBUTIONS = ["PreferClose", "PreferSameZone", "PreferSameNode"];
/** A day, in seconds. */
const MAX_AFFINITY_SECONDS = 86400;
const TOPOLOGY_HINTS = "service.kubernetes.io/topology-aware-hints";
const TOPOLOGY_MODE = "service.kubernetes.io/topology-mode";
const SOURCE_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges";
const ONLY_LOAD_BALANCER = "may only be used when `type` is 'LoadBalancer'";

const isSet = (v: unknown): boolean => v !== undefined && v !== null;

function validateType(spec: Spec): FieldError[] {
  const out: FieldError[] = [];
  if (portsOf(spec).length === 0 && !isHeadless(spec) && spec.type !== "ExternalName") out.push(required("spec.ports"));
  if ((spec.type === "LoadBalancer" || spec.type === "NodePort") && isHeadless(spec))
    out.push(invalid("spec.clusterIPs[0]", "None", `may not be set to 'None' for ${spec.type} services`));
  if (spec.type !== "ExternalName") return out;
  if (spec.clusterIPs?.length) out.push(forbidden("spec.clusterIPs", "may not be set for ExternalName services"));
  if (spec.ipFamilies?.length) out.push(forbidden("spec.ipFamilies", "may not be set for ExternalName services"));
  if (isSet(spec.ipFamilyPolicy)) out.push(forbidden("spec.ipFamilyPolicy", "may not be set for ExternalName services"));
  // A trailing dot marks the name as fully qualified.
  const cname = (spec.externalName ?? "").replace(/\.$/, "");
  return [...out, ...(cname ? validateDNS1123Subdomain(cname, "spec.externalName") : [required("spec.externalName")])];
}

function validatePort(port: ServicePort, requireName: boolean, names: Set<string>, path: string): FieldError[] {
  const out: FieldError[] = [];
  if (port.name) {
    out.push(...validateDNS1123Label(port.name, `${path}.name`));
    if (names.has(port.name)) out.push(duplicate(`${path}.name`, port.name));
    names.add(port.name);
  } else if (requireName) out.push(required(`${path}.name`));
  for (const text of isValidPortNum(port.port ?? 0)) out.push(invalid(`${path}.port`, port.port ?? 0, text));
  if (!port.protocol) out.push(required(`${path}.protocol`));
  else if (!(PROTOCOLS as readonly string[]).includes(port.protocol)) out.push(notSupported(`${path}.protocol`, port.protocol, PROTOCOLS));
  out.push(...validatePortNumOrName(port.targetPort ?? 0, `${path}.targetPort`));
  if (isSet(port.appProtocol)) out.push(...validateQualifiedName(port.appProtocol as string, `${path}.appProtocol`));
  return out;
}

function validateAffinity(spec: Spec): FieldError[] {
  const config = spec.sessionAffinityConfig;
  const path = "spec.sessionAffinityConfig";
  if (!spec.sessionAffinity) return [required("spec.sessionAffinity")];
  if (!AFFINITIES.includes(spec.sessionAffinity)) return [notSupported("spec.sessionAffinity", spec.sessionAffinity, AFFINITIES)];
  if (spec.sessionAffinity === "None") return isSet(config) ? [forbidden(path, "must not be set when session affinity is None")] : [];
  const timeout = config?.clientIP?.timeoutSeconds;
  if (!config) return [required(path, "when session affinity type is ClientIP")];
  if (!config.clientIP) return [required(`${path}.clientIP`, "when session affinity type is ClientIP")];
  if (timeout === undefined || timeout === null) return [required(`${path}.clientIP.timeoutSeconds`, "when session affinity type is ClientIP")];
  if (timeout > 0 && timeout <= MAX_AFFINITY_SECONDS) return [];
  return [invalid(`${path}.clientIP.timeoutSeconds`, timeout, `must be greater than 0 and less than ${MAX_AFFINITY_SECONDS}`)];
}

/** The internal ServicePort a duplicate is reported with: only protocol and port are set, in Go's field order and names. */
const shownPort = (port: ServicePort): Shown =>
  new Shown(`{"Name":"","Protocol":${JSON.stringify(port.protocol ?? "")},"AppProtocol":null,"Port":${port.port ?? 0},"TargetPort":0,"NodePort":0}`);

function validatePortSet(spec: Spec): FieldError[] {
  const out: FieldError[] = [];
  const ports = portsOf(spec);
  if (spec.type === "ClusterIP")
    for (const [i, p] of ports.entries()) if (p.nodePort) out.push(forbidden(`spec.ports[${i}].nodePort`, "may not be used when `type` is 'ClusterIP'"));
  const nodePorts = new Set<string>();
  for (const [i, p] of ports.entries()) {
    if (!p.nodePort) continue;
    const key = `${p.protocol}/${p.nodePort}`;
    if (nodePorts.has(key)) out.push(duplicate(`spec.ports[${i}].nodePort`, p.nodePort));
    nodePorts.add(key);
  }
  const seen = new Set<string>();
  for (const [i, p] of ports.entries()) {
    const key = `${p.protocol}/${p.port}`;
    if (seen.has(key)) out.push(duplicate(`spec.ports[${i}]`, shownPort(p)));
    seen.add(key);
  }
  return out;
}

/** Source ranges stand in the spec or, of old, in an annotation; both may be padded with spaces. */
function validateSourceRanges(object: KubeObject, spec: Spec, old: KubeObject | undefined): FieldError[] {
  const ranges = spec.loadBalancerSourceRanges ?? [];
  const out: FieldError[] = [];
  if (ranges.length > 0) {
    const path = "spec.LoadBalancerSourceRanges";
    if (spec.type !== "LoadBalancer") out.push(forbidden(path, ONLY_LOAD_BALANCER));
    const existing = (old?.spec?.loadBalancerSourceRanges ?? []).map((s: string) => s.trim());
    for (const [i, range] of ranges.entries()) out.push(...isValidCIDRForLegacyField(`${path}[${i}]`, range.trim(), true, existing));
    return out;
  }
  const annotation = object.metadata.annotations?.[SOURCE_RANGES];
  if (annotation === undefined) return out;
  const path = `metadata.annotations[${SOURCE_RANGES}]`;
  if (spec.type !== "LoadBalancer") out.push(forbidden(path, ONLY_LOAD_BALANCER));
  if (old && old.metadata.annotations?.[SOURCE_RANGES] === annotation) return out;
  if (annotation.trim() !== "") for (const range of annotation.trim().split(",")) out.push(...isValidCIDRForLegacyField(path, range.trim(), true));
  return out;
}

function validateLoadBalancerClass(spec: Spec, old?: Spec): FieldError[] {
  const out: FieldError[] = [];
  const path = "spec.loadBalancerClass";
  if (old?.type === "LoadBalancer" && spec.type === "LoadBalancer" && (old.loadBalancerClass ?? null) !== (spec.loadBalancerClass ?? null))
    out.push(invalid(path, spec.loadBalancerClass, "may not change once set"));
  if (!isSet(spec.loadBalancerClass)) return out;
  return [...out, ...(spec.type === "LoadBalancer" ? validateQualifiedName(spec.loadBalancerClass as string, path) : [forbidden(path, ONLY_LOAD_BALANCER)])];
}

function validateTraffic(spec: Spec): FieldError[] {
  const out: FieldError[] = [];
  const policy = spec.externalTrafficPolicy ?? "";
  const external = "spec.externalTrafficPolicy";
  if (!externallyAccessible(spec)) {
    if (policy) out.push(invalid(external, policy, "may only be set for externally-accessible services"));
  } else if (!policy) out.push(required(external));
  else if (!TRAFFIC_POLICIES.includes(policy)) out.push(notSupported(external, policy, TRAFFIC_POLICIES));

  const check = spec.healthCheckNodePort ?? 0;
  const port = "spec.healthCheckNodePort";
  if (!needsHealthCheckNodePort(spec)) {
    if (check !== 0) out.push(invalid(port, check, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"));
  } else if (check === 0) out.push(required(port));
  else for (const text of isValidPortNum(check)) out.push(invalid(port, check, text));

  const internal = "spec.internalTrafficPolicy";
  if (!isSet(spec.internalTrafficPolicy)) {
    if (["NodePort", "LoadBalancer", "ClusterIP"].includes(spec.type ?? "")) out.push(required(internal));
  } else if (!TRAFFIC_POLICIES.includes(spec.internalTrafficPolicy as string)) out.push(notSupported(internal, spec.internalTrafficPolicy, TRAFFIC_POLICIES));
  if (isSet(spec.trafficDistribution) && !TRAFFIC_DISTRIBUTIONS.includes(spec.trafficDistribution as string))
    out.push(notSupported("spec.trafficDistribution", spec.trafficDistribution, TRAFFIC_DISTRIBUTIONS));
  return out;
}

/** Everything but metadata; runs after allocation. */
export function validateService(object: KubeObject, old?: KubeObject): FieldError[] {
  const spec: Spec = object.spec ?? {};
  const out: FieldError[] = [];
  const { [TOPOLOGY_HINTS]: hints, [TOPOLOGY_MODE]: mode } = object.metadata.annotations ?? {};
  if (mode !== undefined && hints !== undefined && mode !== hints)
    out.push(invalid(`metadata.annotations[${TOPOLOGY_MODE}]`, mode, `must match annotations[${TOPOLOGY_HINTS}] when both are specified`));
  out.push(...validateType(spec));
  const names = new Set<string>();
  const ports = portsOf(spec);
  for (const [i, port] of ports.entries()) out.push(...validatePort(port, ports.length > 1, names, `spec.ports[${i}]`));
  out.push(...validateLabels(spec.selector, "spec.selector"), ...validateAffinity(spec), ...validateClusterIPFields(spec, old?.spec));
  for (const [i, ip] of (spec.externalIPs ?? []).entries()) {
    const path = `spec.externalIPs[${i}]`;
    const found = isValidIPForLegacyField(path, ip, true, old?.spec?.externalIPs ?? []);
    out.push(...(found.length > 0 ? found : validateEndpointIP(ip, path)));
  }
  if (!spec.type) out.push(required("spec.type"));
  else if (!TYPES.includes(spec.type)) out.push(notSupported("spec.type", spec.type, TYPES));
  out.push(...validatePortSet(spec), ...validateSourceRanges(object, spec, old));
  if (isSet(spec.allocateLoadBalancerNodePorts) && spec.type !== "LoadBalancer") out.push(forbidden("spec.allocateLoadBalancerNodePorts", ONLY_LOAD_BALANCER));
  if (spec.type === "LoadBalancer" && !isSet(spec.allocateLoadBalancerNodePorts)) out.push(required("allocateLoadBalancerNodePorts"));
  return [...out, ...validateLoadBalancerClass(spec), ...validateTraffic(spec)];
}

export function validateServiceUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const spec: Spec = object.spec ?? {};
  const before: Spec = old.spec ?? {};
  const out = [
    ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
    ...validateClusterIPsUpdate(before, spec),
    ...validateIPFamiliesUpdate(before, spec),
    ...validateLoadBalancerClass(spec, before),
  ];
  if (needsHealthCheckNodePort(before) && needsHealthCheckNodePort(spec) && (before.healthCheckNodePort ?? 0) !== (spec.healthCheckNodePort ?? 0))
    out.push(forbidden("spec.healthCheckNodePort", "field is immutable"));
  return [...out, ...validateService(object, old)];
}

export function validateServiceStatusUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const out = validateKubeObjectMetaUpdate(object.metadata, old.metadata);
  const ingress: LoadBalancerIngress[] = object.status?.loadBalancer?.ingress ?? [];
  const path = "status.loadBalancer.ingress";
  if (object.spec?.type !== "LoadBalancer" && ingress.length > 0) return [...out, forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'")];
  const existing = (old.status?.loadBalancer?.ingress ?? []).flatMap((i: LoadBalancerIngress) => (i.ip ? [i.ip] : []));
  for (const [i, entry] of ingress.entries()) {
    const at = `${path}[${i}]`;
    if (entry.ip) out.push(...isValidIPForLegacyField(`${at}.ip`, entry.ip, true, existing));
    if (!isSet(entry.ipMode)) {
      if (entry.ip) out.push(required(`${at}.ipMode`, "must be specified when `ip` is set"));
    } else if (!entry.ip) out.push(forbidden(`${at}.ipMode`, "may not be specified when `ip` is not set"));
    else if (!["Proxy", "VIP"].includes(entry.ipMode as string)) out.push(notSupported(`${at}.ipMode`, entry.ipMode, ["Proxy", "VIP"]));
    if (!entry.hostname) continue;
    for (const text of isDNS1123Subdomain(entry.hostname)) out.push(invalid(`${at}.hostname`, entry.hostname, text));
    if (parseIPSloppy(entry.hostname)) out.push(invalid(`${at}.hostname`, entry.hostname, "must be a DNS name, not an IP address"));
  }
  return out;
}
