/**
 * A node's part in attaching: it says which volumes its pods use, and waits until the controller says that they are there. Sources: pkg/kubelet/volumemanager
 * (GetVolumesInUse), pkg/volume/util/operationexecutor GenerateVerifyControllerAttachedVolumeFunc.
 */
import type { Client, Informer } from "../client/client.js";
import { CLAIMS, CSI_DRIVERS, type CSIDriver, NODES, type PersistentVolume, type PersistentVolumeClaim, PODS, VOLUMES } from "../controllers/runtime/api.js";
import { attachableOf, isControllerAttached } from "../controllers/runtime/attachables.js";
import { isNotFound } from "../controllers/runtime/errors.js";
import { createQueue } from "../controllers/runtime/queue.js";
import type { ControllerContext, Running } from "../controllers/runtime/types.js";
import type { KubeObject } from "../kinds/object.js";
import { isBack, isStopped } from "./node.js";

export interface AttachmentsOptions {
  client(node: string): Client;
  /** The claims a pod mounts, by name. */
  claimsOf(pod: KubeObject): readonly string[];
  /** Whether the node has let go of the pod's volumes, or never will need them. */
  isUnmounted(pod: KubeObject): boolean;
  /** A pod (`namespace/name`) that waited has what it waited for. */
  wake(key: string): void;
}

export interface Attachments extends Running {
  /** The PersistentVolumes of the pod that are not attached to its node yet; it is woken when they are. */
  missing(pod: KubeObject): string[];
  /** The pod's volumes have come into use, or gone out of it. */
  changed(pod: KubeObject): void;
}

const BY_NODE = "kubelet/mounts";
const namesIn = (list: readonly { readonly name: string }[] | undefined): string => (list ?? []).map((v) => v.name).join();

/** Reports what is in use, for all nodes. */
export function runAttachments(ctx: ControllerContext, options: AttachmentsOptions): Attachments {
  const pods: Informer = ctx.informers.informer(PODS);
  const nodes: Informer = ctx.informers.informer(NODES);
  const claims = ctx.informers.informer<PersistentVolumeClaim>(CLAIMS);
  const volumes = ctx.informers.informer<PersistentVolume>(VOLUMES);
  const drivers = ctx.informers.informer<CSIDriver>(CSI_DRIVERS);
  /** By node, then by what they wait for. */
  const waiting = new Map<string, Map<string, Set<string>>>();
  pods.addIndex(BY_NODE, (pod) => (pod.spec?.nodeName && options.claimsOf(pod).length > 0 ? [pod.spec.nodeName] : []));

  /** The pod's attachable volumes: unique names by the volumes' names. What is not bound yet is none. */
  const attachables = (pod: KubeObject): Map<string, string> => {
    const found = new Map<string, string>();
    for (const name of options.claimsOf(pod)) {
      const claim = claims.get(pod.metadata.namespace ?? "", name);
      const volume = claim?.status?.phase === "Bound" && claim.spec?.volumeName ? volumes.get("", claim.spec.volumeName) : undefined;
      const attachable = volume && attachableOf(volume, (driver) => drivers.get("", driver));
      if (attachable) found.set(volume.metadata.name ?? "", attachable.uniqueName);
    }
    return found;
  };

  const inUse = (node: string): string[] => [
    ...new Set(pods.byIndex(BY_NODE, node).flatMap((pod) => (options.isUnmounted(pod) ? [] : [...attachables(pod).values()]))),
  ];

  const queue = createQueue(ctx, {
    name: "kubelet attachments",
    workers: 64,
    reconcile: async (name) => {
      const node = nodes.get("", name);
      if (!node || isStopped(node) || !isControllerAttached(node)) return;
      const reported: string[] = node.status?.volumesInUse ?? [];
      const used = inUse(name);
      // In the order in which they came into use.
      const next = [...reported.filter((v) => used.includes(v)), ...used.filter((v) => !reported.includes(v))];
      if (next.join() === reported.join()) return;
      try {
        await options
          .client(name)
          .resource(NODES)
          .modify(
            "",
            name,
            (current) => {
              const { volumesInUse: _, ...status } = current.status ?? {};
              return { ...current, status: next.length ? { ...status, volumesInUse: next } : status };
            },
            { subresource: "status" },
          );
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    },
  });

  const stop = nodes.handle({
    add: (node) => queue.add(node.metadata.name ?? ""),
    update(node, old) {
      const name = node.metadata.name ?? "";
      if (isBack(node, old) || isControllerAttached(node) !== isControllerAttached(old)) queue.add(name);
      const waits = waiting.get(name);
      if (!waits || namesIn(node.status?.volumesAttached) === namesIn(old.status?.volumesAttached)) return;
      for (const { name: volume } of node.status?.volumesAttached ?? []) {
        for (const key of waits.get(volume) ?? []) options.wake(key);
        waits.delete(volume);
      }
      if (waits.size === 0) waiting.delete(name);
    },
    delete: (node) => void waiting.delete(node.metadata.name ?? ""),
  });

  return {
    missing(pod) {
      const name = pod.spec?.nodeName ?? "";
      const node = nodes.get("", name);
      if (options.claimsOf(pod).length === 0 || !isControllerAttached(node)) return [];
      const attached = new Set(((node?.status?.volumesAttached ?? []) as { name: string }[]).map((v) => v.name));
      const missing = [...attachables(pod)].filter(([, uniqueName]) => !attached.has(uniqueName));
      if (missing.length === 0) return [];
      queue.add(name);
      const waits = waiting.get(name) ?? new Map<string, Set<string>>();
      waiting.set(name, waits);
      for (const [, uniqueName] of missing) {
        const keys = waits.get(uniqueName) ?? new Set<string>();
        waits.set(uniqueName, keys.add(`${pod.metadata.namespace}/${pod.metadata.name}`));
      }
      return missing.map(([volume]) => volume);
    },
    changed(pod) {
      if (pod.spec?.nodeName && options.claimsOf(pod).length > 0) queue.add(pod.spec.nodeName);
    },
    stop() {
      stop();
      queue.stop();
    },
  };
}
