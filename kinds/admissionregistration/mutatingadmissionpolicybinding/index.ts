/** MutatingAdmissionPolicyBinding. Sources: pkg/registry/admissionregistration/mutatingadmissionpolicybinding, pkg/apis/admissionregistration/validation. */
import type { FieldError } from "../../field.js";
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { validateObjectMeta } from "../../validation/metadata.js";
import { nameIsDNSSubdomain } from "../../validation/names.js";
import { validatePolicyBinding } from "../binding.js";
import { defaultPolicyBinding } from "../defaults.js";
import { staticSuffixWarnings } from "../policy.js";
import { policyBindingPrinter } from "../printers.js";
import { validateMutatingOperations } from "../rules.js";

const validate = (object: KubeObject): FieldError[] => [
  ...validatePolicyBinding(object),
  ...validateMutatingOperations(object.spec?.matchResources, "spec.matchResources"),
];

export const mutatingAdmissionPolicyBinding: Kind = {
  group: "admissionregistration.k8s.io",
  version: "v1",
  kind: "MutatingAdmissionPolicyBinding",
  resource: "mutatingadmissionpolicybindings",
  singular: "mutatingadmissionpolicybinding",
  categories: ["api-extensions"],
  namespaced: false,
  schema: "io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBinding",
  storageVersion: "v1beta1",
  defaults: defaultPolicyBinding,
  validate,
  validateUpdate: (object) => [...validateObjectMeta(object.metadata, false, nameIsDNSSubdomain), ...validate(object)],
  warnings: staticSuffixWarnings,
  generation: "spec",
  allowUnconditionalUpdate: false,
  printer: policyBindingPrinter,
};
