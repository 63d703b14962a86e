/** Access reviews. Source: pkg/apis/authorization/validation. */
import { type FieldError, forbidden, invalid, required } from "../field.js";
import type { KubeObject } from "../object.js";
import type { NonResourceAttributes, ResourceAttributes } from "../schema/api/authorization.v1.js";
import { type LabelSelectorRequirement, validateLabelSelectorRequirement } from "../validation/metadata.js";

export const validateSubjectAccessReview = (review: KubeObject): FieldError[] => [...validateSpec(review.spec ?? {}, true), ...emptyMetadata(review)];

export const validateSelfSubjectAccessReview = (review: KubeObject): FieldError[] => [...validateSpec(review.spec ?? {}, false), ...emptyMetadata(review)];

export function validateLocalSubjectAccessReview(review: KubeObject): FieldError[] {
  const spec = review.spec ?? {};
  const out = [...validateSpec(spec, true), ...emptyMetadata(review, "namespace")];
  const namespace: string = spec.resourceAttributes?.namespace ?? "";
  if (spec.resourceAttributes && namespace !== (review.metadata.namespace ?? ""))
    out.push(invalid("spec.resourceAttributes.namespace", namespace, "must match metadata.namespace"));
  if (spec.nonResourceAttributes) out.push(invalid("spec.nonResourceAttributes", shown(spec.nonResourceAttributes), "disallowed on this kind of request"));
  return out;
}

/** As the internal type prints, which has no JSON names. */
const shown = ({ path = "", verb = "" }: NonResourceAttributes) => ({ Path: path, Verb: verb });

interface Spec {
  readonly resourceAttributes?: ResourceAttributes;
  readonly nonResourceAttributes?: NonResourceAttributes;
  readonly user?: string;
  readonly groups?: readonly string[];
}

function validateSpec({ resourceAttributes, nonResourceAttributes, user, groups }: Spec, ofOthers: boolean): FieldError[] {
  const out: FieldError[] = [];
  if (resourceAttributes && nonResourceAttributes)
    out.push(invalid("spec.nonResourceAttributes", shown(nonResourceAttributes), "cannot be specified in combination with resourceAttributes"));
  if (!resourceAttributes && !nonResourceAttributes)
    out.push(invalid("spec.resourceAttributes", null, "exactly one of nonResourceAttributes or resourceAttributes must be specified"));
  if (ofOthers && !user && !groups?.length) out.push(invalid("spec.user", "", "at least one of user or group must be specified"));
  return [...out, ...validateSelectors(resourceAttributes)];
}

function validateSelectors({ fieldSelector, labelSelector }: ResourceAttributes = {}): FieldError[] {
  const path = "spec.resourceAttributes";
  const out: FieldError[] = [];
  if (fieldSelector) {
    out.push(...oneOf(fieldSelector, `${path}.fieldSelector`));
    for (const [i, r] of (fieldSelector.requirements ?? []).entries()) out.push(...validateFieldRequirement(r, `${path}.fieldSelector.requirements[${i}]`));
  }
  if (labelSelector) {
    out.push(...oneOf(labelSelector, `${path}.labelSelector`));
    for (const [i, r] of ((labelSelector.requirements ?? []) as LabelSelectorRequirement[]).entries())
      out.push(...validateLabelSelectorRequirement(r, { allowUnknownOperatorInRequirement: true }, `${path}.labelSelector.requirements[${i}]`));
  }
  return out;
}

function oneOf({ rawSelector = "", requirements }: { rawSelector?: string; requirements?: readonly unknown[] }, path: string): FieldError[] {
  if (rawSelector && requirements?.length) return [invalid(`${path}.rawSelector`, rawSelector, "may not specified at the same time as requirements")];
  return rawSelector || requirements?.length ? [] : [required(`${path}.requirements`, `when ${path} is specified, requirements or rawSelector is required`)];
}

/** Unknown operators pass: a newer client may know them, and what is not understood narrows nothing. */
function validateFieldRequirement({ key, operator, values }: { key?: string; operator?: string; values?: readonly string[] }, path: string): FieldError[] {
  const out = key ? [] : [required(`${path}.key`, "must be specified")];
  if ((operator === "In" || operator === "NotIn") && !values?.length)
    out.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  if ((operator === "Exists" || operator === "DoesNotExist") && values?.length)
    out.push(forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  return out;
}

/** Nothing but `but` may stand in metadata; managedFields do not count, but are shown. */
function emptyMetadata({ metadata }: KubeObject, but = ""): FieldError[] {
  const stands = Object.entries(metadata).some(([name, value]) => name !== but && name !== "managedFields" && isSomething(value));
  return stands ? [invalid("metadata", metadata, but ? `must be empty except for ${but}` : "must be empty")] : [];
}

const isSomething = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== "" && value !== 0 && (typeof value !== "object" || Object.keys(value).length > 0);
