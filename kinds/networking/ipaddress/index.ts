/** IPAddress of networking.k8s.io/v1. Sources: pkg/registry/networking/ipaddress, pkg/apis/networking. */
import { type FieldError, invalid, required } from "../../field.js";
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { age, column, NAME_COLUMN, printer } from "../../printing.js";
import type { ParentReference } from "../../schema/api/networking.v1.js";
import { semanticEqual } from "../../validation/equality.js";
import { canonicalIPTexts } from "../../validation/ip.js";
import { FIELD_IS_IMMUTABLE, validateKubeObjectMeta, validateKubeObjectMetaUpdate } from "../../validation/metadata.js";
import { isDNS1123Subdomain, type NameRule, nameIsPathSegment } from "../../validation/names.js";

/** The name is an address in canonical form. */
const nameIsAddress: NameRule = (name) => canonicalIPTexts(name);

const PARENT = "spec.parentRef";
const parentOf = (object: KubeObject): ParentReference | undefined => object.spec?.parentRef ?? undefined;
const segment = (value: string, field: string): FieldError[] => nameIsPathSegment(value, false).map((text) => invalid(field, value, text));

function validate(object: KubeObject): FieldError[] {
  const parent = parentOf(object);
  if (!parent) return [required(PARENT)];
  const group = parent.group ?? "";
  return [
    // the core group has no name, so that none is asked for
    ...(group ? isDNS1123Subdomain(group).map((text) => invalid(`${PARENT}.group`, group, text)) : []),
    ...(parent.resource ? segment(parent.resource, `${PARENT}.resource`) : [required(`${PARENT}.resource`)]),
    ...(parent.name ? segment(parent.name, `${PARENT}.name`) : [required(`${PARENT}.name`)]),
    ...(parent.namespace ? segment(parent.namespace, `${PARENT}.namespace`) : []),
  ];
}

/** The internal struct, as the message prints it. */
const internal = (parent: ParentReference | undefined): object | null =>
  parent ? { Group: parent.group ?? "", Resource: parent.resource ?? "", Namespace: parent.namespace ?? "", Name: parent.name ?? "" } : null;

function validateUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const now = internal(parentOf(object));
  return [
    ...validateKubeObjectMeta(object.metadata, false, nameIsAddress),
    ...validate(object),
    ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
    ...(semanticEqual(now, internal(parentOf(old))) ? [] : [invalid(PARENT, now, FIELD_IS_IMMUTABLE)]),
  ];
}

function parentText(parent: ParentReference | undefined): string {
  if (!parent) return "<none>";
  const resource = (parent.group ? `${parent.resource}.${parent.group}` : (parent.resource ?? "")).toLowerCase();
  return `${resource}${parent.namespace ? `/${parent.namespace}` : ""}/${parent.name ?? ""}`;
}

const PARENT_TEXT = "ParentRef references the resource that an IPAddress is attached to. An IPAddress must reference a parent object.";

export const ipAddress: Kind = {
  group: "networking.k8s.io",
  version: "v1",
  kind: "IPAddress",
  resource: "ipaddresses",
  singular: "ipaddress",
  shortNames: ["ip"],
  namespaced: false,
  schema: "io.k8s.api.networking.v1.IPAddress",
  validateName: nameIsAddress,
  validate,
  validateUpdate,
  // rows have a cell more than there are columns, as upstream
  printer: printer([NAME_COLUMN, column("ParentRef", "string", PARENT_TEXT)], (o, ctx) => [o.metadata.name ?? "", parentText(parentOf(o)), age(o, ctx)]),
};
