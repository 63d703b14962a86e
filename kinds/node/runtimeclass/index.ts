/** RuntimeClass of node.k8s.io/v1. Sources: pkg/registry/node/runtimeclass, pkg/apis/node/validation, pkg/api/node. */
import { internalEqual, showInternal } from "../../core/pod/internal.js";
import { validateOverhead } from "../../core/pod/resources.js";
import { validateTolerations } from "../../core/pod/scheduling.js";
import { duplicate, type FieldError, invalid, required } from "../../field.js";
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { AGE_COLUMN, age, column, NAME_COLUMN, printer } from "../../printing.js";
import type { Toleration } from "../../schema/api/core.v1.js";
import { validateImmutableField, validateLabels, validateObjectMetaUpdate } from "../../validation/metadata.js";
import { nameIsDNSLabel } from "../../validation/names.js";
import { deprecatedNodeLabel } from "../../validation/nodelabels.js";

/** Two tolerations are one but for their seconds. */
function validateSchedulingTolerations(tolerations: readonly Toleration[], path: string): FieldError[] {
  const out = validateTolerations(tolerations, path, { allowTaintTolerationComparisonOperators: false });
  const same = (a: Toleration, b: Toleration): boolean =>
    internalEqual("Toleration", { ...a, tolerationSeconds: undefined }, { ...b, tolerationSeconds: undefined });
  for (const [i, t] of tolerations.entries())
    if (tolerations.slice(0, i).some((before) => same(before, t))) out.push(duplicate(`${path}[${i}]`, showInternal("Toleration", t)));
  return out;
}

function validate(object: KubeObject): FieldError[] {
  const { handler, overhead, scheduling } = object;
  const out: FieldError[] = handler ? nameIsDNSLabel(handler, false).map((text) => invalid("handler", handler, text)) : [required("handler")];
  if (overhead) out.push(...validateOverhead(overhead.podFixed, "overhead"));
  if (scheduling?.nodeSelector) out.push(...validateLabels(scheduling.nodeSelector, "scheduling.nodeSelector"));
  if (scheduling) out.push(...validateSchedulingTolerations(scheduling.tolerations ?? [], "scheduling.tolerations"));
  return out;
}

const validateUpdate = (object: KubeObject, old: KubeObject): FieldError[] => [
  ...validate(object),
  ...validateObjectMetaUpdate(object.metadata, old.metadata),
  ...validateImmutableField(object.handler ?? "", old.handler ?? "", "handler"),
];

function warnings(object: KubeObject): string[] {
  return Object.keys(object.scheduling?.nodeSelector ?? {}).flatMap((key) => {
    const fault = deprecatedNodeLabel(key);
    return fault === undefined ? [] : [`scheduling.nodeSelector: ${fault}`];
  });
}

export const runtimeClass: Kind = {
  group: "node.k8s.io",
  version: "v1",
  kind: "RuntimeClass",
  resource: "runtimeclasses",
  singular: "runtimeclass",
  namespaced: false,
  schema: "io.k8s.api.node.v1.RuntimeClass",
  validate,
  validateUpdate,
  warnings,
  allowUnconditionalUpdate: false,
  allowCreateOnUpdate: true,
  printer: printer([NAME_COLUMN, column("Handler", "string", ""), AGE_COLUMN], (o, ctx) => [o.metadata.name ?? "", o.handler ?? "", age(o, ctx)]),
};
