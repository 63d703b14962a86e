/** Source: pkg/quota/v1/evaluator/core/resource_claims.go; the mapping of names is dynamic-resource-allocation/deviceclass/extendedresourcecache's. */
import type { KubeObject } from "../../../object.js";
import { addQuantity, compareQuantity, formatQuantity, signQuantity, subQuantity } from "../../../quantity.js";
import type { ResourceList } from "../../../resourcelist.js";
import type { DeviceRequest, DeviceSubRequest, ExactDeviceRequest } from "../../../schema/api/resource.v1.js";
import { type Evaluator, objectCountName, type QuotaFacts } from "./evaluator.js";
import { isExtendedQuotaName, podUsage } from "./pods.js";

const GROUP = "resource.k8s.io";
const COUNT = objectCountName(GROUP, "resourceclaims");
/** What follows a device class's name: `gpu.deviceclass.resource.k8s.io/devices`. */
const DEVICES = ".deviceclass.resource.k8s.io/devices";
/** What stands before it where pods ask for it as an extended resource. */
const IMPLICIT = "requests.deviceclass.resource.kubernetes.io/";
const EXTENDED_CLAIM = "resource.kubernetes.io/extended-resource-claim";
/** Most devices that a claim can be given (AllocationResultsMaxSize): what "all of them" may come to. */
const MOST_DEVICES = 32;

const created = (o: KubeObject): number => Date.parse(o.metadata.creationTimestamp ?? "") || 0;

/** The extended resource that a class stands for; "" for none. */
const extendedResourceOf = (facts: QuotaFacts, className: string): string =>
  facts.deviceClasses().find((c) => c.metadata.name === className)?.spec?.extendedResourceName ?? "";

/** Whether some class stands for a resource, by its own name or by the implicit one. */
const isDeviceResource = (facts: QuotaFacts, resource: string): boolean =>
  facts.deviceClasses().some((c) => c.spec?.extendedResourceName === resource || `requests.${resource}` === IMPLICIT + c.metadata.name);

const devicesOf = ({ allocationMode, count }: Partial<ExactDeviceRequest & DeviceSubRequest>): number =>
  allocationMode === "ExactCount" ? (count ?? 0) : allocationMode === "All" ? MOST_DEVICES : 0;

/** Devices by class; of alternatives, for each class the most that any of them takes. */
function devicesByClass({ exactly, firstAvailable }: DeviceRequest): Map<string, number> {
  const out = new Map<string, number>();
  if (firstAvailable?.length) {
    for (const sub of firstAvailable) {
      const n = devicesOf(sub);
      if (n > (out.get(sub.deviceClassName ?? "") ?? 0)) out.set(sub.deviceClassName ?? "", n);
    }
  } else if (exactly) out.set(exactly.deviceClassName ?? "", devicesOf(exactly));
  return out;
}

/** The pod that an extended resource's claim was made for is charged for the same devices already: what it pays, if it is really the one. */
function paidByPod(claim: KubeObject, facts: QuotaFacts): ResourceList {
  const { annotations, ownerReferences, namespace = "", name } = claim.metadata;
  const owner = ownerReferences?.find((ref) => ref.controller);
  if (annotations?.[EXTENDED_CLAIM] !== "true" || owner?.kind !== "Pod" || owner.apiVersion !== "v1") return {};
  const pod = facts.pod(namespace, owner.name);
  if (pod?.metadata.uid !== owner.uid) return {};
  const said: string | undefined = pod.status?.extendedResourceClaimStatus?.resourceClaimName;
  if (said !== undefined) return said === name ? podUsage(pod, facts.now) : {};
  // The pod does not say yet: the oldest claim of its own is the one.
  const rivals = facts
    .resourceClaims(namespace)
    .filter((c) => c.metadata.annotations?.[EXTENDED_CLAIM] === "true" && c.metadata.ownerReferences?.some((ref) => ref.controller && ref.uid === owner.uid));
  const earlier = (c: KubeObject): boolean => created(c) < created(claim) || (created(c) === created(claim) && (c.metadata.name ?? "") < (name ?? ""));
  return rivals.some(earlier) ? {} : podUsage(pod, facts.now);
}

function usage(claim: KubeObject, facts: QuotaFacts): ResourceList {
  const out: Record<string, string> = { [COUNT]: "1" };
  for (const request of (claim.spec?.devices?.requests ?? []) as DeviceRequest[])
    for (const [className, n] of devicesByClass(request)) out[className + DEVICES] = formatQuantity(addQuantity(out[className + DEVICES] ?? "0", n));
  const paid = paidByPod(claim, facts);
  for (const [name, amount] of Object.entries(out)) {
    const className = name.endsWith(DEVICES) ? name.slice(0, -DEVICES.length) : "";
    if (!className) continue;
    const extended = extendedResourceOf(facts, className);
    for (const alias of [IMPLICIT + className, ...(extended ? [`requests.${extended}`] : [])]) {
      const rest = paid[alias] === undefined ? amount : formatQuantity(subQuantity(amount, paid[alias]));
      if (signQuantity(rest) > 0) out[alias] = out[alias] !== undefined && compareQuantity(out[alias], rest) > 0 ? out[alias] : rest;
    }
  }
  return out;
}

export const resourceClaimEvaluator: Evaluator = {
  group: GROUP,
  resource: "resourceclaims",
  handles: ({ subresource }) => subresource === "",
  matching: (names, facts) =>
    names.filter(
      (name) =>
        name === COUNT ||
        name.endsWith(DEVICES) ||
        (name.startsWith(IMPLICIT) && extendedResourceOf(facts, name.slice(IMPLICIT.length)) !== "") ||
        (isExtendedQuotaName(name) && isDeviceResource(facts, name.slice("requests.".length))),
    ),
  usage,
};
