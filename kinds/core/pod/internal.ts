/** kube-apiserver's internal form of an object: printing it, comparing it and the unified diff of two of them. */
import { Shown } from "../../field.js";
import { goJson } from "../../gojson.js";
import { canonicalQuantity, compareQuantity } from "../../quantity.js";
import { unifiedDiff } from "./diff.js";
import { INTERNAL_TYPES } from "./internal-types.js";
import type { Loose } from "./types.js";

interface InternalField {
  readonly go: string;
  readonly json: string;
  readonly type: string;
}

const parsed = new Map<string, readonly InternalField[]>();

/** Parsed once per type: the table is a constant, so this cache holds nothing of any cluster. */
function fieldsOf(type: string): readonly InternalField[] {
  let fields = parsed.get(type);
  if (!fields) {
    fields = (INTERNAL_TYPES[type] as string).split(" ").map((part) => {
      const [go = "", json = "", kind = ""] = part.split(":");
      return { go, json: json || go.charAt(0).toLowerCase() + go.slice(1), type: kind };
    });
    parsed.set(type, fields);
  }
  return fields;
}

/** Host namespaces and `hostUsers` stand in the spec on the wire and in the security context inside. Source: pkg/apis/core/v1/conversion.go. */
function internalPodSpec(spec: Loose): Loose {
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers, ...rest } = spec;
  return {
    ...rest,
    serviceAccountName: spec.serviceAccountName || spec.serviceAccount,
    securityContext: { ...spec.securityContext, hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers },
  };
}

function labelSelector(selector: Loose): Loose {
  if (!selector || typeof selector !== "object" || !("matchLabels" in selector || "matchExpressions" in selector)) return selector;
  const out: Record<string, unknown> = {};
  if (selector.matchLabels && Object.keys(selector.matchLabels).length > 0) out.matchLabels = sortedMap(selector.matchLabels, (v) => v);
  if (selector.matchExpressions?.length)
    out.matchExpressions = selector.matchExpressions.map((e: Loose) => ({
      key: e.key ?? "",
      operator: e.operator ?? "",
      ...(e.values?.length ? { values: e.values } : {}),
    }));
  return out;
}

const sortedMap = (map: Record<string, unknown>, f: (v: unknown) => unknown): Record<string, unknown> =>
  Object.fromEntries(
    Object.keys(map)
      .sort()
      .map((key) => [key, f(map[key])]),
  );

function convert(type: string, value: Loose): unknown {
  if (type.startsWith("[]")) return value === undefined || value === null ? null : value.map((item: Loose) => convert(type.slice(2), item));
  if (type.startsWith("{}")) return value === undefined || value === null ? null : sortedMap(value, (v) => convert(type.slice(2), v));
  if (type.startsWith("?") || type.startsWith("*")) return value === undefined || value === null ? null : convert(type.slice(1), value);
  switch (type) {
    case "s":
      return value ?? "";
    case "n":
    case "i":
      return value ?? 0;
    case "b":
      return value ?? false;
    case "q":
      return value === undefined || value === null ? "0" : canonicalQuantity(String(value));
    case "t":
      return value ?? null;
    case "j":
      return labelSelector(value) ?? null;
    case "r":
      return value ?? null;
    default:
      return internal(type, value ?? {});
  }
}

/** metav1.ObjectMeta's fields in Go's order; all of them are left out when empty. */
const METADATA = [
  "name",
  "generateName",
  "namespace",
  "selfLink",
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "labels",
  "annotations",
  "ownerReferences",
  "finalizers",
  "managedFields",
];

function inlinedMetadata(meta: Loose): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const field of METADATA) {
    const value = meta?.[field] ?? "";
    const empty = value === "" || (value === 0 && field === "generation") || (typeof value === "object" && Object.keys(value).length === 0);
    if (!empty) out[field] = field === "labels" || field === "annotations" ? sortedMap(value, (v) => v) : value;
  }
  return out;
}

/** The object as Go would marshal its internal struct: Go names and order, every field, zero values where nothing is set. */
export function internal(type: string, value: Loose): Record<string, unknown> {
  const source = type === "PodSpec" ? internalPodSpec(value) : value;
  const out: Record<string, unknown> = {};
  for (const field of fieldsOf(type)) {
    if (field.go === "~") Object.assign(out, inlinedMetadata(source.metadata));
    else out[field.go] = convert(field.type, source[field.json]);
  }
  return out;
}

/** For an error's "Invalid value": the internal form as compact JSON. `list` prints a list of them. */
export const showInternal = (type: string, value: Loose): Shown => new Shown(value === undefined || value === null ? "null" : goJson(convert(type, value)));

/** The diff in Forbidden messages: a unified diff of both internal forms, indented by one, three lines of context. Source: apimachinery util/diff. */
export const internalDiff = (type: string, old: Loose, value: Loose): string => unifiedDiff(goJson(convert(type, old), " "), goJson(convert(type, value), " "));

function equal(type: string, a: Loose, b: Loose): boolean {
  if (a === b) return true;
  const noA = a === undefined || a === null;
  const noB = b === undefined || b === null;
  if (type.startsWith("[]")) {
    const n = noA ? 0 : a.length;
    if (n !== (noB ? 0 : b.length)) return false;
    for (let i = 0; i < n; i++) if (!equal(type.slice(2), a[i], b[i])) return false;
    return true;
  }
  if (type.startsWith("{}")) {
    const keys = noA ? [] : Object.keys(a);
    if (keys.length !== (noB ? 0 : Object.keys(b).length)) return false;
    return keys.every((key) => Object.hasOwn(b, key) && equal(type.slice(2), a[key], b[key]));
  }
  if (type.startsWith("?") || type.startsWith("*")) return noA || noB ? noA && noB : equal(type.slice(1), a, b);
  if (type === "q") return compareQuantity(noA ? "0" : a, noB ? "0" : b) === 0;
  if (type === "j" || type === "r") return goJson(convert(type, a)) === goJson(convert(type, b));
  if (type.length === 1) return convert(type, a) === convert(type, b);
  const left = type === "PodSpec" ? internalPodSpec(a ?? {}) : (a ?? {});
  const right = type === "PodSpec" ? internalPodSpec(b ?? {}) : (b ?? {});
  return fieldsOf(type).every((f) =>
    f.go === "~" ? goJson(left.metadata ?? {}) === goJson(right.metadata ?? {}) : equal(f.type, left[f.json], right[f.json]),
  );
}

/**
 * apiequality.Semantic.DeepEqual over the internal form: absent and empty lists and maps are one, quantities compare by value, but a pointer that
 * is set differs from one that is not. `type` is a name of the table or a type in its notation (`[]Container`, `*Affinity`).
 */
export const internalEqual = (type: string, a: Loose, b: Loose): boolean => equal(type, a, b);
