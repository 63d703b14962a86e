/** Reads, plans, acts: one ReplicaSet at a time. Source: pkg/controller/replicaset/replica_set.go syncReplicaSet. */
import type { Client, Informer, Informers } from "../../client/client.js";
import { labelSelectorAsSelector, matchesLabelSelector } from "../../kinds/labels.js";
import type { KubeObject } from "../../kinds/object.js";
import { addControllerIndex, claim, orphans, ownedBy } from "../runtime/adoption.js";
import { PODS, type Pod, type ReplicaSet, splitKey } from "../runtime/api.js";
import { isNotFound } from "../runtime/errors.js";
import type { Notes } from "../runtime/journal.js";
import { createPodControl } from "../runtime/podcontrol.js";
import { controllerOf, podFromTemplate } from "../runtime/podtemplate.js";
import { isPodActive, isPodTerminating, nextAvailabilityCheck } from "../runtime/podutil.js";
import { slowStart } from "../runtime/slowstart.js";
import type { Clock, Reconcile, ReconcileResult, Recorder } from "../runtime/types.js";
import type { Flavour } from "./flavours.js";
import { type Plan, plan } from "./plan.js";
import { calculateStatus, isStatusStale } from "./status.js";
import { statementsOf } from "./words.js";

export interface ReconcilerDeps {
  /** Already acting as the controller. */
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly notes: Notes;
  readonly flavour: Flavour;
}

export function createReconcile(deps: ReconcilerDeps): Reconcile {
  const { gvk, resource, selectorOf } = deps.flavour;
  const sets = deps.informers.informer<ReplicaSet>(resource);
  const pods = deps.informers.informer<Pod>(PODS);
  const setClient = deps.client.resource<ReplicaSet>(resource);
  const podClient = deps.client.resource<Pod>(PODS);
  addControllerIndex(pods as unknown as Informer<KubeObject>);
  addControllerIndex(sets as unknown as Informer<KubeObject>);

  const podControl = createPodControl(podClient, deps.recorder, gvk);

  /** Pods of all ReplicaSets with the same controller, by their selectors. None without a controller. */
  const relatedPods = (set: ReplicaSet): Pod[] => {
    const owner = controllerOf(set);
    if (!owner) return [];
    const related = new Map<string, Pod>();
    for (const sibling of ownedBy(sets, owner.uid)) {
      for (const pod of pods.list(sibling.metadata.namespace)) {
        if (matchesLabelSelector(selectorOf(sibling), pod.metadata.labels)) related.set(pod.metadata.uid ?? "", pod);
      }
    }
    return [...related.values()];
  };

  /** Returns the first failure. */
  const act = async (set: ReplicaSet, { create, delete: condemned }: Plan): Promise<unknown> => {
    if (create > 0)
      return (await slowStart(create, () => podControl.create(set, podFromTemplate(set.spec.template ?? { spec: { containers: [] } }, set, gvk)))).errors[0];
    const results = await Promise.allSettled(condemned.map((pod) => podControl.delete(set, pod.metadata.name ?? "")));
    return results.find((result) => result.status === "rejected")?.reason;
  };

  return async (key): Promise<ReconcileResult> => {
    const { namespace, name } = splitKey(key);
    const set = sets.get(namespace, name);
    if (!set) return deps.notes.state(key);
    const selector = labelSelectorAsSelector(selectorOf(set));
    const uid = set.metadata.uid ?? "";
    const own = ownedBy(pods, uid);
    const active = await claim({
      owner: set,
      gvk,
      selector,
      kind: "Pod",
      candidates: [...own, ...orphans(pods, namespace)].filter(isPodActive),
      resource: podClient,
      fresh: () => setClient.get(namespace, name),
    });
    const terminating = deps.flavour.tellsTerminating ? own.filter((pod) => isPodTerminating(pod) && selector.matches(pod.metadata.labels)).length : undefined;
    const failure = await act(
      set,
      plan(set, active, () => relatedPods(set), deps.clock.now()),
    );

    const now = deps.clock.now();
    deps.notes.state(key, statementsOf(gvk.kind, set, active, failure, now));
    const status = calculateStatus(set, active, terminating, failure, now);
    if (isStatusStale(set, status)) {
      try {
        await setClient.modify(namespace, name, (current) => (current.metadata.uid === uid ? { ...current, status } : undefined), { subresource: "status" });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
    if (failure !== undefined) throw failure;
    const minReadySeconds = set.spec.minReadySeconds ?? 0;
    if (minReadySeconds > 0 && (status.readyReplicas ?? 0) !== (status.availableReplicas ?? 0)) {
      return { requeueAfterMs: nextAvailabilityCheck(active, minReadySeconds, now) ?? minReadySeconds * 1000 };
    }
  };
}
