import { describe, expect, it } from "vitest";
import { manualClock } from "../../cluster/index.js";
import { APPLY, MERGE, wired } from "./support.js";

const server = wired({ controllers: false, clock: manualClock(Date.UTC(2030, 0, 1)) });
const { ask, get200, make } = server;
const V1 = "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers";
const V2 = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers";
const CORE = "/api/v1/namespaces/default/events";
const EVENTS = "/apis/events.k8s.io/v1/namespaces/default/events";
const PREFIX = "autoscaling.alpha.kubernetes.io/";
const ref = { apiVersion: "apps/v1", kind: "Deployment", name: "d" };
const utilization = (name: string, averageUtilization: number) => ({
  type: "Resource",
  resource: { name, target: { type: "Utilization", averageUtilization } },
});
const memory = { type: "Resource", resource: { name: "memory", target: { type: "AverageValue", averageValue: "100Mi" } } };
const managers = async (path: string): Promise<unknown> =>
  (await get200(path)).metadata.managedFields.map((m: { manager: string; apiVersion: string; fieldsV1: object }) => [m.manager, m.apiVersion, m.fieldsV1]);

describe("#4.1 wire: kinds of several forms", () => {
  it("what is written in one form is read in the other, and the older form keeps in annotations what it has no fields for", async () => {
    await make(V2, {
      metadata: { name: "two" },
      spec: { maxReplicas: 9, scaleTargetRef: ref, metrics: [memory, utilization("cpu", 50)], behavior: { scaleUp: { selectPolicy: "Disabled" } } },
    });
    const v1 = await get200(`${V1}/two`);
    expect([v1.apiVersion, v1.spec, v1.status]).toEqual([
      "autoscaling/v1",
      { scaleTargetRef: ref, minReplicas: 1, maxReplicas: 9, targetCPUUtilizationPercentage: 50 },
      { currentReplicas: 0, desiredReplicas: 0 },
    ]);
    expect(v1.metadata.annotations).toEqual({
      [`${PREFIX}behavior`]:
        '{"ScaleUp":{"StabilizationWindowSeconds":0,"SelectPolicy":"Disabled","Policies":[{"Type":"Pods","Value":4,"PeriodSeconds":15},{"Type":"Percent","Value":100,"PeriodSeconds":15}],"Tolerance":null},"ScaleDown":{"StabilizationWindowSeconds":null,"SelectPolicy":"Max","Policies":[{"Type":"Percent","Value":100,"PeriodSeconds":15}],"Tolerance":null}}',
      [`${PREFIX}metrics`]: '[{"type":"Resource","resource":{"name":"memory","targetAverageValue":"100Mi"}}]',
    });
    const { metadata } = await get200(`${V1}/two`, { accept: "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io" });
    expect([metadata.name, metadata.annotations]).toEqual(["two", undefined]);
    // a write in the older form changes what it says and loses nothing
    const { body } = await ask("patch", `${V1}/two`, { type: MERGE, body: { spec: { targetCPUUtilizationPercentage: 70 } } });
    expect(body.spec.targetCPUUtilizationPercentage).toBe(70);
    const v2 = await get200(`${V2}/two`);
    expect(v2.metadata.annotations).toBeUndefined();
    expect([v2.spec.metrics, v2.spec.behavior.scaleUp.selectPolicy]).toEqual([[memory, utilization("cpu", 70)], "Disabled"]);
  });

  it("gives the older form its default by way of the newer", async () => {
    const made = await make(V1, { metadata: { name: "one" }, spec: { maxReplicas: 3, scaleTargetRef: ref } });
    expect(made.spec.targetCPUUtilizationPercentage).toBe(80);
    expect((await get200(`${V2}/one`)).spec.metrics).toEqual([utilization("cpu", 80)]);
    // the same again is no write
    const again = await ask("put", `${V1}/one`, { body: made });
    expect(again.body.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
  });

  it("passes over annotations that cannot be read, and names the stored form's fields in findings", async () => {
    const broken = { [`${PREFIX}metrics`]: '[{"type":5}]', [`${PREFIX}behavior`]: "{", [`${PREFIX}conditions`]: '[{"type":"X","lastTransitionTime":"soon"}]' };
    const made = await make(V1, { metadata: { name: "broken", annotations: { ...broken, own: "1" } }, spec: { maxReplicas: 3, scaleTargetRef: ref } });
    expect(made.metadata.annotations).toEqual({ own: "1" });
    const refused = await ask("post", V1, {
      body: { metadata: { name: "x" }, spec: { maxReplicas: 1, targetCPUUtilizationPercentage: -1, scaleTargetRef: ref } },
    });
    expect(refused.body.message).toBe(
      'HorizontalPodAutoscaler.autoscaling "x" is invalid: spec.metrics[0].resource.target.averageUtilization: Invalid value: -1: must be greater than 0',
    );
  });

  it("settles ownership in the form each manager wrote", async () => {
    const applied = (apiVersion: string, spec: object) => ({ apiVersion, kind: "HorizontalPodAutoscaler", metadata: { name: "owned" }, spec });
    const apply = (path: string, manager: string, body: object, force = false) =>
      ask("patch", `${path}/owned?fieldManager=${manager}${force ? "&force=true" : ""}`, { type: APPLY, body });
    await apply(V2, "two", applied("autoscaling/v2", { maxReplicas: 5, scaleTargetRef: ref, metrics: [utilization("cpu", 60)] }));
    const conflict = await apply(V1, "one", applied("autoscaling/v1", { maxReplicas: 5, scaleTargetRef: ref, targetCPUUtilizationPercentage: 70 }));
    expect([conflict.code, conflict.body.message]).toEqual([409, 'Apply failed with 1 conflict: conflict with "two": .spec.metrics']);
    await apply(V1, "one", applied("autoscaling/v1", { maxReplicas: 5, scaleTargetRef: ref, targetCPUUtilizationPercentage: 70 }), true);
    const unreadable = { type: "Resource", resource: { name: "cpu", target: { type: "AverageValue", averageValue: "much" } } };
    const refused = await apply(V2, "two", applied("autoscaling/v2", { maxReplicas: 5, scaleTargetRef: ref, metrics: [unreadable] }), true);
    expect([refused.code, refused.body.message]).toEqual([
      500,
      expect.stringContaining(
        "failed to convert new object: unable to convert unstructured object to autoscaling/v2, Kind=HorizontalPodAutoscaler: quantities must match",
      ),
    ]);
    expect(await managers(`${V2}/owned`)).toEqual([
      ["one", "autoscaling/v1", { "f:spec": { "f:maxReplicas": {}, "f:scaleTargetRef": {}, "f:targetCPUUtilizationPercentage": {} } }],
      ["two", "autoscaling/v2", { "f:spec": { "f:maxReplicas": {}, "f:scaleTargetRef": { "f:apiVersion": {}, "f:kind": {}, "f:name": {} } } }],
    ]);
  });

  it("writes a status in either form, and nothing else by it", async () => {
    const at = `${V1}/two/status`;
    const conditions = '[{"type":"AbleToScale","status":"True","lastTransitionTime":"2024-01-01T00:00:00Z","reason":"R"}]';
    const change = {
      metadata: { annotations: { [`${PREFIX}conditions`]: conditions, [`${PREFIX}metrics`]: "[]" } },
      spec: { maxReplicas: 1 },
      status: { currentReplicas: 3 },
    };
    const { code, body } = await ask("patch", at, { type: MERGE, body: change });
    expect([code, body.spec.maxReplicas, body.status.currentReplicas]).toEqual([200, 9, 3]);
    const { spec, status } = await get200(`${V2}/two`);
    expect(spec.metrics).toHaveLength(2);
    expect(status).toEqual({
      currentMetrics: null,
      desiredReplicas: 0,
      currentReplicas: 3,
      conditions: [{ type: "AbleToScale", status: "True", lastTransitionTime: "2024-01-01T00:00:00Z", reason: "R" }],
    });
    const refused = await ask("patch", at, { type: MERGE, body: { status: { desiredReplicas: -1 } } });
    expect(refused.body.message).toContain("status.desiredReplicas: Invalid value: -1: must be greater than or equal to 0");
  });

  it("deletes in either form and orders nothing anew by it", async () => {
    const order = [utilization("cpu", 50), memory];
    await make(V2, {
      metadata: { name: "held", labels: { go: "1" }, finalizers: ["example.com/hold"] },
      spec: { maxReplicas: 2, scaleTargetRef: ref, metrics: order },
    });
    const { code, body } = await ask("delete", `${V1}/held`);
    expect([code, body.apiVersion, body.spec.targetCPUUtilizationPercentage, typeof body.metadata.deletionTimestamp]).toEqual([
      200,
      "autoscaling/v1",
      50,
      "string",
    ]);
    expect((await get200(`${V2}/held`)).spec.metrics).toEqual(order);
    const all = await ask("delete", `${V1}?labelSelector=go%3D1`);
    expect([all.body.kind, all.body.apiVersion, all.body.items[0].spec.targetCPUUtilizationPercentage]).toEqual([
      "HorizontalPodAutoscalerList",
      "autoscaling/v1",
      50,
    ]);
    await ask("patch", `${V1}/held`, { type: MERGE, body: { metadata: { finalizers: null } } });
    expect((await ask("get", `${V2}/held`)).code).toBe(404);
  });

  it("lists, tables and watches in the form that is asked for", async () => {
    const from = (await get200(CORE)).metadata.resourceVersion;
    await make(CORE, {
      metadata: { name: "e", labels: { mine: "1" } },
      involvedObject: { kind: "Pod", name: "p", namespace: "default" },
      message: "hello",
      reason: "Why",
    });
    const [item] = (await get200(`${EVENTS}?fieldSelector=regarding.name%3Dp`)).items;
    expect([item.kind, item.note, item.regarding.name, item.deprecatedCount, item.message]).toEqual([undefined, "hello", "p", undefined, undefined]);
    expect((await get200(`${EVENTS}/e`, { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" })).rows[0].cells.slice(2, 4)).toEqual(["Why", "pod/p"]);
    const watch = (path: string) => server.api.watch(`${path}?watch=1&labelSelector=mine%3D1&resourceVersion=${from}`, (events) => events.length === 2);
    await ask("patch", `${EVENTS}/e`, { type: MERGE, body: { metadata: { labels: { mine: null } } } });
    const [one, other, same] = await Promise.all([watch(EVENTS), watch(CORE), watch(EVENTS)]);
    expect(one.map((e) => [e.type, e.object.apiVersion, e.object.note])).toEqual([
      ["ADDED", "events.k8s.io/v1", "hello"],
      ["DELETED", "events.k8s.io/v1", "hello"],
    ]);
    expect(other.map((e) => [e.type, e.object.apiVersion, e.object.message])).toEqual([
      ["ADDED", "v1", "hello"],
      ["DELETED", "v1", "hello"],
    ]);
    expect(same).toEqual(one);
  });

  it("refuses in the words of the path, or of the stored form where upstream knows no other", async () => {
    expect((await ask("get", `${EVENTS}/none`)).body.message).toBe('events.events.k8s.io "none" not found');
    const body = {
      metadata: { name: "bad" },
      eventTime: "2024-01-01T00:00:00.000000Z",
      reportingController: "a/b",
      reportingInstance: "i",
      action: "A",
      reason: "R",
    };
    expect((await ask("post", EVENTS, { body: { ...body, regarding: { namespace: "default" } } })).body.message).toBe(
      'Event "bad" is invalid: type: Invalid value: "": has invalid value: ',
    );
    const { body: gone } = await ask("delete", `${EVENTS}/e`);
    expect(gone.details).toMatchObject({ name: "e", group: "events.k8s.io", kind: "events" });
  });

  it("tells aggregators the stored version", async () => {
    const hashes = async (path: string): Promise<unknown> =>
      (await get200(path)).resources.find((r: { name: string }) => ["events", "horizontalpodautoscalers"].includes(r.name)).storageVersionHash;
    expect(await hashes("/apis/autoscaling/v1")).toBe(await hashes("/apis/autoscaling/v2"));
    expect(await hashes("/apis/events.k8s.io/v1")).toBe(await hashes("/api/v1"));
  });
});
