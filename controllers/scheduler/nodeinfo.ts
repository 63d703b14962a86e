/**
 * What the scheduler knows of the cluster: per node the pods on it, summed up as they come and go, so that judging a node never scans pods.
 * A pod counts from the moment a node is chosen for it (assumed), before the API knows.
 */
import type { ContainerPort, PodAffinityTerm } from "../../kinds/schema/api/core.v1.js";
import { claimKeysOf, keyOf, type Node, type Pod } from "../volume/api.js";
import { addTo, fromList, noResources, podRequests, type Resources } from "./resources.js";

export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

/** A pod with everything about it that judging needs, worked out once. */
export interface PodInfo {
  readonly pod: Pod;
  readonly key: string;
  readonly requests: Resources;
  readonly nonZero: Resources;
  readonly ports: readonly HostPort[];
  readonly affinity: readonly PodAffinityTerm[];
  readonly antiAffinity: readonly PodAffinityTerm[];
  readonly claims: readonly string[];
  /** Pods of one owner count as one group when they are spread; "" for pods of nobody. */
  readonly owner: string;
}

function hostPorts(pod: Pod): HostPort[] {
  const out: HostPort[] = [];
  const take = (ports: readonly ContainerPort[] | undefined): void => {
    for (const p of ports ?? []) if (p.hostPort) out.push({ ip: p.hostIP || "0.0.0.0", protocol: p.protocol || "TCP", port: p.hostPort });
  };
  for (const container of pod.spec.containers ?? []) take(container.ports);
  for (const container of pod.spec.initContainers ?? []) if (container.restartPolicy === "Always") take(container.ports);
  return out;
}

export function podInfo(pod: Pod): PodInfo {
  const affinity = pod.spec.affinity;
  return {
    pod,
    key: keyOf(pod),
    requests: podRequests(pod.spec),
    nonZero: podRequests(pod.spec, true),
    ports: hostPorts(pod),
    affinity: affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [],
    antiAffinity: affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [],
    claims: claimKeysOf(pod),
    owner: (pod.metadata.ownerReferences ?? []).find((o) => o.controller)?.uid ?? "",
  };
}

export class NodeInfo {
  readonly pods = new Map<string, PodInfo>();
  readonly requested = noResources();
  readonly nonZero = noResources();
  readonly ports: HostPort[] = [];
  /** Pods per owner that are not being deleted. */
  readonly owners = new Map<string, number>();
  allocatable: Resources = noResources();
  maxPods = 0;
  node: Node | undefined;

  constructor(readonly name: string) {}

  get labels(): Readonly<Record<string, string>> {
    return this.node?.metadata.labels ?? {};
  }

  setNode(node: Node | undefined): void {
    this.node = node;
    const list = node?.status?.allocatable;
    this.allocatable = fromList(list);
    this.maxPods = Number(list?.pods ?? 0);
  }

  count(info: PodInfo, sign: 1 | -1): void {
    addTo(this.requested, info.requests, sign);
    addTo(this.nonZero, info.nonZero, sign);
    if (sign === 1) {
      this.pods.set(info.key, info);
      this.ports.push(...info.ports);
    } else {
      this.pods.delete(info.key);
      for (const port of info.ports) {
        const at = this.ports.findIndex((p) => p.ip === port.ip && p.protocol === port.protocol && p.port === port.port);
        if (at >= 0) this.ports.splice(at, 1);
      }
    }
    if (info.owner && !info.pod.metadata.deletionTimestamp) this.owners.set(info.owner, (this.owners.get(info.owner) ?? 0) + sign);
  }
}

export class ClusterInfo {
  private readonly byName = new Map<string, NodeInfo>();
  private listed: NodeInfo[] | undefined;
  /** Where each counted pod is. */
  private readonly places = new Map<string, { node: NodeInfo; info: PodInfo }>();
  private readonly claimUsers = new Map<string, number>();
  /** Pods that keep others away from their node's topology: the only ones a newcomer without affinity must be checked against. */
  readonly repelling = new Map<string, { node: NodeInfo; info: PodInfo }>();

  /** Nodes that exist, in name order. */
  get nodes(): readonly NodeInfo[] {
    this.listed ??= [...this.byName.values()].filter((n) => n.node).sort((a, b) => (a.name < b.name ? -1 : 1));
    return this.listed;
  }

  node(name: string): NodeInfo | undefined {
    const info = this.byName.get(name);
    return info?.node ? info : undefined;
  }

  private ensure(name: string): NodeInfo {
    let info = this.byName.get(name);
    if (!info) {
      info = new NodeInfo(name);
      this.byName.set(name, info);
    }
    return info;
  }

  setNode(node: Node): void {
    const info = this.ensure(node.metadata.name ?? "");
    if (!info.node) this.listed = undefined;
    info.setNode(node);
  }

  /** The node goes; pods that still say they are on it stay counted, as it may come back. */
  removeNode(name: string): void {
    const info = this.byName.get(name);
    if (!info) return;
    info.setNode(undefined);
    this.listed = undefined;
    if (info.pods.size === 0) this.byName.delete(name);
  }

  /** Counts a pod on a node; counted already, it is counted anew. */
  setPod(info: PodInfo, nodeName: string): void {
    this.removePod(info.key);
    const node = this.ensure(nodeName);
    node.count(info, 1);
    const place = { node, info };
    this.places.set(info.key, place);
    if (info.antiAffinity.length) this.repelling.set(info.key, place);
    for (const claim of info.claims) this.claimUsers.set(claim, (this.claimUsers.get(claim) ?? 0) + 1);
  }

  removePod(key: string): void {
    const place = this.places.get(key);
    if (!place) return;
    place.node.count(place.info, -1);
    this.places.delete(key);
    this.repelling.delete(key);
    for (const claim of place.info.claims) {
      const users = (this.claimUsers.get(claim) ?? 0) - 1;
      if (users > 0) this.claimUsers.set(claim, users);
      else this.claimUsers.delete(claim);
    }
    if (!place.node.node && place.node.pods.size === 0) this.byName.delete(place.node.name);
  }

  placeOf(key: string): NodeInfo | undefined {
    return this.places.get(key)?.node;
  }

  /** Whether any pod that has a node uses the claim. */
  claimInUse(key: string): boolean {
    return this.claimUsers.has(key);
  }
}
