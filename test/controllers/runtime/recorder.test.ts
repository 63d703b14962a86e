import { describe, expect, it } from "vitest";
import { FakeCluster } from "../support/fake.js";

const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "web-0", namespace: "default", uid: "u1", resourceVersion: "7" } };

describe("#3.3 controller runtime: events", () => {
  it("writes one as client-go does", async () => {
    const cluster = new FakeCluster();
    cluster.context.recorder("kubelet", "node-0").event(pod, "Normal", "Pulled", "done", "spec.containers{nginx}");
    await cluster.settle();
    const [event] = cluster.list("events");
    expect(event).toMatchObject({
      metadata: { namespace: "default", name: `web-0.${(BigInt(cluster.clock.now()) * 1_000_000n).toString(16)}` },
      involvedObject: {
        kind: "Pod",
        apiVersion: "v1",
        name: "web-0",
        namespace: "default",
        uid: "u1",
        resourceVersion: "7",
        fieldPath: "spec.containers{nginx}",
      },
      type: "Normal",
      reason: "Pulled",
      message: "done",
      count: 1,
      source: { component: "kubelet", host: "node-0" },
      reportingComponent: "kubelet",
      reportingInstance: "node-0",
      firstTimestamp: "2024-01-01T00:00:00Z",
      lastTimestamp: "2024-01-01T00:00:00Z",
    });
  });

  it("counts the same event on, gives others names of their own, and knows no namespace but default for nodes", async () => {
    const cluster = new FakeCluster();
    const recorder = cluster.context.recorder("x");
    recorder.event(pod, "Normal", "A", "one");
    recorder.event(pod, "Normal", "A", "two");
    cluster.clock.advance(5000);
    recorder.event(pod, "Normal", "A", "one");
    recorder.event({ apiVersion: "v1", kind: "Node", metadata: { name: "n" } }, "Normal", "B", "hello");
    await cluster.settle();
    expect(cluster.events("web-0").sort()).toEqual(["Normal A one x2", "Normal A two"]);
    expect(cluster.list("events").find((e) => e.count === 2)).toMatchObject({ firstTimestamp: "2024-01-01T00:00:00Z", lastTimestamp: "2024-01-01T00:00:05Z" });
    expect(cluster.events("n")).toEqual(["Normal B hello"]);
  });

  it("writes anew what has expired", async () => {
    const cluster = new FakeCluster();
    const recorder = cluster.context.recorder("x");
    recorder.event(pod, "Normal", "A", "one");
    await cluster.settle();
    cluster.remove("events", cluster.names("events")[0]);
    recorder.event(pod, "Normal", "A", "one");
    await cluster.settle();
    expect(cluster.events("web-0")).toEqual(["Normal A one x2"]);
  });

  it("combines from the tenth similar message on, and drops beyond 25 until five minutes pass", async () => {
    const cluster = new FakeCluster();
    const recorder = cluster.context.recorder("x");
    for (let i = 0; i < 40; i++) recorder.event(pod, "Normal", "A", `message ${i}`);
    await cluster.settle();
    const events = cluster.events("web-0");
    expect(events).toHaveLength(10);
    expect(events).toContain("Normal A (combined from similar events): message 24 x16");
    expect(cluster.list("events").find((e) => e.count === 16)).toMatchObject({ reportingComponent: "", source: { component: "x" } });
    // warnings have a bucket of their own
    recorder.event(pod, "Warning", "W", "bad");
    await cluster.settle();
    expect(cluster.events("web-0")).toContain("Warning W bad");
    cluster.clock.advance(300_000);
    recorder.event(pod, "Normal", "C", "x");
    recorder.event(pod, "Normal", "C", "y");
    await cluster.settle();
    expect(cluster.events("web-0").filter((e) => e.includes(" C "))).toEqual(["Normal C x"]);
  });

  it("loses an event the server rejects and goes on", async () => {
    const cluster = new FakeCluster();
    cluster.fail = (call) => (call.resource === "events" ? new Error("down") : undefined);
    cluster.context.recorder("x").event(pod, "Normal", "A", "one");
    await cluster.settle();
    expect(cluster.list("events")).toEqual([]);
    expect(cluster.activity.busy).toBe(false);
  });
});
