/**
 * The external attachers' side: they carry out attachments for the drivers that are played. Source: kubernetes-csi/external-attacher pkg/controller
 * (csi_handler.go, util.go).
 */
import type { Client } from "../../../client/client.js";
import { isNotFound, messageOf } from "../../runtime/errors.js";
import { timestamp } from "../../runtime/time.js";
import type { ControllerContext } from "../../runtime/types.js";
import { type PersistentVolume, VOLUMES } from "../api.js";
import type { Driver, Drivers } from "../driver/driver.js";
import { BY_VOLUME, VOLUME_ATTACHMENTS, type VolumeAttachment } from "./api.js";
import type { AttachInformers } from "./reconcile.js";

/** What a driver keeps attachments and volumes with until it has let go of them. Source: GetFinalizerName, SanitizeDriverName. */
export function attacherFinalizer(driver: string): string {
  const name = driver.replace(/[^a-zA-Z0-9-]/g, "-");
  return `external-attacher/${name.endsWith("-") ? `${name}X` : name}`;
}

const has = (object: { metadata: { finalizers?: string[] } }, finalizer: string): boolean => object.metadata.finalizers?.includes(finalizer) ?? false;
const withFinalizer = <T extends PersistentVolume | VolumeAttachment>(object: T, finalizer: string): T => ({
  ...object,
  metadata: { ...object.metadata, finalizers: [...(object.metadata.finalizers ?? []), finalizer] },
});
const withoutFinalizer = <T extends PersistentVolume | VolumeAttachment>(object: T, finalizer: string): T => ({
  ...object,
  metadata: { ...object.metadata, finalizers: object.metadata.finalizers?.filter((f) => f !== finalizer) },
});

export class ExternalAttacher {
  private readonly client: Client;

  constructor(
    private readonly ctx: ControllerContext,
    private readonly informers: Pick<AttachInformers, "volumes" | "attachments">,
    private readonly drivers: Drivers,
  ) {
    this.client = ctx.client.as("system:serviceaccount:kube-system:csi-attacher", "csi-attacher");
  }

  private change(attachment: VolumeAttachment, change: (now: VolumeAttachment) => VolumeAttachment | undefined, subresource = ""): Promise<VolumeAttachment> {
    return this.client
      .resource<VolumeAttachment>(VOLUME_ATTACHMENTS)
      .modify("", attachment.metadata.name ?? "", (now) => (now.metadata.uid === attachment.metadata.uid ? change(now) : undefined), { subresource });
  }

  /** `name` is the attachment's. */
  async syncAttachment(name: string): Promise<void> {
    const attachment = this.informers.attachments.get("", name);
    const driver = this.drivers(attachment?.spec.attacher);
    if (!attachment || !driver) return;
    try {
      if (attachment.metadata.deletionTimestamp) await this.detach(attachment, driver);
      else if (!attachment.status?.attached) await (driver.attach ? this.attach(attachment, driver) : this.agree(attachment));
    } catch (error) {
      // Gone meanwhile.
      if (!isNotFound(error)) throw error;
    }
  }

  /** A driver that has nothing to do for it. Source: trivial_handler.go. */
  private async agree(attachment: VolumeAttachment): Promise<void> {
    await this.change(attachment, (now) => (now.metadata.deletionTimestamp ? undefined : { ...now, status: { ...now.status, attached: true } }), "status");
  }

  private async attach(attachment: VolumeAttachment, driver: Driver): Promise<void> {
    const { attacher, nodeName, source } = attachment.spec;
    const finalizer = attacherFinalizer(attacher);
    try {
      const volume = source.persistentVolumeName ? this.informers.volumes.get("", source.persistentVolumeName) : undefined;
      if (!volume) throw new Error(`could not get PersistentVolume: persistentvolume "${source.persistentVolumeName ?? ""}" not found`);
      if (!has(volume, finalizer)) {
        if (volume.metadata.deletionTimestamp) throw new Error(`PersistentVolume "${volume.metadata.name}" is marked for deletion`);
        const kept = await this.client
          .resource<PersistentVolume>(VOLUMES)
          .modify("", volume.metadata.name ?? "", (now) => (now.metadata.deletionTimestamp || has(now, finalizer) ? undefined : withFinalizer(now, finalizer)));
        if (!has(kept, finalizer)) throw new Error(`PersistentVolume "${volume.metadata.name}" is marked for deletion`);
      }
      const finalized = await this.change(attachment, (now) =>
        now.metadata.deletionTimestamp || has(now, finalizer) ? undefined : withFinalizer(now, finalizer),
      );
      if (finalized.metadata.deletionTimestamp) return;
      const metadata = await driver.attach?.({ volume, node: nodeName, readOnly: false });
      await this.change(
        attachment,
        (now) => ({ ...now, status: { attached: true, ...(metadata && Object.keys(metadata).length ? { attachmentMetadata: { ...metadata } } : {}) } }),
        "status",
      );
    } catch (error) {
      if (isNotFound(error)) throw error;
      const attachError = { message: messageOf(error), time: timestamp(this.ctx.clock.now()) };
      await this.change(attachment, (now) => ({ ...now, status: { ...now.status, attached: false, attachError } }), "status");
      throw error;
    }
  }

  private async detach(attachment: VolumeAttachment, driver: Driver): Promise<void> {
    const { attacher, nodeName, source } = attachment.spec;
    const finalizer = attacherFinalizer(attacher);
    // Somebody else keeps it.
    if (!has(attachment, finalizer)) return;
    try {
      const volume = source.persistentVolumeName ? this.informers.volumes.get("", source.persistentVolumeName) : undefined;
      if (volume) await driver.detach?.(volume, nodeName);
    } catch (error) {
      const detachError = { message: messageOf(error), time: timestamp(this.ctx.clock.now()) };
      await this.change(attachment, (now) => ({ ...now, status: { attached: now.status?.attached ?? false, ...now.status, detachError } }), "status");
      throw error;
    }
    if (attachment.status?.attached) await this.change(attachment, (now) => ({ ...now, status: { attached: false } }), "status");
    await this.change(attachment, (now) => (has(now, finalizer) ? withoutFinalizer(now, finalizer) : undefined));
  }

  /** A volume that is to go does so when it is attached nowhere. `name` is the volume's. */
  async syncVolume(name: string): Promise<void> {
    const volume = this.informers.volumes.get("", name);
    if (!volume?.metadata.deletionTimestamp || this.informers.attachments.byIndex(BY_VOLUME, name).length > 0) return;
    for (const finalizer of volume.metadata.finalizers ?? []) {
      if (!finalizer.startsWith("external-attacher/")) continue;
      await this.client
        .resource<PersistentVolume>(VOLUMES)
        .modify("", name, (now) => (now.metadata.uid === volume.metadata.uid && has(now, finalizer) ? withoutFinalizer(now, finalizer) : undefined))
        .catch((error: unknown) => {
          if (!isNotFound(error)) throw error;
        });
    }
  }
}
