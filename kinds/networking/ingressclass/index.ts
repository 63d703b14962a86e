/** IngressClass of networking.k8s.io/v1. Sources: pkg/registry/networking/ingressclass, pkg/apis/networking. */
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { AGE_COLUMN, age, column, NAME_COLUMN, printer } from "../../printing.js";
import type { IngressClassParametersReference } from "../../schema/api/networking.v1.js";
import { plainEqual } from "../../validation/equality.js";
import { validateIngressClass, validateIngressClassUpdate } from "./validate.js";

const DEFAULT_ANNOTATION = "ingressclass.kubernetes.io/is-default-class";

/** Whether Ingresses that name no class get this one. */
export const isDefaultIngressClass = (object: KubeObject): boolean => object.metadata.annotations?.[DEFAULT_ANNOTATION] === "true";

function parametersText(parameters: IngressClassParametersReference | undefined): string {
  if (!parameters) return "<none>";
  const group = parameters.apiGroup ?? undefined;
  return `${parameters.kind ?? ""}${group === undefined ? "" : `.${group}`}/${parameters.name ?? ""}`;
}

export const ingressClass: Kind = {
  group: "networking.k8s.io",
  version: "v1",
  kind: "IngressClass",
  resource: "ingressclasses",
  singular: "ingressclass",
  namespaced: false,
  schema: "io.k8s.api.networking.v1.IngressClass",
  defaults(object) {
    if (object.spec?.parameters) object.spec.parameters.scope ??= "Cluster";
  },
  validate: validateIngressClass,
  validateUpdate: validateIngressClassUpdate,
  generation: (object, old) => !plainEqual(object.spec, old.spec),
  printer: printer(
    [
      NAME_COLUMN,
      column("Controller", "string", "Controller that is responsible for handling this class"),
      column("Parameters", "string", "A reference to a resource with additional parameters"),
      AGE_COLUMN,
    ],
    (o, ctx) => [
      `${o.metadata.name ?? ""}${isDefaultIngressClass(o) ? " (default)" : ""}`,
      o.spec?.controller ?? "",
      parametersText(o.spec?.parameters ?? undefined),
      age(o, ctx),
    ],
  ),
};
