/** Reads, plans, acts: one DaemonSet at a time. Source: pkg/controller/daemon syncDaemonSet. */
import type { Client, Informer, Informers } from "../../client/client.js";
import { labelSelectorAsSelector } from "../../kinds/labels.js";
import { addControllerIndex, claim, orphans, ownedBy } from "../runtime/adoption.js";
import {
  CONTROLLER_REVISIONS,
  type ControllerRevision,
  DAEMON_SETS,
  type DaemonSet,
  type KubeObject,
  NODES,
  type Node,
  PODS,
  type Pod,
  splitKey,
  withGvk,
} from "../runtime/api.js";
import { aggregate, isNotFound } from "../runtime/errors.js";
import { canonicalJson } from "../runtime/hash.js";
import { createPodControl } from "../runtime/podcontrol.js";
import { isPodTerminal, isTerminating, nextAvailabilityCheck } from "../runtime/podutil.js";
import { slowStart } from "../runtime/slowstart.js";
import type { Clock, Reconcile, ReconcileResult, Recorder } from "../runtime/types.js";
import { Failures } from "./failures.js";
import { DAEMON_SET, podFor, targetNode } from "./nodes.js";
import { type Plan, rollingUpdate, type Upkeep, upkeep, type World } from "./plan.js";
import { DaemonRevisions } from "./revisions.js";
import { calculateStatus } from "./status.js";

/** Most pods made, and most deleted, in one go. */
const BURST = 250;

export interface ReconcilerDeps {
  /** Already acting as the controller. */
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly recorder: Recorder;
}

export function createReconcile(deps: ReconcilerDeps): Reconcile {
  const { client, informers, clock, recorder } = deps;
  const sets = informers.informer<DaemonSet>(DAEMON_SETS);
  const pods = informers.informer<Pod>(PODS);
  const nodes = informers.informer<Node>(NODES);
  const setClient = client.resource<DaemonSet>(DAEMON_SETS);
  const podClient = client.resource<Pod>(PODS);
  addControllerIndex(pods as unknown as Informer<KubeObject>);
  const podControl = createPodControl(podClient, recorder, DAEMON_SET);
  const revisions = new DaemonRevisions({
    sets: setClient,
    revisions: client.resource<ControllerRevision>(CONTROLLER_REVISIONS),
    informer: informers.informer<ControllerRevision>(CONTROLLER_REVISIONS),
    pods: podClient,
  });
  const failures = new Failures();

  const ownPods = (set: DaemonSet): Promise<Pod[]> => {
    const { namespace = "", name = "", uid = "" } = set.metadata;
    return claim({
      owner: set,
      gvk: DAEMON_SET,
      selector: labelSelectorAsSelector(set.spec.selector),
      kind: "Pod",
      candidates: [...ownedBy(pods, uid), ...orphans(pods, namespace)],
      resource: podClient,
      fresh: () => setClient.get(namespace, name),
    });
  };

  const look = async (set: DaemonSet, hash: string): Promise<World> => {
    const byNode = new Map<string, Pod[]>();
    for (const pod of await ownPods(set)) {
      // One that has ended and is held by a finalizer is nobody's concern any more.
      if (isPodTerminal(pod) && isTerminating(pod)) continue;
      const node = targetNode(pod);
      if (node !== undefined) byNode.set(node, [...(byNode.get(node) ?? []), pod]);
    }
    return { set, nodes: nodes.list(), pods: byNode, hash, now: clock.now() };
  };

  /** Throws what went wrong, when all is done. */
  const act = async ({ set, hash }: World, plan: Plan): Promise<void> => {
    const { errors } = await slowStart(Math.min(plan.create.length, BURST), (i) => podControl.create(set, podFor(set, plan.create[i] as string, hash)));
    const deletions = await Promise.allSettled(plan.delete.slice(0, BURST).map((name) => podControl.delete(set, name)));
    const failure = aggregate([...errors, ...deletions.flatMap((d) => (d.status === "rejected" ? [d.reason] : []))]);
    if (failure) throw failure;
  };

  const report = (set: DaemonSet, { ended }: Upkeep): void => {
    const about = withGvk(set, DAEMON_SET);
    for (const { pod, node } of ended) {
      const which = `daemon pod ${pod.metadata.namespace}/${pod.metadata.name} on node ${node}`;
      if (pod.status?.phase === "Failed") recorder.event(about, "Warning", "FailedDaemonPod", `Found failed ${which}, will try to kill it`);
      else recorder.event(about, "Normal", "SucceededDaemonPod", `Found succeeded ${which}, will try to delete it`);
    }
  };

  /** Returns when to look again at pods that failed. */
  const manage = async (set: DaemonSet, hash: string, old: readonly ControllerRevision[]): Promise<number | undefined> => {
    const world = await look(set, hash);
    const key = (node: string): string => `${set.metadata.uid}/${set.status?.observedGeneration ?? 0}/${node}`;
    const found = upkeep(world, (node) => failures.wait(key(node), world.now));
    report(set, found);
    await act(world, found);
    // What was done is looked at first, in the next round that it sets off.
    const settled = found.create.length === 0 && found.delete.length === 0;
    if (settled && set.spec.updateStrategy?.type === "RollingUpdate") await act(world, rollingUpdate(world));
    await revisions.cleanUp(old, await ownPods(set), set.spec.revisionHistoryLimit ?? 10);
    return found.retryMs;
  };

  const tell = async (world: World): Promise<void> => {
    const { set } = world;
    const { namespace = "", name = "", uid, generation = 0 } = set.metadata;
    const status = calculateStatus(world);
    if ((set.status?.observedGeneration ?? 0) >= generation && canonicalJson(set.status ?? {}) === canonicalJson(status)) return;
    try {
      // Of what may have changed meanwhile, only the collision count is not this function's.
      const next = (now: DaemonSet): DaemonSet => ({
        ...now,
        status: { ...status, ...(now.status?.collisionCount === undefined ? {} : { collisionCount: now.status.collisionCount }) },
      });
      await setClient.modify(namespace, name, (now) => (now.metadata.uid === uid ? next(now) : undefined), { subresource: "status" });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  };

  return async (key): Promise<ReconcileResult> => {
    const { namespace, name } = splitKey(key);
    const set = sets.get(namespace, name);
    // While it is being deleted its revisions may go before its pods: nothing it says would be true.
    if (!set || set.metadata.deletionTimestamp) return;
    const { hash, old } = await revisions.sync(set, () => ownPods(set));
    let retryMs: number | undefined;
    let failure: unknown;
    try {
      retryMs = await manage(set, hash, old);
    } catch (error) {
      failure = error;
    }
    const world = await look(set, hash);
    await tell(world);
    if (failure !== undefined) throw failure;
    const minReadySeconds = set.spec.minReadySeconds ?? 0;
    const ready = [...world.pods.values()].flat();
    const waits = [retryMs, nextAvailabilityCheck(ready, minReadySeconds, world.now)].filter((ms) => ms !== undefined);
    if (waits.length > 0) return { requeueAfterMs: Math.min(...waits) };
  };
}
