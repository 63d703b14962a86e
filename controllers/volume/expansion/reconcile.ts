/** The expand controller only says that somebody else must grow the volume. Source: pkg/controller/volume/expand/expand_controller.go. */
import type { Informer } from "../../../client/client.js";
import type { ControllerContext, Recorder } from "../../runtime/types.js";
import { amount } from "../amount.js";
import { annotation, asClaim, MIGRATED_TO, type PersistentVolume, type PersistentVolumeClaim, PROVISIONED_BY, STORAGE_RESIZER, splitKey } from "../api.js";
import { requestedStorage } from "../match.js";
import { createWriter, type VolumeWriter } from "../write.js";
import { claimCapacity, wantsExpansion } from "./plan.js";

/** Whether a change of a claim is one the controller looks at: its first sight, a larger request, or more capacity. Source: NewExpandController. */
export const isExpansionNews = (claim: PersistentVolumeClaim, old?: PersistentVolumeClaim): boolean =>
  !old || amount(requestedStorage(claim)) > amount(requestedStorage(old)) || amount(claimCapacity(claim)) > amount(claimCapacity(old));

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

  constructor(
    ctx: ControllerContext,
    private readonly claims: Informer<PersistentVolumeClaim>,
    private readonly volumes: Informer<PersistentVolume>,
  ) {
    this.events = ctx.recorder("volume_expand");
    this.write = createWriter(ctx.client.as("system:serviceaccount:kube-system:expand-controller", "kube-controller-manager"));
  }

  async syncClaim(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const claim = this.claims.get(namespace, name);
    const volume = claim?.spec.volumeName ? this.volumes.get("", claim.spec.volumeName) : undefined;
    if (!claim || !volume || !wantsExpansion(claim, volume)) return;
    this.events.event(asClaim(claim), "Normal", "ExternalExpanding", expansionMessage(volume));
    const migrated = annotation(volume, MIGRATED_TO);
    if (migrated && annotation(claim, STORAGE_RESIZER) !== migrated)
      await this.write.claimStatusAs(claim, (now) => ({
        ...now,
        metadata: { ...now.metadata, annotations: { ...now.metadata.annotations, [STORAGE_RESIZER]: migrated } },
      }));
  }
}
