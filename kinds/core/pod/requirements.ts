/** What a pod needs as a whole. Source: component-helpers/resource PodRequests, PodLimits and what they call. */
import type { KubeObject } from "../../object.js";
import { isZeroQuantity } from "../../quantity.js";
import { addLists, maxLists, type ResourceList, type SomeList } from "../../resourcelist.js";
import type { Container, ContainerStatus, PodSpec, PodStatus } from "../../schema/api/core.v1.js";
import { isSidecar } from "./visit.js";

export type Requirement = "requests" | "limits";

const isPodLevelResource = (name: string): boolean => name === "cpu" || name === "memory" || name.startsWith("hugepages-");

/** Whether the pod itself, not only its containers, asks for something that a pod can ask for. Source: IsPodLevelResourcesSet. */
export const hasPodLevelResources = (spec: PodSpec): boolean =>
  [spec.resources?.requests, spec.resources?.limits].some((list) => Object.keys(list ?? {}).some(isPodLevelResource));

/**
 * What a pod's containers need together: regular containers and sidecars at once, and no less than the hungriest init container beside the sidecars
 * started before it. Source: AggregateContainerRequests, AggregateContainerLimits.
 */
export function aggregateContainers(spec: PodSpec, field: Requirement, of: (c: Container) => SomeList = (c) => c.resources?.[field]): ResourceList {
  let total: ResourceList = {};
  for (const c of spec.containers ?? []) total = addLists(total, of(c));
  let sidecars: ResourceList = {};
  let init: ResourceList = {};
  for (const c of spec.initContainers ?? []) {
    if (isSidecar(c)) {
      total = addLists(total, of(c));
      sidecars = addLists(sidecars, of(c));
      init = maxLists(init, sidecars);
    } else init = maxLists(init, addLists(of(c), sidecars));
  }
  return maxLists(total, init);
}

/**
 * While a container is resized in place it counts with the most of what it asks for, what it was promised and what it has.
 * Source: determineEffectiveRequests, determineEffectiveLimits.
 */
function inFlight(status: PodStatus | undefined, field: Requirement): (c: Container) => SomeList {
  const reported = new Map<string, ContainerStatus>();
  for (const s of status?.containerStatuses ?? []) reported.set(s.name ?? "", s);
  for (const s of status?.initContainerStatuses ?? []) reported.set(s.name ?? "", s);
  const infeasible = status?.conditions?.find((c) => c.type === "PodResizePending")?.reason === "Infeasible";
  return (c) => {
    const wanted = c.resources?.[field];
    const now = reported.get(c.name ?? "");
    if (!now?.resources) return wanted;
    const actual = now.resources[field];
    if (field === "limits") return infeasible ? actual : maxLists(wanted, actual);
    const held = maxLists(actual, now.allocatedResources);
    return infeasible ? held : maxLists(wanted, held);
  };
}

/** Init containers that end are never resized: only what stays counts with what it has. */
const onlyLasting =
  (spec: PodSpec, field: Requirement, of: (c: Container) => SomeList): ((c: Container) => SomeList) =>
  (c) =>
    (spec.initContainers ?? []).includes(c) && !isSidecar(c) ? c.resources?.[field] : of(c);

/** The pod's requests or limits: its own go before its containers', overhead comes on top. `useStatus` takes resizes that are under way into account. */
export function podRequirements(pod: KubeObject, field: Requirement, useStatus = false): ResourceList {
  const spec: PodSpec = pod.spec ?? { containers: [] };
  const of = useStatus ? onlyLasting(spec, field, inFlight(pod.status, field)) : undefined;
  let total: Record<string, string> = { ...aggregateContainers(spec, field, of) };
  const own = spec.resources?.[field] ?? {};
  for (const [name, amount] of Object.entries(own)) if (isPodLevelResource(name)) total[name] = String(amount);
  // Overhead adds to limits that there are; to requests in any case.
  const overhead = Object.entries(spec.overhead ?? {}).filter(([name]) => field === "requests" || (total[name] !== undefined && !isZeroQuantity(total[name])));
  if (overhead.length > 0) total = { ...addLists(total, Object.fromEntries(overhead)) };
  return total;
}
