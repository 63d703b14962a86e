/**
 * Growing volumes. The expand controller only says that somebody else must do it; the CSI drivers that are played here then do: the volume first,
 * the claim's status after. Sources: pkg/controller/volume/expand/expand_controller.go, kubernetes-csi/external-resizer pkg/controller.
 */
import type { Informer } from "../../../client/client.js";
import type { ControllerContext, Recorder } from "../../runtime/types.js";
import { amount } from "../amount.js";
import {
  annotation,
  asClaim,
  MIGRATED_TO,
  type PersistentVolume,
  type PersistentVolumeClaim,
  PROVISIONED_BY,
  STORAGE_RESIZER,
  type StorageClass,
  splitKey,
} from "../api.js";
import { driverForVolume } from "../provisioner/reconcile.js";
import { createWriter, type VolumeWriter } from "../write.js";

/** Whether the claim asks for more than it has and is bound to the volume. */
export function wantsExpansion(claim: PersistentVolumeClaim, volume: PersistentVolume): boolean {
  if (claim.status?.phase !== "Bound" || volume.spec.claimRef?.uid !== claim.metadata.uid) return false;
  return amount(claim.spec.resources?.requests?.storage) > amount(claim.status.capacity?.storage);
}

/** What the expand controller says about it. */
export function expansionMessage(volume: PersistentVolume): string {
  const plugin = annotation(volume, MIGRATED_TO) ? annotation(volume, PROVISIONED_BY) : undefined;
  return plugin
    ? `CSI migration enabled for ${plugin}; waiting for external resizer to expand the pvc`
    : "waiting for an external controller to expand this PVC";
}

export class Expansion {
  private readonly events: Recorder;
  private readonly write: VolumeWriter;
  private readonly resizer: VolumeWriter;

  constructor(
    private readonly ctx: ControllerContext,
    private readonly claims: Informer<PersistentVolumeClaim>,
    private readonly volumes: Informer<PersistentVolume>,
    private readonly classes: Informer<StorageClass>,
  ) {
    this.events = ctx.recorder("volume_expand");
    this.write = createWriter(ctx.client.as("system:serviceaccount:kube-system:expand-controller", "kube-controller-manager"));
    this.resizer = createWriter(ctx.client.as("system:serviceaccount:kube-system:csi-resizer", "csi-resizer"));
  }

  async syncClaim(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    let claim = this.claims.get(namespace, name);
    const volume = claim?.spec.volumeName ? this.volumes.get("", claim.spec.volumeName) : undefined;
    if (!claim || !volume || !wantsExpansion(claim, volume)) return;
    this.events.event(asClaim(claim), "Normal", "ExternalExpanding", expansionMessage(volume));
    const migrated = annotation(volume, MIGRATED_TO);
    if (migrated && annotation(claim, STORAGE_RESIZER) !== migrated)
      claim = await this.write.claim(claim, (now) => ({
        ...now,
        metadata: { ...now.metadata, annotations: { ...now.metadata.annotations, [STORAGE_RESIZER]: migrated } },
      }));
    const driver = driverForVolume(volume);
    if (!driver?.expands || this.classes.get("", volume.spec.storageClassName ?? "")?.allowVolumeExpansion !== true) return;
    const wanted = claim.spec.resources?.requests?.storage ?? "0";
    const recorder = this.ctx.recorder(`external-resizer ${driver.name}`);
    recorder.event(asClaim(claim), "Normal", "Resizing", `External resizer is resizing volume ${volume.metadata.name}`);
    const grown = await this.resizer.volume(volume, (now) =>
      amount(now.spec.capacity?.storage) >= amount(wanted) ? undefined : { ...now, spec: { ...now.spec, capacity: { ...now.spec.capacity, storage: wanted } } },
    );
    await this.resizer.claimCapacity(claim, grown.spec.capacity?.storage ?? wanted);
    recorder.event(asClaim(claim), "Normal", "VolumeResizeSuccessful", "Resize volume succeeded");
  }
}
