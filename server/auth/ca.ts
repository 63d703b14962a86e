import { webcrypto } from "node:crypto";

/** PEM texts of a key pair and its certificate. */
export interface KeyAndCert {
  readonly key: string;
  readonly cert: string;
}

/** A cluster's certificates: its own authority, and what that signed for the server. */
export interface Certificates {
  readonly ca: KeyAndCert;
  readonly server: KeyAndCert;
}

export const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const YEAR_MS = 365 * 24 * 3600_000;

/** The X.509 library is loaded when something is to be signed, and not before: a cluster that has its certificates starts without it. */
export async function loadX509() {
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  x509.cryptoProvider.set(webcrypto as never);
  return x509;
}

/**
 * Makes a new authority and a server certificate for these names and addresses. `now` in milliseconds; valid from an hour before (clocks differ) for ten years.
 */
export async function makeCertificates(names: readonly string[], addresses: readonly string[], now: number): Promise<Certificates> {
  const x509 = await loadX509();
  const validity = { notBefore: new Date(now - 3600_000), notAfter: new Date(now + 10 * YEAR_MS), signingAlgorithm: ALGORITHM };
  const caKeys = await keyPair();
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    name: "CN=mockube-ca",
    keys: caKeys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature, true),
      await x509.SubjectKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const keys = await keyPair();
  const server = await x509.X509CertificateGenerator.create({
    ...validity,
    subject: "CN=kube-apiserver",
    issuer: ca.subject,
    publicKey: keys.publicKey,
    signingKey: caKeys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...names.map((value) => ({ type: "dns" as const, value })),
        ...addresses.map((value) => ({ type: "ip" as const, value })),
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  return {
    ca: { key: await privatePem(caKeys), cert: ca.toString("pem") },
    server: { key: await privatePem(keys), cert: server.toString("pem") },
  };
}

type Keys = Awaited<ReturnType<typeof keyPair>>;
const keyPair = () => webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);

async function privatePem(keys: Keys): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join("\n")}\n-----END PRIVATE KEY-----\n`;
}
