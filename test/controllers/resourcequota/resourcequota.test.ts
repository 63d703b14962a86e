import { describe, expect, it } from "vitest";
import { createResourceQuotaController } from "../../../controllers/resourcequota/index.js";
import { isComplete, plan } from "../../../controllers/resourcequota/plan.js";
import type { ResourceQuota } from "../../../controllers/runtime/api.js";
import { KINDS } from "../../../kinds/registry.js";
import { type Live, live } from "../support/live.js";

const controller = createResourceQuotaController({ list: () => KINDS.filter((k) => !k.storedAs) });
const pod = (spec: object = {}) => ({ spec: { containers: [{ name: "c", image: "i", resources: { requests: { cpu: "100m" } } }], ...spec } });
const status = (w: Live, name = "q") => w.get(`resourcequotas/${name}`).status;
const quota = (spec: object, status: object = {}): ResourceQuota => ({ metadata: { name: "q", namespace: "ns" }, spec, status }) as ResourceQuota;

describe("#4.5 resource quota controller: plan", () => {
  it("takes over the limits and what was measured, keeps what could not be, drops what is limited no more", () => {
    const now = quota({ hard: { pods: "2", "example.com/x": "1" } }, { hard: { secrets: "1" }, used: { secrets: "1", "example.com/x": "7" } });
    expect(plan(now, { pods: "1", secrets: "3" })).toEqual({ hard: { pods: "2", "example.com/x": "1" }, used: { pods: "1", "example.com/x": "7" } });
  });

  it("has nothing to say when amounts are the same, however they are written", () => {
    expect(
      plan(quota({ hard: { "requests.memory": "1Gi" } }, { hard: { "requests.memory": "1024Mi" }, used: { "requests.memory": "0" } }), {
        "requests.memory": "0",
      }),
    ).toBeUndefined();
    expect(plan(quota({}), {})).toBeUndefined();
  });

  it("knows a quota that tells all from one that does not", () => {
    expect(isComplete(quota({ hard: { pods: "1" } }, { hard: { pods: "1" }, used: { pods: "0" } }))).toBe(true);
    expect(isComplete(quota({ hard: { pods: "1" } }, { hard: { pods: "1" } }))).toBe(false);
    expect(isComplete(quota({ hard: { pods: "2" } }, { hard: { pods: "1" }, used: { pods: "0" } }))).toBe(false);
  });
});

describe("#4.5 resource quota controller: stories", () => {
  it("counts what is there, and what of it a quota has names for", async () => {
    const w = await live(controller);
    await w.create("pods/a", pod());
    await w.create("secrets/s", {});
    await w.create("resourcequotas/q", { spec: { hard: { pods: "4", "requests.cpu": "1", "count/secrets": "3", "count/nothings.example.com": "1" } } });
    await w.settle();
    expect(status(w)).toEqual({
      hard: { pods: "4", "requests.cpu": "1", "count/secrets": "3", "count/nothings.example.com": "1" },
      used: { pods: "1", "requests.cpu": "100m", "count/secrets": "1" },
    });
    w.stop();
  });

  it("gives back what goes, what ends and what costs less", async () => {
    const w = await live(controller);
    await w.create("resourcequotas/q", { spec: { hard: { pods: "4", configmaps: "2", "services.nodeports": "1" } } });
    await w.settle();
    for (const name of ["a", "b"]) await w.create(`pods/${name}`, pod());
    await w.create("configmaps/c", {});
    const service = await w.create("services/s", { spec: { type: "NodePort", ports: [{ port: 80 }] } });
    expect(status(w).used).toEqual({ pods: "2", configmaps: "1", "services.nodeports": "1" });
    await w.remove("pods/a", { gracePeriodSeconds: 0 });
    await w.put("pods/b/status", { ...w.get("pods/b"), status: { phase: "Succeeded" } });
    await w.remove("configmaps/c");
    await w.put("services/s", { ...service, spec: { ...service.spec, type: "ClusterIP", ports: [{ port: 80 }] } });
    await w.settle();
    expect(status(w).used).toEqual({ pods: "0", configmaps: "0", "services.nodeports": "0" });
    w.stop();
  });

  it("follows new limits, loses no charge that comes meanwhile, and writes nothing without a reason", async () => {
    const w = await live(controller);
    const made = await w.create("resourcequotas/q", { spec: { hard: { pods: "9" } } });
    await w.settle();
    await w.put("resourcequotas/q", { ...made, metadata: { name: "q", namespace: "default" }, spec: { hard: { pods: "8", secrets: "2" } } });
    await Promise.all([w.create("pods/a", pod()), w.create("secrets/s", {}), w.create("pods/b", pod())]);
    await w.settle();
    expect(status(w)).toEqual({ hard: { pods: "8", secrets: "2" }, used: { pods: "2", secrets: "1" } });
    const { resourceVersion } = w.get("resourcequotas/q").metadata;
    w.clock.advance(11 * 60_000);
    await w.settle();
    expect(w.get("resourcequotas/q").metadata.resourceVersion).toBe(resourceVersion);
    w.stop();
  });

  it("counts anew every five minutes: pods that are stuck on their way out cost nothing any more", async () => {
    const w = await live(controller);
    await w.create("resourcequotas/q", { spec: { hard: { pods: "1" } } });
    await w.settle();
    await w.create("nodes/n", {});
    await w.create("pods/a", pod({ nodeName: "n", terminationGracePeriodSeconds: 30 }));
    await w.remove("pods/a");
    await w.settle();
    expect(status(w).used).toEqual({ pods: "1" });
    w.clock.advance(5 * 60_000);
    await w.settle();
    expect(status(w).used).toEqual({ pods: "0" });
    expect(w.has("pods/a")).toBe(true);
    w.stop();
  });
});
