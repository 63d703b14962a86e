/** Resource requests and limits: names, amounts, sums over containers, QoS. Source: pkg/apis/core/validation, helper, qos; component-helpers/resource. */
import { duplicate, type FieldError, forbidden, invalid, notFound, notSupported, required } from "../../field.js";
import { canonicalQuantity, compareQuantity, formatQuantity, parseQuantity, type Quantity } from "../../quantity.js";
import { addLists, amountOf, sortedAmounts as entries } from "../../resourcelist.js";
import type { PodSpec, ResourceClaim, ResourceRequirements } from "../../schema/api/core.v1.js";
import { IS_NEGATIVE, isDNS1123Label, isQualifiedName } from "../../validation/names.js";
import type { PodValidationOptions } from "./options.js";
import { aggregateContainers } from "./requirements.js";

/** Resource name → quantity text. */
export type Amounts = Readonly<Record<string, string>>;

const HUGE_PAGES = "hugepages-";
const STANDARD = new Set([
  ...["cpu", "memory", "ephemeral-storage", "storage"].flatMap((r) => (r === "storage" ? [r, `requests.${r}`] : [r, `requests.${r}`, `limits.${r}`])),
  ...[
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
  ],
]);
const COUNTED = new Set([
  "pods",
  "resourcequotas",
  "services",
  "replicationcontrollers",
  "secrets",
  "configmaps",
  "persistentvolumeclaims",
  "services.nodeports",
  "services.loadbalancers",
]);

export const isHugePageName = (name: string): boolean => name.startsWith(HUGE_PAGES);
/** Without a prefix, or one of kubernetes.io. */
export const isNativeResource = (name: string): boolean => !name.includes("/") || name.includes("kubernetes.io/");
/** Whether requests may be below limits. */
export const isOvercommitAllowed = (name: string): boolean => isNativeResource(name) && !isHugePageName(name);
export const isExtendedResource = (name: string): boolean =>
  !isNativeResource(name) && !name.startsWith("requests.") && isQualifiedName(`requests.${name}`).length === 0;
export const isStandardResource = (name: string): boolean => STANDARD.has(name) || isHugePageName(name) || name.startsWith("requests.hugepages-");
const isIntegerResource = (name: string): boolean => COUNTED.has(name) || isExtendedResource(name);
const isContainerResource = (name: string): boolean => ["cpu", "memory", "ephemeral-storage"].includes(name) || isHugePageName(name);
const isPodLevelResource = (name: string): boolean => ["cpu", "memory"].includes(name) || isHugePageName(name);

export const isNegativeAmount = (quantity: string): boolean => compareQuantity(String(quantity), "0") < 0;
const isPositive = (quantity: string): boolean => compareQuantity(quantity, "0") > 0;

/** The amount in units of 10^scale, rounded away from zero; exact, as huge pages and byte counts need. */
function inUnits({ unscaled, scale }: Quantity, unit: number): bigint {
  if (scale >= unit) return unscaled * 10n ** BigInt(scale - unit);
  const divisor = 10n ** BigInt(unit - scale);
  const rest = unscaled % divisor;
  return unscaled / divisor + (rest > 0n ? 1n : rest < 0n ? -1n : 0n);
}

/** What is finer than 10^scale is rounded up, away from zero; everything else keeps its text. Source: Quantity.RoundUp. */
export function roundUpAmount(text: string, scale: number): string {
  const q = parseQuantity(text);
  return q.scale >= scale ? text : formatQuantity({ unscaled: inUnits(q, scale), scale, format: q.format });
}

/** To thousandths, as amounts are stored. Source: SetDefaults_ResourceList. */
export const roundUpToMilli = (text: string): string => roundUpAmount(text, -3);

/**
 * Upstream's MilliValue of a large binary amount wraps around in 64 bits, so "9000Ti" reads as fractional; amounts Go keeps as int64 overflow to 0
 * instead. Which way an amount is kept depends on its digits. Source: Quantity.ScaledValue, ParseQuantity's fast path.
 */
function wrappedMilli(text: string, milli: bigint): bigint {
  const binary = /^[+-]?(\d+)([KMGTPE])i$/.exec(text);
  if (milli === BigInt.asIntN(64, milli) || !binary) return milli;
  const exponent = ("KMGTPE".indexOf(binary[2] as string) + 1) * 10;
  const fits = 15 - (binary[1] as string).length - Math.trunc((exponent * 3) / 10) - 1 >= 0;
  return fits ? 0n : BigInt.asIntN(64, milli);
}

/** A whole number of base units, judged in thousandths as upstream does (finer parts are rounded up before). */
export function isWholeAmount(quantity: string): boolean {
  const text = String(quantity);
  return /^-?\d{1,15}$/.test(text) || wrappedMilli(text, inUnits(parseQuantity(text), -3)) % 1000n === 0n;
}

/** Whether a huge page amount is a multiple of the page size in its name. */
export function isHugePageDivisible(name: string, quantity: string): boolean {
  try {
    const size = inUnits(parseQuantity(name.slice(HUGE_PAGES.length)), 0);
    return size > 0n && inUnits(parseQuantity(String(quantity)), 0) % size === 0n;
  } catch {
    return false;
  }
}

function validateResourceName(name: string, path: string): FieldError[] {
  const out = isQualifiedName(name).map((text) => invalid(path, name, text));
  if (out.length === 0 && !name.includes("/") && !isStandardResource(name))
    out.push(invalid(path, name, "must be a standard resource type or fully qualified"));
  return out;
}

function validateContainerResourceName(name: string, path: string): FieldError[] {
  const out = validateResourceName(name, path);
  if (!name.includes("/")) {
    if (!isContainerResource(name)) out.push(invalid(path, name, "must be a standard resource for containers"));
  } else if (!isNativeResource(name) && !isExtendedResource(name)) out.push(invalid(path, name, "doesn't follow extended resource name standard"));
  return out;
}

function validatePodResourceName(name: string, path: string): FieldError[] {
  const out = validateResourceName(name, path);
  if (out.length > 0 || isPodLevelResource(name)) return out;
  return [notSupported(path, name, ["cpu", "hugepages-", "memory"])];
}

/** ValidateResourceQuantityValue: not negative, and whole where the resource is counted. */
export function validateAmount(name: string, quantity: string, path: string): FieldError[] {
  const out = isNegativeAmount(quantity) ? [invalid(path, canonicalQuantity(quantity), IS_NEGATIVE)] : [];
  if (isIntegerResource(name) && !isWholeAmount(quantity)) out.push(invalid(path, canonicalQuantity(quantity), "must be an integer"));
  return out;
}

function validateClaimNames(claims: readonly ResourceClaim[] | undefined, podClaims: ReadonlySet<string>, path: string): FieldError[] {
  const out: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, claim] of (claims ?? []).entries()) {
    const at = `${path}[${i}]`;
    const name = claim.name ?? "";
    if (name === "") {
      out.push(required(at));
      continue;
    }
    if (seen.has(name)) out.push(duplicate(at, name));
    else {
      const key = claim.request ? `${name}/${claim.request}` : name;
      if (claim.request) for (const text of isDNS1123Label(claim.request)) out.push(invalid(`${at}.request`, claim.request, text));
      if (seen.has(key)) out.push(duplicate(at, key));
      else if (!claim.request) for (const other of seen) if (other.startsWith(`${name}/`)) out.push(duplicate(at, name));
      seen.add(key);
    }
    if (!podClaims.has(name)) {
      const which = podClaims.size === 0 ? " which is empty" : `: ${[...podClaims].sort().join(", ")}`;
      const error = notFound(at, name);
      out.push({ ...error, message: `${error.message}: must be one of the names in pod.spec.resourceClaims${which}` });
    }
  }
  return out;
}

function validateRequirements(
  rr: ResourceRequirements,
  nameRule: (name: string, path: string) => FieldError[],
  podClaims: ReadonlySet<string>,
  path: string,
  allowIndivisible: boolean,
): FieldError[] {
  const out: FieldError[] = [];
  const limits = (rr.limits ?? {}) as Amounts;
  const hugePages = (name: string, quantity: string, at: string): void => {
    if (isHugePageName(name) && !allowIndivisible && !isHugePageDivisible(name, quantity))
      out.push(invalid(at, canonicalQuantity(quantity), `${canonicalQuantity(quantity)} is not positive integer multiple of ${name}`));
  };
  for (const [name, quantity] of entries(limits)) {
    const at = `${path}.limits[${name}]`;
    out.push(...nameRule(name, at), ...validateAmount(name, quantity, at));
    hugePages(name, quantity, at);
  }
  for (const [name, quantity] of entries(rr.requests as Amounts)) {
    const at = `${path}.requests[${name}]`;
    out.push(...nameRule(name, at), ...validateAmount(name, quantity, at));
    const limit = amountOf(limits, name);
    if (limit !== undefined) {
      const order = compareQuantity(quantity, limit);
      const shown = `${name} limit of ${canonicalQuantity(limit)}`;
      if (order !== 0 && !isOvercommitAllowed(name)) out.push(invalid(`${path}.requests`, canonicalQuantity(quantity), `must be equal to ${shown}`));
      else if (order > 0) out.push(invalid(`${path}.requests`, canonicalQuantity(quantity), `must be less than or equal to ${shown}`));
    } else if (!isOvercommitAllowed(name)) out.push(required(`${path}.limits`, "Limit must be set for non overcommitable resources"));
    hugePages(name, quantity, at);
  }
  const names = [...Object.keys(limits), ...Object.keys(rr.requests ?? {})];
  if (names.some(isHugePageName) && !names.includes("cpu") && !names.includes("memory")) out.push(forbidden(path, "HugePages require cpu or memory"));
  return [...out, ...validateClaimNames(rr.claims, podClaims, `${path}.claims`)];
}

export const validateContainerResources = (
  rr: ResourceRequirements | undefined,
  podClaims: ReadonlySet<string>,
  path: string,
  options: Pick<PodValidationOptions, "allowIndivisibleHugePagesValues">,
): FieldError[] => validateRequirements(rr ?? {}, validateContainerResourceName, podClaims, path, options.allowIndivisibleHugePagesValues);

/** Overhead is judged as limits are; RuntimeClass uses the same rule. */
export const validateOverhead = (overhead: Amounts | undefined, path: string, allowIndivisibleHugePages = false): FieldError[] =>
  overhead ? validateRequirements({ limits: { ...overhead } }, validateContainerResourceName, new Set(), path, allowIndivisibleHugePages) : [];

/** `spec.resources`: its own names and amounts, and that the containers fit in. */
export function validatePodResources(spec: PodSpec, podClaims: ReadonlySet<string>, path: string, options: PodValidationOptions): FieldError[] {
  const rr = spec.resources;
  if (!rr) return [];
  if (spec.os?.name === "windows") return [forbidden(path, "may not be set for a windows pod")];
  const out: FieldError[] = rr.claims ? [forbidden(`${path}.claims`, "claims may not be set for Resources at pod-level")] : [];
  out.push(...validateRequirements(rr, validatePodResourceName, podClaims, path, options.allowIndivisibleHugePagesValues));
  for (const [name, sum] of entries(aggregateContainers(spec, "requests"))) {
    const own = amountOf(rr.requests as Amounts, name);
    if (own !== undefined && compareQuantity(sum, own) > 0)
      out.push(
        invalid(
          `${path}.requests[${name}]`,
          canonicalQuantity(own),
          `must be greater than or equal to aggregate container requests of ${canonicalQuantity(sum)}`,
        ),
      );
  }
  for (const [name, sum] of entries(aggregateContainers(spec, "limits"))) {
    const own = amountOf(rr.limits as Amounts, name);
    if (isHugePageName(name) && own !== undefined && compareQuantity(sum, own) > 0)
      out.push(
        invalid(`${path}.limits[${name}]`, canonicalQuantity(own), `must be greater than or equal to aggregate container limits of ${canonicalQuantity(sum)}`),
      );
  }
  for (const [i, c] of (spec.containers ?? []).entries())
    for (const [name, limit] of entries(c.resources?.limits as Amounts)) {
      const own = amountOf(rr.limits as Amounts, name);
      if (own !== undefined && compareQuantity(limit, own) > 0)
        out.push(
          invalid(
            `${path}.containers[${i}][${name}].limits`,
            canonicalQuantity(limit),
            `must be less than or equal to pod limits of ${canonicalQuantity(own)}`,
          ),
        );
    }
  return out;
}

/** A pod's quality-of-service class. Source: pkg/apis/core/helper/qos ComputePodQOS. */
export function podQOS(spec: PodSpec): "BestEffort" | "Burstable" | "Guaranteed" {
  const compute = (list: Amounts | undefined): Record<string, string> =>
    Object.fromEntries(entries(list).filter(([name, quantity]) => ["cpu", "memory"].includes(name) && isPositive(quantity)));
  let requests: Amounts = {};
  let limits: Amounts = {};
  let guaranteed = true;
  if (spec.resources) {
    requests = addLists(requests, compute(spec.resources.requests as Amounts));
    limits = addLists(limits, compute(spec.resources.limits as Amounts));
    if (Object.keys(spec.resources.limits ?? {}).length > 0 && Object.keys(limits).length < 2) guaranteed = false;
  } else
    for (const c of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
      requests = addLists(requests, compute(c.resources?.requests as Amounts));
      const own = compute(c.resources?.limits as Amounts);
      limits = addLists(limits, own);
      if (Object.keys(own).length < 2) guaranteed = false;
    }
  const names = Object.keys(requests);
  if (names.length === 0 && Object.keys(limits).length === 0) return "BestEffort";
  const matched = names.every((name) => limits[name] !== undefined && compareQuantity(limits[name], requests[name] as string) === 0);
  return guaranteed && matched && names.length === Object.keys(limits).length ? "Guaranteed" : "Burstable";
}
