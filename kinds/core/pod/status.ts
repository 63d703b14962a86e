/** `pods/status`. Source: pkg/registry/core/pod podStatusStrategy, pkg/apis/core/validation ValidatePodStatusUpdate. */
import { duplicate, type FieldError, forbidden, internal, invalid, notSupported, required, tooLong } from "../../field.js";
import type { KubeObject } from "../../object.js";
import type { Container, ContainerStatus, Pod, PodSpec, PodStatus } from "../../schema/api/core.v1.js";
import { statusView } from "../../status.js";
import { isIPv4String, isIPv6String, isValidIPForLegacyField, warningsForIP } from "../../validation/ip.js";
import { validateImmutableField, validateKubeObjectMetaUpdate } from "../../validation/metadata.js";
import { byteLength, isDNS1123Label, isQualifiedName, isValidGroupID, isValidUserID, nameIsDNSSubdomain } from "../../validation/names.js";
import { validatePodAnnotationsUpdate } from "./annotations.js";
import { showInternal } from "./internal.js";
import { podValidationOptions } from "./options.js";

/** A client that leaves observedGeneration out does not take it back, neither the pod's nor a condition's (matched by type, in order). */
function keepObservedGeneration(status: PodStatus, old: PodStatus): void {
  if (!status.observedGeneration && old.observedGeneration) status.observedGeneration = old.observedGeneration;
  const byType = new Map<string, (number | undefined)[]>();
  for (const c of old.conditions ?? []) byType.set(c.type, [...(byType.get(c.type) ?? []), c.observedGeneration]);
  for (const c of status.conditions ?? []) {
    const before = byType.get(c.type)?.shift();
    if (!c.observedGeneration && before) c.observedGeneration = before;
  }
}

function prepareStatusUpdate(object: KubeObject, old: KubeObject): void {
  // Old kubelets send these back damaged: status may not touch them.
  if (old.metadata.deletionTimestamp) object.metadata.deletionTimestamp = old.metadata.deletionTimestamp;
  else delete object.metadata.deletionTimestamp;
  if (old.metadata.ownerReferences) object.metadata.ownerReferences = old.metadata.ownerReferences;
  else delete object.metadata.ownerReferences;
  object.status ??= {};
  const status = object.status as PodStatus;
  const before = (old.status ?? {}) as PodStatus;
  if (!status.qosClass && before.qosClass) status.qosClass = before.qosClass;
  keepObservedGeneration(status, before);
  dropDisabledStatusFields(status, before);
}

/** Fields of alpha gates that are off in 1.36: kept only where the stored status has them. */
export function dropDisabledStatusFields(status: PodStatus, old: PodStatus | undefined): void {
  const lists = (s: PodStatus | undefined): ContainerStatus[] => [
    ...(s?.containerStatuses ?? []),
    ...(s?.initContainerStatuses ?? []),
    ...(s?.ephemeralContainerStatuses ?? []),
  ];
  const hasVolumeStatus = lists(old).some((c) => (c.volumeMounts ?? []).some((m) => m.volumeStatus));
  if (!hasVolumeStatus) for (const c of lists(status)) for (const m of c.volumeMounts ?? []) delete m.volumeStatus;
  if (!old?.nodeAllocatableResourceClaimStatuses?.length) delete status.nodeAllocatableResourceClaimStatuses;
}

/** Whether a policy restarts after `exitCode`; undefined when it is none of the known ones. */
function byPolicy(policy: string | undefined, exitCode: number): boolean | undefined {
  if (policy === "Always") return true;
  if (policy === "OnFailure") return exitCode !== 0;
  return policy === "Never" ? false : undefined;
}

/** The container's rules, then its policy, then the pod's. Source: pkg/api/v1/pod ContainerShouldRestart. */
function restartsAfter(c: Container, spec: PodSpec, exitCode: number): boolean {
  if (c.restartPolicy !== undefined) {
    const rule = (c.restartPolicyRules ?? []).find(({ exitCodes }) => {
      const hit = (exitCodes?.values ?? []).includes(exitCode);
      return exitCodes?.operator === "In" ? hit : exitCodes?.operator === "NotIn" && !hit;
    });
    if (rule?.action === "Restart" || rule?.action === "RestartAllContainers") return true;
    const own = byPolicy(c.restartPolicy, exitCode);
    if (own !== undefined) return own;
  }
  return byPolicy(spec.restartPolicy, exitCode) ?? true;
}

/** What ended stays ended, unless its restart policy lets it start again. */
function validateTransitions(
  next: ContainerStatus[] | undefined,
  old: ContainerStatus[] | undefined,
  path: string,
  containers: readonly Container[] | undefined,
  spec: PodSpec | undefined,
): FieldError[] {
  if (
    spec &&
    [...(spec.initContainers ?? []), ...(spec.containers ?? [])].some((c) => (c.restartPolicyRules ?? []).some((r) => r.action === "RestartAllContainers"))
  )
    return [];
  return (old ?? []).flatMap((before, i) => {
    const ended = before.state?.terminated;
    const going = (next ?? []).filter((s) => (s.name ?? "") === (before.name ?? "") && !s.state?.terminated);
    if (!ended || going.length === 0) return [];
    const error = forbidden(`${path}[${i}].state`, "may not be transitioned to non-terminated state");
    // Ephemeral containers never restart; upstream reports each status of that name.
    if (!spec) return going.map(() => error);
    const container = containers?.find((c) => (c.name ?? "") === (before.name ?? ""));
    return container && restartsAfter(container, spec, ended.exitCode ?? 0) ? [] : [error];
  });
}

function validateIPs(ips: readonly { ip?: string }[] | undefined, old: readonly { ip?: string }[] | undefined, path: string, type: string): FieldError[] {
  const known = (old ?? []).map((o) => o.ip ?? "");
  const out = (ips ?? []).flatMap((ip, i) => isValidIPForLegacyField(`${path}[${i}]`, ip.ip ?? "", true, known));
  if (ips && ips.length > 1) {
    const all = ips.map((ip) => ip.ip ?? "");
    const bad = all.findIndex((ip) => !isIPv4String(ip) && !isIPv6String(ip));
    if (bad >= 0) out.push(internal(path, `failed to check for dual stack with error:invalid IP[${bad}]: ${all[bad]}`));
    const dual = bad < 0 && all.some(isIPv4String) && all.some(isIPv6String);
    if (!dual || ips.length > 2) out.push(invalid(path, showInternal(`[]${type}`, ips), "may specify no more than one IP for each IP family"));
  }
  return out;
}

function validateUsers(statuses: readonly ContainerStatus[] | undefined, path: string, windows: boolean): FieldError[] {
  return (statuses ?? []).flatMap((status, i) => {
    const linux = status.user?.linux;
    if (!linux) return [];
    const at = `${path}[${i}].user.linux`;
    if (windows) return [forbidden(at, "cannot be set for a windows pod")];
    return [
      ...isValidUserID(linux.uid ?? 0).map((text) => invalid(`${at}.uid`, linux.uid ?? 0, text)),
      ...isValidGroupID(linux.gid ?? 0).map((text) => invalid(`${at}.gid`, linux.gid ?? 0, text)),
      ...(linux.supplementalGroups ?? []).flatMap((gid, g) => isValidGroupID(gid).map((text) => invalid(`${at}.supplementalGroups[${g}]`, gid, text))),
    ];
  });
}

const HEALTH = ["Healthy", "Unhealthy", "Unknown"];

function validateAllocated(statuses: readonly ContainerStatus[] | undefined, path: string, containers: readonly Container[] | undefined): FieldError[] {
  const out: FieldError[] = [];
  for (const [i, status] of (statuses ?? []).entries())
    for (const [j, allocated] of (status.allocatedResourcesStatus ?? []).entries()) {
      const at = `${path}[${i}].allocatedResourcesStatus[${j}]`;
      const container = containers?.find((c) => (c.name ?? "") === (status.name ?? ""));
      const name = allocated.name ?? "";
      if (container) {
        const claim = name.startsWith("claim:");
        const known = claim
          ? (container.resources?.claims ?? []).some((c) => name === `claim:${c.name}${c.request ? `/${c.request}` : ""}`)
          : Object.keys(container.resources?.requests ?? {}).includes(name);
        const text = claim
          ? "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty"
          : "must match one of the container's resource requests";
        if (!known) out.push(invalid(`${at}.name`, name, text));
      }
      const seen = new Set<string>();
      for (const [k, r] of (allocated.resources ?? []).entries()) {
        const item = `${at}.resources[${k}]`;
        if (!HEALTH.includes(r.health ?? "")) out.push(notSupported(`${item}.health`, r.health ?? "", HEALTH));
        if (r.message === "") out.push(required(`${item}.message`, "must be non-empty if specified"));
        else if (r.message !== undefined && byteLength(r.message) > 1024) out.push(tooLong(`${item}.message`, 1024));
        if (seen.has(r.resourceID ?? "")) out.push(duplicate(`${item}.resourceID`, r.resourceID ?? ""));
        seen.add(r.resourceID ?? "");
      }
    }
  return out;
}

function validateConditions(status: PodStatus): FieldError[] {
  return (status.conditions ?? []).flatMap((c, i) => [
    ...((c.observedGeneration ?? 0) < 0 ? [invalid(`status.conditions[${i}].observedGeneration`, c.observedGeneration, "must be a non-negative integer")] : []),
    ...(["PodScheduled", "Ready", "Initialized"].includes(c.type)
      ? []
      : isQualifiedName(c.type ?? "").map((text) => invalid(`status.conditions[${i}].Type`, c.type ?? "", text))),
  ]);
}

function validateClaimStatuses(pod: Pod, status: PodStatus): FieldError[] {
  const out: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, s] of (status.resourceClaimStatuses ?? []).entries()) {
    const at = `status.resourceClaimStatuses[${i}]`;
    if (!(pod.spec.resourceClaims ?? []).some((c) => (c.name ?? "") === (s.name ?? "")))
      out.push(invalid(`${at}.name`, s.name ?? "", "must match the name of an entry in `spec.resourceClaims`"));
    if (seen.has(s.name ?? "")) out.push(duplicate(`${at}.name`, s.name ?? ""));
    seen.add(s.name ?? "");
    if (s.resourceClaimName !== undefined)
      for (const text of nameIsDNSSubdomain(s.resourceClaimName, false)) out.push(invalid(`${at}.resourceClaimName`, s.resourceClaimName, text));
  }
  const extended = status.extendedResourceClaimStatus;
  if (!extended) return out;
  const path = "status.extendedResourceClaimStatus";
  const mappings = extended.requestMappings ?? [];
  if (mappings.length === 0) out.push(required(`${path}.requestMappings`, "at least one request mapping is required"));
  const triples = new Set<string>();
  for (const [i, m] of mappings.entries()) {
    const at = `${path}.requestMappings[${i}]`;
    const c = [...(pod.spec.initContainers ?? []), ...(pod.spec.containers ?? [])].findLast((x) => (x.name ?? "") === (m.containerName ?? ""));
    if (!c)
      out.push(invalid(`${at}.containerName`, m.containerName ?? "", "must match the name of an entry in spec.initContainers.name or spec.containers.name"));
    else if (!Object.keys(c.resources?.requests ?? {}).includes(m.resourceName ?? ""))
      out.push(
        invalid(
          `${at}.resourceName`,
          m.resourceName ?? "",
          "must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests",
        ),
      );
    for (const text of isDNS1123Label(m.requestName ?? "")) out.push(invalid(`${path}.requestName`, m.requestName ?? "", text));
    const triple = [m.containerName, m.resourceName, m.requestName].map((part) => part ?? "").join("/");
    if (triples.has(triple))
      for (const field of ["containerName", "resourceName", "requestName"] as const) out.push(duplicate(`${at}.${field}`, m[field] ?? ""));
    triples.add(triple);
  }
  if (!extended.resourceClaimName) out.push(required(`${path}.resourceClaimName`));
  else
    for (const text of nameIsDNSSubdomain(extended.resourceClaimName, false)) out.push(invalid(`${path}.resourceClaimName`, extended.resourceClaimName, text));
  return out;
}

function validateStatusUpdate(object: KubeObject, oldObject: KubeObject): FieldError[] {
  const pod = object as unknown as Pod;
  const old = oldObject as unknown as Pod;
  const status = pod.status ?? {};
  const before = old.status ?? {};
  const options = podValidationOptions(true, old.spec, oldObject.metadata);
  const out = [
    ...validateKubeObjectMetaUpdate(object.metadata, oldObject.metadata),
    ...validatePodAnnotationsUpdate(object.metadata.annotations, oldObject.metadata.annotations, pod.spec, "metadata.annotations", options),
    ...validateConditions(status),
  ];
  const nominated = status.nominatedNodeName ?? "";
  if (nominated && nominated !== (before.nominatedNodeName ?? "")) {
    for (const text of nameIsDNSSubdomain(nominated, false)) out.push(invalid("status.nominatedNodeName", nominated, text));
    if (old.spec.nodeName) out.push(forbidden("status.nominatedNodeName", "may not be set on pods that are already bound to a node"));
  }
  if ((status.observedGeneration ?? 0) < 0) out.push(invalid("status.observedGeneration", status.observedGeneration, "must be a non-negative integer"));
  out.push(
    ...validateImmutableField(status.qosClass ?? "", before.qosClass ?? "", "status.qosClass"),
    ...validateTransitions(status.containerStatuses, before.containerStatuses, "status.containerStatuses", old.spec.containers, old.spec),
    ...validateTransitions(status.initContainerStatuses, before.initContainerStatuses, "status.initContainerStatuses", old.spec.initContainers, old.spec),
    ...validateTransitions(status.ephemeralContainerStatuses, before.ephemeralContainerStatuses, "status.ephemeralContainerStatuses", undefined, undefined),
    ...validateClaimStatuses(pod, status),
    ...validateIPs(status.podIPs, before.podIPs, "status.podIPs", "PodIP"),
  );
  const hostIP = status.hostIPs?.[0]?.ip ?? "";
  if (status.hostIPs?.length && (status.hostIP ?? "") !== hostIP) out.push(invalid("status.hostIPs[0].ip", hostIP, "must be equal to `hostIP`"));
  out.push(...validateIPs(status.hostIPs, before.hostIPs, "status.hostIPs", "HostIP"));
  const windows = pod.spec.os?.name === "windows";
  for (const field of ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"] as const)
    out.push(...validateUsers(status[field], `status.${field}`, windows));
  out.push(
    ...validateAllocated(status.containerStatuses, "status.containerStatuses", pod.spec.containers),
    ...validateAllocated(status.initContainerStatuses, "status.initContainerStatuses", pod.spec.initContainers),
  );
  for (const [i, c] of (status.ephemeralContainerStatuses ?? []).entries())
    if (c.allocatedResourcesStatus?.length)
      out.push(forbidden(`status.ephemeralContainerStatuses[${i}].allocatedResourcesStatus`, "must not be specified in container status"));
  return out;
}

/** `pods/status` as a view of the pod. */
export const podStatusView = statusView({
  prepareForUpdate: prepareStatusUpdate,
  validateUpdate: validateStatusUpdate,
  warningsOnUpdate: (object) => {
    const status = (object.status ?? {}) as PodStatus;
    return [
      ...(status.podIPs ?? []).flatMap((ip, i) => warningsForIP(`status.podIPs[${i}].ip`, ip.ip ?? "")),
      ...(status.hostIPs ?? []).flatMap((ip, i) => warningsForIP(`status.hostIPs[${i}].ip`, ip.ip ?? "")),
    ];
  },
});
