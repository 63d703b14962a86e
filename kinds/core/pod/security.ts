/** Security contexts of pods and containers, and what an operating system rules out. Source: pkg/apis/core/validation. */
import { duplicate, type FieldError, forbidden, invalid, notSupported, required, tooLong } from "../../field.js";
import type { AppArmorProfile, PodSpec, SeccompProfile, SecurityContext, WindowsSecurityContextOptions } from "../../schema/api/core.v1.js";
import { byteLength, isDNS1123Subdomain, isValidGroupID, isValidUserID } from "../../validation/names.js";
import { showInternal } from "./internal.js";
import { hostSysctlConflict, type PodValidationOptions } from "./options.js";
import { validateLocalDescendingPath } from "./paths.js";
import { visitContainers } from "./visit.js";

const PROFILE_TYPES = ["Localhost", "RuntimeDefault", "Unconfined"];
const SYSCTL = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;
const SYSCTL_TEXT = "must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";

const ids = (path: string, value: number | undefined, rule: (n: number) => string[]): FieldError[] =>
  value === undefined ? [] : rule(value).map((text) => invalid(path, value, text));

function validateSeccompProfile(profile: SeccompProfile | undefined, path: string): FieldError[] {
  if (!profile) return [];
  const out: FieldError[] = [];
  const type = profile.type ?? "";
  if (type === "") out.push(required(`${path}.type`, "type is required when seccompProfile is set"));
  else if (!PROFILE_TYPES.includes(type)) out.push(notSupported(`${path}.type`, type, PROFILE_TYPES));
  const at = `${path}.localhostProfile`;
  if (type === "Localhost") {
    if (profile.localhostProfile === undefined) out.push(required(at, "must be set when seccomp type is Localhost"));
    else out.push(...validateLocalDescendingPath(profile.localhostProfile, at));
  } else if (profile.localhostProfile !== undefined)
    out.push(invalid(at, showInternal("SeccompProfile", profile), "can only be set when seccomp type is Localhost"));
  return out;
}

/** ValidateAppArmorProfileField; the annotation's profile is judged by it as well before it becomes a field. */
export function validateAppArmorProfile(profile: AppArmorProfile | undefined, path: string): FieldError[] {
  if (!profile) return [];
  const out: FieldError[] = [];
  const at = `${path}.localhostProfile`;
  const local = profile.localhostProfile;
  switch (profile.type ?? "") {
    case "Localhost":
      if (local === undefined) out.push(required(at, "must be set when AppArmor type is Localhost"));
      else {
        if (local.trim() !== local) out.push(invalid(at, local, "must not be padded with whitespace"));
        else if (local === "") out.push(required(at, "must be set when AppArmor type is Localhost"));
        if (byteLength(local) > 4095) out.push(tooLong(at, 4095));
      }
      break;
    case "RuntimeDefault":
    case "Unconfined":
      if (local !== undefined) out.push(invalid(at, local, "can only be set when AppArmor type is Localhost"));
      break;
    case "":
      out.push(required(`${path}.type`, "type is required when appArmorProfile is set"));
      break;
    default:
      out.push(notSupported(`${path}.type`, profile.type, PROFILE_TYPES));
  }
  return out;
}

const NETBIOS = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const WINDOWS_DNS = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;

function windowsUserFindings(name: string): string[] {
  if (name === "") return ["runAsUserName cannot be an empty string"];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the rule is about control characters
  if (/[\x00-\x1f\x7f]/.test(name)) return ["runAsUserName cannot contain control characters"];
  const parts = name.split("\\");
  if (parts.length > 2) return ["runAsUserName cannot contain more than one backslash"];
  const [domain, user] = parts.length === 2 ? (parts as [string, string]) : [undefined, parts[0] as string];
  const out: string[] = [];
  if (byteLength(domain ?? "") >= 256) out.push("runAsUserName's Domain length must be under 256 characters");
  if (domain !== undefined && !NETBIOS.test(domain) && !WINDOWS_DNS.test(domain))
    out.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
  if (user === "") out.push("runAsUserName's User cannot be empty");
  else if (byteLength(user) > 104) out.push("runAsUserName's User length must not be longer than 104 characters");
  if (/^[. ]+$/.test(user)) out.push("runAsUserName's User cannot contain only periods or spaces");
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) out.push("runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]");
  return out;
}

function validateWindowsOptions(options: WindowsSecurityContextOptions | undefined, path: string): FieldError[] {
  if (!options) return [];
  const out: FieldError[] = [];
  const { gmsaCredentialSpecName: specName, gmsaCredentialSpec: spec, runAsUserName: user } = options;
  if (specName !== undefined) for (const text of isDNS1123Subdomain(specName)) out.push(invalid(`${path}.gmsaCredentialSpecName`, specName, text));
  if (spec === "") out.push(invalid(`${path}.gmsaCredentialSpec`, spec, "gmsaCredentialSpec cannot be an empty string"));
  else if (spec !== undefined && byteLength(spec) > 65536)
    out.push(invalid(`${path}.gmsaCredentialSpec`, spec, "gmsaCredentialSpec size must be under 64 KiB"));
  if (user !== undefined) for (const text of windowsUserFindings(user)) out.push(invalid(`${path}.runAsUserName`, user, text));
  return out;
}

/** A container's security context. `hostUsers` is false when the pod has a user namespace of its own. Privileged containers are allowed. */
export function validateSecurityContext(sc: SecurityContext | undefined, path: string, hostUsers: boolean): FieldError[] {
  if (!sc) return [];
  const out = [...ids(`${path}.runAsUser`, sc.runAsUser, isValidUserID), ...ids(`${path}.runAsGroup`, sc.runAsGroup, isValidGroupID)];
  if (sc.procMount !== undefined) {
    if (!["Default", "Unmasked"].includes(sc.procMount)) out.push(notSupported(`${path}.procMount`, sc.procMount, ["Default", "Unmasked"]));
    if (hostUsers && sc.procMount === "Unmasked") out.push(invalid(`${path}.procMount`, sc.procMount, "`hostUsers` must be false to use `Unmasked`"));
  }
  out.push(...validateSeccompProfile(sc.seccompProfile, `${path}.seccompProfile`));
  if (sc.allowPrivilegeEscalation === false) {
    const shown = showInternal("SecurityContext", sc);
    if (sc.privileged) out.push(invalid(path, shown, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"));
    for (const cap of sc.capabilities?.add ?? [])
      if (cap === "CAP_SYS_ADMIN") out.push(invalid(path, shown, "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"));
  }
  out.push(...validateWindowsOptions(sc.windowsOptions, `${path}.windowsOptions`));
  return [...out, ...validateAppArmorProfile(sc.appArmorProfile, `${path}.appArmorProfile`)];
}

function validateSysctls(spec: PodSpec, path: string, options: PodValidationOptions): FieldError[] {
  const out: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, sysctl] of (spec.securityContext?.sysctls ?? []).entries()) {
    const at = `${path}[${i}].name`;
    const name = sysctl.name ?? "";
    if (name === "") out.push(required(at));
    else if (name.length > 253 || !SYSCTL.test(name)) out.push(invalid(at, name, SYSCTL_TEXT));
    else if (seen.has(name)) out.push(duplicate(at, name));
    const conflict = options.allowNamespacedSysctlsForHostNetAndHostIPC ? undefined : hostSysctlConflict(name, spec);
    if (conflict) out.push(invalid(at, name, `may not be specified when '${conflict}' is true`));
    seen.add(name);
  }
  return out;
}

/** The pod's security context together with the host namespaces, which stand beside it on the wire. */
export function validatePodSecurityContext(spec: PodSpec, path: string, options: PodValidationOptions): FieldError[] {
  const sc = spec.securityContext ?? {};
  const out = [
    ...ids(`${path}.fsGroup`, sc.fsGroup, isValidGroupID),
    ...ids(`${path}.runAsUser`, sc.runAsUser, isValidUserID),
    ...ids(`${path}.runAsGroup`, sc.runAsGroup, isValidGroupID),
    ...(sc.supplementalGroups ?? []).flatMap((gid, i) => ids(`${path}.supplementalGroups[${i}]`, gid, isValidGroupID)),
  ];
  if (spec.hostPID && spec.shareProcessNamespace)
    out.push(invalid(`${path}.shareProcessNamespace`, true, "ShareProcessNamespace and HostPID cannot both be enabled"));
  out.push(...validateSysctls(spec, `${path}.sysctls`, options));
  const oneOf = (field: "fsGroupChangePolicy" | "supplementalGroupsPolicy" | "seLinuxChangePolicy", supported: readonly string[]): FieldError[] =>
    sc[field] === undefined || supported.includes(sc[field]) ? [] : [notSupported(`${path}.${field}`, sc[field], supported)];
  out.push(...oneOf("fsGroupChangePolicy", ["Always", "OnRootMismatch"]));
  out.push(...validateSeccompProfile(sc.seccompProfile, `${path}.seccompProfile`));
  out.push(...validateWindowsOptions(sc.windowsOptions, `${path}.windowsOptions`));
  out.push(...validateAppArmorProfile(sc.appArmorProfile, `${path}.appArmorProfile`));
  out.push(...oneOf("supplementalGroupsPolicy", ["Merge", "Strict"]));
  return [...out, ...oneOf("seLinuxChangePolicy", options.allowOnlyRecursiveSELinuxChangePolicy ? ["Recursive"] : ["MountOption", "Recursive"])];
}

/** Windows host-process pods: all containers or none, and only on the host's network. */
export function validateWindowsHostProcess(spec: PodSpec, path: string): FieldError[] {
  const out: FieldError[] = [];
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  const containers = visitContainers(spec, path);
  let count = 0;
  for (const [c, at] of containers) {
    const own = c.securityContext?.windowsOptions?.hostProcess;
    if (ofPod !== undefined && own !== undefined && ofPod !== own)
      out.push(invalid(`${at}.securityContext.windowsOptions.hostProcess`, own, `pod hostProcess value must be identical if both are specified, was ${ofPod}`));
    if (own ?? ofPod) count++;
  }
  if (count === 0) return out;
  if (count !== containers.length) out.push(invalid(path, "", "If pod contains any hostProcess containers then all containers must be HostProcess containers"));
  if (!spec.hostNetwork) out.push(invalid(`${path}.hostNetwork`, false, "hostNetwork must be true if pod contains any hostProcess containers"));
  return out;
}

/** A user namespace and the host's namespaces exclude each other. */
export function validateHostUsers(spec: PodSpec, path: string, options: PodValidationOptions): FieldError[] {
  if (spec.hostUsers !== false) return [];
  const text = "when `hostUsers` is false";
  const out: FieldError[] = [];
  if (spec.hostNetwork && !options.allowUserNamespacesHostNetworkSupport) out.push(forbidden(`${path}.hostNetwork`, text));
  if (spec.hostPID) out.push(forbidden(`${path}.HostPID`, text));
  if (spec.hostIPC) out.push(forbidden(`${path}.HostIPC`, text));
  if (!options.allowUserNamespacesWithVolumeDevices)
    for (const [c, at] of visitContainers(spec, path)) if (c.volumeDevices?.length) out.push(forbidden(`${at}.volumeDevices`, text));
  return out;
}

const NOT_ON_WINDOWS = "cannot be set for a windows pod";
const POD_FIELDS_NOT_ON_WINDOWS = [
  "securityContext.appArmorProfile",
  "securityContext.seLinuxOptions",
  "hostUsers",
  "hostPID",
  "hostIPC",
  "securityContext.seccompProfile",
  "securityContext.fsGroup",
  "securityContext.fsGroupChangePolicy",
  "securityContext.sysctls",
  "shareProcessNamespace",
  "securityContext.runAsUser",
  "securityContext.runAsGroup",
  "securityContext.supplementalGroups",
  "securityContext.supplementalGroupsPolicy",
  "securityContext.seLinuxChangePolicy",
];
const CONTAINER_FIELDS_NOT_ON_WINDOWS = [
  "appArmorProfile",
  "seLinuxOptions",
  "seccompProfile",
  "capabilities",
  "readOnlyRootFilesystem",
  "privileged",
  "allowPrivilegeEscalation",
  "procMount",
  "runAsUser",
  "runAsGroup",
] as const;

/** `spec.os`: the name itself, and the fields the named system has no meaning for. */
export function validateOS(spec: PodSpec, path: string): FieldError[] {
  if (!spec.os) return [];
  const name = spec.os.name ?? "";
  if (name === "") return [required(`${path}.os.name`)];
  if (name === "linux") {
    const text = "windows options cannot be set for a linux pod";
    const out = spec.securityContext?.windowsOptions ? [forbidden(`${path}.securityContext.windowsOptions`, text)] : [];
    for (const [c, at] of visitContainers(spec, path)) if (c.securityContext?.windowsOptions) out.push(forbidden(`${at}.securityContext.windowsOptions`, text));
    return out;
  }
  if (name !== "windows") return [notSupported(`${path}.os`, name, ["linux", "windows"])];
  const out: FieldError[] = [];
  for (const field of POD_FIELDS_NOT_ON_WINDOWS) {
    const holder = (field.startsWith("securityContext.") ? (spec.securityContext ?? {}) : spec) as Record<string, unknown>;
    const key = field.slice(field.lastIndexOf(".") + 1);
    const value = holder[key];
    // hostPID and hostIPC are plain booleans inside, sysctls counts its length; the others are set as soon as they are there.
    const set =
      key === "hostPID" || key === "hostIPC"
        ? value === true
        : key === "sysctls"
          ? Array.isArray(value) && value.length > 0
          : value !== undefined && value !== null;
    if (set) out.push(forbidden(`${path}.${field}`, NOT_ON_WINDOWS));
  }
  for (const [c, at] of visitContainers(spec, path))
    for (const field of CONTAINER_FIELDS_NOT_ON_WINDOWS)
      if (c.securityContext?.[field] !== undefined) out.push(forbidden(`${at}.securityContext.${field}`, NOT_ON_WINDOWS));
  return out;
}
