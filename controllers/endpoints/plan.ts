import type { KubeObject } from "../../kinds/object.js";
import type { Subset, SubsetAddress, SubsetPort } from "../runtime/endpoints/hash.js";
import {
  belongsInEndpoints,
  findPort,
  hostnameIn,
  IS_HEADLESS,
  isHeadless,
  isReady,
  LAST_CHANGE,
  podIPs,
  type ServicePort,
} from "../runtime/endpoints/pods.js";
import { repackSubsets } from "../runtime/endpoints/repack.js";

const MANAGED_BY = "endpoints.kubernetes.io/managed-by";
const CONTROLLER_NAME = "endpoint-controller";
const OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity";
/** Most addresses one Endpoints object may hold. */
export const MAX_ADDRESSES = 1000;

function addressOf(service: KubeObject, pod: KubeObject): SubsetAddress | undefined {
  const family: string = service.spec?.ipFamilies?.[0] ?? (String(service.spec?.clusterIP ?? "").includes(":") ? "IPv6" : "IPv4");
  const ip = podIPs(pod).find((a) => a.includes(":") === (family === "IPv6"));
  if (!ip) return undefined;
  const hostname = hostnameIn(pod, service);
  const { namespace, name, uid } = pod.metadata;
  return { ip, ...(hostname ? { hostname } : {}), nodeName: pod.spec?.nodeName ?? "", targetRef: { kind: "Pod", namespace, name, uid } };
}

/** The subsets that the service's pods make up. Source: pkg/controller/endpoint syncService. */
export function subsetsFor(service: KubeObject, pods: readonly KubeObject[]): Subset[] {
  const tolerant = service.spec?.publishNotReadyAddresses === true;
  const subsets: Subset[] = [];
  for (const pod of pods) {
    if (!belongsInEndpoints(pod, tolerant)) continue;
    const address = addressOf(service, pod);
    if (!address) continue;
    const add = (ports: SubsetPort[]): void => {
      subsets.push(tolerant || isReady(pod) ? { addresses: [address], ports } : { notReadyAddresses: [address], ports });
    };
    const ports = (service.spec?.ports ?? []) as ServicePort[];
    if (ports.length === 0) {
      // Only a headless service may do without ports.
      if (service.spec?.clusterIP === "None") add([]);
      continue;
    }
    for (const p of ports) {
      const port = findPort(pod, p);
      if (port === undefined) continue;
      add([
        { ...(p.name ? { name: p.name } : {}), port, protocol: p.protocol ?? "TCP", ...(p.appProtocol !== undefined ? { appProtocol: p.appProtocol } : {}) },
      ]);
    }
  }
  return repackSubsets(subsets);
}

const count = (subsets: readonly Subset[], of: "addresses" | "notReadyAddresses"): number => subsets.reduce((n, s) => n + (s[of]?.length ?? 0), 0);

/** Cuts subsets down to the capacity, ready addresses first, in proportion (truncateEndpoints). Returns the same list when it fits. */
export function truncate(subsets: readonly Subset[], max = MAX_ADDRESSES): readonly Subset[] {
  const ready = count(subsets, "addresses");
  const notReady = count(subsets, "notReadyAddresses");
  if (ready + notReady <= max) return subsets;
  const cutReady = ready > max;
  const field = cutReady ? "addresses" : "notReadyAddresses";
  const room = cutReady ? max : max - ready;
  let left = room;
  return subsets.map((s) => {
    const share = Math.min(Math.ceil(((s[field]?.length ?? 0) / (cutReady ? ready : notReady)) * room), left);
    const kept = (s[field] ?? []).slice(0, share);
    left -= kept.length;
    const { addresses, notReadyAddresses: _, ...rest } = s;
    const first = cutReady ? kept : (addresses ?? []);
    const second = cutReady ? [] : kept;
    return { ...(first.length > 0 ? { addresses: first } : {}), ...(second.length > 0 ? { notReadyAddresses: second } : {}), ...rest };
  });
}

function labelsAreCorrect(labels: Readonly<Record<string, string>>, service: Readonly<Record<string, string>>): boolean {
  if (labels[MANAGED_BY] !== CONTROLLER_NAME) return false;
  const own = Object.keys(labels).filter((k) => k !== IS_HEADLESS && k !== MANAGED_BY);
  return own.length === Object.keys(service).length && own.every((k) => labels[k] === service[k]);
}

/** Subsets as text for comparing; a target's resourceVersion does not count. */
const said = (subsets: readonly Subset[]): string => {
  const address = (a: SubsetAddress): unknown => {
    const r = a.targetRef;
    return [
      a.ip,
      a.hostname ?? "",
      a.nodeName ?? null,
      r ? [r.kind ?? "", r.namespace ?? "", r.name ?? "", r.uid ?? "", r.fieldPath ?? "", r.apiVersion ?? ""] : null,
    ];
  };
  const port = (p: SubsetPort): unknown => [p.name ?? "", p.port, p.protocol ?? "", p.appProtocol ?? null];
  return JSON.stringify(subsets.map((s) => [(s.addresses ?? []).map(address), (s.notReadyAddresses ?? []).map(address), (s.ports ?? []).map(port)]));
};

/**
 * The Endpoints object as it should be, or undefined when `current` will do. `time` is the trigger time, RFC 3339. Source: syncService.
 */
export function planEndpoints(
  service: KubeObject,
  pods: readonly KubeObject[],
  current: KubeObject | undefined,
  time: string | undefined,
): KubeObject | undefined {
  const subsets = subsetsFor(service, pods);
  const own = service.metadata.labels ?? {};
  const total = current ? count(current.subsets ?? [], "addresses") + count(current.subsets ?? [], "notReadyAddresses") : 0;
  if (
    current &&
    (said(current.subsets ?? []) === said(subsets) || said(repackSubsets(current.subsets ?? [])) === said(subsets)) &&
    labelsAreCorrect(current.metadata.labels ?? {}, own) &&
    total <= MAX_ADDRESSES &&
    current.metadata.annotations?.[OVER_CAPACITY] === undefined
  ) {
    return undefined;
  }
  const fitting = truncate(subsets);
  const { [LAST_CHANGE]: _, [OVER_CAPACITY]: __, ...rest } = current?.metadata.annotations ?? {};
  const annotations = { ...rest, ...(fitting === subsets ? {} : { [OVER_CAPACITY]: "truncated" }), ...(time ? { [LAST_CHANGE]: time } : {}) };
  const { [IS_HEADLESS]: ___, ...labels } = own;
  const { annotations: ____, ...metadata } = current?.metadata ?? { name: service.metadata.name, namespace: service.metadata.namespace };
  return {
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: {
      ...metadata,
      labels: { ...labels, ...(isHeadless(service) ? { [IS_HEADLESS]: "" } : {}), [MANAGED_BY]: CONTROLLER_NAME },
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    },
    ...(fitting.length > 0 ? { subsets: fitting } : {}),
  };
}
