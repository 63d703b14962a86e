/** The warning for a TLS pair that Go's tls.X509KeyPair refuses. Source: pkg/registry/core/secret warningsForSecret, Go crypto/tls. */
import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";

const BLOCK = /-----BEGIN ([^-]+)-----\r?\n[\s\S]*?-----END \1-----/g;

/** One text at most. Both arguments are base64, as they stand in `data`. */
export function tlsPairProblem(certificate: string | undefined, key: string | undefined): string[] {
  const decode = (value: string | undefined): string => Buffer.from(value ?? "", "base64").toString("latin1");
  const certs = [...decode(certificate).matchAll(BLOCK)];
  const cert = certs.find((m) => m[1] === "CERTIFICATE");
  if (!cert) {
    if (certs.length === 0) return ["tls: failed to find any PEM data in certificate input"];
    if (certs.length === 1 && /PRIVATE KEY$/.test(certs[0]?.[1] ?? ""))
      return ["tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched"];
    return [
      `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${certs.map((m) => m[1]).join(" ")}]`,
    ];
  }
  const keys = [...decode(key).matchAll(BLOCK)];
  const found = keys.find((m) => m[1] === "PRIVATE KEY" || m[1]?.endsWith(" PRIVATE KEY"));
  if (!found) {
    if (keys.length === 0) return ["tls: failed to find any PEM data in key input"];
    if (keys.length === 1 && keys[0]?.[1] === "CERTIFICATE") return ["tls: found a certificate rather than a key in the PEM for the private key"];
    return [
      `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [${keys.map((m) => m[1]).join(" ")}]`,
    ];
  }
  let parsed: X509Certificate;
  try {
    parsed = new X509Certificate(cert[0]);
  } catch {
    return ["x509: malformed certificate"];
  }
  try {
    const own = createPublicKey(createPrivateKey(found[0])).export({ type: "spki", format: "der" });
    const theirs = parsed.publicKey.export({ type: "spki", format: "der" });
    return own.equals(theirs) ? [] : ["tls: private key does not match public key"];
  } catch {
    return ["tls: failed to parse private key"];
  }
}
