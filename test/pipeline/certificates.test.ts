import { beforeEach, describe, expect, it } from "vitest";
import type { UserInfo } from "../../server/pipeline/types.js";
import { CERTIFICATE, EC, MASTERS, pem } from "../kinds/certificates/samples.js";
import { refusal, type World, world } from "./world.js";

let w: World;
beforeEach(async () => {
  w = await world();
});

const CSR = "certificatesigningrequests";
const jane: UserInfo = { name: "jane", uid: "7", groups: ["dev"], extra: { k: ["v"] } };
const ask = (signerName = "example.com/x", request = pem(EC)) =>
  w.create(CSR, { metadata: { name: "c" }, spec: { request, signerName, usages: ["client auth"] } }, { user: jane });
const grant = async (name: string, verb: string, signer: string) => {
  await w.create("clusterroles", {
    metadata: { name },
    rules: [{ apiGroups: ["certificates.k8s.io"], resources: ["signers"], verbs: [verb], resourceNames: [signer] }],
  });
  await w.create("clusterrolebindings", {
    metadata: { name },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "jane" }],
  });
};
const message = async (promise: Promise<unknown>): Promise<string> => (await refusal(promise)).message ?? "";
const FORBIDDEN = 'certificatesigningrequests.certificates.k8s.io "c" is forbidden: ';

describe("#4.5 who decides on certificate requests, and who signs them", () => {
  it("tells who asked", async () => {
    expect((await ask()).spec).toMatchObject({ username: "jane", uid: "7", groups: ["dev"], extra: { k: ["v"] } });
  });

  it.each(["example.com/x", "example.com/*"])("lets those approve who may for %s", async (signer) => {
    const decided = { ...(await ask()), status: { conditions: [{ type: "Approved", status: "True" }] } };
    const approve = () => w.put(`${CSR}/c/approval`, decided, { user: jane });
    expect(await message(approve())).toBe(`${FORBIDDEN}user not permitted to approve requests with signerName "example.com/x"`);
    await grant("s", "sign", signer);
    expect((await refusal(approve())).code).toBe(403);
    await grant("a", "approve", signer);
    expect((await approve()).status.conditions[0].type).toBe("Approved");
  });

  it("lets those sign who may, and everybody write a status that says nothing new", async () => {
    const asked = await ask();
    const sign = () => w.put(`${CSR}/c/status`, { ...asked, status: { certificate: pem(CERTIFICATE, "CERTIFICATE") } }, { user: jane });
    expect(await message(sign())).toBe(`${FORBIDDEN}user not permitted to sign requests with signerName "example.com/x"`);
    await w.put(`${CSR}/c/status`, { ...asked, metadata: { ...asked.metadata, labels: { a: "b" } } }, { user: jane });
    await grant("s", "sign", "example.com/x");
    expect(await message(sign())).toMatch(/the object has been modified/);
    const patched = await w.patch(`${CSR}/c/status`, { status: { certificate: pem(CERTIFICATE, "CERTIFICATE") } }, undefined, { user: jane });
    expect(patched.status.certificate).toBe(pem(CERTIFICATE, "CERTIFICATE"));
  });

  it("makes no administrators", async () => {
    const signer = "kubernetes.io/kube-apiserver-client";
    expect(await message(ask(signer, pem(MASTERS)))).toBe(`${FORBIDDEN}use of ${signer} signer with system:masters group is not allowed`);
    await ask(signer);
    await w.remove(`${CSR}/c`);
    await ask("example.com/x", pem(MASTERS));
  });
});
