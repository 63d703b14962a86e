import { describe, expect, it } from "vitest";
import { createNamespaceController } from "../../../controllers/namespace/index.js";
import { conditionsAfter, podEstimate } from "../../../controllers/namespace/plan.js";
import type { ServedResource } from "../../../controllers/runtime/served.js";
import { createRootCAPublisher, serviceAccountController } from "../../../controllers/serviceaccount/index.js";
import type { KubeObject } from "../../../kinds/object.js";
import { createKubelet, defaultNodes } from "../../../kubelet/index.js";
import { World } from "../../kubelet/world.js";

const NS: ServedResource = { group: "", version: "v1", resource: "namespaces", kind: "Namespace", namespaced: false };
const CM: ServedResource = { group: "", version: "v1", resource: "configmaps", kind: "ConfigMap", namespaced: true };
const SA: ServedResource = { group: "", version: "v1", resource: "serviceaccounts", kind: "ServiceAccount", namespaced: true };
const POD: ServedResource = { group: "", version: "v1", resource: "pods", kind: "Pod", namespaced: true };

async function world(): Promise<World> {
  const w = new World();
  createNamespaceController({ list: () => [NS, CM, SA, POD] }).start(w.ctx);
  serviceAccountController.start(w.ctx);
  createRootCAPublisher({ caCert: "PEM" }).start(w.ctx);
  await w.add(NS, { apiVersion: "v1", kind: "Namespace", metadata: { name: "x" }, spec: { finalizers: ["kubernetes"] }, status: { phase: "Active" } });
  await w.settle();
  return w;
}
const namespace = (w: World): KubeObject | undefined => w.store(NS).get("", "x");

describe("#3.3 namespaces: what is in each", () => {
  it("has a default ServiceAccount and the CA, again when deleted, corrected when changed", async () => {
    const w = await world();
    expect(w.store(SA).get("x", "default")).toBeDefined();
    expect(w.store(CM).get("x", "kube-root-ca.crt")).toMatchObject({
      data: { "ca.crt": "PEM" },
      metadata: { annotations: { "kubernetes.io/description": expect.stringMatching(/^Contains a CA bundle/) } },
    });
    await w.ctx.client.resource(SA).delete("x", "default");
    await w.ctx.client.resource(CM).modify("x", "kube-root-ca.crt", (o) => ({ ...o, data: { other: "1" } }));
    await w.settle();
    expect(w.store(SA).get("x", "default")).toBeDefined();
    expect(w.store(CM).get("x", "kube-root-ca.crt")?.data).toEqual({ "ca.crt": "PEM" });
    await w.ctx.client.resource(CM).delete("x", "kube-root-ca.crt");
    await w.settle();
    expect(w.store(CM).get("x", "kube-root-ca.crt")).toBeDefined();
  });
});

describe("#3.3 namespaces: deletion", () => {
  it("empties the namespace, lifts the finalizer and makes nothing new", async () => {
    const w = await world();
    await w.add(CM, { metadata: { name: "c", namespace: "x" } });
    await w.ctx.client.resource(NS).delete("", "x");
    await w.pass(500);
    expect(namespace(w)).toBeUndefined();
    expect([...w.store(CM).list("x"), ...w.store(SA).list("x")]).toEqual([]);
    expect(w.writes.find((x) => x.subresource === "finalize")).toMatchObject({ user: "system:serviceaccount:kube-system:namespace-controller" });
  });

  it("leaves the content alone for a moment", async () => {
    const w = await world();
    await w.ctx.client.resource(NS).delete("", "x");
    await w.pass(400);
    expect(w.store(SA).get("x", "default")?.metadata.deletionTimestamp).toBeUndefined();
    expect(namespace(w)?.status.conditions).toBeUndefined();
  });

  it("says what holds it up, and goes on as soon as that is gone", async () => {
    const w = await world();
    await w.add(CM, { metadata: { name: "held", namespace: "x", finalizers: ["example.com/hold"] } });
    await w.ctx.client.resource(NS).delete("", "x");
    await w.pass(500);
    expect(namespace(w)?.status.phase).toBe("Terminating");
    expect(
      namespace(w)?.status.conditions.map((c: { type: string; status: string; reason: string; message: string }) => [c.type, c.status, c.reason, c.message]),
    ).toEqual([
      ["NamespaceDeletionDiscoveryFailure", "False", "ResourcesDiscovered", "All resources successfully discovered"],
      ["NamespaceDeletionGroupVersionParsingFailure", "False", "ParsedGroupVersions", "All legacy kube types successfully parsed"],
      ["NamespaceDeletionContentFailure", "False", "ContentDeleted", "All content successfully deleted, may be waiting on finalization"],
      ["NamespaceContentRemaining", "True", "SomeResourcesRemain", "Some resources are remaining: configmaps. has 1 resource instances"],
      [
        "NamespaceFinalizersRemaining",
        "True",
        "SomeFinalizersRemain",
        "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances",
      ],
    ]);
    await w.ctx.client.resource(CM).modify("x", "held", (o) => ({ ...o, metadata: { ...o.metadata, finalizers: [] } }));
    await w.settle();
    expect(namespace(w)).toBeUndefined();
  });

  it("lets pods go first", async () => {
    const w = await world();
    await w.add(CM, { metadata: { name: "c", namespace: "x" } });
    await w.add(POD, {
      metadata: { name: "p", namespace: "x" },
      spec: { nodeName: "node-0", terminationGracePeriodSeconds: 30, containers: [{ name: "c", image: "i" }] },
    });
    await w.ctx.client.resource(NS).delete("", "x");
    await w.pass(500);
    expect(w.store(CM).get("x", "c")).toBeDefined();
    createKubelet({ pace: "instant" }).start(w.ctx);
    for (const node of defaultNodes(1)) await w.add({ group: "", version: "v1", resource: "nodes" }, node);
    await w.settle();
    expect(namespace(w)).toBeUndefined();
  });

  it("leaves finalizers of others on the namespace", async () => {
    const w = await world();
    await w.ctx.client.resource(NS).modify("", "x", (o) => ({ ...o, spec: { finalizers: ["kubernetes", "example.com/f"] } }));
    await w.ctx.client.resource(NS).delete("", "x");
    await w.pass(500);
    expect(namespace(w)?.spec.finalizers).toEqual(["example.com/f"]);
  });
});

describe("#3.3 namespaces: plan", () => {
  it("keeps transition times while a status stays, and writes nothing when nothing changed", () => {
    const held = {
      errors: [],
      remaining: new Map([
        ["secrets.", 2],
        ["configmaps.", 1],
      ]),
      finalizers: new Map(),
    };
    const first = conditionsAfter([], held, "t1");
    expect(first?.find((c) => c.type === "NamespaceContentRemaining")?.message).toBe(
      "Some resources are remaining: configmaps. has 1 resource instances, secrets. has 2 resource instances",
    );
    expect(conditionsAfter(first ?? [], held, "t2")).toBeUndefined();
    const next = conditionsAfter(first ?? [], { ...held, remaining: new Map([["secrets.", 1]]) }, "t3");
    expect(next?.find((c) => c.type === "NamespaceContentRemaining")?.lastTransitionTime).toBe("t1");
    const failed = conditionsAfter(first ?? [], { ...held, errors: ["b", "a"] }, "t4")?.find((c) => c.type === "NamespaceDeletionContentFailure");
    expect(failed).toMatchObject({
      status: "True",
      reason: "ContentDeletionFailed",
      message: "Failed to delete all resource types, 2 remaining: a, b",
      lastTransitionTime: "t4",
    });
  });
  it("guesses by the longest grace, until it is over", () => {
    const pod = (grace: number, phase = "Running"): KubeObject => ({ metadata: {}, spec: { terminationGracePeriodSeconds: grace }, status: { phase } });
    expect(podEstimate([pod(30), pod(60, "Succeeded")], 0, 1000)).toBe(30);
    expect(podEstimate([pod(30)], 0, 30_000)).toBe(0);
  });
});
