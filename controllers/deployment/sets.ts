/** What a Deployment does to its ReplicaSets, with upstream's Events. Source: pkg/controller/deployment/sync.go. */
import type { ResourceClient } from "../../client/client.js";
import type { Deployment, ReplicaSet } from "../runtime/api.js";
import { withGvk } from "../runtime/api.js";
import { computeHash } from "../runtime/hash.js";
import { controllerRef } from "../runtime/podtemplate.js";
import type { Recorder } from "../runtime/types.js";
import { maxRevision, newSetAnnotations, withReplicas } from "./annotations.js";
import { desiredReplicas, maxSurge, newSetSize, sizeOf, totalSize } from "./numbers.js";
import { HASH_LABEL, type Scale } from "./plan.js";

export const DEPLOYMENT = { apiVersion: "apps/v1", kind: "Deployment" } as const;
const MAX_NAME = 253;

/** `name-hash`, the name cut so that the whole stays a valid name. */
const setName = (deployment: string, hash: string): string => `${deployment.slice(0, MAX_NAME - 1 - hash.length)}-${hash}`;

/** The set for the Deployment's template as it is to be created. */
export function newReplicaSet(d: Deployment, oldSets: readonly ReplicaSet[]): ReplicaSet {
  const template = structuredClone(d.spec.template);
  const hash = computeHash(template, d.status?.collisionCount);
  const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash };
  template.metadata = { ...template.metadata, labels };
  const selector = { ...d.spec.selector, matchLabels: { ...d.spec.selector?.matchLabels, [HASH_LABEL]: hash } };
  const annotations = newSetAnnotations(d, undefined, maxRevision(oldSets) + 1);
  const desired = desiredReplicas(d);
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: setName(d.metadata.name ?? "", hash),
      namespace: d.metadata.namespace,
      labels,
      annotations: { ...annotations, ...withReplicas(undefined, desired, desired + maxSurge(d)) },
      ownerReferences: [controllerRef(d, DEPLOYMENT)],
    },
    spec: {
      replicas: newSetSize(d, totalSize(oldSets), 0),
      ...(d.spec.minReadySeconds ? { minReadySeconds: d.spec.minReadySeconds } : {}),
      selector,
      template,
    },
  };
}

/** Changes the set in place; nothing when it has been replaced meanwhile. Returns it as it is then. */
function change(client: ResourceClient<ReplicaSet>, set: ReplicaSet, to: (current: ReplicaSet) => ReplicaSet): Promise<ReplicaSet> {
  const { namespace = "", name = "", uid } = set.metadata;
  return client.modify(namespace, name, (current) => (current.metadata.uid === uid ? to(current) : undefined));
}

const annotated = (set: ReplicaSet, annotations: Readonly<Record<string, string>> | undefined): ReplicaSet["metadata"] =>
  annotations ? { ...set.metadata, annotations: { ...set.metadata.annotations, ...annotations } } : set.metadata;

/** Brings the new set's annotations and minReadySeconds up to date; undefined when they are. */
export function refreshNewSet(
  client: ResourceClient<ReplicaSet>,
  d: Deployment,
  set: ReplicaSet,
  oldSets: readonly ReplicaSet[],
): Promise<ReplicaSet> | undefined {
  const annotations = newSetAnnotations(d, set.metadata.annotations, maxRevision(oldSets) + 1);
  const minReadySeconds = d.spec.minReadySeconds ?? 0;
  if (!annotations && (set.spec.minReadySeconds ?? 0) === minReadySeconds) return undefined;
  return change(client, set, (current) => {
    const { minReadySeconds: _, ...spec } = current.spec;
    return { ...current, metadata: annotated(current, annotations), spec: minReadySeconds ? { ...spec, minReadySeconds } : spec };
  });
}

/** Gives a set its size and the counts it keeps in annotations, and reports the size. Returns the set as it is then, undefined when nothing was to be done. */
export async function scaleSet(
  client: ResourceClient<ReplicaSet>,
  recorder: Recorder,
  d: Deployment,
  { set, to, force }: Scale,
): Promise<ReplicaSet | undefined> {
  const from = sizeOf(set);
  if (!force && from === to) return undefined;
  const desired = desiredReplicas(d);
  const counts = withReplicas(set.metadata.annotations, desired, desired + maxSurge(d));
  if (from === to && !counts) return undefined;
  const scaled = await change(client, set, (current) => ({ ...current, metadata: annotated(current, counts), spec: { ...current.spec, replicas: to } }));
  if (from !== to) {
    const message = `Scaled ${from < to ? "up" : "down"} replica set ${scaled.metadata.name} from ${from} to ${to}`;
    recorder.event(withGvk(d, DEPLOYMENT), "Normal", "ScalingReplicaSet", message);
  }
  return scaled;
}
