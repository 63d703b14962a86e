import { describe, expect, it } from "vitest";
import { node } from "../../../kinds/core/node/index.js";
import { onCreate } from "../support.js";

const TAINTS = "scheduler.alpha.kubernetes.io/taints";
const AVOID = "scheduler.alpha.kubernetes.io/preferAvoidPods";
const annotated = (key: string, value: string): string[] => onCreate(node, {}, { annotations: { [key]: value } });

describe("#4.1 Node: what may still stand in annotations", () => {
  it.each([
    ["[]", []],
    ['[{"key":"a","effect":"NoSchedule"}]', []],
    [
      '[{"Key":"a","Effect":"Sometimes"}]',
      [`metadata.annotations.${TAINTS}[0].effect: Unsupported value: "Sometimes": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"`],
    ],
    ["[", ['metadata.annotations: Invalid value: "scheduler.alpha.kubernetes.io/taints": unexpected end of JSON input']],
    ["{}", [`metadata.annotations: Invalid value: "${TAINTS}": json: cannot unmarshal object into Go value of type []core.Taint`]],
    ["[1]", [`metadata.annotations: Invalid value: "${TAINTS}": json: cannot unmarshal number into Go value of type core.Taint`]],
    ['[{"key":1}]', [`metadata.annotations: Invalid value: "${TAINTS}": json: cannot unmarshal number into Go struct field Taint.Key of type string`]],
    [
      "[null]",
      [
        `metadata.annotations.${TAINTS}[0].key: Invalid value: "": name part must be non-empty`,
        `metadata.annotations.${TAINTS}[0].key: Invalid value: "": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
        `metadata.annotations.${TAINTS}[0].effect: Required value`,
      ],
    ],
  ])("taints %s", (text, expected) => {
    expect(annotated(TAINTS, text)).toEqual(expected);
  });

  it.each([
    ["{}", []],
    ["x", [`metadata.annotations.AvoidPods: Invalid value: "${AVOID}": invalid character 'x' looking for beginning of value`]],
    [
      '{"preferAvoidPods":"x"}',
      [
        `metadata.annotations.AvoidPods: Invalid value: "${AVOID}": json: cannot unmarshal string into Go struct field AvoidPods.preferAvoidPods of type []v1.PreferAvoidPodsEntry`,
      ],
    ],
    ['{"preferAvoidPods":[{}]}', [`metadata.annotations.${AVOID}[0].PodSignature: Required value`]],
    [
      '{"preferAvoidPods":[{"podSignature":{"podController":{"controller":false}}}]}',
      [`metadata.annotations.${AVOID}[0].PodSignature.PodController.Controller: Invalid value: false: must point to a controller`],
    ],
  ])("pods to avoid %s", (text, expected) => {
    expect(annotated(AVOID, text)).toEqual(expected);
  });

  it("has at most one network of pods of each family", () => {
    const cidrs = (...podCIDRs: string[]): string[] => onCreate(node, { spec: { podCIDRs } });
    expect(cidrs("10.0.0.0/24", "2001:db8::/64")).toEqual([]);
    expect(cidrs("10.0.0.0/24", "10.0.1.0/24")).toEqual([
      'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.1.0/24"]: may specify no more than one CIDR for each IP family',
    ]);
    expect(cidrs("10.0.0.0/24", "x")).toEqual([
      'spec.podCIDRs[1]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
      "spec.podCIDRs: Internal error: invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[1]: <nil> (invalid CIDR address: x)",
      'spec.podCIDRs: Invalid value: ["10.0.0.0/24","x"]: may specify no more than one CIDR for each IP family',
    ]);
  });
});
