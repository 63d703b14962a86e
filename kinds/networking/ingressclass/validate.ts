/** Source: pkg/apis/networking/validation ValidateIngressClass(Update). */
import { type FieldError, forbidden, invalid, notSupported, required, tooLong } from "../../field.js";
import type { KubeObject } from "../../object.js";
import type { IngressClassParametersReference } from "../../schema/api/networking.v1.js";
import { validateImmutableField, validateKubeObjectMeta, validateKubeObjectMetaUpdate } from "../../validation/metadata.js";
import { byteLength, isDNS1123Subdomain, isDomainPrefixedPath, nameIsDNSLabel, nameIsDNSSubdomain, nameIsPathSegment } from "../../validation/names.js";

const MAX_CONTROLLER = 250;
const SCOPES = ["Cluster", "Namespace"];
const PATH = "spec.parameters";

const texts = (field: string, value: string, found: readonly string[]): FieldError[] => found.map((text) => invalid(field, value, text));
const segment = (value: string | undefined, field: string): FieldError[] => (value ? texts(field, value, nameIsPathSegment(value, false)) : [required(field)]);

function validateScope(parameters: IngressClassParametersReference): FieldError[] {
  const scope = parameters.scope ?? undefined;
  const namespace = parameters.namespace ?? undefined;
  const at = `${PATH}.namespace`;
  if (scope === undefined) return [required(`${PATH}.scope`)];
  if (!SCOPES.includes(scope)) return [notSupported(`${PATH}.scope`, scope, SCOPES)];
  if (scope === "Cluster") return namespace === undefined ? [] : [forbidden(at, "`parameters.scope` is set to 'Cluster'")];
  return namespace === undefined ? [required(at, "`parameters.scope` is set to 'Namespace'")] : texts(at, namespace, nameIsDNSLabel(namespace, false));
}

function validateParameters(parameters: IngressClassParametersReference | undefined): FieldError[] {
  if (!parameters) return [];
  const group = parameters.apiGroup ?? undefined;
  return [
    ...(group === undefined ? [] : texts(`${PATH}.apiGroup`, group, isDNS1123Subdomain(group))),
    ...segment(parameters.kind, `${PATH}.kind`),
    ...segment(parameters.name, `${PATH}.name`),
    ...validateScope(parameters),
  ];
}

export function validateIngressClass(object: KubeObject): FieldError[] {
  const controller: string = object.spec?.controller ?? "";
  return [
    ...(byteLength(controller) > MAX_CONTROLLER ? [tooLong("spec.controller", MAX_CONTROLLER)] : []),
    ...isDomainPrefixedPath("spec.controller", controller),
    ...validateParameters(object.spec?.parameters ?? undefined),
  ];
}

export const validateIngressClassUpdate = (object: KubeObject, old: KubeObject): FieldError[] => [
  ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
  ...validateImmutableField(object.spec?.controller ?? "", old.spec?.controller ?? "", "spec.controller"),
  ...validateKubeObjectMeta(object.metadata, false, nameIsDNSSubdomain),
  ...validateIngressClass(object),
];
