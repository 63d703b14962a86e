/**
 * The in-tree host-path provisioner and deleter of kube-controller-manager. Source: pkg/volume/hostpath/host_path.go. The one difference: its directories lie
 * under the cluster's own volumes directory, and nothing outside of that is ever removed.
 */
import {
  BOUND_BY_CONTROLLER,
  claimReference,
  IN_TREE_FINALIZER,
  type PersistentVolume,
  type PersistentVolumeClaim,
  PROVISIONED_BY,
  type StorageClass,
} from "../api.js";
import type { Directories } from "./directory.js";

export const HOST_PATH = "kubernetes.io/host-path";

/** Which plugins of kube-controller-manager can delete or recycle what they hold, by the volume's source. Source: cmd/kube-controller-manager/app/plugins.go. */
export function inTreePlugin(volume: PersistentVolume): { readonly deletes: boolean; readonly recycles: boolean } | undefined {
  const spec = volume.spec;
  if (spec.hostPath) return { deletes: true, recycles: true };
  if (spec.nfs) return { deletes: false, recycles: true };
  if (spec.local || spec.fc || spec.iscsi || spec.csi) return { deletes: false, recycles: false };
  return undefined;
}

/** The PV for a claim, already pointing at it. `path` is its directory. Throws with the provisioner's text when it cannot serve the claim. */
export function hostPathVolume(claim: PersistentVolumeClaim, storageClass: StorageClass, name: string, path: string): PersistentVolume {
  const policy = storageClass.reclaimPolicy ?? "Delete";
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: {
      name,
      annotations: { "kubernetes.io/createdby": "hostpath-dynamic-provisioner", [BOUND_BY_CONTROLLER]: "yes", [PROVISIONED_BY]: HOST_PATH },
      ...(policy === "Delete" ? { finalizers: [IN_TREE_FINALIZER] } : {}),
    },
    spec: {
      capacity: { storage: claim.spec.resources?.requests?.storage ?? "0" },
      hostPath: { path },
      accessModes: claim.spec.accessModes?.length ? claim.spec.accessModes : ["ReadWriteOnce"],
      claimRef: claimReference(claim),
      persistentVolumeReclaimPolicy: policy,
      storageClassName: storageClass.metadata.name,
    },
    status: { phase: "Bound" },
  };
}

/** Deletes what a host-path volume holds. Throws with the deleter's text for a path it does not touch. */
export async function deleteHostPath(volume: PersistentVolume, directories: Directories): Promise<void> {
  const path = volume.spec.hostPath?.path ?? "";
  if (directories.contains(path)) await directories.remove(volume.metadata.name ?? "");
  else if (!/\/tmp\/.+/.test(path)) throw new Error(`host_path deleter only supports /tmp/.+ but received provided ${path}`);
  // A path under /tmp that somebody wrote by hand is on the user's own machine: it counts as deleted and stays.
}
