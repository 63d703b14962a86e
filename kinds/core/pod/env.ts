/** Environment variables and where their values come from. Source: pkg/apis/core/validation ValidateEnv, ValidateEnvFrom. */
import { type FieldError, invalid, notFound, notSupported, required } from "../../field.js";
import { canonicalQuantity } from "../../quantity.js";
import type { EnvFromSource, EnvVar, EnvVarSource, FileKeySelector, ObjectFieldSelector, PodSpec, ResourceFieldSelector } from "../../schema/api/core.v1.js";
import { isConfigMapKey, isDNS1123Label, isQualifiedName, isRelaxedEnvVarName, nameIsDNSSubdomain } from "../../validation/names.js";
import { validatePathNoBacksteps } from "./paths.js";
import { visitContainers } from "./visit.js";

/** Field paths an environment variable may name, sorted as errors list them. */
export const ENV_FIELD_PATHS = [
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.serviceAccountName",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
];
/** Field paths a downward API volume may name. */
export const VOLUME_FIELD_PATHS = ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];
/** What the downward API converts at all; anything else is an error before the lists above are asked. */
const CONVERTIBLE = new Set([...ENV_FIELD_PATHS, ...VOLUME_FIELD_PATHS, "spec.restartPolicy", "spec.schedulerName", "status.phase"]);

const CONTAINER_RESOURCES = ["limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"];
const BYTE_DIVISORS = ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];

/** A downward API field path; `allowed` is one of the lists above. Subscripts of labels and annotations are allowed in both. */
export function validateObjectFieldSelector(ref: ObjectFieldSelector, allowed: readonly string[], path: string): FieldError[] {
  if (!ref.apiVersion) return [required(`${path}.apiVersion`)];
  const text = ref.fieldPath ?? "";
  if (text === "") return [required(`${path}.fieldPath`)];
  const conversion = (why: string): FieldError[] => [invalid(`${path}.fieldPath`, text, `error converting fieldPath: ${why}`)];
  if (ref.apiVersion !== "v1") return conversion(`unsupported pod version: ${ref.apiVersion}`);
  const subscripted = /^(.+?)\['(.*)'\]$/s.exec(text);
  if (subscripted) {
    const [, base, key = ""] = subscripted;
    if (base === "metadata.annotations") return isQualifiedName(key.toLowerCase()).map((msg) => invalid(path, key.toLowerCase(), msg));
    if (base === "metadata.labels") return isQualifiedName(key).map((msg) => invalid(path, key, msg));
    return conversion(`field label does not support subscript: ${text}`);
  }
  const converted = text === "spec.host" ? "spec.nodeName" : text;
  if (!CONVERTIBLE.has(converted)) return conversion(`field label not supported: ${text}`);
  return allowed.includes(converted) ? [] : [notSupported(`${path}.fieldPath`, converted, allowed)];
}

function validateDivisor(resource: string, divisor: string | undefined, path: string): FieldError[] {
  const value = divisor === undefined ? "0" : canonicalQuantity(String(divisor));
  if (value === "0") return [];
  const bytes = (what: string): FieldError[] =>
    BYTE_DIVISORS.includes(value)
      ? []
      : [
          invalid(
            `${path}.divisor`,
            resource,
            `only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the ${what} resource`,
          ),
        ];
  if (/^(limits|requests)\.cpu$/.test(resource))
    return value === "1m" || value === "1" ? [] : [invalid(`${path}.divisor`, resource, "only divisor's values 1m and 1 are supported with the cpu resource")];
  if (/^(limits|requests)\.memory$/.test(resource)) return bytes("memory");
  if (/^(limits|requests)\.ephemeral-storage$/.test(resource)) return bytes("local ephemeral storage");
  return /^(limits|requests)\.hugepages-/.test(resource) ? bytes("hugepages") : [];
}

/** A container's resource as a value; volumes must name the container. */
export function validateResourceFieldSelector(ref: ResourceFieldSelector, path: string, volume: boolean): FieldError[] {
  const out: FieldError[] = [];
  const resource = ref.resource ?? "";
  if (volume && !ref.containerName) out.push(required(`${path}.containerName`));
  else if (resource === "") out.push(required(`${path}.resource`));
  else if (!CONTAINER_RESOURCES.includes(resource) && !/^(limits|requests)\.hugepages-/.test(resource))
    out.push(notSupported(`${path}.resource`, resource, CONTAINER_RESOURCES));
  return [...out, ...validateDivisor(resource, ref.divisor, path)];
}

function validateKeySelector(ref: { name?: string; key?: string }, path: string): FieldError[] {
  const [name, key] = [ref.name ?? "", ref.key ?? ""];
  const out = nameIsDNSSubdomain(name, false).map((text) => invalid(`${path}.name`, name, text));
  if (key === "") out.push(required(`${path}.key`));
  else for (const text of isConfigMapKey(key)) out.push(invalid(`${path}.key`, key, text));
  return out;
}

function validateFileKeyRef(ref: FileKeySelector, path: string): FieldError[] {
  const out: FieldError[] = [];
  const [key, volume, file] = [ref.key ?? "", ref.volumeName ?? "", ref.path ?? ""];
  if (key === "") out.push(required(`${path}.key`));
  else for (const text of isRelaxedEnvVarName(key)) out.push(invalid(`${path}.key`, key, text));
  if (volume === "") out.push(required(`${path}.volumeName`));
  else for (const text of isDNS1123Label(volume)) out.push(invalid(`${path}.volumeName`, volume, text));
  if (file === "") out.push(required(`${path}.path`));
  else out.push(...validatePathNoBacksteps(file, `${path}.path`));
  return out;
}

function validateValueFrom(source: EnvVarSource, value: string | undefined, path: string): FieldError[] {
  const out: FieldError[] = [];
  if (source.fieldRef) out.push(...validateObjectFieldSelector(source.fieldRef, ENV_FIELD_PATHS, `${path}.fieldRef`));
  if (source.resourceFieldRef) out.push(...validateResourceFieldSelector(source.resourceFieldRef, `${path}.resourceFieldRef`, false));
  if (source.configMapKeyRef) out.push(...validateKeySelector(source.configMapKeyRef, `${path}.configMapKeyRef`));
  if (source.secretKeyRef) out.push(...validateKeySelector(source.secretKeyRef, `${path}.secretKeyRef`));
  if (source.fileKeyRef) out.push(...validateFileKeyRef(source.fileKeyRef, `${path}.fileKeyRef`));
  const count = [source.fieldRef, source.resourceFieldRef, source.configMapKeyRef, source.secretKeyRef, source.fileKeyRef].filter(Boolean).length;
  if (count === 0) out.push(invalid(path, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"));
  else if (value) out.push(invalid(path, "", "may not be specified when `value` is not empty"));
  else if (count > 1) out.push(invalid(path, "", "may not have more than one field specified at a time"));
  return out;
}

export function validateEnv(vars: readonly EnvVar[] | undefined, path: string): FieldError[] {
  return (vars ?? []).flatMap((ev, i) => {
    const at = `${path}[${i}]`;
    const name = ev.name ?? "";
    const out: FieldError[] = name === "" ? [required(`${at}.name`)] : isRelaxedEnvVarName(name).map((text) => invalid(`${at}.name`, name, text));
    if (ev.valueFrom) out.push(...validateValueFrom(ev.valueFrom, ev.value, `${at}.valueFrom`));
    return out;
  });
}

export function validateEnvFrom(sources: readonly EnvFromSource[] | undefined, path: string): FieldError[] {
  return (sources ?? []).flatMap((source, i) => {
    const at = `${path}[${i}]`;
    const out: FieldError[] = source.prefix ? isRelaxedEnvVarName(source.prefix).map((text) => invalid(`${at}.prefix`, source.prefix, text)) : [];
    const refs = (["configMapRef", "secretRef"] as const).filter((field) => source[field]);
    for (const field of refs) {
      const name = source[field]?.name ?? "";
      if (name === "") out.push(required(`${at}.${field}.name`));
      else for (const text of nameIsDNSSubdomain(name, true)) out.push(invalid(`${at}.${field}.name`, name, text));
    }
    // Upstream points at the list, not at the item.
    if (refs.length === 0) out.push(invalid(path, "", "must specify one of: `configMapRef` or `secretRef`"));
    else if (refs.length > 1) out.push(invalid(path, "", "may not have more than one field specified at a time"));
    return out;
  });
}

/** Files that hold variables must lie in an emptyDir of the pod. */
export function validateFileKeyRefVolumes(spec: PodSpec, path: string): FieldError[] {
  const out: FieldError[] = [];
  const volumes = new Map((spec.volumes ?? []).map((v) => [v.name ?? "", v]));
  for (const [c, at] of visitContainers(spec, path))
    for (const [i, ev] of (c.env ?? []).entries()) {
      const ref = ev.valueFrom?.fileKeyRef;
      if (!ref) continue;
      const field = `${at}.env[${i}].valueFrom.fileKeyRef.volumeName`;
      const name = ref.volumeName ?? "";
      const volume = volumes.get(name);
      if (!volume) out.push(notFound(field, name));
      else if (!volume.emptyDir) out.push(invalid(field, name, "referenced volume must be of type emptyDir"));
    }
  return out;
}
