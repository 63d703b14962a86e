import { describe, expect, it } from "vitest";
import { readCommand } from "../../kubelet/command.js";
import type { Pace } from "../../kubelet/index.js";
import { onePod, PODS, statusOf } from "./onepod.js";
import type { World } from "./world.js";

const OF_JOB = { ownerReferences: [{ apiVersion: "batch/v1", kind: "Job", name: "j", uid: "u", controller: true }] };

describe("#4.1 kubelet: what commands come to", () => {
  it.each<[string[], number, number]>([
    [[], 0, 0],
    [["echo", "hi"], 0, 0],
    [["true"], 0, 0],
    [["/bin/false"], 1, 0],
    [["sleep", "5"], 0, 5],
    [["sleep", "1m", "2.5"], 0, 62.5],
    [["sleep", "infinity"], 0, 3_155_760_000],
    [["sh", "-c", "sleep 2; echo done"], 0, 2],
    [["/bin/bash", "-ec", "sleep 1 && exit 3\nsleep 100"], 3, 1],
    [["sh", "-c", "exit 256"], 0, 0],
    [["sh", "-c", "false; true"], 0, 0],
    [["sh", "-c"], 0, 0],
    [["sh", "script.sh"], 0, 0],
  ])("%j: code %i after %d s", (words, exitCode, seconds) => expect(readCommand(words)).toEqual({ exitCode, seconds }));
});

const run = (pace: Pace, spec: object = {}, metadata: object = OF_JOB): Promise<World> => onePod(pace, { restartPolicy: "Never", ...spec }, metadata);
const phases = (w: World): string[] => w.writes.filter((x) => x.resource === "pods" && x.subresource === "status").map((x) => x.object?.status.phase);
const command = (...words: string[]) => ({ containers: [{ name: "c", image: "busybox:1", command: words }] });
const container = (w: World) => {
  const { state, lastState, restartCount, ready } = statusOf(w).containerStatuses[0];
  const { waiting, running, terminated } = state;
  return [waiting?.reason ?? (running ? "running" : terminated?.reason), terminated?.exitCode ?? lastState.terminated?.exitCode, restartCount, ready];
};

describe("#4.1 kubelet: pods of Jobs end", () => {
  it("well and at once where nothing takes time", async () => {
    const w = await run("instant");
    expect(phases(w)).toEqual(["Succeeded"]);
    expect(container(w)).toEqual(["Completed", 0, 0, false]);
    const conditions = Object.fromEntries(
      statusOf(w).conditions.map((c: { type: string; status: string; reason?: string }) => [c.type, `${c.status} ${c.reason ?? ""}`]),
    );
    expect(conditions).toMatchObject({ PodReadyToStartContainers: "False ", Initialized: "True PodCompleted", Ready: "False PodCompleted" });
    expect(statusOf(w).podIP).toBe("10.244.0.2");
  });
  it("after a while at other paces", async () => {
    const w = await run("brisk");
    await w.pass(1500);
    expect(phases(w).at(-1)).toBe("Running");
    await w.pass(1_000);
    expect(phases(w).at(-1)).toBe("Succeeded");
  });
  it("when their command has taken its time, at any pace", async () => {
    const w = await run("instant", command("sleep", "30"));
    expect(container(w)).toEqual(["running", undefined, 0, true]);
    await w.pass(29_000);
    expect(statusOf(w).phase).toBe("Running");
    await w.pass(1_000);
    expect(statusOf(w).phase).toBe("Succeeded");
  });
  it("badly, for good", async () => {
    const w = await run("instant", command("sh", "-c", "exit 3"));
    expect([statusOf(w).phase, ...container(w)]).toEqual(["Failed", "Error", 3, 0, false]);
  });
  it("badly, and start again: the first time at once, then later and later", async () => {
    const w = await run("instant", { restartPolicy: "OnFailure", ...command("false") });
    expect([statusOf(w).phase, ...container(w)]).toEqual(["Running", "CrashLoopBackOff", 1, 1, false]);
    expect(statusOf(w).containerStatuses[0].state.waiting.message).toMatch(/^back-off 10s restarting failed container=c pod=p_default\(.+\)$/);
    await w.pass(9_000);
    expect(container(w)[2]).toBe(1);
    await w.pass(1_000);
    expect(container(w)).toEqual(["CrashLoopBackOff", 1, 2, false]);
    expect(statusOf(w).containerStatuses[0].state.waiting.message).toContain("back-off 20s");
    expect(w.events.filter((e) => e.reason === "BackOff").map((e) => e.message.replace(/\(.*/, ""))).toEqual([
      "Back-off restarting failed container c in pod p_default",
      "Back-off restarting failed container c in pod p_default",
    ]);
  });
  it("when the last of their containers has, sidecars with them", async () => {
    const w = await run("instant", {
      initContainers: [{ name: "side", image: "i:1", restartPolicy: "Always" }],
      containers: [
        { name: "a", image: "i:1", command: ["sleep", "2"] },
        { name: "b", image: "i:1", command: ["sleep", "4"] },
      ],
    });
    await w.pass(2_000);
    const states = () => statusOf(w).containerStatuses.map((c: { state: object }) => Object.keys(c.state)[0]);
    expect([statusOf(w).phase, states()]).toEqual(["Running", ["terminated", "running"]]);
    await w.pass(2_000);
    expect([statusOf(w).phase, states(), Object.keys(statusOf(w).initContainerStatuses[0].state)]).toEqual([
      "Succeeded",
      ["terminated", "terminated"],
      ["terminated"],
    ]);
  });
  it("others run on, and what a client says of them stays", async () => {
    const w = await run("instant", command("true"), {});
    await w.pass(5_000);
    expect(statusOf(w).phase).toBe("Running");
  });
  it("go when they are deleted, also after their end", async () => {
    const w = await run("instant");
    await w.ctx.client.resource(PODS).delete("default", "p");
    await w.settle();
    expect(w.store(PODS).get("default", "p")).toBeUndefined();
  });
});
