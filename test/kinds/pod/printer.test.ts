import { describe, expect, it } from "vitest";
import { pod } from "../../../kinds/core/pod/index.js";
import { NOW, storedPod } from "./fixtures.js";

const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString().replace(".000Z", "Z");
const row = (status: object, spec: object = {}, metadata: object = {}) => {
  const object = storedPod(spec, {}, { creationTimestamp: ago(90), ...metadata });
  object.status = { phase: "Running", ...status };
  return pod.printer?.row(object, { now: NOW }) as { cells: unknown[]; conditions?: object[] };
};
const cells = (...args: Parameters<typeof row>) => row(...args).cells.slice(1, 4);

const running = (name: string, ready = true) => ({ name, ready, started: true, restartCount: 0, state: { running: {} } });
const ended = (name: string, exitCode: number, extra: object = {}) => ({ name, ready: false, restartCount: 0, state: { terminated: { exitCode, ...extra } } });
const waiting = (name: string, reason: string) => ({ name, ready: false, restartCount: 0, state: { waiting: { reason } } });
const READY = [{ type: "Ready", status: "True" }];
const INIT = {
  initContainers: [
    { name: "a", image: "i" },
    { name: "b", image: "i" },
  ],
};
const SIDECAR = { initContainers: [{ name: "side", image: "i", restartPolicy: "Always" }] };

const STATES: readonly (readonly [name: string, status: object, spec: object, cells: string[], metadata?: object])[] = [
  ["new", { phase: "Pending" }, {}, ["0/1", "Pending", "0"]],
  ["running", { conditions: READY, containerStatuses: [running("app")] }, {}, ["1/1", "Running", "0"]],
  ["pulling fails", { phase: "Pending", containerStatuses: [waiting("app", "ImagePullBackOff")] }, {}, ["0/1", "ImagePullBackOff", "0"]],
  [
    "crash loop",
    { containerStatuses: [{ ...waiting("app", "CrashLoopBackOff"), restartCount: 3, lastState: { terminated: { exitCode: 1, finishedAt: ago(5) } } }] },
    {},
    ["0/1", "CrashLoopBackOff", "3 (5s ago)"],
  ],
  ["completed", { phase: "Succeeded", containerStatuses: [ended("app", 0, { reason: "Completed" })] }, {}, ["0/1", "Completed", "0"]],
  ["killed by a signal", { phase: "Failed", containerStatuses: [ended("app", 137, { signal: 9 })] }, {}, ["0/1", "Signal:9", "0"]],
  ["failed without reason", { phase: "Failed", containerStatuses: [ended("app", 3)] }, {}, ["0/1", "ExitCode:3", "0"]],
  ["evicted", { phase: "Failed", reason: "Evicted" }, {}, ["0/1", "Evicted", "0"]],
  [
    "one of two completed, ready",
    { conditions: READY, containerStatuses: [ended("app", 0, { reason: "Completed" }), running("b")] },
    {
      containers: [
        { name: "app", image: "i" },
        { name: "b", image: "i" },
      ],
    },
    ["1/2", "Running", "0"],
  ],
  [
    "one of two completed, not ready",
    { containerStatuses: [ended("app", 0, { reason: "Completed" }), running("b")] },
    {
      containers: [
        { name: "app", image: "i" },
        { name: "b", image: "i" },
      ],
    },
    ["1/2", "NotReady", "0"],
  ],
  ["init under way", { phase: "Pending", initContainerStatuses: [ended("a", 0), waiting("b", "PodInitializing")] }, INIT, ["0/1", "Init:1/2", "0"]],
  ["init fails", { phase: "Pending", initContainerStatuses: [{ ...ended("a", 1, { reason: "Error" }), restartCount: 2 }] }, INIT, ["0/1", "Init:Error", "2"]],
  ["init back-off", { phase: "Pending", initContainerStatuses: [waiting("a", "CrashLoopBackOff")] }, INIT, ["0/1", "Init:CrashLoopBackOff", "0"]],
  ["sidecar counts", { initContainerStatuses: [running("side")], containerStatuses: [running("app")] }, SIDECAR, ["2/2", "Running", "0"]],
  [
    "only sidecars' restarts count once initialised",
    {
      initContainerStatuses: [{ ...running("side"), restartCount: 4, lastState: { terminated: { exitCode: 1, finishedAt: ago(120) } } }],
      containerStatuses: [running("app")],
    },
    SIDECAR,
    ["2/2", "Running", "4 (2m ago)"],
  ],
  ["gated", { phase: "Pending", conditions: [{ type: "PodScheduled", status: "False", reason: "SchedulingGated" }] }, {}, ["0/1", "SchedulingGated", "0"]],
  ["going", { containerStatuses: [running("app")] }, {}, ["1/1", "Terminating", "0"], { deletionTimestamp: ago(1) }],
  ["going from a lost node", { reason: "NodeLost", containerStatuses: [running("app")] }, {}, ["1/1", "Unknown", "0"], { deletionTimestamp: ago(1) }],
  [
    "going but done",
    { phase: "Succeeded", containerStatuses: [ended("app", 0, { reason: "Completed" })] },
    {},
    ["0/1", "Completed", "0"],
    { deletionTimestamp: ago(1) },
  ],
];

describe("#3.1 pod rows", () => {
  it.each(STATES.map(([name, status, spec, expected, metadata = {}]) => ({ name, status, spec, expected, metadata })))(
    "$name",
    ({ status, spec, expected, metadata }) => {
      expect(cells(status, spec, metadata)).toEqual(expected);
    },
  );

  it("have as many cells as columns, wide ones with <none>", () => {
    const { cells } = row({}, { readinessGates: [{ conditionType: "x.io/a" }, { conditionType: "x.io/b" }] });
    expect(cells).toHaveLength(pod.printer?.columns.length ?? -1);
    expect(cells.slice(4)).toEqual(["90s", "<none>", "<none>", "<none>", "0/2"]);
    expect(
      row(
        { podIPs: [{ ip: "10.0.0.9" }], conditions: [{ type: "x.io/a", status: "True" }] },
        { nodeName: "n1", readinessGates: [{ conditionType: "x.io/a" }] },
      ).cells.slice(5),
    ).toEqual(["10.0.0.9", "n1", "<none>", "1/1"]);
  });

  it("carry a condition when the pod has ended", () => {
    expect(row({ phase: "Succeeded" }).conditions).toEqual([
      { type: "Completed", status: "True", reason: "Succeeded", message: "The pod has completed successfully." },
    ]);
    expect(row({ phase: "Failed" }).conditions).toEqual([{ type: "Completed", status: "True", reason: "Failed", message: "The pod failed." }]);
    expect(row({}).conditions).toBeUndefined();
  });
});
