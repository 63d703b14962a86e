/** What a Deployment writes on its ReplicaSets. Source: pkg/controller/deployment/util/deployment_util.go. */
import type { Deployment, KubeObject, ReplicaSet } from "../runtime/api.js";

export const REVISION = "deployment.kubernetes.io/revision";
export const REVISION_HISTORY = "deployment.kubernetes.io/revision-history";
export const DESIRED_REPLICAS = "deployment.kubernetes.io/desired-replicas";
export const MAX_REPLICAS = "deployment.kubernetes.io/max-replicas";
export const ROLLBACK_TO = "deprecated.deployment.rollback.to";

/** Longest list of former revisions, in characters. */
const MAX_HISTORY = 2000;

type Annotations = Readonly<Record<string, string>>;

/** Annotations that belong to one object and are not passed on. */
const OWN = new Set(["kubectl.kubernetes.io/last-applied-configuration", REVISION, REVISION_HISTORY, DESIRED_REPLICAS, MAX_REPLICAS, ROLLBACK_TO]);

/** An int64 as strconv.ParseInt reads it; undefined when it is none. */
const parseInteger = (text: string): number | undefined => (/^[+-]?\d+$/.test(text) ? Number(text) : undefined);

/** The revision an object carries: 0 when none, undefined when it is no number. */
export function revisionOf(object: KubeObject): number | undefined {
  const text = object.metadata.annotations?.[REVISION];
  return text === undefined ? 0 : parseInteger(text);
}

export const maxRevision = (sets: readonly ReplicaSet[]): number => sets.reduce((max, set) => Math.max(max, revisionOf(set) ?? 0), 0);

/** The second highest revision, which an undo goes to; 0 when there is none. */
export function lastRevision(sets: readonly ReplicaSet[]): number {
  const sorted = sets.flatMap((set) => revisionOf(set) ?? []).sort((a, b) => b - a);
  return sorted[1] ?? 0;
}

/** A count kept in an annotation; undefined when absent or out of range. */
export function nonNegative(set: ReplicaSet, name: string): number | undefined {
  const text = set.metadata.annotations?.[name];
  if (text === undefined || !/^\d+$/.test(text)) return undefined;
  const count = Number(text);
  return count <= 0x7fffffff ? count : undefined;
}

/** The counts every set that is scaled carries; undefined when they are there already. */
export function withReplicas(annotations: Annotations | undefined, desired: number, max: number): Annotations | undefined {
  const counts = { [DESIRED_REPLICAS]: String(desired), [MAX_REPLICAS]: String(max) };
  if (annotations && Object.entries(counts).every(([key, value]) => annotations[key] === value)) return undefined;
  return { ...annotations, ...counts };
}

/**
 * The annotations of the Deployment's new set: the Deployment's own, and a revision above all old ones. A set that is rolled back to keeps its former revision
 * in its history. Undefined when they are as they should be.
 */
export function newSetAnnotations(d: Deployment, current: Annotations | undefined, newRevision: number): Annotations | undefined {
  const next: Record<string, string> = { ...current };
  let changed = false;
  for (const [key, value] of Object.entries(d.metadata.annotations ?? {})) {
    if (OWN.has(key) || next[key] === value) continue;
    next[key] = value;
    changed = true;
  }
  const text = current?.[REVISION];
  const old = text ? parseInteger(text) : 0;
  if (old === undefined) return undefined;
  if (old < newRevision) {
    next[REVISION] = String(newRevision);
    changed = true;
    if (text !== undefined) {
      const history = appendRevision(current?.[REVISION_HISTORY] ?? "", text);
      if (history !== undefined) next[REVISION_HISTORY] = history;
    }
  }
  return changed ? next : undefined;
}

/** Adds a revision to the list, dropping the oldest when it gets too long; undefined when it does not fit at all. */
function appendRevision(history: string, revision: string): string | undefined {
  const revisions = history.split(",");
  if (revisions[0] === "") return revision;
  let length = history.length + revision.length + 1;
  let start = 0;
  for (; length > MAX_HISTORY && start < revisions.length; start++) length -= revisions[start].length + 1;
  return length <= MAX_HISTORY ? [...revisions.slice(start), revision].join(",") : undefined;
}

/** The Deployment's annotations after a rollback to `set`: its own bookkeeping and the set's for the rest. */
export function annotationsAfterRollback(d: Deployment, set: ReplicaSet): Record<string, string> {
  const own = Object.entries(d.metadata.annotations ?? {}).filter(([key]) => OWN.has(key) && key !== ROLLBACK_TO);
  const theirs = Object.entries(set.metadata.annotations ?? {}).filter(([key]) => !OWN.has(key));
  return Object.fromEntries([...own, ...theirs]);
}
