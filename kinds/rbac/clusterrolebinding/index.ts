/** ClusterRoleBinding. Sources: pkg/apis/rbac/validation ValidateClusterRoleBinding(Update), pkg/registry/rbac/clusterrolebinding. */
import type { FieldError } from "../../field.js";
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { bindingPrinter, defaultBinding, validateBinding, validateRoleRefUnchanged } from "../bindings.js";
import { RBAC_KIND, validateAsUpdate } from "../common.js";

const validate = (object: KubeObject): FieldError[] => validateBinding(object, false, ["ClusterRole"]);

export const clusterRoleBinding: Kind = {
  ...RBAC_KIND,
  kind: "ClusterRoleBinding",
  resource: "clusterrolebindings",
  singular: "clusterrolebinding",
  namespaced: false,
  schema: "io.k8s.api.rbac.v1.ClusterRoleBinding",
  defaults: defaultBinding,
  validate,
  validateUpdate: validateAsUpdate(false, validate, validateRoleRefUnchanged),
  printer: bindingPrinter(
    "clusterRoleBinding",
    "RoleRef can only reference a ClusterRole in the global namespace. If the RoleRef cannot be resolved, the Authorizer must return an error.",
  ),
};
