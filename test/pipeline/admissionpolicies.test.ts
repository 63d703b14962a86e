import { beforeEach, describe, expect, it } from "vitest";
import type { UserInfo } from "../../server/pipeline/types.js";
import { refusal, type World, world } from "./world.js";

let w: World;
beforeEach(async () => {
  w = await world();
});

const jane: UserInfo = { name: "jane", uid: "7", groups: ["dev", "system:authenticated"], extra: { k: ["v", "w"], a: ["b"] } };
const JANE = "&{jane 7 [dev system:authenticated] map[a:[b] k:[v w]]}";
const CM = { apiVersion: "v1", kind: "ConfigMap" };
const FOO = { apiVersion: "x.io/v1", kind: "Foo" };
const matchConstraints = { resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], resources: ["pods"], operations: ["CREATE"] }] };

const policy = (name: string, paramKind: object | undefined, changes = {}, expression = "true") =>
  w.create(`validatingadmissionpolicies/${name}`, { spec: { paramKind, matchConstraints, validations: [{ expression }] } }, changes);
const mutating = (name: string, paramKind: object, changes = {}) => {
  const mutations = [{ patchType: "JSONPatch", jsonPatch: { expression: '[JSONPatch{op: "remove", path: "/x"}]' } }];
  return w.create(`mutatingadmissionpolicies/${name}`, { spec: { paramKind, matchConstraints, reinvocationPolicy: "Never", mutations } }, changes);
};
const ref = (fields: object) => ({ parameterNotFoundAction: "Deny", ...fields });
const binding = (kind: "validating" | "mutating", policyName: string, paramRef: object | undefined, changes: object = { user: jane }) =>
  w.create(`${kind}admissionpolicybindings/b`, { spec: { policyName, paramRef, ...(kind === "validating" ? { validationActions: ["Deny"] } : {}) } }, changes);
const grant = async (rules: object[], namespace?: string) => {
  await w.create("clusterroles/r", { rules });
  const rest = {
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "r" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "jane" }],
  };
  await w.create(namespace ? `${namespace}:rolebindings/r` : "clusterrolebindings/r", rest);
};
const READ = [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list"] }];
const said = async (promise: Promise<unknown>): Promise<string[]> => {
  const { details } = await refusal(promise);
  return ((details?.causes ?? []) as { field: string; message: string }[]).map((c) => `${c.field}: ${c.message}`);
};
const MUST = (kind: { kind: string; apiVersion: string }) =>
  `spec.paramKind: Forbidden: user ${JANE} must have "get" permission on all objects of the referenced paramKind (kind=${kind.kind}, apiVersion=${kind.apiVersion})`;

describe("#4.5 who may have an admission policy read parameters", () => {
  it("is who can read all of them", async () => {
    expect(await said(policy("p", CM, { user: jane }))).toEqual([MUST(CM)]);
    expect(await said(mutating("p", FOO, { user: jane }))).toEqual([MUST(FOO)]);
    await policy("none", undefined, { user: jane });
    await policy("admin", FOO);
    await grant(READ);
    await policy("p", CM, { user: jane });
    expect(await said(policy("q", FOO, { user: jane }))).toEqual([MUST(FOO)]);
  });

  it("is not who can read some of them", async () => {
    await grant([{ ...READ[0], resourceNames: ["a"] }]);
    expect(await said(policy("p", CM, { user: jane }))).toEqual([MUST(CM)]);
  });

  it("is asked when the kind changes, and when nothing else is wrong", async () => {
    const old = await policy("p", CM);
    const change = (paramKind: object, labels = {}) =>
      w.put("validatingadmissionpolicies/p", { ...old, metadata: { ...old.metadata, labels }, spec: { ...old.spec, paramKind } }, { user: jane });
    expect(await said(change(FOO))).toEqual([MUST(FOO)]);
    await change(CM, { a: "b" });
    expect((await said(policy("q", CM, { user: jane }, "1"))).map((text) => text.split(":")[0])).toEqual(["spec.validations[0].expression"]);
  });
});

describe("#4.5 who may bind an admission policy to parameters", () => {
  const refused = (verb: string) => [`spec.paramRef: Forbidden: user ${JANE} does not have "${verb}" permission on the object referenced by paramRef`];
  const unable = (what: string, verb: string) => [
    `spec.paramRef: Forbidden: unable to ${what} to determine minimum required permissions and user ${JANE} does not have "${verb}" permission for all groups, versions and resources`,
  ];

  it("is who can read what is referred to", async () => {
    await policy("p", CM);
    const one = ref({ name: "a", namespace: "default" });
    expect(await said(binding("validating", "p", one))).toEqual(refused("get"));
    expect(await said(binding("validating", "p", ref({ selector: {} })))).toEqual(refused("list"));
    await binding("validating", "p", undefined);
    await w.remove("validatingadmissionpolicybindings/b");
    await grant(READ, "default");
    expect(await said(binding("validating", "p", ref({ name: "a" })))).toEqual(refused("get"));
    await binding("validating", "p", one);
  });

  it("must be able to read everything where the policy does not say what", async () => {
    await policy("foo", FOO);
    await policy("none", undefined);
    expect(await said(binding("validating", "missing", ref({ name: "a" })))).toEqual(unable("get policy missing", "get"));
    expect(await said(binding("validating", "foo", ref({ selector: {} })))).toEqual(unable("resolve paramKind &{x.io/v1 Foo}", "list"));
    await grant(READ);
    expect(await said(binding("validating", "none", ref({ name: "a" })))).toEqual(refused("get"));
    await binding("validating", "missing", ref({ name: "a" }), {});
  });

  it("is told the other way around of a mutating one", async () => {
    await mutating("m", CM);
    expect(await said(binding("mutating", "m", ref({ name: "a" })))).toEqual([
      `spec.paramRef: Forbidden: user get does not have "${JANE}" permission on the object referenced by paramRef`,
    ]);
    await grant(READ);
    await binding("mutating", "m", ref({ name: "a" }));
  });
});
