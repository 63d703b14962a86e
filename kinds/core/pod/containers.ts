/** Containers of every kind. Source: pkg/apis/core/validation validateContainers, validateInitContainers, validateEphemeralContainers. */
import { duplicate, type FieldError, forbidden, invalid, notFound, notSupported, required, tooMany } from "../../field.js";
import type { Container, ContainerPort, ContainerResizePolicy, ContainerRestartRule, EphemeralContainer, PodSpec } from "../../schema/api/core.v1.js";
import { isDNS1123Label, isValidPortName, isValidPortNum } from "../../validation/names.js";
import { validateEnv, validateEnvFrom } from "./env.js";
import { validateVolumeDevices, validateVolumeMounts } from "./mounts.js";
import type { PodValidationOptions } from "./options.js";
import { validateLifecycle, validateProbe } from "./probes.js";
import { validateContainerResources } from "./resources.js";
import { validateSecurityContext } from "./security.js";
import { isSidecar } from "./visit.js";
import type { VolumesByName } from "./volumes.js";

const PROTOCOLS = ["SCTP", "TCP", "UDP"];
export const PULL_POLICIES = ["Always", "IfNotPresent", "Never"];
const RESTART_POLICIES = ["Always", "Never", "OnFailure"];

/** What containers are judged by besides themselves. */
export interface ContainerContext {
  readonly spec: PodSpec;
  readonly volumes: VolumesByName;
  readonly claims: ReadonlySet<string>;
  readonly options: PodValidationOptions;
}

export const validateDNS1123Label = (value: string, path: string): FieldError[] => isDNS1123Label(value).map((text) => invalid(path, value, text));

function validateContainerPorts(ports: readonly ContainerPort[] | undefined, path: string): FieldError[] {
  const names = new Set<string>();
  return (ports ?? []).flatMap((port, i) => {
    const at = `${path}[${i}]`;
    const out: FieldError[] = [];
    if (port.name) {
      const texts = isValidPortName(port.name);
      if (texts.length > 0) for (const text of texts) out.push(invalid(`${at}.name`, port.name, text));
      else if (names.has(port.name)) out.push(duplicate(`${at}.name`, port.name));
      else names.add(port.name);
    }
    if (!port.containerPort) out.push(required(`${at}.containerPort`));
    else for (const text of isValidPortNum(port.containerPort)) out.push(invalid(`${at}.containerPort`, port.containerPort, text));
    if (port.hostPort) for (const text of isValidPortNum(port.hostPort)) out.push(invalid(`${at}.hostPort`, port.hostPort, text));
    if (!port.protocol) out.push(required(`${at}.protocol`));
    else if (!PROTOCOLS.includes(port.protocol)) out.push(notSupported(`${at}.protocol`, port.protocol, PROTOCOLS));
    return out;
  });
}

/** Host ports must not collide within `containers`; `path` is the list's, also when an init container is judged alone. */
function hostPortConflicts(containers: readonly Container[], path: string): FieldError[] {
  const seen = new Set<string>();
  const out: FieldError[] = [];
  for (const [i, c] of containers.entries())
    for (const [j, port] of (c.ports ?? []).entries()) {
      if (!port.hostPort) continue;
      const key = `${port.protocol ?? ""}/${port.hostIP ?? ""}/${port.hostPort}`;
      if (seen.has(key)) out.push(duplicate(`${path}[${i}].ports[${j}].hostPort`, key));
      seen.add(key);
    }
  return out;
}

export function validatePullPolicy(policy: string | undefined, path: string): FieldError[] {
  if (!policy) return [required(path)];
  return PULL_POLICIES.includes(policy) ? [] : [notSupported(path, policy, PULL_POLICIES)];
}

function validateResizePolicy(policies: readonly ContainerResizePolicy[] | undefined, path: string, podRestartPolicy: string): FieldError[] {
  const seen = new Set<string>();
  return (policies ?? []).flatMap((p, i) => {
    const out: FieldError[] = [];
    const [resource, restart] = [p.resourceName ?? "", p.restartPolicy ?? ""];
    if (seen.has(resource)) out.push(duplicate(`${path}[${i}]`, resource));
    seen.add(resource);
    if (resource === "") out.push(required(path));
    else if (!["cpu", "memory"].includes(resource)) out.push(notSupported(path, resource, ["cpu", "memory"]));
    if (restart === "") out.push(required(path));
    else if (!["NotRequired", "RestartContainer"].includes(restart)) out.push(notSupported(path, restart, ["NotRequired", "RestartContainer"]));
    if (podRestartPolicy === "Never" && restart !== "NotRequired")
      out.push(invalid(path, restart, "must be 'NotRequired' when pod `restartPolicy` is 'Never'"));
    return out;
  });
}

function validateRestartRules(policy: string | undefined, rules: readonly ContainerRestartRule[] | undefined, path: string): FieldError[] {
  const out: FieldError[] = [];
  if (policy === undefined) {
    if (!rules?.length) return out;
    out.push(required(`${path}.restartPolicy`, "must specify restartPolicy when restart rules are used"));
  } else if (!RESTART_POLICIES.includes(policy)) out.push(notSupported(`${path}.restartPolicy`, policy, RESTART_POLICIES));
  if (rules && rules.length > 20) out.push(tooMany(`${path}.restartPolicyRules`, rules.length, 20));
  for (const [i, rule] of (rules ?? []).entries()) {
    const at = `${path}.restartPolicyRules[${i}]`;
    const actions = ["Restart", "RestartAllContainers"];
    if (!actions.includes(rule.action ?? "")) out.push(notSupported(`${at}.action`, rule.action ?? "", actions));
    if (!rule.exitCodes) {
      out.push(required(`${at}.exitCodes`, "must be specified"));
      continue;
    }
    const { operator = "", values = [] } = rule.exitCodes;
    if (!["In", "NotIn"].includes(operator)) out.push(notSupported(`${at}.exitCodes.operator`, operator, ["In", "NotIn"]));
    if (values.length > 255) out.push(tooMany(`${at}.exitCodes.values`, values.length, 255));
  }
  return out;
}

function validateContainerCommon(c: Container, path: string, ctx: ContainerContext): FieldError[] {
  const out: FieldError[] = c.name ? validateDNS1123Label(c.name, `${path}.name`) : [required(`${path}.name`)];
  if (!c.image) out.push(required(`${path}.image`));
  const termination = c.terminationMessagePolicy ?? "";
  if (termination === "") out.push(required(`${path}.terminationMessagePolicy`));
  else if (termination !== "File" && termination !== "FallbackToLogsOnError")
    out.push(notSupported(`${path}.terminationMessagePolicy`, termination, ["File", "FallbackToLogsOnError"]));
  out.push(
    ...validateContainerPorts(c.ports, `${path}.ports`),
    ...validateEnv(c.env, `${path}.env`),
    ...validateEnvFrom(c.envFrom, `${path}.envFrom`),
    ...validateVolumeMounts(c, ctx.volumes, `${path}.volumeMounts`),
    ...validateVolumeDevices(c, ctx.volumes, `${path}.volumeDevices`),
    ...validatePullPolicy(c.imagePullPolicy, `${path}.imagePullPolicy`),
    ...validateContainerResources(c.resources, ctx.claims, `${path}.resources`, ctx.options),
    ...validateResizePolicy(c.resizePolicy, `${path}.resizePolicy`, ctx.spec.restartPolicy ?? ""),
    ...validateSecurityContext(c.securityContext, `${path}.securityContext`, ctx.spec.hostUsers !== false),
  );
  return out;
}

const validateProbes = (c: Container, path: string): FieldError[] => [
  ...validateProbe("livenessProbe", c.livenessProbe, path),
  ...validateProbe("readinessProbe", c.readinessProbe, path),
  ...validateProbe("startupProbe", c.startupProbe, path),
];

export function validateContainers(path: string, ctx: ContainerContext): FieldError[] {
  const containers = ctx.spec.containers ?? [];
  if (containers.length === 0) return [required(path)];
  const names = new Set<string>();
  const out: FieldError[] = [];
  for (const [i, c] of containers.entries()) {
    const at = `${path}[${i}]`;
    out.push(...validateContainerCommon(c, at, ctx));
    if (names.has(c.name ?? "")) out.push(duplicate(`${at}.name`, c.name ?? ""));
    names.add(c.name ?? "");
    out.push(...validateLifecycle(c.lifecycle, ctx.spec.terminationGracePeriodSeconds, `${at}.lifecycle`), ...validateProbes(c, at));
    out.push(...validateRestartRules(c.restartPolicy, c.restartPolicyRules, at));
  }
  return [...out, ...hostPortConflicts(containers, path)];
}

export function validateInitContainers(path: string, ctx: ContainerContext): FieldError[] {
  const names = new Set((ctx.spec.containers ?? []).map((c) => c.name ?? ""));
  const out: FieldError[] = [];
  for (const [i, c] of (ctx.spec.initContainers ?? []).entries()) {
    const at = `${path}[${i}]`;
    out.push(...validateContainerCommon(c, at, ctx));
    // Without a policy the rules themselves are not judged.
    if (c.restartPolicy !== undefined) out.push(...validateRestartRules(c.restartPolicy, c.restartPolicyRules, at));
    else if (c.restartPolicyRules?.length) out.push(required(`${at}.restartPolicy`, "must specify restartPolicy when restart rules are used"));
    if (names.has(c.name ?? "")) out.push(duplicate(`${at}.name`, c.name ?? ""));
    else if (c.name) names.add(c.name);
    // Init containers run one after the other: each is alone with its host ports, and errors name the list's first item.
    out.push(...hostPortConflicts([c], path));
    if (isSidecar(c)) out.push(...validateLifecycle(c.lifecycle, ctx.spec.terminationGracePeriodSeconds, `${at}.lifecycle`), ...validateProbes(c, at));
    else {
      for (const field of ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] as const)
        if (c[field]) out.push(forbidden(`${at}.${field}`, "may not be set for init containers without restartPolicy=Always"));
      if (!ctx.options.allowExistingRestartContainerForNonSidecarInitContainer)
        for (const [j, p] of (c.resizePolicy ?? []).entries())
          if (p.restartPolicy === "RestartContainer")
            out.push(
              invalid(`${at}.resizePolicy[${j}].restartPolicy`, p.restartPolicy, "must not be set to 'RestartContainer' for non-sidecar initContainers"),
            );
    }
  }
  return out;
}

/** Fields an ephemeral container may not have, in the order of Go's struct. */
const NOT_FOR_EPHEMERAL = [
  "ports",
  "resources",
  "resizePolicy",
  "restartPolicy",
  "restartPolicyRules",
  "livenessProbe",
  "readinessProbe",
  "startupProbe",
  "lifecycle",
] as const;

function isSet(c: EphemeralContainer, field: (typeof NOT_FOR_EPHEMERAL)[number]): boolean {
  const value = c[field];
  if (value === undefined || value === null) return false;
  // Resources are a plain struct inside: present but empty is unset.
  if (field === "resources") return Object.keys(value).length > 0;
  return true;
}

export function validateEphemeralContainers(path: string, ctx: ContainerContext): FieldError[] {
  const others = new Set([...(ctx.spec.containers ?? []), ...(ctx.spec.initContainers ?? [])].map((c) => c.name ?? ""));
  const names = new Set(others);
  const out: FieldError[] = [];
  for (const [i, c] of (ctx.spec.ephemeralContainers ?? []).entries()) {
    const at = `${path}[${i}]`;
    out.push(...validateContainerCommon(c, at, ctx), ...validateImageSpaces(c, at));
    if (names.has(c.name ?? "")) out.push(duplicate(`${at}.name`, c.name ?? ""));
    names.add(c.name ?? "");
    if (c.targetContainerName && !others.has(c.targetContainerName)) out.push(notFound(`${at}.targetContainerName`, c.targetContainerName));
    for (const field of NOT_FOR_EPHEMERAL) if (isSet(c, field)) out.push(forbidden(`${at}.${field}`, "cannot be set for an Ephemeral Container"));
    for (const [j, mount] of (c.volumeMounts ?? []).entries())
      for (const field of ["subPath", "subPathExpr"] as const)
        if (mount[field]) out.push(forbidden(`${at}.volumeMounts[${j}].${field}`, "cannot be set for an Ephemeral Container"));
  }
  return out;
}

/** A rule of pods only: templates may carry such images. */
export const validateImageSpaces = (c: { image?: string }, path: string): FieldError[] =>
  c.image && c.image.trim() !== c.image ? [invalid(`${path}.image`, c.image, "must not have leading or trailing whitespace")] : [];
