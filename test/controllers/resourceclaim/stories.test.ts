import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resourceClaimController } from "../../../controllers/resourceclaim/index.js";
import { FINALIZER } from "../../../controllers/resourceclaim/plan.js";
import { schedulerController } from "../../../controllers/scheduler/index.js";
import type { KubeObject } from "../../../kinds/object.js";
import { type Live, live } from "../support/live.js";

let w: Live;
beforeEach(async () => {
  w = await live(resourceClaimController);
});
afterEach(() => w.stop());

const devices = { requests: [{ name: "r", exactly: { deviceClassName: "gpu" } }] };
const makeTemplate = () => w.create("resourceclaimtemplates", { metadata: { name: "t" }, spec: { metadata: { labels: { a: "b" } }, spec: { devices } } });
const makePod = (spec: object = {}, entries: object[] = [{ name: "gpu", resourceClaimTemplateName: "t" }]) =>
  w.create("pods", { metadata: { name: "p" }, spec: { containers: [{ name: "c", image: "i" }], resourceClaims: entries, ...spec } });
const setStatus = (path: string, status: object) => w.put(`${path}/status`, { ...w.get(path), status } as KubeObject);
const claimName = (): string => w.get("pods/p").status.resourceClaimStatuses[0].resourceClaimName;
const allocation = { devices: { results: [{ request: "r", driver: "d.example.com", pool: "p", device: "d1" }] } };

describe("#4.1 resource claims in a cluster", () => {
  it("are made from templates, told in the pod's status by an apply, and made again when lost", async () => {
    await makeTemplate();
    await makePod();
    await w.settle();
    const name = claimName();
    expect(name).toMatch(/^p-gpu-[a-z0-9]{5}$/);
    expect(w.get(`resourceclaims/${name}`)).toMatchObject({
      metadata: {
        generateName: "p-gpu-",
        labels: { a: "b" },
        annotations: { "resource.kubernetes.io/pod-claim-name": "gpu" },
        ownerReferences: [{ kind: "Pod", name: "p" }],
      },
      spec: { devices: { requests: [{ exactly: { deviceClassName: "gpu", allocationMode: "ExactCount", count: 1 } }] } },
    });
    expect(w.get("pods/p").metadata.managedFields).toContainEqual(
      expect.objectContaining({ manager: "ResourceClaimController", operation: "Apply", subresource: "status" }),
    );
    await w.remove(`resourceclaims/${name}`);
    await w.settle();
    expect(claimName()).not.toBe(name);
    expect(w.has(`resourceclaims/${claimName()}`)).toBe(true);
  });

  it("wait for their template, and say so", async () => {
    await makePod();
    await w.settle();
    const events = w.store.list("/registry/events/default/").entries.map((e) => JSON.parse(e.bytes.toString()));
    expect(events.map((e) => [e.reason, e.message, e.source.component])).toEqual([
      [
        "FailedResourceClaimCreation",
        'PodResourceClaim gpu: resource claim template "t": resourceclaimtemplate.resource.k8s.io "t" not found',
        "resource_claim",
      ],
    ]);
    await makeTemplate();
    w.clock.advance(1000);
    await w.settle();
    expect(w.has(`resourceclaims/${claimName()}`)).toBe(true);
  });

  it("are reserved for a pod that has its node already, given back and removed when it is done", async () => {
    await makeTemplate();
    await makePod({ nodeName: "node-0" });
    await w.settle();
    const path = `resourceclaims/${claimName()}`;
    await w.patch(path, { metadata: { finalizers: [FINALIZER] } });
    await setStatus(path, { allocation });
    await w.settle();
    expect(w.get(path).status.reservedFor).toEqual([{ resource: "pods", name: "p", uid: w.get("pods/p").metadata.uid }]);
    await setStatus("pods/p", { ...w.get("pods/p").status, phase: "Succeeded" });
    await w.settle();
    expect(w.has(path)).toBe(false);
  });

  it("of somebody else are freed and kept", async () => {
    await w.create("resourceclaims", { metadata: { name: "shared", finalizers: [FINALIZER] }, spec: { devices } });
    await makePod({ nodeName: "node-0" }, [{ name: "gpu", resourceClaimName: "shared" }]);
    await setStatus("resourceclaims/shared", { allocation });
    await w.settle();
    expect(w.get("resourceclaims/shared").status.reservedFor).toHaveLength(1);
    await w.remove("pods/p", { gracePeriodSeconds: 0 });
    await w.settle();
    expect(w.get("resourceclaims/shared").status).toEqual({});
    expect(w.get("resourceclaims/shared").metadata.finalizers).toBeUndefined();
  });
});

describe("#4.1 pods that claim devices", () => {
  it("wait in silence for the claim, aloud for its allocation, and go where it is", async () => {
    w.stop();
    w = await live(resourceClaimController, schedulerController);
    for (const name of ["node-0", "node-1"]) {
      await w.create("nodes", { metadata: { name } });
      await w.patch(`nodes/${name}`, { spec: { taints: null } });
      await setStatus(`nodes/${name}`, { allocatable: { cpu: "4", memory: "8Gi", pods: "110" } });
    }
    await w.create("deviceclasses", { metadata: { name: "gpu" }, spec: {} });
    await makePod({}, [{ name: "gpu", resourceClaimName: "mine" }]);
    await w.settle();
    expect(w.get("pods/p").status.conditions).toBeUndefined();
    await w.create("resourceclaims", { metadata: { name: "mine" }, spec: { devices } });
    await w.settle();
    expect(w.get("pods/p").status.conditions).toMatchObject([
      { type: "PodScheduled", status: "False", message: expect.stringContaining("2 cannot allocate all claims") },
    ]);
    const matchFields = [{ key: "metadata.name", operator: "In", values: ["node-1"] }];
    await setStatus("resourceclaims/mine", { allocation: { ...allocation, nodeSelector: { nodeSelectorTerms: [{ matchFields }] } } });
    await w.settle();
    w.clock.advance(15_000);
    await w.settle();
    expect(w.get("pods/p").spec.nodeName).toBe("node-1");
    expect(w.get("resourceclaims/mine").status.reservedFor).toMatchObject([{ resource: "pods", name: "p" }]);
  });
});
