/** The spec that ResourceClaim and ResourceClaimTemplate share. Sources: pkg/apis/resource/v1 defaults.go, pkg/apis/resource/validation. */
import { type FieldError, invalid, notSupported, required } from "../field.js";
import type {
  DeviceClaim,
  DeviceClaimConfiguration,
  DeviceConstraint,
  DeviceRequest,
  DeviceSubRequest,
  DeviceToleration,
  ExactDeviceRequest,
  ResourceClaimSpec,
} from "../schema/api/resource.v1.js";
import { itself, validateSet, validateSlice } from "./lists.js";
import { validateDeviceClassName, validateFullyQualifiedName, validateLabelLike } from "./names.js";
import { validateConfiguration, validateSelectors, validateToleration } from "./selectors.js";

/** Also the limit on what a constraint or a configuration names. */
export const MAX_REQUESTS = 32;
const MAX_CONSTRAINTS = 32;
export const MAX_CONFIGURATIONS = 32;
const MAX_ALTERNATIVES = 8;

export function defaultTolerations(tolerations: DeviceToleration[] | null | undefined): void {
  for (const toleration of tolerations ?? []) if (!toleration.operator) toleration.operator = "Equal";
}

function defaultRequest(request: ExactDeviceRequest | DeviceSubRequest): void {
  if (!request.allocationMode) request.allocationMode = "ExactCount";
  if (request.allocationMode === "ExactCount" && !request.count) request.count = 1;
  defaultTolerations(request.tolerations);
}

export function defaultClaimSpec(spec: ResourceClaimSpec | undefined): void {
  for (const request of spec?.devices?.requests ?? []) {
    if (request.exactly) defaultRequest(request.exactly);
    for (const alternative of request.firstAvailable ?? []) defaultRequest(alternative);
  }
}

/** Names of the requests, each with those of its alternatives. */
export type RequestNames = ReadonlyMap<string, ReadonlySet<string>>;

export const requestNamesOf = (claim: DeviceClaim | undefined): RequestNames =>
  new Map((claim?.requests ?? []).map((request) => [request.name ?? "", new Set((request.firstAvailable ?? []).map((a) => a.name ?? ""))]));

const NO_REQUEST = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

/** The name of a request, or of a request and one of its alternatives. */
export function validateRequestReference(name: string, path: string, names: RequestNames): FieldError[] {
  const segments = name.split("/");
  if (segments.length > 2) return [invalid(path, name, NO_REQUEST)];
  const out = segments.flatMap((segment) => validateLabelLike(segment, path));
  const [request = "", alternative] = segments;
  const known = names.get(request);
  if (!known || (alternative !== undefined && !known.has(alternative))) out.push(invalid(path, name, NO_REQUEST));
  return out;
}

/** Requests that a constraint, a configuration or an allocation names. */
export const validateRequestReferences = (requests: readonly string[] | undefined, path: string, names: RequestNames): FieldError[] =>
  validateSet(requests, MAX_REQUESTS, (name, at) => validateRequestReference(name, at, names), itself, path);

function validateAllocationMode(request: ExactDeviceRequest | DeviceSubRequest, path: string): FieldError[] {
  const { allocationMode: mode = "", count = 0 } = request;
  if (mode === "All") return count === 0 ? [] : [invalid(`${path}.count`, count, "must not be specified when allocationMode is 'All'")];
  if (mode === "ExactCount") return count > 0 ? [] : [invalid(`${path}.count`, count, "must be greater than zero")];
  return [notSupported(`${path}.allocationMode`, mode, ["All", "ExactCount"])];
}

const validateExactRequest = (request: ExactDeviceRequest | DeviceSubRequest, path: string): FieldError[] => [
  ...validateDeviceClassName(request.deviceClassName, `${path}.deviceClassName`),
  ...validateSelectors(request.selectors, `${path}.selectors`),
  ...validateAllocationMode(request, path),
  ...(request.tolerations ?? []).flatMap((toleration, i) => validateToleration(toleration, `${path}.tolerations[${i}]`)),
];

const ONE_OF = "exactly one of `exactly` or `firstAvailable` is required";

function validateRequest(request: DeviceRequest, path: string): FieldError[] {
  const out = validateLabelLike(request.name, `${path}.name`);
  const alternatives = request.firstAvailable ?? [];
  if (alternatives.length > 0 && request.exactly) out.push(invalid(path, null, `${ONE_OF}, but multiple fields are set`));
  else if (alternatives.length > 0) {
    const rule = (alternative: DeviceSubRequest, at: string): FieldError[] => [
      ...validateLabelLike(alternative.name, `${at}.name`),
      ...validateExactRequest(alternative, at),
    ];
    out.push(...validateSet(alternatives, MAX_ALTERNATIVES, rule, (a) => a.name ?? "", `${path}.firstAvailable`));
  } else out.push(...(request.exactly ? validateExactRequest(request.exactly, `${path}.exactly`) : [required(path, ONE_OF)]));
  return out;
}

function validateConstraint(constraint: DeviceConstraint, path: string, names: RequestNames): FieldError[] {
  const out = validateRequestReferences(constraint.requests, `${path}.requests`, names);
  const { matchAttribute, distinctAttribute } = constraint;
  if (typeof matchAttribute === "string") out.push(...validateFullyQualifiedName(matchAttribute, `${path}.matchAttribute`));
  else if (typeof distinctAttribute === "string") out.push(...validateFullyQualifiedName(distinctAttribute, `${path}.distinctAttribute`));
  // The text is upstream's, wrong as it is.
  else out.push(required(path, 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set'));
  return out;
}

const validateClaimConfiguration = (config: DeviceClaimConfiguration, path: string, names: RequestNames): FieldError[] => [
  ...validateRequestReferences(config.requests, `${path}.requests`, names),
  ...validateConfiguration(config, path),
];

export function validateClaimSpec(spec: ResourceClaimSpec | undefined, path: string): FieldError[] {
  const claim = spec?.devices ?? {};
  const at = `${path}.devices`;
  const names = requestNamesOf(claim);
  return [
    ...validateSet(claim.requests, MAX_REQUESTS, validateRequest, (request) => request.name ?? "", `${at}.requests`),
    ...validateSlice(claim.constraints, MAX_CONSTRAINTS, (c, i) => validateConstraint(c, i, names), `${at}.constraints`),
    ...validateSlice(claim.config, MAX_CONFIGURATIONS, (c, i) => validateClaimConfiguration(c, i, names), `${at}.config`),
  ];
}
