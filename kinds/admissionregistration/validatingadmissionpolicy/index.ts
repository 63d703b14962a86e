/** ValidatingAdmissionPolicy. Source: pkg/registry/admissionregistration/validatingadmissionpolicy. */
import type { Kind } from "../../kind.js";
import { resetMetadataForStatus, statusView } from "../../status.js";
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
  validate: validatePolicy,
  validateUpdate: validatePolicyUpdate,
  warnings: staticSuffixWarnings,
  generation: "spec",
  allowUnconditionalUpdate: false,
  status: statusView({
    prepareForUpdate: resetMetadataForStatus,
    validateUpdate: validatePolicyStatus,
  }),
  printer: validatingPolicyPrinter,
};
