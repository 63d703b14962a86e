/** A cluster as the scheduler sees it, told in a few words, and what it decides about a pod there. */
import type { ResourceClaim } from "../../../controllers/runtime/resourceclaims.js";
import type { CSIDriver, CSIStorageCapacity } from "../../../controllers/scheduler/capacity.js";
import type { SchedulerFacts } from "../../../controllers/scheduler/filters.js";
import type { CSINode, VolumeAttachment } from "../../../controllers/scheduler/limits.js";
import { ClusterInfo, podInfo } from "../../../controllers/scheduler/nodeinfo.js";
import { planPod } from "../../../controllers/scheduler/plan.js";
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from "../../../controllers/volume/api.js";
import { claim, node, type pod } from "../volume/support.js";

export const UNRESOLVABLE = "no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.";
export const NO_VICTIMS = "no new claims to deallocate, preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.";

export type Placed = readonly [pod: ReturnType<typeof pod>, node: string];
export interface World {
  nodes?: ReturnType<typeof node>[];
  placed?: Placed[];
  claims?: object[];
  volumes?: object[];
  classes?: object[];
  devices?: object[];
  deviceClasses?: string[];
  drivers?: object[];
  capacities?: object[];
  csiNodes?: object[];
  attachments?: object[];
}

function facts(world: World): SchedulerFacts {
  const cluster = new ClusterInfo();
  for (const n of world.nodes ?? [node("node-0"), node("node-1")]) cluster.setNode(n as unknown as Node);
  const named = <T>(list: object[] = []): Map<string, T> => new Map(list.map((o) => [(o as { metadata: { name: string } }).metadata.name, o as T]));
  for (const [p, where] of world.placed ?? []) cluster.setPod(podInfo({ ...p, metadata: { ...p.metadata, namespace: "default" } } as unknown as Pod), where);
  const [claims, volumes, classes] = [named<PersistentVolumeClaim>(world.claims), named<PersistentVolume>(world.volumes), named<StorageClass>(world.classes)];
  return {
    cluster,
    namespaceLabels: () => ({}),
    devices: { claim: (_, name) => named<ResourceClaim>(world.devices).get(name), hasClass: (name) => world.deviceClasses?.includes(name) ?? false },
    volumes: {
      claim: (_, name) => claims.get(name),
      volume: (name) => volumes.get(name),
      storageClass: (name) => classes.get(name),
      volumesOfClass: (name) => [...volumes.values()].filter((v) => v.spec.storageClassName === name),
      claimInUse: (key) => cluster.claimInUse(key),
      driver: (name) => named<CSIDriver>(world.drivers).get(name),
      capacities: (name) => ((world.capacities ?? []) as CSIStorageCapacity[]).filter((c) => c.storageClassName === name),
      csiNode: (name) => named<CSINode>(world.csiNodes).get(name),
      attachments: (name) => ((world.attachments ?? []) as VolumeAttachment[]).filter((a) => a.spec.nodeName === name),
    },
  };
}
export const plan = (p: ReturnType<typeof pod>, world: World = {}) =>
  planPod(podInfo({ ...p, metadata: { ...p.metadata, namespace: "default", uid: "u" } } as unknown as Pod), facts(world));
export const message = (p: ReturnType<typeof pod>, world: World = {}): string => {
  const result = plan(p, world);
  return "message" in result ? result.message : `on ${result.node.name}`;
};
export const bound = (name: string, to: string, extra: object = {}) => ({
  ...claim(name, "1Gi", { volumeName: to, ...extra }),
  metadata: { name, namespace: "default", annotations: { "pv.kubernetes.io/bind-completed": "yes" } },
  status: { phase: "Bound" },
});
export const only = (host: string) => ({
  nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [host] }] }] } },
});
