/** Source: pkg/quota/v1/evaluator/core/pods.go. */
import type { KubeObject } from "../../../object.js";
import { addLists, type ResourceList, type SomeList, sortedAmounts } from "../../../resourcelist.js";
import type { Container, PodAffinityTerm, PodSpec, WeightedPodAffinityTerm } from "../../../schema/api/core.v1.js";
import { hasPodLevelResources, podRequirements } from "../../pod/requirements.js";
import { isExtendedResource, isHugePageName, isNativeResource, podQOS } from "../../pod/resources.js";
import { type Evaluator, objectCountName, type Requirement, scopeSelects } from "./evaluator.js";

const COUNT = objectCountName("", "pods");
const COMPUTE = ["cpu", "memory", "ephemeral-storage"];
const RESOURCES = [COUNT, ...COMPUTE, ...COMPUTE.map((name) => `requests.${name}`), ...COMPUTE.map((name) => `limits.${name}`), "pods"];
/** Once a quota has one of these, every container must say it: a mistake, upstream says, that is not repeated for other resources. */
const DEMANDED = ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];
const DEVICE_CLASS = "deviceclass.resource.kubernetes.io/";

/** `requests.` and the name of an extended resource, or of a device class. */
export const isExtendedQuotaName = (name: string): boolean =>
  name.startsWith("requests.") && (!isNativeResource(name) || name.startsWith(`requests.${DEVICE_CLASS}`));

export const isTerminating = (pod: KubeObject): boolean => (pod.spec?.activeDeadlineSeconds ?? -1) >= 0;

/** Whether a pod is charged for more than being there: it has not ended, and is not stuck on its way out. `now` in milliseconds. Source: QuotaV1Pod. */
export function isCharged(pod: KubeObject, now: number): boolean {
  if (pod.status?.phase === "Failed" || pod.status?.phase === "Succeeded") return false;
  const { deletionTimestamp, deletionGracePeriodSeconds: grace } = pod.metadata;
  if (!deletionTimestamp || grace === undefined || grace === null) return true;
  return now <= Date.parse(deletionTimestamp) + grace * 1000;
}

/** What requests and limits come to in a quota's names. */
function computeUsage(requests: SomeList, limits: SomeList): ResourceList {
  const out: Record<string, string> = { pods: "1" };
  for (const [name, amount] of sortedAmounts(requests)) {
    if (COMPUTE.includes(name) || isHugePageName(name)) {
      out[name] = amount;
      out[`requests.${name}`] = amount;
    } else if (isExtendedResource(name) || name.startsWith(DEVICE_CLASS)) out[`requests.${name}`] = amount;
  }
  for (const [name, amount] of sortedAmounts(limits)) if (COMPUTE.includes(name)) out[`limits.${name}`] = amount;
  return out;
}

export function podUsage(pod: KubeObject, now: number): ResourceList {
  if (!isCharged(pod, now)) return { [COUNT]: "1" };
  return addLists({ [COUNT]: "1" }, computeUsage(podRequirements(pod, "requests", true), podRequirements(pod, "limits", true)));
}

function missing(required: readonly string[], pod: KubeObject): string | undefined {
  const spec: PodSpec = pod.spec ?? { containers: [] };
  if (hasPodLevelResources(spec)) return undefined;
  const demanded = required.filter((name) => DEMANDED.includes(name));
  const byResource = new Map<string, Set<string>>();
  for (const c of [...(spec.containers ?? []), ...(spec.initContainers ?? [])] as Container[]) {
    const said = computeUsage(c.resources?.requests, c.resources?.limits);
    for (const name of demanded) if (said[name] === undefined) byResource.set(name, (byResource.get(name) ?? new Set()).add(c.name ?? ""));
  }
  if (byResource.size === 0) return undefined;
  const texts = [...byResource].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, containers]) => `${name} for: ${[...containers].sort().join(",")}`);
  return `must specify ${texts.join("; ")}`;
}

const crosses = (term: PodAffinityTerm | undefined): boolean => (term?.namespaces?.length ?? 0) > 0 || term?.namespaceSelector !== undefined;

function usesOtherNamespaces({ affinity }: PodSpec): boolean {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].some(
    (a) =>
      (a?.requiredDuringSchedulingIgnoredDuringExecution ?? []).some(crosses) ||
      (a?.preferredDuringSchedulingIgnoredDuringExecution ?? []).some((w: WeightedPodAffinityTerm) => crosses(w.podAffinityTerm)),
  );
}

function inScope(scope: Requirement, pod: KubeObject): boolean {
  const spec: PodSpec = pod.spec ?? { containers: [] };
  const bestEffort = (): boolean => (pod.status?.qosClass || podQOS(spec)) === "BestEffort";
  switch (scope.scopeName) {
    case "Terminating":
      return isTerminating(pod);
    case "NotTerminating":
      return !isTerminating(pod);
    case "BestEffort":
      return bestEffort();
    case "NotBestEffort":
      return !bestEffort();
    case "PriorityClass":
      return scopeSelects(scope, spec.priorityClassName || undefined);
    case "CrossNamespacePodAffinity":
      return usesOtherNamespaces(spec);
    default:
      return false;
  }
}

export const podEvaluator: Evaluator = {
  group: "",
  resource: "pods",
  handles: ({ operation, subresource, object, old }) =>
    operation === "CREATE"
      ? subresource === ""
      : subresource === "resize" || (subresource === "" && old !== undefined && isTerminating(old) !== isTerminating(object)),
  matching: (names) =>
    names.filter((name) => RESOURCES.includes(name) || isHugePageName(name) || name.startsWith("requests.hugepages-") || isExtendedQuotaName(name)),
  missing,
  inScope,
  usage: (pod, { now }) => podUsage(pod, now),
};
