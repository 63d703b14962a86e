/** The external resizer of every driver: volumes grow in the steps of plan.ts, each written down. Source: kubernetes-csi/external-resizer pkg/controller. */
import type { Informer } from "../../../client/client.js";
import { exponentialBackoff } from "../../runtime/backoff.js";
import { resizeState } from "../../runtime/claimresize.js";
import { messageOf } from "../../runtime/errors.js";
import { timestamp } from "../../runtime/time.js";
import type { ControllerContext, ReconcileResult } from "../../runtime/types.js";
import { amount } from "../amount.js";
import {
  annotation,
  asClaim,
  hasAnnotation,
  type PersistentVolume,
  type PersistentVolumeClaim,
  PODS_BY_CLAIM,
  type Pod,
  PRE_RESIZE_CAPACITY,
  STORAGE_RESIZER,
  splitKey,
} from "../api.js";
import type { Driver, Drivers, Expanded } from "../driver/driver.js";
import { DriverError } from "../driver/errors.js";
import { requestedStorage } from "../match.js";
import { createWriter, type VolumeWriter } from "../write.js";
import {
  claimCapacity,
  forgottenCapacity,
  grownVolume,
  nodeResizePending,
  planResize,
  type ResizePlan,
  resizeBegun,
  resizeDone,
  resizeFailed,
  wantsExpansion,
} from "./plan.js";

/** --retry-interval-start and --retry-interval-max, in milliseconds. The latter is also how long an infeasible request is left alone. */
export const RETRY_START_MS = 1_000;
export const RETRY_MAX_MS = 300_000;

/** Whether a change of a claim is one a resizer looks at: the request, who resizes, more capacity, or how far it is. Source: resizeController.updatePVC. */
export const isResizeNews = (claim: PersistentVolumeClaim, old?: PersistentVolumeClaim): boolean =>
  !old ||
  amount(requestedStorage(claim)) !== amount(requestedStorage(old)) ||
  annotation(claim, STORAGE_RESIZER) !== annotation(old, STORAGE_RESIZER) ||
  amount(claimCapacity(claim)) > amount(claimCapacity(old)) ||
  resizeState(claim) !== resizeState(old);

/** Whether there is anything to do for a resizer at all. */
export const concernsResizer = (claim: PersistentVolumeClaim, volume: PersistentVolume): boolean =>
  wantsExpansion(claim, volume) || hasAnnotation(volume, PRE_RESIZE_CAPACITY);

/** The driver a volume is for: its own, or of a migrated plugin the one the expand controller has named. Source: csiResizer.CanSupport. */
export const resizerOf = (drivers: Drivers, claim: PersistentVolumeClaim, volume: PersistentVolume): Driver | undefined =>
  drivers(volume.spec.csi?.driver ?? annotation(claim, STORAGE_RESIZER));

type Expander = Driver & Required<Pick<Driver, "expand">>;
const canExpand = (driver: Driver): driver is Expander => driver.expand !== undefined;

const isFinished = (pod: Pod): boolean => pod.status?.phase === "Failed" || pod.status?.phase === "Succeeded";

export interface ResizerInformers {
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly pods: Informer<Pod>;
}

export class Resizer {
  private readonly write: VolumeWriter;
  private readonly backoff = exponentialBackoff(RETRY_START_MS, RETRY_MAX_MS);
  /** Claims whose last error was final. */
  private readonly finalErrors = new Set<string>();
  /** Claims that have failed for good, and since when they are left alone. */
  private readonly slow = new Map<string, number>();
  /** Claims whose driver would not grow a volume that is in use. */
  private readonly inUse = new Set<string>();

  constructor(
    private readonly ctx: ControllerContext,
    private readonly informers: ResizerInformers,
    private readonly drivers: Drivers,
  ) {
    this.write = createWriter(ctx.client.as("system:serviceaccount:kube-system:csi-resizer", "csi-resizer"));
  }

  /** A claim that is gone takes what is remembered of it along. */
  forget(key: string): void {
    this.backoff.forget(key);
    this.finalErrors.delete(key);
    this.slow.delete(key);
    this.inUse.delete(key);
  }

  async syncClaim(key: string): Promise<ReconcileResult> {
    const { namespace, name } = splitKey(key);
    const claim = this.informers.claims.get(namespace, name);
    const volume = claim?.spec.volumeName ? this.informers.volumes.get("", claim.spec.volumeName) : undefined;
    const driver = claim && volume && resizerOf(this.drivers, claim, volume);
    if (!claim || !volume || !driver || !canExpand(driver)) return undefined;
    if (forgottenCapacity(volume, claim)) await this.write.volume(volume, (now) => forgottenCapacity(now, claim));
    if (!wantsExpansion(claim, volume)) return undefined;
    const slowFor = this.slowFor(key);
    if (resizeState(claim) === "ControllerResizeInfeasible" && slowFor === 0) this.slow.set(key, this.ctx.clock.now());
    const plan = planResize(claim, volume, { finalError: this.finalErrors.has(key), slow: slowFor > 0 });
    if (plan.do === "nothing") return undefined;
    if (plan.do === "wait") return { requeueAfterMs: slowFor };
    const failed = await this.resize(key, claim, volume, driver, plan);
    if (failed) return { requeueAfterMs: this.backoff.next(key) };
    this.backoff.forget(key);
    return undefined;
  }

  /** How long a claim is still left alone, in milliseconds. */
  private slowFor(key: string): number {
    const since = this.slow.get(key);
    const left = since === undefined ? 0 : since + RETRY_MAX_MS - this.ctx.clock.now();
    if (left <= 0) this.slow.delete(key);
    return Math.max(0, left);
  }

  private at = (): string => timestamp(this.ctx.clock.now());

  /** Returns whether it failed. */
  private async resize(
    key: string,
    planned: PersistentVolumeClaim,
    volume: PersistentVolume,
    driver: Expander,
    plan: ResizePlan & { do: "resize" },
  ): Promise<boolean> {
    const events = this.ctx.recorder(`external-resizer ${driver.name}`);
    const claim = await this.write.claimStatusAs(planned, (now) => resizeBegun(now, plan, this.at()));
    if (this.inUse.has(key) && this.isInUse(key)) {
      const text = `Unable to expand ${key} because CSI driver ${driver.name} only supports offline expansion and volume is currently in-use`;
      events.event(asClaim(claim), "Warning", "VolumeResizeFailed", text);
      return true;
    }
    events.event(asClaim(claim), "Normal", "Resizing", `External resizer is resizing volume ${volume.metadata.name}`);
    this.inUse.delete(key);
    let grown: Expanded;
    try {
      grown = await driver.expand({ volume, size: plan.size });
    } catch (error) {
      await this.failed(key, claim, error);
      const text = `resize volume "${volume.metadata.name}" by resizer "${driver.name}" failed: ${messageOf(error)}`;
      events.event(asClaim(claim), "Warning", "VolumeResizeFailed", text);
      return true;
    }
    this.finalErrors.delete(key);
    this.slow.delete(key);
    // The volume first: whoever is stopped in between asks the driver again for what it has already done.
    await this.write.volume(volume, (now) => grownVolume(now, grown.capacity, claimCapacity(planned), grown.nodeExpansion));
    if (grown.nodeExpansion) {
      await this.write.claimStatusAs(claim, (now) => nodeResizePending(now, this.at()));
      events.event(asClaim(claim), "Normal", "FileSystemResizeRequired", "Require file system resize of volume on node");
    } else {
      await this.write.claimStatusAs(claim, (now) => resizeDone(now, grown.capacity));
      events.event(asClaim(claim), "Normal", "VolumeResizeSuccessful", "Resize volume succeeded");
    }
    return false;
  }

  private async failed(key: string, claim: PersistentVolumeClaim, error: unknown): Promise<void> {
    if (error instanceof DriverError && error.code === "FailedPrecondition") this.inUse.add(key);
    if (!DriverError.isFinal(error)) {
      this.slow.delete(key);
      this.finalErrors.delete(key);
      return;
    }
    this.finalErrors.add(key);
    const infeasible = DriverError.isInfeasible(error);
    if (!infeasible) this.slow.delete(key);
    await this.write.claimStatusAs(claim, (now) => resizeFailed(now, messageOf(error), infeasible, this.at()));
  }

  private isInUse = (key: string): boolean => this.informers.pods.byIndex(PODS_BY_CLAIM, key).some((pod) => !isFinished(pod));
}
