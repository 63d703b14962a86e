/** Source: pkg/apis/admissionregistration/validation ValidateValidatingAdmissionPolicy, its update and its status'. */
import { duplicate, type FieldError, invalid, required, Shown } from "../../field.js";
import { goJson } from "../../gojson.js";
import type { KubeObject } from "../../object.js";
import type { AuditAnnotation, ExpressionWarning, ValidatingAdmissionPolicySpec, Validation } from "../../schema/api/admissionregistration.v1.js";
import { validateConditions, validateObjectMeta } from "../../validation/metadata.js";
import { byteLength, isQualifiedName, nameIsDNSSubdomain } from "../../validation/names.js";
import { conditionsChanged, PolicyCompiler, validateParamKind } from "../policy.js";
import { FAILURE_POLICIES, oneOf, validateMatchConditions, validateMatchConstraints } from "../rules.js";
import { jsonPathError } from "../../validation/jsonpath.js";

const REASONS = ["Forbidden", "Invalid", "RequestEntityTooLarge"];
const MAX_AUDIT_ANNOTATIONS = 20;
const MAX_VALUE_EXPRESSION = 5 * 1024;

function validateValidation(validation: Validation, compiler: PolicyCompiler, path: string): FieldError[] {
  const { expression = "", message = "", messageExpression = "", reason } = validation;
  const out: FieldError[] = [];
  const compile = (text: string, wanted: string, at: string, own = {}): void => {
    const error = compiler.error(text, [wanted], own);
    if (error !== undefined) out.push(invalid(at, text, error));
  };
  if (expression.trim() === "") out.push(required(`${path}.expression`, "expression is not specified"));
  else compile(expression, "bool", `${path}.expression`);
  if (messageExpression.trim() !== "") compile(messageExpression, "string", `${path}.messageExpression`, { authorizer: false });
  else if (messageExpression !== "") out.push(invalid(`${path}.messageExpression`, messageExpression, "must be non-empty if specified"));
  if (message !== "" && message.trim() === "") out.push(invalid(`${path}.message`, message, "must be non-empty if specified"));
  else if (/[\n\r]/.test(message.trim())) out.push(invalid(`${path}.message`, message, "must not contain line breaks"));
  return [...out, ...oneOf(reason, REASONS, `${path}.reason`, false)];
}

function validateAuditAnnotation(policy: string, { key = "", valueExpression = "" }: AuditAnnotation, compiler: PolicyCompiler, path: string): FieldError[] {
  const out: FieldError[] = [];
  // The policy's name is the annotation's prefix.
  if (policy === "") out.push(invalid(`${path}.key`, key, "requires metadata.name be non-empty"));
  else out.push(...isQualifiedName(`${policy}/${key}`).map((text) => invalid(`${path}.key`, `${policy}/${key}`, text)));
  const expression = valueExpression.trim();
  const at = `${path}.valueExpression`;
  if (expression === "") return [...out, required(at, "valueExpression is not specified")];
  if (byteLength(expression) > MAX_VALUE_EXPRESSION) return [...out, required(at, `must not exceed ${MAX_VALUE_EXPRESSION} bytes in length`)];
  const error = compiler.error(expression, ["string", "null_type"]);
  return error === undefined ? out : [...out, invalid(at, valueExpression, error)];
}

function validateSpec(object: KubeObject, conditions: boolean): FieldError[] {
  const spec = (object.spec ?? {}) as ValidatingAdmissionPolicySpec;
  const { variables = [], validations = [], auditAnnotations = [] } = spec;
  const params = Boolean(spec.paramKind);
  const compiler = new PolicyCompiler({ params }, variables.length > 0);
  const out = [
    ...oneOf(spec.failurePolicy, FAILURE_POLICIES, "spec.failurePolicy", true),
    ...validateParamKind(spec.paramKind, "spec.paramKind"),
    ...validateMatchConstraints(spec.matchConstraints, "spec.matchConstraints"),
    ...(conditions ? validateMatchConditions(spec.matchConditions, { params }, "spec.matchConditions") : []),
    ...compiler.validateVariables(variables, "spec.variables"),
  ];
  if (validations.length === 0 && auditAnnotations.length === 0) {
    const text = "validations or auditAnnotations must contain at least one item";
    return [...out, required("spec.validations", text), required("spec.auditAnnotations", text)];
  }
  for (const [i, validation] of validations.entries()) out.push(...validateValidation(validation, compiler, `spec.validations[${i}]`));
  if (auditAnnotations.length > MAX_AUDIT_ANNOTATIONS) {
    const shown = new Shown(goJson(auditAnnotations.map((a) => ({ Key: a.key ?? "", ValueExpression: a.valueExpression ?? "" }))));
    out.push(invalid("spec.auditAnnotations", shown, `must not have more than ${MAX_AUDIT_ANNOTATIONS} auditAnnotations`));
  }
  const keys = new Set<string>();
  for (const [i, annotation] of auditAnnotations.entries()) {
    const at = `spec.auditAnnotations[${i}]`;
    out.push(...validateAuditAnnotation(object.metadata.name ?? "", annotation, compiler, at));
    if (keys.has(annotation.key ?? "")) out.push(duplicate(`${at}.key`, annotation.key ?? ""));
    keys.add(annotation.key ?? "");
  }
  return out;
}

export const validatePolicy = (object: KubeObject): FieldError[] => validateSpec(object, true);

export const validatePolicyUpdate = (object: KubeObject, old: KubeObject): FieldError[] => [
  ...validateObjectMeta(object.metadata, false, nameIsDNSSubdomain),
  ...validateSpec(object, conditionsChanged(object, old)),
];

function validateWarning({ fieldRef = "", warning = "" }: ExpressionWarning, path: string): FieldError[] {
  const out = warning === "" ? [required(`${path}.warning`)] : [];
  const ref = fieldRef.trim();
  if (ref === "") return [...out, required(`${path}.fieldRef`)];
  const error = jsonPathError(`{${ref}}`);
  return error === undefined ? out : [...out, invalid(`${path}.fieldRef`, ref, `invalid JSONPath: ${error}`)];
}

export const validatePolicyStatus = (object: KubeObject): FieldError[] => [
  ...((object.status?.typeChecking?.expressionWarnings ?? []) as ExpressionWarning[]).flatMap((warning, i) =>
    validateWarning(warning, `status.typeChecking.expressionWarnings[${i}]`),
  ),
  ...validateConditions(object.status?.conditions, "status.conditions"),
];
