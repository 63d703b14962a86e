/** What a disruption budget says of its pods. Pure. Source: pkg/controller/disruption trySync. Times in milliseconds. */
import { disruptionNews, withDisruptionCondition } from "../../kinds/policy/poddisruptionbudget/condition.js";
import type { PodDisruptionBudgetStatus } from "../../kinds/schema/api/policy.v1.js";
import type { LabelSelector } from "../../kinds/validation/metadata.js";
import type { Pod, PodDisruptionBudget } from "../runtime/api.js";
import { isPodReady, isPodTerminal, podCondition } from "../runtime/podutil.js";
import { parseTime, timestamp } from "../runtime/time.js";

/** A pod whose eviction was approved has this long to be deleted; afterwards it counts again. */
export const DELETION_TIMEOUT = 120_000;
/** So long may a pod claim to be disrupted without being deleted. */
const STALE_TIMEOUT = 120_000;

/** Shares of the pods are counted of what their controllers want, for which those must be asked. */
export const asksControllers = ({ minAvailable, maxUnavailable }: PodDisruptionBudget["spec"]): boolean =>
  maxUnavailable !== undefined || typeof minAvailable === "string";

/** A number, or a percentage of `total` rounded up. Source: intstr.GetScaledValueFromIntOrPercent. */
function scaled(value: number | string, total: number): number {
  if (typeof value === "number") return value;
  if (!/^[+-]?\d+%$/.test(value)) throw new Error("invalid value for IntOrString: invalid type: string is not a percentage");
  return Math.ceil((Number.parseInt(value, 10) * total) / 100);
}

export interface Expectation {
  readonly expected: number;
  readonly desired: number;
}

/** How many pods there should be and how many must be healthy. `scale` is what the pods' controllers want together. */
export function expectation({ minAvailable, maxUnavailable }: PodDisruptionBudget["spec"], pods: number, scale: number): Expectation {
  if (maxUnavailable !== undefined) return { expected: scale, desired: Math.max(0, scale - scaled(maxUnavailable, scale)) };
  if (typeof minAvailable === "number") return { expected: pods, desired: minAvailable };
  if (minAvailable !== undefined) return { expected: scale, desired: scaled(minAvailable, scale) };
  return { expected: 0, desired: 0 };
}

export interface Disrupted {
  /** The pods that are still to be deleted, and since when. */
  readonly pods: Record<string, string>;
  /** Those that have not been, in time. */
  readonly overdue: readonly Pod[];
  /** When to look again. */
  readonly recheckAt?: number;
}

export function disrupted(budget: PodDisruptionBudget, pods: readonly Pod[], now: number): Disrupted {
  const out: Record<string, string> = {};
  const overdue: Pod[] = [];
  let recheckAt: number | undefined;
  for (const pod of pods) {
    const since = budget.status?.disruptedPods?.[pod.metadata.name ?? ""];
    if (since === undefined || pod.metadata.deletionTimestamp) continue;
    const until = (parseTime(since) ?? 0) + DELETION_TIMEOUT;
    if (until < now) overdue.push(pod);
    else {
      out[pod.metadata.name ?? ""] = since;
      recheckAt = Math.min(recheckAt ?? until, until);
    }
  }
  return { pods: out, overdue, ...(recheckAt === undefined ? {} : { recheckAt }) };
}

/** Ready, neither being deleted nor about to be. */
export const healthy = (pods: readonly Pod[], gone: Readonly<Record<string, string>>, now: number): number =>
  pods.filter((pod) => {
    const since = gone[pod.metadata.name ?? ""];
    const condemned = since !== undefined && (parseTime(since) ?? 0) + DELETION_TIMEOUT > now;
    return !pod.metadata.deletionTimestamp && !condemned && isPodReady(pod);
  }).length;

/** The status; without any pods expected no disruption is allowed, for the first ones may be just coming. */
export function statusOf(
  budget: PodDisruptionBudget,
  { expected, desired }: Expectation,
  currentHealthy: number,
  gone: Record<string, string>,
  now: number,
): PodDisruptionBudgetStatus {
  const spare = currentHealthy - desired;
  const allowed = expected > 0 && spare > 0 ? spare : 0;
  const { generation } = budget.metadata;
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(Object.keys(gone).length > 0 ? { disruptedPods: gone } : {}),
    disruptionsAllowed: allowed,
    currentHealthy,
    desiredHealthy: desired,
    expectedPods: expected,
    conditions: withDisruptionCondition(budget.status?.conditions, disruptionNews(allowed), generation, timestamp(now)),
  };
}

/** When all else fails nothing may be disrupted. */
export function failedStatus(budget: PodDisruptionBudget, message: string, now: number): PodDisruptionBudgetStatus {
  const { status = {} } = budget;
  const news = { status: "False", reason: "SyncFailed", message };
  return { ...status, disruptionsAllowed: 0, conditions: withDisruptionCondition(status.conditions, news, status.observedGeneration, timestamp(now)) };
}

/** For how long a pod may still say that it is being disrupted; undefined when it does not, or may for ever. */
export function staleIn(pod: Pod, now: number): number | undefined {
  if (pod.metadata.deletionTimestamp || isPodTerminal(pod)) return undefined;
  const condition = podCondition(pod, "DisruptionTarget");
  if (condition?.status !== "True" || condition.reason === "TerminationByKubelet") return undefined;
  return Math.max(0, (parseTime(condition.lastTransitionTime) ?? 0) + STALE_TIMEOUT - now);
}

/** A selector as Go prints it in an Event. Source: the String method of metav1.LabelSelector. */
export function goSelector(selector: LabelSelector | undefined): string {
  if (!selector) return "nil";
  const labels = Object.entries(selector.matchLabels ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}: ${value},`);
  const expressions = (selector.matchExpressions ?? []).map(
    ({ key, operator, values = [] }) => `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(" ")}],},`,
  );
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join("")}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join("")}},}`;
}
