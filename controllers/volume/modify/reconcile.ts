/** The other half of the external resizer: volumes take over the parameters of the VolumeAttributesClass their claim names. Source: external-resizer pkg/modifycontroller. */
import type { Informer } from "../../../client/client.js";
import { exponentialBackoff } from "../../runtime/backoff.js";
import { timestamp } from "../../runtime/time.js";
import type { ControllerContext, ReconcileResult, Recorder } from "../../runtime/types.js";
import { type AttributesClass, asClaim, type PersistentVolume, type PersistentVolumeClaim, splitKey } from "../api.js";
import type { Driver, Drivers } from "../driver/driver.js";
import { DriverError } from "../driver/errors.js";
import { RETRY_MAX_MS, RETRY_START_MS } from "../expansion/resizer.js";
import { createWriter, type VolumeWriter } from "../write.js";
import { differs, modifyBegun, modifyDone, modifyFailed, modifyPending, planModify, rolledBack, wantedClass, wishesTheSame } from "./plan.js";

/** Whether a change of a claim is one the modify controller looks at: another class, or the end of a change. Source: modifyController.updatePVC. */
export const isModifyNews = (claim: PersistentVolumeClaim, old?: PersistentVolumeClaim): boolean =>
  differs(claim) && (!old || wantedClass(claim) !== wantedClass(old) || claim.status?.modifyVolumeStatus === undefined);

type Modifier = Driver & Required<Pick<Driver, "modify">>;
const canModify = (driver: Driver | undefined): driver is Modifier => driver?.modify !== undefined;

export interface ModifierInformers {
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly attributesClasses: Informer<AttributesClass>;
}

export class VolumeModifier {
  private readonly write: VolumeWriter;
  private readonly backoff = exponentialBackoff(RETRY_START_MS, RETRY_MAX_MS);
  private readonly uncertain = new Set<string>();
  /** Claims that have failed for good, and since when they are left alone. */
  private readonly slow = new Map<string, number>();

  constructor(
    private readonly ctx: ControllerContext,
    private readonly informers: ModifierInformers,
    private readonly drivers: Drivers,
  ) {
    this.write = createWriter(ctx.client.as("system:serviceaccount:kube-system:csi-resizer", "csi-resizer"));
    // Nobody knows how what was under way before this process has ended.
    for (const claim of informers.claims.list())
      if (claim.status?.modifyVolumeStatus?.status === "InProgress") this.uncertain.add(`${claim.metadata.namespace}/${claim.metadata.name}`);
  }

  /** A claim that is gone takes what is remembered of it along. */
  forget(key: string): void {
    this.backoff.forget(key);
    this.uncertain.delete(key);
    this.slow.delete(key);
  }

  async syncClaim(key: string): Promise<ReconcileResult> {
    const { namespace, name } = splitKey(key);
    const claim = this.informers.claims.get(namespace, name);
    const volume = claim?.spec.volumeName ? this.informers.volumes.get("", claim.spec.volumeName) : undefined;
    const driver = this.drivers(volume?.spec.csi?.driver);
    if (!claim || !volume || !canModify(driver)) return undefined;
    if (!wishesTheSame(claim)) this.slow.delete(key);
    const slowFor = this.slowFor(key);
    const plan = planModify(claim, { uncertain: this.uncertain.has(key), slow: slowFor > 0 });
    const events = this.ctx.recorder(`external-resizer ${driver.name}`);
    switch (plan.do) {
      case "nothing":
        return undefined;
      case "wait":
        return { requeueAfterMs: slowFor };
      case "roll-back":
        events.event(asClaim(claim), "Normal", "VolumeModifyCanceled", "Cancelled modify.");
        await this.write.claimStatusAs(claim, rolledBack);
        return undefined;
      case "begin":
      case "go-on": {
        const attributes = this.informers.attributesClasses.get("", plan.target);
        if (!attributes) {
          events.event(asClaim(claim), "Warning", "VolumeModifyFailed", `VAC "${plan.target}" does not exist.`);
          if (plan.do === "go-on") return { requeueAfterMs: this.backoff.next(key) };
          await this.write.claimStatusAs(claim, modifyPending);
          return undefined;
        }
        let planned = claim;
        if (plan.do === "begin") {
          planned = await this.write.claimStatusAs(claim, (now) => modifyBegun(now, plan.target, this.at()));
          events.event(asClaim(planned), "Normal", "VolumeModify", `external resizer is modifying volume ${name} with vac ${plan.target}`);
        }
        return this.modify(key, planned, volume, driver, attributes, events);
      }
    }
  }

  private async modify(
    key: string,
    claim: PersistentVolumeClaim,
    volume: PersistentVolume,
    driver: Modifier,
    attributes: AttributesClass,
    events: Recorder,
  ): Promise<ReconcileResult> {
    const target = attributes.metadata.name ?? "";
    try {
      await driver.modify(volume, attributes.parameters ?? {});
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
      const final = DriverError.isFinal(error);
      if (final) this.uncertain.delete(key);
      else this.uncertain.add(key);
      const failed = await this.write.claimStatusAs(claim, (now) => modifyFailed(now, error, this.at()));
      if (failed.status?.modifyVolumeStatus?.status === "Infeasible" && !this.slow.has(key)) this.slow.set(key, this.ctx.clock.now());
      events.event(asClaim(failed), "Warning", "VolumeModifyFailed", final ? error.message : `${error.message}. Still modifying to VAC ${target}`);
      return { requeueAfterMs: this.backoff.next(key) };
    }
    this.forget(key);
    // The volume first: a claim that has its class has a volume that says so.
    await this.write.volume(volume, (now) => ({ ...now, spec: { ...now.spec, volumeAttributesClassName: target } }));
    await this.write.claimStatusAs(claim, (now) => modifyDone(now, target));
    events.event(asClaim(claim), "Normal", "VolumeModifySuccessful", `external resizer modified volume ${claim.metadata.name} with vac ${target} successfully`);
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
}
