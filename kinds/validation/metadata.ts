/**
 * Rules that hold for every object's metadata and for label selectors wherever they stand.
 * Sources: apimachinery pkg/api/validation/objectmeta.go, pkg/apis/meta/v1/validation.
 */
import { type FieldError, forbidden, invalid, notSupported, quote, required, tooLong } from "../field.js";
import type { ManagedFieldsEntry, ObjectMeta, OwnerReference } from "../object.js";
import { semanticEqual } from "./equality.js";
import { byteLength, IS_NEGATIVE, isQualifiedName, isValidLabelValue, type NameRule, nameIsDNSLabel, nameIsPathSegment, regexError } from "./names.js";

export const FIELD_IS_IMMUTABLE = "field is immutable";
const TOTAL_ANNOTATION_BYTES = 256 * 1024;

export function validateLabelName(name: string, path: string): FieldError[] {
  return isQualifiedName(name).map((text) => invalid(path, name, text));
}

/** Keys in sorted order: upstream walks a Go map, so any order is as good; a stable one is ours. */
const sortedEntries = (map: Readonly<Record<string, string>> | undefined): [string, string][] =>
  Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

export function validateLabels(labels: Readonly<Record<string, string>> | undefined, path: string): FieldError[] {
  return sortedEntries(labels).flatMap(([key, value]) => [
    ...validateLabelName(key, path),
    ...isValidLabelValue(value).map((text) => invalid(path, value, text)),
  ]);
}

/** Keys are label keys in any case; all keys and values together may not exceed 256 KiB. */
export function validateAnnotations(annotations: Readonly<Record<string, string>> | undefined, path: string): FieldError[] {
  const out: FieldError[] = [];
  let size = 0;
  for (const [key, value] of sortedEntries(annotations)) {
    for (const text of isQualifiedName(key.toLowerCase())) out.push(invalid(path, key, text));
    size += byteLength(key) + byteLength(value);
  }
  if (size > TOTAL_ANNOTATION_BYTES) out.push(tooLong(path, TOTAL_ANNOTATION_BYTES));
  return out;
}

/** metav1.OwnerReference in Go's key order, for printing. */
const shownReference = (ref: OwnerReference): OwnerReference => ({
  apiVersion: ref.apiVersion ?? "",
  kind: ref.kind ?? "",
  name: ref.name ?? "",
  uid: ref.uid ?? "",
  ...(ref.controller === undefined ? {} : { controller: ref.controller }),
  ...(ref.blockOwnerDeletion === undefined ? {} : { blockOwnerDeletion: ref.blockOwnerDeletion }),
});

/** schema.FromAPIVersionAndKind: an apiVersion with more than one slash has neither group nor version, and takes the kind with it. */
function splitOwner(ref: OwnerReference): { group: string; version: string; kind: string } {
  const parts = (ref.apiVersion ?? "").split("/");
  if (parts.length > 2) return { group: "", version: "", kind: ref.kind ?? "" };
  return parts.length === 2
    ? { group: parts[0] as string, version: parts[1] as string, kind: ref.kind ?? "" }
    : { group: "", version: parts[0] as string, kind: ref.kind ?? "" };
}

export function validateOwnerReferences(refs: readonly OwnerReference[] | undefined, path: string): FieldError[] {
  const out: FieldError[] = [];
  let controller = "";
  for (const ref of refs ?? []) {
    const gvk = splitOwner(ref);
    if (gvk.version === "") out.push(invalid(`${path}.apiVersion`, ref.apiVersion ?? "", "version must not be empty"));
    if (gvk.kind === "") out.push(invalid(`${path}.kind`, "", "must not be empty"));
    if (!ref.name) out.push(invalid(`${path}.name`, "", "must not be empty"));
    if (!ref.uid) out.push(invalid(`${path}.uid`, "", "must not be empty"));
    if (gvk.group === "" && gvk.version === "v1" && gvk.kind === "Event")
      out.push(invalid(path, shownReference(ref), "/v1, Kind=Event is disallowed from being an owner"));
    if (ref.controller !== true) continue;
    const name = `${ref.kind ?? ""}/${ref.name ?? ""}`;
    if (controller === "") controller = name;
    else
      out.push(
        invalid(
          path,
          (refs ?? []).map(shownReference),
          `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${name}`,
        ),
      );
  }
  return out;
}

export function validateFinalizerName(name: string, path: string): FieldError[] {
  return isQualifiedName(name).map((text) => invalid(path, name, text));
}

export function validateFinalizers(finalizers: readonly string[] | undefined, path: string): FieldError[] {
  const out = (finalizers ?? []).flatMap((name) => validateFinalizerName(name, path));
  if (finalizers?.includes("orphan") && finalizers.includes("foregroundDeletion"))
    out.push(invalid(path, finalizers, "finalizer orphan and foregroundDeletion cannot be both set"));
  return out;
}

/** A field manager's name: length and printable characters. */
export function validateFieldManager(manager: string, path: string): FieldError[] {
  const out = byteLength(manager) > 128 ? [tooLong(path, 128)] : [];
  // the everyday name: every write looks at those of all its managers
  if (/^[ -~]*$/.test(manager)) return out;
  let position = 0;
  for (const ch of manager) {
    const code = ch.codePointAt(0) as number;
    // Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols and the ASCII space.
    if (ch !== " " && !/[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(ch))
      out.push(invalid(path, manager, `invalid character U+${code.toString(16).toUpperCase().padStart(4, "0")} (at position ${position})`));
    position += byteLength(ch);
  }
  return out;
}

export function validateManagedFields(entries: readonly ManagedFieldsEntry[] | undefined, path: string): FieldError[] {
  return (entries ?? []).flatMap((entry, i) => {
    const at = `${path}[${i}]`;
    const out: FieldError[] = [];
    if (entry.operation !== "Apply" && entry.operation !== "Update") out.push(invalid(`${at}.operation`, entry.operation ?? "", "must be `Apply` or `Update`"));
    if (entry.fieldsType && entry.fieldsType !== "FieldsV1") out.push(invalid(`${at}.fieldsType`, entry.fieldsType, "must be `FieldsV1`"));
    out.push(...validateFieldManager(entry.manager ?? "", `${at}.manager`));
    if (byteLength(entry.subresource ?? "") > 256) out.push(tooLong(`${at}.subresource`, 256));
    return out;
  });
}

function validateNames(meta: ObjectMeta, nameRule: NameRule, path: string): FieldError[] {
  const out: FieldError[] = [];
  if (meta.generateName) for (const text of nameRule(meta.generateName, true)) out.push(invalid(`${path}.generateName`, meta.generateName, text));
  if (!meta.name) out.push(required(`${path}.name`, "name or generateName is required"));
  else for (const text of nameRule(meta.name, false)) out.push(invalid(`${path}.name`, meta.name, text));
  return out;
}

/**
 * What validateObjectMeta with names as path segments still finds in metadata that passed it under another rule of names. Source: rest.BeforeCreate, which looks at all of
 * it a second time.
 */
export const validateNamesAgain = (meta: ObjectMeta, path = "metadata"): FieldError[] => validateNames(meta, nameIsPathSegment, path);

/**
 * An object's metadata on create, name generation done. `nameRule` judges name and generateName; `path` is usually "metadata".
 * Source: ValidateObjectMetaAccessor.
 */
export function validateObjectMeta(meta: ObjectMeta, namespaced: boolean, nameRule: NameRule, path = "metadata"): FieldError[] {
  const out = validateNames(meta, nameRule, path);
  if (namespaced) {
    if (!meta.namespace) out.push(required(`${path}.namespace`));
    else for (const text of nameIsDNSLabel(meta.namespace, false)) out.push(invalid(`${path}.namespace`, meta.namespace, text));
  } else if (meta.namespace) out.push(forbidden(`${path}.namespace`, "not allowed on this type"));
  return [
    ...out,
    ...validateNonnegative(meta.generation ?? 0, `${path}.generation`),
    ...validateLabels(meta.labels, `${path}.labels`),
    ...validateAnnotations(meta.annotations, `${path}.annotations`),
    ...validateOwnerReferences(meta.ownerReferences, `${path}.ownerReferences`),
    ...validateFinalizers(meta.finalizers, `${path}.finalizers`),
    ...validateManagedFields(meta.managedFields, `${path}.managedFields`),
  ];
}

/** What may not change in metadata, and what must be well-formed after a change. Source: ValidateObjectMetaAccessorUpdate. */
export function validateObjectMetaUpdate(meta: ObjectMeta, old: ObjectMeta, path = "metadata"): FieldError[] {
  const out: FieldError[] = [];
  if (old.deletionTimestamp) {
    const extra = [...new Set(meta.finalizers ?? [])].filter((name) => !old.finalizers?.includes(name)).sort();
    if (extra.length > 0) {
      const shown = `[]string{${extra.map(quote).join(", ")}}`;
      out.push(forbidden(`${path}.finalizers`, `no new finalizers can be added if the object is being deleted, found new finalizers ${shown}`));
    }
  }
  if (!meta.resourceVersion) out.push(invalid(`${path}.resourceVersion`, "", "must be specified for an update"));
  if ((meta.generation ?? 0) < (old.generation ?? 0)) out.push(invalid(`${path}.generation`, meta.generation ?? 0, "must not be decremented"));
  return [
    ...out,
    ...validateImmutableField(meta.name ?? "", old.name ?? "", `${path}.name`),
    ...validateImmutableField(meta.namespace ?? "", old.namespace ?? "", `${path}.namespace`),
    ...validateImmutableField(meta.uid ?? "", old.uid ?? "", `${path}.uid`),
    ...validateImmutableField(meta.creationTimestamp, old.creationTimestamp, `${path}.creationTimestamp`),
    ...validateImmutableField(meta.deletionTimestamp, old.deletionTimestamp, `${path}.deletionTimestamp`),
    ...validateImmutableField(meta.deletionGracePeriodSeconds, old.deletionGracePeriodSeconds, `${path}.deletionGracePeriodSeconds`),
    ...validateLabels(meta.labels, `${path}.labels`),
    ...validateAnnotations(meta.annotations, `${path}.annotations`),
    ...validateOwnerReferences(meta.ownerReferences, `${path}.ownerReferences`),
    ...validateManagedFields(meta.managedFields, `${path}.managedFields`),
  ];
}

/** Finalizer names without a prefix that upstream knows: corev1's own and the two of garbage collection. */
const STANDARD_FINALIZERS = ["kubernetes", "orphan", "foregroundDeletion"];

/** pkg/apis/core/validation validateKubeFinalizerName: a name without a prefix must be a standard one. */
export function validateKubeFinalizerName(name: string, path: string): FieldError[] {
  if (name.includes("/") || STANDARD_FINALIZERS.includes(name)) return [];
  return [invalid(path, name, "name is neither a standard finalizer name nor is it fully qualified")];
}

const kubeFinalizers = (meta: ObjectMeta, path: string): FieldError[] =>
  (meta.finalizers ?? []).flatMap((name, i) => validateKubeFinalizerName(name, `${path}.finalizers[${i}]`));

/**
 * Metadata on create as the built-in kinds' own strategies judge it: validateObjectMeta and the finalizer names. (Custom resources, Lease and Event
 * only pass the former.) Source: pkg/apis/core/validation ValidateObjectMeta.
 */
export function validateKubeObjectMeta(meta: ObjectMeta, namespaced: boolean, nameRule: NameRule, path = "metadata"): FieldError[] {
  return [...validateObjectMeta(meta, namespaced, nameRule, path), ...kubeFinalizers(meta, path)];
}

/** The same for updates. Source: pkg/apis/core/validation ValidateObjectMetaUpdate. */
export function validateKubeObjectMetaUpdate(meta: ObjectMeta, old: ObjectMeta, path = "metadata"): FieldError[] {
  return [...validateObjectMetaUpdate(meta, old, path), ...kubeFinalizers(meta, path)];
}

/**
 * What every update passes before its kind's own rules, path-segment names included. The kinds' strategies judge metadata once more, so one mistake
 * stands in the causes several times; the message drops the repetitions. Source: apiserver pkg/registry/rest validateCommonFields.
 */
export function validateCommonFields(meta: ObjectMeta, old: ObjectMeta, namespaced: boolean): FieldError[] {
  return [...validateObjectMeta(meta, namespaced, nameIsPathSegment), ...validateObjectMetaUpdate(meta, old)];
}

/** metav1.ObjectMeta's fields but labels and annotations, in Go's order, as a template's findings name them. */
const NOT_IN_TEMPLATES: readonly (readonly [json: keyof ObjectMeta, shown: string])[] = [
  ["name", "name"],
  ["generateName", "generateName"],
  ["namespace", "namespace"],
  ["selfLink", "selfLink"],
  ["uid", "uID"],
  ["resourceVersion", "resourceVersion"],
  ["generation", "generation"],
  ["creationTimestamp", "creationTimestamp"],
  ["deletionTimestamp", "deletionTimestamp"],
  ["deletionGracePeriodSeconds", "deletionGracePeriodSeconds"],
  ["ownerReferences", "ownerReferences"],
  ["finalizers", "finalizers"],
  ["managedFields", "managedFields"],
];

/** Metadata of a template for claims: labels and annotations only. Source: pkg/apis/core/validation ValidateTemplateObjectMeta. */
export function validateTemplateObjectMeta(meta: ObjectMeta | undefined, path: string): FieldError[] {
  const out = [...validateAnnotations(meta?.annotations, `${path}.annotations`), ...validateLabels(meta?.labels, `${path}.labels`)];
  for (const [field, shown] of NOT_IN_TEMPLATES) {
    const value = meta?.[field] ?? "";
    // A pointer to zero is set, unlike a plain zero.
    if (value !== "" && (value !== 0 || field === "deletionGracePeriodSeconds")) out.push(forbidden(`${path}.${shown}`, "cannot be set"));
  }
  return out;
}

/** `field is immutable` unless both are semantically equal. The value printed is the new one. */
export function validateImmutableField(value: unknown, old: unknown, path: string): FieldError[] {
  return semanticEqual(value, old) ? [] : [invalid(path, value, FIELD_IS_IMMUTABLE)];
}

export function validateNonnegative(value: number, path: string): FieldError[] {
  return value < 0 ? [invalid(path, value, IS_NEGATIVE)] : [];
}

export interface LabelSelectorRequirement {
  key: string;
  operator: string;
  values?: string[];
}

/** metav1.LabelSelector. */
export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: LabelSelectorRequirement[];
}

/** How strict a label selector is judged. */
export interface LabelSelectorOptions {
  /** Values that are no label values pass: updates of objects that already hold one. */
  readonly allowInvalidLabelValueInSelector?: boolean;
  /** Access reviews judge operators elsewhere. */
  readonly allowUnknownOperatorInRequirement?: boolean;
}

export function validateLabelSelector(selector: LabelSelector | null | undefined, options: LabelSelectorOptions, path: string): FieldError[] {
  if (!selector) return [];
  const expressions = selector.matchExpressions ?? [];
  return [
    ...validateLabels(selector.matchLabels, `${path}.matchLabels`),
    ...expressions.flatMap((r, i) => validateLabelSelectorRequirement(r, options, `${path}.matchExpressions[${i}]`)),
  ];
}

/** One expression of a label selector. */
export function validateLabelSelectorRequirement(requirement: LabelSelectorRequirement, options: LabelSelectorOptions, at: string): FieldError[] {
  const out: FieldError[] = [];
  const values = requirement.values ?? [];
  switch (requirement.operator) {
    case "In":
    case "NotIn":
      if (values.length === 0) out.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
      break;
    case "Exists":
    case "DoesNotExist":
      if (values.length > 0) out.push(forbidden(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      break;
    default:
      if (!options.allowUnknownOperatorInRequirement) out.push(invalid(`${at}.operator`, requirement.operator ?? "", "not a valid selector operator"));
  }
  out.push(...validateLabelName(requirement.key ?? "", `${at}.key`));
  if (options.allowInvalidLabelValueInSelector) return out;
  for (const [j, value] of values.entries()) for (const text of isValidLabelValue(value)) out.push(invalid(`${at}.values[${j}]`, value, text));
  return out;
}

/** Whether a stored selector already holds values that are no label values: then updates may keep them. */
export function selectorHasInvalidLabelValue(selector: LabelSelector | null | undefined): boolean {
  return (selector?.matchExpressions ?? []).some((e) => (e.values ?? []).some((v) => isValidLabelValue(v).length > 0));
}

/** metav1.Condition as validated where a kind uses the shared type. */
export interface Condition {
  type?: string;
  status?: string;
  observedGeneration?: number;
  lastTransitionTime?: string | null;
  reason?: string;
  message?: string;
}

const CONDITION_REASON = "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?";
const CONDITION_REASON_RE = new RegExp(`^${CONDITION_REASON}$`);

export function validateConditions(conditions: readonly Condition[] | undefined, path: string): FieldError[] {
  const seen = new Set<string>();
  return (conditions ?? []).flatMap((c, i) => {
    const at = `${path}[${i}]`;
    const out: FieldError[] = [];
    const type = c.type ?? "";
    if (seen.has(type)) out.push({ type: "FieldValueDuplicate", field: `${at}.type`, message: `Duplicate value: ${quote(type)}` });
    seen.add(type);
    out.push(...validateLabelName(type, `${at}.type`));
    if (!["True", "False", "Unknown"].includes(c.status ?? "")) out.push(notSupported(`${at}.status`, c.status ?? "", ["False", "True", "Unknown"]));
    if ((c.observedGeneration ?? 0) < 0) out.push(invalid(`${at}.observedGeneration`, c.observedGeneration, "must be greater than or equal to zero"));
    if (!c.lastTransitionTime) out.push(required(`${at}.lastTransitionTime`));
    const reason = c.reason ?? "";
    if (reason === "") out.push(required(`${at}.reason`));
    else {
      const text =
        "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'";
      if (!CONDITION_REASON_RE.test(reason))
        out.push(invalid(`${at}.reason`, reason, regexError(text, CONDITION_REASON, "my_name", "MY_NAME", "MyName", "ReasonA,ReasonB", "ReasonA:ReasonB")));
      if (byteLength(reason) > 1024) out.push(tooLong(`${at}.reason`, 1024));
    }
    if (byteLength(c.message ?? "") > 32768) out.push(tooLong(`${at}.message`, 32768));
    return out;
  });
}
