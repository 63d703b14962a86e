import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../kinds/object.js";
import { refusal, type World, world } from "./world.js";

type List = Record<string, string>;

const pod = (requests: List = {}, spec: object = {}) => ({ spec: { containers: [{ name: "c", image: "i", resources: { requests } }], ...spec } });

/** A world with a quota whose usage is known, as the controller leaves it. */
async function withQuota(hard: List, used: List = {}, spec: object = {}, made?: World, name = "q"): Promise<World> {
  const w = made ?? (await world());
  const quota = await w.create(`resourcequotas/${name}`, { spec: { hard, ...spec } });
  const zero = Object.fromEntries(Object.keys(hard).map((key) => [key, "0"]));
  await w.put(`resourcequotas/${name}/status`, { ...quota, status: { hard, used: { ...zero, ...used } } });
  return w;
}
const used = (w: World, name = "q"): List => w.get(`resourcequotas/${name}`).status.used;
const messageOf = async (promise: Promise<unknown>): Promise<string | undefined> => (await refusal(promise)).message;

describe("#4.5 ResourceQuota: charging", () => {
  it("charges what is made, in the write before it, as the server itself", async () => {
    const w = await withQuota({ pods: "2", "requests.cpu": "1" });
    const made = await w.create("pods/a", pod({ cpu: "300m" }));
    const quota = w.get("resourcequotas/q");
    expect(quota.status).toEqual({ hard: { pods: "2", "requests.cpu": "1" }, used: { pods: "1", "requests.cpu": "300m" } });
    expect(Number(quota.metadata.resourceVersion)).toBe(Number(made.metadata.resourceVersion) - 1);
    const manager = quota.metadata.managedFields?.find((m) => m.manager === "kube-apiserver");
    expect(manager).toMatchObject({
      operation: "Update",
      subresource: "status",
      fieldsV1: { "f:status": { "f:used": { "f:pods": {}, "f:requests.cpu": {} } } },
    });
  });

  it("refuses what does not fit, naming what is over and nothing else", async () => {
    const w = await withQuota({ pods: "2", "requests.cpu": "1", "limits.memory": "1Gi" }, { "requests.cpu": "600m" });
    const limited = { spec: { containers: [{ name: "c", image: "i", resources: { requests: { cpu: "0.6" }, limits: { memory: "2048Mi" } } }] } };
    expect(await refusal(w.create("pods/a", limited))).toMatchObject({
      code: 403,
      reason: "Forbidden",
      details: { name: "a", kind: "pods" },
      message:
        'pods "a" is forbidden: exceeded quota: q, requested: limits.memory=2Gi,requests.cpu=600m, used: limits.memory=0,requests.cpu=600m, limited: limits.memory=1Gi,requests.cpu=1',
    });
    expect(used(w)).toEqual({ pods: "0", "requests.cpu": "600m", "limits.memory": "0" });
  });

  it("demands that pods say what is limited", async () => {
    const w = await withQuota({ "requests.cpu": "1" });
    expect(await messageOf(w.create("pods/a", pod()))).toBe('pods "a" is forbidden: failed quota: q: must specify requests.cpu for: c');
  });

  it("refuses while the usage is not known", async () => {
    const w = await withQuota({ pods: "1", secrets: "1" });
    const quota = w.get("resourcequotas/q");
    await w.put("resourcequotas/q/status", { ...quota, status: { hard: quota.status.hard, used: { secrets: "0" } } });
    expect(await messageOf(w.create("pods/a", pod()))).toBe('pods "a" is forbidden: status unknown for quota: q, resources: pods');
    await w.create("secrets/s", {});
  });

  it("asks every quota that covers the object, and charges them all or none", async () => {
    const w = await withQuota({ pods: "5" });
    await withQuota({ pods: "1" }, {}, { scopes: ["NotBestEffort"] }, w, "s");
    await w.create("pods/best-effort", pod());
    await w.create("pods/b", pod({ cpu: "1" }));
    expect([used(w), used(w, "s")]).toEqual([{ pods: "2" }, { pods: "1" }]);
    expect(await messageOf(w.create("pods/c", pod({ cpu: "1" })))).toContain("exceeded quota: s, requested: pods=1, used: pods=1, limited: pods=1");
    expect([used(w), used(w, "s")]).toEqual([{ pods: "2" }, { pods: "1" }]);
  });

  it("charges nothing on dry runs and for requests that fail", async () => {
    const w = await withQuota({ pods: "1", configmaps: "1" });
    await w.create("pods/a", pod(), { dryRun: true });
    await refusal(w.create("pods/A_B", pod()));
    await refusal(w.create("pods/a", { spec: { containers: [] } }));
    expect(used(w)).toEqual({ pods: "0", configmaps: "0" });
    await w.create("configmaps/c", {});
    expect((await refusal(w.create("configmaps/d", {}, { dryRun: true }))).code).toBe(403);
    await w.remove("configmaps/c");
    const known = used(w);
    await w.create("pods/a", pod());
    await refusal(w.create("pods/a", pod()));
    expect(used(w)).toEqual({ ...known, pods: "1" });
  });

  it("is exact for writes that arrive together", async () => {
    const w = await withQuota({ pods: "3" });
    const results = await Promise.allSettled(Array.from({ length: 5 }, (_, i) => w.create(`pods/p${i}`, pod())));
    expect(results.map((r) => r.status)).toEqual(["fulfilled", "fulfilled", "fulfilled", "rejected", "rejected"]);
    expect(used(w)).toEqual({ pods: "3" });
  });

  it("counts every kind, and its own", async () => {
    const w = await withQuota({ "count/deployments.apps": "0", resourcequotas: "1", "count/configmaps": "1" });
    const template = { metadata: { labels: { a: "b" } }, ...pod() };
    expect(await messageOf(w.create("deployments/d", { spec: { selector: { matchLabels: { a: "b" } }, template } }))).toBe(
      'deployments.apps "d" is forbidden: exceeded quota: q, requested: count/deployments.apps=1, used: count/deployments.apps=0, limited: count/deployments.apps=0',
    );
    await w.create("resourcequotas/more", {});
    expect(await messageOf(w.create("resourcequotas/most", {}))).toContain("exceeded quota: q, requested: resourcequotas=1");
    await w.patch("configmaps/c", { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" } }, "application/apply-patch+yaml", { fieldManager: "me" });
    expect(used(w)).toEqual({ "count/deployments.apps": "0", resourcequotas: "1", "count/configmaps": "1" });
  });

  it("leaves other namespaces and cluster-scoped objects alone", async () => {
    const w = await withQuota({ pods: "0", "count/namespaces": "0" });
    await w.create("kube-system:pods/a", pod());
    await w.create("namespaces/more", {});
    expect(used(w)).toEqual({ pods: "0", "count/namespaces": "0" });
  });
});

describe("#4.5 ResourceQuota: updates", () => {
  const service = (spec: object = {}) => ({ spec: { ports: [{ port: 80 }], ...spec } });
  const changed = (object: KubeObject, spec: object): KubeObject => ({ ...object, spec: { ...object.spec, ...spec } });

  it("charges the difference, and gives nothing back", async () => {
    const w = await withQuota({ services: "1", "services.nodeports": "2" });
    const made = await w.create("services/s", service());
    const two = await w.put(
      "services/s",
      changed(made, {
        type: "NodePort",
        ports: [
          { name: "a", port: 80 },
          { name: "b", port: 81 },
        ],
      }),
    );
    expect(used(w)).toEqual({ services: "1", "services.nodeports": "2" });
    expect(await messageOf(w.put("services/s", changed(two, { ports: [...two.spec.ports, { name: "c", port: 82 }] })))).toBe(
      'services "s" is forbidden: exceeded quota: q, requested: services.nodeports=1, used: services.nodeports=2, limited: services.nodeports=2',
    );
    await w.put("services/s", changed(two, { type: "ClusterIP", ports: [{ port: 80 }] }));
    // the controller's to give back
    expect(used(w)).toEqual({ services: "1", "services.nodeports": "2" });
  });

  it("charges a quota in full that did not cover the object before", async () => {
    const w = await withQuota({ pods: "1" }, {}, { scopes: ["Terminating"] });
    const made = await w.create("pods/a", pod({ cpu: "1" }));
    expect(used(w)).toEqual({ pods: "0" });
    await w.put("pods/a", changed(made, { activeDeadlineSeconds: 5 }));
    expect(used(w)).toEqual({ pods: "1" });
  });

  it("charges storage that grows, and what a controller reports even over the limit", async () => {
    const w = await withQuota({ "requests.storage": "3Gi" });
    const claim = { spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "2Gi" } } } };
    const made = await w.create("persistentvolumeclaims/c", claim);
    expect(used(w)).toEqual({ "requests.storage": "2Gi" });
    await w.put("persistentvolumeclaims/c/status", { ...made, status: { phase: "Bound", allocatedResources: { storage: "4Gi" } } });
    expect(used(w)).toEqual({ "requests.storage": "4Gi" });
  });
});
