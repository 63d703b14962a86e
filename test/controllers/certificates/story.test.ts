import { afterEach, describe, expect, it } from "vitest";
import { createCertificatesController } from "../../../controllers/certificates/index.js";
import { CERTIFICATE, EC, NODE, pem } from "../../kinds/certificates/samples.js";
import { type Live, live } from "../support/live.js";

const CSR = "certificatesigningrequests";
const ISSUED = pem(CERTIFICATE, "CERTIFICATE");

describe("#4.1 certificate requests: story", () => {
  let w: Live;
  afterEach(() => w.stop());
  const signed: unknown[] = [];
  const start = async () => {
    signed.length = 0;
    w = await live(
      createCertificatesController({
        sign: async (request, terms) => {
          signed.push([request, terms]);
          return ISSUED;
        },
      }),
    );
  };
  const ask = (name: string, spec: object, changes = {}) =>
    w.create(`${CSR}/${name}`, { spec: { request: pem(EC), signerName: "kubernetes.io/kube-apiserver-client", usages: ["client auth"], ...spec } }, changes);
  const approve = (name: string) =>
    w.put(`${CSR}/${name}/approval`, { ...w.get(`${CSR}/${name}`), status: { conditions: [{ type: "Approved", status: "True" }] } });
  const types = (name: string): string[] => (w.get(`${CSR}/${name}`).status.conditions ?? []).map((c: { type: string }) => c.type);

  it("what is approved is signed, once", async () => {
    await start();
    await ask("c", { expirationSeconds: 3600 });
    await w.settle();
    expect(w.get(`${CSR}/c`).status).toEqual({});
    await approve("c");
    await w.settle();
    expect(w.get(`${CSR}/c`).status.certificate).toBe(ISSUED);
    expect(signed).toEqual([[pem(EC), { usages: ["client auth"], seconds: 3600, now: w.clock.now() }]]);
  });

  it("what cannot be signed fails, and what is somebody else's is left alone", async () => {
    await start();
    await ask("c", { usages: ["server auth"] });
    await ask("d", { signerName: "example.com/x" });
    await approve("c");
    await approve("d");
    await w.settle();
    expect([types("c"), types("d"), signed]).toEqual([["Approved", "Failed"], ["Approved"], []]);
    expect(w.get(`${CSR}/c`).status.conditions[1]).toMatchObject({
      reason: "SignerValidationFailure",
      message: "invalid usage for client certificate: server auth",
    });
  });

  it("nodes that may are approved and signed without anybody", async () => {
    await start();
    const rules = [{ apiGroups: ["certificates.k8s.io"], resources: [`${CSR}/nodeclient`], verbs: ["create"] }];
    await w.create("clusterroles/nodes", { rules });
    const spec = { request: pem(NODE), signerName: "kubernetes.io/kube-apiserver-client-kubelet", usages: ["digital signature", "client auth"] };
    const user = { name: "kubelet-bootstrap", groups: ["system:bootstrappers"] };
    await ask("before", spec, { user });
    await w.settle();
    expect(types("before")).toEqual([]);
    await w.create("clusterrolebindings/nodes", {
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "nodes" },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "system:bootstrappers" }],
    });
    await ask("after", spec, { user });
    await w.settle();
    const { status } = w.get(`${CSR}/after`);
    expect(status.conditions).toMatchObject([
      { type: "Approved", reason: "AutoApproved", message: "Auto approving kubelet client certificate after SubjectAccessReview." },
    ]);
    expect(status.certificate).toBe(ISSUED);
  });

  it("what nobody decides on goes after a day", async () => {
    await start();
    await ask("c", {});
    await w.settle();
    for (let hour = 0; hour < 26; hour++) {
      w.clock.advance(3600_000);
      await w.settle();
    }
    expect(w.has(`${CSR}/c`)).toBe(false);
  });
});
