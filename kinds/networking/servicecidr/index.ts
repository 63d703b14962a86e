/** ServiceCIDR of networking.k8s.io/v1. Sources: pkg/registry/networking/servicecidr, pkg/apis/networking. */
import { type FieldError, invalid, required } from "../../field.js";
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { AGE_COLUMN, age, column, NAME_COLUMN, printer } from "../../printing.js";
import { resetMetadataForStatus, statusView } from "../../status.js";
import { isValidCIDR, parseCIDRSloppy } from "../../validation/ip.js";
import { FIELD_IS_IMMUTABLE, validateKubeObjectMetaUpdate } from "../../validation/metadata.js";

const PATH = "spec.cidrs";
const ONE_OF_EACH = "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64";
const cidrsOf = (object: KubeObject): readonly string[] => object.spec?.cidrs ?? [];

function validateCIDRs(cidrs: readonly string[]): FieldError[] {
  if (cidrs.length === 0) return [required(PATH, "at least one CIDR required")];
  // the spec is printed, in its internal form
  if (cidrs.length > 2) return [invalid(PATH, { CIDRs: cidrs }, "may only hold up to 2 values")];
  const out = cidrs.flatMap((cidr, i) => isValidCIDR(`${PATH}[${i}]`, cidr));
  const [first, second] = cidrs.map((cidr) => parseCIDRSloppy(cidr)?.bits);
  if (cidrs.length === 2 && first !== undefined && first === second) out.push(invalid(PATH, cidrs, ONE_OF_EACH));
  return out;
}

function validateUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const out = validateKubeObjectMetaUpdate(object.metadata, old.metadata);
  const now = cidrsOf(object);
  const was = cidrsOf(old);
  const fixed = (i: number): FieldError[] => (now[i] === was[i] ? [] : [invalid(`${PATH}[${i}]`, now[i], FIELD_IS_IMMUTABLE)]);
  if (now.length === was.length) return [...out, ...was.flatMap((_, i) => fixed(i))];
  // a second family may be added, once
  if (was.length === 1 && now.length === 2) return [...out, ...fixed(0), ...validateCIDRs(now)];
  return [...out, invalid(PATH, object.spec?.cidrs ?? null, FIELD_IS_IMMUTABLE)];
}

const CIDRS_TEXT =
  'CIDRs defines the IP blocks in CIDR notation (e.g. "192.168.0.0/24" or "2001:db8::/64") from which to assign service cluster IPs. Max of two CIDRs is allowed, one of each IP family. This field is immutable.';

export const serviceCIDR: Kind = {
  group: "networking.k8s.io",
  version: "v1",
  kind: "ServiceCIDR",
  resource: "servicecidrs",
  singular: "servicecidr",
  namespaced: false,
  schema: "io.k8s.api.networking.v1.ServiceCIDR",
  validate: (object) => validateCIDRs(cidrsOf(object)),
  validateUpdate,
  status: statusView({
    prepareForUpdate: resetMetadataForStatus,
    validateUpdate: (object, old) => validateKubeObjectMetaUpdate(object.metadata, old.metadata),
  }),
  printer: printer([NAME_COLUMN, column("CIDRs", "string", CIDRS_TEXT), AGE_COLUMN], (o, ctx) => [o.metadata.name ?? "", cidrsOf(o).join(","), age(o, ctx)]),
};
