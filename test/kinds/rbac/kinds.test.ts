import { describe, expect, it } from "vitest";
import type { Kind } from "../../../kinds/kind.js";
import type { KubeObject } from "../../../kinds/object.js";
import { clusterRole } from "../../../kinds/rbac/clusterrole/index.js";
import { clusterRoleBinding } from "../../../kinds/rbac/clusterrolebinding/index.js";
import { role } from "../../../kinds/rbac/role/index.js";
import { roleBinding } from "../../../kinds/rbac/rolebinding/index.js";

const GROUP = "rbac.authorization.k8s.io";
const findings = (kind: Kind, object: object): string[] => {
  const given = { metadata: {}, ...object } as KubeObject;
  kind.defaults?.(given);
  return (kind.validate?.(given) ?? []).map((e) => `${e.field}: ${e.message}`);
};

describe("#4.1 Role and ClusterRole", () => {
  const both = [role, clusterRole];
  it.each(both)("$kind: a rule needs verbs, groups and resources", (kind) => {
    expect(findings(kind, { rules: [{ apiGroups: [""], resources: ["a"], verbs: ["get"] }, {}] })).toEqual([
      "rules[1].verbs: Required value: verbs must contain at least one value",
      "rules[1].apiGroups: Required value: resource rules must supply at least one api group",
      "rules[1].resources: Required value: resource rules must supply at least one resource",
    ]);
    expect(findings(kind, {})).toEqual([]);
  });
  it("paths are for cluster roles, and for rules of their own", () => {
    const mixed = { rules: [{ verbs: ["get"], nonResourceURLs: ["/x", "/y"], resourceNames: ["n"] }] };
    const both = 'rules[0].nonResourceURLs: Invalid value: ["/x","/y"]: rules cannot apply to both regular resources and non-resource URLs';
    expect(findings(clusterRole, mixed)).toEqual([both]);
    expect(findings(role, mixed)).toEqual(['rules[0].nonResourceURLs: Invalid value: ["/x","/y"]: namespaced rules cannot apply to non-resource URLs', both]);
    expect(findings(clusterRole, { rules: [{ verbs: ["get"], nonResourceURLs: ["/x"] }] })).toEqual([]);
  });
  it.each([
    [{}, ["aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil"]],
    [
      { clusterRoleSelectors: [{ matchLabels: { a: "b" } }, { matchExpressions: [{ key: "k", operator: "Is" }] }] },
      [
        'aggregationRule.clusterRoleSelectors[1].matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator',
        "aggregationRule.clusterRoleSelectors[1]: Invalid value: null: invalid label selector.",
      ],
    ],
  ])("aggregationRule %j", (aggregationRule, expected) => expect(findings(clusterRole, { aggregationRule })).toEqual(expected));
  it.each(["system:x", "a b", "A/b", "50%", "..", "Ünder_score"])("the name %j", (name) => {
    const bad = { "A/b": ["may not contain '/'"], "50%": ["may not contain '%'"], "..": ["may not be '..'"] }[name] ?? [];
    expect(role.validateName?.(name, false)).toEqual(bad);
  });
});

describe("#4.1 RoleBinding and ClusterRoleBinding", () => {
  const REF = { kind: "ClusterRole", name: "view" };
  it("defaults: the group of the role, of users and of groups; accounts have none", () => {
    const subjects = ["User", "Group", "ServiceAccount", "Robot"].map((kind) => ({ kind, name: "x" }));
    const object = { metadata: {}, roleRef: { ...REF }, subjects } as unknown as KubeObject;
    roleBinding.defaults?.(object);
    expect(object.roleRef.apiGroup).toBe(GROUP);
    expect(object.subjects.map((s: { apiGroup?: string }) => s.apiGroup)).toEqual([GROUP, GROUP, undefined, undefined]);
  });
  it.each([
    ["nothing", roleBinding, {}, ['roleRef.kind: Unsupported value: "": supported values: "Role", "ClusterRole"', "roleRef.name: Required value"]],
    [
      "a role cluster-wide",
      clusterRoleBinding,
      { roleRef: { kind: "Role", name: "r" } },
      ['roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"'],
    ],
    ["another group", roleBinding, { roleRef: { ...REF, apiGroup: "shop" } }, [`roleRef.apiGroup: Unsupported value: "shop": supported values: "${GROUP}"`]],
    ["a name that is no path", roleBinding, { roleRef: { kind: "Role", name: "a%b" } }, ["roleRef.name: Invalid value: \"a%b\": may not contain '%'"]],
  ] as const)("roleRef: %s", (_name, kind, object, expected) => expect(findings(kind, object)).toEqual(expected));
  it.each([
    [{ kind: "Robot", name: "r" }, ['kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"']],
    [{ kind: "User" }, ["name: Required value"]],
    [{ kind: "Group", name: "g", apiGroup: "shop" }, [`apiGroup: Unsupported value: "shop": supported values: "${GROUP}"`]],
    [{ kind: "ServiceAccount", name: "a", apiGroup: GROUP, namespace: "n" }, [`apiGroup: Unsupported value: "${GROUP}": supported values: ""`]],
    [{ kind: "User", name: "anything goes: %/\\" }, []],
  ])("subject %j", (subject, expected) => {
    for (const kind of [roleBinding, clusterRoleBinding])
      expect(findings(kind, { roleRef: REF, subjects: [subject] })).toEqual(expected.map((e) => `subjects[0].${e}`));
  });
  it("an account cluster-wide needs its namespace", () => {
    const subjects = [{ kind: "ServiceAccount", name: "a" }];
    expect(findings(roleBinding, { roleRef: REF, subjects })).toEqual([]);
    expect(findings(clusterRoleBinding, { roleRef: REF, subjects })).toEqual(["subjects[0].namespace: Required value"]);
    expect(findings(roleBinding, { roleRef: REF, subjects: [{ kind: "ServiceAccount", name: "A_" }] })[0]).toContain(
      'subjects[0].name: Invalid value: "A_": a lowercase',
    );
  });
  it("the role stays", () => {
    const meta = { metadata: { name: "b", namespace: "n", uid: "u", creationTimestamp: "2026-01-02T03:04:05Z", resourceVersion: "1" } };
    const old = { ...meta, roleRef: { ...REF, apiGroup: GROUP } } as unknown as KubeObject;
    const now = { ...meta, roleRef: { ...REF, apiGroup: GROUP, name: "edit" } } as unknown as KubeObject;
    expect(roleBinding.validateUpdate?.(old, old)).toEqual([]);
    expect(roleBinding.validateUpdate?.(now, old).map((e) => `${e.field}: ${e.message}`)).toEqual([
      `roleRef: Invalid value: {"APIGroup":"${GROUP}","Kind":"ClusterRole","Name":"edit"}: cannot change roleRef`,
    ]);
  });
  it("columns", () => {
    const at = { metadata: { name: "b", creationTimestamp: "2026-01-01T00:00:00Z" }, roleRef: REF };
    const subjects = ["User u", "Group g", "ServiceAccount a", "User v"].map((s) => ({ kind: s.split(" ")[0], name: s.split(" ")[1] }));
    const row = roleBinding.printer?.row({ ...at, subjects } as unknown as KubeObject, { now: Date.parse("2026-01-01T01:00:00Z") });
    expect(row?.cells).toEqual(["b", "ClusterRole/view", "60m", "u, v", "g", "/a"]);
    expect(clusterRoleBinding.printer?.columns.map((c) => [c.name, c.priority ?? 0])).toEqual([
      ["Name", 0],
      ["Role", 0],
      ["Age", 0],
      ["Users", 1],
      ["Groups", 1],
      ["ServiceAccounts", 1],
    ]);
  });
});
