import { describe, expect, it } from "vitest";
import { byLeastLoss } from "../../../controllers/runtime/activepods.js";
import type { Pod } from "../../../controllers/runtime/api.js";

interface Made {
  node?: string;
  phase?: string;
  ready?: string;
  created?: string;
  restarts?: number;
}
const pod = (name: string, { node = "n", phase = "Running", ready, created = "2024-01-01T00:00:00Z", restarts = 0 }: Made): Pod =>
  ({
    metadata: { name, creationTimestamp: created },
    spec: { containers: [], ...(node ? { nodeName: node } : {}) },
    status: {
      phase,
      conditions: [{ type: "Ready", status: ready ? "True" : "False", lastTransitionTime: ready ?? created }],
      containerStatuses: [{ name: "c", restartCount: restarts }],
    },
  }) as unknown as Pod;

describe("#4.1 controllers: pods that are the least loss", () => {
  it.each<[string, Made, Made]>([
    ["unassigned", { node: "" }, { phase: "Pending" }],
    ["pending", { phase: "Pending" }, { restarts: 3 }],
    ["not ready", {}, { ready: "2024-01-01T00:00:00Z" }],
    ["newly ready", { ready: "2024-01-02T00:00:00Z" }, { ready: "2024-01-01T00:00:00Z", restarts: 3 }],
    ["often restarted", { restarts: 2 }, { restarts: 1, created: "2024-01-05T00:00:00Z" }],
    ["young", { created: "2024-01-02T00:00:00Z" }, {}],
  ])("%s first", (_, first, second) => {
    const pods = [pod("b", second), pod("a", first)];
    expect(byLeastLoss(pods).map((p) => p.metadata.name)).toEqual(["a", "b"]);
    expect(byLeastLoss(pods.reverse()).map((p) => p.metadata.name)).toEqual(["a", "b"]);
  });
});
