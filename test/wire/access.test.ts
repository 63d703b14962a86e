import { describe, expect, it } from "vitest";
import { config, failure, HOME, MERGE, type More, refusals, wired } from "./support.js";

const server = wired();
const { ask, make } = server;
const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const ROLES = `${RBAC}/namespaces/default/roles`;
const BINDINGS = `${RBAC}/namespaces/default/rolebindings`;
const REVIEWS = "/apis/authorization.k8s.io/v1";
const WHO = "/apis/authentication.k8s.io/v1";
const GROUP = "rbac.authorization.k8s.io";

/** `eve`, `eve: devs, ops`: the headers that make it so. */
function as(text: string): More {
  const [user = "", groups] = text.split(": ");
  return { headers: { "impersonate-user": user, ...(groups ? { "impersonate-group": groups.split(", ") as unknown as string } : {}) } };
}
const rule = (resources: string[], verbs: string[], apiGroups = [""], more: object = {}) => ({ apiGroups, resources, verbs, ...more });
const role = (name: string, ...rules: object[]) => ({ metadata: { name }, rules });
const binding = (name: string, kind: string, to: string, ...users: string[]) => ({
  metadata: { name },
  roleRef: { kind, name: to },
  subjects: users.map((u) => ({ kind: "User", name: u })),
});
const forbidden = (message: string, details: object) => failure(403, "Forbidden", message, details);
const cannot = (user: string, rest: string) => `User "${user}" cannot ${rest}`;

describe("#4.5 access: who may not", () => {
  const bob = as("bob");
  const denied = (verb: string, name: string, where = 'in the namespace "default"') =>
    forbidden(`secrets ${name && `"${name}" `}is forbidden: ${cannot("bob", `${verb} resource "secrets" in API group "" ${where}`)}`, {
      ...(name && { name }),
      kind: "secrets",
    });
  refusals(server, [
    ["list", "get", `${HOME}/secrets`, denied("list", ""), bob],
    ["watch", "get", `${HOME}/secrets?watch=1`, denied("watch", ""), bob],
    ["watch=false is a list", "get", `${HOME}/secrets?watch=false`, denied("list", ""), bob],
    ["the old watch path", "get", "/api/v1/watch/namespaces/default/secrets/x", denied("watch", "x"), bob],
    ["list one name", "get", `${HOME}/secrets?fieldSelector=metadata.name%3Dx`, denied("list", "x"), bob],
    ["get", "get", `${HOME}/secrets/x`, denied("get", "x"), bob],
    ["create", "post", `${HOME}/secrets`, denied("create", ""), { ...bob, body: {} }],
    ["update", "put", `${HOME}/secrets/x`, denied("update", "x"), { ...bob, body: {} }],
    ["patch", "patch", `${HOME}/secrets/x`, denied("patch", "x"), { ...bob, body: {}, type: MERGE }],
    ["delete", "delete", `${HOME}/secrets/x`, denied("delete", "x"), bob],
    ["deletecollection", "delete", `${HOME}/secrets`, denied("deletecollection", ""), bob],
    ["all namespaces", "get", "/api/v1/secrets", denied("list", "", "at the cluster scope"), bob],
    [
      "a subresource of a group",
      "get",
      "/apis/apps/v1/namespaces/default/deployments/d/scale",
      forbidden(`deployments.apps "d" is forbidden: ${cannot("bob", 'get resource "deployments/scale" in API group "apps" in the namespace "default"')}`, {
        name: "d",
        group: "apps",
        kind: "deployments",
      }),
      bob,
    ],
    [
      "a namespace is in itself",
      "get",
      "/api/v1/namespaces/shop/status",
      forbidden(`namespaces "shop" is forbidden: ${cannot("bob", 'get resource "namespaces/status" in API group "" in the namespace "shop"')}`, {
        name: "shop",
        kind: "namespaces",
      }),
      bob,
    ],
    [
      "before anybody looks whether it is there",
      "get",
      `${HOME}/gadgets/x`,
      forbidden(`gadgets "x" is forbidden: ${cannot("bob", 'get resource "gadgets" in API group "" in the namespace "default"')}`, {
        name: "x",
        kind: "gadgets",
      }),
      bob,
    ],
    ["a path", "get", "/metrics", forbidden(`forbidden: ${cannot("bob", 'get path "/metrics"')}`, {}), bob],
    ["a path, posted", "post", "/apis", forbidden(`forbidden: ${cannot("bob", 'post path "/apis"')}`, {}), bob],
    ["names that look like HTML", "get", "/metrics", forbidden('forbidden: User "&lt;b&gt;&amp;" cannot get path "/metrics"', {}), as("<b>&")],
    ["nobody", "get", "/api", forbidden(`forbidden: ${cannot("system:anonymous", 'get path "/api"')}`, {}), { headers: { authorization: "" } }],
    [
      "basic authentication is nobody",
      "get",
      "/api",
      forbidden(`forbidden: ${cannot("system:anonymous", 'get path "/api"')}`, {}),
      { headers: { authorization: "Basic YTpi" } },
    ],
    [
      "a token behind two spaces is nobody",
      "get",
      "/api",
      forbidden(`forbidden: ${cannot("system:anonymous", 'get path "/api"')}`, {}),
      { headers: { authorization: "Bearer  x" } },
    ],
    ["a wrong token", "get", "/healthz", failure(401, "Unauthorized", "Unauthorized"), { headers: { authorization: "Bearer wrong" } }],
  ]);
  it.each([
    ["/healthz", "", 200],
    ["/version", "", 200],
    ["/version/", "", 200],
    ["/apis", "", 403],
    ["/apis/apps", "eve", 200],
    ["/api/v1", "eve", 200],
    ["/openapi/v3", "eve", 200],
    ["/metrics", "eve", 403],
    ["/apis/apps", "system:anonymous", 403],
  ])("%s is open to %j: %i", async (path, who, code) => {
    expect((await ask("get", path, who ? as(who) : { headers: { authorization: "" } })).code).toBe(code);
  });
});

describe("#4.5 access: roles and bindings", () => {
  it("a change counts from the next request on", async () => {
    const may = async (who: string, path: string) => (await ask("get", path, as(who))).code;
    expect(await may("ann", `${HOME}/configmaps`)).toBe(403);
    await make(ROLES, role("reader", rule(["configmaps"], ["get", "list"])));
    expect(await may("ann", `${HOME}/configmaps`)).toBe(403);
    const subjects = [
      { kind: "User", name: "ann" },
      { kind: "Group", name: "readers" },
      { kind: "ServiceAccount", name: "robot" },
    ];
    await make(BINDINGS, { metadata: { name: "reader" }, roleRef: { kind: "Role", name: "reader" }, subjects });
    for (const who of ["ann", "zoe: readers", "system:serviceaccount:default:robot"]) expect([who, await may(who, `${HOME}/configmaps`)]).toEqual([who, 200]);
    expect(await may("system:serviceaccount:kube-system:robot", `${HOME}/configmaps`)).toBe(403);
    expect(await may("ann", "/api/v1/configmaps")).toBe(403);
    expect(await may("ann", `${HOME}/configmaps/none`)).toBe(404);
    await ask("patch", `${ROLES}/reader`, { type: MERGE, body: { rules: [rule(["configmaps"], ["get"])] } });
    expect(await may("ann", `${HOME}/configmaps`)).toBe(403);
    expect(await may("ann", `${HOME}/configmaps/none`)).toBe(404);
    await ask("delete", `${BINDINGS}/reader`);
    expect(await may("ann", `${HOME}/configmaps/none`)).toBe(403);
  });
  it("a role that is not there is part of the refusal, each once", async () => {
    await make(BINDINGS, binding("lost", "Role", "nowhere", "lou"));
    await make(BINDINGS, binding("lost-2", "ClusterRole", "nowhere", "lou"));
    await make(BINDINGS, binding("lost-3", "Role", "nowhere", "lou"));
    const { body } = await ask("get", `${HOME}/secrets`, as("lou"));
    expect(body.message).toBe(
      `secrets is forbidden: ${cannot("lou", 'list resource "secrets" in API group "" in the namespace "default"')}: RBAC: [role.${GROUP} "nowhere" not found, clusterrole.${GROUP} "nowhere" not found]`,
    );
    await ask("delete", `${BINDINGS}/lost-2`);
    const { body: one } = await ask("get", `${HOME}/secrets`, as("lou"));
    expect(one.message.endsWith(`"default": RBAC: role.${GROUP} "nowhere" not found`)).toBe(true);
  });
  it("a PUT and an apply that create want the right to create", async () => {
    const leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
    await make(ROLES, role("toucher", rule(["leases"], ["update", "patch"], ["coordination.k8s.io"])));
    await make(BINDINGS, binding("toucher", "Role", "toucher", "tom"));
    const body = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: "x" }, spec: {} };
    const expected = forbidden(
      `leases.coordination.k8s.io "x" is forbidden: ${cannot("tom", 'create resource "leases" in API group "coordination.k8s.io" in the namespace "default"')}`,
      { name: "x", group: "coordination.k8s.io", kind: "leases" },
    );
    expect((await ask("put", `${leases}/x`, { ...as("tom"), body })).body).toEqual(expected);
    expect((await ask("patch", `${leases}/x?fieldManager=m`, { ...as("tom"), body, type: "application/apply-patch+yaml" })).body).toEqual(expected);
    await ask("put", `${leases}/x`, { body });
    expect((await ask("patch", `${leases}/x?fieldManager=m`, { ...as("tom"), body, type: "application/apply-patch+yaml" })).code).toBe(200);
  });
});

describe("#4.5 access: nobody grants what he does not hold", () => {
  const refused = (resource: string, name: string, missing: string, namespace = "") =>
    forbidden(
      `${resource}.${GROUP} "${name}" is forbidden: user "max" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n${missing}${namespace}`,
      { name, group: GROUP, kind: resource },
    );
  const max = as("max");
  it("roles, bindings, and the rights to do it all the same", async () => {
    await make(ROLES, role("manager", rule(["roles", "rolebindings"], ["create", "patch", "update"], [GROUP]), rule(["configmaps"], ["get"])));
    await make(BINDINGS, binding("manager", "Role", "manager", "max"));
    expect((await ask("post", ROLES, { ...max, body: role("fine", rule(["configmaps"], ["get"])) })).code).toBe(201);
    expect((await ask("post", ROLES, { ...max, body: role("more", rule(["configmaps", "secrets"], ["get", "delete"])) })).body).toEqual(
      refused("roles", "more", '{APIGroups:[""], Resources:["configmaps"], Verbs:["delete"]}\n{APIGroups:[""], Resources:["secrets"], Verbs:["get" "delete"]}'),
    );
    // before validation, and before a name is made up
    const unnamed = (await ask("post", ROLES, { ...max, body: { metadata: { generateName: "r-" }, rules: [rule(["secrets"], ["get"]), {}] } })).body;
    expect(unnamed.message).toMatch(/^roles\.rbac\.authorization\.k8s\.io is forbidden: user "max"/);
    expect((await ask("patch", `${ROLES}/fine`, { ...max, type: MERGE, body: { rules: [rule(["secrets"], ["get"])] } })).body).toEqual(
      refused("roles", "fine", '{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}'),
    );
    expect((await ask("post", BINDINGS, { ...max, body: binding("ok", "Role", "fine", "x") })).code).toBe(201);
    expect((await ask("post", BINDINGS, { ...max, body: binding("no", "ClusterRole", "system:node-bootstrapper", "x") })).body).toEqual(
      refused("rolebindings", "no", '{APIGroups:["certificates.k8s.io"], Resources:["certificatesigningrequests"], Verbs:["create" "get" "list" "watch"]}'),
    );
    expect((await ask("post", BINDINGS, { ...max, body: binding("no", "Role", "not-there", "x") })).body).toEqual(
      failure(404, "NotFound", `rolebindings.${GROUP} "not-there" not found`, { name: "not-there", group: GROUP, kind: "rolebindings" }),
    );
    expect((await ask("post", BINDINGS, { ...max, body: binding("no", "Thing", "x", "x") })).body).toEqual(
      failure(500, undefined, 'unsupported role reference kind: "Thing"'),
    );
    // who holds too much of another's may still let it go
    await make(ROLES, { ...role("theirs", rule(["secrets"], ["get"])), metadata: { name: "theirs", finalizers: ["x.org/f"] } });
    expect((await ask("patch", `${ROLES}/theirs`, { ...max, type: MERGE, body: { metadata: { finalizers: null } } })).code).toBe(200);
    expect((await ask("patch", `${ROLES}/theirs`, { ...max, type: MERGE, body: { metadata: { labels: { a: "b" } } } })).code).toBe(403);

    await make(ROLES, role("escalator", rule(["roles"], ["escalate"], [GROUP]), rule(["clusterroles"], ["bind"], [GROUP], { resourceNames: ["view"] })));
    await make(BINDINGS, binding("escalator", "Role", "escalator", "max"));
    expect((await ask("post", ROLES, { ...max, body: role("more", rule(["secrets"], ["get"])) })).code).toBe(201);
    expect((await ask("post", BINDINGS, { ...max, body: binding("view", "ClusterRole", "view", "x") })).code).toBe(201);
    expect((await ask("post", BINDINGS, { ...max, body: binding("no", "ClusterRole", "system:node-bootstrapper", "x") })).code).toBe(403);
  });
  it("an aggregated role wants everything", async () => {
    await make(`${RBAC}/clusterroles`, role("collector", rule(["clusterroles"], ["create"], [GROUP])));
    await make(`${RBAC}/clusterrolebindings`, binding("collector", "ClusterRole", "collector", "max"));
    const body = { metadata: { name: "all" }, aggregationRule: { clusterRoleSelectors: [{}] } };
    expect((await ask("post", `${RBAC}/clusterroles`, { ...max, body })).body).toEqual(
      forbidden(`clusterroles.${GROUP} "all" is forbidden: must have cluster-admin privileges to use the aggregationRule`, {
        name: "all",
        group: GROUP,
        kind: "clusterroles",
      }),
    );
    expect((await ask("post", `${RBAC}/clusterroles`, { body })).code).toBe(201);
  });
});

describe("#4.5 access: acting as somebody else", () => {
  const whoami = async (headers: Record<string, unknown>) =>
    (await ask("post", `${WHO}/selfsubjectreviews`, { headers: headers as Record<string, string>, body: {} })).body;
  it.each([
    ["a user", { "impersonate-user": "eve" }, { username: "eve", groups: ["system:authenticated"] }],
    ["with groups", { "impersonate-user": "eve", "impersonate-group": ["devs", "ops"] }, { username: "eve", groups: ["devs", "ops", "system:authenticated"] }],
    [
      "an account",
      { "impersonate-user": "system:serviceaccount:shop:till" },
      { username: "system:serviceaccount:shop:till", groups: ["system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated"] },
    ],
    ["a node", { "impersonate-user": "system:node:n1" }, { username: "system:node:n1", groups: ["system:nodes", "system:authenticated"] }],
    [
      "the administrators' group",
      { "impersonate-user": "eve", "impersonate-group": "system:masters" },
      { username: "eve", groups: ["system:masters", "system:authenticated"] },
    ],
    [
      "uid and extra",
      { "impersonate-user": "eve", "impersonate-uid": "u-7", "Impersonate-Extra-Shop.org%2fScopes": ["view", "buy"] },
      { username: "eve", uid: "u-7", groups: ["system:authenticated"], extra: { "shop.org/scopes": ["view", "buy"] } },
    ],
  ])("%s", async (_name, headers, userInfo) => {
    const { kind, metadata, status } = await whoami(headers);
    expect([kind, Object.keys(metadata), status]).toEqual(["SelfSubjectReview", ["creationTimestamp"], { userInfo }]);
  });
  it("nobody stays nobody", async () => {
    const { message } = await whoami({ "impersonate-user": "system:anonymous" });
    expect(message).toContain(cannot("system:anonymous", 'create resource "selfsubjectreviews"'));
    const admin = { "impersonate-user": "system:anonymous", "impersonate-group": "system:masters" };
    expect((await whoami(admin)).status.userInfo.groups).toEqual(["system:masters", "system:unauthenticated"]);
  });
  const without = (user: string) => failure(400, "BadRequest", `requested &user.DefaultInfo{Name:"", ${user}} without impersonating a user name`);
  refusals(server, [
    [
      "a group without a user",
      "get",
      "/api",
      without('UID:"", Groups:[]string{"a", "b"}, Extra:map[string][]string(nil)'),
      { headers: { "impersonate-group": ["a", "b"] as unknown as string } },
    ],
    [
      "extra without a user",
      "get",
      "/api",
      without('UID:"u", Groups:[]string(nil), Extra:map[string][]string{"k":[]string{"v"}}'),
      { headers: { "impersonate-uid": "u", "impersonate-extra-k": "v" } },
    ],
    [
      "without the right, of a request without a token",
      "get",
      `${HOME}/pods`,
      forbidden(
        `pods is forbidden: ${cannot("system:anonymous", 'impersonate-on:user-info:list resource "pods" in API group "" in the namespace "default"')}`,
        { kind: "pods" },
      ),
      { headers: { authorization: "", "impersonate-user": "eve" } },
    ],
  ]);
});

describe("#4.5 access: reviews", () => {
  const review = async (resource: string, spec: object, more: More = {}, metadata: object = {}) =>
    (await ask("post", `${REVIEWS}/${resource}`, { ...more, body: { metadata, spec } })).body;
  it("say what would be, and why", async () => {
    await make(ROLES, role("seer", rule(["configmaps"], ["get"])));
    await make(BINDINGS, binding("seer", "Role", "seer", "sam"));
    const get = { namespace: "default", verb: "get", resource: "configmaps" };
    const why = 'RBAC: allowed by RoleBinding "seer/default" of Role "seer" to User "sam"';
    const found = await review("subjectaccessreviews", { user: "sam", resourceAttributes: get });
    expect([found.kind, found.spec, found.status]).toEqual(["SubjectAccessReview", { resourceAttributes: get, user: "sam" }, { allowed: true, reason: why }]);
    expect((await review("subjectaccessreviews", { user: "sam", resourceAttributes: { ...get, verb: "list" } })).status).toEqual({ allowed: false });
    expect((await review("subjectaccessreviews", { groups: ["system:masters"], nonResourceAttributes: { path: "/x", verb: "get" } })).status).toEqual({
      allowed: true,
    });
    expect((await review("namespaces/default/localsubjectaccessreviews", { user: "sam", resourceAttributes: get })).status).toEqual({
      allowed: true,
      reason: why,
    });
    expect((await review("selfsubjectaccessreviews", { resourceAttributes: get }, as("sam"))).status).toEqual({ allowed: true, reason: why });
    expect((await review("subjectaccessreviews", { user: "lou", resourceAttributes: get })).status).toEqual({
      allowed: false,
      reason: `RBAC: role.${GROUP} "nowhere" not found`,
    });
    const selectors = {
      labelSelector: { rawSelector: "a in (" },
      fieldSelector: {
        requirements: [
          { key: "a", operator: "In", values: ["b"] },
          { key: "a", operator: "Is" },
        ],
      },
    };
    expect((await review("subjectaccessreviews", { user: "sam", resourceAttributes: { ...get, ...selectors } })).status.evaluationError).toBe(
      "spec.resourceAttributes.fieldSelector partially ignored due to parse error; spec.resourceAttributes.labelSelector ignored due to parse error",
    );
    const { status } = await review("selfsubjectrulesreviews", { namespace: "default" }, as("sam"));
    expect(status.resourceRules).toEqual([
      { verbs: ["create"], apiGroups: ["authorization.k8s.io"], resources: ["selfsubjectaccessreviews", "selfsubjectrulesreviews"] },
      { verbs: ["create"], apiGroups: ["authentication.k8s.io"], resources: ["selfsubjectreviews"] },
      { verbs: ["get"], apiGroups: [""], resources: ["configmaps"] },
    ]);
    expect(status.nonResourceRules.map((r: { nonResourceURLs: string[] }) => r.nonResourceURLs.length)).toEqual([11, 5]);
    expect(status.incomplete).toBe(false);
  });
  const findings = (...errors: (readonly [field: string, message: string])[]) => {
    const texts = errors.map(([field, message]) => `${field}: Invalid value: ${message}`);
    return failure(422, "Invalid", `.authorization.k8s.io "" is invalid: ${texts.length > 1 ? `[${texts.join(", ")}]` : texts[0]}`, {
      group: "authorization.k8s.io",
      causes: errors.map(([field, message]) => ({ reason: "FieldValueInvalid", message: `Invalid value: ${message}`, field })),
    });
  };
  const local = `${REVIEWS}/namespaces/default/localsubjectaccessreviews`;
  const path = { path: "/", verb: "get" };
  refusals(server, [
    [
      "about nothing and nobody",
      "post",
      `${REVIEWS}/subjectaccessreviews`,
      findings(
        ["spec.resourceAttributes", "null: exactly one of nonResourceAttributes or resourceAttributes must be specified"],
        ["spec.user", '"": at least one of user or group must be specified'],
      ),
      { body: {} },
    ],
    [
      "about two things",
      "post",
      `${REVIEWS}/selfsubjectaccessreviews`,
      findings(["spec.nonResourceAttributes", '{"Path":"/","Verb":"get"}: cannot be specified in combination with resourceAttributes']),
      { body: { spec: { resourceAttributes: {}, nonResourceAttributes: path } } },
    ],
    [
      "about another namespace",
      "post",
      local,
      findings(["spec.resourceAttributes.namespace", '"shop": must match metadata.namespace']),
      { body: { spec: { user: "a", resourceAttributes: { namespace: "shop" } } } },
    ],
    [
      "about a path in a namespace",
      "post",
      local,
      findings(["spec.nonResourceAttributes", '{"Path":"/","Verb":"get"}: disallowed on this kind of request']),
      { body: { spec: { user: "a", nonResourceAttributes: path } } },
    ],
    ["without a namespace", "post", `${REVIEWS}/selfsubjectrulesreviews`, failure(400, "BadRequest", "no namespace on request"), { body: {} }],
    ["without a token", "post", `${WHO}/tokenreviews`, failure(400, "BadRequest", "token is required for TokenReview in authentication"), { body: {} }],
    [
      "are not listed",
      "get",
      `${REVIEWS}/subjectaccessreviews`,
      failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {}),
    ],
    ["are not kept", "get", `${REVIEWS}/subjectaccessreviews/x`, failure(404, "NotFound", "the server could not find the requested resource", {})],
    [
      "are not made elsewhere",
      "post",
      `${REVIEWS}/localsubjectaccessreviews`,
      failure(404, "NotFound", "the server could not find the requested resource", {}),
      { body: {} },
    ],
  ]);
  it("have no name", async () => {
    const spec = { user: "a", nonResourceAttributes: path };
    const { message } = await review("subjectaccessreviews", spec, {}, { name: "x" });
    expect(message).toMatch(
      /^\.authorization\.k8s\.io "" is invalid: metadata: Invalid value: \{"name":"x","managedFields":\[\{"manager":"wire-test",.*\}\]\}: must be empty$/,
    );
    expect((await review("namespaces/default/localsubjectaccessreviews", spec, {}, { labels: { a: "b" } })).details.causes[0].message).toMatch(
      /: must be empty except for namespace$/,
    );
  });
  it("know a token", async () => {
    const judge = async (spec: object) => (await ask("post", `${WHO}/tokenreviews`, { body: { spec } })).body.status;
    const audiences = ["https://kubernetes.default.svc.cluster.local"];
    const user = { username: "admin", uid: "admin", groups: ["system:masters", "system:authenticated"] };
    expect(await judge({ token: server.cluster.token })).toEqual({ authenticated: true, user, audiences });
    expect(await judge({ token: server.cluster.token, audiences: ["shop", ...audiences] })).toEqual({ authenticated: true, user, audiences });
    for (const spec of [{ token: "x" }, { token: server.cluster.token, audiences: ["shop"] }])
      expect(await judge(spec)).toEqual({ error: "invalid bearer token", user: {} });
  });
});

describe("#4.5 access: AlwaysAllow", () => {
  const open = wired({ controllers: false, authorization: "AlwaysAllow" });
  it("lets everybody do everything, but nobody in with a wrong token", async () => {
    expect((await open.ask("get", `${HOME}/secrets`, as("bob"))).code).toBe(200);
    expect((await open.ask("get", "/api", { headers: { authorization: "" } })).code).toBe(200);
    expect((await open.ask("get", "/api", { headers: { authorization: "Bearer x" } })).code).toBe(401);
    expect((await open.ask("post", ROLES, { ...as("bob"), body: role("all", rule(["*"], ["*"], ["*"])) })).code).toBe(201);
    const rules = await open.ask("post", `${REVIEWS}/selfsubjectrulesreviews`, { ...as("bob"), body: { spec: { namespace: "x" } } });
    expect(rules.body.status.resourceRules).toEqual([{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }]);
    expect((await open.ask("post", `${HOME}/configmaps`, { ...as("bob"), body: config("c") })).code).toBe(201);
  });
});
