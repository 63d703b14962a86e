import { describe, expect, it } from "vitest";
import { NO_FAILURES, nextRecord, remainingTime } from "../../../controllers/job/backoff.js";
import { Indexes } from "../../../controllers/job/intervals.js";
import { isComplete, plan, verdict } from "../../../controllers/job/plan.js";
import { COMPLETION_INDEX, FAILURE_COUNT, FINALIZER } from "../../../controllers/job/pods.js";
import { judgeFailure, successOf } from "../../../controllers/job/policies.js";
import { survey } from "../../../controllers/job/survey.js";
import { count, track } from "../../../controllers/job/track.js";
import type { Job, Pod } from "../../../controllers/runtime/api.js";
import { timestamp } from "../../../controllers/runtime/time.js";
import { job } from "../support/objects.js";

const NOW = Date.UTC(2024, 0, 2);
interface Made {
  phase?: string;
  index?: number;
  ready?: boolean;
  deleted?: boolean;
  tracked?: boolean;
  exitCode?: number;
  failures?: number;
  /** Seconds since it ended. */
  ago?: number;
  restarts?: number;
}
function pod(
  name: string,
  { phase = "Running", index, ready = false, deleted = false, tracked = true, exitCode, failures, ago = 100, restarts = 0 }: Made = {},
): Pod {
  const at = timestamp(NOW - ago * 1000);
  return {
    metadata: {
      name,
      namespace: "default",
      uid: name,
      creationTimestamp: timestamp(NOW - 1000_000),
      ...(tracked ? { finalizers: [FINALIZER] } : {}),
      ...(deleted ? { deletionTimestamp: at, deletionGracePeriodSeconds: 0 } : {}),
      annotations: {
        ...(index === undefined ? {} : { [COMPLETION_INDEX]: String(index) }),
        ...(failures === undefined ? {} : { [FAILURE_COUNT]: String(failures) }),
      },
    },
    spec: { containers: [], nodeName: "n" },
    status: {
      phase,
      conditions: [{ type: "Ready", status: ready ? "True" : "False", lastTransitionTime: at }],
      containerStatuses: [
        {
          name: "c",
          ready,
          restartCount: restarts,
          image: "",
          imageID: "",
          ...(exitCode === undefined ? {} : { state: { terminated: { exitCode, finishedAt: at } } }),
        },
      ],
    },
  } as Pod;
}
const indexed = (spec: Partial<Job["spec"]> = {}): Job => job({ completionMode: "Indexed", completions: 4, parallelism: 2, ...spec });
const names = (pods: readonly Pod[]): string[] => pods.map((p) => p.metadata.name ?? "");
const see = (of: Job, pods: Pod[]) => survey(of, pods, NO_FAILURES);

describe("#4.1 job: sets of indexes", () => {
  it.each([
    [[], ""],
    [[3], "3"],
    [[4, 3], "3,4"],
    [[5, 3, 4, 9, 1], "1,3-5,9"],
  ])("%j is %s", (list, text) => {
    expect(String(Indexes.of(list).union(Indexes.NONE))).toBe(text);
    expect(String(Indexes.parse(text, 10))).toBe(text);
  });
  it("cuts off what the job does not have, passes over what it cannot read", () => {
    expect(String(Indexes.parse("0-2,4-9,12", 6))).toBe("0-2,4,5");
    expect(String(Indexes.parse("x,1-y,3", 6))).toBe("3");
  });
  it("counts, finds, fills up", () => {
    const set = Indexes.parse("1-3,6", 10);
    expect([set.total, set.has(2), set.has(4), set.has(6)]).toEqual([4, true, false, true]);
    expect(set.missing(4, 8)).toEqual([0, 4, 5, 7]);
    expect(set.missing(2, 10)).toEqual([0, 4]);
    expect(set.overlap(Indexes.parse("2-7", 10))).toBe(3);
  });
});

describe("#4.1 job: what is made and deleted", () => {
  it.each<[string, Job, Pod[], number, string[]]>([
    ["as many as may run at once", job({ parallelism: 3, completions: 5 }), [], 3, []],
    [
      "no more than are still wanted",
      job({ parallelism: 3, completions: 5 }),
      [pod("a", { phase: "Succeeded" }), pod("b", { phase: "Succeeded" }), pod("c", { phase: "Succeeded" })],
      2,
      [],
    ],
    ["without completions: all until the first success", job({ parallelism: 2, completions: undefined }), [pod("a")], 1, []],
    ["and none after it", job({ parallelism: 2, completions: undefined }), [pod("a"), pod("b", { phase: "Succeeded" })], 0, []],
    ["too many: least loss first", job({ parallelism: 1, completions: 5 }), [pod("run", { ready: true }), pod("wait", { phase: "Pending" })], 0, ["wait"]],
    ["suspended: all go", job({ suspend: true }), [pod("a"), pod("b", { phase: "Succeeded" })], 0, ["a"]],
    ["one that is being deleted is replaced", job(), [pod("a", { deleted: true })], 1, []],
    ["unless only failed ones are", job({ podReplacementPolicy: "Failed" }), [pod("a", { deleted: true })], 0, []],
    ["indexes that nobody works at", indexed(), [pod("a", { index: 0 })], 1, []],
    ["one pod per index", indexed(), [pod("a", { index: 0, ready: true }), pod("b", { index: 0 }), pod("c")], 0, ["c", "b"]],
  ])("%s", (_, of, pods, create, condemned) => {
    // failures that are due anyway
    const { delete: gone, ...rest } = plan(of, see(of, pods), NOW + 1_000_000);
    expect([rest.create, names(gone)]).toEqual([create, condemned]);
  });
  it("names the indexes: done, running and given up ones are left out", () => {
    const of = indexed({ completions: 6, parallelism: 3, backoffLimitPerIndex: 0 });
    of.status = { completedIndexes: "0", failedIndexes: "2" };
    expect(plan(of, see(of, [pod("a", { index: 1 })]), NOW).indexes).toEqual([3, 4]);
  });
  it("failures hold back what replaces them", () => {
    const pods = [pod("a", { phase: "Failed", exitCode: 1, ago: 4 })];
    expect(plan(job(), see(job(), pods), NOW)).toMatchObject({ create: 0, waitMs: 6000 });
    expect(plan(job(), see(job(), pods), NOW + 6001)).toMatchObject({ create: 1 });
  });
  it("per index, each for itself", () => {
    const of = indexed({ backoffLimitPerIndex: 3 });
    const pods = [pod("a", { index: 0, phase: "Failed", failures: 1, exitCode: 1, ago: 4 })];
    expect(plan(of, see(of, pods), NOW)).toMatchObject({ create: 1, indexes: [1] });
    const both = [...pods, pod("b", { index: 1, phase: "Failed", failures: 0, exitCode: 1, ago: 4 })];
    expect(plan(of, see(of, both), NOW)).toMatchObject({ create: 0, waitMs: 6000 });
  });
});

describe("#4.1 job: back-off", () => {
  it.each([
    [0, 0],
    [1, 10_000],
    [2, 20_000],
    [6, 320_000],
    [7, 600_000],
    [50, 600_000],
  ])("after %i failures %i ms", (failures, ms) => {
    expect(remainingTime({ failures, lastFailure: NOW }, NOW)).toBe(ms);
  });
  it("a success forgets the failures before it", () => {
    const failed = [pod("a", { phase: "Failed", exitCode: 1, ago: 50 }), pod("b", { phase: "Failed", exitCode: 1, ago: 5 })];
    expect(nextRecord({ failures: 3, lastFailure: 0 }, [], failed)).toEqual({ failures: 5, lastFailure: NOW - 5000 });
    expect(nextRecord({ failures: 3 }, [pod("c", { phase: "Succeeded", exitCode: 0, ago: 20 })], failed)).toEqual({ failures: 1, lastFailure: NOW - 5000 });
    expect(nextRecord({ failures: 3 }, [pod("c", { phase: "Succeeded", exitCode: 0, ago: 1 })], failed)).toEqual({ failures: 0 });
  });
});

const failed = (name: string, more: Made = {}): Pod => pod(name, { phase: "Failed", exitCode: 1, ...more });
const startedAt = (seconds: number) => ({ startTime: timestamp(NOW - seconds * 1000) });

describe("#4.1 job: what ends it", () => {
  const policy = (action: string) => ({ rules: [{ action, onExitCodes: { operator: "In", values: [1] } }] });
  it.each<[string, Job, Pod[], string | undefined]>([
    ["nothing yet", job({ backoffLimit: 1 }), [failed("a")], undefined],
    ["too many failures", job({ backoffLimit: 0 }), [failed("a")], "FailureTarget BackoffLimitExceeded Job has reached the specified backoff limit"],
    [
      "a deleted pod is a failure",
      job({ backoffLimit: 0 }),
      [pod("a", { deleted: true })],
      "FailureTarget BackoffLimitExceeded Job has reached the specified backoff limit",
    ],
    [
      "restarts in place",
      job({ backoffLimit: 2, template: { spec: { restartPolicy: "OnFailure", containers: [] } } }),
      [pod("a", { restarts: 2 })],
      "FailureTarget BackoffLimitExceeded Job has reached the specified backoff limit",
    ],
    [
      "time is up",
      { ...job({ activeDeadlineSeconds: 10 }), status: startedAt(10) },
      [],
      "FailureTarget DeadlineExceeded Job was active longer than specified deadline",
    ],
    ["not while suspended", { ...job({ activeDeadlineSeconds: 10, suspend: true }), status: startedAt(10) }, [], undefined],
    [
      "the failure policy",
      job({ podFailurePolicy: policy("FailJob") }),
      [failed("a")],
      "FailureTarget PodFailurePolicy Container c for pod default/a failed with exit code 1 matching FailJob rule at index 0",
    ],
    ["ignored failures do not count", job({ backoffLimit: 0, podFailurePolicy: policy("Ignore") }), [failed("a")], undefined],
    [
      "indexes: too many",
      indexed({ backoffLimitPerIndex: 0, maxFailedIndexes: 0 }),
      [failed("a", { index: 0 })],
      "FailureTarget MaxFailedIndexesExceeded Job has exceeded the specified maximal number of failed indexes",
    ],
    [
      "indexes: all are through, some failed",
      indexed({ completions: 2, backoffLimitPerIndex: 0, backoffLimit: 9 }),
      [failed("a", { index: 0 }), pod("b", { index: 1, phase: "Succeeded" })],
      "FailureTarget FailedIndexes Job has failed indexes",
    ],
    [
      "success policy",
      indexed({ successPolicy: { rules: [{ succeededIndexes: "3" }, { succeededCount: 1 }] } }),
      [pod("b", { index: 1, phase: "Succeeded" })],
      "SuccessCriteriaMet SuccessPolicy Matched rules at index 1",
    ],
    ["what was decided before", { ...job(), status: { conditions: [{ type: "FailureTarget", status: "True", reason: "R", message: "m" }] } }, [], "Failed R m"],
  ])("%s", (_, of, pods, want) => {
    const c = verdict(of, see(of, pods), NOW);
    expect(c && `${c.type} ${c.reason} ${c.message}`).toBe(want);
  });
  it.each<[Job, number, number, boolean]>([
    [job({ completions: 2 }), 2, 0, true],
    [job({ completions: 2 }), 2, 1, false],
    [job({ completions: 2 }), 1, 0, false],
    [job({ completions: 0 }), 0, 0, true],
    [job({ completions: undefined }), 1, 0, true],
    [job({ completions: undefined }), 0, 0, false],
  ])("completions %#", (of, succeeded, active, want) => expect(isComplete(of, succeeded, active)).toBe(want));
  it("rules are tried in order, and name pods' conditions too", () => {
    const rules = [
      { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
      { action: "FailIndex", onExitCodes: { operator: "NotIn", values: [1], containerName: "c" } },
      { action: "Count", onExitCodes: { operator: "In", values: [1], containerName: "other" } },
      { action: "FailJob", onPodConditions: [{ type: "Ready", status: "False" }] },
    ];
    expect(judgeFailure({ rules }, failed("a", { exitCode: 2 }))).toEqual({ counts: true, failsIndex: true });
    expect(judgeFailure({ rules }, failed("a")).failsJob).toBe("Pod default/a has condition Ready matching FailJob rule at index 3");
    expect(judgeFailure({ rules: rules.slice(0, 3) }, failed("a"))).toEqual({ counts: true, failsIndex: false });
  });
  it("success rules by indexes, by count of them", () => {
    const done = Indexes.of([0, 2]);
    expect(successOf({ rules: [{ succeededIndexes: "0-2" }] }, 4, done)).toBeUndefined();
    expect(successOf({ rules: [{ succeededIndexes: "0-2", succeededCount: 2 }] }, 4, done)).toBe("Matched rules at index 0");
    expect(successOf({ rules: [{ succeededCount: 0 }] }, 4, Indexes.NONE)).toBeUndefined();
  });
});

describe("#4.1 job: counting", () => {
  it("a pod is in one list until its finalizer is gone, then in the counter", () => {
    const pods = [pod("a", { phase: "Succeeded" }), failed("b"), pod("c"), pod("d", { phase: "Succeeded", tracked: false })];
    const { status, release } = track(job({ backoffLimit: 9 }), { succeeded: 1 }, see(job(), pods), undefined, NOW);
    expect(status).toEqual({ succeeded: 1, uncountedTerminatedPods: { succeeded: ["a"], failed: ["b"] } });
    expect(names(release)).toEqual(["a", "b"]);
    expect(count(status, new Set(["b"]))).toEqual({ succeeded: 2, failed: 0, uncountedTerminatedPods: { failed: ["b"] } });
    expect(count(status, new Set(["a", "b"]))).toBe(status);
  });
  it("a failed pod of an index waits for the one that replaces it", () => {
    const of = indexed({ backoffLimitPerIndex: 1 });
    const pods = [failed("a", { index: 0 })];
    expect(names(track(of, {}, see(of, pods), undefined, NOW).release)).toEqual([]);
    expect(names(track(of, {}, see(of, [...pods, pod("b", { index: 0, failures: 1 })]), undefined, NOW).release)).toEqual(["a"]);
  });
  it("indexes instead of uids", () => {
    const of = indexed();
    const pods = [pod("b", { index: 2, phase: "Succeeded" }), pod("a", { index: 1, phase: "Succeeded" }), pod("x", { index: 9, phase: "Succeeded" })];
    const { status, release } = track(of, { completedIndexes: "0", succeeded: 1 }, see({ ...of, status: { completedIndexes: "0" } }, pods), undefined, NOW);
    expect(status).toEqual({ succeeded: 3, completedIndexes: "0-2", uncountedTerminatedPods: {} });
    expect(names(release)).toEqual(["a", "b", "x"]);
  });
  it("no more than 500 at a time", () => {
    const pods = Array.from({ length: 600 }, (_, i) => pod(`p${i}`, { phase: "Succeeded" }));
    const { release, more } = track(job({ completions: 600 }), {}, see(job(), pods), undefined, NOW);
    expect([release.length, more]).toEqual([500, true]);
  });
});
