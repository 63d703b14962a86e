/** Makes and deletes VolumeAttachments as planned, tells pods of it, and keeps the list of what is attached in the Nodes' status. */
import type { Client, Informer } from "../../../client/client.js";
import { controllerClient } from "../../runtime/context.js";
import { isAlreadyExists, isNotFound } from "../../runtime/errors.js";
import { parseTime } from "../../runtime/time.js";
import type { ControllerContext, ReconcileResult, Recorder } from "../../runtime/types.js";
import { NODES, type Node, type PersistentVolume, type PersistentVolumeClaim, PODS_BY_CLAIM, type Pod } from "../api.js";
import {
  type Attachable,
  attachableOf,
  BY_NODE,
  BY_VOLUME,
  type CSIDriver,
  csiVolumeOf,
  isControllerAttached,
  VOLUME_ATTACHMENTS,
  type VolumeAttachment,
} from "./api.js";
import { attachmentName, givesUpAt, needsVolumes, planAttachments, volumesAttached } from "./plan.js";

export interface AttachInformers {
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly drivers: Informer<CSIDriver>;
  readonly attachments: Informer<VolumeAttachment>;
}

const nameOf = (object: { metadata: { name?: string } }): string => object.metadata.name ?? "";

/** Attachments that others made, under names of their own, are left alone. */
const isOurs = (attachment: VolumeAttachment, attachable: Attachable): boolean =>
  nameOf(attachment) === attachmentName(attachable, attachment.spec.nodeName) && attachment.spec.attacher === attachable.driver;

export class AttachDetach {
  private readonly client: Client;
  private readonly recorder: Recorder;
  /** Attachments that nobody needs, since when. */
  private readonly unneeded = new Map<string, number>();
  /** Attachments on their way out: the node's list has let go of them before they go. */
  private readonly leaving = new Set<string>();
  /** What has been told: refusals by volume and node, failures by attachment. */
  private readonly refused = new Map<string, Set<string>>();
  private readonly failures = new Map<string, string>();
  private readonly attempts = new Map<string, number>();

  constructor(
    private readonly ctx: ControllerContext,
    private readonly informers: AttachInformers,
  ) {
    this.client = controllerClient(ctx.client, "attachdetach-controller");
    this.recorder = ctx.recorder("attachdetach-controller");
  }

  /** Pods that need the volume where the controller attaches. Source: util.go getPVCFromPVCExtractPV: only a claim that is bound, to this volume, counts. */
  private usersOf(volume: PersistentVolume): Pod[] {
    const ref = volume.spec.claimRef;
    const claim = ref && this.informers.claims.get(ref.namespace ?? "", ref.name ?? "");
    if (!claim || claim.metadata.uid !== ref.uid || claim.spec.volumeName !== nameOf(volume) || claim.status?.phase !== "Bound") return [];
    return this.informers.pods
      .byIndex(PODS_BY_CLAIM, `${ref.namespace}/${ref.name}`)
      .filter((pod) => needsVolumes(pod) && isControllerAttached(this.informers.nodes.get("", pod.spec.nodeName ?? "")));
  }

  private tell(pod: Pod, type: "Normal" | "Warning", reason: string, text: string): void {
    this.recorder.event({ apiVersion: "v1", kind: "Pod", ...pod }, type, reason, text);
  }

  /** `name` is the volume's. */
  async syncVolume(name: string): Promise<ReconcileResult> {
    const { volumes, attachments, nodes, drivers } = this.informers;
    const volume = volumes.get("", name);
    const known = volume && csiVolumeOf(volume);
    if (!volume || !known) return undefined;
    const attachable = attachableOf(volume, (driver) => drivers.get("", driver));
    const now = this.ctx.clock.now();
    const ours = attachments.byIndex(BY_VOLUME, name).filter((a) => isOurs(a, known));
    const pods = attachable ? this.usersOf(volume) : [];
    if (ours.length === 0 && pods.length === 0) {
      this.refused.delete(name);
      return undefined;
    }
    for (const a of ours) {
      if (pods.some((pod) => pod.spec.nodeName === a.spec.nodeName)) this.unneeded.delete(nameOf(a));
      else if (!this.unneeded.has(nameOf(a))) this.unneeded.set(nameOf(a), now);
    }
    const unneededSince = (a: VolumeAttachment): number => this.unneeded.get(nameOf(a)) ?? now;
    const plan = planAttachments({ volume, attachable: known, pods, attachments: ours, node: (n) => nodes.get("", n), unneededSince, now });
    for (const attachment of plan.detach) await this.detach(attachment, known);
    for (const node of plan.attach) await this.attach(volume, known, node);
    // Told once for as long as the node's pods wait.
    const told = new Set([...(this.refused.get(name) ?? [])].filter((node) => pods.some((pod) => pod.spec.nodeName === node)));
    for (const { node, texts } of plan.refuse) {
      if (!told.has(node)) for (const [pod, text] of texts) this.tell(pod, "Warning", "FailedAttachVolume", text);
      told.add(node);
    }
    for (const attachment of ours) told.delete(attachment.spec.nodeName);
    if (told.size) this.refused.set(name, told);
    else this.refused.delete(name);
    const waits = ours.map((a) => this.watchAttempt(a, volume, known, pods));
    const again = Math.min(plan.again ?? Number.POSITIVE_INFINITY, ...waits);
    return Number.isFinite(again) ? { requeueAfterMs: again, ...(plan.again === undefined ? { periodic: "periodic" as const } : {}) } : undefined;
  }

  private async attach(volume: PersistentVolume, attachable: Attachable, node: string): Promise<void> {
    const attachment: VolumeAttachment = {
      apiVersion: "storage.k8s.io/v1",
      kind: "VolumeAttachment",
      metadata: { name: attachmentName(attachable, node) },
      spec: { attacher: attachable.driver, nodeName: node, source: { persistentVolumeName: nameOf(volume) } },
    };
    try {
      await this.client.resource<VolumeAttachment>(VOLUME_ATTACHMENTS).create("", attachment);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }

  /** The node's kubelet learns first that it may not use it any longer. */
  private async detach(attachment: VolumeAttachment, attachable: Attachable): Promise<void> {
    const name = nameOf(attachment);
    this.leaving.add(name);
    try {
      await this.list(attachment.spec.nodeName, (attached) => attached.filter((other) => other !== attachable.uniqueName));
      await this.client.resource(VOLUME_ATTACHMENTS).delete("", name, { preconditions: { uid: attachment.metadata.uid } });
    } catch (error) {
      this.leaving.delete(name);
      if (!isNotFound(error)) throw error;
    }
  }

  /** Tells of an attachment that fails, or that its driver leaves as it is. Returns milliseconds until there is more to tell. */
  private watchAttempt(attachment: VolumeAttachment, volume: PersistentVolume, { driver, handle }: Attachable, pods: readonly Pod[]): number {
    const name = nameOf(attachment);
    const users = pods.filter((pod) => pod.spec.nodeName === attachment.spec.nodeName);
    if (attachment.status?.attached || attachment.metadata.deletionTimestamp || users.length === 0) {
      this.failures.delete(name);
      this.attempts.delete(name);
      return Number.POSITIVE_INFINITY;
    }
    const fail = (why: string): void => {
      for (const pod of users) this.tell(pod, "Warning", "FailedAttachVolume", `AttachVolume.Attach failed for volume "${nameOf(volume)}" : ${why}`);
    };
    const error = attachment.status?.attachError;
    const failure = `${error?.time} ${error?.message}`;
    if (error && this.failures.get(name) !== failure) {
      this.failures.set(name, failure);
      fail(error.message ?? "");
    }
    const since = parseTime(attachment.metadata.creationTimestamp) ?? this.ctx.clock.now();
    const now = this.ctx.clock.now();
    let attempt = this.attempts.get(name) ?? 0;
    if (now >= givesUpAt(since, attempt)) {
      fail(`timed out waiting for external-attacher of ${driver} CSI driver to attach volume ${handle}`);
      while (now >= givesUpAt(since, attempt)) attempt++;
      this.attempts.set(name, attempt);
    }
    return givesUpAt(since, attempt) - now;
  }

  private async list(node: string, change: (attached: string[]) => string[]): Promise<void> {
    await this.client
      .resource<Node>(NODES)
      .modify(
        "",
        node,
        (now) => {
          const listed = now.status?.volumesAttached;
          const next = volumesAttached(listed, change((listed ?? []).map((v) => v.name)));
          if (!next) return undefined;
          const { volumesAttached: _, ...status } = now.status ?? {};
          return { ...now, status: next.length ? { ...status, volumesAttached: next } : status };
        },
        { subresource: "status" },
      )
      .catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
      });
  }

  /** Brings the node's list in line with its attachments; what is new on it has been attached, which its pods are told. */
  async syncNode(name: string): Promise<void> {
    const node = this.informers.nodes.get("", name);
    const attached = new Map<string, PersistentVolume>();
    for (const a of this.informers.attachments.byIndex(BY_NODE, name)) {
      const volume = this.informers.volumes.get("", a.spec.source.persistentVolumeName ?? "");
      const attachable = volume && csiVolumeOf(volume);
      if (!volume || !attachable || !isOurs(a, attachable) || !a.status?.attached || a.metadata.deletionTimestamp || this.leaving.has(nameOf(a))) continue;
      attached.set(attachable.uniqueName, volume);
    }
    if (!node || !volumesAttached(node.status?.volumesAttached, [...attached.keys()])) return;
    for (const [uniqueName, volume] of attached) {
      if (node.status?.volumesAttached?.some((v) => v.name === uniqueName)) continue;
      for (const pod of this.usersOf(volume).filter((p) => p.spec.nodeName === name))
        this.tell(pod, "Normal", "SuccessfulAttachVolume", `AttachVolume.Attach succeeded for volume "${nameOf(volume)}" `);
    }
    await this.list(name, () => [...attached.keys()]);
  }

  /** An attachment is gone, and with it what was remembered of it. */
  forget(attachment: VolumeAttachment): void {
    for (const kept of [this.unneeded, this.leaving, this.failures, this.attempts]) kept.delete(nameOf(attachment));
  }
}
