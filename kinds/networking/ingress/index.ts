/** Ingress of networking.k8s.io/v1. Sources: pkg/registry/networking/ingress, pkg/apis/networking. */
import type { Kind } from "../../kind.js";
import { statusView } from "../../status.js";
import { plainEqual } from "../../validation/equality.js";
import { warningsForIP } from "../../validation/ip.js";
import { ingressPrinter } from "./printer.js";
import { CLASS_ANNOTATION, pointsOf, validateIngress, validateIngressStatusUpdate, validateIngressUpdate } from "./validate.js";

export const ingress: Kind = {
  group: "networking.k8s.io",
  version: "v1",
  kind: "Ingress",
  resource: "ingresses",
  singular: "ingress",
  shortNames: ["ing"],
  namespaced: true,
  schema: "io.k8s.api.networking.v1.Ingress",
  defaults(object) {
    // an empty list is kept by the decoder for what validation says of it; beside a backend it says nothing, and is not stored
    if (object.spec?.defaultBackend && object.spec.rules?.length === 0) delete object.spec.rules;
  },
  validate: validateIngress,
  validateUpdate: validateIngressUpdate,
  warnings(object, old) {
    if (old || object.metadata.annotations?.[CLASS_ANNOTATION] === undefined || (object.spec?.ingressClassName ?? undefined) !== undefined) return [];
    return [`annotation "${CLASS_ANNOTATION}" is deprecated, please use 'spec.ingressClassName' instead`];
  },
  generation: (object, old) => !plainEqual(object.spec, old.spec),
  status: statusView({
    validateUpdate: validateIngressStatusUpdate,
    warningsOnUpdate: (object) => pointsOf(object).flatMap(({ ip }, i) => (ip ? warningsForIP(`status.loadBalancer.ingress[${i}]`, ip) : [])),
  }),
  printer: ingressPrinter,
};
