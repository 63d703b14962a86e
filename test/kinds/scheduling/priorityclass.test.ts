import { describe, expect, it } from "vitest";
import { priorityClass, SYSTEM_PRIORITY_CLASSES } from "../../../kinds/scheduling/priorityclass/index.js";
import { cells, made, onCreate, onUpdate } from "../support.js";

const RESERVED = "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: ";

describe("#4.1 PriorityClass", () => {
  it.each<[string, object, string, string[]]>([
    ["any number", { value: -5 }, "x", []],
    ["the highest of a user", { value: 1_000_000_000 }, "x", []],
    ["one more", { value: 1_000_000_001 }, "x", ["value: Forbidden: maximum allowed value of a user defined priority is 1000000000"]],
    [
      "an unknown policy",
      { preemptionPolicy: "Maybe" },
      "x",
      ['preemptionPolicy: Unsupported value: "Maybe": supported values: "PreemptLowerPriority", "Never"'],
    ],
    ["an empty policy", { preemptionPolicy: "" }, "x", ["preemptionPolicy: Required value"]],
    ["a reserved name", { value: 1 }, "system-x", [`${RESERVED}system-x is not a known system priority class`]],
    ["a system class", { value: 2_000_000_000 }, "system-cluster-critical", []],
    ["of another value", { value: 5 }, "system-node-critical", [`${RESERVED}value of system-node-critical PriorityClass must be 2000001000`]],
    [
      "as the default",
      { value: 2_000_001_000, globalDefault: true },
      "system-node-critical",
      [`${RESERVED}globalDefault of system-node-critical PriorityClass must be false`],
    ],
  ])("%s", (_, fields, name, expected) => {
    expect(onCreate(priorityClass, fields as never, { name })).toEqual(expected);
  });

  it("keeps its value and policy, and may become the default", () => {
    expect(onUpdate(priorityClass, { value: 1 }, { value: 1, globalDefault: true, description: "d" })).toEqual([]);
    expect(onUpdate(priorityClass, { value: 1 }, { value: 2, preemptionPolicy: "Never" })).toEqual([
      "value: Forbidden: may not be changed in an update.",
      'preemptionPolicy: Invalid value: "Never": field is immutable',
    ]);
  });

  it("knows the two of every cluster, and shows a row", () => {
    for (const { name, ...fields } of SYSTEM_PRIORITY_CLASSES) expect(onCreate(priorityClass, fields, { name })).toEqual([]);
    expect(made(priorityClass, {}).preemptionPolicy).toBe("PreemptLowerPriority");
    expect(cells(priorityClass, { value: 7, globalDefault: true })).toEqual(["x", 7, true, "4m", "PreemptLowerPriority"]);
  });
});
