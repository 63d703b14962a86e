/** Source: pkg/apis/core/validation ValidateNode, ValidateNodeUpdate. */
import { duplicate, type FieldError, forbidden, internal, invalid, notSupported, required } from "../../field.js";
import type { KubeObject } from "../../object.js";
import type { NodeAddress, Taint } from "../../schema/api/core.v1.js";
import { isIPv6String, isValidCIDRForLegacyField, parseCIDRSloppy } from "../../validation/ip.js";
import { validateKubeObjectMeta, validateKubeObjectMetaUpdate, validateLabelName } from "../../validation/metadata.js";
import { byteLength, isValidLabelValue, nameIsDNSSubdomain } from "../../validation/names.js";
import { showInternal } from "../pod/internal.js";
import { validateAmount } from "../pod/resources.js";
import { validateNodeAnnotations } from "./annotations.js";

const EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
const FEATURE = /^[A-Z][a-zA-Z0-9]*(\/[a-zA-Z][a-zA-Z0-9]*)*$/;

/** Taints are told apart by key and effect. The path of the spec's says metadata: upstream's slip, and part of the message. */
function validateTaints(taints: readonly Taint[], list = "metadata.taints"): FieldError[] {
  const seen = new Set<string>();
  return taints.flatMap((taint, i) => {
    const path = `${list}[${i}]`;
    const out = validateLabelName(taint.key ?? "", `${path}.key`);
    const value = isValidLabelValue(taint.value ?? "");
    if (value.length > 0) out.push(invalid(`${path}.value`, taint.value, value.join(";")));
    if (!taint.effect) out.push(required(`${path}.effect`));
    else if (!EFFECTS.includes(taint.effect)) out.push(notSupported(`${path}.effect`, taint.effect, EFFECTS));
    const key = `${taint.effect ?? ""}/${taint.key ?? ""}`;
    if (seen.has(key)) {
      const found = duplicate(path, showInternal("Taint", taint));
      out.push({ ...found, message: `${found.message}: taints must be unique by key and effect pair` });
    }
    seen.add(key);
    return out;
  });
}

function validateAmounts(object: KubeObject): FieldError[] {
  return ["capacity", "allocatable"].flatMap((list) =>
    Object.entries(object.status?.[list] ?? {})
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([name, quantity]) => validateAmount(name, String(quantity), `status.${list}.${name}`)),
  );
}

/** Sorted, unique, and each named like a feature. */
function validateDeclaredFeatures(features: readonly string[]): FieldError[] {
  const out: FieldError[] = [];
  for (const [i, feature] of features.entries()) {
    const path = `status.declaredFeatures[${i}]`;
    if (byteLength(feature) > 253) out.push(invalid(path, feature, `invalid feature name ${JSON.stringify(feature)}: must be no more than 253 characters`));
    else if (!FEATURE.test(feature)) {
      const text = `invalid feature name ${JSON.stringify(feature)}: must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes`;
      out.push(invalid(path, feature, text));
    }
    const next = features[i + 1];
    if (next === undefined) continue;
    if (next === feature) out.push(duplicate(`status.declaredFeatures[${i + 1}]`, next));
    else if (feature > next) out.push(invalid(`status.declaredFeatures[${i + 1}]`, next, "list must be sorted alphabetically"));
  }
  return out;
}

const podCIDRsOf = (object: KubeObject): string[] => object.spec?.podCIDRs ?? [];

export function validateNode(object: KubeObject): FieldError[] {
  const out = [
    ...validateNodeAnnotations(object.metadata.annotations ?? {}, validateTaints),
    ...validateTaints(object.spec?.taints ?? []),
    ...validateAmounts(object),
  ];
  const swap = object.status?.nodeInfo?.swap?.capacity;
  if (typeof swap === "number" && swap <= 0) out.push(invalid("metadata.nodeSwapStatus.capacity", swap, "must be greater than zero"));
  out.push(...validateDeclaredFeatures(object.status?.declaredFeatures ?? []));
  const cidrs = podCIDRsOf(object);
  for (const [i, cidr] of cidrs.entries()) out.push(...isValidCIDRForLegacyField(`spec.podCIDRs[${i}]`, cidr, true));
  if (cidrs.length > 1) {
    const bad = cidrs.findIndex((cidr) => !parseCIDRSloppy(cidr));
    if (bad >= 0) {
      const why = `invalid CIDR[${bad}]: <nil> (invalid CIDR address: ${cidrs[bad]})`;
      out.push(internal("spec.podCIDRs", `invalid PodCIDRs. failed to check with dual stack with error:${why}`));
    }
    const six = cidrs.filter((cidr) => isIPv6String(cidr.split("/")[0] as string)).length;
    if (bad >= 0 || six === 0 || six === cidrs.length || cidrs.length > 2)
      out.push(invalid("spec.podCIDRs", cidrs, "may specify no more than one CIDR for each IP family"));
  }
  return out;
}

/** What an update may change; also the whole of a status update. */
export function validateNodeChange(object: KubeObject, old: KubeObject): FieldError[] {
  const out = [
    ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
    ...validateNodeAnnotations(object.metadata.annotations ?? {}, validateTaints),
    ...validateAmounts(object),
    ...validateDeclaredFeatures(object.status?.declaredFeatures ?? []),
  ];
  const seen = new Set<string>();
  for (const [i, entry] of ((object.status?.addresses ?? []) as NodeAddress[]).entries()) {
    const key = `${entry.type}/${entry.address}`;
    if (seen.has(key)) out.push(duplicate(`status.addresses[${i}]`, { Type: entry.type ?? "", Address: entry.address ?? "" }));
    seen.add(key);
  }
  const before = podCIDRsOf(old);
  const after = podCIDRsOf(object);
  const changes = before.length === 0 ? 0 : before.length !== after.length ? 1 : before.filter((cidr, i) => cidr !== after[i]).length;
  for (let n = 0; n < changes; n++) out.push(forbidden("spec.podCIDRs", 'node updates may not change podCIDR except from "" to valid'));
  if (old.spec?.providerID && old.spec.providerID !== object.spec?.providerID)
    out.push(forbidden("spec.providerID", 'node updates may not change providerID except from "" to valid'));
  out.push(...validateTaints(object.spec?.taints ?? []));
  if ((object.spec?.externalID ?? "") !== (old.spec?.externalID ?? "")) out.push(forbidden("spec.externalID", "may not be updated"));
  return out;
}

export const validateNodeUpdate = (object: KubeObject, old: KubeObject): FieldError[] => [
  ...validateKubeObjectMeta(object.metadata, false, nameIsDNSSubdomain),
  ...validateNode(object),
  ...validateNodeChange(object, old),
];
