import { describe, expect, it } from "vitest";
import { runtimeClass } from "../../../kinds/node/runtimeclass/index.js";
import { cells, made, onCreate, onUpdate } from "../support.js";

describe("#4.1 RuntimeClass", () => {
  it.each<[string, object, string[]]>([
    ["a handler", { handler: "runc" }, []],
    ["none", {}, ["handler: Required value"]],
    ["a dot", { handler: "a.b" }, ['handler: Invalid value: "a.b": must not contain dots']],
    ["an overhead", { handler: "h", overhead: { podFixed: { cpu: "-1" } } }, ['overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0']],
    [
      "tolerations",
      {
        handler: "h",
        scheduling: {
          tolerations: [
            { key: "a", operator: "Exists" },
            { key: "a", operator: "Exists", effect: "NoExecute" },
            { key: "a", operator: "Exists" },
          ],
        },
      },
      ['scheduling.tolerations[2]: Duplicate value: {"Key":"a","Operator":"Exists","Value":"","Effect":"","TolerationSeconds":null}'],
    ],
    [
      "the same but for its seconds",
      {
        handler: "h",
        scheduling: {
          tolerations: [
            { key: "a", operator: "Exists", effect: "NoExecute", tolerationSeconds: 1 },
            { key: "a", operator: "Exists", effect: "NoExecute", tolerationSeconds: 2 },
          ],
        },
      },
      ['scheduling.tolerations[1]: Duplicate value: {"Key":"a","Operator":"Exists","Value":"","Effect":"NoExecute","TolerationSeconds":2}'],
    ],
  ])("%s", (_, fields, expected) => {
    expect(onCreate(runtimeClass, fields as never)).toEqual(expected);
  });

  it("keeps its handler and warns of labels of old", () => {
    expect(onUpdate(runtimeClass, { handler: "a" }, { handler: "b" })).toEqual(['handler: Invalid value: "b": field is immutable']);
    const object = made(runtimeClass, { handler: "a", scheduling: { nodeSelector: { "beta.kubernetes.io/os": "x" } } });
    expect(runtimeClass.warnings?.(object)).toEqual(['scheduling.nodeSelector: deprecated since v1.14; use "kubernetes.io/os" instead']);
    expect(cells(runtimeClass, { handler: "a" })).toEqual(["x", "a", "4m"]);
  });
});
