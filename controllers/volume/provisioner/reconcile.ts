/**
 * The external provisioners' side of provisioning: they take over claims the binder has asked them to serve, and delete volumes it has released.
 * Source: sigs.k8s.io/sig-storage-lib-external-provisioner controller (shouldProvision, shouldDelete).
 */
import type { Client, Informer } from "../../../client/client.js";
import { isAlreadyExists, isNotFound, messageOf } from "../../runtime/errors.js";
import type { Notes } from "../../runtime/journal.js";
import type { ControllerContext, Recorder } from "../../runtime/types.js";
import {
  type AttributesClass,
  annotation,
  asClaim,
  asVolume,
  BETA_STORAGE_PROVISIONER,
  claimClass,
  claimReference,
  EXTERNAL_FINALIZER,
  keyOf,
  MIGRATED_TO,
  type Node,
  type PersistentVolume,
  type PersistentVolumeClaim,
  PROVISIONED_BY,
  SELECTED_NODE,
  STORAGE_PROVISIONER,
  type StorageClass,
  splitKey,
  VOLUMES,
} from "../api.js";
import type { Driver, Drivers, Parameters, Provisioned, ProvisionRequest } from "../driver/driver.js";
import { driverComponent } from "../driver/models.js";
import { failedFor } from "../words.js";
import { createWriter, type VolumeWriter } from "../write.js";

export interface ProvisionerInformers {
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly classes: Informer<StorageClass>;
  readonly attributesClasses: Informer<AttributesClass>;
  readonly nodes: Informer<Node>;
}

/** The driver that is to make the claim's volume now; undefined while it is not its turn. */
export function driverForClaim(drivers: Drivers, claim: PersistentVolumeClaim, storageClass: StorageClass | undefined): Driver | undefined {
  if (claim.spec.volumeName || claim.metadata.deletionTimestamp || !storageClass) return undefined;
  const asked = annotation(claim, MIGRATED_TO) ?? annotation(claim, STORAGE_PROVISIONER) ?? annotation(claim, BETA_STORAGE_PROVISIONER);
  if (storageClass.volumeBindingMode === "WaitForFirstConsumer" && annotation(claim, SELECTED_NODE) === undefined) return undefined;
  return drivers(asked);
}

/** The driver that made a volume; undefined for volumes made by hand or by one that is not played. */
export const driverForVolume = (drivers: Drivers, volume: PersistentVolume): Driver | undefined =>
  drivers(annotation(volume, MIGRATED_TO)) ?? drivers(annotation(volume, PROVISIONED_BY));

/** The PV a driver creates for a claim. It is the binder that marks it Bound. */
export function provisionedVolume(request: ProvisionRequest, driver: Driver, made: Provisioned): PersistentVolume {
  const { claim, storageClass, name } = request;
  const policy = storageClass.reclaimPolicy ?? "Delete";
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: {
      name,
      ...(made.labels && { labels: { ...made.labels } }),
      annotations: { ...made.annotations, [PROVISIONED_BY]: storageClass.provisioner },
      ...(driver.finalizer && policy === "Delete" ? { finalizers: [EXTERNAL_FINALIZER] } : {}),
    },
    spec: {
      capacity: { storage: made.capacity },
      ...made.source,
      accessModes: claim.spec.accessModes,
      claimRef: claimReference(claim),
      persistentVolumeReclaimPolicy: policy,
      storageClassName: storageClass.metadata.name,
      ...(storageClass.mountOptions?.length ? { mountOptions: storageClass.mountOptions } : {}),
      volumeMode: claim.spec.volumeMode ?? "Filesystem",
      ...(claim.spec.volumeAttributesClassName && made.source.csi ? { volumeAttributesClassName: claim.spec.volumeAttributesClassName } : {}),
      ...(made.topology?.length ? { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [...made.topology] }] } } } : {}),
    },
  };
}

export class ExternalProvisioner {
  private readonly client: Client;
  private readonly write: VolumeWriter;
  private readonly notes: Notes;
  private readonly recorders = new Map<string, Recorder>();

  constructor(
    private readonly ctx: ControllerContext,
    private readonly informers: ProvisionerInformers,
    private readonly drivers: Drivers,
  ) {
    this.client = ctx.client.as("system:serviceaccount:kube-system:csi-provisioner", "csi-provisioner");
    this.write = createWriter(this.client);
    this.notes = ctx.journal.notes("external-provisioner", "PersistentVolumeClaim");
  }

  /** Nothing is held back for what is gone. */
  forgetClaim(key: string): void {
    this.notes.state(key);
  }

  private recorder(driver: Driver): Recorder {
    let recorder = this.recorders.get(driver.name);
    if (!recorder) {
      recorder = this.ctx.recorder(driverComponent(driver));
      this.recorders.set(driver.name, recorder);
    }
    return recorder;
  }

  async syncClaim(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const claim = this.informers.claims.get(namespace, name);
    const storageClass = claim && this.informers.classes.get("", claimClass(claim));
    const driver = claim && driverForClaim(this.drivers, claim, storageClass);
    if (!claim || !storageClass || !driver) return;
    const volumeName = `pvc-${claim.metadata.uid}`;
    if (this.informers.volumes.get("", volumeName)) return;
    const recorder = this.recorder(driver);
    recorder.event(asClaim(claim), "Normal", "Provisioning", `External provisioner is provisioning volume for claim "${key}"`);
    try {
      const request = { claim, storageClass, name: volumeName, node: this.nodeFor(claim), mutableParameters: this.mutableParameters(claim, driver) };
      refuseSnapshot(claim);
      const made = await driver.provision(request);
      await this.client.resource<PersistentVolume>(VOLUMES).create("", provisionedVolume(request, driver, made));
    } catch (error) {
      if (isAlreadyExists(error)) return;
      this.notes.state(key, [failedFor(claim, messageOf(error))]);
      recorder.event(
        asClaim(claim),
        "Warning",
        "ProvisioningFailed",
        `failed to provision volume with StorageClass "${storageClass.metadata.name}": ${messageOf(error)}`,
      );
      throw error;
    }
    this.notes.state(key);
    recorder.event(asClaim(claim), "Normal", "ProvisioningSucceeded", `Successfully provisioned volume ${volumeName}`);
  }

  /** What the claim's VolumeAttributesClass says of the new volume. Only side-cars of CSI drivers know of those. Source: external-provisioner prepareProvision. */
  private mutableParameters(claim: PersistentVolumeClaim, driver: Driver): Parameters | undefined {
    const name = claim.spec.volumeAttributesClassName;
    if (!name || !driver.finalizer) return undefined;
    if (!driver.modify) throw new Error("CSI driver does not support VolumeAttributesClass: controller MODIFY_VOLUME capability is not reported");
    const found = this.informers.attributesClasses.get("", name);
    if (!found) throw new Error(`volumeattributesclasses.storage.k8s.io "${name}" not found`);
    if (found.driverName !== driver.name)
      throw new Error(`VAC ${name} referenced in PVC is for driver ${found.driverName} which does not match driver name ${driver.name}`);
    return found.parameters ?? {};
  }

  /** The chosen node; for a class that binds at once any, always the same for the same claim. */
  private nodeFor(claim: PersistentVolumeClaim): Node | undefined {
    const selected = annotation(claim, SELECTED_NODE);
    if (selected !== undefined) {
      const node = this.informers.nodes.get("", selected);
      if (!node) throw new Error(`failed to get target node: node "${selected}" not found`);
      return node;
    }
    const nodes = this.informers.nodes.list();
    if (nodes.length === 0) return undefined;
    let hash = 0;
    for (const c of keyOf(claim)) hash = (hash * 31 + c.charCodeAt(0)) >>> 0;
    return nodes[hash % nodes.length];
  }

  async syncVolume(name: string): Promise<void> {
    const volume = this.informers.volumes.get("", name);
    const driver = volume && driverForVolume(this.drivers, volume);
    if (!volume || !driver) return;
    await this.followPolicy(volume, driver);
    const now = this.informers.volumes.get("", name);
    if (now?.status?.phase !== "Released" || now.spec.persistentVolumeReclaimPolicy !== "Delete") return;
    try {
      await driver.delete(now);
      await this.client.resource(VOLUMES).delete("", name, { preconditions: { uid: now.metadata.uid } });
      if (now.metadata.finalizers?.includes(EXTERNAL_FINALIZER)) await this.write.volume(now, withoutFinalizer);
    } catch (error) {
      if (isNotFound(error)) return;
      this.recorder(driver).event(asVolume(now), "Warning", "VolumeFailedDelete", messageOf(error));
      throw error;
    }
  }

  /** The finalizer stands on volumes that are to be deleted, and on no others. */
  private async followPolicy(volume: PersistentVolume, driver: Driver): Promise<void> {
    if (!driver.finalizer) return;
    const has = volume.metadata.finalizers?.includes(EXTERNAL_FINALIZER) ?? false;
    const should = volume.spec.persistentVolumeReclaimPolicy === "Delete";
    if (has && !should) await this.write.volume(volume, withoutFinalizer);
    else if (!has && should && !volume.metadata.deletionTimestamp)
      await this.write.volume(volume, (now) =>
        now.metadata.finalizers?.includes(EXTERNAL_FINALIZER)
          ? undefined
          : { ...now, metadata: { ...now.metadata, finalizers: [...(now.metadata.finalizers ?? []), EXTERNAL_FINALIZER] } },
      );
  }
}

/** There are no snapshots, so none can be found. Source: external-provisioner pkg/controller getSnapshotSource. */
function refuseSnapshot({ spec }: PersistentVolumeClaim): void {
  const source = spec.dataSource ?? spec.dataSourceRef;
  if (source?.kind !== "VolumeSnapshot") return;
  const why = `the server could not find the requested resource (get volumesnapshots.snapshot.storage.k8s.io ${source.name})`;
  throw new Error(
    `error getting handle for DataSource Type VolumeSnapshot by Name ${source.name}: error getting snapshot ${source.name} from api server: ${why}`,
  );
}

const withoutFinalizer = (volume: PersistentVolume): PersistentVolume | undefined =>
  volume.metadata.finalizers?.includes(EXTERNAL_FINALIZER)
    ? { ...volume, metadata: { ...volume.metadata, finalizers: volume.metadata.finalizers.filter((f) => f !== EXTERNAL_FINALIZER) } }
    : undefined;
