import { describe, expect, it } from "vitest";
import { until } from "../support/cluster.js";
import { APPS, config, deployment, HOME, MERGE, wired } from "./support.js";

const server = wired({});
const { ask, get200, make } = server;
const maps = `${HOME}/configmaps`;
const gone = (path: string) =>
  until(
    () => ask("get", path),
    ({ code }) => code === 404,
  );
const owned = (name: string, uid: string, more: object = {}, metadata: object = {}) =>
  config(name, {}, { ...metadata, ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "owner", uid, ...more }] });

describe("#3.1 wire: owners and what becomes of the owned", () => {
  it("Background: the owner goes at once, the owned after it", async () => {
    const { metadata } = await make(maps, config("owner"));
    await make(maps, owned("child", metadata.uid));
    await make(maps, owned("bystander", metadata.uid));
    await ask("patch", `${maps}/bystander`, { type: MERGE, body: { metadata: { ownerReferences: null } } });
    expect((await ask("delete", `${maps}/owner?propagationPolicy=Background`)).code).toBe(200);
    expect((await ask("get", `${maps}/owner`)).code).toBe(404);
    await gone(`${maps}/child`);
    expect((await ask("get", `${maps}/bystander`)).code).toBe(200);
  });

  it("Foreground: the owner waits for those that block it", async () => {
    const { metadata } = await make(maps, config("owner"));
    await make(maps, owned("child", metadata.uid, { blockOwnerDeletion: true }, { finalizers: ["example.org/slow"] }));
    const answer = await ask("delete", `${maps}/owner?propagationPolicy=Foreground`);
    expect(answer.body.metadata.finalizers).toEqual(["foregroundDeletion"]);
    await until(
      async () => (await ask("get", `${maps}/child`)).body.metadata,
      (child) => child.deletionTimestamp !== undefined,
    );
    expect((await ask("get", `${maps}/owner`)).code).toBe(200);
    await ask("patch", `${maps}/child`, { type: MERGE, body: { metadata: { finalizers: null } } });
    await gone(`${maps}/child`);
    await gone(`${maps}/owner`);
  });

  it("Orphan: the owned stay and forget", async () => {
    const { metadata } = await make(maps, config("owner"));
    await make(maps, owned("child", metadata.uid));
    await ask("delete", `${maps}/owner?propagationPolicy=Orphan`);
    await gone(`${maps}/owner`);
    expect((await get200(`${maps}/child`)).metadata.ownerReferences).toBeUndefined();
  });

  it("an owner that never was counts as gone", async () => {
    await make(maps, owned("foundling", "00000000-0000-4000-8000-000000000000"));
    await gone(`${maps}/foundling`);
  });

  it("a Deployment's ReplicaSets and pods go with it; the namespace's things with the namespace", async () => {
    await make(`${APPS}/deployments`, deployment("tree", 2));
    await until(
      async () => (await get200(`${APPS}/deployments/tree`)).status,
      (status) => status.readyReplicas === 2,
    );
    await ask("delete", `${APPS}/deployments/tree`);
    await until(
      async () => [...(await get200(`${APPS}/replicasets`)).items, ...(await get200(`${HOME}/pods`)).items],
      (left) => left.length === 0,
    );
    await make("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: "brief" } });
    await make("/api/v1/namespaces/brief/configmaps", config("x"));
    const { body } = await ask("delete", "/api/v1/namespaces/brief");
    expect([body.kind, body.status.phase]).toEqual(["Namespace", "Terminating"]);
    await gone("/api/v1/namespaces/brief");
    expect((await get200("/api/v1/namespaces/brief/configmaps")).items).toEqual([]);
  });
});
