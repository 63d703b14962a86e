import { describe, expect, it } from "vitest";
import { jobController } from "../../../controllers/job/index.js";
import { FINALIZER } from "../../../controllers/job/pods.js";
import type { Job, Pod } from "../../../controllers/runtime/api.js";
import { timestamp } from "../../../controllers/runtime/time.js";
import { ttlAfterFinishedController } from "../../../controllers/ttlafterfinished/index.js";
import { FakeCluster } from "../support/fake.js";
import { job } from "../support/objects.js";

const START = "2024-01-01T00:00:00Z";

async function started(spec: Partial<Job["spec"]> = {}): Promise<FakeCluster> {
  const cluster = new FakeCluster();
  cluster.start(jobController, ttlAfterFinishedController);
  cluster.add("jobs", job(spec));
  await cluster.run();
  return cluster;
}
const status = (cluster: FakeCluster): Job["status"] => cluster.get<Job>("jobs", "j")?.status;
const pods = (cluster: FakeCluster): readonly Pod[] => cluster.list<Pod>("pods");
const conditions = (cluster: FakeCluster): string[] => (status(cluster)?.conditions ?? []).map((c) => `${c.type}=${c.status} ${c.reason}`);
/** As its kubelet, or a client in its place, would. */
async function end(cluster: FakeCluster, name: string, phase: "Succeeded" | "Failed"): Promise<void> {
  cluster.patch("pods", name, {
    status: {
      phase,
      conditions: [{ type: "Ready", status: "False" }],
      containerStatuses: [{ name: "nginx", state: { terminated: { exitCode: phase === "Failed" ? 1 : 0, finishedAt: timestamp(cluster.clock.now()) } } }],
    },
  });
  await cluster.run();
}
const open = (cluster: FakeCluster): string[] =>
  pods(cluster)
    .filter((p) => p.status?.phase === "Running")
    .map((p) => p.metadata.name ?? "");

describe("#4.1 job: stories", () => {
  it("runs one pod after the other to completion", async () => {
    const cluster = await started({ completions: 2 });
    expect(status(cluster)).toEqual({ startTime: START, active: 1, ready: 1, terminating: 0, uncountedTerminatedPods: {} });
    expect(pods(cluster)[0]?.metadata).toMatchObject({ generateName: "j-", finalizers: [FINALIZER], ownerReferences: [{ kind: "Job", name: "j" }] });
    await end(cluster, open(cluster)[0] as string, "Succeeded");
    expect(status(cluster)).toMatchObject({ active: 1, succeeded: 1, uncountedTerminatedPods: {} });
    await end(cluster, open(cluster)[0] as string, "Succeeded");
    expect(status(cluster)).toEqual({
      conditions: ["SuccessCriteriaMet", "Complete"].map((type) => ({
        type,
        status: "True",
        lastProbeTime: START,
        lastTransitionTime: START,
        reason: "CompletionsReached",
        message: "Reached expected number of succeeded pods",
      })),
      startTime: START,
      completionTime: START,
      succeeded: 2,
      ready: 0,
      terminating: 0,
      uncountedTerminatedPods: {},
    });
    expect(pods(cluster).map((p) => p.metadata.finalizers)).toEqual([undefined, undefined]);
    expect(cluster.events("j").map((e) => e.replace(/j-.{5}$/, "j-"))).toEqual([
      "Normal SuccessfulCreate Created pod: j-",
      "Normal SuccessfulCreate Created pod: j-",
      "Normal Completed Job completed",
    ]);
  });

  it("fails once its limit is passed, and takes the others along", async () => {
    const cluster = await started({ completions: 2, parallelism: 2, backoffLimit: 0 });
    const [first] = open(cluster);
    await end(cluster, first as string, "Failed");
    expect(conditions(cluster)).toEqual(["FailureTarget=True BackoffLimitExceeded", "Failed=True BackoffLimitExceeded"]);
    expect(status(cluster)).toMatchObject({ failed: 2, ready: 0, terminating: 0, uncountedTerminatedPods: {} });
    expect(cluster.names("pods")).toEqual([first]);
    expect(cluster.events("j").at(-1)).toBe("Warning BackoffLimitExceeded Job has reached the specified backoff limit");
  });

  it("waits before it tries again", async () => {
    const cluster = await started();
    await end(cluster, open(cluster)[0] as string, "Failed");
    expect([status(cluster)?.failed, open(cluster)]).toEqual([1, []]);
    cluster.clock.advance(9_999);
    await cluster.run();
    expect(open(cluster)).toEqual([]);
    cluster.clock.advance(1);
    await cluster.run();
    expect(open(cluster)).toHaveLength(1);
  });

  it("ends when its time is up, counted from resuming", async () => {
    const cluster = await started({ activeDeadlineSeconds: 60, suspend: true });
    expect([conditions(cluster), pods(cluster), status(cluster)?.startTime]).toEqual([["Suspended=True JobSuspended"], [], undefined]);
    cluster.clock.advance(100_000);
    cluster.patch("jobs", "j", { spec: { suspend: false } });
    await cluster.run();
    expect([conditions(cluster), open(cluster).length, status(cluster)?.startTime]).toEqual([["Suspended=False JobResumed"], 1, "2024-01-01T00:01:40Z"]);
    cluster.clock.advance(60_000);
    await cluster.run();
    expect(conditions(cluster).slice(1)).toEqual(["FailureTarget=True DeadlineExceeded", "Failed=True DeadlineExceeded"]);
    expect(cluster.events("j").filter((e) => /Suspended|Resumed|Deadline/.test(e))).toEqual([
      "Normal Suspended Job suspended",
      "Normal Resumed Job resumed",
      "Warning DeadlineExceeded Job was active longer than specified deadline",
    ]);
  });

  it("suspending deletes what runs, uncounted", async () => {
    const cluster = await started({ parallelism: 2, completions: 2 });
    cluster.patch("jobs", "j", { spec: { suspend: true } });
    await cluster.run();
    expect(pods(cluster)).toEqual([]);
    expect(status(cluster)).toMatchObject({ ready: 0, terminating: 0, uncountedTerminatedPods: {} });
    expect([status(cluster)?.failed, status(cluster)?.startTime]).toEqual([undefined, undefined]);
  });

  it("a pod per index, each told which it is", async () => {
    const cluster = await started({ completionMode: "Indexed", completions: 3, parallelism: 2, backoffLimitPerIndex: 1, backoffLimit: 99 });
    const [zero, one] = pods(cluster) as [Pod, Pod];
    expect(zero.metadata.name).toMatch(/^j-0-.{5}$/);
    expect(one.spec.hostname).toBe("j-1");
    expect(one.metadata.annotations).toEqual({ "batch.kubernetes.io/job-completion-index": "1", "batch.kubernetes.io/job-index-failure-count": "0" });
    expect(one.metadata.labels?.["batch.kubernetes.io/job-completion-index"]).toBe("1");
    expect(one.spec.containers?.[0]?.env).toEqual([
      { name: "JOB_COMPLETION_INDEX", valueFrom: { fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']" } } },
    ]);
    await end(cluster, one.metadata.name as string, "Failed");
    // held until the pod that replaces it carries the count on
    expect(cluster.get("pods", one.metadata.name as string)?.metadata.finalizers).toEqual([FINALIZER]);
    await end(cluster, zero.metadata.name as string, "Succeeded");
    expect(open(cluster).map((name) => cluster.get("pods", name)?.spec.hostname)).toEqual(["j-2"]);
    cluster.clock.advance(10_000);
    await cluster.run();
    const again = pods(cluster).find((p) => p.spec.hostname === "j-1" && p.status?.phase === "Running") as Pod;
    expect(again.metadata.annotations?.["batch.kubernetes.io/job-index-failure-count"]).toBe("1");
    expect(cluster.get("pods", one.metadata.name as string)?.metadata.finalizers).toBeUndefined();
    await end(cluster, again.metadata.name as string, "Failed");
    await end(cluster, open(cluster)[0] as string, "Succeeded");
    expect(status(cluster)).toMatchObject({ succeeded: 2, failed: 2, completedIndexes: "0,2", failedIndexes: "1" });
    expect(conditions(cluster)).toEqual(["FailureTarget=True FailedIndexes", "Failed=True FailedIndexes"]);
  });

  it("elsewhere managed: hands off", async () => {
    const cluster = await started({ managedBy: "example.com/other" });
    expect([pods(cluster), status(cluster)]).toEqual([[], undefined]);
  });

  it("lets go of the pods of a job that has gone", async () => {
    const cluster = await started();
    cluster.remove("jobs", "j");
    await cluster.settle();
    expect(pods(cluster)[0]?.metadata.finalizers).toBeUndefined();
  });

  it("adopts with its finalizer, releases without", async () => {
    const cluster = new FakeCluster();
    cluster.start(jobController);
    cluster.add("pods", { metadata: { name: "mine", labels: { "controller-uid": "uid-j" } }, spec: { containers: [] } });
    cluster.add("jobs", job());
    await cluster.run();
    expect(cluster.names("pods")).toEqual(["mine"]);
    expect(cluster.get("pods", "mine")?.metadata).toMatchObject({ finalizers: [FINALIZER], ownerReferences: [{ name: "j" }] });
    cluster.patch("pods", "mine", { metadata: { labels: { "controller-uid": "other" } } });
    await cluster.run();
    const { finalizers, ownerReferences } = cluster.get("pods", "mine")?.metadata ?? {};
    expect([finalizers, ownerReferences, pods(cluster).length]).toEqual([undefined, undefined, 2]);
  });

  it("a status that somebody else wrote meanwhile is read before it is written over", async () => {
    const cluster = await started({ completions: 3 });
    let meddled = false;
    cluster.fail = (call) => {
      if (call.verb === "create" && call.resource === "pods" && !meddled) {
        meddled = true;
        cluster.patch("jobs", "j", { metadata: { annotations: { note: "x" } } });
      }
      return undefined;
    };
    await end(cluster, open(cluster)[0] as string, "Succeeded");
    cluster.clock.advance(5);
    await cluster.run();
    expect(meddled).toBe(true);
    expect(status(cluster)).toMatchObject({ active: 1, succeeded: 1, uncountedTerminatedPods: {} });
  });

  it("goes some time after it has finished", async () => {
    const cluster = await started({ ttlSecondsAfterFinished: 5 });
    await end(cluster, open(cluster)[0] as string, "Succeeded");
    cluster.clock.advance(4_999);
    await cluster.settle();
    expect(cluster.names("jobs")).toEqual(["j"]);
    cluster.clock.advance(1);
    await cluster.settle();
    expect(cluster.names("jobs")).toEqual([]);
  });
});
