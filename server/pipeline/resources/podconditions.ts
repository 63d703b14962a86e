import type { PodCondition } from "../../../kinds/schema/api/core.v1.js";

/** The conditions with this one in its place, or added; the time of its last change stays where the status does. Source: podutil.UpdatePodCondition. */
export function withPodCondition(conditions: readonly PodCondition[] = [], condition: PodCondition, now: string): PodCondition[] {
  const next: PodCondition = { ...condition, lastProbeTime: null as never, lastTransitionTime: now };
  const at = conditions.findIndex((c) => c.type === condition.type);
  if (at < 0) return [...conditions, next];
  const was = conditions[at] as PodCondition;
  return conditions.map((c, i) => (i === at ? { ...next, lastTransitionTime: was.status === next.status ? was.lastTransitionTime : now } : c));
}
