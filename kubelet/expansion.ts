/**
 * A node's part in growing a volume: once the driver has made it larger, the first pod that mounts it, or has it mounted, has its file system grown. Sources:
 * pkg/volume/util/operationexecutor/node_expander.go, operation_generator.go.
 */
import type { Client, Informer, ResourceRef } from "../client/client.js";
import type { As, PersistentVolumeClaim } from "../controllers/runtime/api.js";
import { nodeResizeBegun, resizeFinished, resizeState } from "../controllers/runtime/claimresize.js";
import { isNotFound } from "../controllers/runtime/errors.js";
import { createQueue } from "../controllers/runtime/queue.js";
import type { ControllerContext, ReconcileResult, Recorder } from "../controllers/runtime/types.js";
import type { KubeObject } from "../kinds/object.js";
import { compareQuantity } from "../kinds/quantity.js";
import type * as core from "../kinds/schema/api/core.v1.js";
import { atPace, type Pace } from "./pace.js";

type PersistentVolume = As<core.PersistentVolume>;

const VOLUMES: ResourceRef = { group: "", version: "v1", resource: "persistentvolumes" };
const CLAIMS: ResourceRef = { group: "", version: "v1", resource: "persistentvolumeclaims" };
const MIGRATED_TO = "pv.kubernetes.io/migrated-to";
/** How long a file system takes to grow. */
const GROWS = { brisk: 300, real: 1500 };

/**
 * The size a node is to grow the claim's file system to; undefined when that is not a node's to do. Only CSI volumes have a node's side; what the resizer has
 * not told of itself is grown to what the volume has, as for resizers of old.
 */
export function nodeExpansion(claim: PersistentVolumeClaim, volume: PersistentVolume): string | undefined {
  if (claim.status?.phase !== "Bound" || volume.spec.claimRef?.uid !== claim.metadata.uid) return undefined;
  if (!volume.spec.csi && !volume.metadata.annotations?.[MIGRATED_TO]) return undefined;
  const [has, holds] = [claim.status.capacity?.storage, volume.spec.capacity?.storage];
  if (has === undefined || holds === undefined || compareQuantity(has, holds) >= 0) return undefined;
  const state = resizeState(claim);
  const allocated = claim.status.allocatedResources?.storage;
  if (!state && allocated === undefined) return holds;
  return state === "NodeResizePending" || state === "NodeResizeInProgress" ? (allocated ?? holds) : undefined;
}

/** Whether the pod mounts the claim so that it may be written to: volumes mounted read-only do not grow. */
const writes = (pod: KubeObject, name: string): boolean =>
  ((pod.spec?.volumes ?? []) as core.Volume[]).some((v) =>
    v.persistentVolumeClaim
      ? v.persistentVolumeClaim.claimName === name && !v.persistentVolumeClaim.readOnly
      : v.ephemeral && `${pod.metadata.name}-${v.name}` === name,
  );

export interface ExpansionOptions {
  readonly pace: Pace;
  /** Pods that have the claim mounted, or would but for this. */
  users(namespace: string, name: string): readonly KubeObject[];
  client(node: string): Client;
  recorder(node: string): Recorder;
}

export interface Expansion {
  /** Whether the claim is to grow before the pod may have it; asking sets it going. */
  holds(pod: KubeObject, name: string): boolean;
  stop(): void;
}

/** Grows file systems, for all nodes. */
export function runExpansion(ctx: ControllerContext, options: ExpansionOptions): Expansion {
  const claims: Informer<PersistentVolumeClaim> = ctx.informers.informer(CLAIMS);
  const volumes: Informer<PersistentVolume> = ctx.informers.informer(VOLUMES);
  /** When a node has begun with a claim. */
  const begun = new Map<string, number>();

  const sizeFor = (claim: PersistentVolumeClaim | undefined): string | undefined => {
    const volume = claim?.spec?.volumeName ? volumes.get("", claim.spec.volumeName) : undefined;
    return claim && volume && nodeExpansion(claim, volume);
  };

  const grow = async (key: string): Promise<ReconcileResult> => {
    const [namespace, name] = key.split("/");
    const claim = claims.get(namespace, name);
    const size = sizeFor(claim);
    const pod = claim && size && options.users(namespace, name).find((p) => writes(p, name));
    if (!claim || !size || !pod) {
      begun.delete(key);
      return undefined;
    }
    const node = pod.spec.nodeName as string;
    const write = (change: (now: PersistentVolumeClaim) => PersistentVolumeClaim): Promise<PersistentVolumeClaim> =>
      options
        .client(node)
        .resource<PersistentVolumeClaim>(CLAIMS)
        .modify(namespace, name, (now) => (now.metadata.uid === claim.metadata.uid ? change(now) : undefined), { subresource: "status" });
    const since = begun.get(key);
    if (since === undefined) {
      begun.set(key, ctx.clock.now());
      if (resizeState(claim) === "NodeResizePending") await write(nodeResizeBegun);
    }
    const left = (since ?? ctx.clock.now()) + atPace(GROWS, options.pace) - ctx.clock.now();
    if (left > 0) return { requeueAfterMs: left };
    const text = `MountVolume.NodeExpandVolume succeeded for volume "${claim.spec.volumeName}" ${node}`;
    const events = options.recorder(node);
    events.event({ apiVersion: "v1", kind: "Pod", ...pod }, "Normal", "FileSystemResizeSuccessful", text);
    events.event({ apiVersion: "v1", kind: "PersistentVolumeClaim", ...claim }, "Normal", "FileSystemResizeSuccessful", text);
    await write((now) => resizeFinished(now, size));
    begun.delete(key);
    return undefined;
  };

  const queue = createQueue(ctx, {
    name: "kubelet volumes",
    workers: 64,
    reconcile: async (key) => {
      try {
        return await grow(key);
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
  });
  const look = (claim: PersistentVolumeClaim): void => {
    if (sizeFor(claim)) queue.add(`${claim.metadata.namespace}/${claim.metadata.name}`);
  };
  const stops = [
    claims.handle({
      add: look,
      update: look,
      delete: (claim) => void begun.delete(`${claim.metadata.namespace}/${claim.metadata.name}`),
    }),
  ];
  return {
    holds(pod, name) {
      const { namespace = "" } = pod.metadata;
      if (!sizeFor(claims.get(namespace, name)) || !writes(pod, name)) return false;
      queue.add(`${namespace}/${name}`);
      return true;
    },
    stop() {
      for (const stop of stops) stop();
      queue.stop();
    },
  };
}
