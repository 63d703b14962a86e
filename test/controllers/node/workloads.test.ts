import { afterEach, describe, expect, it } from "vitest";
import { type Cluster, type KubeObject, manualClock, startCluster } from "../../../cluster/index.js";

const ref = (group: string, resource: string) => ({ group, version: "v1", resource });
const NODES = ref("", "nodes");
const PODS = ref("", "pods");
const clock = manualClock(Date.parse("2025-01-01T00:00:00Z"));
const clusters: Cluster[] = [];
afterEach(async () => {
  for (const cluster of clusters.splice(0)) await cluster.stop();
});

async function start(): Promise<Cluster> {
  const cluster = await startCluster({ clock, nodes: 3, dnsPort: false, environment: "none", seed: 5 });
  clusters.push(cluster);
  return cluster;
}

/** Lets time pass, timer by timer, each with all that follows from it. */
async function pass(cluster: Cluster, seconds: number): Promise<void> {
  await cluster.time?.advance(seconds * 1000);
}

const set = (kind: string, replicas: number): KubeObject => ({
  apiVersion: "apps/v1",
  kind,
  metadata: { name: "web", namespace: "default" },
  spec: {
    replicas,
    selector: { matchLabels: { app: "web" } },
    template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "c", image: "nginx" }] } },
    ...(kind === "StatefulSet" ? { serviceName: "web" } : {}),
  },
});
const pods = async (cluster: Cluster): Promise<readonly KubeObject[]> => (await cluster.client.resource(PODS).list("default")).items;
const stop = (cluster: Cluster, node: string, stopped: "true" | null): Promise<KubeObject> =>
  cluster.client.resource(NODES).patch("", node, "application/merge-patch+json", { metadata: { annotations: { "simulate.mockube.dev/stopped": stopped } } });
const readyOf = (o: KubeObject): string => o.status.conditions.find((c: { type: string }) => c.type === "Ready").status;

describe("#5.3 workloads on a node that is not reached", () => {
  it("a Deployment's pod is replaced after five minutes; the old one goes when the node is back", async () => {
    const cluster = await start();
    await cluster.client.resource(ref("apps", "deployments")).create("default", set("Deployment", 3));
    await pass(cluster, 30);
    const [victim] = await pods(cluster);
    const node = victim.spec.nodeName as string;
    const there = (await pods(cluster)).filter((p) => p.spec.nodeName === node).map((p) => p.metadata.name);
    await stop(cluster, node, "true");
    await pass(cluster, 70);
    expect((await pods(cluster)).length).toBe(3);
    expect((await pods(cluster)).filter((p) => readyOf(p) === "False").map((p) => p.metadata.name)).toEqual(there);
    await pass(cluster, 300);
    const now = await pods(cluster);
    expect(now.filter((p) => p.metadata.deletionTimestamp).map((p) => p.metadata.name)).toEqual(there);
    const alive = now.filter((p) => !p.metadata.deletionTimestamp);
    expect(alive.length).toBe(3);
    expect(alive.every((p) => p.spec.nodeName !== node && readyOf(p) === "True")).toBe(true);
    await stop(cluster, node, null);
    await pass(cluster, 60);
    expect((await pods(cluster)).map((p) => p.metadata.name)).toEqual(alive.map((p) => p.metadata.name));
    expect((await cluster.client.resource(NODES).get("", node)).spec.taints).toBeUndefined();
  });

  it("a StatefulSet's pod stays until the node is back, or it is deleted by force: there is never a second of its name", async () => {
    const cluster = await start();
    await cluster.client.resource(ref("apps", "statefulsets")).create("default", set("StatefulSet", 3));
    await pass(cluster, 30);
    const before = await pods(cluster);
    expect(new Set(before.map((p) => p.spec.nodeName)).size).toBe(3);
    for (const i of [0, 1]) await stop(cluster, before[i].spec.nodeName, "true");
    await pass(cluster, 3600);
    expect((await pods(cluster)).map((p) => [p.metadata.uid, p.metadata.deletionTimestamp !== undefined])).toEqual(
      before.map((p, i) => [p.metadata.uid, i < 2]),
    );
    await cluster.client.resource(PODS).delete("default", "web-0", { gracePeriodSeconds: 0 });
    await pass(cluster, 60);
    const forced = await pods(cluster);
    expect(forced[0].metadata.uid).not.toBe(before[0].metadata.uid);
    expect(forced[0].spec.nodeName).toBe(before[2].spec.nodeName);
    expect(forced[1].metadata.uid).toBe(before[1].metadata.uid);
    await stop(cluster, before[1].spec.nodeName, null);
    await pass(cluster, 60);
    const after = await pods(cluster);
    expect(after.map((p) => [p.metadata.name, readyOf(p), p.metadata.deletionTimestamp])).toEqual([0, 1, 2].map((i) => [`web-${i}`, "True", undefined]));
    expect(after[1].metadata.uid).not.toBe(before[1].metadata.uid);
  });

  it("a StatefulSet goes on when its node is taken out of service, or is deleted", async () => {
    const cluster = await start();
    await cluster.client.resource(ref("apps", "statefulsets")).create("default", set("StatefulSet", 3));
    await pass(cluster, 30);
    const before = await pods(cluster);
    const [first, second] = before.map((p) => p.spec.nodeName as string);
    await stop(cluster, first, "true");
    await pass(cluster, 120);
    await cluster.client.resource(NODES).modify("", first, (node) => ({
      ...node,
      spec: { ...node.spec, taints: [...node.spec.taints, { key: "node.kubernetes.io/out-of-service", value: "nodeshutdown", effect: "NoExecute" }] },
    }));
    await pass(cluster, 30);
    const [zero] = await pods(cluster);
    expect(zero.metadata.uid).not.toBe(before[0].metadata.uid);
    expect([zero.spec.nodeName === first, readyOf(zero)]).toEqual([false, "True"]);
    await cluster.client.resource(NODES).delete("", second);
    await pass(cluster, 70);
    const [, one] = await pods(cluster);
    expect(one.metadata.uid).not.toBe(before[1].metadata.uid);
    expect([one.spec.nodeName === second, readyOf(one)]).toEqual([false, "True"]);
  });
});
