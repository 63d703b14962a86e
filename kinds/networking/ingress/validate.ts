/** Source: pkg/apis/networking/validation ValidateIngressCreate, ValidateIngressUpdate, ValidateIngressStatusUpdate. */
import { type FieldError, invalid, notSupported, required } from "../../field.js";
import type { KubeObject } from "../../object.js";
import type { TypedLocalObjectReference } from "../../schema/api/core.v1.js";
import type { HTTPIngressPath, IngressBackend, IngressLoadBalancerIngress, IngressRule, IngressSpec, IngressTLS } from "../../schema/api/networking.v1.js";
import { isValidIPForLegacyField, parseIPSloppy } from "../../validation/ip.js";
import { validateKubeObjectMeta, validateKubeObjectMetaUpdate } from "../../validation/metadata.js";
import {
  isDNS1123Subdomain,
  isValidPortName,
  isValidPortNum,
  isWildcardDNS1123Subdomain,
  nameIsDNSLabel,
  nameIsDNSSubdomain,
  nameIsPathSegment,
} from "../../validation/names.js";

export const CLASS_ANNOTATION = "kubernetes.io/ingress.class";
const PATH_TYPES = ["Exact", "ImplementationSpecific", "Prefix"];
const BAD_SEQUENCES = ["//", "/./", "/../", "%2f", "%2F"];
const BAD_SUFFIXES = ["/..", "/."];

const texts = (field: string, value: string, found: readonly string[]): FieldError[] => found.map((text) => invalid(field, value, text));
const segment = (value: string | undefined, field: string): FieldError[] => (value ? texts(field, value, nameIsPathSegment(value, false)) : [required(field)]);
const host = (name: string, field: string): FieldError[] =>
  texts(field, name, name.includes("*") ? isWildcardDNS1123Subdomain(name) : isDNS1123Subdomain(name));

/** A reference to something of the same namespace. Source: validateIngressTypedLocalObjectReference. */
function validateReference(ref: TypedLocalObjectReference, field: string): FieldError[] {
  const group = ref.apiGroup ?? undefined;
  return [
    ...(group === undefined ? [] : texts(`${field}.apiGroup`, group, isDNS1123Subdomain(group))),
    ...segment(ref.kind, `${field}.kind`),
    ...segment(ref.name, `${field}.name`),
  ];
}

function validateBackend(backend: IngressBackend | undefined, field: string): FieldError[] {
  const { service, resource } = backend ?? {};
  if (service && resource) return [invalid(field, "", "cannot set both resource and service backends")];
  if (resource) return validateReference(resource, `${field}.resource`);
  if (!service) return [invalid(field, "", "resource or service backend is required")];
  const at = `${field}.service`;
  const out = service.name ? texts(`${at}.name`, service.name, nameIsDNSLabel(service.name, false)) : [required(`${at}.name`)];
  const { name, number } = service.port ?? {};
  if (name && number) return [...out, invalid(field, "", "cannot set both port name & port number")];
  if (name) return [...out, ...texts(`${at}.port.name`, name, isValidPortName(name))];
  if (number) return [...out, ...isValidPortNum(number).map((text) => invalid(`${at}.port.number`, number, text))];
  return [...out, required(field, "port name or number is required")];
}

function validatePathText(path: string, type: string, field: string): FieldError[] {
  const relative = path.startsWith("/") ? [] : [invalid(field, path, "must be an absolute path")];
  if (type === "ImplementationSpecific") return path ? relative : [];
  return [
    ...relative,
    ...BAD_SEQUENCES.filter((bad) => path.includes(bad)).map((bad) => invalid(field, path, `must not contain '${bad}'`)),
    ...BAD_SUFFIXES.filter((bad) => path.endsWith(bad)).map((bad) => invalid(field, path, `cannot end with '${bad}'`)),
  ];
}

function validatePath(path: HTTPIngressPath, field: string): FieldError[] {
  const type = path.pathType ?? undefined;
  if (type === undefined) return [required(`${field}.pathType`, "pathType must be specified")];
  return [
    ...(PATH_TYPES.includes(type) ? validatePathText(path.path ?? "", type, `${field}.path`) : [notSupported(`${field}.pathType`, type, PATH_TYPES)]),
    ...validateBackend(path.backend, `${field}.backend`),
  ];
}

function validateRuleValue(rule: IngressRule, field: string): FieldError[] {
  if (!rule.http) return [];
  const paths: readonly HTTPIngressPath[] = rule.http.paths ?? [];
  if (paths.length === 0) return [required(`${field}.http.paths`)];
  return paths.flatMap((path, i) => validatePath(path, `${field}.http.paths[${i}]`));
}

/** What a stored object breaks already may stay so. */
interface Leniency {
  readonly secretNames: boolean;
  readonly wildcardRules: boolean;
}
const STRICT: Leniency = { secretNames: false, wildcardRules: false };

function leniencyOf(old: IngressSpec | undefined): Leniency {
  return {
    secretNames: (old?.tls ?? []).some((tls) => tls.secretName && nameIsDNSSubdomain(tls.secretName, false).length > 0),
    wildcardRules: (old?.rules ?? []).some((rule) => rule.host?.includes("*") && validateRuleValue(rule, "").length > 0),
  };
}

function validateRule(rule: IngressRule, field: string, lenient: Leniency): FieldError[] {
  const name = rule.host ?? "";
  const out: FieldError[] = [];
  if (name) {
    if (parseIPSloppy(name)) out.push(invalid(`${field}.host`, name, "must be a DNS name, not an IP address"));
    out.push(...host(name, `${field}.host`));
  }
  return lenient.wildcardRules && name.includes("*") ? out : [...out, ...validateRuleValue(rule, field)];
}

const validateTLS = (tls: IngressTLS, field: string, lenient: Leniency): FieldError[] => [
  ...(tls.hosts ?? []).flatMap((name, i) => host(name, `${field}.hosts[${i}]`)),
  ...(tls.secretName && !lenient.secretNames ? texts(`${field}.secretName`, tls.secretName, nameIsDNSSubdomain(tls.secretName, false)) : []),
];

function validateSpec(spec: IngressSpec, lenient: Leniency): FieldError[] {
  const { rules = [], tls = [], defaultBackend } = spec;
  const className = spec.ingressClassName ?? undefined;
  return [
    ...(rules.length === 0 && !defaultBackend ? [invalid("spec", spec.rules ?? null, "either `defaultBackend` or `rules` must be specified")] : []),
    ...(defaultBackend ? validateBackend(defaultBackend, "spec.defaultBackend") : []),
    ...rules.flatMap((rule, i) => validateRule(rule, `spec.rules[${i}]`, lenient)),
    ...tls.flatMap((entry, i) => validateTLS(entry, `spec.tls[${i}]`, lenient)),
    ...(className === undefined ? [] : texts("spec.ingressClassName", className, nameIsDNSSubdomain(className, false))),
  ];
}

export function validateIngress(object: KubeObject): FieldError[] {
  const out = validateSpec(object.spec ?? {}, STRICT);
  const annotation = object.metadata.annotations?.[CLASS_ANNOTATION];
  const className = object.spec?.ingressClassName ?? undefined;
  if (annotation !== undefined && className !== undefined && annotation !== className)
    out.push(invalid(`annotations.${CLASS_ANNOTATION}`, annotation, "must match `ingressClassName` when both are specified"));
  return out;
}

export const validateIngressUpdate = (object: KubeObject, old: KubeObject): FieldError[] => [
  ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
  ...validateKubeObjectMeta(object.metadata, true, nameIsDNSSubdomain),
  ...validateSpec(object.spec ?? {}, leniencyOf(old.spec)),
];

/** The load balancer's points of an Ingress. */
export const pointsOf = (object: KubeObject): readonly IngressLoadBalancerIngress[] => object.status?.loadBalancer?.ingress ?? [];

export function validateIngressStatusUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const known = pointsOf(old).flatMap((point) => point.ip || []);
  return [
    ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
    ...pointsOf(object).flatMap(({ ip, hostname }, i) => {
      const at = `status.loadBalancer.ingress[${i}]`;
      return [
        ...(ip ? isValidIPForLegacyField(`${at}.ip`, ip, true, known) : []),
        ...(hostname ? texts(`${at}.hostname`, hostname, isDNS1123Subdomain(hostname)) : []),
        ...(hostname && parseIPSloppy(hostname) ? [invalid(`${at}.hostname`, hostname, "must be a DNS name, not an IP address")] : []),
      ];
    }),
  ];
}
