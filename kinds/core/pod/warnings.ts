/** Warnings about pods and templates that are accepted all the same. Source: pkg/api/pod/warnings.go, pkg/api/node/util.go. */
import { quote } from "../../field.js";
import type { KubeObject, ObjectMeta } from "../../object.js";
import { canonicalQuantity } from "../../quantity.js";
import type { NodeSelectorTerm, PodAffinity, PodSpec, PodTemplateSpec } from "../../schema/api/core.v1.js";
import { warningsForIP } from "../../validation/ip.js";
import { isDNS1123Label, isValidLabelValue } from "../../validation/names.js";
import { APPARMOR_PREFIX, appArmorFromAnnotation, SECCOMP_CONTAINER_PREFIX, SECCOMP_POD } from "./annotations.js";
import { internalEqual } from "./internal.js";
import { overlappingPathWarnings } from "./overlaps.js";
import { portWarnings } from "./portwarnings.js";
import { isWholeAmount } from "./resources.js";
import { validateAppArmorProfile } from "./security.js";
import { visitContainers } from "./visit.js";

/** Node labels whose use is deprecated, with what to say about it. */
export const DEPRECATED_NODE_LABELS: Readonly<Record<string, string>> = {
  "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
  "failure-domain.beta.kubernetes.io/region": 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  "failure-domain.beta.kubernetes.io/zone": 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  "beta.kubernetes.io/instance-type": 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  "app.kubernetes.io/created-by": "deprecated since v1.9",
  "scheduler.alpha.kubernetes.io/preferAvoidPods": "deprecated since v1.22; use Taints and Tolerations instead",
  "node-role.kubernetes.io/master": 'use "node-role.kubernetes.io/control-plane" instead',
};

const DEPRECATED_ANNOTATIONS: readonly (readonly [key: string, message: string])[] = [
  ["scheduler.alpha.kubernetes.io/critical-pod", 'non-functional in v1.16+; use the "priorityClassName" field instead'],
  ["security.alpha.kubernetes.io/sysctls", 'non-functional in v1.11+; use the "sysctls" field instead'],
  ["security.alpha.kubernetes.io/unsafe-sysctls", 'non-functional in v1.11+; use the "sysctls" field instead'],
];

/** Volume source → the name its path carries, and what to say. */
const DEPRECATED_VOLUMES = [
  ["photonPersistentDisk", "photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"],
  ["gitRepo", "gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"],
  ["scaleIO", "scaleIO", "deprecated in v1.16, non-functional in v1.22+"],
  ["flocker", "flocker", "deprecated in v1.22, non-functional in v1.25+"],
  ["storageos", "storageOS", "deprecated in v1.22, non-functional in v1.25+"],
  ["quobyte", "quobyte", "deprecated in v1.22, non-functional in v1.25+"],
  ["glusterfs", "glusterfs", "deprecated in v1.25, non-functional in v1.26+"],
] as const;

const fractional = (path: string, value: string): string => `${path}: fractional byte value ${quote(canonicalQuantity(value))} is invalid, must be an integer`;

function fractionalBytes(list: Readonly<Record<string, string>> | undefined, names: readonly string[], path: string): string[] {
  return names.flatMap((name) => {
    const value = list?.[name];
    return value === undefined || isWholeAmount(String(value)) ? [] : [fractional(`${path}[${name}]`, String(value))];
  });
}

/** Fractional bytes in a claim's storage; claims and templates share it. `path` is the spec's. */
export const claimSpecWarnings = (spec: { resources?: { requests?: object; limits?: object } } | undefined, path: string): string[] => [
  ...fractionalBytes(spec?.resources?.requests as Record<string, string>, ["storage"], `${path}.resources.requests`),
  ...fractionalBytes(spec?.resources?.limits as Record<string, string>, ["storage"], `${path}.resources.limits`),
];

/** Warnings of one node selector term; label values are judged where validation lets bad ones pass. */
export function nodeSelectorTermWarnings(term: NodeSelectorTerm | undefined, checkValues: boolean, path: string): string[] {
  return (term?.matchExpressions ?? []).flatMap((e, i) => {
    const at = `${path}.matchExpressions[${i}]`;
    const message = DEPRECATED_NODE_LABELS[e.key];
    return [
      ...(message ? [`${at}.key: ${e.key} is ${message}`] : []),
      ...(checkValues ? (e.values ?? []).flatMap((v, j) => isValidLabelValue(v).map((text) => `${at}.values[${j}]: ${v} is invalid, ${text}`)) : []),
    ];
  });
}

function schedulingWarnings(spec: PodSpec, path: string): string[] {
  const out: string[] = [];
  for (const key of Object.keys(spec.nodeSelector ?? {}).sort()) {
    const message = DEPRECATED_NODE_LABELS[key];
    if (message) out.push(`${path}.nodeSelector[${key}]: ${message}`);
  }
  const affinity = spec.affinity?.nodeAffinity;
  const at = `${path}.affinity.nodeAffinity`;
  for (const [i, term] of (affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []).entries())
    out.push(...nodeSelectorTermWarnings(term, false, `${at}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${i}]`));
  for (const [i, term] of (affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).entries())
    out.push(...nodeSelectorTermWarnings(term.preference, true, `${at}.preferredDuringSchedulingIgnoredDuringExecution[${i}].preference`));
  for (const [i, c] of (spec.topologySpreadConstraints ?? []).entries()) {
    const message = DEPRECATED_NODE_LABELS[c.topologyKey];
    if (message) out.push(`${path}.topologySpreadConstraints[${i}].topologyKey: ${c.topologyKey} is ${message}`);
    if (!c.labelSelector) out.push(`${path}.topologySpreadConstraints[${i}].labelSelector: a null labelSelector results in matching no pod`);
  }
  return out;
}

function podAffinityWarnings(affinity: PodAffinity | undefined, path: string): string[] {
  const nothing = "a null labelSelector results in matching no pod";
  return [
    ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).flatMap((t, i) =>
      t.labelSelector ? [] : [`${path}.requiredDuringSchedulingIgnoredDuringExecution[${i}].labelSelector: ${nothing}`],
    ),
    ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap((t, i) =>
      t.podAffinityTerm?.labelSelector ? [] : [`${path}.preferredDuringSchedulingIgnoredDuringExecution[${i}].podAffinityTerm.labelSelector: ${nothing}`],
    ),
  ];
}

/** Items of a list that repeat an earlier one's key. */
function repeated<T>(items: readonly T[] | undefined, key: (item: T) => string, text: (i: number, key: string) => string): string[] {
  const seen = new Set<string>();
  return (items ?? []).flatMap((item, i) => {
    const k = key(item);
    const hit = seen.has(k);
    seen.add(k);
    return hit ? [text(i, k)] : [];
  });
}

function containerWarnings(spec: PodSpec, meta: ObjectMeta, path: string, metaPath: string, template: boolean): string[] {
  const out: string[] = [];
  const podProfile = spec.securityContext?.appArmorProfile;
  const bytes = ["memory", "ephemeral-storage"];
  for (const [c, at] of visitContainers(spec, path)) {
    const seccomp = SECCOMP_CONTAINER_PREFIX + c.name;
    if (!c.securityContext?.seccompProfile && meta.annotations?.[seccomp] !== undefined)
      out.push(`${metaPath}.annotations[${seccomp}]: non-functional in v1.27+; use the "seccompProfile" field instead`);
    const armor = meta.annotations?.[APPARMOR_PREFIX + c.name];
    if (template && !c.securityContext?.appArmorProfile && armor !== undefined)
      if (!podProfile || !internalEqual("*AppArmorProfile", podProfile, appArmorFromAnnotation(armor)))
        out.push(`${metaPath}.annotations[${APPARMOR_PREFIX + c.name}]: deprecated since v1.30; use the "appArmorProfile" field instead`);
    for (const name of bytes)
      out.push(
        ...fractionalBytes(c.resources?.limits as Record<string, string>, [name], `${at}.resources.limits`),
        ...fractionalBytes(c.resources?.requests as Record<string, string>, [name], `${at}.resources.requests`),
      );
    const names = new Set<string>();
    for (const [i, env] of (c.env ?? []).entries()) {
      const name = env.name ?? "";
      const ref = `$(${name})`;
      const value = env.value ?? "";
      if (names.has(name) && (env.valueFrom || value === ref || !value.includes(ref)))
        out.push(`${at}.env[${i}]: hides previous definition of ${quote(name)}, which may be dropped when using apply`);
      names.add(name);
    }
  }
  return out;
}

/** `root` is the template's path with a dot at its end, "" for pods. */
function specWarnings(spec: PodSpec, meta: ObjectMeta, root: string): string[] {
  const path = `${root}spec`;
  const metaPath = `${root}metadata`;
  const out = schedulingWarnings(spec, path);
  for (const [key, message] of DEPRECATED_ANNOTATIONS) if (meta.annotations?.[key] !== undefined) out.push(`${metaPath}.annotations[${key}]: ${message}`);
  for (const [i, v] of (spec.volumes ?? []).entries()) {
    for (const [field, name, message] of DEPRECATED_VOLUMES) if (v[field]) out.push(`${path}.volumes[${i}].${name}: ${message}`);
    out.push(...claimSpecWarnings(v.ephemeral?.volumeClaimTemplate?.spec, `${path}.volumes[${i}].ephemeral.volumeClaimTemplate.spec`));
    for (const field of ["cephfs", "rbd"] as const) if (v[field]) out.push(`${path}.volumes[${i}].${field}: deprecated in v1.28, non-functional in v1.31+`);
  }
  out.push(
    ...overlappingPathWarnings(spec.volumes),
    ...repeated(
      spec.hostAliases,
      (a) => a.ip ?? "",
      (i, ip) => `${path}.hostAliases[${i}].ip: duplicate ip ${quote(ip)}`,
    ),
    ...repeated(
      spec.imagePullSecrets,
      (s) => s.name ?? "",
      (i, name) => `${path}.imagePullSecrets[${i}].name: duplicate name ${quote(name)}`,
    ),
    ...(spec.imagePullSecrets ?? []).flatMap((s, i) => (s.name ? [] : [`${path}.imagePullSecrets[${i}].name: invalid empty name ""`])),
    ...fractionalBytes(spec.overhead as Record<string, string>, ["memory", "ephemeral-storage"], `${path}.overhead`),
  );
  if (!spec.securityContext?.seccompProfile && meta.annotations?.[SECCOMP_POD] !== undefined)
    out.push(`${metaPath}.annotations[${SECCOMP_POD}]: non-functional in v1.27+; use the "seccompProfile" field instead`);
  out.push(...containerWarnings(spec, meta, path, metaPath, root !== ""), ...portWarnings(spec, path));
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0)
    out.push(`${path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`);
  out.push(
    ...podAffinityWarnings(spec.affinity?.podAffinity, `${path}.affinity.podAffinity`),
    ...podAffinityWarnings(spec.affinity?.podAntiAffinity, `${path}.affinity.podAntiAffinity`),
  );
  for (const [i, ns] of (spec.dnsConfig?.nameservers ?? []).entries()) out.push(...warningsForIP(`${path}.dnsConfig.nameservers[${i}]`, ns));
  for (const [i, alias] of (spec.hostAliases ?? []).entries()) out.push(...warningsForIP(`${path}.hostAliases[${i}].ip`, alias.ip ?? ""));
  return out;
}

/** An AppArmor annotation that became a field, or could not, is deprecated; the strategy has moved it by now. */
function movedAppArmorWarnings(object: KubeObject): string[] {
  const spec = object.spec as PodSpec;
  if (spec.os?.name === "windows") return [];
  return visitContainers(spec, "").flatMap(([c]) => {
    const key = APPARMOR_PREFIX + c.name;
    const annotation = object.metadata.annotations?.[key];
    if (annotation === undefined) return [];
    const profile = appArmorFromAnnotation(annotation);
    const usable = profile !== undefined && validateAppArmorProfile(profile, "").length === 0;
    const own = c.securityContext?.appArmorProfile;
    const warn = own ? usable && internalEqual("*AppArmorProfile", own, profile) : !usable;
    return warn ? [`metadata.annotations[${key}]: deprecated since v1.30; use the "appArmorProfile" field instead`] : [];
  });
}

/** Pods warn on creation only: updates come from machines. */
export function podWarnings(object: KubeObject, old?: KubeObject): string[] {
  if (old) return [];
  const texts = isDNS1123Label(object.metadata.name ?? "");
  const name = `metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [${texts.join(" ")}]`;
  return [...movedAppArmorWarnings(object), ...(texts.length > 0 ? [name] : []), ...specWarnings(object.spec, object.metadata, "")];
}

/** Warnings of a pod template that stands at `path`, such as `spec.template`. */
export const podTemplateWarnings = (template: PodTemplateSpec | undefined, path: string): string[] =>
  template ? specWarnings(template.spec ?? ({} as PodSpec), (template.metadata ?? {}) as ObjectMeta, `${path}.`) : [];
