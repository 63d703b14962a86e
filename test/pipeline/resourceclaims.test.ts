import { beforeEach, describe, expect, it } from "vitest";
import type { KubeObject } from "../../kinds/object.js";
import type { UserInfo } from "../../server/pipeline/types.js";
import { type World, world } from "./world.js";

const LABEL = "resource.kubernetes.io/admin-access";
const DRIVER = "d.example.com";
const asAdmin = { devices: { requests: [{ name: "r", exactly: { deviceClassName: "gpu", adminAccess: true } }] } };
const plain = { devices: { requests: [{ name: "r", exactly: { deviceClassName: "gpu" } }] } };
const result = { request: "r", driver: DRIVER, pool: "p", device: "d1" };
const onNode = (name: string) => ({ nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: [name] }] }] });

let w: World;
beforeEach(async () => {
  w = await world();
});

const causes = (promise: Promise<unknown>): Promise<readonly string[]> =>
  promise.then(
    () => [],
    (error) => error.status.details?.causes?.map((c: { field: string; message: string }) => `${c.field}: ${c.message}`) ?? [error.message],
  );
const claim = (spec: object = plain) => w.create("resourceclaims", { metadata: { name: "c" }, spec });
const FORBIDDEN = `Forbidden: admin access to devices requires the \`${LABEL}: true\` label on the containing namespace`;

describe("#4.5 access to devices for administrators", () => {
  it("wants a label on the namespace", async () => {
    expect(await causes(claim(asAdmin))).toEqual([`spec.devices.requests[0].adminAccess: ${FORBIDDEN}`]);
    expect(await causes(w.create("resourceclaimtemplates", { metadata: { name: "t" }, spec: { spec: asAdmin } }))).toEqual([
      `spec.devices.requests[0].adminAccess: ${FORBIDDEN}`,
    ]);
    await claim();
    const status = { allocation: { devices: { results: [{ ...result, adminAccess: true }] } } };
    expect(await causes(w.put("resourceclaims/c/status", { ...w.get("resourceclaims/c"), status }))).toEqual([
      `status.allocation.devices.results[0].adminAccess: ${FORBIDDEN}`,
    ]);

    await w.patch("namespaces/default", { metadata: { labels: { [LABEL]: "true" } } });
    await w.put("resourceclaims/c/status", { ...w.get("resourceclaims/c"), status });
    expect(w.get("resourceclaims/c").status.allocation.devices.results[0].adminAccess).toBe(true);
    await w.create("resourceclaims", { metadata: { name: "a" }, spec: asAdmin });
    await w.create("resourceclaimtemplates", { metadata: { name: "t" }, spec: { spec: asAdmin } });
  });

  it("is found before anything else that is wrong", async () => {
    const spec = { devices: { requests: [{ name: "R", exactly: { deviceClassName: "gpu", adminAccess: true } }] } };
    expect((await causes(claim(spec))).map((c) => c.split(":")[0])).toEqual(["spec.devices.requests[0].adminAccess", "spec.devices.requests[0].name"]);
  });
});

describe("#4.5 who may write which part of a claim's status", () => {
  const NODE = { "authentication.kubernetes.io/node-name": ["n1"] };
  const driver: UserInfo = { name: "system:serviceaccount:default:driver", groups: ["system:serviceaccounts"], extra: NODE };
  const nobody: UserInfo = { name: "nobody", groups: [] };
  const grant = async (user: UserInfo, rules: object[]) => {
    await w.create("clusterroles", { metadata: { name: "r" }, rules });
    const subject = user.name.startsWith("system:serviceaccount:")
      ? { kind: "ServiceAccount", namespace: "default", name: "driver" }
      : { kind: "User", apiGroup: "rbac.authorization.k8s.io", name: user.name };
    await w.create("clusterrolebindings", {
      metadata: { name: "b" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "r" },
      subjects: [subject],
    });
  };
  const write = (user: UserInfo, status: object): Promise<readonly string[]> =>
    causes(w.put("resourceclaims/c/status", { ...w.get("resourceclaims/c"), status } as KubeObject, { user, verb: "update" }));
  const allocate = async (node: string) => {
    await claim();
    await w.put("resourceclaims/c/status", {
      ...w.get("resourceclaims/c"),
      status: { allocation: { devices: { results: [result] }, nodeSelector: onNode(node) } },
    });
  };
  const device = { driver: DRIVER, pool: "p", device: "d1", data: { a: 1 } };
  const resource = (subresource: string, verbs: string[], resourceNames?: string[]) => ({
    apiGroups: ["resource.k8s.io"],
    resources: [`resourceclaims/${subresource}`],
    verbs,
    ...(resourceNames ? { resourceNames } : {}),
  });

  it("allocation and reservations are for those who may bind", async () => {
    await claim();
    const status = { allocation: { devices: { results: [result] } } };
    const [said] = await write(nobody, status);
    expect(said).toBe(
      'status.allocation: Forbidden: changing status.allocation or status.reservedFor requires resource="resourceclaims/binding", verb="update" permission: ' +
        'resourceclaims.resource.k8s.io is forbidden: User "nobody" cannot update resource "resourceclaims/binding" in API group "resource.k8s.io" at the cluster scope',
    );
    await grant(nobody, [resource("binding", ["update"])]);
    expect(await write(nobody, status)).toEqual([]);
  });

  it("devices are for those who may speak for the driver, from anywhere or from the node", async () => {
    await allocate("n1");
    const { allocation } = w.get("resourceclaims/c").status;
    const status = { allocation, devices: [device] };
    const [said] = await write(nobody, status);
    expect(said).toContain(
      'status.devices: Forbidden: changing status.devices requires resource="resourceclaims/driver", verb="[arbitrary-node:update]" permission: ',
    );
    expect(said).toContain('"d.example.com" is forbidden: User "nobody" cannot arbitrary-node:update resource "resourceclaims/driver"');
    expect((await write(driver, status))[0]).toContain('verb="[associated-node:update arbitrary-node:update]"');
    await grant(driver, [resource("driver", ["associated-node:update"], [DRIVER])]);
    expect(await write(driver, status)).toEqual([]);
    // and what it does not change it need not be allowed to write
    expect(await write(nobody, status)).toEqual([]);
  });

  it("an account on another node is anywhere", async () => {
    await allocate("n2");
    await grant(driver, [resource("driver", ["associated-node:update"])]);
    const { allocation } = w.get("resourceclaims/c").status;
    expect((await write(driver, { allocation, devices: [device] }))[0]).toContain('verb="[arbitrary-node:update]"');
  });

  it("giving an allocation back is binding, and the process's own may do all", async () => {
    await allocate("n1");
    expect((await write(nobody, {})).length).toBe(1);
    await w.put("resourceclaims/c/status", { ...w.get("resourceclaims/c"), status: {} }, { user: nobody, trusted: true });
    expect(w.get("resourceclaims/c").status).toEqual({});
  });
});
