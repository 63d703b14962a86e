import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../kinds/object.js";
import { evict } from "../../server/pipeline/resources/eviction.js";
import { podSpec, refusal, type World, world } from "./world.js";

const CONDITION = { type: "DisruptionTarget", status: "True", reason: "EvictionByEvictionAPI", message: "Eviction API: evicting" };
const eviction = (made: World, pod = "a", options?: object, dryRun = false): Promise<unknown> => {
  const body: KubeObject = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: pod }, ...(options ? { deleteOptions: options } : {}) };
  return evict(body, made.target(`pods/${pod}/eviction`), made.ctx({ dryRun }), made.services);
};

async function withPod(status: object = {}, name = "a"): Promise<World> {
  const made = await world();
  await made.create(`pods/${name}`, { metadata: { labels: { app: "x" } }, spec: { ...podSpec, nodeName: "node-0" } });
  await made.patch(`pods/${name}/status`, { status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }], ...status } });
  return made;
}
async function withBudget(status: object, spec: object = {}, pod: object = {}): Promise<World> {
  const made = await withPod(pod);
  await made.create("poddisruptionbudgets/b", { spec: { selector: { matchLabels: { app: "x" } }, minAvailable: 1, ...spec } });
  await made.patch("poddisruptionbudgets/b/status", { status: { observedGeneration: 1, ...status } });
  return made;
}
const UNREADY = { conditions: [{ type: "Ready", status: "False" }] };
const refused = async (made: World) => {
  const { code, message, details } = await refusal(eviction(made));
  expect(message).toBe("Cannot evict pod as it would violate the pod's disruption budget.");
  expect(details?.causes?.[0]?.reason).toBe("DisruptionBudget");
  return [code, details?.retryAfterSeconds, details?.causes?.[0]?.message];
};

describe("#4.1 eviction", () => {
  it("without a budget: says why, then deletes with the pod's grace", async () => {
    const made = await withPod();
    expect(await eviction(made)).toMatchObject({ code: 201, object: { status: "Success" } });
    const { metadata, status } = made.get("pods/a");
    expect(metadata.deletionGracePeriodSeconds).toBe(30);
    expect(status.conditions.find((c: { type: string }) => c.type === "DisruptionTarget")).toMatchObject(CONDITION);
  });
  it("spends a disruption, as the server itself, and notes the pod", async () => {
    const made = await withBudget({ disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 });
    await eviction(made, "a", { gracePeriodSeconds: 3 });
    const { status, metadata } = made.get("poddisruptionbudgets/b");
    expect(status).toMatchObject({
      disruptionsAllowed: 0,
      disruptedPods: { a: "2026-01-02T03:04:05Z" },
      conditions: [{ type: "DisruptionAllowed", status: "False", reason: "InsufficientPods", observedGeneration: 1 }],
    });
    expect(metadata.managedFields?.map((m) => `${m.manager}/${m.subresource ?? ""}`)).toContain("kube-apiserver/status");
    expect(made.get("pods/a").metadata.deletionGracePeriodSeconds).toBe(3);
  });
  it.each<[string, object, unknown[]]>([
    ["healthy ones are needed", { currentHealthy: 1, desiredHealthy: 1 }, [429, undefined, "The disruption budget b needs 1 healthy pods and has 1 currently"]],
    ["not seen yet", { observedGeneration: 0, disruptionsAllowed: 1 }, [429, 10, "The disruption budget b is still being processed by the server."]],
    [
      "not counted",
      { conditions: [{ type: "DisruptionAllowed", status: "False", reason: "SyncFailed", message: "why", lastTransitionTime: "2026-01-01T00:00:00Z" }] },
      [429, undefined, "The disruption budget b does not allow evicting pods currently because it failed sync: why"],
    ],
    [
      "otherwise",
      {
        currentHealthy: 2,
        desiredHealthy: 1,
        conditions: [{ type: "DisruptionAllowed", status: "False", reason: "Odd", message: "why", lastTransitionTime: "2026-01-01T00:00:00Z" }],
      },
      [429, undefined, "The disruption budget b does not allow evicting pods currently (Odd): why"],
    ],
    ["without a reason", { currentHealthy: 2, desiredHealthy: 1 }, [429, undefined, "The disruption budget b does not allow evicting pods currently"]],
  ])("refuses: %s", async (_, status, want) => {
    const made = await withBudget(status);
    expect(await refused(made)).toEqual(want);
    expect(made.get("pods/a").metadata.deletionTimestamp).toBeUndefined();
  });
  it.each<[string, object, object, boolean]>([
    ["an unready pod goes while the budget is kept", {}, { currentHealthy: 1, desiredHealthy: 1 }, true],
    ["not when it is broken", {}, { currentHealthy: 0, desiredHealthy: 1 }, false],
    ["not when nothing is wanted", {}, { currentHealthy: 0, desiredHealthy: 0 }, false],
    ["always under AlwaysAllow", { unhealthyPodEvictionPolicy: "AlwaysAllow" }, { currentHealthy: 0, desiredHealthy: 1 }, true],
  ])("%s", async (_, spec, status, goes) => {
    const made = await withBudget(status, spec, UNREADY);
    if (goes) {
      await eviction(made);
      expect(made.get("pods/a").metadata.deletionTimestamp).toBeDefined();
      expect(made.get("poddisruptionbudgets/b").status.disruptedPods).toBeUndefined();
    } else expect((await refusal(eviction(made))).code).toBe(429);
  });
  it.each(["Pending", "Succeeded", "Failed"])("a pod that is %s needs no budget", async (phase) => {
    const made = await withBudget({}, {}, { phase });
    await eviction(made);
    expect(!made.has("pods/a") || made.get("pods/a").metadata.deletionTimestamp !== undefined).toBe(true);
  });
  it("two budgets are one too many", async () => {
    const made = await withBudget({ disruptionsAllowed: 1 });
    await made.create("poddisruptionbudgets/c", { spec: { selector: {} } });
    expect(await refusal(eviction(made))).toEqual({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
      code: 500,
    });
  });
  it("a dry run asks and changes nothing, wherever it is asked for", async () => {
    const made = await withBudget({ disruptionsAllowed: 1 });
    const before = made.store.revision;
    await eviction(made, "a", { dryRun: ["All"] });
    await eviction(made, "a", undefined, true);
    expect(made.store.revision).toBe(before);
    await made.patch("poddisruptionbudgets/b/status", { status: { disruptionsAllowed: 0 } });
    expect((await refusal(eviction(made, "a", { dryRun: ["All"] }))).code).toBe(429);
  });
  it("refuses what does not fit together", async () => {
    const made = await withPod();
    expect(await refusal(evict({ metadata: { name: "other" } }, made.target("pods/a/eviction"), made.ctx(), made.services))).toMatchObject({
      code: 400,
      message: "name in URL does not match name in Eviction object",
    });
    expect((await refusal(eviction(made, "none"))).code).toBe(404);
    expect((await refusal(eviction(made, "a", { preconditions: { uid: "x" } }))).message).toMatch(
      /^Operation cannot be fulfilled on Pod "a": the UID in the precondition \(x\) does not match the UID in record/,
    );
    expect((await refusal(eviction(made, "a", { preconditions: { resourceVersion: "1" } }))).code).toBe(409);
    expect(await refusal(eviction(made, "a", { ignoreStoreReadErrorWithClusterBreakingPotential: true }))).toMatchObject({
      code: 422,
      message:
        'Eviction.policy "a" is invalid: deleteOptions.ignoreStoreReadErrorWithClusterBreakingPotential: Invalid value: true: can not be set for pod eviction, try after removing the option',
    });
    expect(made.get("pods/a").status.conditions).toHaveLength(1);
    // what is wrong with the deletion's own options is found when it comes to that, after all else
    const bad = await refusal(eviction(made, "a", { propagationPolicy: "Bad" }));
    expect(bad.message).toMatch(/^DeleteOptions\.meta\.k8s\.io "" is invalid: propagationPolicy: Unsupported value: "Bad"/);
    expect(made.get("pods/a").status.conditions).toHaveLength(2);
    expect((await refusal(eviction(made, "a", { dryRun: ["X"] }))).message).toBe(
      'DeleteOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["X"]: supported values: "All"',
    );
    expect((await refusal(eviction(made, "a", { dryRun: ["X"] }, true))).message).toBe("Non-matching dry-run options in request and content: [All] and [X]");
    const { resourceVersion = "" } = made.get("pods/a").metadata;
    await eviction(made, "a", { preconditions: { resourceVersion } });
    expect(made.get("pods/a").metadata.deletionTimestamp).toBeDefined();
  });
});
