import { describe, expect, it } from "vitest";
import { planEndpoints, subsetsFor, truncate } from "../../../controllers/endpoints/plan.js";
import { repackSubsets } from "../../../controllers/runtime/endpoints/repack.js";
import type { KubeObject } from "../../../kinds/object.js";

const service = (spec: object = {}, labels?: Record<string, string>): KubeObject => ({
  metadata: { name: "s", namespace: "d", uid: "svc", ...(labels ? { labels } : {}) },
  spec: { selector: { app: "x" }, clusterIP: "10.96.0.9", ports: [{ port: 80, protocol: "TCP" }], ...spec },
});
const pod = (name: string, ip: string, ready = true, meta: object = {}): KubeObject => ({
  metadata: { name, namespace: "d", uid: `uid-${name}`, ...meta },
  spec: { nodeName: "node-0", containers: [] },
  status: { phase: "Running", podIP: ip, podIPs: [{ ip }], conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
});
const address = (name: string, ip: string) => ({ ip, nodeName: "node-0", targetRef: { kind: "Pod", namespace: "d", name, uid: `uid-${name}` } });

describe("#3.3 endpoints: subsets", () => {
  it("puts ready and unready pods of the same ports together, by address", () => {
    const pods = [pod("b", "10.0.0.9"), pod("a", "10.0.0.2"), pod("c", "10.0.0.3", false), pod("d", "10.0.0.4", true, { deletionTimestamp: "x" })];
    expect(subsetsFor(service(), pods)).toEqual([
      {
        addresses: [address("a", "10.0.0.2"), address("b", "10.0.0.9")],
        notReadyAddresses: [address("c", "10.0.0.3")],
        ports: [{ port: 80, protocol: "TCP" }],
      },
    ]);
    expect(subsetsFor(service({ publishNotReadyAddresses: true }), pods)[0].addresses?.length).toBe(4);
  });
  it("has no ports only where the service is headless", () => {
    expect(subsetsFor(service({ ports: [], clusterIP: "None" }), [pod("a", "10.0.0.2")])).toEqual([{ addresses: [address("a", "10.0.0.2")] }]);
    expect(subsetsFor(service({ ports: [] }), [pod("a", "10.0.0.2")])).toEqual([]);
  });
  it("lists a set of addresses once with all its ports, and lets not ready win", () => {
    const a = { ip: "1.1.1.1" };
    const packed = repackSubsets([
      { addresses: [a], ports: [{ name: "x", port: 1 }] },
      { addresses: [a], ports: [{ name: "y", port: 2 }] },
      { notReadyAddresses: [a], ports: [{ name: "x", port: 1 }] },
    ]);
    expect(packed).toHaveLength(2);
    expect(packed.find((s) => s.ports?.[0].name === "x")).toEqual({ notReadyAddresses: [a], ports: [{ name: "x", port: 1 }] });
    expect(
      repackSubsets([
        { addresses: [a], ports: [{ port: 1 }] },
        { addresses: [a], ports: [{ port: 2 }] },
      ]),
    ).toHaveLength(1);
  });
  it("cuts to capacity, ready ones first", () => {
    const list = (n: number, from: number) => Array.from({ length: n }, (_, i) => ({ ip: `10.${from}.0.${i}` }));
    const cut = truncate([{ addresses: list(3, 0), notReadyAddresses: list(2, 1) }], 4);
    expect([cut[0].addresses?.length, cut[0].notReadyAddresses?.length]).toEqual([3, 1]);
    expect(truncate([{ addresses: list(3, 0), notReadyAddresses: list(2, 1) }], 2)).toEqual([{ addresses: list(2, 0) }]);
  });
});

describe("#3.3 endpoints: plan", () => {
  it("makes the object with the service's labels and its own, and then leaves it", () => {
    const s = service({ clusterIP: "None" }, { team: "a" });
    const first = planEndpoints(s, [pod("a", "10.0.0.2")], undefined, "2025-01-01T00:00:00Z") as KubeObject;
    expect(first.metadata).toEqual({
      name: "s",
      namespace: "d",
      labels: { team: "a", "service.kubernetes.io/headless": "", "endpoints.kubernetes.io/managed-by": "endpoint-controller" },
      annotations: { "endpoints.kubernetes.io/last-change-trigger-time": "2025-01-01T00:00:00Z" },
    });
    expect(planEndpoints(s, [pod("a", "10.0.0.2")], first, undefined)).toBeUndefined();
    const none = planEndpoints(s, [], first, undefined) as KubeObject;
    expect(none.subsets).toBeUndefined();
    expect(none.metadata.annotations).toBeUndefined();
  });
  it("takes a hand-made object over", () => {
    const made: KubeObject = { metadata: { name: "s", namespace: "d", resourceVersion: "7", labels: { other: "1" } }, subsets: [] };
    expect(planEndpoints(service(), [], made, undefined)?.metadata).toEqual({
      name: "s",
      namespace: "d",
      resourceVersion: "7",
      labels: { "endpoints.kubernetes.io/managed-by": "endpoint-controller" },
    });
  });
});
