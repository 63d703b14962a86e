/** The one condition of a budget; the controller and the eviction endpoint both write it. Source: component-helpers apps/poddisruptionbudget. */
import type { Condition } from "../../schema/api/meta.v1.js";

export const DISRUPTION_ALLOWED = "DisruptionAllowed";

type News = Pick<Condition, "status" | "reason" | "message">;

/** What the number of disruptions makes of the condition. */
export const disruptionNews = (allowed: number): News =>
  allowed > 0 ? { status: "True", reason: "SufficientPods", message: "" } : { status: "False", reason: "InsufficientPods", message: "" };

/** The conditions with the news taken in; the time moves with the status only. Source: apimachinery meta.SetStatusCondition. */
export function withDisruptionCondition(
  conditions: readonly Condition[] | undefined,
  news: News,
  observedGeneration: number | undefined,
  now: string,
): Condition[] {
  const list = conditions ?? [];
  const old = list.find((c) => c.type === DISRUPTION_ALLOWED);
  const next: Condition = {
    type: DISRUPTION_ALLOWED,
    ...news,
    ...(observedGeneration === undefined ? {} : { observedGeneration }),
    lastTransitionTime: old?.status === news.status ? old.lastTransitionTime : now,
  };
  return old ? list.map((c) => (c === old ? next : c)) : [...list, next];
}
