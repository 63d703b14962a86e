/** Binding of core/v1: posted, not kept. It puts a pod on a node; the pod's own `binding` is the same. Source: pkg/registry/core/pod/storage LegacyBindingREST. */
import type { Kind } from "../../kind.js";
import { DEFAULT_PRINTER } from "../../printing.js";

export const binding: Kind = {
  group: "",
  version: "v1",
  kind: "Binding",
  resource: "bindings",
  singular: "binding",
  namespaced: true,
  verbs: ["create"],
  schema: "io.k8s.api.core.v1.Binding",
  printer: DEFAULT_PRINTER,
};
