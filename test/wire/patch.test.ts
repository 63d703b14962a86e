import { describe, expect, it } from "vitest";
import { APPLY, APPS, config, deployment, failure, HOME, invalid, JSON_PATCH, MERGE, refusals, STRATEGIC, wired } from "./support.js";

const server = wired();
const { ask, get200, make } = server;
const at = `${HOME}/configmaps/map`;

describe("#3.1 wire: patches", () => {
  it("merge: sets, adds, and null takes away", async () => {
    await make(`${HOME}/configmaps`, config("map", { a: "1", b: "2" }));
    const { code, body } = await ask("patch", at, { type: MERGE, body: { data: { a: "9", b: null, c: "3" } } });
    expect([code, body.data]).toEqual([200, { a: "9", c: "3" }]);
    expect((await ask("patch", at, { type: `${MERGE}; charset=utf-8`, body: { data: null } })).body.data).toBeUndefined();
  });

  it("JSON: six operations, all or none", async () => {
    await ask("put", at, { body: config("map", { a: "1" }, { annotations: { "example.org/note": "n" } }) });
    const operations = [
      { op: "test", path: "/data/a", value: "1" },
      { op: "add", path: "/data/b", value: "2" },
      { op: "replace", path: "/data/a", value: "3" },
      { op: "copy", from: "/data/b", path: "/data/c" },
      { op: "move", from: "/metadata/annotations/example.org~1note", path: "/data/d" },
      { op: "remove", path: "/data/b" },
    ];
    const { code, body } = await ask("patch", at, { type: JSON_PATCH, body: operations });
    expect([code, body.data, body.metadata.annotations]).toEqual([200, { a: "3", c: "2", d: "n" }, undefined]);
    // the last operation fails: none has happened
    expect(
      (
        await ask("patch", at, {
          type: JSON_PATCH,
          body: [
            { op: "remove", path: "/data/a" },
            { op: "remove", path: "/data/a" },
          ],
        })
      ).code,
    ).toBe(422);
    expect((await get200(at)).data).toEqual({ a: "3", c: "2", d: "n" });
  });

  it("strategic: containers by name, $patch, and the order asked for", async () => {
    await make(`${APPS}/deployments`, deployment("strategic"));
    const path = `${APPS}/deployments/strategic`;
    const containers = async (patch: object) => {
      const { code, body, text } = await ask("patch", path, { type: STRATEGIC, body: { spec: { template: { spec: patch } } } });
      expect([code, code === 200 ? "" : text]).toEqual([200, ""]);
      return body.spec.template.spec.containers.map((c: { name: string; image: string }) => `${c.name} ${c.image}`);
    };
    expect(await containers({ containers: [{ name: "side", image: "shop/log:1" }] })).toEqual(["side shop/log:1", "main shop/api:3"]);
    expect(await containers({ containers: [{ name: "main", image: "shop/api:4" }] })).toEqual(["side shop/log:1", "main shop/api:4"]);
    expect(await containers({ "$setElementOrder/containers": [{ name: "main" }, { name: "side" }] })).toEqual(["main shop/api:4", "side shop/log:1"]);
    expect(await containers({ containers: [{ name: "side", $patch: "delete" }] })).toEqual(["main shop/api:4"]);
    expect(await containers({ containers: [{ $patch: "replace" }, { name: "only", image: "shop/all:1" }] })).toEqual(["only shop/all:1"]);
  });

  it("apply: creates, owns, is refused what others own, takes it by force, drops what it no longer says", async () => {
    const path = `${HOME}/configmaps/applied`;
    const apply = (manager: string, data: object, more = "") =>
      ask("patch", `${path}?fieldManager=${manager}${more}`, {
        type: APPLY,
        body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "applied" }, data },
      });
    expect((await apply("ann", { a: "1", b: "1" })).code).toBe(201);
    const refused = await apply("bob", { a: "2", b: "2" });
    expect([refused.code, refused.body]).toEqual([
      409,
      failure(409, "Conflict", 'Apply failed with 2 conflicts: conflicts with "ann":\n- .data.a\n- .data.b', {
        causes: [
          { reason: "FieldManagerConflict", message: 'conflict with "ann"', field: ".data.a" },
          { reason: "FieldManagerConflict", message: 'conflict with "ann"', field: ".data.b" },
        ],
      }),
    ]);
    expect((await apply("bob", { a: "2" }, "&force=true")).body.data).toEqual({ a: "2", b: "1" });
    const last = await apply("ann", { b: "1", c: "1" });
    expect(last.body.data).toEqual({ a: "2", b: "1", c: "1" });
    expect((await apply("ann", { c: "1" })).body.data).toEqual({ a: "2", c: "1" });
    const { metadata } = await get200(path);
    expect(metadata.managedFields.map((m: { manager: string; operation: string; fieldsV1: object }) => [m.manager, m.operation, m.fieldsV1])).toEqual([
      ["ann", "Apply", { "f:data": { "f:c": {} } }],
      ["bob", "Apply", { "f:data": { "f:a": {} } }],
    ]);
  });

  it("nothing changed is nothing written", async () => {
    const before = await make(`${HOME}/configmaps`, config("same", { a: "1" }));
    for (const [type, body] of [
      [MERGE, { data: { a: "1" } }],
      [STRATEGIC, { data: { a: "1" } }],
      [JSON_PATCH, [{ op: "replace", path: "/data/a", value: "1" }]],
    ] as const)
      expect((await ask("patch", `${HOME}/configmaps/same`, { type, body })).body.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });

  const rejected = failure(422, "Invalid", "the server rejected our request due to an error in our request", {});
  const service = "/api/v1/namespaces/default/services/kubernetes";
  refusals(server, [
    [
      "missing",
      "patch",
      `${HOME}/secrets/nobody`,
      failure(404, "NotFound", 'secrets "nobody" not found', { name: "nobody", kind: "secrets" }),
      { type: MERGE, body: {} },
    ],
    ["a test that fails", "patch", service, rejected, { type: JSON_PATCH, body: [{ op: "test", path: "/spec/type", value: "NodePort" }] }],
    ["a path that is not there", "patch", service, rejected, { type: JSON_PATCH, body: [{ op: "remove", path: "/spec/nothing" }] }],
    ["an operation nobody knows", "patch", service, rejected, { type: JSON_PATCH, body: [{ op: "swap", path: "/spec" }] }],
    [
      "a JSON patch that is no list",
      "patch",
      service,
      failure(400, "BadRequest", "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp"),
      { type: JSON_PATCH, body: {} },
    ],
    [
      "a merge patch that is a list",
      "patch",
      service,
      failure(400, "BadRequest", "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}"),
      { type: MERGE, body: [] },
    ],
    [
      "a merge patch that is no JSON",
      "patch",
      service,
      failure(400, "BadRequest", "error decoding patch: invalid character 'x' looking for beginning of object key string"),
      { type: MERGE, body: "{x" },
    ],
    [
      "another name",
      "patch",
      service,
      failure(400, "BadRequest", "the name of the object (other) does not match the name on the URL (kubernetes)"),
      { type: MERGE, body: { metadata: { name: "other" } } },
    ],
    [
      "a version that has passed",
      "patch",
      service,
      failure(
        409,
        "Conflict",
        'Operation cannot be fulfilled on services "kubernetes": the object has been modified; please apply your changes to the latest version and try again',
        { name: "kubernetes", kind: "services" },
      ),
      { type: MERGE, body: { metadata: { resourceVersion: "1" } } },
    ],
    [
      "apply without a manager",
      "patch",
      service,
      invalid("PatchOptions", "", "fieldManager", "FieldValueRequired", "Required value: is required for apply patch", "meta.k8s.io"),
      { type: APPLY, body: {} },
    ],
    [
      "apply with managedFields",
      "patch",
      `${service}?fieldManager=ann`,
      failure(400, "BadRequest", "metadata.managedFields must be nil"),
      { type: APPLY, body: { apiVersion: "v1", kind: "Service", metadata: { name: "kubernetes", managedFields: [] } } },
    ],
    [
      "force where there is nothing to force",
      "patch",
      `${service}?force=true`,
      invalid("PatchOptions", "", "force", "FieldValueForbidden", "Forbidden: may not be specified for non-apply patch", "meta.k8s.io"),
      { type: MERGE, body: {} },
    ],
  ]);
});
