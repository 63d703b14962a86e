import { describe, expect, it } from "vitest";
import { job } from "../../../kinds/batch/job/index.js";
import type { KubeObject } from "../../../kinds/object.js";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const CTX = { now: NOW, user: "tester" };
const container = { name: "c", image: "registry.local/app:1" };
const template = (pod: object = {}, labels?: Record<string, string>) => ({
  ...(labels ? { metadata: { labels } } : {}),
  spec: { restartPolicy: "Never", containers: [container], ...pod },
});

function created(spec: object = {}, metadata: object = {}): KubeObject {
  const object: KubeObject = structuredClone({
    metadata: { name: "j", namespace: "shop", uid: "u1", resourceVersion: "1", ...metadata },
    spec: { template: template(), ...spec },
  });
  job.defaults?.(object);
  job.prepareForCreate?.(object, CTX);
  return object;
}
const texts = (errors: readonly { field: string; message: string }[] = []): string[] => [...new Set(errors.map((e) => `${e.field}: ${e.message}`))];
const createErrors = (spec: object, metadata: object = {}): string[] => texts(job.validate?.(created(spec, metadata)));

function updated(old: KubeObject, change: (object: KubeObject) => unknown): { object: KubeObject; errors: string[]; moved: boolean } {
  const object = structuredClone(old);
  change(object);
  job.defaults?.(object);
  job.prepareForUpdate?.(object, old, CTX);
  return { object, errors: texts(job.validateUpdate?.(object, old)), moved: typeof job.generation === "function" && job.generation(object, old) };
}

describe("#4.1 job: defaults", () => {
  it.each<[string, object, object]>([
    [
      "nothing said: one completion",
      {},
      {
        completions: 1,
        parallelism: 1,
        backoffLimit: 6,
        completionMode: "NonIndexed",
        suspend: false,
        podReplacementPolicy: "TerminatingOrFailed",
        manualSelector: false,
      },
    ],
    ["parallelism alone leaves completions open", { parallelism: 3 }, { parallelism: 3 }],
    ["completions alone", { completions: 3 }, { completions: 3, parallelism: 1 }],
    ["a limit per index lifts the job's", { completions: 2, completionMode: "Indexed", backoffLimitPerIndex: 1 }, { backoffLimit: 2147483647 }],
    ["a failure policy replaces failed pods only", { podFailurePolicy: { rules: [] } }, { podReplacementPolicy: "Failed" }],
  ])("%s", (_, spec, want) => {
    expect(created(spec).spec).toMatchObject(want);
  });
  it("parallelism alone: no completions", () => expect(created({ parallelism: 3 }).spec.completions).toBeUndefined());
  it("is idempotent", () => {
    const object = created({ podFailurePolicy: { rules: [{ action: "Ignore", onPodConditions: [{ type: "X" }] }] } });
    job.readBack?.(object);
    const once = structuredClone(object);
    job.defaults?.(object);
    expect(object).toEqual(once);
    expect(object.spec.podFailurePolicy.rules[0].onPodConditions[0].status).toBe("True");
  });
});

const GENERATED = { "batch.kubernetes.io/controller-uid": "u1", "batch.kubernetes.io/job-name": "j", "controller-uid": "u1", "job-name": "j" };

describe("#4.1 job: generated selector", () => {
  it("labels the template and the job, selects by uid", () => {
    const object = created();
    const { spec, metadata } = object;
    expect(spec.template.metadata.labels).toEqual(GENERATED);
    expect(metadata.labels).toBeUndefined();
    job.readBack?.(object);
    expect(metadata.labels).toEqual(GENERATED);
    expect(spec.selector).toEqual({ matchLabels: { "batch.kubernetes.io/controller-uid": "u1" } });
  });
  it("the template's labels become the job's, generated ones too; the job's own labels stay alone", () => {
    expect(created({ template: template({}, { a: "b" }) }).metadata.labels).toEqual({ a: "b", ...GENERATED });
    expect(created({ template: template({}, { a: "b" }) }, { labels: { own: "1" } }).metadata.labels).toEqual({ own: "1" });
  });
  it("a manual selector is left as it is", () => {
    const { spec } = created({ manualSelector: true, selector: { matchLabels: { a: "b" } }, template: template({}, { a: "b" }) });
    expect(spec.template.metadata.labels).toEqual({ a: "b" });
    expect(spec.selector).toEqual({ matchLabels: { a: "b" } });
  });
  it("labels that contradict are refused", () => {
    expect(createErrors({ template: template({}, { "job-name": "other" }) })).toContain(
      'spec.template.metadata.labels[job-name]: Invalid value: {"batch.kubernetes.io/controller-uid":"u1","batch.kubernetes.io/job-name":"j","controller-uid":"u1","job-name":"other"}: must be \'j\'',
    );
  });
  it("a selector of its own without manualSelector is refused", () => {
    const errors = createErrors({ selector: { matchLabels: { b: "c", a: "b" } } });
    expect(errors[0]).toBe(
      'spec.selector: Invalid value: {"matchLabels":{"a":"b","b":"c","batch.kubernetes.io/controller-uid":"u1"}}: `selector` not auto-generated',
    );
    expect(errors[1]).toMatch(/^spec\.template\.metadata\.labels: .*`selector` does not match template `labels`$/);
  });
});

const indexed = { completionMode: "Indexed", completions: 3 };
const rules = (...list: object[]) => ({ podFailurePolicy: { rules: list } });
const codes = (extra: object = {}) => ({ operator: "In", values: [1], ...extra });

describe("#4.1 job: validation on create", () => {
  it.each<[string, object, string[]]>([
    ["fine", {}, []],
    [
      "fine: everything",
      {
        ...indexed,
        parallelism: 2,
        backoffLimitPerIndex: 1,
        maxFailedIndexes: 2,
        managedBy: "example.com/x",
        successPolicy: { rules: [{ succeededIndexes: "0,2", succeededCount: 1 }] },
      },
      [],
    ],
    [
      "negative numbers",
      { completions: -1, parallelism: -2, ttlSecondsAfterFinished: -3, backoffLimit: -4 },
      [
        "spec.parallelism: Invalid value: -2: must be greater than or equal to 0",
        "spec.completions: Invalid value: -1: must be greater than or equal to 0",
        "spec.backoffLimit: Invalid value: -4: must be greater than or equal to 0",
        "spec.ttlSecondsAfterFinished: Invalid value: -3: must be greater than or equal to 0",
      ],
    ],
    ["mode", { completionMode: "Sorted" }, ['spec.completionMode: Unsupported value: "Sorted": supported values: "NonIndexed", "Indexed"']],
    ["Indexed wants completions", { completionMode: "Indexed", parallelism: 1 }, ["spec.completions: Required value: when completion mode is Indexed"]],
    [
      "per index needs Indexed",
      { backoffLimitPerIndex: 1, maxFailedIndexes: 1 },
      [
        "spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode",
        "spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode",
      ],
    ],
    [
      "many completions per index",
      { completionMode: "Indexed", completions: 100_001, parallelism: 10_001, backoffLimitPerIndex: 1 },
      [
        "spec.maxFailedIndexes: Required value: must be specified when completions is above 100000",
        "spec.parallelism: Invalid value: 10001: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index",
      ],
    ],
    [
      "too many failed indexes",
      { ...indexed, backoffLimitPerIndex: 0, maxFailedIndexes: 4 },
      ["spec.maxFailedIndexes: Invalid value: 4: must be less than or equal to completions"],
    ],
    ["managedBy", { managedBy: `a.b/${"c".repeat(64)}` }, ["spec.managedBy: Too long: may not be more than 63 bytes"]],
    [
      "restart policy missing",
      { template: template({ restartPolicy: "" }) },
      ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
    ],
    [
      "replacement",
      { podReplacementPolicy: "Always" },
      ['spec.podReplacementPolicy: Unsupported value: "Always": supported values: "Failed", "TerminatingOrFailed"'],
    ],
    [
      "failure policy without action",
      rules({ onExitCodes: codes() }),
      ['spec.podFailurePolicy.rules[0].action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"]'],
    ],
    [
      "failure policy: exit codes",
      rules({ action: "FailJob", onExitCodes: codes({ operator: "", values: [] }) }),
      [
        'spec.podFailurePolicy.rules[0].onExitCodes.operator: Required value: valid values: ["In" "NotIn"]',
        "spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: []: at least one value is required",
      ],
    ],
    [
      "failure policy: conditions",
      rules({ action: "Ignore", onPodConditions: [{ type: "a/b/c", status: "Maybe" }] }),
      [
        "spec.podFailurePolicy.rules[0].onPodConditions[0].type: Invalid value: \"a/b/c\": a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
        'spec.podFailurePolicy.rules[0].onPodConditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"',
      ],
    ],
    [
      "failure policy: too many",
      rules(...Array.from({ length: 21 }, () => ({ action: "Count", onExitCodes: codes() }))),
      ["spec.podFailurePolicy.rules: Too many: 21: must have at most 20 items"],
    ],
    [
      "success policy without rules",
      { ...indexed, successPolicy: { rules: [] } },
      ["spec.successPolicy.rules: Required value: at least one rules must be specified when the successPolicy is specified"],
    ],
    [
      "success policy indexes",
      {
        ...indexed,
        successPolicy: { rules: [{ succeededIndexes: "2-1" }, { succeededIndexes: "1,0" }, { succeededIndexes: "0-1-2" }, { succeededIndexes: "x" }] },
      },
      [
        'spec.successPolicy.rules[0].succeededIndexes: Invalid value: "2-1": error parsing succeededIndexes: non-increasing order, previous: 2, current: 1',
        'spec.successPolicy.rules[1].succeededIndexes: Invalid value: "1,0": error parsing succeededIndexes: non-increasing order, previous: 1, current: 0',
        'spec.successPolicy.rules[2].succeededIndexes: Invalid value: "0-1-2": error parsing succeededIndexes: the fragment "0-1-2" violates the requirement that an index interval can have at most two parts separated by \'-\'',
        'spec.successPolicy.rules[3].succeededIndexes: Invalid value: "x": error parsing succeededIndexes: cannot convert string to integer for index: "x"',
      ],
    ],
  ])("%s", (_, spec, want) => {
    expect(createErrors(spec)).toEqual(want);
  });
  it("names of Indexed jobs must have room for the index", () => {
    expect(createErrors({ ...indexed, completions: 11 }, { name: "a".repeat(61) })).toEqual([
      `metadata.name: Invalid value: "${"a".repeat(61)}": will not able to create pod with invalid DNS label: ${"a".repeat(61)}-10`,
    ]);
  });
});

describe("#4.1 job: updates", () => {
  it("what stays", () => {
    const { errors } = updated(created(), (o) => {
      o.spec.completions = 2;
      o.spec.completionMode = "Indexed";
      o.spec.managedBy = "example.com/x";
      o.spec.selector = { matchLabels: GENERATED };
    });
    expect(errors).toContain('spec.completionMode: Invalid value: "Indexed": field is immutable');
    expect(errors).toContain('spec.managedBy: Invalid value: "example.com/x": field is immutable');
    expect(errors.some((e) => e.startsWith("spec.selector: ") && e.endsWith("field is immutable"))).toBe(true);
  });
  it("completions of Indexed jobs change together with the parallelism only", () => {
    const old = created({ ...indexed, parallelism: 3 });
    expect(updated(old, (o) => Object.assign(o.spec, { completions: 4, parallelism: 4 })).errors).toEqual([]);
    expect(updated(old, (o) => Object.assign(o.spec, { completions: 4 })).errors).toEqual([
      "spec.completions: Invalid value: 4: can only be modified in tandem with spec.parallelism",
    ]);
  });
  const changes: [string, (o: KubeObject) => unknown, boolean][] = [
    [
      "node selector",
      (o) => {
        o.spec.template.spec.nodeSelector = { a: "b" };
      },
      true,
    ],
    [
      "labels",
      (o) => {
        o.spec.template.metadata.labels.more = "1";
      },
      true,
    ],
    [
      "node affinity",
      (o) => {
        o.spec.template.spec.affinity = {
          nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: "k", operator: "Exists" }] }] } },
        };
      },
      true,
    ],
    [
      "resources",
      (o) => {
        o.spec.template.spec.containers[0].resources = { limits: { cpu: "1" } };
      },
      true,
    ],
    [
      "image",
      (o) => {
        o.spec.template.spec.containers[0].image = "other";
      },
      false,
    ],
    [
      "pod affinity",
      (o) => {
        o.spec.template.spec.affinity = {
          podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "k", labelSelector: { matchLabels: { a: "b" } } }] },
        };
      },
      false,
    ],
  ];
  it.each(changes)("%s: only while suspended, if at all", (_, change, allowed) => {
    expect(updated(created({ suspend: true }), change).errors).toHaveLength(allowed ? 0 : 1);
    const running = updated(created(), change).errors;
    expect(running).toHaveLength(1);
    expect(running[0]).toMatch(/^spec\.template: Invalid value: \{"labels":\{.*"Spec":\{"Volumes":null,.*\}\}: field is immutable$/);
  });
  it("a suspended job that still runs pods keeps its template", () => {
    const old = created({ suspend: true });
    old.status = { startTime: "2026-01-01T00:00:00Z", active: 1 };
    expect(updated(old, (o) => Object.assign(o.spec.template.spec, { nodeSelector: { a: "b" } })).errors).toHaveLength(1);
    old.status = { startTime: "2026-01-01T00:00:00Z", conditions: [{ type: "Suspended", status: "True" }] };
    expect(updated(old, (o) => Object.assign(o.spec.template.spec, { nodeSelector: { a: "b" } })).errors).toEqual([]);
  });
  it.each<[string, (o: KubeObject) => unknown, boolean]>([
    ["labels do not move the generation", (o) => Object.assign(o.metadata, { labels: { a: "b" } }), false],
    ["a deadline of zero is one", (o) => Object.assign(o.spec, { activeDeadlineSeconds: 0 }), true],
    ["suspend does", (o) => Object.assign(o.spec, { suspend: true }), true],
  ])("%s", (_, change, moved) => expect(updated(created(), change).moved).toBe(moved));
});

type Status = Record<string, unknown>;
const is = (...types: string[]) => types.map((type) => ({ type, status: "True" }));
const START = "2026-01-01T00:00:00Z";
const END = "2026-01-01T01:00:00Z";
function statusErrors(status: Status, before: Status = {}, spec: object = {}): string[] {
  const old = created(spec);
  old.status = before;
  const object = { ...structuredClone(old), status };
  if (!job.status || job.status === true) throw new Error("no status view");
  return texts(job.status.validateUpdate(object, old));
}

describe("#4.1 job: status", () => {
  it.each<[string, Status, Status, object, string[]]>([
    ["fine", { active: 1, ready: 1, startTime: START }, {}, {}, []],
    [
      "counters",
      { active: -1, ready: 1, terminating: -2 },
      {},
      {},
      [
        "status.active: Invalid value: -1: must be greater than or equal to 0",
        "status.terminating: Invalid value: -2: must be greater than or equal to 0",
        "status.ready: Invalid value: 1: cannot set more ready pods than active",
      ],
    ],
    [
      "uids",
      { uncountedTerminatedPods: { succeeded: ["a", ""], failed: ["a"] } },
      {},
      {},
      ['status.uncountedTerminatedPods.succeeded[1]: Invalid value: "": must not be empty', 'status.uncountedTerminatedPods.failed[0]: Duplicate value: "a"'],
    ],
    [
      "complete, and nothing else",
      { conditions: is("Complete"), active: 1, terminating: 1, uncountedTerminatedPods: { failed: ["a"] } },
      {},
      {},
      [
        "status.completionTime: Required value: completionTime is required for Complete jobs",
        "status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition",
        "status.active: Invalid value: 1: active>0 is invalid for finished job",
        "status.startTime: Required value: startTime is required for finished job",
        'status.uncountedTerminatedPods: Invalid value: {"Succeeded":null,"Failed":["a"]}: must be empty for finished job',
        "status.terminating: Invalid value: 1: terminating>0 is invalid for finished job",
      ],
    ],
    [
      "failed without its target",
      { conditions: is("Failed"), startTime: START },
      {},
      {},
      ["status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition"],
    ],
    [
      "both ends",
      { conditions: is("Complete", "Failed", "FailureTarget", "SuccessCriteriaMet"), startTime: START, completionTime: END },
      {},
      {},
      [
        "status.conditions: Invalid value: cannot set Complete=True and Failed=true conditions",
        "status.conditions: Invalid value: cannot set Complete=True and FailureTarget=true conditions",
        "status.conditions: Invalid value: cannot set SuccessCriteriaMet=True and Failed=true conditions",
        "status.conditions: Invalid value: cannot set SuccessCriteriaMet=True and FailureTarget=true conditions",
      ],
    ],
    [
      "ended before it began",
      { startTime: END, completionTime: START, conditions: is("Complete", "SuccessCriteriaMet") },
      {},
      {},
      ['status.completionTime: Invalid value: "2026-01-01T00:00:00Z": must be equal to or after `startTime`'],
    ],
    [
      "ended without being complete",
      { startTime: START, completionTime: END },
      {},
      {},
      ['status.completionTime: Invalid value: "2026-01-01T01:00:00Z": cannot set completionTime when there is no Complete=True condition'],
    ],
    [
      "what is over stays over",
      {},
      { conditions: is("Failed", "FailureTarget"), startTime: START },
      {},
      [
        "status.conditions: Invalid value: cannot disable the terminal Failed=True condition",
        "status.conditions: Invalid value: cannot disable the terminal FailureTarget=True condition",
        "status.startTime: Invalid value: null: field is immutable for unsuspended job once set",
      ],
    ],
    [
      "counters only grow",
      { failed: 1, succeeded: 1 },
      { failed: 2, succeeded: 2 },
      {},
      ["status.failed: Invalid value: 1: cannot decrease the failed counter", "status.succeeded: Invalid value: 1: cannot decrease the succeeded counter"],
    ],
    ["elastic jobs scale in", { succeeded: 1 }, { succeeded: 2 }, { ...indexed, parallelism: 3 }, []],
    [
      "indexes",
      { completedIndexes: "0-1", failedIndexes: "1" },
      {},
      { ...indexed, backoffLimitPerIndex: 1 },
      ['status.failedIndexes: Invalid value: "1": failedIndexes and completedIndexes overlap at index: 1'],
    ],
    [
      "indexes of a job that has none",
      { completedIndexes: "0", failedIndexes: "" },
      {},
      {},
      [
        'status.completedIndexes: Invalid value: "0": cannot set non-empty completedIndexes when non-indexed completion mode',
        'status.failedIndexes: Invalid value: "": cannot set non-null failedIndexes when backoffLimitPerIndex is null',
      ],
    ],
    [
      "the clock starts anew on resuming",
      { startTime: END, conditions: [{ type: "Suspended", status: "False" }] },
      { startTime: START, conditions: is("Suspended") },
      {},
      [],
    ],
    ["broken before: unrelated changes pass", { conditions: is("Complete"), failed: 1 }, { conditions: is("Complete") }, {}, []],
  ])("%s", (_, status, before, spec, want) => {
    expect(statusErrors(status, before, spec)).toEqual(want);
  });
});

describe("#4.1 job: columns and selectors", () => {
  const cells = (status: object, spec: object = {}, metadata: object = {}) => {
    const object = { ...created(spec, { creationTimestamp: "2026-03-01T11:59:00Z", ...metadata }), status };
    return job.printer?.row(object, { now: NOW }).cells;
  };
  it.each<[object, object, object, unknown[]]>([
    [{}, {}, {}, ["Running", "0/1", ""]],
    [{ succeeded: 1, startTime: "2026-03-01T11:59:30Z" }, { parallelism: 3 }, {}, ["Running", "1/1 of 3", "30s"]],
    [{ startTime: START, completionTime: END, conditions: is("SuccessCriteriaMet", "Complete") }, { parallelism: 1 }, {}, ["Complete", "0/1", "60m"]],
    [{ conditions: is("Suspended") }, {}, {}, ["Suspended", "0/1", ""]],
    [{ conditions: is("Suspended") }, {}, { deletionTimestamp: START }, ["Terminating", "0/1", ""]],
    [{ conditions: is("FailureTarget") }, {}, {}, ["FailureTarget", "0/1", ""]],
  ])("%j %j", (status, spec, metadata, want) => {
    expect(cells(status, spec, metadata)?.slice(1, 4)).toEqual(want);
  });
  it("wide", () => expect(cells({})?.slice(5)).toEqual(["c", "registry.local/app:1", "batch.kubernetes.io/controller-uid=u1"]));
  it("status.successful is a number also when absent", () => {
    expect(job.selectable?.["status.successful"]?.({ metadata: {} })).toBe("0");
    expect(job.unselectable?.("spec.x")).toBe('field label "spec.x" not supported for Job');
  });
  it("warns of names that are no labels, and of what cannot be tracked", () => {
    expect(job.warnings?.(created({}, { name: "a.b" }))[0]).toMatch(/^metadata\.name: this is used in Pod names/);
    expect(job.warnings?.(created({ completionMode: "Indexed", completions: 100_001, parallelism: 10_001 }))[0]).toMatch(/^spec: In Indexed Jobs/);
  });
});
