import { describe, expect, it } from "vitest";
import type { FieldError } from "../../../kinds/field.js";
import type { KubeObject } from "../../../kinds/object.js";
import { deviceClass } from "../../../kinds/resource/deviceclass/index.js";
import { resourceSlice } from "../../../kinds/resource/resourceslice/index.js";

const text = (errors: readonly FieldError[] | undefined): string[] => (errors ?? []).map((e) => `${e.field}: ${e.message}`);
const ctx = { now: Date.parse("2024-05-01T00:00:00.500Z"), user: "u" };
const ONE_OF = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required";

const slice = (spec: object): KubeObject => ({
  metadata: { name: "s", resourceVersion: "1" },
  spec: { driver: "d.example.com", pool: { name: "p", generation: 1, resourceSliceCount: 1 }, allNodes: true, ...spec },
});
const device = (more: object, spec: object = {}): KubeObject => slice({ devices: [{ name: "d1", ...more }], ...spec });

describe("#4.1 ResourceSlice", () => {
  const table: readonly [what: string, object: KubeObject, errors: readonly string[]][] = [
    ["the least there is", slice({}), []],
    [
      "an empty one",
      { metadata: { name: "s" }, spec: {} },
      [
        "spec.driver: Required value",
        "spec.pool.name: Required value",
        "spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero",
        `spec: Required value: ${ONE_OF}`,
      ],
    ],
    [
      "nodes told in two ways",
      slice({ nodeName: "n", perDeviceNodeSelection: false }),
      [
        "spec.perDeviceNodeSelection: Invalid value: false: must be either unset or set to true",
        `spec: Invalid value: "{\`nodeName\`, \`allNodes\`}": ${ONE_OF}, but multiple fields are set`,
      ],
    ],
    [
      "two terms",
      slice({ allNodes: undefined, nodeSelector: { nodeSelectorTerms: [{}, {}] } }),
      [
        'spec.nodeSelector.nodeSelectorTerms: Invalid value: [{"MatchExpressions":null,"MatchFields":null},{"MatchExpressions":null,"MatchFields":null}]: must have exactly one node selector term',
      ],
    ],
    ["counters beside devices", slice({ devices: [], sharedCounters: [] }), ['spec: Invalid value: "": only one of `sharedCounters` or `devices` is allowed']],
    [
      "counters",
      slice({ sharedCounters: [{ name: "c", counters: { m: { value: "1" } } }, { name: "c", counters: { "M M": { value: "1" } } }, {}] }),
      [
        "spec.sharedCounters[1].counters: Invalid value: \"M M\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
        "spec.sharedCounters[2].name: Required value",
        "spec.sharedCounters[2].counters: Required value",
        'spec.sharedCounters[1]: Duplicate value: "c"',
      ],
    ],
    [
      "attributes",
      device({ attributes: { a: {}, b: { int: 1, bool: true }, c: { version: "1.2" }, "example.com/d": { string: "x".repeat(65) }, "/e": { int: 1 } } }),
      [
        'spec.devices[0].attributes: Invalid value: "": the domain must not be empty',
        'spec.devices[0].attributes[a]: Invalid value: "": exactly one value must be specified',
        'spec.devices[0].attributes[b]: Invalid value: {"IntValue":1,"BoolValue":true,"StringValue":null,"VersionValue":null,"IntValues":null,"BoolValues":null,"StringValues":null,"VersionValues":null}: exactly one value must be specified',
        'spec.devices[0].attributes[c].version: Invalid value: "1.2": must be a string compatible with semver.org spec 2.0.0',
        "spec.devices[0].attributes[example.com/d].string: Too long: may not be more than 64 bytes",
      ],
    ],
    [
      "more attributes than a device may have",
      device({ attributes: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`a${i}`, { int: i }])) }),
      ["spec.devices[0]: Invalid value: 33: the total number of attributes and capacities must not exceed 32"],
    ],
    ["128 devices", slice({ devices: Array.from({ length: 128 }, (_, i) => ({ name: `d${i}` })) }), []],
    [
      "as many with taints",
      slice({ devices: Array.from({ length: 65 }, (_, i) => ({ name: `d${i}`, taints: [{ key: "k", effect: "None" }] })) }),
      ["spec.devices: Too many: 65: must have at most 64 items"],
    ],
    [
      "taints",
      device({ taints: [{ key: "k", effect: "Evict" }, { key: "k" }] }),
      [
        'spec.devices[0].taints[0].effect: Unsupported value: "Evict": supported values: "NoExecute", "NoSchedule", "None"',
        "spec.devices[0].taints[1].effect: Required value",
      ],
    ],
    [
      "nodes of its own where the slice has none per device",
      device({ nodeName: "n" }),
      [
        "spec.devices[0]: Invalid value: null: `nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec",
      ],
    ],
    [
      "no nodes of its own where the slice wants them",
      device({ nodeName: "" }, { allNodes: undefined, perDeviceNodeSelection: true }),
      [
        'spec.devices[0].nodeName: Invalid value: "": must not be empty',
        "spec.devices[0]: Required value: exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec",
      ],
    ],
    [
      "binding conditions",
      device({ bindingConditions: ["a", "a", "b"], bindingFailureConditions: ["b"] }),
      [
        'spec.devices[0].bindingConditions[1]: Duplicate value: "a"',
        'spec.devices[0].bindingFailureConditions[0]: Invalid value: "b": bindingFailureConditions must not overlap with bindingConditions',
      ],
    ],
  ];
  it.each(table)("%s", (_, object, errors) => {
    expect(text(resourceSlice.validate?.(object))).toEqual(errors);
  });

  const policies: readonly [what: string, policy: object, errors: readonly string[]][] = [
    ["nothing", {}, []],
    ["values", { default: "2", validValues: ["1", "2"] }, []],
    [
      "values and a range",
      { validValues: ["1"], validRange: {} },
      [': Forbidden: exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time'],
    ],
    ["values without a default", { validValues: ["1"] }, [".default: Required value: required when validValues is defined"]],
    [
      "values out of order, twice and too large",
      { default: "3", validValues: ["2", "1", "1", "20"] },
      [
        '.validValues[1]: Invalid value: "1": values must be sorted in ascending order',
        '.validValues[3]: Invalid value: "20": option is larger than capacity value: 10',
        '.validValues[2]: Duplicate value: "1"',
        '.validValues: Invalid value: "3": default value is not valid according to the requestPolicy',
      ],
    ],
    ["a range without a start", { default: "1", validRange: {} }, [".validRange.min: Required value: required when validRange is defined"]],
    [
      "a range and a default beyond everything",
      { default: "0", validRange: { min: "11", max: "12" } },
      [
        '.validRange.min: Invalid value: "11": min is larger than capacity value: 10',
        '.validRange.min: Invalid value: "0": default is less than min: 11',
        '.validRange.max: Invalid value: "12": max is larger than capacity value: 10',
      ],
    ],
    [
      "steps",
      { default: "2", validRange: { min: "1", max: "6", step: "3" } },
      [
        '.validRange.step: Invalid value: "2": value is not a multiple of a given step (3) from (1)',
        '.validRange.step: Invalid value: "6": value is not a multiple of a given step (3) from (1)',
      ],
    ],
  ];
  it.each(policies)("a capacity's policy: %s", (_, requestPolicy, errors) => {
    const object = device({ allowMultipleAllocations: true, capacity: { m: { value: "10", requestPolicy } } });
    expect(text(resourceSlice.validate?.(object))).toEqual(errors.map((e) => `spec.devices[0].capacity[m].requestPolicy${e}`));
  });

  it("has policies only for devices that are given out several times", () => {
    expect(text(resourceSlice.validate?.(device({ capacity: { m: { value: "10", requestPolicy: {} } } })))).toEqual([
      "spec.devices[0].capacity[m].requestPolicy: Forbidden: allowMultipleAllocations must be true",
    ]);
  });

  it("keeps its driver, its pool and its node", () => {
    const next = slice({ driver: "e.example.com", nodeName: "n", allNodes: undefined, pool: { name: "q", generation: 1, resourceSliceCount: 1 } });
    expect(text(resourceSlice.validateUpdate?.(next, slice({})))).toEqual([
      'spec.pool.name: Invalid value: "q": field is immutable',
      'spec.driver: Invalid value: "e.example.com": field is immutable',
      'spec.nodeName: Invalid value: "n": field is immutable',
    ]);
  });

  it("gives taints their time and drops what gates that are off forbid", () => {
    const object = device({
      attributes: { a: { ints: [1] } },
      taints: [
        { key: "k", effect: "None" },
        { key: "l", effect: "None", timeAdded: "2020-01-01T00:00:00Z" },
      ],
      nodeAllocatableResourceMappings: { cpu: {} },
    });
    resourceSlice.prepareForCreate?.(object, ctx);
    expect(object.spec.devices[0]).toEqual({
      name: "d1",
      attributes: { a: {} },
      taints: [
        { key: "k", effect: "None", timeAdded: "2024-05-01T00:00:00Z" },
        { key: "l", effect: "None", timeAdded: "2020-01-01T00:00:00Z" },
      ],
    });
  });

  it("warns of capitals, is selected by node and driver", () => {
    expect(resourceSlice.warnings?.(slice({ driver: "GPU.example.com" }))).toEqual([
      'spec.driver: driver names should be lowercase; "GPU.example.com" contains uppercase characters',
    ]);
    expect(resourceSlice.selectable?.["spec.nodeName"]?.(slice({}))).toBe("");
    expect(resourceSlice.selectable?.["spec.driver"]?.(slice({}))).toBe("d.example.com");
  });
});

describe("#4.1 DeviceClass", () => {
  const cls = (spec: object, name = "c"): KubeObject => ({ metadata: { name, resourceVersion: "1" }, spec });

  it.each([
    ["example.com/gpu", []],
    ["gpu", ['spec.extendedResourceName: Invalid value: "gpu": must be a valid extended resource name']],
    ["kubernetes.io/gpu", ['spec.extendedResourceName: Invalid value: "kubernetes.io/gpu": must be a valid extended resource name']],
  ])("extended resource %s", (extendedResourceName, errors) => {
    expect(text(deviceClass.validate?.(cls({ extendedResourceName })))).toEqual(errors);
  });

  it.each([
    ['device.driver == "gpu.example.com" && device.attributes["gpu.example.com"].model == "a"', ""],
    ['cel.bind(gpu, device.attributes["gpu.example.com"], gpu.shared && gpu.fast)', ""],
    ['device.capacity["gpu.example.com"].memory.compareTo(quantity("1Gi")) >= 0', ""],
    // an attribute may be true or false
    ['device.attributes["gpu.example.com"].fast', ""],
    ["device.driver", "must evaluate to bool or the unknown type, not string"],
    ["device.model", "compilation failed: ERROR: <input>:1:7: undefined field 'model'\n | device.model\n | ......^"],
  ])("selector %s", (expression, fault) => {
    expect(text(deviceClass.validate?.(cls({ selectors: [{ cel: { expression } }] })))).toEqual(
      fault ? [`spec.selectors[0].cel.expression: Invalid value: ${JSON.stringify(expression)}: ${fault}`] : [],
    );
  });

  it("compiles no expression beyond 10 KiB", () => {
    const expression = `"${"x".repeat(10 * 1024)}" == 1`;
    expect(text(deviceClass.validate?.(cls({ selectors: [{ cel: { expression } }] })))).toEqual([
      "spec.selectors[0].cel.expression: Too long: may not be more than 10240 bytes",
    ]);
  });

  it("takes configuration that it had already, whatever its size", () => {
    const large = { config: [{ opaque: { driver: "d", parameters: { a: "x".repeat(10 * 1024) } } }] };
    const found = ["spec.config[0].opaque.parameters: Too long: may not be more than 10240 bytes"];
    expect(text(deviceClass.validate?.(cls(large)))).toEqual(found);
    expect(text(deviceClass.validateUpdate?.(cls(large), cls({})))).toEqual(found);
    expect(text(deviceClass.validateUpdate?.(cls({ ...large, extendedResourceName: "a.b/c" }), cls(large)))).toEqual([]);
  });

  it("judges the name, not what it was generated from", () => {
    expect(deviceClass.validateName?.("Bad-", true)).toEqual([]);
    expect(deviceClass.validateName?.("x".repeat(254), false)).toEqual(["must be no more than 253 bytes"]);
  });

  it("moves its generation with its spec", () => {
    const moves = deviceClass.generation;
    if (typeof moves !== "function") throw new Error("unreachable");
    expect(moves(cls({ selectors: [] }), cls({}))).toBe(false);
    expect(moves(cls({ extendedResourceName: "a.b/c" }), cls({}))).toBe(true);
  });
});
