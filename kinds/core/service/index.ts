/** Service. Sources: pkg/registry/core/service, pkg/apis/core. */
import type { Kind } from "../../kind.js";
import { statusView } from "../../status.js";
import { warningsForIP } from "../../validation/ip.js";
import { nameIsDNSLabel } from "../../validation/names.js";
import { serviceDefaults } from "./defaults.js";
import { servicePrinter } from "./printer.js";
import { dropTypeDependentFields } from "./strategy.js";
import { validateService, validateServiceStatusUpdate, validateServiceUpdate } from "./validate.js";
import { serviceWarnings } from "./warnings.js";

export { validateClusterIPFields } from "./cluster-ips.js";
export { type IPFamily, initIPFamilies } from "./families.js";
export { normalizeClusterIPs, patchAllocatedValues } from "./strategy.js";
export { isHeadless, needsClusterIP, needsHealthCheckNodePort, needsNodePort } from "./types.js";

export const service: Kind = {
  group: "",
  version: "v1",
  kind: "Service",
  resource: "services",
  singular: "service",
  shortNames: ["svc"],
  categories: ["all"],
  namespaced: true,
  schema: "io.k8s.api.core.v1.Service",
  storagePath: "services/specs",
  defaults: serviceDefaults,
  validateName: nameIsDNSLabel,
  prepareForCreate(object) {
    object.status = { loadBalancer: {} };
  },
  prepareForUpdate(object, old) {
    object.status = old.status;
    dropTypeDependentFields(object, old);
  },
  validate: (object) => validateService(object),
  validateUpdate: validateServiceUpdate,
  warnings: serviceWarnings,
  allowCreateOnUpdate: true,
  returnDeletedObject: true,
  selectable: { "spec.clusterIP": (o) => o.spec?.clusterIP ?? "", "spec.type": (o) => o.spec?.type ?? "" },
  status: statusView({
    validateUpdate: validateServiceStatusUpdate,
    warningsOnUpdate: (object) =>
      (object.status?.loadBalancer?.ingress ?? []).flatMap((ingress: { ip?: string }, i: number) =>
        ingress.ip ? warningsForIP(`status.loadBalancer.ingress[${i}]`, ingress.ip) : [],
      ),
  }),
  connect: [{ name: "proxy", kind: "ServiceProxyOptions", verbs: ["create", "delete", "get", "patch", "update"] }],
  printer: servicePrinter,
};
