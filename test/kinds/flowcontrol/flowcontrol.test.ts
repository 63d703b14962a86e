import { describe, expect, it } from "vitest";
import { planUpkeep } from "../../../controllers/flowcontrol/plan.js";
import { AUTOUPDATE, MANDATORY_LEVELS, MANDATORY_SCHEMAS, SUGGESTED_LEVELS, SUGGESTED_SCHEMAS } from "../../../kinds/flowcontrol/bootstrap.js";
import { danglingCondition } from "../../../kinds/flowcontrol/dangling.js";
import { flowSchema } from "../../../kinds/flowcontrol/flowschema/index.js";
import { priorityLevelConfiguration } from "../../../kinds/flowcontrol/prioritylevelconfiguration/index.js";
import type { KubeObject } from "../../../kinds/object.js";
import { tableOf } from "../../../server/http/table.js";
import { cells, made, onCreate } from "../support.js";

describe("#4.1 FlowSchema", () => {
  it.each([
    [{}, ["spec.priorityLevelConfiguration.name: Required value: must reference a priority level"]],
    [{ spec: { priorityLevelConfiguration: { name: "a" } } }, []],
    [
      { spec: { priorityLevelConfiguration: { name: "a" }, matchingPrecedence: 1 } },
      ["spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1"],
    ],
    [
      { spec: { priorityLevelConfiguration: { name: "Bad_" }, matchingPrecedence: 10001, distinguisherMethod: { type: "X" } } },
      [
        "spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000",
        'spec.distinguisherMethod.type: Unsupported value: {"Type":"X"}: supported values: "ByNamespace", "ByUser"',
        "spec.priorityLevelConfiguration.name: Invalid value: \"Bad_\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      ],
    ],
    [
      { spec: { priorityLevelConfiguration: { name: "a" }, rules: [{}] } },
      [
        "spec.rules[0].subjects: Required value: subjects must contain at least one value",
        "spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty",
      ],
    ],
    [
      {
        spec: {
          priorityLevelConfiguration: { name: "a" },
          rules: [
            {
              subjects: [
                { kind: "X" },
                { kind: "User", user: {}, group: { name: "g" }, serviceAccount: {} },
                { kind: "Group" },
                { kind: "ServiceAccount", serviceAccount: { name: "Bad_" } },
                { kind: "ServiceAccount", serviceAccount: { name: "*", namespace: "*" } },
              ],
              resourceRules: [
                {},
                { verbs: ["*", "get"], apiGroups: ["*", "a"], resources: ["*", "a"], namespaces: ["*", "a"] },
                { verbs: ["nope"], apiGroups: ["a"], resources: ["a"], namespaces: ["Bad_"] },
              ],
              nonResourceRules: [{}, { verbs: ["get"], nonResourceURLs: ["", "/", "a", "/a b", "//a", "/a*", "/a/*"] }],
            },
          ],
        },
      },
      [
        'spec.rules[0].subjects[0].kind: Unsupported value: "X": supported values: "Group", "ServiceAccount", "User"',
        "spec.rules[0].subjects[1].user.name: Required value",
        "spec.rules[0].subjects[1].serviceAccount: Forbidden: serviceAccount is forbidden when subject kind is not 'ServiceAccount'",
        "spec.rules[0].subjects[1].group: Forbidden: group is forbidden when subject kind is not 'Group'",
        "spec.rules[0].subjects[2].group: Required value: group is required when subject kind is 'Group'",
        "spec.rules[0].subjects[3].serviceAccount.name: Invalid value: \"Bad_\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
        "spec.rules[0].subjects[3].serviceAccount.namespace: Required value: must specify namespace for service account",
        "spec.rules[0].subjects[4].serviceAccount.namespace: Invalid value: \"*\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
        "spec.rules[0].resourceRules[0].verbs: Required value: verbs must contain at least one value",
        "spec.rules[0].resourceRules[0].apiGroups: Required value: resource rules must supply at least one api group",
        "spec.rules[0].resourceRules[0].resources: Required value: resource rules must supply at least one resource",
        "spec.rules[0].resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace",
        'spec.rules[0].resourceRules[1].verbs: Invalid value: ["*","get"]: if \'*\' is present, must not specify other verbs',
        'spec.rules[0].resourceRules[1].apiGroups: Invalid value: ["*","a"]: if \'*\' is present, must not specify other api groups',
        'spec.rules[0].resourceRules[1].resources: Invalid value: ["*","a"]: if \'*\' is present, must not specify other resources',
        'spec.rules[0].resourceRules[1].namespaces: Invalid value: ["*","a"]: if \'*\' is present, must not specify other namespaces',
        'spec.rules[0].resourceRules[2].verbs: Unsupported value: ["nope"]: supported values: "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"',
        "spec.rules[0].resourceRules[2].namespaces[0]: Invalid value: \"Bad_\": each member of this list must be '*' or a DNS-1123 label; a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
        "spec.rules[0].nonResourceRules[0].verbs: Required value: verbs must contain at least one value",
        "spec.rules[0].nonResourceRules[0].nonResourceURLs: Required value: nonResourceURLs must contain at least one value",
        'spec.rules[0].nonResourceRules[1].nonResourceURLs[0]: Invalid value: "": must not be empty',
        'spec.rules[0].nonResourceRules[1].nonResourceURLs[2]: Invalid value: "a": must start with slash',
        'spec.rules[0].nonResourceRules[1].nonResourceURLs[3]: Invalid value: "/a b": must not contain white-space',
        'spec.rules[0].nonResourceRules[1].nonResourceURLs[4]: Invalid value: "//a": must not contain double slash',
        'spec.rules[0].nonResourceRules[1].nonResourceURLs[5]: Invalid value: "/a*": wildcard can only do suffix matching',
      ],
    ],
  ])("judges %j", (fields, expected) => {
    expect(onCreate(flowSchema, fields)).toEqual(expected);
  });

  it("is as it has to be where it is mandatory", () => {
    for (const [name, spec] of Object.entries(MANDATORY_SCHEMAS)) expect(onCreate(flowSchema, { spec }, { name })).toEqual([]);
    expect(onCreate(flowSchema, { spec: { priorityLevelConfiguration: { name: "exempt" }, matchingPrecedence: 1 } }, { name: "exempt" })).toEqual([
      'spec: Invalid value: {"PriorityLevelConfiguration":{"Name":"exempt"},"MatchingPrecedence":1,"DistinguisherMethod":null,"Rules":null}: spec of \'exempt\' must equal the fixed value',
    ]);
  });

  it("lists in the order in which schemas are tried", () => {
    const objects = ["b", "a", "c"].map((name, i) =>
      made(flowSchema, { spec: { priorityLevelConfiguration: { name: "p" }, matchingPrecedence: i < 2 ? 9 : 2 } }, { name }),
    );
    const { rows } = tableOf(flowSchema, objects, {}, { now: 0, includeObject: "None", version: "v1" }) as { rows: { cells: unknown[] }[] };
    expect(rows.map((row) => row.cells[0])).toEqual(["c", "a", "b"]);
    expect(cells(flowSchema, { spec: { priorityLevelConfiguration: { name: "p" } } })).toEqual(["x", "p", 1000, "<none>", "4m", "?"]);
  });

  it("says whether its level is there, and when that changed", () => {
    const schema = made(flowSchema, { spec: { priorityLevelConfiguration: { name: "p" } } });
    const missing = danglingCondition(schema, false, 0);
    expect(missing).toEqual({
      type: "Dangling",
      status: "True",
      lastTransitionTime: "1970-01-01T00:00:00Z",
      reason: "NotFound",
      message: 'This FlowSchema references the PriorityLevelConfiguration object named "p" but there is no such object',
    });
    const told = { ...schema, status: { conditions: [missing] } };
    expect(danglingCondition(told, false, 1000)).toBe(missing);
    expect(danglingCondition(told, true, 1000)).toMatchObject({ status: "False", reason: "Found", lastTransitionTime: "1970-01-01T00:00:01Z" });
  });
});

describe("#4.1 PriorityLevelConfiguration", () => {
  it.each([
    [{}, ["spec.type: Required value"]],
    [{ spec: { type: "X" } }, ['spec.type: Unsupported value: "X": supported values: "Exempt", "Limited"']],
    [
      { spec: { type: "Exempt", limited: {} } },
      [
        "spec.type: Invalid value: \"Exempt\": must be 'Exempt' if and only if `name` is 'exempt'",
        "spec.limited: Forbidden: must be nil if the type is not Limited",
      ],
    ],
    [
      { spec: { type: "Limited", exempt: {} } },
      ["spec.exempt: Forbidden: must be nil if the type is Limited", "spec.limited: Required value: must not be empty when type is Limited"],
    ],
    [
      {
        spec: {
          type: "Limited",
          limited: { limitResponse: { type: "Reject" }, nominalConcurrencyShares: -1, lendablePercent: 101, borrowingLimitPercent: -1 },
        },
      },
      [
        "spec.limited.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer",
        "spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive",
        "spec.limited.borrowingLimitPercent: Invalid value: -1: if specified, must be a non-negative integer",
      ],
    ],
    [
      { spec: { type: "Limited", limited: { limitResponse: { type: "Queue" } } } },
      ["spec.limited.limitResponse.queuing: Required value: must not be empty if limited.limitResponse.type is Limited"],
    ],
    [
      { spec: { type: "Limited", limited: { limitResponse: { type: "Reject", queuing: {} } } } },
      ["spec.limited.limitResponse.queuing: Forbidden: must be nil if limited.limitResponse.type is not Limited"],
    ],
    [
      { spec: { type: "Limited", limited: { limitResponse: { type: "Queue", queuing: { queues: -1, handSize: -1, queueLengthLimit: -1 } } } } },
      [
        "spec.limited.limitResponse.queuing.queueLengthLimit: Invalid value: -1: must be positive",
        "spec.limited.limitResponse.queuing.queues: Invalid value: -1: must be positive",
        "spec.limited.limitResponse.queuing.handSize: Invalid value: -1: must be positive",
      ],
    ],
    [
      { spec: { type: "Limited", limited: { limitResponse: { type: "Queue", queuing: { queues: 2, handSize: 5 } } } } },
      ["spec.limited.limitResponse.queuing.handSize: Invalid value: 5: should not be greater than queues (2)"],
    ],
    [
      { spec: { type: "Limited", limited: { limitResponse: { type: "Queue", queuing: { queues: 10000001, handSize: 1 } } } } },
      ["spec.limited.limitResponse.queuing.queues: Invalid value: 10000001: must not be greater than 10000000"],
    ],
    [
      { spec: { type: "Limited", limited: { limitResponse: { type: "Queue", queuing: { queues: 1024, handSize: 7 } } } } },
      ["spec.limited.limitResponse.queuing.handSize: Invalid value: 7: required entropy bits of deckSize 1024 and handSize 7 should not be greater than 60"],
    ],
  ])("judges %j", (fields, expected) => {
    expect(onCreate(priorityLevelConfiguration, fields)).toEqual(expected);
  });

  it("is as it has to be where it is mandatory, but for what the exempt one lends", () => {
    for (const [name, spec] of Object.entries(MANDATORY_LEVELS)) expect(onCreate(priorityLevelConfiguration, { spec }, { name })).toEqual([]);
    expect(onCreate(priorityLevelConfiguration, { spec: { type: "Exempt", exempt: { nominalConcurrencyShares: 5 } } }, { name: "exempt" })).toEqual([]);
    expect(
      onCreate(priorityLevelConfiguration, { spec: { type: "Limited", limited: { limitResponse: { type: "Reject" } } } }, { name: "catch-all" }),
    ).toHaveLength(1);
  });

  it("has defaults", () => {
    const { spec } = made(priorityLevelConfiguration, { spec: { type: "Limited", limited: { limitResponse: { type: "Queue", queuing: {} } } } });
    const queuing = { queues: 64, handSize: 8, queueLengthLimit: 50 };
    expect(spec).toEqual({ type: "Limited", limited: { nominalConcurrencyShares: 30, lendablePercent: 0, limitResponse: { type: "Queue", queuing } } });
    expect(cells(priorityLevelConfiguration, { spec })).toEqual(["x", "Limited", 30, 64, 8, 50, "4m"]);
  });
});

describe("#4.1 flow control: the server's own objects", () => {
  const own = (specs: object, change: (o: KubeObject) => void = () => {}): KubeObject[] =>
    Object.entries(specs).map(([name, spec]) => {
      const object: KubeObject = { metadata: { name, generation: 1, annotations: { [AUTOUPDATE]: "true" } }, spec: structuredClone(spec) };
      change(object);
      return object;
    });
  const all = { ...SUGGESTED_LEVELS, ...MANDATORY_LEVELS };
  const steps = (objects: KubeObject[]): string[] =>
    planUpkeep("PriorityLevelConfiguration", objects).map((s) => `${s.action} ${s.action === "delete" ? s.name : s.object.metadata.name}`);

  it("come back, and are left alone when they are right", () => {
    expect(steps([])).toHaveLength(Object.keys(all).length);
    expect(steps(own(all))).toEqual([]);
    expect(planUpkeep("FlowSchema", own({ ...SUGGESTED_SCHEMAS, ...MANDATORY_SCHEMAS }))).toEqual([]);
  });

  it("follow their annotation", () => {
    const changed = (annotation: string | undefined, generation: number): string[] =>
      steps(
        own(all, (o) => {
          if (o.metadata.name !== "system") return;
          o.spec.limited.nominalConcurrencyShares = 1;
          o.metadata = { ...o.metadata, generation, annotations: annotation === undefined ? {} : { [AUTOUPDATE]: annotation } };
        }),
      );
    expect(changed("true", 2)).toEqual(["update system"]);
    expect(changed("false", 2)).toEqual([]);
    expect(changed(undefined, 1)).toEqual(["update system"]);
    expect(
      planUpkeep(
        "PriorityLevelConfiguration",
        own(all, (o) => o.metadata.name === "system" && Object.assign(o.metadata, { annotations: {}, generation: 2 })),
      ),
    ).toEqual([{ action: "update", object: expect.objectContaining({ metadata: expect.objectContaining({ annotations: { [AUTOUPDATE]: "false" } }) }) }]);
  });

  it("go when the server has them no more", () => {
    expect(steps([...own(all), ...own({ old: {} })])).toEqual(["delete old"]);
    expect(steps([...own(all), ...own({ mine: {} }, (o) => delete o.metadata.annotations)])).toEqual([]);
  });

  it("may lend as the administrator says", () => {
    expect(steps(own(all, (o) => o.metadata.name === "exempt" && Object.assign(o.spec.exempt, { lendablePercent: 50 })))).toEqual([]);
  });
});
