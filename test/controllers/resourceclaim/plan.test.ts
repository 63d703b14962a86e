import { describe, expect, it } from "vitest";
import { claimFrom, FINALIZER, isDone, planClaim, reservation } from "../../../controllers/resourceclaim/plan.js";
import type { Pod } from "../../../controllers/runtime/api.js";
import { claimNamesOf, type ResourceClaim, type ResourceClaimTemplate, referenceOf } from "../../../controllers/runtime/resourceclaims.js";

const pod = (more: object = {}, meta: object = {}): Pod =>
  ({ metadata: { name: "p", namespace: "n", uid: "u1", ...meta }, spec: { containers: [] }, ...more }) as unknown as Pod;
const NODE = { spec: { containers: [], nodeName: "node-0" } };
const me = { resource: "pods", name: "p", uid: "u1" };
const allocation = { devices: { results: [] } };
const claim = (status: object, meta: object = {}): ResourceClaim => ({ metadata: { name: "c", namespace: "n", ...meta }, spec: {}, status }) as ResourceClaim;
const owned = (uid = "u1") => ({ ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "p", uid, controller: true }] });
const DELETED = { deletionTimestamp: "2026-01-01T00:00:00Z" };

describe("#4.1 resource claims: which claim a pod means", () => {
  const status = (resourceClaimStatuses: object[]) => pod({ status: { resourceClaimStatuses } });
  it.each([
    ["by name", pod(), { name: "gpu", resourceClaimName: "mine" }, { name: "mine", own: false }],
    ["not made yet", pod(), { name: "gpu", resourceClaimTemplateName: "t" }, "missing"],
    ["made", status([{ name: "gpu", resourceClaimName: "p-gpu-x" }]), { name: "gpu", resourceClaimTemplateName: "t" }, { name: "p-gpu-x", own: true }],
    ["found needless", status([{ name: "gpu" }]), { name: "gpu", resourceClaimTemplateName: "t" }, "unneeded"],
  ])("%s", (_, of, entry, reference) => {
    expect(referenceOf(of, entry)).toEqual(reference);
  });

  it("all that are known", () => {
    const spec = {
      containers: [],
      resourceClaims: [
        { name: "a", resourceClaimName: "x" },
        { name: "b", resourceClaimTemplateName: "t" },
      ],
    };
    expect(claimNamesOf(pod({ spec }))).toEqual(["x"]);
  });
});

describe("#4.1 resource claims: made from a template", () => {
  const template = {
    spec: { metadata: { labels: { a: "b" }, annotations: { c: "d" } }, spec: { devices: { requests: [] } } },
  } as unknown as ResourceClaimTemplate;
  it("carries what the template says, and whose it is", () => {
    expect(claimFrom(template, pod(), { name: "gpu" })).toEqual({
      apiVersion: "resource.k8s.io/v1",
      kind: "ResourceClaim",
      metadata: {
        generateName: "p-gpu-",
        namespace: "n",
        labels: { a: "b" },
        annotations: { c: "d", "resource.kubernetes.io/pod-claim-name": "gpu" },
        ...owned(),
      },
      spec: { devices: { requests: [] } },
    });
  });
  it("has something of both names when they are long", () => {
    const { metadata } = claimFrom(template, pod({}, { name: "p".repeat(60) }), { name: "g".repeat(30) });
    expect(metadata.generateName).toBe(`${"p".repeat(37)}-${"g".repeat(18)}`);
  });
});

describe("#4.1 resource claims: reservations", () => {
  it.each([
    ["an allocated claim, a pod on a node", pod(NODE), { allocation }, me],
    ["no allocation", pod(NODE), {}, undefined],
    ["no node yet: the scheduler does that", pod(), { allocation }, undefined],
    ["one it has", pod(NODE), { allocation, reservedFor: [me] }, undefined],
    ["a claim that is full", pod(NODE), { allocation, reservedFor: Array.from({ length: 256 }, (_, i) => ({ ...me, uid: `x${i}` })) }, undefined],
  ])("%s", (_, of, status, consumer) => {
    expect(reservation(of, claim(status))).toEqual(consumer);
  });

  it.each([
    [pod(), false],
    [pod({ status: { phase: "Succeeded" } }), true],
    [pod({ status: { phase: "Failed" } }), true],
    [pod({}, DELETED), true],
    [pod(NODE, DELETED), false],
  ])("%# is done or not", (of, done) => {
    expect(isDone(of)).toBe(done);
  });
});

describe("#4.1 resource claims: what a claim needs", () => {
  const other = { apiGroup: "example.com", resource: "jobs", name: "j", uid: "u9" };
  const guarded = { finalizers: [FINALIZER, "example.com/x"] };
  const running = pod(NODE);
  const done = pod({ status: { phase: "Succeeded" } });
  it.each<[string, ResourceClaim, Pod | undefined, object]>([
    ["nothing while its pod runs", claim({ allocation, reservedFor: [me] }, guarded), running, {}],
    ["nothing when nobody has used it yet", claim({ allocation }, guarded), undefined, {}],
    ["its last pod is done", claim({ allocation, reservedFor: [me] }, guarded), done, { status: {}, unprotect: true }],
    ["its last pod is gone", claim({ allocation, reservedFor: [me] }, guarded), undefined, { status: {}, unprotect: true }],
    ["its pod is another by now", claim({ allocation, reservedFor: [{ ...me, uid: "u0" }] }, guarded), running, { status: {}, unprotect: true }],
    ["somebody unknown stays", claim({ allocation, reservedFor: [me, other] }, guarded), undefined, { status: { allocation, reservedFor: [other] } }],
    ["who allocated it without the finalizer takes it back", claim({ allocation, reservedFor: [me] }), undefined, { status: { allocation } }],
    ["deleted and unused", claim({ allocation }, { ...guarded, ...DELETED }), undefined, { status: {}, unprotect: true }],
    ["deleted and in use", claim({ allocation, reservedFor: [me] }, { ...guarded, ...DELETED }), running, {}],
    ["made for a pod that is done", claim({}, owned()), done, { remove: true }],
    ["made for a pod that was replaced", claim({}, owned("u0")), running, { remove: true }],
    ["made for a pod that is gone: garbage", claim({}, owned()), undefined, {}],
    ["made for a pod that runs", claim({}, owned()), running, {}],
  ])("%s", (_, of, user, plan) => {
    expect(planClaim(of, (name) => (name === "p" ? user : undefined))).toEqual(plan);
  });
});
