import { type FieldSelector, FieldSelectorError, parseFieldSelector } from "../../kinds/fields.js";
import type { Kind } from "../../kinds/kind.js";
import { parseLabelSelector, type Selector, SelectorError } from "../../kinds/labels.js";
import type { KubeObject } from "../../kinds/object.js";
import { badRequest } from "../errors.js";

/** What a list, a watch or a deletecollection picks. */
export interface Selection {
  /** True when everything is picked: stored bytes can go out unread. */
  readonly everything: boolean;
  /** The one name that can match, where a selector pins it. */
  readonly name?: string;
  matches(object: KubeObject): boolean;
}

export const EVERYTHING: Selection = { everything: true, matches: () => true };

/**
 * The selection of `labelSelector` and `fieldSelector`. 400 with upstream's texts for a bad syntax or a field the kind does not support. `name` is the one
 * object a watch by
 * name is about.
 */
export function selectionOf(kind: Kind, labelSelector: string, fieldSelector: string, name = ""): Selection {
  const [labels, fields] = parse(labelSelector, fieldSelector);
  for (const { field } of fields.terms) if (!supported(kind, field)) throw badRequest(unsupported(kind, field));
  if (name && !fields.empty && fields.exact("metadata.name") !== name) throw badRequest("fieldSelector metadata.name doesn't match requested name");
  if (labels.empty && fields.empty && !name) return EVERYTHING;
  return {
    everything: false,
    name: fields.exact("metadata.name"),
    matches: (object) =>
      (name === "" || object.metadata.name === name) && fields.matches((field) => fieldOf(kind, object, field)) && labels.matches(object.metadata.labels ?? {}),
  };
}

function parse(labelSelector: string, fieldSelector: string): [Selector, FieldSelector] {
  try {
    return [parseLabelSelector(labelSelector), parseFieldSelector(fieldSelector)];
  } catch (error) {
    if (error instanceof SelectorError || error instanceof FieldSelectorError) throw badRequest(error.message);
    throw error;
  }
}

/** Kinds with a conversion function of their own for these names know metadata.namespace only where they have one. */
const supported = (kind: Kind, field: string): boolean =>
  field === "metadata.name" || (field === "metadata.namespace" && (kind.namespaced || !kind.selectable)) || Object.hasOwn(kind.selectable ?? {}, field);

/** Kinds with a conversion function of their own word it one way, the default conversion (runtime.DefaultMetaV1FieldSelectorConversion) another. */
const unsupported = (kind: Kind, field: string): string =>
  kind.selectable
    ? (kind.unselectable?.(field) ?? `field label not supported: ${field}`)
    : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`;

function fieldOf(kind: Kind, object: KubeObject, field: string): string {
  if (field === "metadata.name") return object.metadata.name ?? "";
  if (field === "metadata.namespace") return object.metadata.namespace ?? "";
  return kind.selectable?.[field]?.(object) ?? "";
}
