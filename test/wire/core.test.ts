import { describe, expect, it } from "vitest";
import { APPS, failure, HOME, refusals, wired } from "./support.js";

const server = wired({ nodes: 0, environment: "none" });
const { ask, get200, make } = server;
const STATUSES = "/api/v1/componentstatuses";
const DEPRECATED = '299 - "v1 ComponentStatus is deprecated in v1.19+"';

describe("#4.1 wire: component statuses", () => {
  it("are made when asked for, without versions, and say that they are deprecated", async () => {
    const { body, headers } = await ask("get", STATUSES);
    expect(headers.warning).toBe(DEPRECATED);
    expect([body.kind, body.metadata, body.items.map((i: { metadata: object }) => i.metadata)]).toEqual([
      "ComponentStatusList",
      {},
      [{ name: "controller-manager" }, { name: "etcd-0" }, { name: "scheduler" }],
    ]);
    expect(await get200(`${STATUSES}/scheduler`)).toEqual({
      kind: "ComponentStatus",
      apiVersion: "v1",
      metadata: { name: "scheduler" },
      conditions: [{ type: "Healthy", status: "True", message: "ok" }],
    });
    expect((await get200(`${STATUSES}?fieldSelector=metadata.name%3Detcd-0`)).items).toHaveLength(1);
    expect((await get200(`${STATUSES}?labelSelector=a%3Db`)).items).toEqual([]);
    const table = await get200(`${STATUSES}/etcd-0`, { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" });
    expect(table.rows[0].cells).toEqual(["etcd-0", "Healthy", "ok", ""]);
  });

  refusals(server, [
    ["another name", "get", `${STATUSES}/x`, failure(404, "NotFound", 'componentstatus "x" not found', { name: "x", kind: "componentstatus" })],
    [
      "watching",
      "get",
      `${STATUSES}?watch=1`,
      failure(405, "MethodNotAllowed", 'watch is not supported on resources of kind "componentstatuses"', { kind: "componentstatuses" }),
    ],
    ["writing", "post", STATUSES, failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {}), { body: {} }],
  ]);

  it("do not warn where nothing is served", async () => {
    expect((await ask("delete", `${STATUSES}/x`)).headers.warning).toBeUndefined();
  });
});

describe("#4.1 wire: bindings", () => {
  const pod = (name: string) => ({ metadata: { name }, spec: { schedulerName: "nobody", containers: [{ name: "c", image: "i" }] } });
  const binding = (name: string, target: object = { kind: "Node", name: "n" }) => ({ metadata: { name }, target });

  it("put a pod on a node, by its name in the body", async () => {
    await make(`${HOME}/pods`, pod("a"));
    const { code, body } = await ask("post", `${HOME}/bindings`, { body: { ...binding("a"), metadata: { name: "a", uid: "wiped", labels: { by: "me" } } } });
    expect([code, body]).toEqual([201, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 }]);
    const { spec, metadata } = await get200(`${HOME}/pods/a`);
    expect([spec.nodeName, metadata.labels]).toEqual(["n", { by: "me" }]);
  });

  refusals(server, [
    ["no such pod", "post", `${HOME}/bindings`, failure(404, "NotFound", 'pods "b" not found', { name: "b", kind: "pods" }), { body: binding("b") }],
    ["no name", "post", `${HOME}/bindings`, failure(400, "BadRequest", "Name parameter required."), { body: { target: { name: "n" } } }],
    ["no node", "post", `${HOME}/bindings`, failure(500, undefined, "target.name: Required value"), { body: binding("b", {}) }],
    [
      "no namespace",
      "post",
      "/api/v1/namespaces/none/bindings",
      failure(404, "NotFound", 'namespaces "none" not found', { name: "none", kind: "namespaces" }),
      { body: binding("b") },
    ],
    ["reading", "get", `${HOME}/bindings`, failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {})],
  ]);
});

describe("#4.2 wire: a scale as a Table", () => {
  it("shows what is wanted and what is there", async () => {
    const template = { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } };
    await make(`${APPS}/replicasets`, { metadata: { name: "r" }, spec: { replicas: 0, selector: { matchLabels: { a: "b" } }, template } });
    const { columnDefinitions, rows } = await get200(`${APPS}/replicasets/r/scale`, { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" });
    expect(columnDefinitions.map((c: { name: string; format: string }) => [c.name, c.format])).toEqual([
      ["Name", ""],
      ["Desired", ""],
      ["Available", ""],
      ["Age", ""],
    ]);
    expect(rows[0].cells.slice(0, 3)).toEqual(["r", 0, 0]);
    expect((await ask("get", `${APPS}/replicasets/none/scale`)).body.message).toBe('replicasets.apps "none" not found');
    const body = { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name: "none" }, spec: { replicas: 1 } };
    expect((await ask("put", `${APPS}/replicasets/none/scale`, { body })).body.message).toBe('replicasets.apps "none" not found');
  });
});
