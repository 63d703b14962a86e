import { describe, expect, it } from "vitest";
import { mergeTolerations } from "../../server/pipeline/admission/runtimeclass.js";
import { podSpec, refusal, world } from "./world.js";

const pod = (spec: object = {}) => ({ spec: { ...podSpec, ...spec } });

describe("#4.1 pipeline: priority classes", () => {
  it("turn into a number; of two defaults the lower one counts, and a second is refused", async () => {
    const made = await world();
    await made.create("priorityclasses/high", { value: 1000, preemptionPolicy: "Never", globalDefault: true });
    const { spec } = await made.create("pods/a", pod());
    expect([spec.priorityClassName, spec.priority, spec.preemptionPolicy]).toEqual(["high", 1000, "Never"]);
    await made.create("priorityclasses/low", { value: 1 });
    const second = "PriorityClass high is already marked as default. Only one default can exist";
    expect((await refusal(made.create("priorityclasses/other", { value: 1, globalDefault: true }))).message).toBe(
      `priorityclasses.scheduling.k8s.io "other" is forbidden: ${second}`,
    );
    expect((await refusal(made.patch("priorityclasses/low", { globalDefault: true }))).message).toContain(second);
    expect((await made.patch("priorityclasses/high", { description: "still" })).description).toBe("still");
    expect((await refusal(made.create("pods/b", pod({ priorityClassName: "none" })))).message).toBe(
      'pods "b" is forbidden: no PriorityClass with name none was found',
    );
    expect((await refusal(made.create("pods/b", pod({ priorityClassName: "low", priority: 7 })))).message).toContain(
      "the integer value of priority (7) must not be provided in pod spec; priority admission controller computed 1",
    );
  });

  it("of the system stay, by name", async () => {
    const made = await world();
    const refused = await refusal(made.remove("priorityclasses/system-node-critical"));
    expect([refused.code, refused.message]).toEqual([
      403,
      'priorityclasses.scheduling.k8s.io "system-node-critical" is forbidden: this is a system priority class and cannot be deleted',
    ]);
  });
});

describe("#4.1 pipeline: runtime classes", () => {
  it("add their overhead, labels and tolerations to pods", async () => {
    const made = await world();
    await made.create("runtimeclasses/kata", {
      handler: "kata",
      overhead: { podFixed: { cpu: "250m" } },
      scheduling: { nodeSelector: { runtime: "kata" }, tolerations: [{ key: "kata", operator: "Exists" }] },
    });
    const { spec } = await made.create("pods/a", pod({ runtimeClassName: "kata", nodeSelector: { disk: "ssd" } }));
    expect([spec.overhead, spec.nodeSelector, spec.tolerations.map((t: { key: string }) => t.key)]).toEqual([
      { cpu: "250m" },
      { disk: "ssd", runtime: "kata" },
      ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable", "kata"],
    ]);
    expect((await made.create("pods/b", pod({ runtimeClassName: "kata", overhead: { cpu: "0.25" } }))).spec.overhead).toEqual({ cpu: "250m" });
    const why = async (changes: object): Promise<string | undefined> => (await refusal(made.create("pods/c", pod(changes)))).message;
    expect(await why({ runtimeClassName: "kata", overhead: { cpu: "1" } })).toBe(
      "pods \"c\" is forbidden: pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
    );
    expect(await why({ overhead: { cpu: "1" } })).toBe(
      'pods "c" is forbidden: pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
    );
    expect(await why({ runtimeClassName: "kata", nodeSelector: { runtime: "runc" } })).toBe(
      'pods "c" is forbidden: conflict: runtimeClass.scheduling.nodeSelector[runtime] = kata; pod.spec.nodeSelector[runtime] = runc',
    );
    expect(await why({ runtimeClassName: "none" })).toBe('pods "c" is forbidden: pod rejected: RuntimeClass "none" not found');
  });

  it("merge tolerations, the wider of two stays", () => {
    const exists = { operator: "Exists" };
    const key = { key: "k", operator: "Exists" };
    const value = { key: "k", operator: "Equal", value: "v", effect: "NoSchedule" };
    const brief = { key: "k", operator: "Exists", effect: "NoExecute", tolerationSeconds: 5 };
    expect(mergeTolerations([value], [key])).toEqual([key]);
    expect(mergeTolerations([key, key], [key])).toEqual([key]);
    expect(mergeTolerations([key, value], [exists])).toEqual([exists]);
    expect(mergeTolerations([brief], [{ ...brief, tolerationSeconds: 9 }])).toEqual([{ ...brief, tolerationSeconds: 9 }]);
    expect(mergeTolerations([value], [{ ...value, key: "j" }])).toHaveLength(2);
  });
});
