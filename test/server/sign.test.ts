import { X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { type Certificates, makeCertificates } from "../../server/auth/ca.js";
import { signRequest } from "../../server/auth/sign.js";
import { EC, ED25519, pem, SERVING } from "../kinds/certificates/samples.js";

const NOW = Date.parse("2026-01-02T03:04:05Z");
const YEAR = 365 * 24 * 3600;
const at = (ms: number): number => (NOW + ms) / 1000;

describe("#4.1 certificates of the cluster's own authority", () => {
  let all: Certificates;
  beforeAll(async () => {
    all = await makeCertificates(["localhost"], ["127.0.0.1"], NOW);
  });
  const signed = async (request: string, usages: string[], seconds: number) =>
    new X509Certificate(Buffer.from(await signRequest(all.ca, request, { usages, seconds, now: NOW }), "base64"));
  const seconds = (time: string): number => Date.parse(time) / 1000;

  it("carry the request's subject, key and names, and the usages that were asked for", async () => {
    const certificate = await signed(pem(SERVING), ["digital signature", "server auth"], 3600);
    const ca = new X509Certificate(all.ca.cert);
    expect(certificate.verify(ca.publicKey) && certificate.checkIssued(ca)).toBe(true);
    expect(certificate.subject).toBe("O=system:nodes\nCN=system:node:n1");
    expect(certificate.subjectAltName).toBe("DNS:n1, IP Address:10.0.0.1");
    expect([certificate.ca, certificate.keyUsage]).toEqual([false, ["1.3.6.1.5.5.7.3.1"]]);
  });

  it("are made of the first block, whatever stands around it", async () => {
    const text = Buffer.from(pem(EC, undefined, "A: b\n\n"), "base64").toString();
    const certificate = await signed(Buffer.from(`to sign:\n${text}thank you`).toString("base64"), ["client auth"], 3600);
    expect(certificate.subject).toBe("CN=me\nO=one\nO=two");
  });

  it.each([
    ["short", 3600, 3600_000],
    ["long", YEAR, YEAR * 1000 - 300_000],
  ])("are good from five minutes ago, for a %s time", async (_what, length, end) => {
    const certificate = await signed(pem(EC), ["client auth"], length);
    expect([seconds(certificate.validFrom), seconds(certificate.validTo)]).toEqual([at(-300_000), at(end)]);
  });

  it("are made for other keys than the authority's own, and end with it", async () => {
    const certificate = await signed(pem(ED25519), ["any"], 100 * YEAR);
    expect(certificate.publicKey.asymmetricKeyType).toBe("ed25519");
    expect(certificate.validTo).toBe(new X509Certificate(all.ca.cert).validTo);
    const late = signRequest(all.ca, pem(EC), { usages: ["any"], seconds: 600, now: NOW + 11 * YEAR * 1000 });
    await expect(late).rejects.toThrow("the signer has expired");
  });
});
