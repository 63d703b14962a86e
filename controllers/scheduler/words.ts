/** Why a pod has no node, as statements. Pure. */
import type { Named, Statement } from "../runtime/journal.js";
import type { Pod } from "../volume/api.js";
import type { Plugin } from "./filters.js";

/** What would change a plugin's mind. */
const UNBLOCKS: Readonly<Partial<Record<Plugin, string>>> = {
  NodeUnschedulable: "a node is uncordoned",
  NodeName: "the node of that name is there",
  TaintToleration: "a taint goes, or the pod tolerates it",
  NodeAffinity: "a node has the labels that the pod asks for",
  NodePorts: "the port is free on a node",
  NodeResourcesFit: "pods leave a node, or a node with room is added",
  VolumeRestrictions: "the pods that hold its volumes are gone",
  VolumeBinding: "its claims can be bound on a node",
  Claims: "its claims are bound",
  VolumeZone: "a node in the zone of its volumes fits",
  PodTopologySpread: "a node keeps the spread",
  InterPodAffinity: "the pods it wants beside it are there, or those it avoids are gone",
  DynamicResources: "its claims on devices can be allocated",
};

const STATE = "is not scheduled";
const refOf = (pod: Pod): Named => ({ kind: "Pod", namespace: pod.metadata.namespace, name: pod.metadata.name ?? "" });
const claimRefs = (keys: readonly string[]): Named[] =>
  keys.map((key) => ({ kind: "PersistentVolumeClaim", namespace: key.slice(0, key.indexOf("/")), name: key.slice(key.indexOf("/") + 1) }));

/** No node would take it. `claims` are the keys of the pod's claims. */
export function unschedulable(pod: Pod, because: string, plugins: ReadonlySet<Plugin>, claims: readonly string[]): Statement {
  const ways = [...plugins].flatMap((plugin) => UNBLOCKS[plugin] ?? []);
  return {
    about: refOf(pod),
    state: STATE,
    because,
    // what is looked at before any node is a part of VolumeBinding too
    ...(plugins.size > 0 ? { rule: [...plugins].map((plugin) => (plugin === "Claims" ? "VolumeBinding" : plugin)).join(", ") } : {}),
    ...(plugins.has("Claims") || plugins.has("VolumeBinding") || plugins.has("VolumeRestrictions") ? { waitsFor: claimRefs(claims) } : {}),
    unblocks: ways.length > 0 ? ways.join(", or ") : "there are nodes",
  };
}

/** A node is chosen; the pod is bound to it once its claims are. */
export function waitsForClaims(pod: Pod, node: string, claims: readonly string[]): Statement {
  const names = claims.map((key) => key.slice(key.indexOf("/") + 1)).join(", ");
  return {
    about: refOf(pod),
    state: STATE,
    because: `${node} is chosen, and its claims are not bound yet: ${names}`,
    rule: "VolumeBinding",
    waitsFor: claimRefs(claims),
    unblocks: "they are bound",
  };
}

/** It was to be bound and could not. */
export const refused = (pod: Pod, error: string): Statement => ({ about: refOf(pod), state: STATE, because: error, unblocks: "the next try succeeds" });

/** What the scheduler does not even look at. `ours`: the name it answers to; `waitsForDevices`: claims on devices are not made yet. */
export function unlooked(pod: Pod, ours: string, waitsForDevices: boolean): Statement[] {
  if (pod.spec.nodeName || pod.metadata.deletionTimestamp) return [];
  const held = (because: string, rule: string, unblocks: string): Statement[] => [{ about: refOf(pod), state: STATE, because, rule, unblocks }];
  const wanted = pod.spec.schedulerName ?? ours;
  if (wanted !== ours) return held(`no scheduler ${wanted} runs here`, "schedulerName", "somebody binds it to a node");
  const gates = (pod.spec.schedulingGates ?? []).map((gate) => gate.name);
  if (gates.length > 0) return held(`it has scheduling gates: ${gates.join(", ")}`, "schedulingGates", "they are taken out of its spec");
  return waitsForDevices ? held("its claims on devices are not there yet", "DynamicResources", "they are created") : [];
}
