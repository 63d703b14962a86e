/** Creating and changing pods. Source: pkg/apis/core/validation ValidatePodCreate, ValidatePodUpdate. */
import { type FieldError, forbidden, invalid, required } from "../../field.js";
import type { KubeObject } from "../../object.js";
import type { Container, NodeAffinity, NodeSelectorTerm, Pod, PodSpec } from "../../schema/api/core.v1.js";
import { validateKubeObjectMeta, validateKubeObjectMetaUpdate } from "../../validation/metadata.js";
import { inclusiveRange, nameIsDNSSubdomain } from "../../validation/names.js";
import { validateAppArmorMatch, validatePodAnnotations, validatePodAnnotationsUpdate, validateSeccompMatch } from "./annotations.js";
import { validateImageSpaces } from "./containers.js";
import { internalDiff, internalEqual, showInternal } from "./internal.js";
import { type PodValidationOptions, podValidationOptions } from "./options.js";
import { validateOnlyAddedTolerations, validateOnlyDeletedSchedulingGates } from "./scheduling.js";
import { validatePodSpec } from "./spec.js";

const UPDATABLE = [
  "`spec.containers[*].image`",
  "`spec.initContainers[*].image`",
  "`spec.activeDeadlineSeconds`",
  "`spec.tolerations` (only additions to existing tolerations)",
  "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
].join(",");
const MAX_INT32 = 2147483647;

/** Everything that holds for a pod at any time but its metadata. */
export function validatePodContent(pod: Pod, options: PodValidationOptions): FieldError[] {
  const meta = pod.metadata as KubeObject["metadata"];
  const spec = pod.spec;
  const out = [...validatePodAnnotations(meta.annotations, spec, "metadata.annotations", options), ...validatePodSpec(spec, meta, "spec", options)];
  if (!spec.serviceAccountName)
    for (const [i, volume] of (spec.volumes ?? []).entries())
      for (const [j, source] of (volume.projected?.sources ?? []).entries())
        if (source.serviceAccountToken)
          out.push(forbidden(`spec.volumes[${i}].projected.sources[${j}].serviceAccountToken`, "must not be specified when serviceAccountName is not set"));
  for (const field of ["containers", "initContainers"] as const)
    for (const [i, c] of (spec[field] ?? []).entries()) out.push(...validateImageSpaces(c, `spec.${field}[${i}]`));
  return out;
}

export function validatePod(object: KubeObject): FieldError[] {
  const pod = object as unknown as Pod;
  const spec = pod.spec;
  const out = validatePodContent(pod, podValidationOptions(true));
  if (spec.ephemeralContainers?.length) out.push(forbidden("spec.ephemeralContainers", "cannot be set on create"));
  if (spec.nodeName && spec.schedulingGates?.length) out.push(forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared"));
  const annotations = object.metadata.annotations;
  return [...out, ...validateSeccompMatch(annotations, spec, "spec"), ...validateAppArmorMatch(annotations, spec, "spec")];
}

/** Upstream's pod updates validate metadata once more after the common update check, so findings of labels and names repeat. */
export const validatePodAgain = (object: KubeObject, options: PodValidationOptions): FieldError[] => [
  ...validateKubeObjectMeta(object.metadata, true, nameIsDNSSubdomain, "metadata"),
  ...validatePodContent(object as unknown as Pod, options),
];

function validateContainerUpdates(next: readonly Container[] | undefined, old: readonly Container[] | undefined, path: string): [FieldError[], stop: boolean] {
  if ((next?.length ?? 0) !== (old?.length ?? 0)) return [[forbidden(path, "pod updates may not add or remove containers")], true];
  return [(next ?? []).flatMap((c, i) => (c.image ? validateImageSpaces(c, `${path}[${i}]`) : [required(`${path}[${i}].image`)])), false];
}

function onlyAdditions(next: NodeSelectorTerm, old: NodeSelectorTerm): boolean {
  const [oldExpressions, oldFields] = [old.matchExpressions ?? [], old.matchFields ?? []];
  const [expressions, fields] = [next.matchExpressions ?? [], next.matchFields ?? []];
  if (oldExpressions.length === 0 && oldFields.length === 0) return expressions.length === 0 && fields.length === 0;
  const grew = (a: unknown[], b: unknown[]) => a.length >= b.length && internalEqual("[]NodeSelectorRequirement", a.slice(0, b.length), b);
  return grew(expressions, oldExpressions) && grew(fields, oldFields);
}

function validateNodeAffinityMutation(next: NodeAffinity | undefined, old: NodeAffinity | undefined): FieldError[] {
  const path = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";
  if (!old?.requiredDuringSchedulingIgnoredDuringExecution) return [];
  const oldTerms = old.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms ?? [];
  const terms = next?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (oldTerms.length > 0 && oldTerms.length !== (terms?.length ?? 0))
    return [invalid(path, showInternal("[]NodeSelectorTerm", terms), "no additions/deletions to non-empty NodeSelectorTerms list are allowed")];
  return oldTerms.flatMap((term, i) =>
    onlyAdditions(terms?.[i] ?? {}, term)
      ? []
      : [invalid(`${path}[${i}]`, showInternal("NodeSelectorTerm", terms?.[i]), "only additions are allowed (no mutations or deletions)")],
  );
}

/**
 * What a gated pod may change besides: its node selector and required node affinity may get narrower. Takes these changes back in `munged` so that
 * the general comparison does not see them again.
 */
function validateGatedChanges(munged: PodSpec, old: PodSpec): FieldError[] {
  const out: FieldError[] = [];
  if (!internalEqual("{}s", munged.nodeSelector, old.nodeSelector)) {
    const selector = munged.nodeSelector ?? {};
    if (Object.entries(old.nodeSelector ?? {}).some(([key, value]) => selector[key] !== value))
      out.push(
        invalid("spec.nodeSelector", showInternal("{}s", munged.nodeSelector), "only additions to spec.nodeSelector are allowed (no mutations or deletions)"),
      );
    munged.nodeSelector = old.nodeSelector;
  }
  const before = old.affinity?.nodeAffinity;
  const after = munged.affinity?.nodeAffinity;
  if (!internalEqual("*NodeAffinity", before, after)) {
    out.push(...validateNodeAffinityMutation(after, before));
    if (!munged.affinity) munged.affinity = { nodeAffinity: before };
    else if (!old.affinity && !munged.affinity.podAffinity && !munged.affinity.podAntiAffinity) munged.affinity = undefined;
    else munged.affinity = { ...munged.affinity, nodeAffinity: before };
  }
  return out;
}

export function validatePodUpdate(object: KubeObject, oldObject: KubeObject): FieldError[] {
  const pod = object as unknown as Pod;
  const old = oldObject as unknown as Pod;
  const options = podValidationOptions(true, old.spec, oldObject.metadata);
  const out = [
    ...validateKubeObjectMetaUpdate(object.metadata, oldObject.metadata),
    ...validatePodAgain(object, options),
    ...validatePodAnnotationsUpdate(object.metadata.annotations, oldObject.metadata.annotations, pod.spec, "metadata.annotations", options),
  ];
  for (const field of ["containers", "initContainers"] as const) {
    const [found, stop] = validateContainerUpdates(pod.spec[field], old.spec[field], `spec.${field}`);
    out.push(...found);
    if (stop) return out;
  }
  const [deadline, oldDeadline] = [pod.spec.activeDeadlineSeconds, old.spec.activeDeadlineSeconds];
  if (deadline !== undefined) {
    const path = "spec.activeDeadlineSeconds";
    if (deadline < 0 || deadline > MAX_INT32) return [...out, invalid(path, deadline, inclusiveRange(0, MAX_INT32))];
    if (oldDeadline !== undefined && oldDeadline < deadline) return [...out, invalid(path, deadline, "must be less than or equal to previous value")];
  } else if (oldDeadline !== undefined) out.push(invalid("spec.activeDeadlineSeconds", undefined, "must not update from a positive integer to nil value"));
  out.push(
    ...validateOnlyAddedTolerations(pod.spec.tolerations, old.spec.tolerations, "spec.tolerations", options),
    ...validateOnlyDeletedSchedulingGates(pod.spec.schedulingGates, old.spec.schedulingGates, "spec.schedulingGates"),
  );
  if (internalEqual("PodSpec", pod.spec, old.spec)) return out;
  const keepImages = (next: readonly Container[] | undefined, stored: readonly Container[] | undefined) =>
    next?.map((c, i) => ({ ...c, image: stored?.[i]?.image })) as Container[] | undefined;
  const munged: PodSpec = {
    ...pod.spec,
    containers: keepImages(pod.spec.containers, old.spec.containers) as Container[],
    initContainers: keepImages(pod.spec.initContainers, old.spec.initContainers),
    activeDeadlineSeconds: oldDeadline,
    schedulingGates: old.spec.schedulingGates,
    tolerations: old.spec.tolerations,
  };
  if ((old.spec.terminationGracePeriodSeconds ?? 0) < 0 && munged.terminationGracePeriodSeconds === 1)
    munged.terminationGracePeriodSeconds = old.spec.terminationGracePeriodSeconds;
  if (old.spec.schedulingGates?.length) out.push(...validateGatedChanges(munged, old.spec));
  if (!internalEqual("PodSpec", munged, old.spec))
    out.push(forbidden("spec", `pod updates may not change fields other than ${UPDATABLE}\n${internalDiff("PodSpec", old.spec, munged)}`));
  return out;
}
