/** The persistent-volume controller's effects: syncClaim and syncVolume as planned, reclaiming, and the in-tree provisioner. */

import type { Client, Informer } from "../../../client/client.js";
import { isAlreadyExists, isNotFound, messageOf } from "../../runtime/errors.js";
import type { Notes } from "../../runtime/journal.js";
import type { ControllerContext, Recorder } from "../../runtime/types.js";
import {
  annotation,
  asClaim,
  asVolume,
  BETA_STORAGE_PROVISIONER,
  IN_TREE_FINALIZER,
  keyOf,
  MIGRATED_TO,
  migratedDriver,
  NODES,
  type Node,
  type PersistentVolume,
  type PersistentVolumeClaim,
  PODS_BY_CLAIM,
  type Pod,
  PROVISIONED_BY,
  SELECTED_NODE,
  STORAGE_PROVISIONER,
  type StorageClass,
  splitKey,
  VOLUMES,
} from "../api.js";
import type { Directories } from "../provisioner/directory.js";
import { deleteHostPath, HOST_PATH, hostPathVolume, inTreePlugin } from "../provisioner/hostpath.js";
import { aboutClaim, aboutVolume, failedFor, waitsForProvisioner } from "../words.js";
import { createWriter, type VolumeWriter } from "../write.js";
import { type ClaimFacts, deletionFinalizers, isVolumeReleased, migrationAnnotations, planClaim, planVolume } from "./plan.js";

export interface BinderInformers {
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly classes: Informer<StorageClass>;
  readonly pods: Informer<Pod>;
}

/** Index over volumes: "" for those without a claimRef, else the claim's key. */
export const VOLUMES_BY_CLAIM = "volume.claimRef";

const isFinished = (pod: Pod): boolean => pod.status?.phase === "Failed" || pod.status?.phase === "Succeeded";

export class Binder {
  private readonly write: VolumeWriter;
  private readonly events: Recorder;
  private readonly claimNotes: Notes;
  private readonly volumeNotes: Notes;
  private readonly client: Client;

  constructor(
    private readonly ctx: ControllerContext,
    private readonly informers: BinderInformers,
    private readonly directories: Directories,
    /** Asks for another look at a claim, once the caller is through. */
    private readonly enqueueClaim: (key: string) => void,
  ) {
    this.client = ctx.client.as("system:serviceaccount:kube-system:persistent-volume-binder", "kube-controller-manager");
    this.write = createWriter(this.client);
    this.events = ctx.recorder("persistentvolume-controller");
    this.claimNotes = ctx.journal.notes("persistentvolume-controller", "PersistentVolumeClaim");
    this.volumeNotes = ctx.journal.notes("persistentvolume-controller", "PersistentVolume");
  }

  /** Nothing is held back for what is gone. */
  forgetClaim(key: string): void {
    this.claimNotes.state(key);
  }
  forgetVolume(name: string): void {
    this.volumeNotes.state(name);
  }

  async syncClaim(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    let claim = this.informers.claims.get(namespace, name);
    if (!claim) return this.forgetClaim(key);
    const planned = claim;
    if (migrationAnnotations(claim, "claim"))
      claim = await this.write.claim(claim, (now) => {
        const annotations = migrationAnnotations(now, "claim");
        return annotations && { ...now, metadata: { ...now.metadata, annotations } };
      });
    const facts = this.facts(claim);
    const action = planClaim(claim, facts);
    const held = action.do === "bind" ? undefined : aboutClaim(claim, action, action.do === "pending" ? facts.waitingPods() : []);
    this.claimNotes.state(key, held && [held]);
    switch (action.do) {
      case "bind":
        return this.bind(action.volume, claim);
      case "pending":
        if (action.note) this.note(claim, action.note);
        await this.write.claimStatus(claim, "Pending", undefined);
        return;
      case "lost": {
        // The phase alone decides: a claim that is Lost keeps what its status says.
        if (claim.status?.phase === "Lost") return;
        const { claim: after, changed } = await this.write.claimStatus(claim, "Lost", undefined);
        if (changed) this.note(after, action.note);
        return;
      }
      case "assign-class":
        await this.write.claim(claim, (now) =>
          now.spec.storageClassName === undefined ? { ...now, spec: { ...now.spec, storageClassName: action.storageClass } } : undefined,
        );
        return;
      case "provision":
        return this.provision(claim, action.storageClass, action.className).catch((error: unknown) => {
          this.claimNotes.state(key, [failedFor(planned, messageOf(error))]);
          throw error;
        });
      case "fail":
        this.note(claim, action.note);
        throw new Error(action.error);
    }
  }

  async syncVolume(name: string): Promise<void> {
    let volume = this.informers.volumes.get("", name);
    if (!volume) return this.forgetVolume(name);
    if (migrationAnnotations(volume, "volume") || deletionFinalizers(volume))
      volume = await this.write.volume(volume, (now) => {
        const annotations = migrationAnnotations(now, "volume");
        const finalizers = deletionFinalizers(now);
        return annotations || finalizers
          ? { ...now, metadata: { ...now.metadata, ...(annotations && { annotations }), ...(finalizers && { finalizers }) } }
          : undefined;
      });
    const claim = this.claimOf(volume);
    const action = planVolume(volume, claim);
    const held = action.do === "reclaim" ? undefined : aboutVolume(volume, action);
    this.volumeNotes.state(name, held && [held]);
    switch (action.do) {
      case "phase":
        await this.write.volumePhase(volume, action.phase);
        return;
      case "sync-claim":
        this.enqueueClaim(keyOf(claim!));
        return;
      case "mismatch":
        this.noteVolume(volume, action.onVolume);
        this.note(claim!, action.onClaim);
        return;
      case "unbind":
        await this.write.unbindVolume(volume);
        return;
      case "reclaim":
        // A Failed phase stays to be seen while reclaiming is tried again.
        if (volume.status?.phase !== "Released" && volume.status?.phase !== "Failed") volume = (await this.write.volumePhase(volume, "Released")).volume;
        return this.reclaim(volume).finally(() => {
          const now = this.informers.volumes.get("", name);
          const left = now && aboutVolume(now, action);
          this.volumeNotes.state(name, left && [left]);
        });
    }
  }

  /** Both sides, volume first, status after spec: any step that fails is finished by the next look. Source: pv_controller.go bind. */
  private async bind(planned: PersistentVolume, plannedClaim: PersistentVolumeClaim): Promise<void> {
    const bound = await this.write.bindVolume(planned, plannedClaim);
    const { volume } = await this.write.volumePhase(bound, "Bound");
    const claim = await this.write.bindClaim(plannedClaim, volume);
    await this.write.claimStatus(claim, "Bound", volume);
  }

  private facts(claim: PersistentVolumeClaim): ClaimFacts {
    const { volumes, classes, pods } = this.informers;
    const key = keyOf(claim);
    return {
      volume: (name) => volumes.get("", name),
      candidates: () => [...volumes.byIndex(VOLUMES_BY_CLAIM, key), ...volumes.byIndex(VOLUMES_BY_CLAIM, "")],
      storageClass: (name) => classes.get("", name),
      classes: () => classes.list(),
      waitingPods: () =>
        pods
          .byIndex(PODS_BY_CLAIM, key)
          .filter((pod) => !pod.spec.nodeName && !isFinished(pod))
          .map((pod) => pod.metadata.name ?? ""),
    };
  }

  private claimOf(volume: PersistentVolume): PersistentVolumeClaim | undefined {
    const ref = volume.spec.claimRef;
    return ref?.namespace && ref.name ? this.informers.claims.get(ref.namespace, ref.name) : undefined;
  }

  private note(claim: PersistentVolumeClaim, note: { type: "Normal" | "Warning"; reason: string; message: string }): void {
    this.events.event(asClaim(claim), note.type, note.reason, note.message);
  }
  private noteVolume(volume: PersistentVolume, note: { type: "Normal" | "Warning"; reason: string; message: string }): void {
    this.events.event(asVolume(volume), note.type, note.reason, note.message);
  }
  private failed(claim: PersistentVolumeClaim, message: string): void {
    this.note(claim, { type: "Warning", reason: "ProvisioningFailed", message });
  }

  private async provision(claim: PersistentVolumeClaim, storageClass: StorageClass | undefined, className: string): Promise<void> {
    if (!storageClass) return this.failed(claim, `storageclass.storage.k8s.io "${className}" not found`);
    const { provisioner } = storageClass;
    if (provisioner === HOST_PATH) return this.provisionHostPath(claim, storageClass);
    const driver = migratedDriver(provisioner);
    if (driver === undefined && provisioner.startsWith("kubernetes.io/")) {
      const text = `no volume plugin matched name: ${provisioner}`;
      this.claimNotes.state(keyOf(claim), [failedFor(claim, text)]);
      return this.failed(claim, text);
    }
    const name = driver ?? provisioner;
    this.claimNotes.state(keyOf(claim), [waitsForProvisioner(claim, name)]);
    const asked = await this.setProvisioner(claim, name);
    this.note(asked, {
      type: "Normal",
      reason: "ExternalProvisioning",
      message: `Waiting for a volume to be created either by the external provisioner '${name}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`,
    });
  }

  private setProvisioner(claim: PersistentVolumeClaim, provisioner: string): Promise<PersistentVolumeClaim> {
    if (annotation(claim, STORAGE_PROVISIONER) === provisioner) return Promise.resolve(claim);
    return this.write.claim(claim, (now) => {
      const annotations: Record<string, string> = { ...now.metadata.annotations, [BETA_STORAGE_PROVISIONER]: provisioner, [STORAGE_PROVISIONER]: provisioner };
      return { ...now, metadata: { ...now.metadata, annotations: migrationAnnotations({ metadata: { annotations } }, "claim") ?? annotations } };
    });
  }

  private async provisionHostPath(planned: PersistentVolumeClaim, storageClass: StorageClass): Promise<void> {
    if (planned.spec.dataSource) {
      const text = `plugin "${HOST_PATH}" is not a CSI plugin. Only CSI plugin can provision a claim with a datasource`;
      this.failed(planned, text);
      throw new Error(text);
    }
    const claim = await this.setProvisioner(planned, HOST_PATH);
    const name = `pvc-${claim.metadata.uid}`;
    if (this.informers.volumes.get("", name)) return;
    if (storageClass.mountOptions?.length) {
      const options = storageClass.mountOptions.join(" ");
      this.failed(claim, `Mount options are not supported by the provisioner but StorageClass "${storageClass.metadata.name}" has mount options [${options}]`);
      throw new Error(`provisioner "${HOST_PATH}" doesn't support mount options`);
    }
    const node = annotation(claim, SELECTED_NODE);
    if (node !== undefined && !this.ctx.informers.informer<Node>(NODES).get("", node)) {
      this.failed(claim, `Failed to get target node: node "${node}" not found`);
      throw new Error(`node "${node}" not found`);
    }
    if (claim.spec.volumeMode === "Block") {
      // The scheduler is told to choose again when a choice of its could not be served.
      if (node !== undefined)
        await this.write.claim(claim, (now) => {
          const { [SELECTED_NODE]: _, ...annotations } = now.metadata.annotations ?? {};
          return { ...now, metadata: { ...now.metadata, annotations } };
        });
      const text = `${HOST_PATH} does not support block volume provisioning`;
      this.failed(claim, `Failed to provision volume with StorageClass "${storageClass.metadata.name}": ${text}`);
      throw new Error(text);
    }
    const path = await this.directories.create(name);
    try {
      await this.client.resource<PersistentVolume>(VOLUMES).create("", hostPathVolume(claim, storageClass, name, path));
    } catch (error) {
      if (isAlreadyExists(error)) return;
      this.failed(claim, `Error creating provisioned PV object for claim ${keyOf(claim)}: ${messageOf(error)}. Deleting the volume.`);
      await this.directories.remove(name);
      throw error;
    }
    this.note(claim, { type: "Normal", reason: "ProvisioningSucceeded", message: `Successfully provisioned volume ${name} using ${HOST_PATH}` });
  }

  private async reclaim(volume: PersistentVolume): Promise<void> {
    if (annotation(volume, MIGRATED_TO)) return;
    switch (volume.spec.persistentVolumeReclaimPolicy) {
      case "Retain":
        return;
      case "Recycle":
        return this.recycle(volume);
      case "Delete":
        return this.remove(volume);
      default:
        await this.fail(volume, "VolumeUnknownReclaimPolicy", "Volume has unrecognized PersistentVolumeReclaimPolicy");
    }
  }

  /** Marks the volume Failed and says so once. */
  private async fail(volume: PersistentVolume, reason: string, text: string): Promise<void> {
    const { volume: after, changed } = await this.write.volumePhase(volume, "Failed", text);
    if (changed) this.noteVolume(after, { type: "Warning", reason, message: text });
  }

  private async remove(volume: PersistentVolume): Promise<void> {
    const name = volume.metadata.name ?? "";
    const by = annotation(volume, PROVISIONED_BY);
    if (by && by !== HOST_PATH && !by.startsWith("kubernetes.io/")) return;
    if (!by && volume.spec.csi) return;
    const plugin = by ? (by === HOST_PATH ? { deletes: true } : undefined) : inTreePlugin(volume);
    if (!plugin?.deletes) {
      const why = by ? `no volume plugin matched name: ${by}` : plugin ? "no deletable volume plugin matched" : "no volume plugin matched";
      return this.fail(volume, "VolumeFailedDelete", by ? why : `error getting deleter volume plugin for volume "${name}": ${why}`);
    }
    // Decided anew on what is there now: a claim may have come back in the meantime.
    const now = this.informers.volumes.get("", name);
    if (!now || !isVolumeReleased(now, this.claimOf(now))) return;
    try {
      await deleteHostPath(now, this.directories);
    } catch (error) {
      await this.fail(now, "VolumeFailedDelete", messageOf(error));
      throw error;
    }
    try {
      if (now.metadata.finalizers?.includes(IN_TREE_FINALIZER))
        await this.write.volume(now, (v) => ({ ...v, metadata: { ...v.metadata, finalizers: v.metadata.finalizers?.filter((f) => f !== IN_TREE_FINALIZER) } }));
      await this.client.resource(VOLUMES).delete("", name, { preconditions: { uid: now.metadata.uid } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  private async recycle(volume: PersistentVolume): Promise<void> {
    const now = this.informers.volumes.get("", volume.metadata.name ?? "");
    const ref = now?.spec.claimRef;
    if (!now || !ref || !isVolumeReleased(now, this.claimOf(now))) return;
    const users = this.informers.pods.byIndex(PODS_BY_CLAIM, `${ref.namespace}/${ref.name}`).filter((pod) => !isFinished(pod));
    if (users.length > 0 && !this.claimOf(now)) {
      const names = [...new Set(users.map(keyOf))].sort().join(",");
      return this.noteVolume(now, { type: "Normal", reason: "VolumeFailedRecycle", message: `Volume is used by pods: ${names}` });
    }
    if (!inTreePlugin(now)?.recycles) return this.fail(now, "VolumeFailedRecycle", "No recycler plugin found for the volume!");
    if (now.spec.hostPath && this.directories.contains(now.spec.hostPath.path)) await this.directories.scrub(now.metadata.name ?? "");
    this.noteVolume(now, { type: "Normal", reason: "VolumeRecycled", message: "Volume recycled" });
    await this.write.unbindVolume(now);
  }
}
