import { describe, expect, it } from "vitest";
import { ensurePolicy } from "../../server/auth/rbac/bootstrap.js";
import { START, world } from "../pipeline/world.js";

const AUTO = "rbac.authorization.kubernetes.io/autoupdate";

describe("#4.5 RBAC: the policy in the store", () => {
  it("is written in one commit, as if the server and the controller had made it", async () => {
    const w = await world();
    const before = w.store.revision;
    const commits: number[] = [];
    w.store.watch({ prefix: "/registry/clusterrole", after: before, onEvents: (events) => commits.push(events.length) });
    w.store.watch({ prefix: "/registry/role", after: before, onEvents: (events) => commits.push(events.length) });
    await ensurePolicy(w.services, true);
    expect(commits.sort()).toEqual([119, 14]);
    expect(w.store.revision - before).toBe(133);
    const view = w.get("clusterroles/view");
    expect(view.rules).toEqual(w.get("clusterroles/system:aggregate-to-view").rules);
    const time = new Date(START).toISOString().replace(".000", "");
    expect(view.metadata).toEqual({
      name: "view",
      uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      resourceVersion: expect.stringMatching(/^\d+$/),
      creationTimestamp: time,
      labels: { "kubernetes.io/bootstrapping": "rbac-defaults", "rbac.authorization.k8s.io/aggregate-to-edit": "true" },
      annotations: { [AUTO]: "true" },
      managedFields: [
        {
          manager: "clusterrole-aggregation-controller",
          operation: "Apply",
          apiVersion: "rbac.authorization.k8s.io/v1",
          time,
          fieldsType: "FieldsV1",
          fieldsV1: { "f:rules": {} },
        },
        {
          manager: "kube-apiserver",
          operation: "Update",
          apiVersion: "rbac.authorization.k8s.io/v1",
          time,
          fieldsType: "FieldsV1",
          fieldsV1: {
            "f:aggregationRule": { ".": {}, "f:clusterRoleSelectors": {} },
            "f:metadata": {
              "f:annotations": { ".": {}, [`f:${AUTO}`]: {} },
              "f:labels": { ".": {}, "f:kubernetes.io/bootstrapping": {}, "f:rbac.authorization.k8s.io/aggregate-to-edit": {} },
            },
          },
        },
      ],
    });
    // admin holds what edit holds, and edit what view holds
    const rules = (name: string): string[] => w.get(`clusterroles/${name}`).rules.map((r: object) => JSON.stringify(r));
    expect(rules("admin")).toEqual([...rules("edit"), ...rules("system:aggregate-to-admin")]);
    expect(rules("edit")).toEqual([...rules("system:aggregate-to-edit"), ...rules("view")]);
  });

  it("is what the pipeline would have stored", async () => {
    const w = await world();
    await ensurePolicy(w.services, false);
    for (const path of [
      "clusterroles/system:discovery",
      "clusterroles/view",
      "clusterrolebindings/system:kube-dns",
      "kube-system:roles/system:controller:token-cleaner",
    ]) {
      const stored = w.get(path);
      const { uid: _, resourceVersion: __, creationTimestamp: ___, managedFields: ____, ...metadata } = stored.metadata;
      const { store, ...other } = await world();
      const made = await other.create(path, { ...stored, metadata }, { fieldManager: "kube-apiserver" });
      expect(store.revision).toBeGreaterThan(1);
      const comparable = ({ uid, resourceVersion, ...rest }: typeof stored.metadata) => ({ ...rest, uid: typeof uid, resourceVersion: typeof resourceVersion });
      expect(JSON.stringify({ ...made, metadata: comparable(made.metadata) })).toBe(JSON.stringify({ ...stored, metadata: comparable(stored.metadata) }));
    }
  });

  it("without controllers nobody gathers rules", async () => {
    const w = await world();
    await ensurePolicy(w.services, false);
    expect(w.get("clusterroles/admin").rules).toBeNull();
  });

  it("a later start brings back what is missing and leaves what was told to stay", async () => {
    const w = await world();
    await ensurePolicy(w.services, true);
    const done = w.store.revision;
    await ensurePolicy(w.services, true);
    expect(w.store.revision).toBe(done);

    await w.remove("clusterroles/view");
    await w.remove("clusterrolebindings/system:kube-dns");
    await w.patch("clusterroles/system:heapster", { rules: [] });
    await w.patch("clusterroles/system:kube-dns", { rules: [], metadata: { annotations: { [AUTO]: "false" } } });
    const node = w.get("clusterrolebindings/system:node");
    await w.remove("clusterrolebindings/system:node");
    await w.create("clusterrolebindings/system:node", { roleRef: { ...node.roleRef, name: "view" }, subjects: [] });
    await ensurePolicy(w.services, true);
    expect(w.get("clusterroles/view").rules.length).toBeGreaterThan(5);
    expect(w.get("clusterrolebindings/system:kube-dns").subjects).toEqual([{ kind: "ServiceAccount", name: "kube-dns", namespace: "kube-system" }]);
    expect(w.get("clusterroles/system:heapster").rules).toHaveLength(15);
    expect(w.get("clusterroles/system:kube-dns").rules).toBeNull();
    expect(w.get("clusterrolebindings/system:node").roleRef).toEqual(node.roleRef);
  });
});
