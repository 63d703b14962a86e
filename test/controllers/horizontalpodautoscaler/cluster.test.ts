import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, manualClock, startCluster } from "../../../cluster/index.js";
import type { KubeObject } from "../../../kinds/object.js";

const clock = manualClock(Date.UTC(2030, 0, 1));
let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({ clock, nodes: 1, dnsPort: false, environment: "none" });
});
afterAll(() => cluster.stop());

const at = (group: string, version: string, resource: string) => cluster.client.resource({ group, version, resource });
const autoscalers = () => at("autoscaling", "v2", "horizontalpodautoscalers");
const labels = { app: "d" };
const deployment = (name: string, replicas: number): KubeObject => ({
  metadata: { name },
  spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: "c", image: "i" }] } } },
});
const autoscaler = (name: string, target: string, kind = "Deployment"): KubeObject => ({
  metadata: { name },
  spec: { minReplicas: 2, maxReplicas: 4, scaleTargetRef: { apiVersion: "apps/v1", kind, name: target } },
});
const events = async (name: string): Promise<string[]> =>
  (await at("", "v1", "events").list("default", { fieldSelector: `involvedObject.name=${name},involvedObject.kind=HorizontalPodAutoscaler` })).items
    .map((e) => `${e.reason} ${e.message}`)
    .sort();
const pass = async (ms: number): Promise<void> => {
  await cluster.settle();
  clock.advance(ms);
  await cluster.settle();
};

describe("#4.1 horizontal pod autoscaler in a cluster", () => {
  it("keeps its target within its bounds, one sync period at a time, and tells what it lacks in between", async () => {
    await at("apps", "v1", "deployments").create("default", deployment("d", 7));
    await autoscalers().create("default", autoscaler("h", "d"));
    await pass(14_000);
    expect((await autoscalers().get("default", "h")).status).toEqual({ currentMetrics: null, desiredReplicas: 0 });
    await pass(1000);
    const { spec, metadata } = await at("apps", "v1", "deployments").get("default", "d");
    expect(spec.replicas).toBe(4);
    expect(metadata.managedFields?.find((m) => m.subresource === "scale")).toMatchObject({ manager: "kube-controller-manager", operation: "Update" });
    expect(await events("h")).toEqual(["SuccessfulRescale New size: 4; reason: Current number of replicas above Spec.MaxReplicas"]);
    await pass(15_000);
    const { status } = await autoscalers().get("default", "h");
    expect([status.currentReplicas, status.desiredReplicas, status.conditions.map((c: { reason: string }) => c.reason)]).toEqual([
      4,
      4,
      ["SucceededGetScale", "FailedGetResourceMetric"],
    ]);
    expect((await autoscalers().get("default", "h")).metadata.managedFields?.find((m) => m.subresource === "status")).toMatchObject({
      manager: "kube-controller-manager",
      apiVersion: "autoscaling/v2",
    });
  });

  it("says when there is nothing to scale", async () => {
    await autoscalers().create("default", autoscaler("missing", "none"));
    await autoscalers().create("default", autoscaler("unknown", "none", "Gadget"));
    await pass(15_000);
    expect(await events("missing")).toEqual(['FailedGetScale deployments.apps "none" not found']);
    expect(await events("unknown")).toEqual(['FailedGetScale no matches for kind "Gadget" in group "apps"']);
  });

  it("notices a rival, and forgets one that is gone", async () => {
    await autoscalers().create("default", autoscaler("rival", "d"));
    await pass(15_000);
    await pass(15_000);
    const reason = async () => (await autoscalers().get("default", "h")).status.conditions.find((c: { type: string }) => c.type === "ScalingActive").reason;
    expect(await reason()).toBe("AmbiguousSelector");
    expect(await events("rival")).toContain("AmbiguousSelector pods by selector app=d are controlled by multiple HPAs: [{h default} {rival default}]");
    await autoscalers().delete("default", "rival");
    await pass(15_000);
    expect(await reason()).toBe("FailedGetResourceMetric");
  });
});
