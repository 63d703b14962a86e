/** How many pods a rollout may have, and which set gets how many. Source: pkg/controller/deployment/util/deployment_util.go. */
import type { Deployment, ReplicaSet } from "../runtime/api.js";
import { scaled } from "../runtime/intorpercent.js";
import { parseTime } from "../runtime/time.js";
import { DESIRED_REPLICAS, MAX_REPLICAS, nonNegative } from "./annotations.js";

export const desiredReplicas = (d: Deployment): number => d.spec.replicas ?? 1;
export const sizeOf = (set: ReplicaSet): number => set.spec.replicas ?? 1;
export const isRollingUpdate = (d: Deployment): boolean => d.spec.strategy?.type === "RollingUpdate";

/** Surge and unavailability together: when both come to nothing one pod may be unavailable, or nothing would ever move. */
function fenceposts(d: Deployment): { surge: number; unavailable: number } {
  const { maxSurge, maxUnavailable } = d.spec.strategy?.rollingUpdate ?? {};
  const surge = scaled(maxSurge, desiredReplicas(d), true);
  const unavailable = scaled(maxUnavailable, desiredReplicas(d), false);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

export const maxSurge = (d: Deployment): number => (isRollingUpdate(d) ? fenceposts(d).surge : 0);

export function maxUnavailable(d: Deployment): number {
  if (!isRollingUpdate(d) || desiredReplicas(d) === 0) return 0;
  return Math.min(fenceposts(d).unavailable, desiredReplicas(d));
}

export const totalSize = (sets: readonly ReplicaSet[]): number => sets.reduce((sum, set) => sum + sizeOf(set), 0);
export const totalAvailable = (sets: readonly ReplicaSet[]): number => sets.reduce((sum, set) => sum + (set.status?.availableReplicas ?? 0), 0);

/** The size the new set may have, given that of all sets (the new one included). */
export function newSetSize(d: Deployment, total: number, current: number): number {
  const desired = desiredReplicas(d);
  if (!isRollingUpdate(d)) return desired;
  const room = desired + scaled(d.spec.strategy?.rollingUpdate?.maxSurge, desired, true) - total;
  return room <= 0 ? current : current + Math.min(room, desired - current);
}

/** Oldest first, by name among equals. */
export const byAge = (a: ReplicaSet, b: ReplicaSet): number =>
  (parseTime(a.metadata.creationTimestamp) ?? 0) - (parseTime(b.metadata.creationTimestamp) ?? 0) ||
  ((a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : a.metadata.name === b.metadata.name ? 0 : 1);

/** The new set has all replicas, all available, and knows it. */
export const isSaturated = (d: Deployment, set: ReplicaSet | undefined): boolean =>
  set !== undefined &&
  sizeOf(set) === desiredReplicas(d) &&
  set.metadata.annotations?.[DESIRED_REPLICAS] === String(desiredReplicas(d)) &&
  (set.status?.availableReplicas ?? 0) === desiredReplicas(d);

const round = (x: number): number => Math.trunc(x < 0 ? x - 0.5 : x + 0.5);

/** What a set may gain or lose by its share of the deployment's former size. */
function fraction(d: Deployment, set: ReplicaSet): number {
  if (desiredReplicas(d) === 0) return -sizeOf(set);
  const before = nonNegative(set, MAX_REPLICAS) || (d.status?.replicas ?? 0);
  if (before === 0) return 0;
  return round((sizeOf(set) * (desiredReplicas(d) + maxSurge(d))) / before) - sizeOf(set);
}

/** `add` replicas (or fewer, when negative) spread over active sets by their sizes; the largest takes what is left over. In the order in which sets are scaled. */
export function proportionalSizes(d: Deployment, active: readonly ReplicaSet[]): { set: ReplicaSet; size: number }[] {
  const allowed = desiredReplicas(d) > 0 ? desiredReplicas(d) + maxSurge(d) : 0;
  const add = allowed - totalSize(active);
  const sets = [...active];
  // Of sets of one size the newer grows first and the older shrinks first.
  if (add > 0) sets.sort((a, b) => sizeOf(b) - sizeOf(a) || byAge(b, a));
  else if (add < 0) sets.sort((a, b) => sizeOf(b) - sizeOf(a) || byAge(a, b));
  let added = 0;
  const sizes = sets.map((set) => {
    let share = 0;
    if (add !== 0 && sizeOf(set) !== 0 && add !== added) {
      const part = fraction(d, set);
      share = add > 0 ? Math.min(part, add - added) : Math.max(part, add - added);
    }
    added += share;
    return { set, size: sizeOf(set) + share };
  });
  if (sizes.length > 0 && add !== 0) sizes[0].size = Math.max(0, sizes[0].size + add - added);
  return sizes;
}
