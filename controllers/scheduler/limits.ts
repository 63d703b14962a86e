/** How many volumes of a driver a node takes. Pure. Source: pkg/scheduler/framework/plugins/nodevolumelimits/csi.go. */
import type * as core from "../../kinds/schema/api/core.v1.js";
import type * as storage from "../../kinds/schema/api/storage.v1.js";
import type { As } from "../runtime/api.js";
import { claimClass, claimIsForPod, claimNameOf, migratedDriver, type PersistentVolumeClaim, type Pod } from "../volume/api.js";
import type { NodeInfo } from "./nodeinfo.js";
import type { VolumeFacts } from "./volumes.js";

export type CSINode = As<storage.CSINode>;
export type VolumeAttachment = As<storage.VolumeAttachment>;

/** What nodes tell of their drivers, and what is attached to them. */
export interface LimitFacts {
  csiNode(node: string): CSINode | undefined;
  attachments(node: string): readonly VolumeAttachment[];
}

/** Volumes by a name that is the same for the same volume, with their drivers. */
type Counted = Map<string, string>;

/** In-tree plugins whose volumes count as their CSI driver's. Source: utils.go isCSIMigrationOn; the others that have migrated are not in its list. */
const COUNTED_PLUGINS: ReadonlySet<string> = new Set([
  "kubernetes.io/aws-ebs",
  "kubernetes.io/gce-pd",
  "kubernetes.io/azure-disk",
  "kubernetes.io/cinder",
  "kubernetes.io/portworx-volume",
]);

/** The in-tree plugin of a source, and what tells its volumes apart; azure-file and vsphere never count. */
function inTreeVolume(source: core.PersistentVolumeSpec | core.Volume): readonly [plugin: string, id: string] | undefined {
  // An EBS volume may be named with its zone, `aws://zone/id`.
  if (source.awsElasticBlockStore) return ["kubernetes.io/aws-ebs", source.awsElasticBlockStore.volumeID.replace(/^aws:\/\/.*\//, "")];
  if (source.gcePersistentDisk) return ["kubernetes.io/gce-pd", source.gcePersistentDisk.pdName];
  if (source.azureDisk) return ["kubernetes.io/azure-disk", source.azureDisk.diskURI];
  if (source.cinder) return ["kubernetes.io/cinder", source.cinder.volumeID];
  if (source.portworxVolume) return ["kubernetes.io/portworx-volume", source.portworxVolume.volumeID];
  return undefined;
}

const handleName = (driver: string, handle: string): string => `${driver}/${handle}`;

/** Nothing in-tree counts on a node that has told nothing of its drivers. */
function countInTree(source: core.PersistentVolumeSpec | core.Volume, csiNode: CSINode | undefined, into: Counted): void {
  const found = csiNode && inTreeVolume(source);
  const driver = found && migratedDriver(found[0]);
  if (found && driver) into.set(handleName(driver, found[1]), driver);
}

function countClaim(claim: PersistentVolumeClaim, csiNode: CSINode | undefined, facts: VolumeFacts, into: Counted): void {
  const volume = claim.spec.volumeName ? facts.volume(claim.spec.volumeName) : undefined;
  if (volume?.spec.csi) into.set(handleName(volume.spec.csi.driver, volume.spec.csi.volumeHandle), volume.spec.csi.driver);
  else if (volume) countInTree(volume.spec, csiNode, into);
  else {
    // Not made yet, or gone: it will be its class's, and until then every claim is a volume of its own.
    const provisioner = facts.storageClass(claimClass(claim))?.provisioner;
    if (!provisioner) return;
    const migrated = migratedDriver(provisioner);
    if (migrated && !(csiNode && COUNTED_PLUGINS.has(provisioner))) return;
    const driver = migrated ?? provisioner;
    into.set(`claim ${claim.metadata.namespace}/${claim.metadata.name}`, driver);
  }
}

/** The volumes of a pod that attach to nodes. What does not exist, or is another pod's, is not counted: others reject pods for that. */
function countPod(pod: Pod, csiNode: CSINode | undefined, facts: VolumeFacts, into: Counted): void {
  for (const volume of pod.spec.volumes ?? []) {
    const name = claimNameOf(pod, volume);
    if (name === undefined) countInTree(volume, csiNode, into);
    else {
      const claim = facts.claim(pod.metadata.namespace ?? "", name);
      if (claim && (!volume.ephemeral || claimIsForPod(pod, claim))) countClaim(claim, csiNode, facts, into);
    }
  }
}

/** The limits a node tells, by driver; a driver that is not in it has none. */
export function volumeLimits(csiNode: CSINode | undefined): ReadonlyMap<string, number> {
  const limits = new Map<string, number>();
  for (const { name, allocatable } of csiNode?.spec.drivers ?? []) if (allocatable?.count !== undefined) limits.set(name, allocatable.count);
  return limits;
}

/** Whether the pod's volumes, with those of the node's pods and what else is attached there, are more than a driver takes. */
export function exceedsVolumeLimits(pod: Pod, node: NodeInfo, facts: VolumeFacts): boolean {
  if (!pod.spec.volumes?.length) return false;
  const csiNode = facts.csiNode(node.name);
  const limits = volumeLimits(csiNode);
  if (limits.size === 0) return false;
  const wanted: Counted = new Map();
  countPod(pod, csiNode, facts, wanted);
  if (wanted.size === 0) return false;
  const there: Counted = new Map();
  for (const other of node.pods.values()) countPod(other.pod, csiNode, facts, there);
  for (const name of there.keys()) wanted.delete(name);
  // A volume whose pod is gone takes its place until it is detached.
  for (const { spec } of facts.attachments(node.name)) {
    const csi = spec.source.persistentVolumeName ? facts.volume(spec.source.persistentVolumeName)?.spec.csi : undefined;
    if (csi && spec.attacher) there.set(handleName(spec.attacher, csi.volumeHandle), spec.attacher);
  }
  const per = (volumes: Counted, driver: string): number => [...volumes.values()].filter((d) => d === driver).length;
  return [...new Set(wanted.values())].some((driver) => {
    const limit = limits.get(driver);
    return limit !== undefined && per(there, driver) + per(wanted, driver) > limit;
  });
}
