/** CSIStorageCapacity of storage.k8s.io/v1. Sources: pkg/registry/storage/csistoragecapacity, pkg/apis/storage. */
import { showInternal } from "../../core/pod/internal.js";
import { type FieldError, invalid } from "../../field.js";
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { DEFAULT_PRINTER } from "../../printing.js";
import { canonicalQuantity, compareQuantity } from "../../quantity.js";
import { semanticEqual } from "../../validation/equality.js";
import {
  FIELD_IS_IMMUTABLE,
  type LabelSelector,
  type LabelSelectorOptions,
  validateKubeObjectMeta,
  validateKubeObjectMetaUpdate,
  validateLabelSelector,
} from "../../validation/metadata.js";
import { IS_NEGATIVE, nameIsDNSSubdomain } from "../../validation/names.js";
import { deprecatedNodeLabel } from "../../validation/nodelabels.js";

const topologyOf = (object: KubeObject): LabelSelector | undefined => object.nodeTopology ?? undefined;
const classOf = (object: KubeObject): string => object.storageClassName ?? "";

function validateWith(object: KubeObject, options: LabelSelectorOptions): FieldError[] {
  const capacity = object.capacity ?? undefined;
  return [
    ...validateLabelSelector(topologyOf(object), options, "nodeTopology"),
    ...nameIsDNSSubdomain(classOf(object), false).map((text) => invalid("storageClassName", classOf(object), text)),
    ...(capacity !== undefined && compareQuantity(String(capacity), "0") < 0 ? [invalid("capacity", canonicalQuantity(String(capacity)), IS_NEGATIVE)] : []),
  ];
}

function validateUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  // a stored selector that is wrong in any way loosens the rule about values
  const loose = validateLabelSelector(topologyOf(old), {}, "").length > 0;
  return [
    ...validateKubeObjectMeta(object.metadata, true, nameIsDNSSubdomain),
    ...validateWith(object, { allowInvalidLabelValueInSelector: loose }),
    ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
    ...(semanticEqual(object.nodeTopology, old.nodeTopology) ? [] : [invalid("nodeTopology", showInternal("j", object.nodeTopology), FIELD_IS_IMMUTABLE)]),
    ...(classOf(object) === classOf(old) ? [] : [invalid("storageClassName", classOf(object), FIELD_IS_IMMUTABLE)]),
  ];
}

/** Source: pkg/api/node GetWarningsForNodeSelector. */
function warnings(object: KubeObject): string[] {
  const { matchExpressions = [], matchLabels = {} } = topologyOf(object) ?? {};
  return [
    ...matchExpressions.flatMap(({ key }, i) => {
      const text = deprecatedNodeLabel(key);
      return text ? [`nodeTopology.matchExpressions[${i}].key: ${key} is ${text}`] : [];
    }),
    ...Object.keys(matchLabels)
      .sort()
      .flatMap((key) => {
        const text = deprecatedNodeLabel(key);
        return text ? [`nodeTopology.matchLabels.${key}: ${text}`] : [];
      }),
  ];
}

export const csiStorageCapacity: Kind = {
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSIStorageCapacity",
  resource: "csistoragecapacities",
  singular: "csistoragecapacity",
  namespaced: true,
  schema: "io.k8s.api.storage.v1.CSIStorageCapacity",
  validate: (object) => validateWith(object, {}),
  validateUpdate,
  warnings,
  allowUnconditionalUpdate: false,
  // its storage has no convertor of its own, so that the columns the printers know are never seen
  printer: DEFAULT_PRINTER,
};
