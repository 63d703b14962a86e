/** What both endpoint controllers ask of pods and services. Sources: k8s.io/endpointslice util/controller_utils.go, utils.go, util/trigger_time_tracker.go. */
import type { KubeObject } from "../../../kinds/object.js";
import { parseTime, timestamp } from "../time.js";

export interface ServicePort {
  readonly name?: string;
  readonly protocol?: string;
  readonly port: number;
  readonly targetPort?: number | string;
  readonly appProtocol?: string;
}

export const IS_HEADLESS = "service.kubernetes.io/headless";
/** How long the endpoints of a service may lag behind pods that keep coming, in real milliseconds: far below what a kubelet takes for one pod. */
export const ENDPOINTS_PATIENCE_MS = 50;
/** Below so many endpoints every pod is told of at once, as upstream does: summing up pays for large services only. */
export const ENDPOINTS_WORTH_WAITING = 16;
export const LAST_CHANGE = "endpoints.kubernetes.io/last-change-trigger-time";

const terminal = (pod: KubeObject): boolean => pod.status?.phase === "Failed" || pod.status?.phase === "Succeeded";
const readyCondition = (pod: KubeObject): { status: string; lastTransitionTime?: string } | undefined =>
  (pod.status?.conditions ?? []).find((c: { type: string }) => c.type === "Ready");

export const isReady = (pod: KubeObject): boolean => readyCondition(pod)?.status === "True";
export const podIPs = (pod: KubeObject): string[] => (pod.status?.podIPs ?? []).map((p: { ip: string }) => p.ip);

/** ShouldPodBeInEndpoints. */
export const belongsInEndpoints = (pod: KubeObject, terminatingToo: boolean): boolean =>
  !terminal(pod) && Boolean(pod.status?.podIP || pod.status?.podIPs?.length) && (terminatingToo || !pod.metadata.deletionTimestamp);

/** The hostname a pod has under the service's name, if it has one (ShouldSetHostname). */
export const hostnameIn = (pod: KubeObject, service: KubeObject): string | undefined =>
  pod.spec?.hostname && pod.spec.subdomain === service.metadata.name && pod.metadata.namespace === service.metadata.namespace ? pod.spec.hostname : undefined;

/** The port of the pod a service's port leads to; undefined when a named one is not there (FindPort). */
export function findPort(pod: KubeObject, port: ServicePort): number | undefined {
  const target = port.targetPort ?? port.port;
  if (typeof target === "number") return target;
  const containers = [
    ...(pod.spec?.containers ?? []),
    ...(pod.spec?.initContainers ?? []).filter((c: { restartPolicy?: string }) => c.restartPolicy === "Always"),
  ];
  for (const c of containers as { ports?: { name?: string; protocol?: string; containerPort: number }[] }[]) {
    const found = c.ports?.find((p) => p.name === target && (p.protocol ?? "TCP") === (port.protocol ?? "TCP"));
    if (found) return found.containerPort;
  }
  return undefined;
}

export const isHeadless = (service: KubeObject): boolean => !service.spec?.clusterIP || service.spec.clusterIP === "None";

/** Whether the controllers look after the service's endpoints at all. An empty selector is as good as none: it is lost on its way through protobuf. */
export const hasEndpoints = (service: KubeObject): boolean => service.spec?.type !== "ExternalName" && Object.keys(service.spec?.selector ?? {}).length > 0;

export function selects(selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>> | undefined): boolean {
  for (const key in selector) if (labels?.[key] !== selector[key]) return false;
  return true;
}

/** Whether an update of a pod can matter to endpoints (podEndpointsChanged). */
export function podMatters(pod: KubeObject, old: KubeObject): boolean {
  if (pod.metadata.deletionTimestamp !== old.metadata.deletionTimestamp || isReady(pod) !== isReady(old) || terminal(pod) !== terminal(old)) return true;
  if (pod.spec?.hostname !== old.spec?.hostname || pod.spec?.subdomain !== old.spec?.subdomain) return true;
  if (podIPs(pod).join() !== podIPs(old).join()) return true;
  return labelsMoved(pod, old);
}

export function labelsMoved(a: KubeObject, b: KubeObject): boolean {
  const [x, y] = [a.metadata.labels ?? {}, b.metadata.labels ?? {}];
  const keys = Object.keys(x);
  return keys.length !== Object.keys(y).length || keys.some((k) => x[k] !== y[k]);
}

/** Which services of a namespace select a pod, kept by the services' own events so that a pod's event costs no listing. */
export class Selectors {
  private readonly byNamespace = new Map<string, Map<string, Readonly<Record<string, string>>>>();

  put(service: KubeObject): void {
    const namespace = service.metadata.namespace ?? "";
    let of = this.byNamespace.get(namespace);
    if (!hasEndpoints(service)) {
      of?.delete(service.metadata.name ?? "");
      return;
    }
    if (!of) {
      of = new Map();
      this.byNamespace.set(namespace, of);
    }
    of.set(service.metadata.name ?? "", service.spec.selector);
  }

  drop(service: KubeObject): void {
    const namespace = service.metadata.namespace ?? "";
    const of = this.byNamespace.get(namespace);
    of?.delete(service.metadata.name ?? "");
    if (of?.size === 0) this.byNamespace.delete(namespace);
  }

  /** Keys of the services that select the pod. */
  servicesOf(pod: KubeObject): string[] {
    const keys: string[] = [];
    for (const [name, selector] of this.byNamespace.get(pod.metadata.namespace ?? "") ?? []) {
      if (selects(selector, pod.metadata.labels)) keys.push(`${pod.metadata.namespace}/${name}`);
    }
    return keys;
  }
}

/** Remembers per service what was seen last, to say what set a change off: the least of the times that moved, RFC 3339, or undefined. */
export class TriggerTimes {
  private readonly seen = new Map<string, { service: number; pods: Map<string, number> }>();

  next(key: string, service: KubeObject, pods: readonly KubeObject[]): string | undefined {
    const last = this.seen.get(key);
    const created = parseTime(service.metadata.creationTimestamp) ?? 0;
    const now = { service: created, pods: new Map<string, number>() };
    let least: number | undefined;
    for (const pod of pods) {
      const at = parseTime(readyCondition(pod)?.lastTransitionTime);
      if (at === undefined) continue;
      now.pods.set(pod.metadata.name ?? "", at);
      if (at > (last?.pods.get(pod.metadata.name ?? "") ?? Number.NEGATIVE_INFINITY)) least = Math.min(least ?? at, at);
    }
    if (created > (last?.service ?? Number.NEGATIVE_INFINITY)) least = Math.min(least ?? created, created);
    this.seen.set(key, now);
    if (!last) return created ? timestamp(created) : undefined;
    return least === undefined ? undefined : timestamp(least);
  }

  forget(key: string): void {
    this.seen.delete(key);
  }
}
