/** PersistentVolumeClaim. Sources: pkg/registry/core/persistentvolumeclaim, pkg/api/persistentvolumeclaim, pkg/apis/core. */
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { age, printer } from "../../printing.js";
import { canonicalQuantity } from "../../quantity.js";
import { statusView } from "../../status.js";
import { roundAmounts } from "../amounts.js";
import { isWholeAmount } from "../pod/resources.js";
import { accessModesText, STORAGE_CLASS_ANNOTATION, storageClassOf } from "../storage.js";
import { CLAIM_COLUMNS } from "./columns.js";
import { enforceDataSourceCompatibility, normalizeDataSources } from "./datasource.js";
import { validateClaim, validateClaimStatusUpdate, validateClaimUpdate } from "./validate.js";

function warnings(object: KubeObject): string[] {
  const out: string[] = [];
  if (object.metadata.annotations?.[STORAGE_CLASS_ANNOTATION] !== undefined)
    out.push(`metadata.annotations[${STORAGE_CLASS_ANNOTATION}]: deprecated since v1.8; use "storageClassName" attribute instead`);
  for (const list of ["requests", "limits"]) {
    const amount = object.spec?.resources?.[list]?.storage;
    if (amount !== undefined && !isWholeAmount(String(amount)))
      out.push(`spec.resources.${list}[storage]: fractional byte value ${JSON.stringify(canonicalQuantity(String(amount)))} is invalid, must be an integer`);
  }
  return out;
}

export const persistentVolumeClaim: Kind = {
  group: "",
  version: "v1",
  kind: "PersistentVolumeClaim",
  resource: "persistentvolumeclaims",
  singular: "persistentvolumeclaim",
  shortNames: ["pvc"],
  namespaced: true,
  schema: "io.k8s.api.core.v1.PersistentVolumeClaim",
  defaults(object) {
    object.status ??= {};
    if (!object.status.phase) object.status.phase = "Pending";
    object.spec ??= {};
    object.spec.volumeMode ??= "Filesystem";
    for (const list of [object.spec.resources?.limits, object.spec.resources?.requests, object.status.capacity, object.status.allocatedResources])
      roundAmounts(list);
  },
  prepareForCreate(object) {
    object.status = { phase: "Pending" };
    enforceDataSourceCompatibility(object.spec);
    normalizeDataSources(object.spec);
  },
  prepareForUpdate(object, old) {
    object.status = old.status;
    enforceDataSourceCompatibility(object.spec, old.spec);
    normalizeDataSources(object.spec);
  },
  validate: validateClaim,
  validateUpdate: validateClaimUpdate,
  warnings,
  returnDeletedObject: true,
  status: statusView({
    validateUpdate: validateClaimStatusUpdate,
  }),
  printer: printer(CLAIM_COLUMNS, (o, ctx) => {
    const bound = Boolean(o.spec?.volumeName);
    return [
      o.metadata.name ?? "",
      o.metadata.deletionTimestamp ? "Terminating" : (o.status?.phase ?? ""),
      o.spec?.volumeName ?? "",
      // A bound claim without a capacity, a Lost one for instance, shows the zero quantity.
      bound ? String(o.status?.capacity?.storage ?? "0") : "",
      bound ? accessModesText(o.status?.accessModes) : "",
      storageClassOf(o),
      o.spec?.volumeAttributesClassName ?? "<unset>",
      age(o, ctx),
      o.spec?.volumeMode ?? "<unset>",
    ];
  }),
};
