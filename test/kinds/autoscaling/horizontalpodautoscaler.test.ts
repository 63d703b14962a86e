import { describe, expect, it } from "vitest";
import { horizontalPodAutoscalerV1 as v1, horizontalPodAutoscaler as v2 } from "../../../kinds/autoscaling/horizontalpodautoscaler/index.js";
import type { KubeObject } from "../../../kinds/object.js";
import { cells, made, onCreate, onUpdate } from "../support.js";

const ref = { apiVersion: "apps/v1", kind: "Deployment", name: "d" };
const spec = (changes: object = {}): object => ({ spec: { maxReplicas: 3, scaleTargetRef: ref, ...changes } });
const cpu = (averageUtilization: number) => ({ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization } } });
const metrics = (...list: object[]): object => spec({ metrics: list });
const AT = "spec.metrics[0]";

describe("#4.1 HorizontalPodAutoscaler: validation", () => {
  it.each<[string, object, string[]]>([
    ["nothing wrong", spec(), []],
    [
      "nothing said",
      { spec: {} },
      [
        "spec.maxReplicas: Required value: must be set and greater than 0",
        "spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`",
        "spec.scaleTargetRef.kind: Required value",
        "spec.scaleTargetRef.name: Required value",
        'spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group',
      ],
    ],
    [
      "negative bounds",
      spec({ minReplicas: -2, maxReplicas: -1 }),
      ["spec.minReplicas: Invalid value: -2: must be greater than or equal to 1", "spec.maxReplicas: Invalid value: -1: must be greater than or equal to 1"],
    ],
    [
      "zero without what could wake it",
      spec({ minReplicas: 0 }),
      [
        "spec.minReplicas: Invalid value: 0: must be greater than or equal to 1",
        "spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas",
      ],
    ],
    ["the core group, for the one kind it has", spec({ scaleTargetRef: { apiVersion: "v1", kind: "ReplicationController", name: "r" } }), []],
    [
      "a reference that is none",
      spec({ scaleTargetRef: { apiVersion: "a/b/c", kind: "x/y", name: "%" } }),
      [
        "spec.scaleTargetRef.kind: Invalid value: \"x/y\": may not contain '/'",
        "spec.scaleTargetRef.name: Invalid value: \"%\": may not contain '%'",
        'spec.scaleTargetRef.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
      ],
    ],
    [
      "a metric of no type",
      metrics({ resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 1 } } }),
      [
        `${AT}.type: Required value: must specify a metric source type`,
        `${AT}.type: Unsupported value: "": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"`,
        `${AT}.type: Unsupported value: "": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"`,
      ],
    ],
    [
      "two sources, the first judged",
      metrics({ ...cpu(0), pods: { metric: { name: "q" }, target: { type: "AverageValue" } } }),
      [
        `${AT}.pods.target.averageValue: Required value: must specify a positive target averageValue`,
        `${AT}.pods: Forbidden: must populate the given metric source only`,
      ],
    ],
    [
      "both targets at once",
      metrics(
        { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 1, averageValue: "1" } } },
        { type: "External", external: { metric: { name: "q" }, target: { type: "Value", value: "0", averageValue: "-1" } } },
      ),
      [
        `${AT}.resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization`,
        'spec.metrics[1].external.target.value: Invalid value: "0": must be positive',
        'spec.metrics[1].external.target.averageValue: Invalid value: "-1": must be positive',
        "spec.metrics[1].external.target.value: Forbidden: may not set both a target value for metric and a per-pod target",
      ],
    ],
    [
      "a container that has no name",
      metrics({ type: "ContainerResource", containerResource: { name: "pods", container: "", target: { type: "Rate", averageUtilization: 0 } } }),
      [
        `${AT}.containerResource.name: Invalid value: "pods": must be a standard resource for containers`,
        `${AT}.containerResource.container: Required value: must specify a container`,
        `${AT}.containerResource.target.type: Invalid value: "Rate": must be either Utilization, Value, or AverageValue`,
        `${AT}.containerResource.target.averageUtilization: Invalid value: 0: must be greater than 0`,
      ],
    ],
    [
      "an object's metric without a target; its group may be empty",
      metrics({ type: "Object", object: { describedObject: { kind: "Service", name: "s" }, metric: { name: "m" }, target: { type: "Value" } } }),
      [`${AT}.object.target.averageValue: Required value: must set either a target value or averageValue`],
    ],
    [
      "behavior",
      spec({
        behavior: {
          scaleUp: { stabilizationWindowSeconds: -1, selectPolicy: "Avg", policies: [{ type: "Nope", value: 0, periodSeconds: 2000 }], tolerance: "-1" },
          scaleDown: { policies: [] },
        },
      }),
      [
        "spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: -1: must be greater than or equal to zero",
        'spec.behavior.scaleUp.selectPolicy: Unsupported value: "Avg": supported values: "Disabled", "Max", "Min"',
        'spec.behavior.scaleUp.policies[0].type: Unsupported value: "Nope": supported values: "Percent", "Pods"',
        "spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero",
        "spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 2000: must be less than or equal to 1800",
        'spec.behavior.scaleUp.tolerance: Invalid value: "-1": must be greater than or equal to 0',
        "spec.behavior.scaleDown.policies: Required value: must specify at least one Policy",
      ],
    ],
  ])("%s", (_, fields, expected) => {
    expect(onCreate(v2, fields as never)).toEqual(expected);
  });

  it("lets stay what was let in once", () => {
    const bad = spec({
      minReplicas: 0,
      scaleTargetRef: { ...ref, apiVersion: "" },
      metrics: [{ type: "External", external: { metric: { name: "q" }, target: { type: "Value", value: "1" } } }],
    });
    expect(onUpdate(v2, bad as never, bad as never)).toEqual([]);
    expect(onUpdate(v2, bad as never, spec({ scaleTargetRef: { ...ref, apiVersion: "", kind: "Other" } }) as never)).toEqual([
      'spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group',
    ]);
  });
});

describe("#4.1 HorizontalPodAutoscaler: defaults and columns", () => {
  it("fills in rules where there is any behavior", () => {
    expect(made(v2, spec() as never).spec).toMatchObject({ minReplicas: 1, metrics: [cpu(80)] });
    const up = { policies: [{ type: "Pods", value: 1, periodSeconds: 5 }] };
    expect(made(v2, spec({ behavior: { scaleUp: up } }) as never).spec.behavior).toEqual({
      scaleUp: { stabilizationWindowSeconds: 0, selectPolicy: "Max", policies: up.policies },
      scaleDown: { selectPolicy: "Max", policies: [{ type: "Percent", value: 100, periodSeconds: 15 }] },
    });
  });

  it("drops what only another version writes", () => {
    const annotations = { "autoscaling.alpha.kubernetes.io/metrics": "[]", own: "1" };
    expect(made(v2, spec() as never, { annotations }).metadata.annotations).toEqual({ own: "1" });
  });

  it.each<[object[], object[], string]>([
    [[cpu(50)], [], "cpu: <unknown>/50%"],
    [[cpu(50)], [{ type: "Resource", resource: { name: "cpu", current: { averageUtilization: 7, averageValue: "1" } } }], "cpu: 7%/50%"],
    [
      [{ type: "Pods", pods: { metric: { name: "q" }, target: { type: "AverageValue", averageValue: "10" } } }, cpu(1), cpu(2)],
      [],
      "<unknown>/10, cpu: <unknown>/1% + 1 more...",
    ],
    [
      [{ type: "External", external: { metric: { name: "q" }, target: { type: "AverageValue", averageValue: "5" } } }],
      [{ type: "External", external: { current: { averageValue: "4" } } }],
      "4/5 (avg)",
    ],
    [
      [{ type: "Object", object: { describedObject: ref, metric: { name: "m" }, target: { type: "Value", value: "2k" } } }],
      [{ type: "Object", object: { current: { value: "1k" } } }],
      "1k/2k",
    ],
    [[{ type: "Odd" }], [], "<unknown type>"],
  ])("shows %j", (list, currentMetrics, shown) => {
    const fields = { ...metrics(...list), status: { currentMetrics, currentReplicas: 2 } };
    expect(cells(v2, fields as never)).toEqual(["x", "Deployment/d", shown, "1", 3, 2, "4m"]);
  });
});

describe("#4.1 HorizontalPodAutoscaler: v1 and v2", () => {
  const { toStored, fromStored } = v1.storedAs as NonNullable<typeof v1.storedAs>;
  const clean = (o: KubeObject): KubeObject => JSON.parse(JSON.stringify(o));
  const round = (o: KubeObject): KubeObject => clean(toStored(clean(fromStored(o))));

  it("loses nothing of a v2 object on the way to v1 and back, the CPU's share goes last", () => {
    const object = made(
      v2,
      {
        ...metrics(
          cpu(50),
          {
            type: "Object",
            object: {
              describedObject: ref,
              metric: { name: "m", selector: { matchLabels: { a: "<&>" } } },
              target: { type: "AverageValue", value: "1", averageValue: "2" },
            },
          },
          { type: "Object", object: { describedObject: ref, metric: { name: "n" }, target: { type: "Value", value: "2k" } } },
          { type: "Pods", pods: { metric: { name: "q" }, target: { type: "AverageValue", averageValue: "10" } } },
          { type: "Resource", resource: { name: "memory", target: { type: "AverageValue", averageValue: "1Gi" } } },
          { type: "ContainerResource", containerResource: { name: "cpu", container: "c", target: { type: "Utilization", averageUtilization: 9 } } },
          {
            type: "External",
            external: {
              metric: { name: "e", selector: { matchExpressions: [{ key: "k", operator: "In", values: ["v"] }] } },
              target: { type: "Value", value: "3" },
            },
          },
        ),
        status: {
          currentReplicas: 2,
          desiredReplicas: 3,
          conditions: [{ type: "AbleToScale", status: "True", lastTransitionTime: "2024-01-01T00:00:00Z", reason: "R", message: "a < b & c" }],
          currentMetrics: [
            { type: "Resource", resource: { name: "cpu", current: { averageUtilization: 7, averageValue: "100m" } } },
            { type: "External", external: { metric: { name: "e" }, current: { value: "3" } } },
          ],
        },
      } as never,
      { annotations: { own: "1" } },
    );
    Object.assign(object.spec, { behavior: { scaleUp: { selectPolicy: "Min", policies: [{ type: "Pods", value: 1, periodSeconds: 2 }], tolerance: "100m" } } });
    const [first, ...others] = object.spec.metrics;
    expect(round(object)).toEqual(clean({ ...object, spec: { ...object.spec, metrics: [...others, first] } }));
    const one = fromStored(object);
    expect([one.spec.targetCPUUtilizationPercentage, one.status.currentCPUUtilizationPercentage]).toEqual([50, 7]);
    // as Go escapes it, with its field names for what v1 has no struct of
    expect(one.metadata.annotations?.["autoscaling.alpha.kubernetes.io/metrics"]).toContain(
      '"selector":{"matchLabels":{"a":"\\u003c\\u0026\\u003e"}},"averageValue":"2"',
    );
    expect(one.metadata.annotations?.["autoscaling.alpha.kubernetes.io/conditions"]).toContain('"message":"a \\u003c b \\u0026 c"');
    expect(one.metadata.annotations?.["autoscaling.alpha.kubernetes.io/behavior"]).toBe(
      '{"ScaleUp":{"StabilizationWindowSeconds":null,"SelectPolicy":"Min","Policies":[{"Type":"Pods","Value":1,"PeriodSeconds":2}],"Tolerance":"100m"},"ScaleDown":null}',
    );
  });

  it.each([
    ["[{}]", [{ type: "" }]],
    [
      '[{"TYPE":"Pods","pods":{"metricName":"q","targetAverageValue":5}}]',
      [{ type: "Pods", pods: { metric: { name: "q" }, target: { type: "AverageValue", averageValue: "5" } } }],
    ],
    ['[{"type":"Resource","resource":{"name":"cpu","targetAverageValue":"x"}}]', undefined],
    ['{"type":"Pods"}', undefined],
    ['[{"type":"Pods"}', undefined],
    ["null", undefined],
  ])("reads an annotation as Go would: %s", (text, read) => {
    const object = { metadata: { annotations: { "autoscaling.alpha.kubernetes.io/metrics": text } }, ...spec({ targetCPUUtilizationPercentage: 60 }) };
    expect(clean(toStored(object as never)).spec.metrics).toEqual([...(read ?? []), cpu(60)]);
  });
});
