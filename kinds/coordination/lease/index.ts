/** Lease of coordination.k8s.io/v1. Sources: pkg/registry/coordination/lease, pkg/apis/coordination/validation. */
import { type FieldError, invalid } from "../../field.js";
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { AGE_COLUMN, age, column, NAME_COLUMN, printer } from "../../printing.js";
import { validateNonnegative, validateObjectMetaUpdate } from "../../validation/metadata.js";

/** Coordinated leader election is off: its fields are dropped unless they are stored already. */
function dropElection(object: KubeObject, old?: KubeObject): void {
  for (const field of ["strategy", "preferredHolder"]) if (object.spec && (old?.spec?.[field] ?? null) === null) delete object.spec[field];
}

function validate(object: KubeObject): FieldError[] {
  const { leaseDurationSeconds: duration, leaseTransitions: transitions } = object.spec ?? {};
  const out: FieldError[] = [];
  if (typeof duration === "number" && duration <= 0) out.push(invalid("spec.leaseDurationSeconds", duration, "must be greater than 0"));
  if (typeof transitions === "number") out.push(...validateNonnegative(transitions, "spec.leaseTransitions"));
  return out;
}

const HOLDER_TEXT =
  "holderIdentity contains the identity of the holder of a current lease. If Coordinated Leader Election is used, the holder identity must be equal to the elected LeaseCandidate.metadata.name field.";

export const lease: Kind = {
  group: "coordination.k8s.io",
  version: "v1",
  kind: "Lease",
  resource: "leases",
  singular: "lease",
  namespaced: true,
  schema: "io.k8s.api.coordination.v1.Lease",
  prepareForCreate: (object) => dropElection(object),
  prepareForUpdate: (object, old) => dropElection(object, old),
  validate,
  validateUpdate: (object, old) => [...validateObjectMetaUpdate(object.metadata, old.metadata), ...validate(object)],
  allowUnconditionalUpdate: false,
  allowCreateOnUpdate: true,
  printer: printer([NAME_COLUMN, column("Holder", "string", HOLDER_TEXT), AGE_COLUMN], (o, ctx) => [
    o.metadata.name ?? "",
    o.spec?.holderIdentity ?? "",
    age(o, ctx),
  ]),
};
