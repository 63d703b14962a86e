/** Role. Sources: pkg/apis/rbac/validation ValidateRole(Update), pkg/registry/rbac/role. */
import type { FieldError } from "../../field.js";
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { DEFAULT_PRINTER } from "../../printing.js";
import { RBAC_KIND, validateAsUpdate, validateRules } from "../common.js";

const validate = (object: KubeObject): FieldError[] => validateRules(object.rules, true);

export const role: Kind = {
  ...RBAC_KIND,
  kind: "Role",
  resource: "roles",
  singular: "role",
  namespaced: true,
  schema: "io.k8s.api.rbac.v1.Role",
  validate,
  validateUpdate: validateAsUpdate(true, validate),
  printer: DEFAULT_PRINTER,
};
