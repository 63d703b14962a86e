/** MutatingAdmissionPolicy. Sources: pkg/registry/admissionregistration/mutatingadmissionpolicy, pkg/apis/admissionregistration/validation. */
import { type FieldError, invalid, notSupported, required } from "../../field.js";
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import type { MutatingAdmissionPolicySpec, Mutation } from "../../schema/api/admissionregistration.v1.js";
import { validateObjectMeta } from "../../validation/metadata.js";
import { nameIsDNSSubdomain } from "../../validation/names.js";
import { defaultPolicy } from "../defaults.js";
import { conditionsChanged, PolicyCompiler, staticSuffixWarnings, validateParamKind } from "../policy.js";
import { mutatingPolicyPrinter } from "../printers.js";
import { FAILURE_POLICIES, oneOf, REINVOCATION_POLICIES, validateMatchConditions, validateMatchConstraints, validateMutatingOperations } from "../rules.js";

/** Patch types: the field that belongs to each, and the type its expression has to have. */
const PATCHES = {
  ApplyConfiguration: ["applyConfiguration", "Object"],
  JSONPatch: ["jsonPatch", "list(JSONPatch)"],
} as const;

function validateMutation(mutation: Mutation, compiler: PolicyCompiler, path: string): FieldError[] {
  const type = mutation.patchType ?? "";
  if (type === "") return [required(`${path}.patchType`)];
  if (type !== "ApplyConfiguration" && type !== "JSONPatch") return [notSupported(`${path}.patchType`, type, Object.keys(PATCHES))];
  const [own, wanted] = PATCHES[type];
  const other = own === "jsonPatch" ? "applyConfiguration" : "jsonPatch";
  const patch = mutation[own];
  const out: FieldError[] = [];
  const expression = patch?.expression?.trim() ?? "";
  const at = `${path}.${own}`;
  if (!patch) out.push(required(at, `must be specified when patchType is ${type}`));
  else if (expression === "") out.push(required(`${at}.expression`));
  else {
    const error = compiler.error(expression, [wanted], { patches: true });
    if (error !== undefined) out.push(invalid(`${at}.expression`, expression, error));
  }
  if (mutation[other]) out.push(invalid(`${path}.${other}`, `{${other}}`, `must not be specified when patchType is ${type}`));
  return out;
}

function validateSpec(object: KubeObject, conditions: boolean): FieldError[] {
  const spec = (object.spec ?? {}) as MutatingAdmissionPolicySpec;
  const { mutations = [], reinvocationPolicy = "" } = spec;
  const params = Boolean(spec.paramKind);
  const compiler = new PolicyCompiler({ params }, true);
  return [
    ...oneOf(spec.failurePolicy, FAILURE_POLICIES, "spec.failurePolicy", true),
    ...validateParamKind(spec.paramKind, "spec.paramKind"),
    ...validateMatchConstraints(spec.matchConstraints, "spec.matchConstraints"),
    ...validateMutatingOperations(spec.matchConstraints, "spec.matchConstraints"),
    ...(conditions ? validateMatchConditions(spec.matchConditions, { params }, "spec.matchConditions") : []),
    ...compiler.validateVariables(spec.variables, "spec.variables"),
    ...(mutations.length === 0 ? [required("spec.mutations", "mutations must contain at least one item")] : []),
    ...mutations.flatMap((mutation, i) => validateMutation(mutation, compiler, `spec.mutations[${i}]`)),
    ...oneOf(reinvocationPolicy || undefined, REINVOCATION_POLICIES, "spec.reinvocationPolicy", true),
  ];
}

export const mutatingAdmissionPolicy: Kind = {
  group: "admissionregistration.k8s.io",
  version: "v1",
  kind: "MutatingAdmissionPolicy",
  resource: "mutatingadmissionpolicies",
  singular: "mutatingadmissionpolicy",
  categories: ["api-extensions"],
  namespaced: false,
  schema: "io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicy",
  storageVersion: "v1beta1",
  defaults: defaultPolicy,
  validate: (object) => validateSpec(object, true),
  validateUpdate: (object, old) => [...validateObjectMeta(object.metadata, false, nameIsDNSSubdomain), ...validateSpec(object, conditionsChanged(object, old))],
  warnings: staticSuffixWarnings,
  generation: "spec",
  allowUnconditionalUpdate: false,
  printer: mutatingPolicyPrinter,
};
