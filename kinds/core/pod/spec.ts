/** Pod specs and pod templates as a whole. Source: pkg/apis/core/validation ValidatePodSpec, ValidatePodTemplateSpec. */
import { duplicate, type FieldError, forbidden, invalid, notSupported, required, tooLong } from "../../field.js";
import type { ObjectMeta } from "../../object.js";
import type { PodDNSConfig, PodResourceClaim, PodSpec, PodTemplateSpec } from "../../schema/api/core.v1.js";
import { isValidIPForLegacyField } from "../../validation/ip.js";
import { validateAnnotations, validateLabels } from "../../validation/metadata.js";
import {
  byteLength,
  inclusiveRange,
  isDNS1123Subdomain,
  isDNS1123SubdomainWithUnderscore,
  isQualifiedName,
  nameIsDNSSubdomain,
} from "../../validation/names.js";
import { MIRROR_POD, validateAppArmorMatch, validatePodAnnotations, validateSeccompMatch } from "./annotations.js";
import { type ContainerContext, validateContainers, validateDNS1123Label, validateEphemeralContainers, validateInitContainers } from "./containers.js";
import { validateFileKeyRefVolumes } from "./env.js";
import { showInternal } from "./internal.js";
import type { PodValidationOptions } from "./options.js";
import { validateOverhead, validatePodResources } from "./resources.js";
import { validateAffinity, validateSchedulingGates, validateTolerations, validateTopologySpreadConstraints } from "./scheduling.js";
import { validateHostUsers, validateOS, validatePodSecurityContext, validateWindowsHostProcess } from "./security.js";
import { validateVolumes } from "./volumes.js";

const MAX_INT32 = 2147483647;
const DNS_POLICIES = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];

const subdomain = (value: string, path: string): FieldError[] => isDNS1123Subdomain(value).map((text) => invalid(path, value, text));
const named = (value: string | undefined, path: string): FieldError[] =>
  value ? nameIsDNSSubdomain(value, false).map((text) => invalid(path, value, text)) : [];
const oneOf = (value: string | undefined, path: string, supported: readonly string[]): FieldError[] =>
  !value ? [required(path)] : supported.includes(value) ? [] : [notSupported(path, value, supported)];

function validateResourceClaims(claims: readonly PodResourceClaim[] | undefined, meta: ObjectMeta | undefined, path: string): FieldError[] {
  const seen = new Set<string>();
  return (claims ?? []).flatMap((claim, i) => {
    // The root path of Go has no name.
    if (meta?.annotations && MIRROR_POD in meta.annotations) return [forbidden("", "static pods do not support resource claims")];
    const at = `${path}[${i}]`;
    const out: FieldError[] = [];
    if (!claim.name) out.push(required(`${at}.name`));
    else if (seen.has(claim.name)) out.push(duplicate(`${at}.name`, claim.name));
    else out.push(...validateDNS1123Label(claim.name, `${at}.name`));
    seen.add(claim.name ?? "");
    const { resourceClaimName: direct, resourceClaimTemplateName: template } = claim;
    const shown = showInternal("PodResourceClaim", claim);
    if (direct !== undefined && template !== undefined)
      out.push(invalid(at, shown, "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"));
    if (direct === undefined && template === undefined) out.push(invalid(at, shown, "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"));
    if (direct !== undefined) for (const text of nameIsDNSSubdomain(direct, false)) out.push(invalid(`${at}.resourceClaimName`, direct, text));
    if (template !== undefined) for (const text of nameIsDNSSubdomain(template, false)) out.push(invalid(`${at}.resourceClaimTemplateName`, template, text));
    return out;
  });
}

function validateDNSConfig(config: PodDNSConfig | undefined, policy: string | undefined, path: string): FieldError[] {
  if (policy === "None") {
    if (!config) return [required(path, "must provide `dnsConfig` when `dnsPolicy` is None")];
    if (!config.nameservers?.length) return [required(`${path}.nameservers`, "must provide at least one DNS nameserver when `dnsPolicy` is None")];
  }
  if (!config) return [];
  const { nameservers = [], searches = [], options = [] } = config as { nameservers?: string[]; searches?: string[]; options?: { name?: string }[] };
  const out: FieldError[] = [];
  if (nameservers.length > 3) out.push(invalid(`${path}.nameservers`, nameservers, "must not have more than 3 nameservers"));
  for (const [i, ns] of nameservers.entries()) out.push(...isValidIPForLegacyField(`${path}.nameservers[${i}]`, ns, true));
  if (searches.length > 32) out.push(invalid(`${path}.searches`, searches, "must not have more than 32 search paths"));
  if (byteLength(searches.join(" ")) > 2048)
    out.push(invalid(`${path}.searches`, searches, "must not have more than 2048 characters (including spaces) in the search list"));
  for (const [i, search] of searches.entries()) {
    if (search === ".") continue;
    const bare = search.endsWith(".") ? search.slice(0, -1) : search;
    for (const text of isDNS1123SubdomainWithUnderscore(bare)) out.push(invalid(`${path}.searches[${i}]`, bare, text));
  }
  for (const [i, option] of options.entries()) if (!option.name) out.push(required(`${path}.options[${i}]`, "must not be empty"));
  return out;
}

/** On the host's network a container's ports are the host's. Templates may leave host ports open. */
function validateHostNetworkPorts(spec: PodSpec, path: string, options: PodValidationOptions): FieldError[] {
  if (!spec.hostNetwork) return [];
  return (spec.containers ?? []).flatMap((c, i) =>
    (c.ports ?? []).flatMap((port, j) => {
      const hostPort = port.hostPort ?? 0;
      return (options.resourceIsPod || hostPort !== 0) && hostPort !== (port.containerPort ?? 0)
        ? [invalid(`${path}.containers[${i}].ports[${j}].hostPort`, hostPort, "must match `containerPort` when `hostNetwork` is true")]
        : [];
    }),
  );
}

function validateHostnameOverride(spec: PodSpec, path: string): FieldError[] {
  const name = spec.hostnameOverride;
  if (name === undefined) return [];
  const at = `${path}.hostnameOverride`;
  return [
    ...(spec.setHostnameAsFQDN ? [forbidden(at, "may not be specified when setHostnameAsFQDN is true")] : []),
    ...(spec.hostNetwork ? [forbidden(at, "may not be specified when hostNetwork is true")] : []),
    ...(byteLength(name) > 64 ? [tooLong(at, 64)] : []),
    ...subdomain(name, at),
  ];
}

/** `meta` is the pod's own, absent for templates. Order of findings is upstream's. */
export function validatePodSpec(spec: PodSpec, meta: ObjectMeta | undefined, path: string, options: PodValidationOptions): FieldError[] {
  const [volumes, volumeErrors] = validateVolumes(spec.volumes, meta, `${path}.volumes`, options);
  const claims = new Set((spec.resourceClaims ?? []).map((c) => c.name).filter(Boolean));
  const ctx: ContainerContext = { spec, volumes, claims, options };
  const out: FieldError[] = [
    ...(spec.terminationGracePeriodSeconds === undefined ? [required(`${path}.terminationGracePeriodSeconds`)] : []),
    ...volumeErrors,
    ...validateResourceClaims(spec.resourceClaims, meta, `${path}.resourceClaims`),
    ...validateContainers(`${path}.containers`, ctx),
    ...validateInitContainers(`${path}.initContainers`, ctx),
    ...validateEphemeralContainers(`${path}.ephemeralContainers`, ctx),
    ...validatePodResources(spec, claims, `${path}.resources`, options),
    ...validateHostNetworkPorts(spec, path, options),
    ...oneOf(spec.restartPolicy, `${path}.restartPolicy`, ["Always", "OnFailure", "Never"]),
    ...oneOf(spec.dnsPolicy, `${path}.dnsPolicy`, DNS_POLICIES),
    ...validateLabels(spec.nodeSelector, `${path}.nodeSelector`),
    ...validatePodSecurityContext(spec, `${path}.securityContext`, options),
    ...validateAffinity(spec.affinity, options, `${path}.affinity`),
    ...validateDNSConfig(spec.dnsConfig, spec.dnsPolicy, `${path}.dnsConfig`),
    ...(spec.readinessGates ?? []).flatMap((gate, i) =>
      isQualifiedName(gate.conditionType ?? "").map((text) => invalid(`${path}.readinessGates[${i}].conditionType`, gate.conditionType ?? "", text)),
    ),
    ...validateSchedulingGates(spec.schedulingGates, `${path}.schedulingGates`),
    ...validateTopologySpreadConstraints(spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`, options),
    ...validateWindowsHostProcess(spec, path),
    ...validateHostUsers(spec, path, options),
    ...validateHostnameOverride(spec, path),
    ...named(spec.serviceAccountName || spec.serviceAccount, `${path}.serviceAccountName`),
    ...named(spec.nodeName, `${path}.nodeName`),
  ];
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined && (deadline < 1 || deadline > MAX_INT32))
    out.push(invalid(`${path}.activeDeadlineSeconds`, deadline, inclusiveRange(1, MAX_INT32)));
  if (spec.hostname) out.push(...validateDNS1123Label(spec.hostname, `${path}.hostname`));
  if (spec.subdomain) out.push(...validateDNS1123Label(spec.subdomain, `${path}.subdomain`));
  out.push(...validateTolerations(spec.tolerations, `${path}.tolerations`, options));
  for (const [i, alias] of (spec.hostAliases ?? []).entries()) {
    out.push(...isValidIPForLegacyField(`${path}.hostAliases[${i}].ip`, alias.ip ?? "", true));
    for (const [j, host] of (alias.hostnames ?? []).entries()) out.push(...subdomain(host, `${path}.hostAliases[${i}].hostnames[${j}]`));
  }
  out.push(...named(spec.priorityClassName, `${path}.priorityClassName`));
  const runtimeClass = spec.runtimeClassName;
  if (runtimeClass !== undefined) for (const text of nameIsDNSSubdomain(runtimeClass, false)) out.push(invalid(`${path}.runtimeClassName`, runtimeClass, text));
  if (spec.preemptionPolicy !== undefined) out.push(...oneOf(spec.preemptionPolicy, `${path}.preemptionPolicy`, ["PreemptLowerPriority", "Never"]));
  out.push(...validateOverhead(spec.overhead as Record<string, string>, `${path}.overhead`, options.allowIndivisibleHugePagesValues));
  out.push(...validateOS(spec, path));
  return [...out, ...validateFileKeyRefVolumes(spec, path)];
}

/** A pod template's labels, annotations and spec; ephemeral containers have no place in one. */
export function validatePodTemplateSpec(template: PodTemplateSpec, path: string, options: PodValidationOptions): FieldError[] {
  const meta = (template.metadata ?? {}) as ObjectMeta;
  const spec = template.spec ?? ({ containers: [] } as unknown as PodSpec);
  return [
    ...validateLabels(meta.labels, `${path}.labels`),
    ...validateAnnotations(meta.annotations, `${path}.annotations`),
    ...validatePodAnnotations(meta.annotations, spec, `${path}.annotations`, options),
    ...validatePodSpec(spec, undefined, `${path}.spec`, options),
    ...validateSeccompMatch(meta.annotations, spec, `${path}.spec`),
    ...validateAppArmorMatch(meta.annotations, spec, `${path}.spec`),
    ...(spec.ephemeralContainers?.length ? [forbidden(`${path}.spec.ephemeralContainers`, "ephemeral containers not allowed in pod template")] : []),
  ];
}
