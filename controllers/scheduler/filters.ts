/**
 * Whether a pod fits a node, and if not, why: the filter plugins of the default profile, in their order; the first that objects speaks for the node.
 * Pure. Source: pkg/scheduler/framework/plugins, apis/config/v1/default_plugins.go.
 */

import { tolerates, untoleratedTaint } from "../runtime/nodes.js";
import { type DeviceClaims, type DeviceFacts, deviceClaims, judgeDevices, missingClass } from "./devices.js";
import { exceedsVolumeLimits } from "./limits.js";
import { matchesNodeAffinity, namedNodes } from "./nodeaffinity.js";
import type { ClusterInfo, HostPort, NodeInfo, PodInfo } from "./nodeinfo.js";
import { type AffinityState, affinityState, judgeAffinity, type NamespaceLabels } from "./podaffinity.js";
import { judgeSpread, type SpreadState, spreadState } from "./spread.js";
import { chooseVolumes, diskConflict, NO_CHOICE, type PodClaims, podClaims, type VolumeChoice, type VolumeFacts, zonesConflict } from "./volumes.js";

/** Names of the plugins that reject; what happens in the cluster is matched with them when a pod is to be tried again. */
export type Plugin =
  | "NodeUnschedulable"
  | "NodeName"
  | "TaintToleration"
  | "NodeAffinity"
  | "NodePorts"
  | "NodeResourcesFit"
  | "VolumeRestrictions"
  | "NodeVolumeLimits"
  | "VolumeBinding"
  /** VolumeBinding too, but before any node is looked at: only the claims themselves can change that. */
  | "Claims"
  | "VolumeZone"
  | "PodTopologySpread"
  | "InterPodAffinity"
  | "DynamicResources";

export interface Rejection {
  readonly plugin: Plugin;
  readonly reasons: readonly string[];
  /** Removing pods from the node would not help. */
  readonly unresolvable: boolean;
}

/** What is worked out once per pod, before any node is looked at. */
export interface CycleState {
  readonly info: PodInfo;
  /** Only these nodes come into question. */
  readonly named: ReadonlySet<string> | undefined;
  readonly claims: PodClaims | undefined;
  readonly spread: SpreadState | undefined;
  readonly affinity: AffinityState | undefined;
  /** The pod's claims on devices; none for most pods. */
  readonly devices: DeviceClaims;
}

export interface SchedulerFacts {
  readonly cluster: ClusterInfo;
  readonly volumes: VolumeFacts;
  readonly namespaceLabels: NamespaceLabels;
  readonly devices: DeviceFacts;
}

/** PreFilter: the state, or why no node of any kind will do. */
export function preFilter(info: PodInfo, facts: SchedulerFacts): CycleState | { readonly plugin: Plugin; readonly reason: string } {
  const { pod } = info;
  const named = namedNodes(pod);
  if (named?.size === 0) return { plugin: "NodeAffinity", reason: "pod affinity terms conflict" };
  let claims: PodClaims | undefined;
  if (info.claims.length) {
    const found = podClaims(pod, facts.volumes);
    if ("reason" in found) return { plugin: found.volume ? "VolumeZone" : "Claims", reason: found.reason };
    claims = found;
  }
  const spread = spreadState(pod, facts.cluster.nodes, "DoNotSchedule");
  const affinity = affinityState(info, facts.cluster, facts.namespaceLabels);
  const devices = pod.spec.resourceClaims ? (deviceClaims(pod, facts.devices) ?? []) : [];
  const lacking = missingClass(devices, facts.devices);
  return lacking ? { plugin: "DynamicResources", reason: lacking } : { info, named, claims, spread, affinity, devices };
}

const UNSCHEDULABLE = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };
const rejection = (plugin: Plugin, reason: string, unresolvable: boolean): Rejection => ({ plugin, reasons: [reason], unresolvable });

const portTaken = (wanted: HostPort, used: readonly HostPort[]): boolean =>
  used.some((p) => p.protocol === wanted.protocol && p.port === wanted.port && (wanted.ip === "0.0.0.0" || p.ip === "0.0.0.0" || p.ip === wanted.ip));

/** NodeResourcesFit: every resource that is short is named. A request larger than the whole node cannot be helped by removing pods. */
export function fitResources(info: PodInfo, node: NodeInfo): Rejection | undefined {
  const reasons: string[] = [];
  let unresolvable = false;
  if (node.pods.size + 1 > node.maxPods) reasons.push("Too many pods");
  const { requests } = info;
  const check = (name: string, wanted: number, used: number, size: number): void => {
    if (wanted <= 0 || wanted <= size - used) return;
    reasons.push(`Insufficient ${name}`);
    if (wanted > size) unresolvable = true;
  };
  check("cpu", requests.cpu, node.requested.cpu, node.allocatable.cpu);
  check("memory", requests.memory, node.requested.memory, node.allocatable.memory);
  check("ephemeral-storage", requests.ephemeral, node.requested.ephemeral, node.allocatable.ephemeral);
  for (const [name, wanted] of requests.scalars) check(name, wanted, node.requested.scalars.get(name) ?? 0, node.allocatable.scalars.get(name) ?? 0);
  return reasons.length ? { plugin: "NodeResourcesFit", reasons, unresolvable } : undefined;
}

/** Filter: what the node means for the pod's claims when it fits, or the first objection. */
export function filterNode(state: CycleState, node: NodeInfo, facts: SchedulerFacts): { readonly choice: VolumeChoice } | Rejection {
  const { info, claims } = state;
  const { pod } = info;
  const spec = node.node?.spec;
  if (spec?.unschedulable && !(pod.spec.tolerations ?? []).some((t) => tolerates(t, UNSCHEDULABLE)))
    return rejection("NodeUnschedulable", "node(s) were unschedulable", true);
  if (pod.spec.nodeName && pod.spec.nodeName !== node.name) return rejection("NodeName", "node(s) didn't match the requested node name", true);
  if (untoleratedTaint(pod.spec.tolerations, spec?.taints, ["NoSchedule", "NoExecute"]))
    return rejection("TaintToleration", "node(s) had untolerated taint(s)", true);
  if (!matchesNodeAffinity(pod, node)) return rejection("NodeAffinity", "node(s) didn't match Pod's node affinity/selector", true);
  if (info.ports.some((port) => portTaken(port, node.ports)))
    return rejection("NodePorts", "node(s) didn't have free ports for the requested pod ports", false);
  const short = fitResources(info, node);
  if (short) return short;
  if (diskConflict(pod, node)) return rejection("VolumeRestrictions", "node(s) had no available disk", false);
  if (claims?.conflicts)
    return rejection(
      "VolumeRestrictions",
      "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod",
      false,
    );
  if (exceedsVolumeLimits(pod, node, facts.volumes)) return rejection("NodeVolumeLimits", "node(s) exceed max volume count", false);
  let choice = NO_CHOICE;
  if (claims) {
    const chosen = chooseVolumes(claims, node, facts.volumes);
    if ("reasons" in chosen) return { plugin: "VolumeBinding", reasons: chosen.reasons, unresolvable: true };
    choice = chosen;
    if (zonesConflict(claims, node, facts.volumes)) return rejection("VolumeZone", "node(s) had no available volume zone", true);
  }
  if (state.spread) {
    const verdict = judgeSpread(state.spread, pod, node);
    if (verdict === "no-label") return rejection("PodTopologySpread", "node(s) didn't match pod topology spread constraints (missing required label)", true);
    if (verdict === "skew") return rejection("PodTopologySpread", "node(s) didn't match pod topology spread constraints", false);
  }
  if (state.affinity) {
    const verdict = judgeAffinity(state.affinity, node);
    if (verdict === "affinity") return rejection("InterPodAffinity", "node(s) didn't match pod affinity rules", true);
    if (verdict === "anti-affinity") return rejection("InterPodAffinity", "node(s) didn't match pod anti-affinity rules", false);
    if (verdict === "existing") return rejection("InterPodAffinity", "node(s) didn't satisfy existing pods anti-affinity rules", false);
  }
  const noDevices = state.devices.length > 0 && judgeDevices(state.devices, node);
  return noDevices ? rejection("DynamicResources", noDevices, true) : { choice };
}
