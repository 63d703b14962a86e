/** ResourceClaim. Sources: pkg/registry/resource/resourceclaim, pkg/apis/resource/validation. */
import { internalEqual, showInternal } from "../../core/pod/internal.js";
import { invalid } from "../../field.js";
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { AGE_COLUMN, age, column, NAME_COLUMN, printer } from "../../printing.js";
import { resetMetadataForStatus, statusView } from "../../status.js";
import { FIELD_IS_IMMUTABLE, validateKubeObjectMeta, validateKubeObjectMetaUpdate } from "../../validation/metadata.js";
import { nameIsDNSSubdomain } from "../../validation/names.js";
import { defaultClaimSpec, defaultTolerations, validateClaimSpec } from "../claimspec.js";
import { dropDeallocatedDevices, validateClaimStatusUpdate } from "./status.js";

const SPEC = "ResourceClaimSpec";

/** "allocated,reserved" and so on. */
function state(object: KubeObject): string {
  const deleted = Boolean(object.metadata.deletionTimestamp);
  const words = deleted ? ["deleted"] : [];
  if (object.status?.allocation) words.push("allocated", ...(object.status.reservedFor?.length ? ["reserved"] : []));
  else if (!deleted) words.push("pending");
  return words.join(",");
}

export const resourceClaim: Kind = {
  group: "resource.k8s.io",
  version: "v1",
  kind: "ResourceClaim",
  resource: "resourceclaims",
  singular: "resourceclaim",
  namespaced: true,
  schema: "io.k8s.api.resource.v1.ResourceClaim",
  defaults(object) {
    defaultClaimSpec(object.spec);
    for (const result of object.status?.allocation?.devices?.results ?? []) defaultTolerations(result.tolerations);
  },
  prepareForCreate(object) {
    object.status = {};
  },
  validate: (object) => validateClaimSpec(object.spec, "spec"),
  // The spec never changes, so nothing else of it is judged again.
  validateUpdate: (object, old) => [
    ...validateKubeObjectMeta(object.metadata, true, nameIsDNSSubdomain),
    ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
    ...(internalEqual(SPEC, object.spec, old.spec) ? [] : [invalid("spec", showInternal(SPEC, object.spec ?? {}), FIELD_IS_IMMUTABLE)]),
  ],
  returnDeletedObject: true,
  status: statusView({
    prepareForUpdate(object, old) {
      resetMetadataForStatus(object, old);
      dropDeallocatedDevices(object, old);
    },
    validateUpdate: validateClaimStatusUpdate,
  }),
  printer: printer([NAME_COLUMN, column("State", "string", "A summary of the current state (allocated, pending, reserved, etc.)."), AGE_COLUMN], (o, ctx) => [
    o.metadata.name ?? "",
    state(o),
    age(o, ctx),
  ]),
};
