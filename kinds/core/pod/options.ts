/**
 * What a pod spec may keep because the stored one already has it: validation that tightened over the years ratchets.
 * Source: pkg/api/pod/util.go GetValidationOptionsFromPodSpecAndMeta, default feature gates of 1.36 folded in.
 */
import type { ObjectMeta } from "../../object.js";
import type { Affinity, PodAffinityTerm, PodSpec } from "../../schema/api/core.v1.js";
import { validateLabelSelector } from "../../validation/metadata.js";
import { isValidLabelValue } from "../../validation/names.js";
import { isHugePageDivisible, isHugePageName } from "./resources.js";
import { validateMatchLabelKeys } from "./scheduling.js";
import { isSidecar, visitContainers } from "./visit.js";

export interface PodValidationOptions {
  /** The spec is a pod's own, not a template's. */
  readonly resourceIsPod: boolean;
  readonly allowInvalidPodDeletionCost: boolean;
  readonly allowInvalidLabelValueInSelector: boolean;
  readonly allowInvalidLabelValueInRequiredNodeAffinity: boolean;
  readonly allowInvalidTopologySpreadConstraintLabelSelector: boolean;
  readonly allowIndivisibleHugePagesValues: boolean;
  readonly allowNonLocalProjectedTokenPath: boolean;
  readonly allowNamespacedSysctlsForHostNetAndHostIPC: boolean;
  readonly allowOnlyRecursiveSELinuxChangePolicy: boolean;
  readonly allowUserNamespacesHostNetworkSupport: boolean;
  readonly allowUserNamespacesWithVolumeDevices: boolean;
  readonly allowTaintTolerationComparisonOperators: boolean;
  readonly allowExistingRestartContainerForNonSidecarInitContainer: boolean;
  readonly oldPodViolatesMatchLabelKeysValidation: boolean;
}

export const DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";

/** The deletion cost must be a decimal int32 without plus sign or leading zeros. Source: helper.GetDeletionCostFromPodAnnotations. */
export function isValidDeletionCost(annotations: Readonly<Record<string, string>> | undefined): boolean {
  const value = annotations?.[DELETION_COST];
  if (value === undefined) return true;
  if (!/^(0|-\d+|[1-9]\d*)$/.test(value)) return false;
  const n = Number(value);
  return n >= -2147483648 && n <= 2147483647;
}

const affinityTerms = (affinity: Affinity | undefined) =>
  [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((a) => [
    ...(a?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(a?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((t): Partial<PodAffinityTerm> => t.podAffinityTerm ?? {}),
  ]);

/** A sysctl of the network or IPC namespace may not be set where the pod uses the host's. Source: ValidateHostSysctl. */
export function hostSysctlConflict(name: string, spec: PodSpec): "hostNetwork" | "hostIPC" | undefined {
  const sysctl = name.replace(/\//g, ".");
  const ipc =
    ["kernel.sem", "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced"].includes(sysctl) || /^(kernel\.msg|fs\.mqueue\.)/.test(sysctl);
  if (spec.hostNetwork && !ipc && sysctl.startsWith("net.")) return "hostNetwork";
  return spec.hostIPC && ipc ? "hostIPC" : undefined;
}

const usesVolumeDevicesWithUserNamespace = (spec: PodSpec): boolean =>
  spec.hostUsers === false && visitContainers(spec, "").some(([c]) => (c.volumeDevices?.length ?? 0) > 0);

function usesIndivisibleHugePages(spec: PodSpec): boolean {
  const bad = (list: Readonly<Record<string, string>> | undefined) =>
    Object.entries(list ?? {}).some(([name, value]) => isHugePageName(name) && !isHugePageDivisible(name, value));
  return visitContainers(spec, "").some(([c]) => bad(c.resources?.limits) || bad(c.resources?.requests)) || bad(spec.overhead);
}

/** Options for validating `spec`; `old` is the stored spec on updates. `resourceIsPod` is false for templates. */
export function podValidationOptions(resourceIsPod: boolean, old?: PodSpec, oldMeta?: ObjectMeta): PodValidationOptions {
  const strict = {};
  const terms = affinityTerms(old?.affinity);
  const spread = old?.topologySpreadConstraints ?? [];
  return {
    resourceIsPod,
    allowInvalidPodDeletionCost: oldMeta !== undefined && !isValidDeletionCost(oldMeta.annotations),
    allowInvalidLabelValueInSelector: terms.some(
      (t) => validateLabelSelector(t.labelSelector as never, strict, "").length + validateLabelSelector(t.namespaceSelector as never, strict, "").length > 0,
    ),
    allowInvalidLabelValueInRequiredNodeAffinity: (old?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []).some(
      (t) => (t.matchExpressions ?? []).some((e) => (e.values ?? []).some((v) => isValidLabelValue(v).length > 0)),
    ),
    allowInvalidTopologySpreadConstraintLabelSelector: spread.some((c) => validateLabelSelector(c.labelSelector as never, strict, "").length > 0),
    allowIndivisibleHugePagesValues: old !== undefined && usesIndivisibleHugePages(old),
    allowNonLocalProjectedTokenPath: (old?.volumes ?? []).some((v) =>
      (v.projected?.sources ?? []).some((s) => {
        const path = s.serviceAccountToken?.path ?? "";
        return s.serviceAccountToken !== undefined && (path.startsWith("/") || path.split("/").includes("..") || path.startsWith(".."));
      }),
    ),
    allowNamespacedSysctlsForHostNetAndHostIPC: (old?.securityContext?.sysctls ?? []).some(
      (s) => hostSysctlConflict(s.name ?? "", old as PodSpec) !== undefined,
    ),
    allowOnlyRecursiveSELinuxChangePolicy: old?.securityContext?.seLinuxChangePolicy === undefined,
    allowUserNamespacesHostNetworkSupport: old?.hostUsers === false && old.hostNetwork === true,
    allowUserNamespacesWithVolumeDevices: old !== undefined && usesVolumeDevicesWithUserNamespace(old),
    allowTaintTolerationComparisonOperators: (old?.tolerations ?? []).some((t) => t.operator === "Lt" || t.operator === "Gt"),
    allowExistingRestartContainerForNonSidecarInitContainer: (old?.initContainers ?? []).some(
      (c) => !isSidecar(c) && (c.resizePolicy ?? []).some((p) => p.restartPolicy === "RestartContainer"),
    ),
    oldPodViolatesMatchLabelKeysValidation: spread.some((c) => validateMatchLabelKeys("", c.matchLabelKeys, undefined, c.labelSelector as never).length > 0),
  };
}
