/** ValidatingAdmissionPolicyBinding. Sources: pkg/registry/admissionregistration/validatingadmissionpolicybinding, pkg/apis/admissionregistration/validation. */
import { duplicate, type FieldError, invalid, notSupported, required } from "../../field.js";
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { validateObjectMeta } from "../../validation/metadata.js";
import { nameIsDNSSubdomain } from "../../validation/names.js";
import { validatePolicyBinding } from "../binding.js";
import { defaultPolicyBinding } from "../defaults.js";
import { staticSuffixWarnings } from "../policy.js";
import { policyBindingPrinter } from "../printers.js";

const ACTIONS: readonly string[] = ["Audit", "Deny", "Warn"];

function validateActions(actions: readonly string[], path: string): FieldError[] {
  if (actions.length === 0) return [required(path, "at least one validation action is required")];
  const out = actions.flatMap((action, i) => [
    ...(ACTIONS.includes(action) ? [] : [notSupported(`${path}[${i}]`, action, ACTIONS)]),
    ...(actions.indexOf(action) < i ? [duplicate(`${path}[${i}]`, action)] : []),
  ]);
  const both = "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)";
  return actions.includes("Deny") && actions.includes("Warn") ? [...out, invalid(path, actions, both)] : out;
}

const validate = (object: KubeObject): FieldError[] => [
  ...validatePolicyBinding(object),
  ...validateActions(object.spec?.validationActions ?? [], "spec.validationActions"),
];

export const validatingAdmissionPolicyBinding: Kind = {
  group: "admissionregistration.k8s.io",
  version: "v1",
  kind: "ValidatingAdmissionPolicyBinding",
  resource: "validatingadmissionpolicybindings",
  singular: "validatingadmissionpolicybinding",
  categories: ["api-extensions"],
  namespaced: false,
  schema: "io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding",
  defaults: defaultPolicyBinding,
  validate,
  validateUpdate: (object) => [...validateObjectMeta(object.metadata, false, nameIsDNSSubdomain), ...validate(object)],
  warnings: staticSuffixWarnings,
  generation: "spec",
  allowUnconditionalUpdate: false,
  printer: policyBindingPrinter,
};
