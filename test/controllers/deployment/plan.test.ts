import { describe, expect, it } from "vitest";
import { DESIRED_REPLICAS, MAX_REPLICAS, newSetAnnotations, REVISION, REVISION_HISTORY } from "../../../controllers/deployment/annotations.js";
import { maxSurge, maxUnavailable, newSetSize } from "../../../controllers/deployment/numbers.js";
import { isScalingEvent, planCleanup, planNewSet, planOldSets, planRecreate, planScaling, type Scale, sortSets } from "../../../controllers/deployment/plan.js";
import { calculateRolloutStatus, nextProgressCheck } from "../../../controllers/deployment/status.js";
import type { Deployment, ReplicaSet } from "../../../controllers/runtime/api.js";
import { timestamp } from "../../../controllers/runtime/time.js";
import { deployment, replicaSet } from "../support/objects.js";

const NOW = Date.UTC(2024, 0, 1);
const rolling = (surge: number | string, unavailable: number | string) => ({
  strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: surge, maxUnavailable: unavailable } },
});

/** A set of a size, so many of them available; `age` orders: higher is older. */
function set(name: string, replicas: number, available = replicas, { age = 0, desired = -1, max = -1, image = "old" } = {}): ReplicaSet {
  const made = replicaSet({ replicas }, name);
  Object.assign(made.metadata, { uid: name, creationTimestamp: timestamp(NOW - age * 1000), annotations: {}, generation: 1 });
  if (desired >= 0) made.metadata.annotations![DESIRED_REPLICAS] = String(desired);
  if (max >= 0) made.metadata.annotations![MAX_REPLICAS] = String(max);
  made.spec.template!.spec!.containers[0].image = image;
  made.status = { replicas, availableReplicas: available, observedGeneration: 1 };
  return made;
}
const show = (steps: readonly Scale[]): string => steps.map((s) => `${s.set.metadata.name}=${s.to}`).join(" ");

describe("#3.3 deployment: surge and unavailability", () => {
  it.each([
    [10, "25%", "25%", 3, 2],
    [2, 0, "1%", 0, 1],
    [1, 0, "1%", 0, 1],
    [2, "1%", "25%", 1, 0],
    [1, "1%", "0%", 1, 0],
    [3, 5, 9, 5, 3],
    [0, "25%", "25%", 0, 0],
    [4, "30%", "30%", 2, 1],
  ])("%i replicas, surge %s, unavailable %s: %i and %i", (replicas, surge, unavailable, s, u) => {
    const d = deployment({ replicas, ...rolling(surge, unavailable) });
    expect([maxSurge(d), maxUnavailable(d)]).toEqual([s, u]);
  });
  it("knows neither under Recreate", () => {
    const d = deployment({ strategy: { type: "Recreate" } });
    expect([maxSurge(d), maxUnavailable(d)]).toEqual([0, 0]);
  });
  it.each([
    [3, 1, 3, 0, 1],
    [3, 1, 4, 1, 1],
    [3, 5, 3, 0, 3],
    [3, 1, 2, 2, 3],
    [3, 0, 2, 1, 2],
  ])("%i replicas, surge %i, %i there, %i new: %i", (replicas, surge, total, current, want) =>
    expect(newSetSize(deployment({ replicas, ...rolling(surge, 1) }), total, current)).toBe(want),
  );
});

describe("#3.3 deployment: plan", () => {
  const d = (replicas: number, surge: number | string = 1, unavailable: number | string = 0): Deployment =>
    deployment({ replicas, ...rolling(surge, unavailable) });
  const old = (steps: (newSet: ReplicaSet) => Scale[], newSet: ReplicaSet): string => show(steps(newSet));

  it("grows the new set by the surge", () => {
    const n = set("new", 0);
    expect(show(planNewSet(d(3), n, { newSet: n, oldSets: [set("a", 3)] }))).toBe("new=1");
    expect(show(planNewSet(d(3, 1, 1), n, { newSet: n, oldSets: [set("a", 4)] }))).toBe("");
    const big = set("new", 5);
    expect(show(planNewSet(d(3), big, { newSet: big, oldSets: [] }))).toBe("new=3");
  });

  it.each<[string, Deployment, ReplicaSet, ReplicaSet[], string]>([
    ["takes nothing before the new pod is available", d(3), set("new", 1, 0), [set("a", 3)], ""],
    ["takes one for one that is available", d(3), set("new", 1, 1), [set("a", 3)], "a=2"],
    ["takes what may be unavailable at once", d(4, 0, 2), set("new", 0), [set("a", 4)], "a=2"],
    ["unhealthy old pods first, oldest set first", d(10, 3, 2), set("new", 5, 0), [set("b", 4, 4, { age: 1 }), set("a", 4, 2, { age: 2 })], ""],
    ["cleans up unhealthy ones within what may go", d(10, 3, 2), set("new", 3, 3), [set("b", 5, 5, { age: 1 }), set("a", 5, 2, { age: 2 })], "a=2 a=0"],
    ["ignores sets without pods", d(3), set("new", 3), [set("a", 0)], ""],
    ["decides nothing on a set that is more available than big", d(3, 1, 1), set("new", 3), [set("a", 1, 3)], ""],
  ])("%s", (_, dep, newSet, oldSets, want) => expect(old((n) => planOldSets(dep, n, { newSet: n, oldSets }), newSet)).toBe(want));

  it("recreates: all old ones to nothing", () => {
    expect(show(planRecreate({ newSet: set("new", 0), oldSets: [set("a", 3), set("b", 0)] }))).toBe("a=0");
  });

  it("finds the new set by template, the oldest of several, hash label aside", () => {
    const dep = deployment();
    const [young, elder] = [set("young", 0, 0, { image: "img:1" }), set("elder", 0, 0, { age: 9, image: "img:1" })];
    for (const s of [young, elder]) s.spec.template!.metadata!.labels = { app: "d", "pod-template-hash": "x" };
    const sets = sortSets(dep, [young, set("other", 1), elder]);
    expect(sets.newSet?.metadata.name).toBe("elder");
    expect(sets.oldSets.map((s) => s.metadata.name).sort()).toEqual(["other", "young"]);
  });

  it("notices a scaling by what the active sets were told", () => {
    expect(isScalingEvent(d(4), { newSet: set("new", 3, 3, { desired: 3 }), oldSets: [] })).toBe(true);
    expect(isScalingEvent(d(3), { newSet: set("new", 3, 3, { desired: 3 }), oldSets: [set("a", 0, 0, { desired: 1 })] })).toBe(false);
  });

  it.each<[string, Deployment, ReplicaSet | undefined, ReplicaSet[], string]>([
    ["the only active set takes all", d(5), set("new", 0), [set("a", 3)], "a=5"],
    ["the new set when none is active", d(5), set("new", 0), [set("a", 0)], "new=5"],
    ["the latest when there is no new one", d(5), undefined, [set("b", 0, 0, { age: 1 }), set("a", 0, 0, { age: 9 })], "b=5"],
    ["a saturated new set takes the place of the old", d(3), set("new", 3, 3, { desired: 3 }), [set("a", 2)], "a=0"],
    ["shares by size", d(8, "25%", "25%"), set("new", 2, 0, { max: 5 }), [set("a", 3, 3, { age: 9, max: 5 })], "a=6 new=4"],
    ["shares a loss as well", d(5, 0, 1), set("new", 5, 5, { max: 10 }), [set("a", 5, 5, { age: 9, max: 10 })], "a=2 new=3"],
    ["all to nothing", d(0), set("new", 2, 0, { max: 5 }), [set("a", 3, 3, { max: 5 })], "a=0 new=0"],
    ["keeps sizes that fit", d(4, 1, 0), set("new", 2, 0, { max: 5 }), [set("a", 3, 3, { max: 5 })], "a=3 new=2"],
  ])("scales: %s", (_, dep, newSet, oldSets, want) => expect(show(planScaling(dep, { newSet, oldSets }))).toBe(want));

  it("drops old sets by revision, none that still has work", () => {
    const revision = (n: number, more: Partial<ReplicaSet["status"]> = {}): ReplicaSet => {
      const s = set(`r${n}`, 0);
      s.metadata.annotations![REVISION] = String(n);
      Object.assign(s.status!, more);
      return s;
    };
    const oldSets = [revision(10), revision(9), revision(2), revision(3, { replicas: 1 })];
    const names = (limit: number) => planCleanup(deployment({ revisionHistoryLimit: limit }), { newSet: undefined, oldSets }).map((s) => s.metadata.name);
    expect(names(3)).toEqual(["r2"]);
    expect(names(2)).toEqual(["r2"]);
    expect(names(1)).toEqual(["r2", "r9"]);
    expect(names(4)).toEqual([]);
  });
});

describe("#3.3 deployment: annotations", () => {
  const annotated = (annotations: Record<string, string>): Deployment => {
    const d = deployment();
    d.metadata.annotations = annotations;
    return d;
  };
  it("copies the Deployment's own, except bookkeeping", () => {
    const d = annotated({ why: "because", "kubectl.kubernetes.io/last-applied-configuration": "{}", [REVISION]: "9" });
    expect(newSetAnnotations(d, undefined, 1)).toEqual({ why: "because", [REVISION]: "1" });
    expect(newSetAnnotations(d, { why: "because", [REVISION]: "1" }, 1)).toBeUndefined();
  });
  it("remembers what it was when it is rolled back to", () => {
    expect(newSetAnnotations(annotated({}), { [REVISION]: "1" }, 3)).toEqual({ [REVISION]: "3", [REVISION_HISTORY]: "1" });
    expect(newSetAnnotations(annotated({}), { [REVISION]: "3", [REVISION_HISTORY]: "1" }, 5)).toEqual({ [REVISION]: "5", [REVISION_HISTORY]: "1,3" });
    expect(newSetAnnotations(annotated({}), { [REVISION]: "7" }, 5)).toBeUndefined();
  });
  it("keeps the history short", () => {
    const long = Array.from({ length: 400 }, (_, i) => 1000 + i).join(",");
    const next = newSetAnnotations(annotated({}), { [REVISION]: "1400", [REVISION_HISTORY]: long }, 1401)![REVISION_HISTORY];
    expect(next.length).toBeLessThanOrEqual(2000);
    expect(next.startsWith("1001,")).toBe(true);
    expect(next.endsWith(",1399,1400")).toBe(true);
  });
});

describe("#3.3 deployment: progress", () => {
  const progressing = (reason: string, ago: number, status = "True") => ({
    type: "Progressing",
    status,
    reason,
    message: "",
    lastUpdateTime: timestamp(NOW - ago * 1000),
    lastTransitionTime: timestamp(NOW - 5000_000),
  });
  const judge = (reason: string, ago: number, was: object = {}, available = 1) => {
    const d = deployment({ replicas: 3, progressDeadlineSeconds: 10 });
    const n = set("new", 3, available);
    d.status = { replicas: 3, updatedReplicas: 3, availableReplicas: available, conditions: [progressing(reason, ago)], ...was };
    const status = calculateRolloutStatus(d, [n], n, NOW);
    return { d, status, progress: status.conditions?.find((c) => c.type === "Progressing") };
  };
  it("times out strictly after the deadline", () => {
    expect(judge("ReplicaSetUpdated", 10).progress?.reason).toBe("ReplicaSetUpdated");
    expect(judge("ReplicaSetUpdated", 11).progress).toMatchObject({
      status: "False",
      reason: "ProgressDeadlineExceeded",
      message: 'ReplicaSet "new" has timed out progressing.',
      lastTransitionTime: timestamp(NOW),
    });
    expect(judge("NewReplicaSetAvailable", 11, { replicas: 4 }).progress?.reason).toBe("NewReplicaSetAvailable");
  });
  it("renews the time of progress and keeps that of the transition", () => {
    expect(judge("ReplicaSetUpdated", 8, { availableReplicas: 0 }).progress).toMatchObject({
      reason: "ReplicaSetUpdated",
      message: 'ReplicaSet "new" is progressing.',
      lastUpdateTime: timestamp(NOW),
      lastTransitionTime: timestamp(NOW - 5000_000),
    });
  });
  it("is done when all are updated and available", () => {
    expect(judge("ReplicaSetUpdated", 1, {}, 3).progress).toMatchObject({
      reason: "NewReplicaSetAvailable",
      message: 'ReplicaSet "new" has successfully progressed.',
    });
  });
  it("looks again when the deadline will have passed", () => {
    const at = (ago: number): number | undefined => {
      const { d, status } = judge("ReplicaSetUpdated", ago);
      return nextProgressCheck(d, status, NOW);
    };
    expect(at(4)).toBe(7000);
    expect(at(10)).toBe(1);
    const { d, status } = judge("ProgressDeadlineExceeded", 99);
    expect(nextProgressCheck(d, status, NOW)).toBeUndefined();
  });
});
