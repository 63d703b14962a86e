import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { APPS, config, deployment, failure, HOME, refusals, wired } from "./support.js";

const server = wired();
const { ask, get200 } = server;
const NOT_THERE = failure(404, "NotFound", "the server could not find the requested resource", {});
const NOT_ALLOWED = failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {});
const MEDIA = "application/json, application/yaml, application/vnd.kubernetes.protobuf";

describe("#3.1 wire: paths", () => {
  refusals(server, [
    ["a version nobody serves", "get", "/apis/storage.k8s.io/v7", NOT_THERE],
    ["a resource nobody serves", "get", `${HOME}/gadgets`, NOT_THERE],
    ["a kind instead of a resource", "get", `${HOME}/Secret`, NOT_THERE],
    ["singular", "get", `${HOME}/secret/x`, NOT_THERE],
    ["cluster-wide in a namespace", "get", `${HOME}/storageclasses`, NOT_THERE],
    ["namespaced without one", "get", "/api/v1/secrets/x", NOT_THERE],
    ["a subresource the kind lacks", "get", `${HOME}/secrets/x/scale`, NOT_THERE],
    ["an empty namespace", "get", "/api/v1/namespaces//secrets/x", failure(400, "BadRequest", "Namespace parameter required.")],
  ]);

  it.each(["/nothing", "/apis/shop.example.org", "/apis/shop.example.org/v1/carts", "//api/v1/nodes", "/healthz/teapot"])("%s is plain text", async (path) => {
    const { code, text, headers } = await ask("get", path);
    expect([code, headers["content-type"], headers["x-content-type-options"], text]).toEqual([
      404,
      "text/plain; charset=utf-8",
      "nosniff",
      "404 page not found\n",
    ]);
  });

  it("a slash at the end is nothing", async () => {
    expect((await get200("/api/v1/nodes/")).kind).toBe("NodeList");
  });
});

describe("#3.1 wire: methods and media types", () => {
  refusals(server, [
    ["POST to an object", "post", `${HOME}/secrets/x`, NOT_ALLOWED, { body: {} }],
    ["PUT to a collection", "put", `${HOME}/secrets`, NOT_ALLOWED, { body: {} }],
    ["POST to all namespaces", "post", "/api/v1/secrets", NOT_ALLOWED, { body: {} }],
    ["DELETE of a status", "delete", `${APPS}/statefulsets/x/status`, NOT_ALLOWED],
    ["OPTIONS", "options", `${HOME}/secrets`, NOT_ALLOWED],
    [
      "an answer nobody can give",
      "get",
      "/api/v1/nodes/x",
      failure(406, "NotAcceptable", `406: Not Acceptable\n\nAvailable representations: ${MEDIA}`, {}),
      { accept: "image/png", raw: true },
    ],
    [
      "the same of a list",
      "get",
      "/api/v1/nodes",
      failure(
        406,
        "NotAcceptable",
        `406: Not Acceptable\n\nAvailable representations: ${MEDIA}, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch`,
        {},
      ),
      { accept: "application/*" },
    ],
    [
      "a form nobody knows",
      "get",
      "/api/v1/nodes",
      failure(406, "NotAcceptable", `only the following media types are accepted: ${MEDIA}`),
      { accept: "application/json;as=Chart;v=v1;g=meta.k8s.io", raw: true },
    ],
    [
      "a body of another type",
      "post",
      `${HOME}/secrets`,
      failure(415, "UnsupportedMediaType", `the body of the request was in an unknown format - accepted media types include: ${MEDIA}`),
      { body: "name=x", type: "application/x-www-form-urlencoded" },
    ],
    [
      "a patch of no type",
      "patch",
      "/api/v1/namespaces/default",
      failure(415, "UnsupportedMediaType", "415: Unsupported Media Type", {}),
      { body: {}, type: "application/json" },
    ],
  ]);

  it("HEAD is 405 and silent", async () => {
    const { code, text } = await ask("head", `${HOME}/secrets`);
    expect([code, text ?? ""]).toEqual([405, ""]);
  });

  it("YAML goes in and comes out", async () => {
    const made = await ask("post", `${HOME}/configmaps`, {
      type: "application/yaml",
      body: "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yaml\ndata:\n  when: 'on'\n",
    });
    expect([made.code, made.body.data]).toEqual([201, { when: "on" }]);
    const { headers, text } = await ask("get", `${HOME}/configmaps/yaml`, { accept: "application/yaml" });
    expect(headers["content-type"]).toBe("application/yaml");
    expect(text).toMatch(/^apiVersion: v1\ndata:\n {2}when: "on"\nkind: ConfigMap\nmetadata:\n {2}creationTimestamp: "/);
  });
});

describe("#3.1 wire: who asks", () => {
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
  refusals(server, [
    ["a bad token", "get", `${HOME}/secrets`, failure(401, "Unauthorized", "Unauthorized"), bearer("wrong")],
    ["a bad token, even for health", "get", "/healthz", failure(401, "Unauthorized", "Unauthorized"), bearer("wrong")],
    [
      "nobody, a list",
      "get",
      `${HOME}/secrets`,
      failure(403, "Forbidden", 'secrets is forbidden: User "system:anonymous" cannot list resource "secrets" in API group "" in the namespace "default"', {
        kind: "secrets",
      }),
      { headers: { authorization: "" } },
    ],
    [
      "nobody, a watch",
      "get",
      "/api/v1/nodes?watch=1",
      failure(403, "Forbidden", 'nodes is forbidden: User "system:anonymous" cannot watch resource "nodes" in API group "" at the cluster scope', {
        kind: "nodes",
      }),
      { headers: { authorization: "" } },
    ],
    [
      "nobody, an object of a group",
      "put",
      `${APPS}/statefulsets/db`,
      failure(
        403,
        "Forbidden",
        'statefulsets.apps "db" is forbidden: User "system:anonymous" cannot update resource "statefulsets" in API group "apps" in the namespace "default"',
        { name: "db", group: "apps", kind: "statefulsets" },
      ),
      { headers: { authorization: "" }, body: {} },
    ],
    [
      "a resource that is not there: 403 comes first",
      "get",
      `${HOME}/gadgets`,
      failure(403, "Forbidden", 'gadgets is forbidden: User "system:anonymous" cannot list resource "gadgets" in API group "" in the namespace "default"', {
        kind: "gadgets",
      }),
      { headers: { authorization: "" } },
    ],
    [
      "nobody, discovery",
      "get",
      "/apis",
      failure(403, "Forbidden", 'forbidden: User "system:anonymous" cannot get path "/apis"', {}),
      { headers: { authorization: "" } },
    ],
  ]);

  it.each(["/healthz", "/livez", "/readyz", "/version"])("%s is open to everybody", async (path) => {
    expect((await ask("get", path, { headers: { authorization: "" } })).code).toBe(200);
  });
});

describe("#3.1 wire: bodies", () => {
  const odd = (what: string) =>
    failure(400, "BadRequest", `the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: ${what}`);
  const at = `${HOME}/configmaps`;
  refusals(server, [
    ["none", "post", at, odd("unexpected end of JSON input (<empty>)")],
    ["not JSON", "post", at, odd("invalid character 'o' looking for beginning of object key string ({oops)"), { body: "{oops" }],
    [
      "a list",
      "post",
      at,
      odd(
        'json: cannot unmarshal array into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" } (5b315d)',
      ),
      { body: "[1]" },
    ],
    [
      "another version",
      "post",
      `${APPS}/deployments`,
      failure(400, "BadRequest", "the API version in the data (apps/v1beta2) does not match the expected API version (apps/v1)"),
      { body: { ...deployment("x"), apiVersion: "apps/v1beta2" } },
    ],
    [
      "a text for a number",
      "post",
      `${APPS}/deployments`,
      failure(
        400,
        "BadRequest",
        'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
      ),
      { body: deployment("x", "many" as never) },
    ],
    [
      "a number for a text",
      "post",
      at,
      failure(
        400,
        "BadRequest",
        'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
      ),
      { body: config("x", { a: 7 }) },
    ],
  ]);

  it("ends at three megabytes", async () => {
    const at = 3 * 1024 * 1024;
    const { code, body } = await ask("post", `${HOME}/configmaps`, { body: config("big", { v: "x".repeat(at) }) });
    expect([code, body]).toEqual([413, failure(413, "RequestEntityTooLarge", `Request entity too large: limit is ${at}`)]);
  });

  it("a ConfigMap ends at one", async () => {
    const { code, body } = await ask("post", `${HOME}/configmaps`, { body: config("big", { v: "x".repeat(1024 * 1024 + 1) }) });
    expect([code, body.message]).toEqual([422, 'ConfigMap "big" is invalid: []: Too long: may not be more than 1048576 bytes']);
  });

  it("no path or body makes it fall over", async () => {
    const paths = [
      "/api/v1/%",
      "/api/v1/namespaces/%ff%fe/pods",
      "/apis/apps/v1/%2e%2e/x",
      `/${"a/".repeat(500)}`,
      "/api/v1/pods?limit=%zz",
      "/api/v1/pods?labelSelector=%00",
    ];
    for (const path of paths) expect((await ask("get", path)).code).toBeLessThan(500);
    for (let i = 0; i < 30; i++) {
      const { code } = await ask("post", `${HOME}/configmaps`, { body: randomBytes(i * 7).toString("latin1") || " " });
      expect([400, 415]).toContain(code);
    }
    expect((await ask("get", "/readyz")).text).toBe("ok");
  });
});

describe("#3.1 wire: fieldValidation", () => {
  const typo = {
    ...deployment("typo"),
    spec: { ...deployment("typo").spec, replicsa: 3, template: { ...deployment("typo").spec.template, metadata: { labels: { app: "typo" }, lables: {} } } },
  };
  // in the order of the document
  const found = ['unknown field "spec.template.metadata.lables"', 'unknown field "spec.replicsa"'];

  refusals(server, [
    [
      "Strict refuses",
      "post",
      `${APPS}/deployments?fieldValidation=Strict`,
      failure(400, "BadRequest", `Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: ${found.join(", ")}`),
      { body: typo },
    ],
    [
      "Strict refuses what is there twice",
      "post",
      `${HOME}/configmaps?fieldValidation=Strict`,
      failure(400, "BadRequest", 'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: duplicate field "data.k"'),
      { body: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"twice"},"data":{"k":"1","k":"2"}}' },
    ],
    [
      "a mode that is none",
      "post",
      `${HOME}/configmaps?fieldValidation=Relaxed`,
      failure(
        422,
        "Invalid",
        'CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "Relaxed": supported values: "", "Ignore", "Strict", "Warn"',
        {
          group: "meta.k8s.io",
          kind: "CreateOptions",
          causes: [
            {
              reason: "FieldValueNotSupported",
              message: 'Unsupported value: "Relaxed": supported values: "", "Ignore", "Strict", "Warn"',
              field: "fieldValidation",
            },
          ],
        },
      ),
      { body: config("x") },
    ],
  ]);

  it("Warn, which is the default, warns of each; Ignore is silent; both drop the field", async () => {
    for (const mode of ["", "?fieldValidation=Warn", "?fieldValidation=Ignore"]) {
      const { code, body, headers } = await ask("post", `${APPS}/deployments${mode}`, { body: typo });
      expect([code, body.spec.replicsa]).toEqual([201, undefined]);
      const said = headers.warning as string | undefined;
      expect(said).toBe(mode.endsWith("Ignore") ? undefined : found.map((f) => `299 - "${f.replaceAll('"', '\\"')}"`).join(", "));
      await ask("delete", `${APPS}/deployments/typo`);
    }
  });
});

describe("#3.1 wire: discovery, version, health", () => {
  it("the groups and what is in them", async () => {
    expect(await get200("/api")).toEqual({
      kind: "APIVersions",
      versions: ["v1"],
      serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: expect.stringMatching(/^127\.0\.0\.1:\d+$/) }],
    });
    const groups = await get200("/apis");
    expect([groups.kind, groups.apiVersion]).toEqual(["APIGroupList", "v1"]);
    expect(await get200("/apis/apps")).toEqual({
      kind: "APIGroup",
      apiVersion: "v1",
      name: "apps",
      versions: [{ groupVersion: "apps/v1", version: "v1" }],
      preferredVersion: { groupVersion: "apps/v1", version: "v1" },
    });
    const { resources } = await get200("/apis/apps/v1");
    const named = (name: string) => resources.find((r: { name: string }) => r.name === name);
    expect(named("statefulsets")).toEqual({
      name: "statefulsets",
      singularName: "statefulset",
      namespaced: true,
      kind: "StatefulSet",
      verbs: ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
      shortNames: ["sts"],
      categories: ["all"],
      storageVersionHash: expect.any(String),
    });
    expect(named("statefulsets/scale")).toEqual({
      name: "statefulsets/scale",
      singularName: "",
      namespaced: true,
      group: "autoscaling",
      version: "v1",
      kind: "Scale",
      verbs: ["get", "patch", "update"],
    });
  });

  it("aggregated, with an ETag that saves sending it again", async () => {
    const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";
    const { body, headers } = await ask("get", "/apis", { accept });
    expect([body.kind, body.apiVersion, headers["content-type"]]).toEqual([
      "APIGroupDiscoveryList",
      "apidiscovery.k8s.io/v2",
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
    ]);
    const apps = body.items.find((g: { metadata: { name: string } }) => g.metadata.name === "apps");
    expect(apps.versions[0]).toMatchObject({ version: "v1", freshness: "Current" });
    const sets = apps.versions[0].resources.find((r: { resource: string }) => r.resource === "statefulsets");
    expect(sets).toMatchObject({
      responseKind: { group: "", version: "", kind: "StatefulSet" },
      scope: "Namespaced",
      singularResource: "statefulset",
      shortNames: ["sts"],
    });
    expect(sets.subresources.map((s: { subresource: string }) => s.subresource).sort()).toEqual(["scale", "status"]);
    expect(headers.etag).toMatch(/^"[0-9A-F]{128}"$/);
    const again = await ask("get", "/apis", { accept, headers: { "if-none-match": String(headers.etag) } });
    expect([again.code, again.text]).toEqual([304, ""]);
  });

  it("says which version it is, and how it is", async () => {
    expect(await get200("/version")).toMatchObject({ major: "1", minor: "36", gitVersion: "v1.36.3", platform: "linux/amd64" });
    for (const path of ["/healthz", "/livez", "/readyz", "/healthz/ping", "/livez?exclude=etcd"]) {
      const { code, text, headers } = await ask("get", path);
      expect([code, text, headers["content-type"]]).toEqual([200, "ok", "text/plain; charset=utf-8"]);
    }
  });
});
