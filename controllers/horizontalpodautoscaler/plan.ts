/** What an autoscaler makes of its target's scale. Pure. Source: pkg/controller/podautoscaler/horizontal.go reconcileAutoscaler. */

import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerCondition, HorizontalPodAutoscalerStatus } from "../../kinds/schema/api/autoscaling.v2.js";
import type { As } from "../runtime/api.js";
import { timestamp } from "../runtime/time.js";
import { metricFailure } from "./metrics.js";

export type Autoscaler = As<HorizontalPodAutoscaler>;
export type Status = HorizontalPodAutoscalerStatus;

export interface Telling {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

/** The target as its scale shows it. */
export interface Target {
  readonly replicas: number;
  readonly selector: string;
  /** Why the pods of the selector cannot be this autoscaler's alone, or the selector cannot be read: an Event's reason and text. */
  readonly selectorFault?: { readonly reason: "AmbiguousSelector" | "InvalidSelector"; readonly message: string };
}

export interface Plan {
  readonly status: Status;
  readonly events: readonly Telling[];
  /** What the target shall have; absent: it keeps what it has. */
  readonly rescale?: { readonly replicas: number; readonly reason: string };
}

type Conditions = readonly HorizontalPodAutoscalerCondition[];

/** The conditions with one set; its time moves with its status only. */
function setCondition(conditions: Conditions, type: string, status: "True" | "False", reason: string, message: string, now: number): Conditions {
  const old = conditions.find((c) => c.type === type);
  const lastTransitionTime = old?.status === status ? old.lastTransitionTime : timestamp(now);
  const next: HorizontalPodAutoscalerCondition = { type, status, ...(lastTransitionTime ? { lastTransitionTime } : {}), reason, message };
  return old ? conditions.map((c) => (c === old ? next : c)) : [...conditions, next];
}

const warning = (reason: string, message: string): Telling => ({ type: "Warning", reason, message });
const without = (conditions: Conditions, type: string): Conditions => conditions.filter((c) => c.type !== type);

/** The status anew, as setStatus makes it: observedGeneration is not kept. */
function statusOf(hpa: Autoscaler, currentReplicas: number, desiredReplicas: number, conditions: Conditions, currentMetrics?: readonly object[]): Status {
  const lastScaleTime = hpa.status?.lastScaleTime;
  return {
    ...(lastScaleTime ? { lastScaleTime } : {}),
    ...(currentReplicas ? { currentReplicas } : {}),
    desiredReplicas,
    ...(currentMetrics ? { currentMetrics } : {}),
    conditions,
  } as Status;
}

/** The target's scale cannot be had. */
export function planWithoutScale(hpa: Autoscaler, error: string, now: number): Plan {
  const message = `the HPA controller was unable to get the target's current scale: ${error}`;
  const conditions = setCondition(hpa.status?.conditions ?? [], "AbleToScale", "False", "FailedGetScale", message, now);
  return { status: { ...hpa.status, conditions: [...conditions] } as Status, events: [warning("FailedGetScale", error)] };
}

/** Bounds first: they need no metrics. Within them, metrics decide; there are none, and that is what is told. */
export function plan(hpa: Autoscaler, target: Target, now: number): Plan {
  const { maxReplicas, minReplicas = 1 } = hpa.spec;
  const current = target.replicas;
  const able = setCondition(
    hpa.status?.conditions ?? [],
    "AbleToScale",
    "True",
    "SucceededGetScale",
    "the HPA controller was able to get the target's current scale",
    now,
  );
  if (current === 0) {
    const message = "scaling is disabled since the replica count of the target is zero";
    const conditions = without(setCondition(able, "ScalingActive", "False", "ScalingDisabled", message, now), "ScaledToZero");
    return { status: statusOf(hpa, 0, 0, conditions), events: [] };
  }
  const bound =
    current > maxReplicas
      ? { replicas: maxReplicas, reason: "Current number of replicas above Spec.MaxReplicas" }
      : current < minReplicas
        ? { replicas: minReplicas, reason: "Current number of replicas below Spec.MinReplicas" }
        : undefined;
  if (bound) return { status: statusOf(hpa, current, hpa.status?.desiredReplicas ?? 0, able), events: [], rescale: bound };
  return planMetrics(hpa, target, able, now);
}

function planMetrics(hpa: Autoscaler, target: Target, able: Conditions, now: number): Plan {
  const failed = (conditions: Conditions, events: readonly Telling[], error: string, metrics?: readonly object[]): Plan => ({
    status: statusOf(hpa, target.replicas, hpa.status?.desiredReplicas ?? 0, conditions, metrics),
    events: [...events, warning("FailedComputeMetricsReplicas", error)],
  });
  const inactive = (reason: string, message: string): Conditions => setCondition(able, "ScalingActive", "False", reason, message, now);
  if (target.selector === "")
    return failed(
      inactive("InvalidSelector", "the HPA target's scale is missing a selector"),
      [warning("SelectorRequired", "selector is required")],
      "selector is required",
    );
  const fault = target.selectorFault;
  if (fault) return failed(inactive(fault.reason, fault.message), [warning(fault.reason, fault.message)], fault.message);
  const failures = (hpa.spec.metrics ?? []).map((spec) => metricFailure(spec, hpa.metadata.namespace ?? ""));
  const [first] = failures;
  return failed(
    first ? inactive(first.reason, `the HPA was unable to compute the replica count: ${first.message}`) : able,
    failures.map(({ reason, message }) => warning(reason, message)),
    `invalid metrics (${failures.length} invalid out of ${failures.length}), first error is: ${first?.error}`,
    failures.map(() => ({ type: "" })),
  );
}

/** After the target took its new size, or did not (`error`). */
export function planAfterRescale(hpa: Autoscaler, before: Plan, error: string | undefined, now: number): Plan {
  const { replicas = 0, reason = "" } = before.rescale ?? {};
  const conditions = before.status.conditions ?? [];
  if (error !== undefined)
    return {
      status: {
        ...before.status,
        conditions: [
          ...setCondition(conditions, "AbleToScale", "False", "FailedUpdateScale", `the HPA controller was unable to update the target scale: ${error}`, now),
        ],
      },
      events: [warning("FailedRescale", `New size: ${replicas}; reason: ${reason}; error: ${error}`)],
    };
  const message = `the HPA controller was able to update the target scale to ${replicas}`;
  const rescaled = without(setCondition(conditions, "AbleToScale", "True", "SucceededRescale", message, now), "ScaledToZero");
  return {
    status: { ...statusOf(hpa, before.status.currentReplicas ?? 0, replicas, rescaled), lastScaleTime: timestamp(now) },
    events: [{ type: "Normal", reason: "SuccessfulRescale", message: `New size: ${replicas}; reason: ${reason}` }],
  };
}
