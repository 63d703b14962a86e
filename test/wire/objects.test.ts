import { describe, expect, it } from "vitest";
import { stable } from "../support/cluster.js";
import { APPS, config, deployment, failure, HOME, invalid, lease, MERGE, refusals, secret, wired } from "./support.js";

const LEASES = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
const server = wired();
const { ask, get200, make } = server;

describe("#3.1 wire: create and get", () => {
  it("answers 201 with the object as it is stored, and gives the same bytes again", async () => {
    const { code, text, body, headers } = await ask("post", `${HOME}/configmaps`, { body: config("plain", { colour: "green" }) });
    expect([code, headers["content-type"], headers["cache-control"]]).toEqual([201, "application/json", "no-cache, private"]);
    expect(headers["audit-id"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(stable(body)).toEqual({
      kind: "ConfigMap",
      apiVersion: "v1",
      metadata: { name: "plain", namespace: "default", uid: "UID", resourceVersion: "RESOURCEVERSION", creationTimestamp: "CREATIONTIMESTAMP" },
      data: { colour: "green" },
    });
    expect(Object.keys(body)).toEqual(["kind", "apiVersion", "metadata", "data"]);
    expect(body.metadata.managedFields).toEqual([
      {
        manager: "wire-test",
        operation: "Update",
        apiVersion: "v1",
        time: body.metadata.creationTimestamp,
        fieldsType: "FieldsV1",
        fieldsV1: { "f:data": { ".": {}, "f:colour": {} } },
      },
    ]);
    expect((await ask("get", `${HOME}/configmaps/plain`)).text).toBe(text);
  });

  it("escapes what Go's encoder escapes, in objects, lists and tables alike", async () => {
    const { text } = await ask("post", `${HOME}/configmaps`, { body: config("escapes", { a: "<b> & \u2028" }) });
    expect(text).toContain('"a":"\\u003cb\\u003e \\u0026 \\u2028"');
    expect((await ask("get", `${HOME}/configmaps?fieldSelector=metadata.name=escapes`)).text).toContain("\\u003cb\\u003e");
  });

  it("defaults what is left out and drops what a client may not say", async () => {
    const made = await make(`${APPS}/deployments`, { ...deployment("defaults"), status: { replicas: 99 } });
    expect(made.status).toEqual({});
    expect(made.metadata.generation).toBe(1);
    expect(made.spec).toMatchObject({
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    });
    expect(made.spec.template.spec).toMatchObject({
      restartPolicy: "Always",
      terminationGracePeriodSeconds: 30,
      dnsPolicy: "ClusterFirst",
      securityContext: {},
      schedulerName: "default-scheduler",
    });
    const own = await make(`${HOME}/secrets`, secret("words", { user: "ann" }));
    expect([own.type, own.data, own.stringData]).toEqual(["Opaque", { user: Buffer.from("ann").toString("base64") }, undefined]);
  });

  it("generates names of five letters that nobody mistakes", async () => {
    const made = await make(`${HOME}/configmaps`, { apiVersion: "v1", kind: "ConfigMap", metadata: { generateName: "batch-" } });
    expect(made.metadata.name).toMatch(/^batch-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(made.metadata.generateName).toBe("batch-");
  });

  refusals(server, [
    ["missing", "get", `${HOME}/secrets/nobody`, failure(404, "NotFound", 'secrets "nobody" not found', { name: "nobody", kind: "secrets" })],
    [
      "missing in a group",
      "get",
      `${LEASES}/nobody`,
      failure(404, "NotFound", 'leases.coordination.k8s.io "nobody" not found', { name: "nobody", group: "coordination.k8s.io", kind: "leases" }),
    ],
    [
      "in a namespace that is not there",
      "post",
      "/api/v1/namespaces/atlantis/configmaps",
      failure(404, "NotFound", 'namespaces "atlantis" not found', { name: "atlantis", kind: "namespaces" }),
      { body: config("x") },
    ],
    [
      "there already",
      "post",
      `${HOME}/services`,
      failure(409, "AlreadyExists", 'services "kubernetes" already exists', { name: "kubernetes", kind: "services" }),
      { body: { apiVersion: "v1", kind: "Service", metadata: { name: "kubernetes" }, spec: { ports: [{ port: 1 }] } } },
    ],
    [
      "without a name",
      "post",
      `${HOME}/secrets`,
      invalid("Secret", "", "metadata.name", "FieldValueRequired", "Required value: name or generateName is required"),
      { body: { apiVersion: "v1", kind: "Secret" } },
    ],
    [
      "of another namespace",
      "post",
      `${HOME}/configmaps`,
      failure(400, "BadRequest", "the namespace of the provided object does not match the namespace sent on the request"),
      { body: config("x", {}, { namespace: "kube-system" }) },
    ],
    [
      "with a resourceVersion",
      "post",
      `${HOME}/configmaps`,
      failure(500, undefined, "resourceVersion should not be set on objects to be created"),
      { body: config("x", {}, { resourceVersion: "7" }) },
    ],
    [
      "with a dotted name where none may be",
      "post",
      "/api/v1/namespaces",
      invalid("Namespace", "team.one", "metadata.name", "FieldValueInvalid", 'Invalid value: "team.one": must not contain dots'),
      { body: { apiVersion: "v1", kind: "Namespace", metadata: { name: "team.one" } } },
    ],
    [
      "a port out of range",
      "post",
      `${HOME}/services`,
      invalid("Service", "far", "spec.ports[0].port", "FieldValueInvalid", "Invalid value: 70000: must be between 1 and 65535, inclusive"),
      { body: { apiVersion: "v1", kind: "Service", metadata: { name: "far" }, spec: { ports: [{ port: 70000, targetPort: 80 }] } } },
    ],
  ]);
});

describe("#3.1 wire: update", () => {
  it("takes the newest or an unconditional one, keeps what nobody may change, and knows when nothing changed", async () => {
    const first = await make(`${HOME}/configmaps`, config("put", { n: "1" }));
    const at = `${HOME}/configmaps/put`;
    const second = await ask("put", at, {
      body: config("put", { n: "2" }, { resourceVersion: first.metadata.resourceVersion, creationTimestamp: "2001-01-01T00:00:00Z" }),
    });
    expect(second.code).toBe(200);
    expect([second.body.metadata.uid, second.body.metadata.creationTimestamp]).toEqual([first.metadata.uid, first.metadata.creationTimestamp]);
    expect(Number(second.body.metadata.resourceVersion)).toBeGreaterThan(Number(first.metadata.resourceVersion));
    const stale = await ask("put", at, { body: config("put", { n: "3" }, { resourceVersion: first.metadata.resourceVersion }) });
    expect([stale.code, stale.body]).toEqual([
      409,
      failure(
        409,
        "Conflict",
        'Operation cannot be fulfilled on configmaps "put": the object has been modified; please apply your changes to the latest version and try again',
        {
          name: "put",
          kind: "configmaps",
        },
      ),
    ]);
    for (const resourceVersion of [undefined, "0"]) {
      const again = await ask("put", at, { body: config("put", { n: "2" }, { resourceVersion }) });
      expect([again.code, again.body.metadata.resourceVersion]).toEqual([200, second.body.metadata.resourceVersion]);
    }
  });

  it("raises the generation with the spec and not with labels or status", async () => {
    await make(`${APPS}/deployments`, deployment("gen"));
    const at = `${APPS}/deployments/gen`;
    const patch = async (path: string, body: object) => (await ask("patch", path, { type: MERGE, body })).body.metadata.generation;
    expect(await patch(at, { metadata: { labels: { a: "b" } } })).toBe(1);
    expect(await patch(at, { spec: { paused: true } })).toBe(2);
    expect(await patch(`${at}/status`, { status: { replicas: 3 } })).toBe(2);
  });

  it("a Lease is made by PUT, and not changed without a version", async () => {
    const made = await ask("put", `${LEASES}/leader`, { body: lease("leader", { holderIdentity: "a" }) });
    expect(made.code).toBe(201);
    const blind = await ask("put", `${LEASES}/leader`, { body: lease("leader", { holderIdentity: "b" }) });
    expect([blind.code, blind.body.message]).toEqual([
      422,
      'leases.coordination.k8s.io "leader" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    ]);
  });

  refusals(server, [
    [
      "missing",
      "put",
      `${HOME}/configmaps/nobody`,
      failure(404, "NotFound", 'configmaps "nobody" not found', { name: "nobody", kind: "configmaps" }),
      { body: config("nobody") },
    ],
    [
      "another name",
      "put",
      `${HOME}/configmaps/put`,
      failure(400, "BadRequest", "the name of the object (other) does not match the name on the URL (put)"),
      { body: config("other") },
    ],
    [
      "no name",
      "put",
      `${HOME}/configmaps/put`,
      failure(400, "BadRequest", "the name of the object (put based on URL) was undeterminable: name must be provided"),
      { body: { apiVersion: "v1", kind: "ConfigMap" } },
    ],
    [
      "a version that is none",
      "put",
      `${HOME}/configmaps/put`,
      failure(500, undefined, 'strconv.ParseUint: parsing "new": invalid syntax'),
      { body: config("put", {}, { resourceVersion: "new" }) },
    ],
    [
      "another kind",
      "put",
      `${HOME}/configmaps/put`,
      failure(400, "BadRequest", 'Secret in version "v1" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion'),
      { body: secret("put") },
    ],
  ]);
});

describe("#3.1 wire: status and scale", () => {
  it("status changes status alone; the object changes everything but", async () => {
    await make(`${APPS}/deployments`, deployment("two-sides"));
    const at = `${APPS}/deployments/two-sides`;
    const first = await get200(at);
    const viaStatus = await ask("put", `${at}/status`, { body: { ...first, spec: { ...first.spec, replicas: 9 }, status: { replicas: 1, readyReplicas: 1 } } });
    expect([viaStatus.code, viaStatus.body.spec.replicas, viaStatus.body.status]).toEqual([200, 1, { replicas: 1, readyReplicas: 1 }]);
    const viaObject = await ask("put", at, { body: { ...viaStatus.body, spec: { ...first.spec, replicas: 4 }, status: {} } });
    expect([viaObject.code, viaObject.body.spec.replicas, viaObject.body.status]).toEqual([200, 4, { replicas: 1, readyReplicas: 1 }]);
  });

  it("scale reads and writes the replicas", async () => {
    const made = await make(`${APPS}/deployments`, deployment("scaled", 2));
    const at = `${APPS}/deployments/scaled/scale`;
    expect(await get200(at)).toEqual({
      kind: "Scale",
      apiVersion: "autoscaling/v1",
      metadata: {
        name: "scaled",
        namespace: "default",
        uid: made.metadata.uid,
        resourceVersion: made.metadata.resourceVersion,
        creationTimestamp: made.metadata.creationTimestamp,
      },
      spec: { replicas: 2 },
      status: { replicas: 0, selector: "app=scaled" },
    });
    const { code, body } = await ask("put", at, {
      body: { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name: "scaled", namespace: "default" }, spec: { replicas: 5 } },
    });
    expect([code, body.spec.replicas]).toEqual([200, 5]);
    expect((await ask("patch", at, { type: MERGE, body: { spec: { replicas: 6 } } })).body.spec.replicas).toBe(6);
    const after = await get200(`${APPS}/deployments/scaled`);
    expect([after.spec.replicas, after.metadata.generation]).toEqual([6, 3]);
    const bad = await ask("patch", at, { type: MERGE, body: { spec: { replicas: -2 } } });
    expect([bad.code, bad.body.message]).toEqual([
      422,
      'Scale.autoscaling "scaled" is invalid: spec.replicas: Invalid value: -2: must be greater than or equal to 0',
    ]);
  });
});

describe("#3.1 wire: delete", () => {
  it("answers with a Status, or with the object where clients want it", async () => {
    const made = await make(`${HOME}/configmaps`, config("short"));
    expect((await ask("delete", `${HOME}/configmaps/short`)).body).toEqual({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Success",
      details: { name: "short", kind: "configmaps", uid: made.metadata.uid },
    });
    await make(`${HOME}/serviceaccounts`, { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "robot" } });
    const answer = await ask("delete", `${HOME}/serviceaccounts/robot`);
    expect([answer.code, answer.body.kind, answer.body.metadata.name]).toEqual([200, "ServiceAccount", "robot"]);
  });

  it("waits for finalizers; a terminating object takes no new ones and no successor", async () => {
    await make(`${HOME}/configmaps`, config("held", {}, { finalizers: ["example.org/one", "example.org/two"] }));
    const at = `${HOME}/configmaps/held`;
    const deleted = await ask("delete", at);
    expect([deleted.code, deleted.body.kind, deleted.body.metadata.deletionGracePeriodSeconds]).toEqual([200, "ConfigMap", 0]);
    expect(deleted.body.metadata.deletionTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect((await ask("post", `${HOME}/configmaps`, { body: config("held") })).body).toEqual(
      failure(409, "AlreadyExists", 'object is being deleted: configmaps "held" already exists', { name: "held", kind: "configmaps" }),
    );
    const more = await ask("patch", at, { type: MERGE, body: { metadata: { finalizers: ["example.org/one", "example.org/two", "example.org/three"] } } });
    const cause = 'Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.org/three"}';
    // found by two of the server's checks: said once, listed twice
    const causes = Array.from({ length: 2 }, () => ({ reason: "FieldValueForbidden", message: cause, field: "metadata.finalizers" }));
    expect(more.body).toEqual(
      failure(422, "Invalid", `ConfigMap "held" is invalid: metadata.finalizers: ${cause}`, { name: "held", kind: "ConfigMap", causes }),
    );
    expect((await ask("patch", at, { type: MERGE, body: { metadata: { finalizers: ["example.org/two"] } } })).code).toBe(200);
    expect((await get200(at)).metadata.finalizers).toEqual(["example.org/two"]);
    expect((await ask("patch", at, { type: MERGE, body: { metadata: { finalizers: null } } })).code).toBe(200);
    expect((await ask("get", at)).code).toBe(404);
  });

  it("keeps to preconditions, and to dryRun", async () => {
    const { metadata } = await make(`${HOME}/configmaps`, config("guarded"));
    const at = `${HOME}/configmaps/guarded`;
    const when = (preconditions: object) => ask("delete", at, { body: { kind: "DeleteOptions", apiVersion: "v1", preconditions } });
    expect((await when({ uid: "someone-else" })).body).toEqual(
      failure(
        409,
        "Conflict",
        `Operation cannot be fulfilled on ConfigMap "guarded": the UID in the precondition (someone-else) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
        { name: "guarded", kind: "ConfigMap" },
      ),
    );
    expect((await when({ resourceVersion: "1" })).body.message).toBe(
      `Operation cannot be fulfilled on ConfigMap "guarded": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
    );
    expect((await ask("delete", `${at}?dryRun=All`)).code).toBe(200);
    expect((await ask("get", at)).code).toBe(200);
    expect((await when({ uid: metadata.uid, resourceVersion: metadata.resourceVersion })).code).toBe(200);
    expect((await ask("get", at)).code).toBe(404);
  });

  it("a collection: by label, by field, dry, and what finalizers hold", async () => {
    for (const [name, team] of [
      ["a", "red"],
      ["b", "red"],
      ["c", "blue"],
    ])
      await make(`${HOME}/secrets`, secret(`set-${name}`, {}, { labels: { team } }));
    const names = async (): Promise<string[]> =>
      (await get200(`${HOME}/secrets?labelSelector=team`)).items.map((s: { metadata: { name: string } }) => s.metadata.name);
    const dry = await ask("delete", `${HOME}/secrets?labelSelector=team%3Dred&dryRun=All`);
    expect([dry.code, dry.body.kind, dry.body.items.length]).toEqual([200, "SecretList", 2]);
    expect(await names()).toEqual(["set-a", "set-b", "set-c"]);
    expect((await ask("delete", `${HOME}/secrets?labelSelector=team%3Dred`)).body.items).toHaveLength(2);
    expect(await names()).toEqual(["set-c"]);
    expect((await ask("delete", `${HOME}/secrets?fieldSelector=metadata.name%3Dset-c`)).body.items).toHaveLength(1);
    expect(await names()).toEqual([]);
  });

  refusals(server, [
    ["missing", "delete", `${HOME}/configmaps/nobody`, failure(404, "NotFound", 'configmaps "nobody" not found', { name: "nobody", kind: "configmaps" })],
    [
      "a grace that is no number",
      "delete",
      `${HOME}/pods/any?gracePeriodSeconds=later`,
      failure(400, "BadRequest", 'strconv.ParseInt: parsing "later": invalid syntax'),
    ],
    [
      "a policy that is none",
      "delete",
      `${HOME}/services/kubernetes?propagationPolicy=Gently`,
      invalid(
        "DeleteOptions",
        "",
        "propagationPolicy",
        "FieldValueNotSupported",
        'Unsupported value: "Gently": supported values: "Foreground", "Background", "Orphan", "nil"',
        "meta.k8s.io",
      ),
    ],
    [
      "options of another kind",
      "delete",
      `${HOME}/services/kubernetes`,
      failure(400, "BadRequest", 'no kind "Secret" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"'),
      { body: { kind: "Secret", apiVersion: "v1" } },
    ],
  ]);
});

describe("#3.1 wire: dryRun", () => {
  it("answers as if, and leaves everything as it was", async () => {
    const tried = await ask("post", `${HOME}/configmaps?dryRun=All`, { body: config("ghost", { a: "1" }) });
    expect([tried.code, tried.body.metadata.uid.length, tried.body.metadata.resourceVersion]).toEqual([201, 36, undefined]);
    expect((await ask("get", `${HOME}/configmaps/ghost`)).code).toBe(404);
    const real = await make(`${HOME}/configmaps`, config("real", { a: "1" }));
    const dry = await ask("put", `${HOME}/configmaps/real?dryRun=All`, { body: config("real", { a: "2" }) });
    expect([dry.code, dry.body.data.a]).toEqual([200, "2"]);
    expect(await get200(`${HOME}/configmaps/real`)).toEqual(real);
  });

  refusals(server, [
    [
      "knows All and nothing else",
      "post",
      `${HOME}/configmaps?dryRun=maybe`,
      invalid("CreateOptions", "", "dryRun", "FieldValueNotSupported", 'Unsupported value: ["maybe"]: supported values: "All"', "meta.k8s.io"),
      { body: config("x") },
    ],
  ]);
});
