/** How many pods a ReplicaSet makes or deletes next. Source: pkg/controller/replicaset manageReplicas. */
import type { Pod, ReplicaSet } from "../runtime/api.js";
import { rankForDeletion } from "./rank.js";

/** Most pods made or deleted in one go. */
export const BURST = 500;

export interface Plan {
  readonly create: number;
  readonly delete: readonly Pod[];
}

/** `active` are the set's pods that neither finished nor are being deleted; `related` is asked only when some of them must be chosen. Times in milliseconds. */
export function plan(set: ReplicaSet, active: readonly Pod[], related: () => readonly Pod[], now: number): Plan {
  if (set.metadata.deletionTimestamp) return { create: 0, delete: [] };
  const missing = (set.spec.replicas ?? 1) - active.length;
  if (missing >= 0) return { create: Math.min(missing, BURST), delete: [] };
  const count = Math.min(-missing, BURST);
  return { create: 0, delete: (count < active.length ? rankForDeletion(active, related(), now) : active).slice(0, count) };
}
