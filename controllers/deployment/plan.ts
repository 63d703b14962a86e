/**
 * What a Deployment does with its ReplicaSets next. Pure: sets in, sizes out. Sources: pkg/controller/deployment rolling.go, recreate.go, sync.go.
 */
import type { Deployment, PodTemplateSpec, ReplicaSet } from "../runtime/api.js";
import { canonicalJson } from "../runtime/hash.js";
import { DESIRED_REPLICAS, nonNegative, revisionOf } from "./annotations.js";
import {
  byAge,
  desiredReplicas,
  isRollingUpdate,
  isSaturated,
  maxUnavailable,
  newSetSize,
  proportionalSizes,
  sizeOf,
  totalAvailable,
  totalSize,
} from "./numbers.js";

export const HASH_LABEL = "pod-template-hash";

/** Give a set a size. `force` writes its annotations even when the size stays. */
export interface Scale {
  readonly set: ReplicaSet;
  readonly to: number;
  readonly force?: boolean;
}

/** The new set, whose template is the Deployment's, and the old ones. */
export interface Sets {
  readonly newSet: ReplicaSet | undefined;
  readonly oldSets: readonly ReplicaSet[];
}

export const allOf = ({ newSet, oldSets }: Sets): ReplicaSet[] => (newSet ? [...oldSets, newSet] : [...oldSets]);
const activeOf = (sets: readonly ReplicaSet[]): ReplicaSet[] => sets.filter((set) => sizeOf(set) > 0);

const texts = new WeakMap<object, string>();
/** A template as text, without the hash label. */
function templateText(template: PodTemplateSpec): string {
  let text = texts.get(template);
  if (text === undefined) {
    const { labels, ...metadata } = template.metadata ?? {};
    const { [HASH_LABEL]: _, ...rest } = labels ?? {};
    text = canonicalJson({ metadata: { ...metadata, labels: rest }, spec: template.spec });
    texts.set(template, text);
  }
  return text;
}
export const sameTemplate = (a: PodTemplateSpec | undefined, b: PodTemplateSpec | undefined): boolean => templateText(a ?? {}) === templateText(b ?? {});

/** Of several sets with the Deployment's template the oldest is the new one. */
export function sortSets(d: Deployment, sets: readonly ReplicaSet[]): Sets {
  const sorted = [...sets].sort(byAge);
  const newSet = sorted.find((set) => sameTemplate(set.spec.template, d.spec.template));
  return { newSet, oldSets: sorted.filter((set) => set !== newSet) };
}

/** The Deployment was scaled since its active sets were last told its size. */
export const isScalingEvent = (d: Deployment, sets: Sets): boolean =>
  activeOf(allOf(sets)).some((set) => {
    const told = nonNegative(set, DESIRED_REPLICAS);
    return told !== undefined && told !== desiredReplicas(d);
  });

/** Scaling outside a rollout: the only active set takes all, a saturated new set the place of the old ones, otherwise each its share. */
export function planScaling(d: Deployment, sets: Sets): Scale[] {
  const all = allOf(sets);
  if (all.length === 0) return [];
  const active = activeOf(all);
  if (active.length <= 1) {
    const set = active[0] ?? sets.newSet ?? [...sets.oldSets].sort(byAge).at(-1)!;
    return sizeOf(set) === desiredReplicas(d) ? [] : [{ set, to: desiredReplicas(d) }];
  }
  if (isSaturated(d, sets.newSet)) return activeOf(sets.oldSets).map((set) => ({ set, to: 0 }));
  if (!isRollingUpdate(d)) return [];
  return proportionalSizes(d, active).map(({ set, size }) => ({ set, to: size, force: true }));
}

/** Rolling update, first half: as many new pods as the surge leaves room for. */
export function planNewSet(d: Deployment, newSet: ReplicaSet, sets: Sets): Scale[] {
  const size = sizeOf(newSet);
  const desired = desiredReplicas(d);
  const to = size > desired ? desired : size === desired ? size : newSetSize(d, totalSize(allOf(sets)), size);
  return to === size ? [] : [{ set: newSet, to }];
}

/** Rolling update, second half: unhealthy old pods go first, then as many as the available ones allow. Sets appear twice when both halves touch them. */
export function planOldSets(d: Deployment, newSet: ReplicaSet, sets: Sets): Scale[] {
  const old = activeOf(sets.oldSets).sort(byAge);
  if (old.length === 0) return [];
  const minAvailable = desiredReplicas(d) - maxUnavailable(d);
  const newUnavailable = sizeOf(newSet) - (newSet.status?.availableReplicas ?? 0);
  // New pods that are not available count against what may go, or a broken rollout would take the old pods down.
  const most = totalSize(allOf(sets)) - minAvailable - newUnavailable;
  if (most <= 0) return [];

  const sizes = new Map(old.map((set) => [set, sizeOf(set)]));
  const steps: Scale[] = [];
  const shrink = (set: ReplicaSet, by: number): void => {
    const to = sizes.get(set)! - by;
    sizes.set(set, to);
    steps.push({ set, to });
  };

  let cleaned = 0;
  for (const set of old) {
    if (cleaned >= most) break;
    const unhealthy = sizes.get(set)! - (set.status?.availableReplicas ?? 0);
    if (unhealthy === 0) continue;
    // More available than wanted: the set has just been scaled and does not know yet. Nothing more is decided on such a view.
    if (unhealthy < 0) return steps;
    const by = Math.min(most - cleaned, unhealthy);
    shrink(set, by);
    cleaned += by;
  }

  const spare = totalAvailable([...old, newSet]) - minAvailable;
  let taken = 0;
  for (const set of old) {
    if (taken >= spare) break;
    const by = Math.min(sizes.get(set)!, spare - taken);
    if (by === 0) continue;
    shrink(set, by);
    taken += by;
  }
  return steps;
}

/** Recreate: all old sets to nothing. */
export const planRecreate = (sets: Sets): Scale[] => activeOf(sets.oldSets).map((set) => ({ set, to: 0 }));

/** Old sets beyond the history limit that have nothing left to do, lowest revision first. */
export function planCleanup(d: Deployment, sets: Sets): ReplicaSet[] {
  const alive = sets.oldSets.filter((set) => !set.metadata.deletionTimestamp);
  const surplus = alive.length - (d.spec.revisionHistoryLimit ?? 0);
  if (surplus <= 0) return [];
  const compare = (a: ReplicaSet, b: ReplicaSet): number => {
    const [ra, rb] = [revisionOf(a), revisionOf(b)];
    return ra === undefined || rb === undefined || ra === rb ? byAge(a, b) : ra - rb;
  };
  return alive
    .sort(compare)
    .slice(0, surplus)
    .filter((set) => !set.status?.replicas && sizeOf(set) === 0 && (set.metadata.generation ?? 0) <= (set.status?.observedGeneration ?? 0));
}
