/** Reads, plans, acts: one Deployment at a time. Source: pkg/controller/deployment/deployment_controller.go syncDeployment. */
import type { Client, Informer, Informers, ResourceClient } from "../../client/client.js";
import { labelSelectorAsSelector } from "../../kinds/labels.js";
import type { KubeObject } from "../../kinds/object.js";
import type { DeploymentCondition, DeploymentStatus } from "../../kinds/schema/api/apps.v1.js";
import { addControllerIndex, claim, orphans, ownedBy } from "../runtime/adoption.js";
import { DEPLOYMENTS, type Deployment, PODS, type Pod, REPLICA_SETS, type ReplicaSet, splitKey, withGvk } from "../runtime/api.js";
import { isAlreadyExists, isNamespaceTerminating, isNotFound, messageOf } from "../runtime/errors.js";
import type { Notes, Statement } from "../runtime/journal.js";
import { controllerOf } from "../runtime/podtemplate.js";
import { isPodTerminal } from "../runtime/podutil.js";
import type { Clock, Reconcile, ReconcileResult, Recorder } from "../runtime/types.js";
import { annotationsAfterRollback, lastRevision, REVISION, ROLLBACK_TO, revisionOf } from "./annotations.js";
import { desiredReplicas, sizeOf } from "./numbers.js";
import {
  allOf,
  HASH_LABEL,
  isScalingEvent,
  planCleanup,
  planNewSet,
  planOldSets,
  planRecreate,
  planScaling,
  type Scale,
  type Sets,
  sameTemplate,
  sortSets,
} from "./plan.js";
import { DEPLOYMENT, newReplicaSet, refreshNewSet, scaleSet } from "./sets.js";
import {
  calculateRolloutStatus,
  calculateStatus,
  condition,
  findCondition,
  hasHistoryLimit,
  hasProgressDeadline,
  isComplete,
  nextProgressCheck,
  pauseCondition,
  sameStatus,
  withCondition,
} from "./status.js";
import { failed, statementsOf } from "./words.js";

export interface ReconcilerDeps {
  /** Already acting as the controller. */
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly notes: Notes;
}

interface Resources extends ReconcilerDeps {
  readonly deployments: ResourceClient<Deployment>;
  readonly replicaSets: ResourceClient<ReplicaSet>;
  readonly sets: Informer<ReplicaSet>;
  readonly pods: Informer<Pod>;
}

export function createReconcile(deps: ReconcilerDeps): Reconcile {
  const informer = deps.informers.informer<Deployment>(DEPLOYMENTS);
  const resources: Resources = {
    ...deps,
    deployments: deps.client.resource<Deployment>(DEPLOYMENTS),
    replicaSets: deps.client.resource<ReplicaSet>(REPLICA_SETS),
    sets: deps.informers.informer<ReplicaSet>(REPLICA_SETS),
    pods: deps.informers.informer<Pod>(PODS),
  };
  addControllerIndex(resources.sets as unknown as Informer<KubeObject>);
  addControllerIndex(resources.pods as unknown as Informer<KubeObject>);
  return async (key) => {
    const { namespace, name } = splitKey(key);
    const d = informer.get(namespace, name);
    if (!d) return deps.notes.state(key);
    const own = await claim({
      owner: d,
      gvk: DEPLOYMENT,
      selector: labelSelectorAsSelector(d.spec.selector),
      kind: "ReplicaSet",
      candidates: [...ownedBy(resources.sets, d.metadata.uid ?? ""), ...orphans(resources.sets, namespace)],
      resource: resources.replicaSets,
      fresh: () => resources.deployments.get(namespace, name),
    });
    const sync = new Sync(resources, d, own);
    try {
      const result = await sync.run();
      deps.notes.state(key, sync.held());
      return result;
    } catch (error) {
      // The Deployment went away under the work.
      if (isNotFound(error) && !informer.get(namespace, name)) return;
      deps.notes.state(key, [failed(d, messageOf(error))]);
      throw error;
    }
  };
}

/** One pass over one Deployment. What it has written shows in `d` and `own`, so that later steps of the pass see it. */
class Sync {
  constructor(
    private readonly r: Resources,
    private d: Deployment,
    private own: readonly ReplicaSet[],
  ) {}

  async run(): Promise<ReconcileResult> {
    if (this.d.metadata.deletionTimestamp) {
      await this.syncNewSet(false);
      return this.report(calculateStatus(this.d, allOf(this.sets()), this.sets().newSet, this.r.clock.now()));
    }
    const pause = pauseCondition(this.d, this.r.clock.now());
    if (pause) await this.writeCondition(pause);
    if (this.d.spec.paused) {
      await this.syncNewSet(false);
      return this.scaleOnly();
    }
    if (rollbackTo(this.d) !== undefined) return this.rollback();
    await this.syncNewSet(false);
    if (isScalingEvent(this.d, this.sets())) return this.scaleOnly();
    return this.d.spec.strategy?.type === "Recreate" ? this.recreate() : this.roll();
  }

  /** What the pass has not done yet, and why. */
  held(): Statement[] {
    const sets = this.sets();
    return statementsOf(this.d, sets, this.d.spec.strategy?.type === "Recreate" && this.hasOldPods(sets));
  }

  private sets(): Sets {
    return sortSets(this.d, this.own);
  }

  /** Scaling and pausing: sizes and counts, no rollout. */
  private async scaleOnly(): Promise<ReconcileResult> {
    const sets = this.sets();
    await this.scaleAll(planScaling(this.d, sets));
    if (this.d.spec.paused && rollbackTo(this.d) === undefined) await this.cleanup(sets);
    return this.report(calculateStatus(this.d, allOf(sets), sets.newSet, this.r.clock.now()));
  }

  private async roll(): Promise<ReconcileResult> {
    await this.syncNewSet(true);
    const sets = this.sets();
    const newSet = sets.newSet!;
    if ((await this.scaleAll(planNewSet(this.d, newSet, sets))) > 0) return this.reportRollout(sets);
    // A failure here waits for the next pass: upstream swallows it, too.
    const shrunk = await this.scaleAll(planOldSets(this.d, newSet, sets)).catch(() => 0);
    if (shrunk > 0) return this.reportRollout(sets);
    if (isComplete(this.d, this.d.status)) await this.cleanup(sets);
    return this.reportRollout(sets);
  }

  private async recreate(): Promise<ReconcileResult> {
    let sets = this.sets();
    if ((await this.scaleAll(planRecreate(sets))) > 0 || this.hasOldPods(sets)) return this.reportRollout(sets);
    if (!sets.newSet) {
      await this.syncNewSet(true);
      sets = this.sets();
    }
    const newSet = sets.newSet!;
    if (sizeOf(newSet) !== desiredReplicas(this.d)) await this.scaleAll([{ set: newSet, to: desiredReplicas(this.d) }]);
    if (isComplete(this.d, this.d.status)) await this.cleanup(sets);
    return this.reportRollout(sets);
  }

  /** Old pods run, or an old set still counts some; finished ones do not matter, terminating ones do. */
  private hasOldPods({ newSet, oldSets }: Sets): boolean {
    if (oldSets.some((set) => (set.status?.replicas ?? 0) > 0)) return true;
    return this.own.some((set) => set.metadata.uid !== newSet?.metadata.uid && ownedBy(this.r.pods, set.metadata.uid ?? "").some((pod) => !isPodTerminal(pod)));
  }

  /** Carries sizes out one after the other; returns how many sets changed size. A set that is scaled twice is taken as the first time left it. */
  private async scaleAll(steps: readonly Scale[]): Promise<number> {
    let scaled = 0;
    for (const step of steps) {
      const set = this.own.find((own) => own.metadata.uid === step.set.metadata.uid) ?? step.set;
      const from = sizeOf(set);
      const changed = await scaleSet(this.r.replicaSets, this.r.recorder, this.d, { ...step, set });
      if (!changed) continue;
      this.replace(changed);
      if (from !== step.to) scaled++;
    }
    return scaled;
  }

  private async cleanup(sets: Sets): Promise<void> {
    if (!hasHistoryLimit(this.d)) return;
    for (const { metadata } of planCleanup(this.d, sets)) {
      try {
        await this.r.replicaSets.delete(metadata.namespace ?? "", metadata.name ?? "");
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  }

  /** Keeps the new set's bookkeeping and the Deployment's revision; makes the set when it is missing and `create` says so. */
  private async syncNewSet(create: boolean): Promise<void> {
    const { newSet, oldSets } = this.sets();
    if (!newSet) {
      if (create) await this.createNewSet(oldSets);
      return;
    }
    const refreshed = refreshNewSet(this.r.replicaSets, this.d, newSet, oldSets);
    if (refreshed) {
      // The Deployment's own revision follows in the next pass, which this write sets off.
      this.replace(await refreshed);
      return;
    }
    const found =
      hasProgressDeadline(this.d) && !findCondition(this.d.status?.conditions, "Progressing")
        ? condition("Progressing", "True", "FoundNewReplicaSet", `Found new replica set "${newSet.metadata.name}"`, this.r.clock.now())
        : undefined;
    await this.writeRevision(newSet.metadata.annotations?.[REVISION], found);
  }

  private async createNewSet(oldSets: readonly ReplicaSet[]): Promise<void> {
    const d = this.d;
    const wanted = newReplicaSet(d, oldSets);
    const { namespace = "", name } = wanted.metadata;
    const now = this.r.clock.now();
    let existed = false;
    let created: ReplicaSet;
    try {
      created = await this.r.replicaSets.create(namespace, wanted);
    } catch (error) {
      if (isAlreadyExists(error)) {
        const existing = await this.r.replicaSets.get(namespace, name ?? "");
        if (controllerOf(existing)?.uid !== d.metadata.uid || !sameTemplate(existing.spec.template, d.spec.template)) {
          // Another template has the name: count the collision, which gives the next try another hash.
          await this.writeStatus({ ...d.status, collisionCount: (d.status?.collisionCount ?? 0) + 1 });
          throw error;
        }
        existed = true;
        created = existing;
      } else {
        if (!isNamespaceTerminating(error)) {
          const message = `Failed to create new replica set "${name}": ${messageOf(error)}`;
          if (hasProgressDeadline(d)) {
            await this.writeCondition(condition("Progressing", "False", "ReplicaSetCreateError", message, now)).catch(() => {});
          }
          this.r.recorder.event(withGvk(d, DEPLOYMENT), "Warning", "ReplicaSetCreateError", message);
        }
        throw error;
      }
    }
    this.own = [...this.own, created];
    const size = sizeOf(created);
    if (!existed && size > 0) {
      const message = `Scaled up replica set ${created.metadata.name} from 0 to ${size}`;
      this.r.recorder.event(withGvk(d, DEPLOYMENT), "Normal", "ScalingReplicaSet", message);
    }
    const told =
      !existed && hasProgressDeadline(d)
        ? condition("Progressing", "True", "NewReplicaSetCreated", `Created new replica set "${created.metadata.name}"`, now)
        : undefined;
    await this.writeRevision(wanted.metadata.annotations?.[REVISION], told);
  }

  /** Old way of rolling back, by annotation. Source: pkg/controller/deployment/rollback.go. */
  private async rollback(): Promise<ReconcileResult> {
    await this.syncNewSet(true);
    const all = allOf(this.sets());
    const revision = rollbackTo(this.d) || lastRevision(all);
    const warn = (reason: string, message: string): void => this.r.recorder.event(withGvk(this.d, DEPLOYMENT), "Warning", reason, message);
    const target = revision === 0 ? undefined : all.find((set) => revisionOf(set) === revision);
    const { namespace = "", name = "" } = this.d.metadata;
    const unchanged = target !== undefined && sameTemplate(target.spec.template, this.d.spec.template);
    if (revision === 0) warn("DeploymentRollbackRevisionNotFound", "Unable to find last revision.");
    else if (!target) warn("DeploymentRollbackRevisionNotFound", "Unable to find the revision to rollback to.");
    else if (unchanged) warn("DeploymentRollbackTemplateUnchanged", `The rollback revision contains the same template as current deployment "${name}"`);
    await this.r.deployments.modify(namespace, name, (current) => {
      const { [ROLLBACK_TO]: _, ...annotations } = current.metadata.annotations ?? {};
      if (!target || unchanged) return { ...current, metadata: { ...current.metadata, annotations } };
      const template = structuredClone(target.spec.template ?? { spec: { containers: [] } });
      delete template.metadata?.labels?.[HASH_LABEL];
      return {
        ...current,
        metadata: { ...current.metadata, annotations: annotationsAfterRollback(current, target) },
        spec: { ...current.spec, template },
      };
    });
    if (target && !unchanged) {
      this.r.recorder.event(withGvk(this.d, DEPLOYMENT), "Normal", "DeploymentRollback", `Rolled back deployment "${name}" to revision ${revision}`);
    }
  }

  private replace(set: ReplicaSet): void {
    this.own = this.own.map((own) => (own.metadata.uid === set.metadata.uid ? set : own));
  }

  private async reportRollout({ newSet, oldSets }: Sets): Promise<ReconcileResult> {
    const now = this.r.clock.now();
    const status = calculateRolloutStatus(this.d, allOf({ newSet, oldSets }), newSet, now);
    if (!sameStatus(this.d.status, status)) return this.report(status);
    const after = nextProgressCheck(this.d, status, now);
    return after === undefined ? undefined : { requeueAfterMs: after };
  }

  private async report(status: DeploymentStatus): Promise<ReconcileResult> {
    if (!sameStatus(this.d.status, status)) await this.writeStatus(status);
    return undefined;
  }

  private async writeCondition(next: DeploymentCondition): Promise<void> {
    await this.writeStatus({ ...this.d.status, conditions: [...withCondition(this.d.status?.conditions ?? [], next)] });
  }

  private async writeRevision(revision: string | undefined, next: DeploymentCondition | undefined): Promise<void> {
    const known = revision === undefined || this.d.metadata.annotations?.[REVISION] === revision;
    if (known && !next) return;
    const conditions = next ? { conditions: [...withCondition(this.d.status?.conditions ?? [], next)] } : {};
    await this.writeStatus({ ...this.d.status, ...conditions }, known ? undefined : revision);
  }

  /** The revision annotation goes the way of the status, which leaves the generation alone: the Deployment's status strategy lets annotations through. */
  private async writeStatus(status: DeploymentStatus, revision?: string): Promise<void> {
    const { namespace = "", name = "", uid } = this.d.metadata;
    const change = (current: Deployment): Deployment => ({
      ...current,
      metadata: revision === undefined ? current.metadata : { ...current.metadata, annotations: { ...current.metadata.annotations, [REVISION]: revision } },
      status,
    });
    await this.r.deployments.modify(namespace, name, (current) => (current.metadata.uid === uid ? change(current) : undefined), { subresource: "status" });
    this.d = change(this.d);
  }
}

/** The revision to roll back to (0: the last), undefined when none is asked for. */
function rollbackTo(d: Deployment): number | undefined {
  const text = d.metadata.annotations?.[ROLLBACK_TO];
  return text !== undefined && /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
}
