/** Adds and removes the protecting finalizers as planned. */
import type { Informer } from "../../../client/client.js";
import { isNotFound } from "../../runtime/errors.js";
import type { Notes } from "../../runtime/journal.js";
import type { ControllerContext } from "../../runtime/types.js";
import {
  CLAIM_PROTECTION,
  type KubeMeta,
  type PersistentVolume,
  type PersistentVolumeClaim,
  PODS_BY_CLAIM,
  type Pod,
  splitKey,
  VOLUME_PROTECTION,
} from "../api.js";
import { protectedClaim, protectedVolume } from "../words.js";
import { createWriter, type VolumeWriter } from "../write.js";
import { type ProtectionAction, planClaimProtection, planVolumeProtection, podHoldsClaim } from "./plan.js";

function apply<T extends KubeMeta>(object: T, action: ProtectionAction, finalizer: string): T | undefined {
  const now = object.metadata.finalizers ?? [];
  if (action === "leave") return undefined;
  return { ...object, metadata: { ...object.metadata, finalizers: action === "add" ? [...now, finalizer] : now.filter((f) => f !== finalizer) } };
}

export class Protection {
  private readonly claimNotes: Notes;
  private readonly volumeNotes: Notes;
  private readonly claimWriter: VolumeWriter;
  private readonly volumeWriter: VolumeWriter;

  constructor(
    ctx: ControllerContext,
    private readonly claims: Informer<PersistentVolumeClaim>,
    private readonly volumes: Informer<PersistentVolume>,
    private readonly pods: Informer<Pod>,
  ) {
    this.claimNotes = ctx.journal.notes("pvc-protection-controller", "PersistentVolumeClaim");
    this.volumeNotes = ctx.journal.notes("pv-protection-controller", "PersistentVolume");
    this.claimWriter = createWriter(ctx.client.as("system:serviceaccount:kube-system:pvc-protection-controller", "kube-controller-manager"));
    this.volumeWriter = createWriter(ctx.client.as("system:serviceaccount:kube-system:pv-protection-controller", "kube-controller-manager"));
  }

  async syncClaim(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const claim = this.claims.get(namespace, name);
    const users = this.pods.byIndex(PODS_BY_CLAIM, key);
    if (!claim || planClaimProtection(claim, users) === "leave") {
      const held = claim?.metadata.deletionTimestamp && claim.metadata.finalizers?.includes(CLAIM_PROTECTION);
      this.claimNotes.state(
        key,
        held
          ? [
              protectedClaim(
                claim,
                users.filter((pod) => podHoldsClaim(pod, claim)),
              ),
            ]
          : undefined,
      );
      return;
    }
    this.claimNotes.state(key);
    await gone(
      // Decided once more inside the commit: informers move in the same turn, so no pod can slip in between.
      this.claimWriter.claim(claim, (now) => apply(now, planClaimProtection(now, this.pods.byIndex(PODS_BY_CLAIM, key)), CLAIM_PROTECTION)),
    );
  }

  async syncVolume(name: string): Promise<void> {
    const volume = this.volumes.get("", name);
    if (!volume || planVolumeProtection(volume) === "leave") {
      const held = volume?.metadata.deletionTimestamp && volume.metadata.finalizers?.includes(VOLUME_PROTECTION);
      this.volumeNotes.state(name, held ? [protectedVolume(volume)] : undefined);
      return;
    }
    this.volumeNotes.state(name);
    await gone(this.volumeWriter.volume(volume, (now) => apply(now, planVolumeProtection(now), VOLUME_PROTECTION)));
  }
}

/** Taking the last finalizer off removes the object: that it is gone is what was wanted. */
async function gone(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
