import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../kinds/object.js";
import { clusterRole } from "../../../kinds/rbac/clusterrole/index.js";
import { clusterRoleBinding } from "../../../kinds/rbac/clusterrolebinding/index.js";
import { bootstrapPolicy } from "../../../kinds/rbac/policy/parse.js";
import { reconcilePolicy } from "../../../kinds/rbac/policy/reconcile.js";
import { role } from "../../../kinds/rbac/role/index.js";
import { roleBinding } from "../../../kinds/rbac/rolebinding/index.js";

const policy = bootstrapPolicy();
const find = (kind: string, name: string, namespace?: string): KubeObject =>
  policy.find((o) => o.kind === kind && o.metadata.name === name && o.metadata.namespace === namespace) as KubeObject;
const count = (kind: string): number => policy.filter((o) => o.kind === kind).length;
const KINDS = { Role: role, RoleBinding: roleBinding, ClusterRole: clusterRole, ClusterRoleBinding: clusterRoleBinding } as const;

describe("#4.5 RBAC: what a cluster begins with", () => {
  it("as many as 1.36 has, each once", () => {
    expect(["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"].map(count)).toEqual([69, 50, 7, 7]);
    expect(new Set(policy.map((o) => [o.kind, o.metadata.namespace, o.metadata.name].join())).size).toBe(policy.length);
  });
  it("is valid, defaulted, and every binding leads somewhere", () => {
    for (const object of policy) {
      const kind = KINDS[object.kind as keyof typeof KINDS];
      const before = structuredClone(object);
      kind.defaults?.(object);
      expect(object).toEqual(before);
      expect([object.metadata.name, kind.validate?.(object)]).toEqual([object.metadata.name, []]);
      if (object.roleRef) expect(find(object.roleRef.kind, object.roleRef.name, object.metadata.namespace)).toBeDefined();
    }
  });
  it("is marked as kept up to date", () => {
    for (const { metadata } of policy) {
      expect(metadata.annotations).toEqual({ "rbac.authorization.kubernetes.io/autoupdate": "true" });
      expect(metadata.labels?.["kubernetes.io/bootstrapping"]).toBe("rbac-defaults");
    }
  });
  it.each([
    [
      "cluster-admin",
      [
        { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
        { verbs: ["*"], nonResourceURLs: ["*"] },
      ],
    ],
    ["system:public-info-viewer", [{ verbs: ["get"], nonResourceURLs: ["/healthz", "/livez", "/readyz", "/version", "/version/"] }]],
    [
      "system:certificates.k8s.io:legacy-unknown-approver",
      [{ verbs: ["approve"], apiGroups: ["certificates.k8s.io"], resources: ["signers"], resourceNames: ["kubernetes.io/legacy-unknown"] }],
    ],
    [
      "system:controller:clusterrole-aggregation-controller",
      [{ verbs: ["escalate", "get", "list", "patch", "update", "watch"], apiGroups: ["rbac.authorization.k8s.io"], resources: ["clusterroles"] }],
    ],
    [
      "system:controller:root-ca-cert-publisher",
      [
        { verbs: ["create", "update"], apiGroups: [""], resources: ["configmaps"] },
        { verbs: ["create", "patch", "update"], apiGroups: ["", "events.k8s.io"], resources: ["events"] },
      ],
    ],
  ])("the rules of %s", (name, rules) => expect(find("ClusterRole", name).rules).toEqual(rules));
  it("edit is part of admin, and made of what is marked for it", () => {
    const { metadata, aggregationRule } = find("ClusterRole", "edit");
    expect(metadata.labels?.["rbac.authorization.k8s.io/aggregate-to-admin"]).toBe("true");
    expect(aggregationRule).toEqual({ clusterRoleSelectors: [{ matchLabels: { "rbac.authorization.k8s.io/aggregate-to-edit": "true" } }] });
  });
  it.each([
    ["ClusterRoleBinding", "system:public-info-viewer", undefined, ["Group/system:authenticated", "Group/system:unauthenticated"]],
    ["ClusterRoleBinding", "system:controller:job-controller", undefined, ["ServiceAccount/job-controller"]],
    ["ClusterRoleBinding", "system:node", undefined, []],
    ["RoleBinding", "system::leader-locking-kube-scheduler", "kube-system", ["User/system:kube-scheduler", "ServiceAccount/kube-scheduler"]],
  ])("the subjects of %s %s", (kind, name, namespace, expected) => {
    const subjects: { kind: string; name: string; namespace?: string }[] = find(kind, name, namespace).subjects ?? [];
    expect(subjects.map((s) => `${s.kind}/${s.name}`)).toEqual(expected);
    for (const s of subjects) expect(s.namespace).toBe(s.kind === "ServiceAccount" ? "kube-system" : undefined);
  });
});

describe("#4.5 RBAC: reconciliation at a start", () => {
  const expected = find("ClusterRole", "system:heapster");
  const rules = expected.rules as { verbs: string[] }[];
  const binding = find("ClusterRoleBinding", "system:kube-dns");
  it("nothing missing is nothing done, whatever was added", () => {
    const more = { ...expected, rules: [{ verbs: ["get"], apiGroups: ["shop"], resources: ["carts"] }, ...rules] };
    expect(reconcilePolicy(more, expected)).toEqual({ action: "none" });
    expect(reconcilePolicy({ ...binding, subjects: [...binding.subjects, { kind: "Group", name: "g" }] }, binding)).toEqual({ action: "none" });
  });
  it("adds what is missing, verb by verb, at the end", () => {
    const less = { ...expected, rules: [{ ...rules[0], verbs: ["get", "watch"] }] };
    const done = reconcilePolicy(less, expected);
    expect(done.action === "update" && done.object.rules.slice(1)).toEqual([
      ...["events", "namespaces", "nodes", "pods"].map((r) => ({ verbs: ["list"], apiGroups: [""], resources: [r] })),
      ...["get", "list", "watch"].map((v) => ({ verbs: [v], apiGroups: ["extensions"], resources: ["deployments"] })),
    ]);
  });
  it("adds labels and annotations, keeps their values", () => {
    const bare = { ...expected, metadata: { name: "system:heapster", labels: { mine: "x", "kubernetes.io/bootstrapping": "other" } } };
    const done = reconcilePolicy(bare, expected);
    expect(done.action === "update" && done.object.metadata).toEqual({
      name: "system:heapster",
      labels: { mine: "x", "kubernetes.io/bootstrapping": "other" },
      annotations: expected.metadata.annotations,
    });
  });
  it("leaves alone what says so", () => {
    const annotations = { "rbac.authorization.kubernetes.io/autoupdate": "false" };
    expect(reconcilePolicy({ metadata: { name: "x", annotations }, rules: [] }, expected)).toEqual({ action: "none" });
  });
  it("makes a binding to another role anew", () => {
    expect(reconcilePolicy({ ...binding, roleRef: { ...binding.roleRef, name: "view" } }, binding)).toEqual({ action: "recreate" });
  });
  it("aggregation: adds selectors, takes them from who has none", () => {
    const view = find("ClusterRole", "view");
    const wanted = view.aggregationRule.clusterRoleSelectors[0];
    const other = { matchLabels: { a: "b" } };
    const done = reconcilePolicy({ ...view, aggregationRule: { clusterRoleSelectors: [other] } }, view);
    expect(done.action === "update" && done.object.aggregationRule).toEqual({ clusterRoleSelectors: [other, wanted] });
    const plain = reconcilePolicy({ ...expected, aggregationRule: { clusterRoleSelectors: [other] } }, expected);
    expect(plain.action === "update" && plain.object.aggregationRule).toBeUndefined();
    expect(plain.action).toBe("update");
  });
});
