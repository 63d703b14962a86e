import { aggregateContainers } from "../../../kinds/core/pod/requirements.js";
import type { KubeObject } from "../../../kinds/object.js";
import { canonicalQuantity, compareQuantity, isZeroQuantity, quantityMilliValue, quantityValue } from "../../../kinds/quantity.js";
import { amountOf, type SomeList, sortedAmounts } from "../../../kinds/resourcelist.js";
import type { Container, LimitRangeItem, PodSpec } from "../../../kinds/schema/api/core.v1.js";
import { forbidden } from "../../errors.js";
import { resourceName } from "../objects.js";
import type { Services } from "../types.js";
import { peekAll } from "./lookup.js";
import type { AdmissionPlugin, Attributes } from "./types.js";

const ANNOTATION = "kubernetes.io/limit-ranger";
/** Amounts up to here are compared in thousandths; above, 64 bits would not hold them. */
const MAX_MILLI = Number((1n << 63n) / 1000n);

/** Source: plugin/pkg/admission/limitranger. */
export const limitRanger: AdmissionPlugin = {
  name: "LimitRanger",
  admit(a, _ctx, services) {
    if (!a.object || !applies(a) || a.kind.resource !== "pods") return;
    for (const range of rangesOf(a, services)) setDefaults(a.object, itemsOf(range));
  },
  validate(a, _ctx, services) {
    if (!a.object || !applies(a)) return;
    const rule = a.kind.resource === "pods" ? judgePod : judgeClaim;
    for (const range of rangesOf(a, services)) {
      const findings = [...new Set(itemsOf(range).flatMap((item) => rule(item, a.object as KubeObject)))];
      if (findings.length === 0) continue;
      const text = findings.length === 1 ? (findings[0] as string) : `[${findings.join(", ")}]`;
      throw forbidden(resourceName(a.kind), a.name || (a.object.metadata.name ?? ""), text);
    }
  },
};

/** Claims whenever they are written; pods when they are made and when they are resized. Nothing that is on its way out. */
function applies({ kind, operation, subresource, old }: Attributes): boolean {
  if (kind.group !== "" || operation === "DELETE" || old?.metadata.deletionTimestamp) return false;
  if (kind.resource === "persistentvolumeclaims") return subresource === "";
  return kind.resource === "pods" && (operation === "CREATE" ? subresource === "" : subresource === "resize");
}

const rangesOf = (a: Attributes, services: Services): KubeObject[] => peekAll(services, "", "v1", "limitranges", a.namespace);
const itemsOf = (range: KubeObject): LimitRangeItem[] => range.spec?.limits ?? [];

/** What containers leave out they get, and the pod says so in an annotation. */
function setDefaults(pod: KubeObject, items: readonly LimitRangeItem[]): void {
  const defaults: Record<"requests" | "limits", Record<string, string>> = { requests: {}, limits: {} };
  for (const item of items) {
    if (item.type !== "Container") continue;
    Object.assign(defaults.requests, item.defaultRequest);
    Object.assign(defaults.limits, item.default);
  }
  const notes: string[] = [];
  const fill = (container: Container, what: string): void => {
    for (const field of ["requests", "limits"] as const) {
      const given = container.resources?.[field] as Record<string, string> | undefined;
      const missing = sortedAmounts(defaults[field]).filter(([name]) => amountOf(given, name) === undefined);
      if (missing.length === 0) continue;
      container.resources = { ...container.resources, [field]: { ...given, ...Object.fromEntries(missing) } };
      notes.push(`${missing.map(([name]) => name).join(", ")} ${field === "requests" ? "request" : "limit"} for ${what} ${container.name}`);
    }
  };
  const spec: PodSpec = pod.spec;
  for (const container of spec.containers ?? []) fill(container, "container");
  for (const container of spec.initContainers ?? []) fill(container, "init container");
  if (notes.length > 0) pod.metadata.annotations = { ...pod.metadata.annotations, [ANNOTATION]: `LimitRanger plugin set: ${notes.join("; ")}` };
}

function judgePod(item: LimitRangeItem, pod: KubeObject): string[] {
  const spec: PodSpec = pod.spec;
  if (item.type === "Container")
    return [...(spec.containers ?? []), ...(spec.initContainers ?? [])].flatMap((c) => judge(item, c.resources?.requests, c.resources?.limits));
  if (item.type !== "Pod") return [];
  return judge(item, totalOf(spec, "requests"), totalOf(spec, "limits"));
}

/** Overhead does not count here, and of what a pod asks for itself only cpu and memory go before its containers'. Source: podRequests, podLimits. */
function totalOf(spec: PodSpec, field: "requests" | "limits"): SomeList {
  const own = Object.entries(spec.resources?.[field] ?? {}).filter(([name]) => name === "cpu" || name === "memory");
  return { ...aggregateContainers(spec, field), ...Object.fromEntries(own) };
}

/** Claims are judged by what they request alone. */
function judgeClaim(item: LimitRangeItem, claim: KubeObject): string[] {
  if (item.type !== "PersistentVolumeClaim") return [];
  const requests: SomeList = claim.spec?.resources?.requests;
  return [
    ...sortedAmounts(item.min).flatMap(([name, bound]) => belowMin(item.type, name, bound, amountOf(requests, name), undefined)),
    ...sortedAmounts(item.max).flatMap(([name, bound]) => aboveMaxRequest(item.type, name, bound, amountOf(requests, name))),
  ];
}

function judge(item: LimitRangeItem, requests: SomeList, limits: SomeList): string[] {
  const each = (list: SomeList, rule: typeof belowMin): string[] =>
    sortedAmounts(list).flatMap(([name, bound]) => rule(item.type, name, bound, canonicalOf(requests, name), canonicalOf(limits, name)));
  return [...each(item.min, belowMin), ...each(item.max, aboveMax), ...each(item.maxLimitRequestRatio, aboveRatio)];
}

function canonicalOf(list: SomeList, name: string): string | undefined {
  const amount = amountOf(list, name);
  return amount === undefined ? undefined : canonicalQuantity(amount);
}

/** A rule about one resource: what is wrong, or nothing. Amounts are texts as Go writes them. */
type Rule = (type: string, name: string, bound: string, request: string | undefined, limit: string | undefined) => string[];

const belowMin: Rule = (type, name, bound, request, limit) => {
  const start = `minimum ${name} usage per ${type} is ${canonicalQuantity(bound)}`;
  if (request === undefined) return [`${start}.  No request is specified`];
  if (compareQuantity(request, bound) < 0) return [`${start}, but request is ${request}`];
  return limit !== undefined && compareQuantity(limit, bound) < 0 ? [`${start}, but limit is ${limit}`] : [];
};

const aboveMax: Rule = (type, name, bound, request, limit) => {
  const start = `maximum ${name} usage per ${type} is ${canonicalQuantity(bound)}`;
  if (limit === undefined) return [`${start}.  No limit is specified`];
  if (compareQuantity(limit, bound) > 0) return [`${start}, but limit is ${limit}`];
  return request !== undefined && compareQuantity(request, bound) > 0 ? [`${start}, but request is ${request}`] : [];
};

function aboveMaxRequest(type: string, name: string, bound: string, request: string | undefined): string[] {
  const start = `maximum ${name} usage per ${type} is ${canonicalQuantity(bound)}`;
  if (request === undefined) return [`${start}.  No request is specified`];
  return compareQuantity(request, bound) > 0 ? [`${start}, but request is ${request}`] : [];
}

const aboveRatio: Rule = (type, name, bound, request, limit) => {
  const start = `${name} max limit to request ratio per ${type} is ${canonicalQuantity(bound)}`;
  if (request === undefined || isZeroQuantity(request)) return [`${start}, but no request is specified or request is 0`];
  if (limit === undefined || isZeroQuantity(limit)) return [`${start}, but no limit is specified or limit is 0`];
  const fine = [request, limit, bound].every((q) => quantityValue(q) <= MAX_MILLI);
  const ratio = fine ? quantityMilliValue(limit) / quantityMilliValue(request) : quantityValue(limit) / quantityValue(request);
  // Compared in thousandths: so rounds upstream.
  const above = quantityValue(bound) <= MAX_MILLI ? ratio * 1000 > quantityMilliValue(bound) : ratio > quantityValue(bound);
  return above ? [`${start}, but provided ratio is ${ratio.toFixed(6)}`] : [];
};
