import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ALL_VERBS, apiVersionOf, storedKind } from "../../kinds/kind.js";
import { KINDS, Registry } from "../../kinds/registry.js";
import type { Doc } from "../support/http.js";
import { failure, refusals, wired } from "./support.js";

const server = wired();
const { ask, get200 } = server;
const AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
const registry = new Registry();
const pathOf = (group: string, version: string): string => (group ? `/apis/${group}/${version}` : `/api/${version}`);

describe("#4.2 discovery shows every kind of the registry", () => {
  const rows = registry.groups.flatMap(({ name, versions }) => versions.map((version) => [pathOf(name, version), name, version] as const));

  it.each(rows)("%s", async (path, group, version) => {
    const list = await get200(path);
    expect([list.kind, list.apiVersion, list.groupVersion]).toEqual(["APIResourceList", group ? "v1" : undefined, apiVersionOf({ group, version })]);
    const names: string[] = list.resources.map((r: Doc) => r.name);
    expect(names).toEqual([...names].sort());
    for (const kind of registry.inGroupVersion(group, version)) {
      const found = list.resources.find((r: Doc) => r.name === kind.resource);
      const { group: storedGroup, version: own, storageVersion: storedVersion = own, kind: storedName } = storedKind(kind);
      const hash = createHash("sha256").update(`${storedGroup}/${storedVersion}/${storedName}`).digest().subarray(0, 8).toString("base64");
      expect(found).toEqual({
        name: kind.resource,
        singularName: kind.singular,
        namespaced: kind.namespaced,
        kind: kind.kind,
        verbs: kind.verbs ?? ALL_VERBS,
        ...(kind.shortNames ? { shortNames: kind.shortNames } : {}),
        ...(kind.categories ? { categories: kind.categories } : {}),
        ...((kind.verbs ?? ALL_VERBS).includes("list") && !kind.computed ? { storageVersionHash: hash } : {}),
      });
    }
  });

  it("hashes as upstream, of the version that is stored", async () => {
    const hash = async (path: string, resource: string): Promise<string> =>
      (await get200(path)).resources.find((r: Doc) => r.name === resource).storageVersionHash;
    expect(await hash("/api/v1", "pods")).toBe("xPOwRZ+Yhw8=");
    expect(await hash("/apis/apps/v1", "statefulsets")).toBe("H+vl74LkKdo=");
    expect(await hash("/apis/resource.k8s.io/v1", "deviceclasses")).toBe("Yk2PTc1Ybxk=");
    expect(await hash("/apis/apiextensions.k8s.io/v1", "customresourcedefinitions")).toBe("jfWCUB31mvA=");
    expect(await hash("/apis/autoscaling/v1", "horizontalpodautoscalers")).toBe("qwQve8ut294=");
    expect(await hash("/apis/autoscaling/v2", "horizontalpodautoscalers")).toBe("qwQve8ut294=");
    expect(await hash("/apis/events.k8s.io/v1", "events")).toBe("r2yiGXH7wu8=");
  });

  it("says of subresources whose kind is another what it is", async () => {
    const { resources } = await get200("/api/v1");
    expect(resources.find((r: Doc) => r.name === "pods/eviction")).toEqual({
      name: "pods/eviction",
      singularName: "",
      namespaced: true,
      group: "policy",
      version: "v1",
      kind: "Eviction",
      verbs: ["create"],
    });
  });

  it("orders groups by their priority and versions by their stability", async () => {
    const { groups } = await get200("/apis");
    expect(groups.map((g: Doc) => g.name)).toEqual(registry.groups.flatMap((g) => g.name || []));
    expect(groups.find((g: Doc) => g.name === "autoscaling")).toEqual({
      name: "autoscaling",
      versions: [
        { groupVersion: "autoscaling/v2", version: "v2" },
        { groupVersion: "autoscaling/v1", version: "v1" },
      ],
      preferredVersion: { groupVersion: "autoscaling/v2", version: "v2" },
    });
    const aggregated = await get200("/apis", { accept: AGGREGATED });
    expect(aggregated.items.map((i: Doc) => [i.metadata.name, i.versions.map((v: Doc) => v.version)])).toEqual(
      groups.map((g: Doc) => [g.name, g.versions.map((v: Doc) => v.version)]),
    );
  });

  it("says the same aggregated as it says one by one", async () => {
    const [core, rest] = [await get200("/api", { accept: AGGREGATED }), await get200("/apis", { accept: AGGREGATED })];
    expect(core.items.map((i: Doc) => i.metadata)).toEqual([{}]);
    const flat: string[] = [];
    for (const { metadata, versions } of [...core.items, ...rest.items])
      for (const { version, resources, freshness } of versions) {
        expect(freshness).toBe("Current");
        for (const r of resources) {
          flat.push(`${metadata.name ?? ""}/${version}/${r.resource} ${r.responseKind.kind} ${r.scope} ${r.verbs}`);
          for (const s of r.subresources ?? [])
            flat.push(`${metadata.name ?? ""}/${version}/${r.resource}/${s.subresource} ${s.responseKind.kind} ${r.scope} ${s.verbs}`);
        }
      }
    const single: string[] = [];
    for (const { name, versions } of registry.groups)
      for (const version of versions)
        for (const r of (await get200(pathOf(name, version))).resources)
          single.push(`${name}/${version}/${r.name} ${r.kind} ${r.namespaced ? "Namespaced" : "Cluster"} ${r.verbs}`);
    expect(flat).toEqual(single);
    expect(flat.length).toBeGreaterThan(KINDS.length);
  });
});

describe("#4.2 the aggregated document", () => {
  it("has a tag that all forms share, and need not be sent again", async () => {
    const json = await ask("get", "/apis", { accept: AGGREGATED });
    const protobuf = await ask("get", "/apis", { accept: AGGREGATED.replace("json", "vnd.kubernetes.protobuf") });
    const yaml = await ask("get", "/apis", { accept: AGGREGATED.replace("json", "yaml") });
    expect(protobuf.headers["content-type"]).toBe("application/vnd.kubernetes.protobuf;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
    expect(yaml.headers["content-type"]).toBe("application/yaml;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
    const { metadata, items } = json.body;
    const tag = `"${createHash("sha512").update(JSON.stringify({ metadata, items })).digest("hex").toUpperCase()}"`;
    for (const { headers } of [json, protobuf, yaml]) expect([headers.etag, headers.vary, headers["cache-control"]]).toEqual([tag, "Accept", "public"]);
    const again = await ask("get", "/apis", { accept: AGGREGATED, headers: { "if-none-match": tag } });
    expect([again.code, again.text, again.headers["content-type"], again.headers.etag]).toEqual([304, "", undefined, tag]);
    const other = await ask("get", "/apis", { accept: AGGREGATED, headers: { "if-none-match": '"A"' } });
    expect(other.code).toBe(200);
  });

  it.each([
    ["only what went with 1.35", AGGREGATED.replace("v=v2", "v=v2beta1"), undefined],
    ["what is gone, or the plain one", `${AGGREGATED.replace("v=v2", "v=v2beta1")},application/json`, "APIGroupList"],
    ["what is gone, or this", `${AGGREGATED.replace("v=v2", "v=v2beta1")},${AGGREGATED},application/json`, "APIGroupDiscoveryList"],
    ["the plain one rather, to no avail: who speaks of it at all gets it", `${AGGREGATED};q=0.5,application/json`, "APIGroupDiscoveryList"],
    ["this rather", `application/json;q=0.5,${AGGREGATED}`, "APIGroupDiscoveryList"],
    ["something unknown before this", `text/html,${AGGREGATED}`, "APIGroupDiscoveryList"],
  ])("asked for %s", async (_, accept, kind) => {
    const { code, body } = await ask("get", "/apis", { accept });
    expect([code, kind && body.kind]).toEqual([kind ? 200 : 406, kind]);
  });
});

describe("#4.2 discovery has no Tables", () => {
  const only = "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf";
  const table = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io", raw: true };
  const refusal = { ...failure(406, "NotAcceptable", only), code: 406 };
  refusals(server, [
    ["of versions", "get", "/api", refusal, table],
    ["of groups", "get", "/apis", refusal, table],
    ["of a group", "get", "/apis/apps", refusal, table],
    ["of resources", "get", "/apis/apps/v1", refusal, table],
  ]);
});
