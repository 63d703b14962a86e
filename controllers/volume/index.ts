/**
 * Everything about volumes that happens in the control plane: binding, provisioning (in-tree and the external drivers that are played), protection,
 * expansion, modification, and claims of ephemeral volumes. Which file decides what: binder/plan.ts, match.ts, driver/models.ts, protection/plan.ts.
 */

import { createQueue } from "../runtime/queue.js";
import type { Controller, ControllerContext, Queue, Reconcile, Running, Timer } from "../runtime/types.js";
import {
  ATTRIBUTES_CLASSES,
  type AttributesClass,
  CLAIM_PROTECTION,
  CLAIMS,
  CLASSES,
  claimKeysOf,
  keyOf,
  NODES,
  type Node,
  type PersistentVolume,
  type PersistentVolumeClaim,
  PODS,
  PODS_BY_CLAIM,
  type Pod,
  type StorageClass,
  VOLUME_PROTECTION,
  VOLUMES,
} from "./api.js";
import { waitingKeys } from "./binder/plan.js";
import { Binder, VOLUMES_BY_CLAIM } from "./binder/reconcile.js";
import type { Environment } from "./classes.js";
import type { Drivers } from "./driver/driver.js";
import { playedDrivers } from "./driver/played.js";
import { EphemeralVolumes } from "./ephemeral/reconcile.js";
import { wantsExpansion } from "./expansion/plan.js";
import { Expansion, expansionMessage, isExpansionNews } from "./expansion/reconcile.js";
import { concernsResizer, isResizeNews, Resizer } from "./expansion/resizer.js";
import { differs, wantedClass } from "./modify/plan.js";
import { isModifyNews, VolumeModifier } from "./modify/reconcile.js";
import { Protection } from "./protection/reconcile.js";
import { createDirectories } from "./provisioner/directory.js";
import { driverForVolume, ExternalProvisioner } from "./provisioner/reconcile.js";
import { waitsForResizer } from "./words.js";

export { type Environment, storageClassesFor } from "./classes.js";
export { csiDriversFor } from "./csidrivers.js";

export interface VolumeOptions {
  /** Where provisioned volumes have their directories: `<volumesDir>/<name of the PV>`, for every driver alike. Made when first needed. */
  readonly volumesDir: string;
  /** Whose set-up of the drivers to imitate, where environments differ. */
  readonly environment?: Environment;
  /** Whose drivers make, attach and grow volumes; those that are played where none are given. */
  readonly drivers?: Drivers;
}

/** Where local-path makes its directories on the nodes, as the environments configure it. */
const LOCAL_PATH_ROOT: Readonly<Partial<Record<Environment, string>>> = { kind: "/var/local-path-provisioner", k3s: "/var/lib/rancher/k3s/storage" };

/** Whoever makes, attaches and grows volumes under these options. */
export const driversOf = ({ drivers, volumesDir, environment = "none" }: VolumeOptions): Drivers =>
  drivers ?? playedDrivers(createDirectories(volumesDir), LOCAL_PATH_ROOT[environment]);

/** How often claims and volumes that are not settled get another look, in milliseconds: the persistent-volume controller's own resync. */
const RESYNC_MS = 15_000;
/** Many at a time, so that writes of one turn share a commit; conflicting choices are told apart inside the commit. */
const WORKERS = 64;
const WAITING_CLAIMS = "volume.waiting";
const CLAIMS_TO_MODIFY = "volume.modify";

/** The volume controllers of one cluster. */
export const createVolumeController = (options: VolumeOptions): Controller => ({
  name: "persistentvolume",
  start: (ctx) => start(ctx, options),
});

function start(ctx: ControllerContext, options: VolumeOptions): Running {
  const claims = ctx.informers.informer<PersistentVolumeClaim>(CLAIMS);
  const volumes = ctx.informers.informer<PersistentVolume>(VOLUMES);
  const classes = ctx.informers.informer<StorageClass>(CLASSES);
  const pods = ctx.informers.informer<Pod>(PODS);
  const nodes = ctx.informers.informer<Node>(NODES);
  pods.addIndex(PODS_BY_CLAIM, claimKeysOf);
  const attributesClasses = ctx.informers.informer<AttributesClass>(ATTRIBUTES_CLASSES);
  claims.addIndex(WAITING_CLAIMS, waitingKeys);
  claims.addIndex(CLAIMS_TO_MODIFY, (claim) => (differs(claim) ? [wantedClass(claim)] : []));
  volumes.addIndex(VOLUMES_BY_CLAIM, (volume) => {
    const ref = volume.spec.claimRef;
    return [ref ? `${ref.namespace}/${ref.name}` : ""];
  });

  const directories = createDirectories(options.volumesDir);
  const binder = new Binder(ctx, { claims, volumes, classes, pods }, directories, (key) => claimQueue.add(key));
  const drivers = driversOf(options);
  const provisioner = new ExternalProvisioner(ctx, { claims, volumes, classes, attributesClasses, nodes }, drivers);
  const protection = new Protection(ctx, claims, volumes, pods);
  const expansion = new Expansion(ctx, claims, volumes);
  const resizer = new Resizer(ctx, { claims, volumes, pods }, drivers);
  const modifier = new VolumeModifier(ctx, { claims, volumes, attributesClasses }, drivers);
  const ephemeral = new EphemeralVolumes(ctx, pods, claims);
  const queue = (name: string, reconcile: Reconcile): Queue => createQueue(ctx, { name, workers: WORKERS, reconcile });
  const claimQueue = queue("persistentvolume claims", (key) => binder.syncClaim(key));
  const volumeQueue = queue("persistentvolume volumes", (key) => binder.syncVolume(key));
  const provisionQueue = queue("external-provisioner claims", (key) => provisioner.syncClaim(key));
  const deleteQueue = queue("external-provisioner volumes", (key) => provisioner.syncVolume(key));
  const claimProtection = queue("pvc-protection", (key) => protection.syncClaim(key));
  const volumeProtection = queue("pv-protection", (key) => protection.syncVolume(key));
  const expandQueue = queue("expand", (key) => expansion.syncClaim(key));
  const resizeQueue = queue("external-resizer", (key) => resizer.syncClaim(key));
  const modifyQueue = queue("external-resizer modify", (key) => modifier.syncClaim(key));
  const ephemeralQueue = queue("ephemeral", (key) => ephemeral.syncPod(key));

  const wake = (key: string): void => {
    for (const claim of claims.byIndex(WAITING_CLAIMS, key)) claimQueue.add(keyOf(claim));
  };
  const onClaim = (claim: PersistentVolumeClaim, old?: PersistentVolumeClaim): void => {
    const key = keyOf(claim);
    claimQueue.add(key);
    if (!claim.spec.volumeName) provisionQueue.add(key);
    else {
      const volume = volumes.get("", claim.spec.volumeName);
      if (volume && wantsExpansion(claim, volume) && isExpansionNews(claim, old)) expandQueue.add(key);
      if (volume && concernsResizer(claim, volume) && isResizeNews(claim, old)) resizeQueue.add(key);
      if (isModifyNews(claim, old)) modifyQueue.add(key);
    }
    if (claim.metadata.deletionTimestamp || !claim.metadata.finalizers?.includes(CLAIM_PROTECTION)) claimProtection.add(key);
  };
  const onVolume = (volume: PersistentVolume, old?: PersistentVolume): void => {
    const name = volume.metadata.name ?? "";
    volumeQueue.add(name);
    if (driverForVolume(drivers, volume)) deleteQueue.add(name);
    if (volume.metadata.deletionTimestamp || !volume.metadata.finalizers?.includes(VOLUME_PROTECTION)) volumeProtection.add(name);
    if (!old || old.spec.claimRef?.uid !== volume.spec.claimRef?.uid) wake(`volume:${name}`);
    // Free for all, or reserved for one: claims that found nothing look again.
    if (volume.status?.phase === "Available" && (old?.status?.phase !== "Available" || old.spec.claimRef !== volume.spec.claimRef)) {
      const ref = volume.spec.claimRef;
      if (ref?.namespace && ref.name) claimQueue.add(`${ref.namespace}/${ref.name}`);
      else wake(`class:${volume.spec.storageClassName ?? ""}`);
    }
  };
  const onClass = (storageClass: StorageClass): void => {
    wake(`class:${storageClass.metadata.name}`);
    wake("no-class");
    for (const claim of claims.byIndex(WAITING_CLAIMS, `class:${storageClass.metadata.name}`)) provisionQueue.add(keyOf(claim));
  };
  /** A pod lets claims go, or waits for them in vain. */
  const onPod = (pod: Pod, old?: Pod): void => {
    if (!pod.spec?.volumes?.length) return;
    if (pod.spec.volumes.some((volume) => volume.ephemeral)) ephemeralQueue.add(keyOf(pod));
    const keys = claimKeysOf(pod);
    const refused = (p: Pod | undefined): boolean => p?.status?.conditions?.some((c) => c.type === "PodScheduled" && c.status === "False") ?? false;
    for (const key of keys) {
      if (pod.metadata.deletionTimestamp) claimProtection.add(key);
      if (old && !refused(old) && refused(pod)) claimQueue.add(key);
    }
  };

  const stops = [
    ctx.journal.source("volume_expand", ({ kind, namespace = "", name }) => {
      const claim = kind === "PersistentVolumeClaim" ? claims.get(namespace, name) : undefined;
      const volume = claim?.spec.volumeName ? volumes.get("", claim.spec.volumeName) : undefined;
      return claim && volume && wantsExpansion(claim, volume) ? [waitsForResizer(claim, expansionMessage(volume))] : [];
    }),
    claims.handle({
      add: (claim) => onClaim(claim),
      update: onClaim,
      delete(claim) {
        binder.forgetClaim(keyOf(claim));
        provisioner.forgetClaim(keyOf(claim));
        resizer.forget(keyOf(claim));
        modifier.forget(keyOf(claim));
        if (claim.spec.volumeName) volumeQueue.add(claim.spec.volumeName);
        for (const volume of volumes.byIndex(VOLUMES_BY_CLAIM, keyOf(claim))) volumeQueue.add(volume.metadata.name ?? "");
        // Somebody deleted the claim of an ephemeral volume: its pod gets another.
        for (const pod of pods.byIndex(PODS_BY_CLAIM, keyOf(claim))) onPod(pod);
      },
    }),
    volumes.handle({
      add: (volume) => onVolume(volume),
      update: onVolume,
      delete(volume) {
        binder.forgetVolume(volume.metadata.name ?? "");
        const ref = volume.spec.claimRef;
        if (ref?.namespace && ref.name) claimQueue.add(`${ref.namespace}/${ref.name}`);
      },
    }),
    classes.handle({ add: onClass, update: onClass }),
    attributesClasses.handle({
      // Those that were there before it. Upstream gets to them when it starts the next time.
      add: (found) => {
        for (const claim of claims.byIndex(CLAIMS_TO_MODIFY, found.metadata.name ?? "")) {
          provisionQueue.add(keyOf(claim));
          modifyQueue.add(keyOf(claim));
        }
      },
    }),
    pods.handle({
      add: (pod) => onPod(pod),
      update: onPod,
      delete(pod) {
        for (const key of claimKeysOf(pod)) claimProtection.add(key);
      },
    }),
  ];

  let timer: Timer;
  const resync = (): void => {
    for (const claim of claims.list()) if (claim.status?.phase !== "Bound") claimQueue.add(keyOf(claim));
    for (const volume of volumes.list()) if (volume.status?.phase !== "Bound") volumeQueue.add(volume.metadata.name ?? "");
    timer = ctx.clock.setTimeout(resync, RESYNC_MS, "periodic");
  };
  timer = ctx.clock.setTimeout(resync, RESYNC_MS, "periodic");

  const queues = [
    claimQueue,
    volumeQueue,
    provisionQueue,
    deleteQueue,
    claimProtection,
    volumeProtection,
    expandQueue,
    resizeQueue,
    modifyQueue,
    ephemeralQueue,
  ];
  return {
    stop() {
      ctx.clock.clearTimeout(timer);
      for (const stop of stops) stop();
      for (const q of queues) q.stop();
    },
  };
}
