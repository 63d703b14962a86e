import { describe, expect, it } from "vitest";
import { isOverdue, planApproval, planSigning } from "../../../controllers/certificates/plan.js";
import type { KubeObject } from "../../../kinds/object.js";
import { CERTIFICATE, EC, NODE, pem, SERVING } from "../../kinds/certificates/samples.js";

const NOW = Date.parse("2026-01-02T03:04:05Z");
const ago = (hours: number): string => new Date(NOW - hours * 3600_000).toISOString();
const CLIENT = "kubernetes.io/kube-apiserver-client";
const KUBELET = "kubernetes.io/kube-apiserver-client-kubelet";
const SERVER = "kubernetes.io/kubelet-serving";
const approved = { type: "Approved", status: "True" };
const AS_NODE = ["digital signature", "client auth"];

const request = (spec: object, status: object = {}, created = ago(0)): KubeObject => ({
  metadata: { name: "c", creationTimestamp: created },
  spec: { request: pem(EC), signerName: CLIENT, usages: ["client auth"], ...spec },
  status,
});

describe("#4.1 certificate requests: approval", () => {
  const node = { request: pem(NODE), signerName: KUBELET, usages: AS_NODE, username: "bootstrap" };
  it.each<[what: string, spec: object, status: object, subresources: string[]]>([
    ["a node's first", node, {}, ["nodeclient"]],
    ["a node's own", { ...node, username: "system:node:n1" }, {}, ["selfnodeclient", "nodeclient"]],
    ["with a key that enciphers", { ...node, usages: [...AS_NODE, "key encipherment"] }, {}, ["nodeclient"]],
    ["for something else", { ...node, usages: ["client auth"] }, {}, []],
    ["of another signer", { ...node, signerName: CLIENT }, {}, []],
    ["of nobody's", { ...node, request: pem(EC) }, {}, []],
    ["with names", { ...node, request: pem(SERVING) }, {}, []],
    ["decided", node, { conditions: [{ type: "Denied", status: "True" }] }, []],
    ["issued", node, { certificate: "x" }, []],
  ])("%s", (_what, spec, status, subresources) => {
    expect(planApproval(request(spec, status)).map((a) => a.subresource)).toEqual(subresources);
  });
});

describe("#4.1 certificate requests: signing", () => {
  const YEAR = 365 * 24 * 3600;
  it.each<[what: string, spec: object, status: object, plan: object | undefined]>([
    ["approved", {}, { conditions: [approved] }, { seconds: YEAR }],
    ["for a time", { expirationSeconds: 3600 }, { conditions: [approved] }, { seconds: 3600 }],
    ["for too long", { expirationSeconds: YEAR * 2 }, { conditions: [approved] }, { seconds: YEAR }],
    ["undecided", {}, {}, undefined],
    ["denied", {}, { conditions: [{ type: "Denied", status: "True" }] }, undefined],
    ["failed", {}, { conditions: [approved, { type: "Failed", status: "True" }] }, undefined],
    ["issued", {}, { conditions: [approved], certificate: "x" }, undefined],
    ["of somebody else's signer", { signerName: "example.com/x" }, { conditions: [approved] }, undefined],
    ["to serve", { usages: ["client auth", "server auth"] }, { conditions: [approved] }, { fault: "invalid usage for client certificate: server auth" }],
    ["for nothing", { usages: ["digital signature"] }, { conditions: [approved] }, { fault: "missing required usage for client certificate: client auth" }],
    ["not of nodes", { signerName: KUBELET, usages: AS_NODE }, { conditions: [approved] }, { fault: "subject organization is not system:nodes" }],
    [
      "a node as a client, with names",
      { signerName: KUBELET, request: pem(SERVING), usages: AS_NODE },
      { conditions: [approved] },
      { fault: "DNS subjectAltNames are not allowed" },
    ],
    [
      "a node as a server",
      { signerName: SERVER, request: pem(SERVING), usages: ["digital signature", "server auth"] },
      { conditions: [approved] },
      { seconds: YEAR },
    ],
    [
      "a node as a server, without names",
      { signerName: SERVER, request: pem(NODE), usages: ["digital signature", "server auth"] },
      { conditions: [approved] },
      { fault: "DNS or IP subjectAltName is required" },
    ],
    [
      "a node as a server for other ends",
      { signerName: SERVER, request: pem(SERVING), usages: AS_NODE },
      { conditions: [approved] },
      { fault: "usages did not match [digital signature key encipherment server auth]" },
    ],
  ])("%s", (_what, spec, status, plan) => {
    expect(planSigning(request(spec, status))).toEqual(plan);
  });
});

describe("#4.1 certificate requests: cleaning", () => {
  const since = (type: string, hours: number) => ({ type, status: "True", lastUpdateTime: ago(hours) });
  const issued = pem(CERTIFICATE, "CERTIFICATE");
  it.each<[what: string, status: object, created: string, overdue: boolean]>([
    ["undecided for a day", {}, ago(25), true],
    ["undecided", {}, ago(23), false],
    ["denied an hour ago", { conditions: [since("Denied", 2)] }, ago(99), true],
    ["denied just now", { conditions: [since("Denied", 0.5)] }, ago(99), false],
    ["failed an hour ago", { conditions: [since("Approved", 2), since("Failed", 2)] }, ago(99), true],
    ["approved, and not issued", { conditions: [since("Approved", 2)] }, ago(99), false],
    ["approved, and not issued for a day", { conditions: [since("Approved", 25)] }, ago(99), true],
    ["issued an hour ago", { conditions: [since("Approved", 2)], certificate: issued }, ago(99), true],
    ["with something of somebody's", { conditions: [since("Own", 99)] }, ago(99), false],
  ])("%s", (_what, status, created, overdue) => {
    expect(isOverdue(request({}, status, created), NOW)).toBe(overdue);
  });

  it("with a certificate whose time is over", () => {
    const far = Date.parse("2100-01-01T00:00:00Z");
    const status = { conditions: [{ type: "Approved", status: "True", lastUpdateTime: new Date(far).toISOString() }], certificate: issued };
    expect([isOverdue(request({}, status), far), isOverdue(request({}, { ...status, certificate: "x" }), far)]).toEqual([true, false]);
  });
});
