/** `pods/ephemeralcontainers` and `pods/resize`. Source: pkg/registry/core/pod strategy.go, pkg/apis/core/validation. */
import { type FieldError, forbidden, invalid, quote } from "../../field.js";
import type { ViewSubresource } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { amountOf } from "../../resourcelist.js";
import type { Container, Pod, PodSpec, ResourceRequirements } from "../../schema/api/core.v1.js";
import { resetMetadataForStatus, VIEW_VERBS } from "../../status.js";
import { validateKubeObjectMetaUpdate } from "../../validation/metadata.js";
import { MIRROR_POD, validatePodAnnotationsUpdate } from "./annotations.js";
import { internalDiff, internalEqual } from "./internal.js";
import { podValidationOptions } from "./options.js";
import { podQOS } from "./resources.js";
import { dropDisabledPodFields } from "./strategy.js";
import { validatePodAgain } from "./validate.js";
import { isSidecar } from "./visit.js";

export const ephemeralContainersView: ViewSubresource = {
  name: "ephemeralcontainers",
  verbs: VIEW_VERBS,
  prepareForUpdate(object, old) {
    const ephemeralContainers = object.spec?.ephemeralContainers;
    object.spec = { ...old.spec, ephemeralContainers };
    if (ephemeralContainers === undefined) delete object.spec.ephemeralContainers;
    object.status = old.status;
    resetMetadataForStatus(object, old);
    dropDisabledPodFields(object.spec, old.spec);
  },
  validateUpdate(object, oldObject) {
    const pod = object as unknown as Pod;
    const old = oldObject as unknown as Pod;
    const options = podValidationOptions(true, old.spec, oldObject.metadata);
    // Go's root path has no name.
    if (MIRROR_POD in (oldObject.metadata.annotations ?? {})) return [forbidden("", "static pods do not support ephemeral containers")];
    const out = [
      ...validateKubeObjectMetaUpdate(object.metadata, oldObject.metadata),
      ...validatePodAgain(object, options),
      ...validatePodAnnotationsUpdate(object.metadata.annotations, oldObject.metadata.annotations, pod.spec, "metadata.annotations", options),
    ];
    for (const before of old.spec.ephemeralContainers ?? []) {
      const after = (pod.spec.ephemeralContainers ?? []).findLast((c) => c.name === before.name);
      const name = quote(before.name ?? "");
      if (!after) out.push(forbidden("spec.ephemeralContainers", `existing ephemeral containers ${name} may not be removed\n`));
      else if (!internalEqual("EphemeralContainer", before, after))
        out.push(
          forbidden(
            "spec.ephemeralContainers",
            `existing ephemeral containers ${name} may not be changed\n${internalDiff("EphemeralContainer", before, after)}`,
          ),
        );
    }
    return out;
  },
};

/** Resources and resize policies from the request, everything else as stored; undefined when containers were reordered, which validation reports. */
function resizable(next: readonly Container[] | undefined, old: readonly Container[] | undefined): Container[] | undefined {
  if ((next ?? []).some((c, i) => c.name !== old?.[i]?.name)) return undefined;
  return old?.map((c, i) => {
    const { resources, resizePolicy, ...rest } = c;
    const asked = next?.[i];
    return {
      ...rest,
      ...(asked?.resources ? { resources: asked.resources } : { resources: {} }),
      ...(asked?.resizePolicy ? { resizePolicy: asked.resizePolicy } : {}),
    } as Container;
  });
}

function prepareResize(object: KubeObject, old: KubeObject): void {
  const spec = object.spec as PodSpec;
  const stored = old.spec as PodSpec;
  const sameCount =
    (spec.containers?.length ?? 0) === (stored.containers?.length ?? 0) && (spec.initContainers?.length ?? 0) === (stored.initContainers?.length ?? 0);
  // A changed number of containers goes to validation as it came.
  if (sameCount) {
    const next: PodSpec = { ...stored, containers: resizable(spec.containers, stored.containers) ?? spec.containers };
    if (stored.initContainers) next.initContainers = resizable(spec.initContainers, stored.initContainers) ?? spec.initContainers;
    if (spec.resources) next.resources = spec.resources;
    else delete next.resources;
    object.spec = next;
    object.status = old.status;
    resetMetadataForStatus(object, old);
  }
  dropDisabledPodFields(object.spec, stored);
}

type Amounts = Readonly<Record<string, string>> | undefined;

const removed = (next: Amounts, old: Amounts): boolean => Object.keys(old ?? {}).some((name) => amountOf(next, name) === undefined);

/** The list with cpu and memory as they were: what then still differs was not resizable. */
function withOldCPUAndMemory(next: Amounts, old: Amounts): Record<string, string> {
  const { cpu, memory, ...rest } = next ?? {};
  return { ...rest, ...(old?.cpu === undefined ? {} : { cpu: old.cpu }), ...(old?.memory === undefined ? {} : { memory: old.memory }) };
}

/** Claims stand outside: upstream rebuilds requirements from limits and requests only. */
const mungedRequirements = (next: ResourceRequirements | undefined, old: ResourceRequirements | undefined): ResourceRequirements =>
  ({
    limits: withOldCPUAndMemory(next?.limits as Amounts, old?.limits as Amounts),
    requests: withOldCPUAndMemory(next?.requests as Amounts, old?.requests as Amounts),
  }) as ResourceRequirements;

function validateOrder(pod: Pod, old: Pod): FieldError[] {
  return (["containers", "initContainers"] as const).flatMap((field) => {
    const [next, before] = [pod.spec[field] ?? [], old.spec[field] ?? []];
    if (next.length !== before.length) return [forbidden(`spec.${field}`, `${field} may not be added or removed on resize`)];
    return before.flatMap((c, i) =>
      next[i]?.name === c.name ? [] : [forbidden(`spec.${field}[${i}].name`, `${field} may not be renamed or reordered on resize`)],
    );
  });
}

function validatePodLevel(pod: Pod, old: Pod): FieldError[] {
  const [next, before] = [pod.spec.resources, old.spec.resources];
  if (before && !next) return [forbidden("spec.resources", "pod-level resources cannot be removed")];
  const out: FieldError[] = [];
  if (before && removed(next?.requests as Amounts, before.requests as Amounts))
    out.push(forbidden("spec.resources.requests", "pod-level resource requests cannot be removed"));
  if (before && removed(next?.limits as Amounts, before.limits as Amounts))
    out.push(forbidden("spec.resources.limits", "pod-level resource limits cannot be removed"));
  const munged = { ...mungedRequirements(next, before), claims: next?.claims };
  const empty = Object.keys(munged.limits ?? {}).length + Object.keys(munged.requests ?? {}).length === 0;
  if (!internalEqual("*ResourceRequirements", before === undefined && empty ? undefined : munged, before))
    out.push(forbidden("spec", "only cpu and memory resources are mutable at pod-level"));
  return out;
}

function validateResize(object: KubeObject, oldObject: KubeObject): FieldError[] {
  const pod = object as unknown as Pod;
  const old = oldObject as unknown as Pod;
  if (MIRROR_POD in (oldObject.metadata.annotations ?? {})) return [forbidden("", "static pods cannot be resized")];
  if (old.spec.os?.name === "windows") return [forbidden("", "windows pods cannot be resized")];
  const out = [
    ...validateKubeObjectMetaUpdate(object.metadata, oldObject.metadata),
    ...validatePodAgain(object, podValidationOptions(true, old.spec, oldObject.metadata)),
  ];
  if ((old.status?.qosClass || podQOS(old.spec)) !== podQOS(pod.spec))
    out.push(invalid("spec", pod.status?.qosClass ?? "", "Pod QOS Class may not change as a result of resizing"));
  const running = (old.status?.containerStatuses ?? []).find((c) => c.state?.running);
  if (running && !running.resources) out.push(forbidden("spec", "Pod running on node without support for resize"));
  const sized = (spec: PodSpec): boolean => Object.keys(spec.resources?.requests ?? {}).length + Object.keys(spec.resources?.limits ?? {}).length > 0;
  if (sized(old.spec) || sized(pod.spec)) out.push(...validatePodLevel(pod, old));
  const order = validateOrder(pod, old);
  if (order.length > 0) return [...out, ...order];
  for (const field of ["initContainers", "containers"] as const)
    for (const [i, before] of (old.spec[field] ?? []).entries()) {
      const next = pod.spec[field]?.[i]?.resources;
      const at = `spec.${field}[${i}].resources`;
      if (removed(next?.requests as Amounts, before.resources?.requests as Amounts))
        out.push(forbidden(`${at}.requests`, "resource requests cannot be removed"));
      if (removed(next?.limits as Amounts, before.resources?.limits as Amounts)) out.push(forbidden(`${at}.limits`, "resource limits cannot be removed"));
    }
  for (const [i, c] of (pod.spec.containers ?? []).entries()) {
    const before = old.spec.containers[i];
    if (!internalEqual("Container", { ...c, resources: mungedRequirements(c.resources, before?.resources) }, before))
      out.push(forbidden("spec", "only cpu and memory resources are mutable"));
  }
  for (const [i, c] of (pod.spec.initContainers ?? []).entries()) {
    const before = old.spec.initContainers?.[i];
    const at = `spec.initContainers[${i}]`;
    if (!internalEqual("Container", { ...c, resources: mungedRequirements(c.resources, before?.resources) }, before))
      out.push(forbidden(at, "only cpu and memory resources for init or sidecar containers are mutable"));
    if (!isSidecar(c) && !internalEqual("Container", c, before))
      for (const policy of c.resizePolicy ?? [])
        if (policy.restartPolicy === "RestartContainer")
          out.push(forbidden(at, "non-sidecar init containers with a resize policy of RestartContainer cannot be resized"));
  }
  return out;
}

export const resizeView: ViewSubresource = { name: "resize", verbs: VIEW_VERBS, prepareForUpdate: prepareResize, validateUpdate: validateResize };
