/** RoleBinding. Sources: pkg/apis/rbac/validation ValidateRoleBinding(Update), pkg/registry/rbac/rolebinding. */
import type { FieldError } from "../../field.js";
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { bindingPrinter, defaultBinding, validateBinding, validateRoleRefUnchanged } from "../bindings.js";
import { RBAC_KIND, validateAsUpdate } from "../common.js";

const validate = (object: KubeObject): FieldError[] => validateBinding(object, true, ["Role", "ClusterRole"]);

export const roleBinding: Kind = {
  ...RBAC_KIND,
  kind: "RoleBinding",
  resource: "rolebindings",
  singular: "rolebinding",
  namespaced: true,
  schema: "io.k8s.api.rbac.v1.RoleBinding",
  defaults: defaultBinding,
  validate,
  validateUpdate: validateAsUpdate(true, validate, validateRoleRefUnchanged),
  printer: bindingPrinter(
    "roleBinding",
    "RoleRef can reference a Role in the current namespace or a ClusterRole in the global namespace. If the RoleRef cannot be resolved, the Authorizer must return an error.",
  ),
};
