/** Annotations of pods that mean something, most of them from before they became fields. Source: pkg/apis/core/validation. */
import { type FieldError, forbidden, invalid, quote } from "../../field.js";
import type { AppArmorProfile, PodSpec, SeccompProfile, Toleration } from "../../schema/api/core.v1.js";
import { DELETION_COST, isValidDeletionCost, type PodValidationOptions } from "./options.js";
import { validateLocalDescendingPath } from "./paths.js";
import { validateTolerations } from "./scheduling.js";
import { visitContainers } from "./visit.js";

export const MIRROR_POD = "kubernetes.io/config.mirror";
export const SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod";
export const SECCOMP_CONTAINER_PREFIX = "container.seccomp.security.alpha.kubernetes.io/";
export const APPARMOR_PREFIX = "container.apparmor.security.beta.kubernetes.io/";
const TOLERATIONS = "scheduler.alpha.kubernetes.io/tolerations";

type Annotations = Readonly<Record<string, string>> | undefined;

function validateSeccompValue(value: string, path: string): FieldError[] {
  if (["runtime/default", "docker/default", "unconfined"].includes(value)) return [];
  if (value.startsWith("localhost/")) return validateLocalDescendingPath(value.slice("localhost/".length), path);
  return [invalid(path, value, "must be a valid seccomp profile")];
}

function validateTolerationsAnnotation(value: string, path: string, options: PodValidationOptions): FieldError[] {
  try {
    const tolerations = JSON.parse(value) as Toleration[] | null;
    return validateTolerations(tolerations ?? [], `${path}.${TOLERATIONS}`, options);
  } catch (error) {
    return [invalid(path, TOLERATIONS, (error as Error).message)];
  }
}

/** ValidatePodSpecificAnnotations. `path` is that of the annotations. */
export function validatePodAnnotations(annotations: Annotations, spec: PodSpec, path: string, options: PodValidationOptions): FieldError[] {
  const all = annotations ?? {};
  const out: FieldError[] = [];
  if (MIRROR_POD in all && !spec.nodeName)
    out.push(invalid(`${path}[${MIRROR_POD}]`, all[MIRROR_POD], "must set spec.nodeName if mirror pod annotation is set"));
  if (all[TOLERATIONS]) out.push(...validateTolerationsAnnotation(all[TOLERATIONS], path, options));
  if (!options.allowInvalidPodDeletionCost && !isValidDeletionCost(all))
    out.push(invalid(`${path}[${DELETION_COST}]`, all[DELETION_COST], "must be a 32bit integer"));
  if (all[SECCOMP_POD] !== undefined) out.push(...validateSeccompValue(all[SECCOMP_POD], `${path}.${SECCOMP_POD}`));
  const keys = Object.keys(all).sort();
  for (const key of keys) if (key.startsWith(SECCOMP_CONTAINER_PREFIX)) out.push(...validateSeccompValue(all[key] as string, `${path}.${key}`));
  const names = new Set(visitContainers(spec, "").map(([c]) => c.name));
  for (const key of keys) {
    if (!key.startsWith(APPARMOR_PREFIX)) continue;
    const container = key.slice(APPARMOR_PREFIX.length);
    const profile = all[key] as string;
    if (!names.has(container)) out.push(invalid(`${path}[${key}]`, container, "container not found"));
    if (!["", "runtime/default", "unconfined"].includes(profile) && !profile.startsWith("localhost/"))
      out.push(invalid(`${path}[${key}]`, profile, `invalid AppArmor profile name: ${quote(profile)}`));
  }
  return out;
}

/** ValidatePodSpecificAnnotationUpdates: AppArmor and mirror annotations stand as they were made. */
export function validatePodAnnotationsUpdate(
  annotations: Annotations,
  old: Annotations,
  spec: PodSpec,
  path: string,
  options: PodValidationOptions,
): FieldError[] {
  const out: FieldError[] = [];
  for (const key of Object.keys(old ?? {}).sort()) {
    if (annotations?.[key] === old?.[key]) continue;
    if (key.startsWith(APPARMOR_PREFIX)) out.push(forbidden(`${path}[${key}]`, "may not remove or update AppArmor annotations"));
    if (key === MIRROR_POD) out.push(forbidden(`${path}[${key}]`, "may not remove or update mirror pod annotation"));
  }
  for (const key of Object.keys(annotations ?? {}).sort()) {
    if (old && key in old) continue;
    if (key.startsWith(APPARMOR_PREFIX)) out.push(forbidden(`${path}[${key}]`, "may not add AppArmor annotations"));
    if (key === MIRROR_POD) out.push(forbidden(`${path}[${key}]`, "may not add mirror pod annotation"));
  }
  return [...out, ...validatePodAnnotations(annotations, spec, path, options)];
}

/** Annotation and field of one container must say the same; `localhost/` introduces a path. */
function mismatch(annotation: string, field: SeccompProfile | AppArmorProfile, path: string, what: "seccomp" | "apparmor"): FieldError[] {
  const type = [forbidden(`${path}.type`, `${what} type in annotation and field must match`)];
  switch (field.type) {
    case "Unconfined":
      return annotation === "unconfined" ? [] : type;
    case "RuntimeDefault":
      return annotation === "runtime/default" || (what === "seccomp" && annotation === "docker/default") ? [] : type;
    case "Localhost":
      if (!annotation.startsWith("localhost/")) return type;
      if (field.localhostProfile === undefined || annotation.slice("localhost/".length) !== field.localhostProfile)
        return [forbidden(`${path}.localhostProfile`, `${what} profile in annotation and field must match`)];
      return [];
    default:
      return [];
  }
}

/** validateSeccompAnnotationsAndFields; `path` is the spec's. */
export function validateSeccompMatch(annotations: Annotations, spec: PodSpec, path: string): FieldError[] {
  const out: FieldError[] = [];
  const ofPod = annotations?.[SECCOMP_POD];
  if (spec.securityContext?.seccompProfile && ofPod !== undefined)
    out.push(...mismatch(ofPod, spec.securityContext.seccompProfile, `${path}.securityContext.seccompProfile`, "seccomp"));
  for (const [c, at] of visitContainers(spec, path)) {
    const annotation = annotations?.[SECCOMP_CONTAINER_PREFIX + c.name];
    if (c.securityContext?.seccompProfile && annotation !== undefined)
      out.push(...mismatch(annotation, c.securityContext.seccompProfile, `${at}.securityContext.seccompProfile`, "seccomp"));
  }
  return out;
}

/** validateAppArmorAnnotationsAndFieldsMatchOnCreate; a container without a profile of its own has the pod's. */
export function validateAppArmorMatch(annotations: Annotations, spec: PodSpec, path: string): FieldError[] {
  if (spec.os?.name === "windows") return [];
  const out: FieldError[] = [];
  for (const [c, at] of visitContainers(spec, path)) {
    const profile = c.securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile;
    const annotation = annotations?.[APPARMOR_PREFIX + c.name];
    if (profile && annotation !== undefined) out.push(...mismatch(annotation, profile, `${at}.securityContext.appArmorProfile`, "apparmor"));
  }
  return out;
}

/** The field an AppArmor annotation stands for, undefined when it names none. Source: podutil.ApparmorFieldForAnnotation. */
export function appArmorFromAnnotation(annotation: string): AppArmorProfile | undefined {
  if (annotation === "unconfined") return { type: "Unconfined" };
  if (annotation === "runtime/default") return { type: "RuntimeDefault" };
  if (annotation.startsWith("localhost/") && annotation.length > "localhost/".length)
    return { type: "Localhost", localhostProfile: annotation.slice("localhost/".length) };
  return undefined;
}
