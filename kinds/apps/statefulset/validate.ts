/** Source: pkg/apis/apps/validation ValidateStatefulSet, ValidateStatefulSetUpdate, ValidateStatefulSetStatusUpdate. */
import { validatePodAnnotations } from "../../core/pod/annotations.js";
import { validateClaimSpec } from "../../core/pod/claim.js";
import { internalEqual, showInternal } from "../../core/pod/internal.js";
import type { PodValidationOptions } from "../../core/pod/options.js";
import { validatePodTemplateSpec } from "../../core/pod/spec.js";
import {
  compileSelector,
  templateOptions,
  validateCollisionCount,
  validateReplicaCounters,
  validateTemplateLabels,
  validateTemplateRuns,
} from "../../core/podtemplate/workload.js";
import { type FieldError, forbidden, invalid, notSupported, required } from "../../field.js";
import type { KubeObject } from "../../object.js";
import type { RollingUpdateStatefulSetStrategy, StatefulSetSpec } from "../../schema/api/apps.v1.js";
import type { PodTemplateSpec, Volume } from "../../schema/api/core.v1.js";
import { plainEqual } from "../../validation/equality.js";
import {
  type LabelSelector,
  validateAnnotations,
  validateKubeObjectMetaUpdate,
  validateLabelSelector,
  validateLabels,
  validateNonnegative,
} from "../../validation/metadata.js";
import { isDNS1123Label } from "../../validation/names.js";
import { intOrPercentValue, validateAtMost100Percent, validateCounters, validatePositiveIntOrPercent } from "../../validation/numbers.js";

/** What updates of a stored set no longer judge: it may have passed under older rules. */
interface StatefulSetOptions {
  readonly allowInvalidServiceName?: boolean;
  readonly skipPodTemplate?: boolean;
  readonly skipClaimTemplates?: boolean;
}

function validateRollingUpdate(rolling: RollingUpdateStatefulSetStrategy, path: string): FieldError[] {
  const out = validateNonnegative(rolling.partition ?? 0, `${path}.partition`);
  const max = rolling.maxUnavailable;
  if (max === undefined) return out;
  const at = `${path}.maxUnavailable`;
  out.push(...validatePositiveIntOrPercent(max, at));
  if (intOrPercentValue(max) === 0) out.push(invalid(at, max, "cannot be 0"));
  return [...out, ...validateAtMost100Percent(max, at)];
}

function validateUpdateStrategy(spec: StatefulSetSpec, path: string): FieldError[] {
  const strategy = spec.updateStrategy ?? {};
  switch (strategy.type ?? "") {
    case "":
      return [required(path)];
    case "OnDelete":
      if (!strategy.rollingUpdate) return [];
      return [
        invalid(
          `${path}.rollingUpdate`,
          showInternal("RollingUpdateStatefulSetStrategy", strategy.rollingUpdate),
          "only allowed for updateStrategy 'RollingUpdate'",
        ),
      ];
    case "RollingUpdate":
      return strategy.rollingUpdate ? validateRollingUpdate(strategy.rollingUpdate, `${path}.rollingUpdate`) : [];
    default:
      return [invalid(path, showInternal("StatefulSetUpdateStrategy", strategy), "must be 'RollingUpdate' or 'OnDelete'")];
  }
}

function validateRetention(spec: StatefulSetSpec, path: string): FieldError[] {
  const policy = spec.persistentVolumeClaimRetentionPolicy;
  if (!policy) return [];
  const allowed = ["Retain", "Delete"];
  return (["whenDeleted", "whenScaled"] as const).flatMap((field) =>
    allowed.includes(policy[field] ?? "") ? [] : [notSupported(`${path}.${field}`, policy[field] ?? "", allowed)],
  );
}

/** The template as its pods will be: each claim template's volume stands in for one of the same name; host and subdomain are the set's to give. */
function templateOfPods(spec: StatefulSetSpec): PodTemplateSpec {
  const template = spec.template;
  const claims = [...new Set((spec.volumeClaimTemplates ?? []).map((c) => c.metadata?.name ?? ""))];
  if (!template.spec || (claims.length === 0 && !template.spec.subdomain && !template.spec.hostname)) return template;
  const volumes: Volume[] = claims.map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  const own = (template.spec.volumes ?? []).filter((v) => !claims.includes(v.name ?? ""));
  return { ...template, spec: { ...template.spec, subdomain: undefined, hostname: undefined, volumes: [...volumes, ...own] } };
}

function validateSpec(spec: StatefulSetSpec, path: string, options: PodValidationOptions, set: StatefulSetOptions): FieldError[] {
  const out: FieldError[] = [];
  const policy = spec.podManagementPolicy ?? "";
  if (policy === "") out.push(required(`${path}.podManagementPolicy`));
  else if (policy !== "OrderedReady" && policy !== "Parallel") out.push(invalid(`${path}.podManagementPolicy`, policy, "must be 'OrderedReady' or 'Parallel'"));
  out.push(...validateUpdateStrategy(spec, `${path}.updateStrategy`), ...validateRetention(spec, `${path}.persistentVolumeClaimRetentionPolicy`));
  if (!set.skipClaimTemplates)
    for (const [i, claim] of (spec.volumeClaimTemplates ?? []).entries())
      out.push(...validateClaimSpec(claim.spec ?? {}, `${path}.volumeClaimTemplates[${i}].spec`));
  out.push(...validateNonnegative(spec.replicas ?? 0, `${path}.replicas`), ...validateNonnegative(spec.minReadySeconds ?? 0, `${path}.minReadySeconds`));
  if (spec.ordinals) out.push(...validateNonnegative(spec.ordinals.start ?? 0, `${path}.ordinals.start`));
  if (!set.allowInvalidServiceName && spec.serviceName)
    for (const text of isDNS1123Label(spec.serviceName)) out.push(invalid(`${path}.serviceName`, spec.serviceName, text));
  const selector = spec.selector as LabelSelector | undefined;
  if (!selector) out.push(required(`${path}.selector`));
  else {
    out.push(...validateLabelSelector(selector, {}, `${path}.selector`));
    if (Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions?.length ?? 0) === 0)
      out.push(invalid(`${path}.selector`, showInternal("j", selector), "empty selector is invalid for statefulset"));
  }
  const compiled = compileSelector(selector);
  if (!compiled) out.push(invalid(`${path}.selector`, showInternal("j", selector), ""));
  else {
    const template = templateOfPods(spec);
    const at = `${path}.template`;
    const annotations = template.metadata?.annotations as Record<string, string> | undefined;
    out.push(...validateTemplateLabels(template, compiled, at));
    if (!set.skipPodTemplate) out.push(...validatePodTemplateSpec(template, at, options));
    // Labels and annotations are judged twice on purpose: upstream does, and the causes list both.
    out.push(
      ...validateLabels(template.metadata?.labels as Record<string, string> | undefined, `${at}.labels`),
      ...validateAnnotations(annotations, `${at}.annotations`),
      ...validatePodAnnotations(annotations, template.spec ?? { containers: [] }, `${at}.annotations`, options),
    );
  }
  return [...out, ...validateTemplateRuns(spec.template, "StatefulSet", `${path}.template`)];
}

export const validateStatefulSet = (object: KubeObject): FieldError[] => validateSpec(object.spec, "spec", templateOptions(), {});

const CHANGEABLE = ["replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy", "minReadySeconds"];
const IMMUTABLE =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

/** Claim templates compare by meaning: amounts by value. */
function sameClaims(a: StatefulSetSpec["volumeClaimTemplates"], b: StatefulSetSpec["volumeClaimTemplates"]): boolean {
  if ((a?.length ?? 0) !== (b?.length ?? 0)) return false;
  return (a ?? []).every((claim, i) => {
    const other = b?.[i];
    return internalEqual("PersistentVolumeClaimSpec", claim.spec, other?.spec) && plainEqual({ ...claim, spec: undefined }, { ...other, spec: undefined });
  });
}

function immutablePart(spec: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(spec).filter(([field]) => field !== "volumeClaimTemplates" && field !== "selector" && !CHANGEABLE.includes(field)));
}

export function validateStatefulSetUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const options = templateOptions(old.spec?.template);
  const relaxed = { allowInvalidServiceName: true, skipClaimTemplates: true };
  // A stored set that would not pass today stays updatable: its template is no longer judged.
  const skipPodTemplate = validateSpec(old.spec, "", options, relaxed).length > 0;
  const out = [...validateKubeObjectMetaUpdate(object.metadata, old.metadata), ...validateSpec(object.spec, "spec", options, { ...relaxed, skipPodTemplate })];
  if (
    !plainEqual(immutablePart(object.spec), immutablePart(old.spec)) ||
    !internalEqual("j", object.spec.selector, old.spec.selector) ||
    !sameClaims(object.spec.volumeClaimTemplates, old.spec.volumeClaimTemplates)
  )
    out.push(forbidden("spec", IMMUTABLE));
  return out;
}

export function validateStatefulSetStatusUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const status = object.status ?? {};
  return [
    ...validateCounters(status, [
      "replicas",
      "readyReplicas",
      "currentReplicas",
      "updatedReplicas",
      "availableReplicas",
      "observedGeneration",
      "collisionCount",
    ]),
    ...validateReplicaCounters(status, ["readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"], "status.readyReplicas"),
    ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
    ...validateCollisionCount(object.status, old.status),
  ];
}
