/** What bindings of validating and mutating policies have in common. Source: pkg/apis/admissionregistration/validation. */
import { type FieldError, invalid, required } from "../field.js";
import type { KubeObject } from "../object.js";
import type { MutatingAdmissionPolicyBindingSpec } from "../schema/api/admissionregistration.v1.js";
import { isDNS1123Subdomain } from "../validation/names.js";
import { validateParamRef } from "./policy.js";
import { validateMatchResources } from "./rules.js";

export function validatePolicyBinding(object: KubeObject): FieldError[] {
  const { policyName = "", paramRef, matchResources } = (object.spec ?? {}) as MutatingAdmissionPolicyBindingSpec;
  return [
    ...(policyName === "" ? [required("spec.policyName")] : isDNS1123Subdomain(policyName).map((text) => invalid("spec.policyName", policyName, text))),
    ...validateParamRef(paramRef, "spec.paramRef"),
    ...validateMatchResources(matchResources, "spec.matchResources"),
  ];
}
