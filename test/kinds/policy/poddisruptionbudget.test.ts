import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../kinds/object.js";
import { podDisruptionBudget } from "../../../kinds/policy/poddisruptionbudget/index.js";

const CTX = { now: Date.parse("2026-03-01T12:00:00Z"), user: "tester" };
function created(spec: object): KubeObject {
  const object: KubeObject = { metadata: { name: "b", namespace: "shop" }, spec, status: { disruptionsAllowed: 7 } };
  podDisruptionBudget.prepareForCreate?.(object, CTX);
  return object;
}
const texts = (errors: readonly { field: string; message: string }[] = []): string[] => errors.map((e) => `${e.field}: ${e.message}`);
const moved = (spec: object, old: object): boolean =>
  typeof podDisruptionBudget.generation === "function" && podDisruptionBudget.generation(created(spec), created(old));

describe("#4.1 poddisruptionbudget", () => {
  it.each<[string, object, string[]]>([
    ["empty", {}, []],
    ["percent", { minAvailable: "50%", selector: {} }, []],
    [
      "both",
      { minAvailable: "1%", maxUnavailable: 2, selector: { matchLabels: { a: "b" } } },
      [
        'spec: Invalid value: {"MinAvailable":"1%","Selector":{"matchLabels":{"a":"b"}},"MaxUnavailable":2,"UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set',
      ],
    ],
    ["negative", { maxUnavailable: -1 }, ["spec.maxUnavailable: Invalid value: -1: must be greater than or equal to 0"]],
    ["over all", { minAvailable: "101%" }, ['spec.minAvailable: Invalid value: "101%": must not be greater than 100%']],
    [
      "policy",
      { unhealthyPodEvictionPolicy: "Never" },
      ['spec.unhealthyPodEvictionPolicy: Unsupported value: "Never": supported values: "AlwaysAllow", "IfHealthyBudget"'],
    ],
  ])("validation: %s", (_, spec, want) => expect(texts(podDisruptionBudget.validate?.(created(spec)))).toEqual(want));

  it("a selector's odd values may stay where they are stored", () => {
    const odd = { selector: { matchExpressions: [{ key: "a", operator: "In", values: ["not ok"] }] } };
    expect(texts(podDisruptionBudget.validate?.(created(odd)))).toHaveLength(1);
    expect(texts(podDisruptionBudget.validateUpdate?.(created(odd), created(odd)))).toEqual([]);
  });

  it.each<[object, object, boolean]>([
    [{ minAvailable: 1 }, { minAvailable: 1 }, false],
    [{ minAvailable: 1 }, { minAvailable: "1" }, true],
    [{ minAvailable: 0 }, {}, true],
    [{ selector: {} }, {}, true],
    [{ selector: { matchLabels: {} } }, { selector: {} }, false],
  ])("generation: %j beside %j", (spec, old, want) => expect(moved(spec, old)).toBe(want));

  it("status comes from its own endpoint, which leaves the spec alone", () => {
    expect(created({}).status).toEqual({});
    const view = podDisruptionBudget.status;
    if (!view || view === true) throw new Error("no status view");
    const object: KubeObject = {
      ...created({ minAvailable: 9 }),
      status: { currentHealthy: -1, conditions: [{ type: "DisruptionAllowed", status: "True", reason: "" }] },
    };
    const old = created({ minAvailable: 1 });
    view.prepareForUpdate(object, old, CTX);
    expect(object.spec).toEqual({ minAvailable: 1 });
    expect(texts(view.validateUpdate(object, old))).toEqual([
      "status.conditions[0].lastTransitionTime: Required value",
      "status.conditions[0].reason: Required value",
      "status.currentHealthy: Invalid value: -1: must be greater than or equal to 0",
    ]);
  });

  it("columns", () => {
    expect(podDisruptionBudget.printer?.row(created({ minAvailable: "50%" }), CTX).cells).toEqual(["b", "50%", "N/A", 0, "<unknown>"]);
    expect(podDisruptionBudget.allowUnconditionalUpdate).toBe(false);
  });
});
