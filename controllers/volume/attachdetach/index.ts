/**
 * Volumes of CSI drivers are attached to the nodes of the pods that use them, and detached when they are not used there any more. Nothing here looks at pods
 * without claims: a volume's users are found by its claim, a node's volumes by its attachments.
 */
import { keyOf } from "../../runtime/api.js";
import { isNodeReady } from "../../runtime/nodes.js";
import { indexByNode } from "../../runtime/podutil.js";
import { createQueue } from "../../runtime/queue.js";
import type { Controller, Queue } from "../../runtime/types.js";
import {
  CLAIMS,
  claimKeysOf,
  NODES,
  type Node,
  type PersistentVolume,
  type PersistentVolumeClaim,
  PODS,
  PODS_BY_CLAIM,
  type Pod,
  splitKey,
  VOLUMES,
} from "../api.js";
import type { Drivers } from "../driver/driver.js";
import {
  BY_NODE,
  BY_VOLUME,
  CSI_DRIVERS,
  type CSIDriver,
  csiVolumeOf,
  isControllerAttached,
  nodeKeys,
  VOLUME_ATTACHMENTS,
  type VolumeAttachment,
  volumeKeys,
} from "./api.js";
import { ExternalAttacher } from "./attacher.js";
import { needsVolumes } from "./plan.js";
import { AttachDetach } from "./reconcile.js";

const WORKERS = 64;

/** kube-controller-manager's attach/detach controller and the drivers' external attachers. */
export const createAttachDetachController = (played: Drivers): Controller => ({
  name: "attachdetach",
  start(ctx) {
    const pods = ctx.informers.informer<Pod>(PODS);
    const nodes = ctx.informers.informer<Node>(NODES);
    const claims = ctx.informers.informer<PersistentVolumeClaim>(CLAIMS);
    const volumes = ctx.informers.informer<PersistentVolume>(VOLUMES);
    const drivers = ctx.informers.informer<CSIDriver>(CSI_DRIVERS);
    const attachments = ctx.informers.informer<VolumeAttachment>(VOLUME_ATTACHMENTS);
    pods.addIndex(PODS_BY_CLAIM, claimKeysOf);
    attachments.addIndex(BY_VOLUME, volumeKeys);
    attachments.addIndex(BY_NODE, nodeKeys);
    const podsOn = indexByNode(pods);

    const controller = new AttachDetach(ctx, { pods, nodes, claims, volumes, drivers, attachments });
    const attacher = new ExternalAttacher(ctx, { volumes, attachments }, played);
    const queue = (name: string, reconcile: (key: string) => ReturnType<AttachDetach["syncVolume"]>): Queue =>
      createQueue(ctx, { name, workers: WORKERS, reconcile });
    const volumeQueue = queue("attachdetach volumes", (key) => controller.syncVolume(key));
    const nodeQueue = queue("attachdetach nodes", async (key) => void (await controller.syncNode(key)));
    const attachQueue = queue("external-attacher attachments", async (key) => void (await attacher.syncAttachment(key)));
    const releaseQueue = queue("external-attacher volumes", async (key) => void (await attacher.syncVolume(key)));

    const lookAtPod = (pod: Pod): void => {
      if (!pod.spec.nodeName) return;
      for (const key of claimKeysOf(pod)) {
        const { namespace, name } = splitKey(key);
        const volume = claims.get(namespace, name)?.spec.volumeName;
        if (volume) volumeQueue.add(volume);
      }
    };
    const lookAtNode = (name: string): void => {
      for (const attachment of attachments.byIndex(BY_NODE, name)) for (const volume of volumeKeys(attachment)) volumeQueue.add(volume);
    };
    const lookAtVolume = (volume: PersistentVolume): void => {
      if (!csiVolumeOf(volume)) return;
      volumeQueue.add(volume.metadata.name ?? "");
      if (volume.metadata.deletionTimestamp) releaseQueue.add(volume.metadata.name ?? "");
    };
    const lookAtClaim = (claim: PersistentVolumeClaim): void => {
      if (claim.spec.volumeName && claim.status?.phase === "Bound" && pods.byIndex(PODS_BY_CLAIM, keyOf(claim)).length > 0)
        volumeQueue.add(claim.spec.volumeName);
    };
    const lookAtAttachment = (attachment: VolumeAttachment): void => {
      for (const volume of volumeKeys(attachment)) volumeQueue.add(volume);
      nodeQueue.add(attachment.spec.nodeName);
      attachQueue.add(attachment.metadata.name ?? "");
    };
    const lookAtDriver = (driver: CSIDriver): void => {
      for (const volume of volumes.list()) if (csiVolumeOf(volume)?.driver === driver.metadata.name) lookAtVolume(volume);
    };
    const taints = (node: Node): string => (node.spec.taints ?? []).map((taint) => taint.key).join();
    const inUse = (node: Node): string => (node.status?.volumesInUse ?? []).join();

    const stops = [
      pods.handle({
        add: lookAtPod,
        update(pod, old) {
          if (pod.metadata.uid !== old.metadata.uid || needsVolumes(pod) !== needsVolumes(old)) lookAtPod(pod);
        },
        delete: lookAtPod,
      }),
      nodes.handle({
        add(node) {
          lookAtNode(node.metadata.name ?? "");
          if (isControllerAttached(node)) for (const pod of podsOn(node.metadata.name ?? "")) lookAtPod(pod);
        },
        update(node, old) {
          const name = node.metadata.name ?? "";
          if (isControllerAttached(node) !== isControllerAttached(old)) for (const pod of podsOn(name)) lookAtPod(pod);
          if (inUse(node) !== inUse(old) || isNodeReady(node) !== isNodeReady(old) || taints(node) !== taints(old)) lookAtNode(name);
        },
        delete: (node) => lookAtNode(node.metadata.name ?? ""),
      }),
      claims.handle({ add: lookAtClaim, update: lookAtClaim }),
      volumes.handle({ add: lookAtVolume, update: lookAtVolume }),
      drivers.handle({
        add: lookAtDriver,
        update: (driver, old) => driver.spec.attachRequired !== old.spec.attachRequired && lookAtDriver(driver),
        delete: lookAtDriver,
      }),
      attachments.handle({
        add: lookAtAttachment,
        update: lookAtAttachment,
        delete(attachment) {
          controller.forget(attachment);
          lookAtAttachment(attachment);
          for (const volume of volumeKeys(attachment)) releaseQueue.add(volume);
        },
      }),
    ];
    return {
      stop() {
        for (const stop of stops) stop();
        for (const q of [volumeQueue, nodeQueue, attachQueue, releaseQueue]) q.stop();
      },
    };
  },
});
