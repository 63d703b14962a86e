/** ValidatingAdmissionPolicy. Source: pkg/registry/admissionregistration/validatingadmissionpolicy. */
import { keepStatus } from "../../core/podtemplate/workload.js";
import type { Kind } from "../../kind.js";
import { resetMetadataForStatus } from "../../status.js";
import { defaultPolicy } from "../defaults.js";
import { staticSuffixWarnings } from "../policy.js";
import { validatingPolicyPrinter } from "../printers.js";
import { validatePolicy, validatePolicyStatus, validatePolicyUpdate } from "./validate.js";

export const validatingAdmissionPolicy: Kind = {
  group: "admissionregistration.k8s.io",
  version: "v1",
  kind: "ValidatingAdmissionPolicy",
  resource: "validatingadmissionpolicies",
  singular: "validatingadmissionpolicy",
  categories: ["api-extensions"],
  namespaced: false,
  schema: "io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicy",
  defaults: defaultPolicy,
  prepareForCreate(object) {
    object.status = {};
  },
  prepareForUpdate: keepStatus,
  validate: validatePolicy,
  validateUpdate: validatePolicyUpdate,
  warnings: staticSuffixWarnings,
  generation: "spec",
  allowUnconditionalUpdate: false,
  status: {
    name: "status",
    verbs: ["get", "patch", "update"],
    prepareForUpdate(object, old) {
      object.spec = old.spec;
      resetMetadataForStatus(object, old);
    },
    validateUpdate: validatePolicyStatus,
  },
  printer: validatingPolicyPrinter,
};
