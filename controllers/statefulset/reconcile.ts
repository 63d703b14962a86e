/** Reads, plans, acts: one StatefulSet at a time. Source: pkg/controller/statefulset/stateful_set.go sync. */
import type { Client, Informers } from "../../client/client.js";
import { labelSelectorAsSelector, type Selector } from "../../kinds/labels.js";
import { expendableRevisions, History } from "../history/history.js";
import { addControllerIndex, claim, orphans, ownedBy } from "../runtime/adoption.js";
import {
  CLAIMS,
  CONTROLLER_REVISIONS,
  type ControllerRevision,
  type PersistentVolumeClaim,
  PODS,
  type Pod,
  STATEFUL_SETS,
  type StatefulSet,
  splitKey,
} from "../runtime/api.js";
import { aggregate, isNotFound } from "../runtime/errors.js";
import type { Notes } from "../runtime/journal.js";
import { controllerOf } from "../runtime/podtemplate.js";
import { nextAvailabilityCheck } from "../runtime/podutil.js";
import { slowStart } from "../runtime/slowstart.js";
import type { Clock, Reconcile, ReconcileResult, Recorder } from "../runtime/types.js";
import { Effects } from "./effects.js";
import { isMemberOf, revisionOf, STATEFUL_SET } from "./identity.js";
import { type Phase, plan, type Step } from "./plan.js";
import { type Revisions, syncRevisions } from "./revisions.js";
import { type Counts, completeRollingUpdate, isStatusStale, statusFields } from "./status.js";
import { type Failure, statementsOf } from "./words.js";

export interface ReconcilerDeps {
  /** Already acting as the controller. */
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly notes: Notes;
}

export function createReconcile(deps: ReconcilerDeps): Reconcile {
  const sets = deps.informers.informer<StatefulSet>(STATEFUL_SETS);
  const pods = deps.informers.informer<Pod>(PODS);
  const claimInformer = deps.informers.informer<PersistentVolumeClaim>(CLAIMS);
  const setClient = deps.client.resource<StatefulSet>(STATEFUL_SETS);
  const podClient = deps.client.resource<Pod>(PODS);
  const history = new History(
    deps.client.resource<ControllerRevision>(CONTROLLER_REVISIONS),
    deps.informers.informer<ControllerRevision>(CONTROLLER_REVISIONS),
    STATEFUL_SET,
  );
  const effects = new Effects({
    pods: podClient,
    claims: deps.client.resource<PersistentVolumeClaim>(CLAIMS),
    claimInformer,
    recorder: deps.recorder,
  });
  addControllerIndex(pods);

  const adoptRevisions = async (set: StatefulSet, selector: Selector): Promise<void> => {
    const unowned = history.list(set, selector).filter((revision) => !controllerOf(revision));
    if (unowned.length === 0) return;
    const fresh = await setClient.get(set.metadata.namespace ?? "", set.metadata.name ?? "");
    if (fresh.metadata.uid !== set.metadata.uid || fresh.metadata.deletionTimestamp) {
      throw new Error(`can't adopt ControllerRevisions: ${set.metadata.namespace}/${set.metadata.name} is being deleted or was replaced`);
    }
    for (const revision of unowned) await history.adopt(set, revision);
  };

  const claimPods = (set: StatefulSet, selector: Selector): Promise<Pod[]> => {
    const { namespace = "", name = "", uid = "" } = set.metadata;
    return claim({
      owner: set,
      gvk: STATEFUL_SET,
      selector,
      kind: "Pod",
      candidates: [...ownedBy(pods, uid), ...orphans(pods, namespace)],
      filter: (pod) => isMemberOf(set, pod),
      resource: podClient,
      fresh: () => setClient.get(namespace, name),
    });
  };

  const writeStatus = async (set: StatefulSet, counts: Counts): Promise<void> => {
    if (!isStatusStale(set, counts)) return;
    const { namespace = "", name = "", uid } = set.metadata;
    const status = statusFields(counts);
    await setClient.modify(namespace, name, (current) => (current.metadata.uid === uid ? { ...current, status } : undefined), { subresource: "status" });
  };

  const truncate = async (set: StatefulSet, members: readonly Pod[], revisions: Revisions): Promise<void> => {
    const limit = set.spec.revisionHistoryLimit ?? 10;
    if (limit < 0 || revisions.sorted.length <= limit) return;
    const live = new Set([revisions.current.name, revisions.update.name, ...members.map(revisionOf)]);
    for (const revision of expendableRevisions(revisions.sorted, live, limit)) await history.delete(revision);
  };

  return async (key): Promise<ReconcileResult> => {
    const { namespace, name } = splitKey(key);
    const set = sets.get(namespace, name);
    if (!set) return deps.notes.state(key);
    const selector = labelSelectorAsSelector(set.spec.selector);
    await adoptRevisions(set, selector);
    const members = await claimPods(set, selector);
    const now = deps.clock.now();
    const revisions = await syncRevisions(history, set, history.list(set, selector));
    const { phases, holds, status } = plan({ set, pods: members, claim: (claimName) => claimInformer.get(namespace, claimName), now, ...revisions });

    const errors: unknown[] = [];
    const failures: Failure[] = [];
    const act = (step: Step): Promise<void> =>
      effects.run(set, step).catch((error: unknown) => {
        failures.push({ step, error });
        throw error;
      });
    let counts = status;
    let last: Phase | undefined;
    try {
      for (const phase of phases) {
        last = phase;
        await runPhase(phase, act);
      }
    } catch (error) {
      errors.push(error);
    }
    deps.notes.state(key, statementsOf(set, holds, failures, status));
    // Also when the pod had gone already: that is reported and tried again, but one is off.
    const updating = last?.work.some((steps) => steps.some((step) => step.do === "delete" && step.why === "update"));
    if (updating && errors.every(isNotFound)) counts = { ...counts, currentReplicas: counts.currentReplicas - 1 };
    counts = completeRollingUpdate(set, counts);
    // The status is reported even when the work failed: what is observed is observed.
    for (const after of [() => writeStatus(set, counts), () => truncate(set, members, revisions)]) {
      try {
        await after();
      } catch (error) {
        if (!isNotFound(error)) errors.push(error);
      }
    }
    const failure = aggregate(errors);
    if (failure) throw failure;

    const minReadySeconds = set.spec.minReadySeconds ?? 0;
    if (minReadySeconds > 0 && counts.readyReplicas !== counts.availableReplicas) {
      return { requeueAfterMs: nextAvailabilityCheck(members, minReadySeconds, now) ?? minReadySeconds * 1000 };
    }
  };
}

async function runPhase(phase: Phase, run: (step: Step) => Promise<void>): Promise<void> {
  const runAll = async (steps: readonly Step[]): Promise<void> => {
    for (const step of steps) await run(step);
  };
  if (phase.ordered) {
    for (const steps of phase.work) await runAll(steps);
    return;
  }
  const { errors } = await slowStart(phase.work.length, (index) => runAll(phase.work[index]));
  const failure = aggregate(errors);
  if (failure) throw failure;
}
