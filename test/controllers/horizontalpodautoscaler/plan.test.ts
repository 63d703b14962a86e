import { describe, expect, it } from "vitest";
import { metricFailure, selectorText } from "../../../controllers/horizontalpodautoscaler/metrics.js";
import { type Autoscaler, plan, planAfterRescale, planWithoutScale } from "../../../controllers/horizontalpodautoscaler/plan.js";
import type { MetricSpec } from "../../../kinds/schema/api/autoscaling.v2.js";

const NOW = Date.parse("2024-05-01T10:00:00Z");
const NOW_TEXT = "2024-05-01T10:00:00Z";
const CPU = { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } } as MetricSpec;
const autoscaler = (spec: object = {}, status: object = {}): Autoscaler =>
  ({
    metadata: { name: "h", namespace: "ns" },
    spec: { minReplicas: 2, maxReplicas: 5, scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "d" }, metrics: [CPU], ...spec },
    status: { desiredReplicas: 0, ...status },
  }) as unknown as Autoscaler;
const target = (replicas: number, more: object = {}) => ({ replicas, selector: "app=d", ...more });
const brief = (conditions: readonly { type: string; status: string; reason?: string }[] | undefined) =>
  (conditions ?? []).map((c) => `${c.type}=${c.status} ${c.reason}`);

describe("#4.1 horizontal pod autoscaler: plan", () => {
  it.each([
    [6, 5, "Current number of replicas above Spec.MaxReplicas"],
    [1, 2, "Current number of replicas below Spec.MinReplicas"],
  ])("brings %d replicas to %d", (now, then, reason) => {
    const made = plan(autoscaler(), target(now), NOW);
    expect(made.rescale).toEqual({ replicas: then, reason });
    const done = planAfterRescale(autoscaler(), made, undefined, NOW);
    expect(done.events).toEqual([{ type: "Normal", reason: "SuccessfulRescale", message: `New size: ${then}; reason: ${reason}` }]);
    expect(done.status).toEqual({
      lastScaleTime: NOW_TEXT,
      currentReplicas: now,
      desiredReplicas: then,
      conditions: [
        {
          type: "AbleToScale",
          status: "True",
          reason: "SucceededRescale",
          message: `the HPA controller was able to update the target scale to ${then}`,
          lastTransitionTime: NOW_TEXT,
        },
      ],
    });
    const refused = planAfterRescale(autoscaler(), made, "no", NOW);
    expect([brief(refused.status.conditions), refused.status.desiredReplicas, refused.events[0]?.message]).toEqual([
      ["AbleToScale=False FailedUpdateScale"],
      0,
      `New size: ${then}; reason: ${reason}; error: no`,
    ]);
  });

  it("leaves a target alone that somebody scaled to zero", () => {
    const { status, events, rescale } = plan(autoscaler(), target(0), NOW);
    expect([brief(status.conditions), events, rescale]).toEqual([["AbleToScale=True SucceededGetScale", "ScalingActive=False ScalingDisabled"], [], undefined]);
  });

  it("within bounds asks for metrics and says that there are none, the first of them in the condition", () => {
    const pods = { type: "Pods", pods: { metric: { name: "qps" }, target: { type: "AverageValue", averageValue: "10" } } } as MetricSpec;
    const { status, events } = plan(autoscaler({ metrics: [pods, CPU] }, { desiredReplicas: 4, lastScaleTime: NOW_TEXT }), target(3), NOW + 60_000);
    expect([status.currentReplicas, status.desiredReplicas, status.lastScaleTime, status.currentMetrics]).toEqual([
      3,
      4,
      NOW_TEXT,
      [{ type: "" }, { type: "" }],
    ]);
    expect(brief(status.conditions)).toEqual(["AbleToScale=True SucceededGetScale", "ScalingActive=False FailedGetPodsMetric"]);
    expect(events.map((e) => e.reason)).toEqual(["FailedGetPodsMetric", "FailedGetResourceMetric", "FailedComputeMetricsReplicas"]);
    expect(events[2]?.message).toBe(
      "invalid metrics (2 invalid out of 2), first error is: failed to get pods metric value: unable to get metric qps: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered",
    );
  });

  it.each([
    [{ selector: "" }, "InvalidSelector", ["SelectorRequired selector is required", "FailedComputeMetricsReplicas selector is required"]],
    [
      { selectorFault: { reason: "AmbiguousSelector" as const, message: "two" } },
      "AmbiguousSelector",
      ["AmbiguousSelector two", "FailedComputeMetricsReplicas two"],
    ],
  ])("needs a selector of its own: %j", (more, reason, told) => {
    const { status, events } = plan(autoscaler(), target(3, more), NOW);
    expect([brief(status.conditions)[1], status.currentMetrics, events.map((e) => `${e.reason} ${e.message}`)]).toEqual([
      `ScalingActive=False ${reason}`,
      undefined,
      told,
    ]);
  });

  it("keeps what it knows when the scale cannot be had, and the time of a condition until it turns", () => {
    const before = {
      currentReplicas: 3,
      desiredReplicas: 3,
      conditions: [{ type: "AbleToScale", status: "False", reason: "X", lastTransitionTime: "2024-01-01T00:00:00Z" }],
    };
    const { status, events } = planWithoutScale(autoscaler({}, before), "gone", NOW);
    expect(status).toEqual({
      ...before,
      conditions: [
        {
          type: "AbleToScale",
          status: "False",
          reason: "FailedGetScale",
          message: "the HPA controller was unable to get the target's current scale: gone",
          lastTransitionTime: "2024-01-01T00:00:00Z",
        },
      ],
    });
    expect(events).toEqual([{ type: "Warning", reason: "FailedGetScale", message: "gone" }]);
  });
});

const NO_API = "unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)";
const NO_CUSTOM = "unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered";
const describedObject = { kind: "Ingress", name: "i" };

describe("#4.1 horizontal pod autoscaler: metrics nobody serves", () => {
  it.each<[object, string, string]>([
    [CPU, "FailedGetResourceMetric", `failed to get cpu utilization: unable to get metrics for resource cpu: ${NO_API}`],
    [
      { type: "Resource", resource: { name: "memory", target: { type: "AverageValue", averageValue: "1Gi" } } },
      "FailedGetResourceMetric",
      `failed to get memory usage: unable to get metrics for resource memory: ${NO_API}`,
    ],
    [
      { type: "ContainerResource", containerResource: { name: "cpu", container: "c", target: { type: "Utilization", averageUtilization: 1 } } },
      "FailedGetContainerResourceMetric",
      `failed to get cpu utilization: unable to get metrics for resource cpu: ${NO_API}`,
    ],
    [
      { type: "Object", object: { describedObject, metric: { name: "r" }, target: { type: "Value", value: "1" } } },
      "FailedGetObjectMetric",
      `unable to get metric r: Ingress on ns i/${NO_CUSTOM}`,
    ],
    [
      { type: "Object", object: { describedObject, metric: { name: "r" }, target: { type: "Utilization", averageValue: "1" } } },
      "FailedGetObjectMetric",
      "invalid object metric source: neither a value target nor an average value target was set",
    ],
    [
      { type: "External", external: { metric: { name: "q", selector: { matchLabels: { b: "2", a: "1" } } }, target: { type: "Value", value: "1" } } },
      "FailedGetExternalMetric",
      "unable to get external metric ns/q/&LabelSelector{MatchLabels:map[string]string{a: 1,b: 2,},MatchExpressions:[]LabelSelectorRequirement{},}: unable to fetch metrics from external metrics API: the server could not find the requested resource (get q.external.metrics.k8s.io)",
    ],
  ])("%j", (spec, reason, message) => {
    expect(metricFailure(spec as MetricSpec, "ns")).toMatchObject({ reason, message });
  });

  it("prints selectors as Go does", () => {
    expect(selectorText(undefined)).toBe("nil");
    expect(selectorText({ matchExpressions: [{ key: "k", operator: "In", values: ["a", "b"] }] })).toBe(
      "&LabelSelector{MatchLabels:map[string]string{},MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:k,Operator:In,Values:[a b],},},}",
    );
  });
});
