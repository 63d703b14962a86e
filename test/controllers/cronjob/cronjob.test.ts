import { describe, expect, it } from "vitest";
import { cronJobController } from "../../../controllers/cronjob/index.js";
import { decide, jobOf, outlived, ScheduleFault, untilNext } from "../../../controllers/cronjob/plan.js";
import type { CronJob, Job } from "../../../controllers/runtime/api.js";
import { timestamp } from "../../../controllers/runtime/time.js";
import { parseSchedule } from "../../../kinds/batch/cronjob/schedule.js";
import { loadLocation, UTC } from "../../../kinds/batch/cronjob/timezone.js";
import { FakeCluster } from "../support/fake.js";
import { cronJob, job } from "../support/objects.js";

const MINUTE = 60_000;
/** Created at midnight. */
const T0 = Date.UTC(2024, 0, 1);
const made = (spec: Partial<CronJob["spec"]> = {}): CronJob => {
  const object = cronJob(spec);
  return { ...object, metadata: { ...object.metadata, creationTimestamp: timestamp(T0) } };
};
const every5 = parseSchedule("*/5 * * * *");
const decision = (spec: Partial<CronJob["spec"]>, status: CronJob["status"], minutes: number) => {
  const { at, action, tooMany } = decide(made(spec), status ?? {}, every5, T0 + minutes * MINUTE);
  return [at === undefined ? undefined : (at - T0) / MINUTE, action, tooMany];
};
const active = (...names: string[]) => names.map((name) => ({ kind: "Job", apiVersion: "batch/v1", namespace: "default", name, uid: `uid-${name}` }));

describe("#4.1 cronjob: what is due", () => {
  it.each<[string, Partial<CronJob["spec"]>, CronJob["status"], number, unknown[]]>([
    ["not yet", {}, {}, 4, [undefined, "none", false]],
    ["the first", {}, {}, 5, [5, "start", false]],
    ["once", {}, { lastScheduleTime: timestamp(T0 + 5 * MINUTE) }, 6, [undefined, "none", false]],
    ["the last of several", {}, {}, 19, [15, "start", false]],
    ["many were missed", {}, {}, 5 * 102, [510, "start", true]],
    ["too late", { startingDeadlineSeconds: 30 }, {}, 6, [undefined, "none", false]],
    ["just in time", { startingDeadlineSeconds: 60 }, {}, 6, [undefined, "none", false]],
    ["in time", { startingDeadlineSeconds: 61 }, {}, 6, [5, "start", false]],
    ["another still runs", { concurrencyPolicy: "Forbid" }, { active: active("cj-1") }, 5, [5, "blocked", false]],
    ["which may be", { concurrencyPolicy: "Allow" }, { active: active("cj-1") }, 5, [5, "start", false]],
    ["the one of this start is there", {}, { active: active(`cj-${T0 / MINUTE + 5}`) }, 5, [5, "none", false]],
  ])("%s", (_, spec, status, minutes, want) => expect(decision(spec, status, minutes)).toEqual(want));
  it("until the next start, and a little more", () => {
    const wait = (status: CronJob["status"], minutes: number) => untilNext(made(), status ?? {}, every5, T0 + minutes * MINUTE);
    expect([wait({}, 1), wait({}, 6), wait({ lastScheduleTime: timestamp(T0 + 5 * MINUTE) }, 6)]).toEqual([4, 4, 4].map((m) => m * MINUTE + 100));
  });
  it("a day that never comes is a fault, and nothing to wait for", () => {
    const never = parseSchedule("0 0 31 2 *");
    expect(() => decide(made(), {}, never, T0)).toThrow(ScheduleFault);
    expect(untilNext(made(), {}, never, T0)).toBe(Number.POSITIVE_INFINITY);
  });
  it("@every counts from the last start", () => {
    const status = { lastScheduleTime: timestamp(T0 + 7_000) };
    expect(decide(made(), status, parseSchedule("@every 90s"), T0 + 400_000).at).toBe(T0 + 7_000 + 360_000);
  });
  it("the job of a start", () => {
    const of = jobOf(made({ timeZone: "Asia/Kolkata" }), T0, loadLocation("Asia/Kolkata"));
    expect(of.metadata).toEqual({
      name: `cj-${T0 / MINUTE}`,
      labels: { from: "cj" },
      annotations: { note: "x", "batch.kubernetes.io/cronjob-scheduled-timestamp": "2024-01-01T05:30:00+05:30" },
      ownerReferences: [{ apiVersion: "batch/v1", kind: "CronJob", name: "cj", uid: "uid-cj", controller: true, blockOwnerDeletion: true }],
    });
    expect(of.spec).toEqual(made().spec.jobTemplate.spec);
    expect(jobOf(made(), T0, UTC).metadata.annotations?.["batch.kubernetes.io/cronjob-scheduled-timestamp"]).toBe("2024-01-01T00:00:00Z");
  });
  it("keeps the youngest of the finished", () => {
    const ended = (name: string, type: string, start: number): Job => ({
      ...job({}, name),
      status: { startTime: timestamp(T0 + start), conditions: [{ type, status: "True" }] },
    });
    const jobs = [ended("c", "Complete", 3000), ended("a", "Complete", 1000), ended("b", "Complete", 2000), ended("x", "Failed", 1000), job({}, "runs")];
    const names = (spec: Partial<CronJob["spec"]>) => outlived(made(spec), jobs).map((j) => j.metadata.name);
    expect(names({ successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 1 })).toEqual(["a", "b"]);
    expect(names({ successfulJobsHistoryLimit: undefined, failedJobsHistoryLimit: 0 })).toEqual(["x"]);
  });
});

async function started(spec: Partial<CronJob["spec"]> = {}): Promise<FakeCluster> {
  const cluster = new FakeCluster();
  cluster.start(cronJobController);
  cluster.add("cronjobs", cronJob(spec));
  await cluster.settle();
  return cluster;
}
const status = (cluster: FakeCluster): CronJob["status"] => cluster.get<CronJob>("cronjobs", "cj")?.status;
async function pass(cluster: FakeCluster, minutes: number): Promise<void> {
  for (let i = 0; i < minutes; i++) {
    cluster.clock.advance(MINUTE);
    await cluster.settle();
  }
}
async function end(cluster: FakeCluster, name: string, type: "Complete" | "Failed"): Promise<void> {
  const at = timestamp(cluster.clock.now());
  cluster.patch("jobs", name, { status: { startTime: at, ...(type === "Complete" ? { completionTime: at } : {}), conditions: [{ type, status: "True" }] } });
  await cluster.settle();
}

describe("#4.1 cronjob: stories", () => {
  it("starts a job each minute, follows it, and keeps a few", async () => {
    const cluster = await started({ successfulJobsHistoryLimit: 1 });
    expect([cluster.names("jobs"), status(cluster)]).toEqual([[], undefined]);
    cluster.clock.advance(MINUTE + 100);
    await cluster.settle();
    const [first] = cluster.names("jobs") as [string];
    expect(first).toBe(`cj-${T0 / MINUTE + 1}`);
    expect(status(cluster)).toMatchObject({ active: [{ kind: "Job", apiVersion: "batch/v1", name: first }], lastScheduleTime: "2024-01-01T00:01:00Z" });
    await end(cluster, first, "Complete");
    expect(status(cluster)).toEqual({ lastScheduleTime: "2024-01-01T00:01:00Z", lastSuccessfulTime: "2024-01-01T00:01:00Z" });
    await pass(cluster, 1);
    await end(cluster, cluster.names("jobs")[1] as string, "Complete");
    expect(cluster.names("jobs")).toEqual([`cj-${T0 / MINUTE + 2}`]);
    expect(cluster.events("cj")).toEqual([
      `Normal SuccessfulCreate Created job ${first}`,
      `Normal SawCompletedJob Saw completed job: ${first}, condition: Complete`,
      `Normal SuccessfulCreate Created job cj-${T0 / MINUTE + 2}`,
      `Normal SuccessfulDelete Deleted job ${first}`,
      `Normal SawCompletedJob Saw completed job: cj-${T0 / MINUTE + 2}, condition: Complete`,
    ]);
  });
  it.each([
    ["Allow", 3],
    ["Forbid", 1],
    ["Replace", 1],
  ])("%s: %i at once", async (concurrencyPolicy, running) => {
    const cluster = await started({ concurrencyPolicy });
    cluster.clock.advance(100);
    await pass(cluster, 3);
    expect([cluster.names("jobs").length, status(cluster)?.active?.length]).toEqual([running, running]);
    const last = `cj-${T0 / MINUTE + (concurrencyPolicy === "Forbid" ? 1 : 3)}`;
    expect(cluster.names("jobs").at(-1)).toBe(last);
    if (concurrencyPolicy === "Forbid") expect(cluster.events("cj").some((e) => e.startsWith("Normal JobAlreadyActive"))).toBe(true);
  });
  it("suspended: nothing, until it is resumed", async () => {
    const cluster = await started({ suspend: true });
    await pass(cluster, 2);
    expect(cluster.names("jobs")).toEqual([]);
    cluster.patch("cronjobs", "cj", { spec: { suspend: false } });
    await cluster.settle();
    expect(cluster.names("jobs")).toEqual([`cj-${T0 / MINUTE + 2}`]);
  });
  it("a new schedule counts from now on", async () => {
    const cluster = await started({ schedule: "0 0 1 1 *" });
    cluster.patch("cronjobs", "cj", { spec: { schedule: "*/2 * * * *" } });
    await cluster.settle();
    expect(cluster.names("jobs")).toEqual([]);
    cluster.clock.advance(2 * MINUTE + 100);
    await cluster.settle();
    expect(cluster.names("jobs")).toEqual([`cj-${T0 / MINUTE + 2}`]);
  });
  it("notices what went missing, and what it did not make", async () => {
    const cluster = await started();
    cluster.clock.advance(MINUTE + 100);
    await cluster.settle();
    const [first] = cluster.names("jobs") as [string];
    cluster.remove("jobs", first);
    await cluster.settle();
    expect([status(cluster)?.active, cluster.events("cj").at(-1)]).toEqual([undefined, `Normal MissingJob Active job went missing: ${first}`]);
    const owner = cluster.get("cronjobs", "cj");
    cluster.add("jobs", {
      ...job({}, "hand-made"),
      metadata: {
        name: "hand-made",
        ownerReferences: [{ apiVersion: "batch/v1", kind: "CronJob", name: "cj", uid: owner?.metadata.uid ?? "", controller: true }],
      },
    });
    await cluster.settle();
    expect(cluster.events("cj").at(-1)).toBe("Warning UnexpectedJob Saw a job that the controller did not create or forgot: hand-made");
  });
  it.each<[string, Partial<CronJob["spec"]>, string]>([
    ["zone", { timeZone: "Gone/Away" }, 'Warning UnknownTimeZone invalid timeZone: "Gone/Away": unknown time zone Gone/Away'],
    ["text", { schedule: "often" }, 'Warning UnparseableSchedule unparseable schedule: "often" : expected exactly 5 fields, found 1: [often]'],
    ["day", { schedule: "0 0 31 2 *" }, "Warning InvalidSchedule invalid schedule: 0 0 31 2 * : time difference between two schedules is less than 1 second"],
    [
      "old habit",
      { schedule: "TZ=UTC 0 0 1 1 *" },
      'Warning UnsupportedSchedule CRON_TZ or TZ used in schedule "TZ=UTC 0 0 1 1 *" is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details',
    ],
  ])("says what is wrong: %s", async (_, spec, event) => {
    expect((await started(spec)).events("cj")).toEqual([event]);
  });
  it("a job that is there already is taken into the list, once it is its own", async () => {
    const cluster = new FakeCluster();
    cluster.add("jobs", job({}, `cj-${T0 / MINUTE + 1}`));
    cluster.start(cronJobController);
    cluster.add("cronjobs", cronJob());
    cluster.clock.advance(MINUTE + 100);
    await cluster.settle();
    expect([cluster.names("jobs").length, status(cluster)]).toEqual([1, undefined]);
  });
  it("tells of a start that fails, and tries again", async () => {
    const cluster = await started();
    let refused = 0;
    cluster.fail = (call) => (call.verb === "create" && call.resource === "jobs" && refused++ === 0 ? new Error("no room") : undefined);
    cluster.clock.advance(MINUTE + 100);
    await cluster.settle();
    expect(cluster.events("cj")).toEqual(["Warning FailedCreate Error creating job: no room"]);
    cluster.clock.advance(5);
    await cluster.settle();
    expect(cluster.names("jobs")).toHaveLength(1);
  });
});
