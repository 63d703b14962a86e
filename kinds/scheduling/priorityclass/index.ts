/** PriorityClass of scheduling.k8s.io/v1. Sources: pkg/registry/scheduling/priorityclass, pkg/apis/scheduling (v1/helpers.go, validation). */
import { type FieldError, forbidden, invalid, notSupported, required } from "../../field.js";
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { AGE_COLUMN, age, column, NAME_COLUMN, printer } from "../../printing.js";
import { FIELD_IS_IMMUTABLE, validateKubeObjectMetaUpdate } from "../../validation/metadata.js";

const SYSTEM_PREFIX = "system-";
const HIGHEST_USER_PRIORITY = 1_000_000_000;
const SYSTEM_CRITICAL = 2 * HIGHEST_USER_PRIORITY;

/** The classes every cluster has, in the order they are made. */
export const SYSTEM_PRIORITY_CLASSES: readonly { readonly name: string; readonly value: number; readonly description: string }[] = [
  {
    name: "system-node-critical",
    value: SYSTEM_CRITICAL + 1000,
    description: "Used for system critical pods that must not be moved from their current node.",
  },
  {
    name: "system-cluster-critical",
    value: SYSTEM_CRITICAL,
    description: "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
  },
];

/** Why an object with a reserved name is not the class of that name; undefined when it is. */
function systemFault({ metadata: { name = "" }, value = 0, globalDefault = false }: KubeObject): string | undefined {
  const known = SYSTEM_PRIORITY_CLASSES.find((c) => c.name === name);
  if (!known) return `${name} is not a known system priority class`;
  if (known.value !== value) return `value of ${name} PriorityClass must be ${known.value}`;
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

function validate(object: KubeObject): FieldError[] {
  const out: FieldError[] = [];
  const { value = 0, preemptionPolicy } = object;
  if (object.metadata.name?.startsWith(SYSTEM_PREFIX)) {
    const fault = systemFault(object);
    if (fault) out.push(forbidden("metadata.name", `priority class names with '${SYSTEM_PREFIX}' prefix are reserved for system use only. error: ${fault}`));
  } else if (value > HIGHEST_USER_PRIORITY) out.push(forbidden("value", `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`));
  if (preemptionPolicy === "") out.push(required("preemptionPolicy"));
  else if (preemptionPolicy && preemptionPolicy !== "PreemptLowerPriority" && preemptionPolicy !== "Never")
    out.push(notSupported("preemptionPolicy", preemptionPolicy, ["PreemptLowerPriority", "Never"]));
  return out;
}

function validateUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const out = validateKubeObjectMetaUpdate(object.metadata, old.metadata);
  if ((object.value ?? 0) !== (old.value ?? 0)) out.push(forbidden("value", "may not be changed in an update."));
  if (object.preemptionPolicy !== old.preemptionPolicy) out.push(invalid("preemptionPolicy", object.preemptionPolicy, FIELD_IS_IMMUTABLE));
  return out;
}

const TEXTS = {
  value:
    "value represents the integer value of this priority class. This is the actual priority that pods receive when they have the name of this class in their pod spec.",
  globalDefault:
    "globalDefault specifies whether this PriorityClass should be considered as the default priority for pods that do not have any priority class. Only one PriorityClass can be marked as `globalDefault`. However, if more than one PriorityClasses exists with their `globalDefault` field set to true, the smallest value of such global default PriorityClasses will be used as the default priority.",
  policy:
    "preemptionPolicy is the Policy for preempting pods with lower priority. One of Never, PreemptLowerPriority. Defaults to PreemptLowerPriority if unset.",
};

export const priorityClass: Kind = {
  group: "scheduling.k8s.io",
  version: "v1",
  kind: "PriorityClass",
  resource: "priorityclasses",
  singular: "priorityclass",
  shortNames: ["pc"],
  namespaced: false,
  schema: "io.k8s.api.scheduling.v1.PriorityClass",
  defaults(object) {
    object.preemptionPolicy ??= "PreemptLowerPriority";
  },
  // set once and never moved
  prepareForCreate(object) {
    object.metadata.generation = 1;
  },
  validate,
  validateUpdate,
  printer: printer(
    [
      NAME_COLUMN,
      column("Value", "integer", TEXTS.value),
      column("Global-Default", "boolean", TEXTS.globalDefault),
      AGE_COLUMN,
      column("PreemptionPolicy", "string", TEXTS.policy),
    ],
    (o, ctx) => [o.metadata.name ?? "", o.value ?? 0, o.globalDefault ?? false, age(o, ctx), o.preemptionPolicy ?? ""],
  ),
};
