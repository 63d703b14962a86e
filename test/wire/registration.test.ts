import { describe, expect, it } from "vitest";
import { manualClock } from "../../cluster/index.js";
import type { Doc } from "../support/http.js";
import { wired } from "./support.js";

const AS = "/apis/apiregistration.k8s.io/v1/apiservices";
const FLOW = "/apis/flowcontrol.apiserver.k8s.io/v1";
const names = (list: Doc): string[] => (list.items as { metadata: { name: string } }[]).map((o) => o.metadata.name);

describe("#4.1 registration: what a cluster begins with", () => {
  const server = wired();

  it("has every group version of its own registered", async () => {
    const services = await server.get200(AS);
    const groups = await server.get200("/apis");
    const served = (groups.groups as { name: string; versions: { version: string }[] }[]).flatMap((g) => g.versions.map((v) => `${v.version}.${g.name}`));
    expect(new Set(names(services))).toEqual(new Set(["v1.", ...served.filter((name) => name !== "v1.apiregistration.k8s.io")]));
    expect((services.items as Doc[]).every((s) => (s.status as Doc).conditions)).toBe(true);
    const apps = await server.get200(`${AS}/v1.apps`);
    expect(apps.spec).toEqual({ group: "apps", version: "v1", groupPriorityMinimum: 17800, versionPriority: 15 });
    expect((apps.metadata as Doc).labels).toEqual({ "kube-aggregator.kubernetes.io/automanaged": "onstart" });
  });

  it("has flow schemas, each with its level", async () => {
    const levels = names(await server.get200(`${FLOW}/prioritylevelconfigurations`));
    const schemas = (await server.get200(`${FLOW}/flowschemas`)).items as { spec: { priorityLevelConfiguration: { name: string } }; status: Doc }[];
    expect([schemas.length, levels.length]).toEqual([11, 8]);
    for (const { spec, status } of schemas) {
      expect(levels).toContain(spec.priorityLevelConfiguration.name);
      expect(status.conditions).toMatchObject([{ type: "Dangling", status: "False", reason: "Found" }]);
    }
  });

  it("says 503 of an API that is a service's, and lists its group where its priority puts it", async () => {
    const spec = { group: "a.example.com", version: "v1", groupPriorityMinimum: 17750, versionPriority: 10, service: { name: "s", namespace: "default" } };
    await server.make(AS, { metadata: { name: "v1.a.example.com" }, spec });
    await server.make(AS, { metadata: { name: "v1.b.example.com" }, spec: { ...spec, group: "b.example.com", groupPriorityMinimum: 1, service: undefined } });
    for (const path of ["", "/things", "/namespaces/x/things/y"]) {
      const { code, text, headers } = await server.ask("get", `/apis/a.example.com/v1${path}`);
      expect([code, text, headers["content-type"]]).toEqual([503, "service unavailable\n", "text/plain; charset=utf-8"]);
    }
    expect((await server.ask("post", "/apis/a.example.com/v1/things", { body: {} })).code).toBe(503);
    expect((await server.ask("get", "/apis/b.example.com/v1/things")).code).toBe(404);
    expect((await server.get200("/apis/a.example.com")).preferredVersion).toEqual({ groupVersion: "a.example.com/v1", version: "v1" });
    const groups = ((await server.get200("/apis")).groups as { name: string }[]).map((g) => g.name);
    // as high as events, and its service comes first by name
    expect(groups.indexOf("a.example.com")).toBe(groups.indexOf("events.k8s.io") - 1);
    expect(groups.at(-1)).toBe("b.example.com");
    const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    const items = (await server.ask("get", "/apis", { accept })).body.items as { metadata: { name: string }; versions: object[] }[];
    expect(items.filter((g) => /example/.test(g.metadata.name))).toEqual([
      { metadata: { name: "a.example.com" }, versions: [{ version: "v1", freshness: "Stale" }] },
    ]);
    expect(items[2]?.metadata.name).toBe("a.example.com");
    await server.ask("delete", `${AS}/v1.a.example.com`);
    expect((await server.ask("get", "/apis/a.example.com/v1/things")).code).toBe(404);
  });
});

describe("#4.1 registration: controllers", () => {
  const clock = manualClock(Date.UTC(2030, 0, 1));
  const server = wired({ nodes: 0, environment: "none", clock });
  const conditions = async (path: string): Promise<unknown> => ((await server.get200(path)).status as Doc).conditions;

  it("say what is known about APIs, schemas and policies", async () => {
    const spec = { group: "a.example.com", version: "v1", groupPriorityMinimum: 1, versionPriority: 1, service: { name: "s", namespace: "default", port: 80 } };
    await server.make(AS, { metadata: { name: "v1.a.example.com" }, spec });
    await server.make(`${FLOW}/flowschemas`, { metadata: { name: "f" }, spec: { priorityLevelConfiguration: { name: "later" } } });
    const policies = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
    const rule = { apiGroups: ["a"], apiVersions: ["v1"], resources: ["b"], operations: ["CREATE"] };
    await server.make(policies, { metadata: { name: "p" }, spec: { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: "true" }] } });
    await server.cluster.settle();
    expect(await conditions(`${AS}/v1.a.example.com`)).toMatchObject([{ status: "False", reason: "ServiceNotFound" }]);
    expect(await conditions(`${FLOW}/flowschemas/f`)).toMatchObject([{ status: "True", reason: "NotFound" }]);
    expect((await server.get200(`${policies}/p`)).status).toEqual({ observedGeneration: 1, typeChecking: {} });

    await server.make("/api/v1/namespaces/default/services", { metadata: { name: "s" }, spec: { ports: [{ port: 81 }] } });
    const level = { type: "Limited", limited: { limitResponse: { type: "Reject" } } };
    await server.make(`${FLOW}/prioritylevelconfigurations`, { metadata: { name: "later" }, spec: level });
    await server.cluster.settle();
    expect(await conditions(`${AS}/v1.a.example.com`)).toMatchObject([{ status: "False", reason: "ServicePortError" }]);
    expect(await conditions(`${FLOW}/flowschemas/f`)).toMatchObject([{ status: "False", reason: "Found" }]);
  });

  it("bring the server's own schemas and levels back within a minute", async () => {
    await server.ask("delete", `${FLOW}/flowschemas/probes`);
    await server.ask("delete", `${FLOW}/prioritylevelconfigurations/system`);
    await server.cluster.settle();
    expect((await server.ask("get", `${FLOW}/flowschemas/probes`)).code).toBe(404);
    expect(await conditions(`${FLOW}/flowschemas/system-nodes`)).toMatchObject([{ status: "True" }]);
    clock.advance(60_000);
    await server.cluster.settle();
    expect(await conditions(`${FLOW}/flowschemas/probes`)).toMatchObject([{ status: "False", reason: "Found" }]);
    expect(await conditions(`${FLOW}/flowschemas/system-nodes`)).toMatchObject([{ status: "False" }]);
  });
});
