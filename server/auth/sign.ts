import { randomBytes, webcrypto } from "node:crypto";
import { pemBlocks } from "../../kinds/certificates/pem.js";
import type { KeyAndCert } from "./ca.js";
import { ALGORITHM, loadX509 } from "./ca.js";

/** What a certificate is to be like. */
export interface CertificateTerms {
  /** Usages as certificates.k8s.io names them; their names are known to be right. */
  readonly usages: readonly string[];
  readonly seconds: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Clocks differ. Short certificates get that time in addition, long ones end earlier for it. */
const BACKDATE_MS = 5 * 60_000;
const SHORT_SECONDS = 8 * 3600;

/** Bits of KeyUsage. */
const KEY_USAGES: Readonly<Record<string, number>> = {
  signing: 1,
  "digital signature": 1,
  "content commitment": 2,
  "key encipherment": 4,
  "data encipherment": 8,
  "key agreement": 16,
  "cert sign": 32,
  "crl sign": 64,
  "encipher only": 128,
  "decipher only": 256,
};

/** In the order in which they are written. */
const EXTENDED_USAGES: readonly (readonly [usages: readonly string[], identifier: string])[] = [
  [["any"], "2.5.29.37.0"],
  [["server auth"], "1.3.6.1.5.5.7.3.1"],
  [["client auth"], "1.3.6.1.5.5.7.3.2"],
  [["code signing"], "1.3.6.1.5.5.7.3.3"],
  [["email protection", "s/mime"], "1.3.6.1.5.5.7.3.4"],
  [["ipsec end system"], "1.3.6.1.5.5.7.3.5"],
  [["ipsec tunnel"], "1.3.6.1.5.5.7.3.6"],
  [["ipsec user"], "1.3.6.1.5.5.7.3.7"],
  [["timestamping"], "1.3.6.1.5.5.7.3.8"],
  [["ocsp signing"], "1.3.6.1.5.5.7.3.9"],
  [["microsoft sgc"], "1.3.6.1.4.1.311.10.3.3"],
  [["netscape sgc"], "2.16.840.1.113730.4.1"],
];

const ALTERNATIVE_NAMES = "2.5.29.17";

/**
 * Signs a request with an authority: subject, key and alternative names are the request's, everything else is said by the terms. In and out are base64 of PEM.
 * The request's own signature has been checked. Source: pkg/controller/certificates/authority.
 */
export async function signRequest(ca: KeyAndCert, request: string, { usages, seconds, now }: CertificateTerms): Promise<string> {
  const x509 = await loadX509();
  const asked = new x509.Pkcs10CertificateRequest(pemBlocks(request)[0]?.bytes ?? Buffer.alloc(0));
  const issuer = new x509.X509Certificate(ca.cert);
  if (issuer.notAfter.getTime() <= now) throw new Error(`the signer has expired: NotAfter=${issuer.notAfter.toISOString()}`);
  const pkcs8 = Buffer.from(ca.key.replace(/-----[^-]+-----|\s/g, ""), "base64");
  const signingKey = await webcrypto.subtle.importKey("pkcs8", pkcs8, ALGORITHM, false, ["sign"]);
  const end = now + seconds * 1000 - (seconds < SHORT_SECONDS ? 0 : BACKDATE_MS);
  const keyUsage = usages.reduce((bits, usage) => bits | (KEY_USAGES[usage] ?? 0), 0);
  const extended = EXTENDED_USAGES.filter(([names]) => names.some((name) => usages.includes(name))).map(([, identifier]) => identifier);
  const names = asked.extensions.find((extension) => extension.type === ALTERNATIVE_NAMES);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: randomBytes(16).toString("hex"),
    subject: asked.subjectName.toJSON(),
    issuer: issuer.subject,
    notBefore: new Date(now - BACKDATE_MS),
    notAfter: new Date(Math.min(end, issuer.notAfter.getTime())),
    signingAlgorithm: ALGORITHM,
    publicKey: asked.publicKey,
    signingKey: signingKey as never,
    extensions: [
      ...(keyUsage ? [new x509.KeyUsagesExtension(keyUsage, true)] : []),
      ...(extended.length ? [new x509.ExtendedKeyUsageExtension(extended)] : []),
      new x509.BasicConstraintsExtension(false, undefined, true),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...(names ? [names] : []),
    ],
  });
  return Buffer.from(`${certificate.toString("pem")}\n`, "latin1").toString("base64");
}
