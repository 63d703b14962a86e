import type { FieldError } from "../../kinds/field.js";
import type { Kind, PrepareContext, ViewSubresource } from "../../kinds/kind.js";
import type { KubeObject } from "../../kinds/object.js";
import { VIEW_VERBS } from "../../kinds/status.js";
import { validateCommonFields, validateKubeObjectMeta, validateNamesAgain, validateObjectMeta } from "../../kinds/validation/metadata.js";
import { type NameRule, nameIsDNSSubdomain, nameIsPathSegment } from "../../kinds/validation/names.js";
import { deepEqual } from "./objects.js";

/** What a kind left out, filled in: the same questions for all kinds. Source: the strategies under pkg/registry and rest.Before{Create,Update}. */

/** The view for a subresource name, or undefined. `status: true` is the plain one: status may change, everything else below metadata may not. */
export function viewOf(kind: Kind, subresource: string): ViewSubresource | undefined {
  if (subresource === "status" && kind.status) return kind.status === true ? plainStatus : kind.status;
  return kind.views?.find((v) => v.name === subresource);
}

const plainStatus: ViewSubresource = {
  name: "status",
  verbs: VIEW_VERBS,
  prepareForUpdate(object, old) {
    for (const key of new Set([...Object.keys(object), ...Object.keys(old)])) if (!OUTSIDE_SPEC.has(key)) object[key] = old[key];
  },
  validateUpdate: () => [],
};
const OUTSIDE_SPEC = new Set(["apiVersion", "kind", "metadata", "status"]);

export function prepareForCreate(kind: Kind, object: KubeObject, ctx: PrepareContext): void {
  if (kind.generation !== undefined && kind.generation !== "none") object.metadata.generation = 1;
  if (kind.prepareForCreate) kind.prepareForCreate(object, ctx);
  else if (kind.status) object.status = undefined;
}

export function prepareForUpdate(kind: Kind, subresource: string, object: KubeObject, old: KubeObject, ctx: PrepareContext): void {
  object.metadata.generation = old.metadata.generation;
  const view = subresource ? viewOf(kind, subresource) : undefined;
  if (view) view.prepareForUpdate(object, old, ctx);
  else if (kind.prepareForUpdate) kind.prepareForUpdate(object, old, ctx);
  else if (kind.status) object.status = old.status;
  if (view?.name === "status" || kind.generation === undefined || kind.generation === "none") return;
  const moved = kind.generation === "spec" ? !sameOutsideMetadataAndStatus(object, old) : kind.generation(object, old);
  if (moved) object.metadata.generation = (old.metadata.generation ?? 0) + 1;
}

function sameOutsideMetadataAndStatus(a: KubeObject, b: KubeObject): boolean {
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) if (!OUTSIDE_SPEC.has(key) && !deepEqual(a[key], b[key])) return false;
  return true;
}

/** Kinds that upstream validates with the plain metadata rules, without those on finalizer names (their strategies call ValidateObjectMeta of apimachinery). */
const PLAIN_METADATA = new Set([
  "coordination.k8s.io/leases",
  "node.k8s.io/runtimeclasses",
  "/events",
  "events.k8s.io/events",
  "apiregistration.k8s.io/apiservices",
  "admissionregistration.k8s.io/validatingwebhookconfigurations",
  "admissionregistration.k8s.io/mutatingwebhookconfigurations",
  "admissionregistration.k8s.io/validatingadmissionpolicies",
  "admissionregistration.k8s.io/validatingadmissionpolicybindings",
  "admissionregistration.k8s.io/mutatingadmissionpolicies",
  "admissionregistration.k8s.io/mutatingadmissionpolicybindings",
]);

/** Kinds whose validation passes metadata over (ValidatePodDisruptionBudget): any name that is a path segment will do. */
const METADATA_UNSEEN = new Set(["policy/poddisruptionbudgets"]);

/** Findings on a new object, those of its resource's hook (`first`) before the others. The strategy's own come first; the generic ones on metadata are looked for only where it found nothing (rest.BeforeCreate). */
export function validateCreate(kind: Kind, object: KubeObject, first: readonly FieldError[] = []): FieldError[] {
  if (METADATA_UNSEEN.has(`${kind.group}/${kind.resource}`)) {
    const errors = [...first, ...(kind.validate?.(object) ?? [])];
    return errors.length ? errors : validateObjectMeta(object.metadata, kind.namespaced, nameIsPathSegment, "metadata");
  }
  const { validateName } = kind;
  const name: NameRule = validateName ? (text, prefix) => validateName(text, prefix, object) : nameIsDNSSubdomain;
  const validate = PLAIN_METADATA.has(`${kind.group}/${kind.resource}`) ? validateObjectMeta : validateKubeObjectMeta;
  const errors = [...first, ...validate(object.metadata, kind.namespaced, name, "metadata"), ...(kind.validate?.(object) ?? [])];
  return errors.length ? errors : validateNamesAgain(object.metadata);
}

/** Findings on a changed object. Source: rest.validateCommonFields, then the strategy's ValidateUpdate, which for many kinds looks at metadata once more. */
export function validateUpdate(kind: Kind, subresource: string, object: KubeObject, old: KubeObject, first: readonly FieldError[] = []): FieldError[] {
  const errors = [...validateCommonFields(object.metadata, old.metadata, kind.namespaced), ...first];
  const view = subresource ? viewOf(kind, subresource) : undefined;
  if (view) errors.push(...view.validateUpdate(object, old));
  else if (kind.validateUpdate) errors.push(...kind.validateUpdate(object, old));
  else errors.push(...(kind.validate?.(object) ?? []));
  return errors;
}
