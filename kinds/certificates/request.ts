/** PKCS#10 certificate requests: what they say, and whether they are signed by the key they name. Source: Go's crypto/x509 ParseCertificateRequest, CheckSignature. */
import { constants, createPublicKey, type KeyObject, verify } from "node:crypto";
import { DerError, DerReader, TAG, textOf } from "./der.js";
import { pemBlocks } from "./pem.js";

/** Why a request is not taken, in Go's words. */
export class RequestError extends Error {}

export interface CertificateRequest {
  /** The subject's; the last one counts. */
  readonly commonName: string;
  /** Organisations of the subject, which become groups. */
  readonly organizations: readonly string[];
  /** Contents of the attributes, which are sequences. */
  readonly attributes: readonly Buffer[];
  /** What is signed. */
  readonly signed: Buffer;
  readonly signature: Buffer;
  /** Dotted identifier of the signature's algorithm. */
  readonly algorithm: string;
  /** The algorithm's parameters as they stand; PSS has its hash in them. */
  readonly parameters: Buffer;
  /** Absent: an algorithm that is not known. */
  readonly key?: KeyObject;
}

const COMMON_NAME = "2.5.4.3";
const ORGANIZATION = "2.5.4.10";
const KEY = { rsa: "1.2.840.113549.1.1.1", ec: "1.2.840.10045.2.1", ed25519: "1.3.101.112" } as const;
const CURVES = new Set(["1.3.132.0.33", "1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35"]);
const NULL = Buffer.from([5, 0]);

/** Reads the first PEM block of `data`, which is base64. Throws RequestError. */
export function parseCertificateRequest(data: string | undefined): CertificateRequest {
  const [block] = pemBlocks(data);
  if (block?.type !== "CERTIFICATE REQUEST") throw new RequestError("PEM block type must be CERTIFICATE REQUEST");
  try {
    return parse(block.bytes);
  } catch (error) {
    throw error instanceof DerError ? new RequestError(error.message) : error;
  }
}

function parse(bytes: Buffer): CertificateRequest {
  const outer = new DerReader(bytes);
  const request = outer.sequence("certificateRequest").reader;
  const { reader: tbs, full: signed } = request.sequence("tbsCertificateRequest");
  tbs.integer("int");
  const subject = tbs.any().full;
  const { reader: info, full: spki } = tbs.sequence("publicKeyInfo");
  const keyAlgorithm = algorithmOf(info);
  const keyBits = info.bits();
  const attributes = tbs
    .context(0)
    .rest()
    .map((attribute) => attribute.content);
  const { oid: algorithm, parameters } = algorithmOf(request);
  const signature = request.bits();
  if (!outer.atEnd) throw new DerError("asn1: syntax error: trailing data");
  const key = keyOf(keyAlgorithm, keyBits, spki);
  return { ...subjectOf(subject), attributes, signed, signature, algorithm, parameters, ...(key ? { key } : {}) };
}

function algorithmOf(reader: DerReader): { readonly oid: string; readonly parameters: Buffer } {
  const own = reader.sequence("AlgorithmIdentifier").reader;
  const oid = own.oid();
  return { oid, parameters: own.atEnd ? Buffer.alloc(0) : own.any().full };
}

/** Source: parsePublicKey. Keys that cannot sign (X25519, DSA) are as good as unknown: no signature of theirs is accepted. */
function keyOf({ oid, parameters }: { readonly oid: string; readonly parameters: Buffer }, bits: Buffer, spki: Buffer): KeyObject | undefined {
  if (oid === KEY.rsa) {
    if (!parameters.equals(NULL)) throw new RequestError("x509: RSA key missing NULL parameters");
    return publicKey(spki, "x509: invalid RSA public key");
  }
  if (oid === KEY.ec) {
    let curve = "";
    try {
      curve = new DerReader(parameters).oid();
    } catch {
      throw new RequestError("x509: invalid ECDSA parameters");
    }
    if (!CURVES.has(curve)) throw new RequestError("x509: unsupported elliptic curve");
    return publicKey(spki, "ecdsa: invalid uncompressed public key");
  }
  if (oid !== KEY.ed25519) return undefined;
  if (parameters.length) throw new RequestError("x509: Ed25519 key encoded with illegal parameters");
  if (bits.length !== 32) throw new RequestError("x509: wrong Ed25519 public key size");
  return publicKey(spki, "x509: wrong Ed25519 public key size");
}

function publicKey(spki: Buffer, why: string): KeyObject {
  try {
    return createPublicKey({ key: spki, format: "der", type: "spki" });
  } catch {
    throw new RequestError(why);
  }
}

function subjectOf(subject: Buffer): Pick<CertificateRequest, "commonName" | "organizations"> {
  const outer = new DerReader(subject);
  const names = outer.sequence("RDNSequence").reader;
  if (!outer.atEnd) throw new RequestError("x509: trailing data after X.509 Subject");
  const organizations: string[] = [];
  let commonName = "";
  for (const set of names.rest(TAG.set)) {
    for (const { content } of new DerReader(set.content).rest(TAG.sequence)) {
      const attribute = new DerReader(content);
      const type = attribute.oid();
      const value = textOf(attribute.any());
      if (value === undefined) continue;
      if (type === ORGANIZATION) organizations.push(value);
      if (type === COMMON_NAME) commonName = value;
    }
  }
  return { commonName, organizations };
}

interface Algorithm {
  readonly key: "RSA" | "ECDSA" | "Ed25519";
  readonly hash?: string;
  /** Known, and not good enough. */
  readonly insecure?: string;
}

const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  "1.2.840.113549.1.1.4": { key: "RSA", insecure: "MD5-RSA" },
  "1.2.840.113549.1.1.5": { key: "RSA", hash: "sha1" },
  "1.3.14.3.2.29": { key: "RSA", hash: "sha1" },
  "1.2.840.113549.1.1.11": { key: "RSA", hash: "sha256" },
  "1.2.840.113549.1.1.12": { key: "RSA", hash: "sha384" },
  "1.2.840.113549.1.1.13": { key: "RSA", hash: "sha512" },
  "1.2.840.10045.4.1": { key: "ECDSA", hash: "sha1" },
  "1.2.840.10045.4.3.2": { key: "ECDSA", hash: "sha256" },
  "1.2.840.10045.4.3.3": { key: "ECDSA", hash: "sha384" },
  "1.2.840.10045.4.3.4": { key: "ECDSA", hash: "sha512" },
  "1.3.101.112": { key: "Ed25519" },
};
const PSS = "1.2.840.113549.1.1.10";
/**
 * PSS parameters that are taken: a SHA-2, MGF1 with the same one, a salt as long as it. Source: getSignatureAlgorithmFromAI.
 * 2.16.840.1.101.3.4.2.{1,2,3} are the hashes, 1.2.840.113549.1.1.8 is MGF1; parameters of a hash are NULL or absent.
 */
const PSS_PARAMETERS = /^30..a0..(30..0609608648016503040(20[123])(?:0500)?)a1..30..06092a864886f70d010108\1a2030201(20|30|40)$/;
const PSS_HASHES: Readonly<Record<string, string>> = { "201 20": "sha256", "202 30": "sha384", "203 40": "sha512" };

function pssHash(parameters: Buffer): string | undefined {
  const [, , hash, salt] = PSS_PARAMETERS.exec(parameters.toString("hex")) ?? [];
  return PSS_HASHES[`${hash} ${salt}`];
}

const UNSUPPORTED = "x509: cannot verify signature: algorithm unimplemented";
const GO_KEYS: Readonly<Record<string, readonly [algorithm: Algorithm["key"], type: string]>> = {
  rsa: ["RSA", "*rsa.PublicKey"],
  ec: ["ECDSA", "*ecdsa.PublicKey"],
  ed25519: ["Ed25519", "ed25519.PublicKey"],
};
/** Source: crypto/rsa checkKeySize. */
const MIN_RSA_BITS = 1024;

/** Throws RequestError unless the request is signed with its own key. Source: checkSignature, SHA-1 allowed. */
export function checkSignature({ key, algorithm, parameters, signed, signature }: CertificateRequest): void {
  const pss = algorithm === PSS ? pssHash(parameters) : undefined;
  const details: Algorithm | undefined = pss ? { key: "RSA", hash: pss } : ALGORITHMS[algorithm];
  if (!details) throw new RequestError(UNSUPPORTED);
  if (details.insecure) throw new RequestError(`x509: cannot verify signature: insecure algorithm ${details.insecure}`);
  const [own, type] = GO_KEYS[key?.asymmetricKeyType ?? ""] ?? [];
  if (!key || !own) throw new RequestError(UNSUPPORTED);
  if (own !== details.key) throw new RequestError(`x509: signature algorithm specifies an ${details.key} public key, but have public key of type ${type}`);
  const bits = key.asymmetricKeyDetails?.modulusLength ?? MIN_RSA_BITS;
  if (bits < MIN_RSA_BITS) throw new RequestError(`crypto/rsa: ${bits}-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)`);
  const padding = pss ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : {};
  if (!verify(details.hash, signed, { key, ...padding }, signature))
    throw new RequestError(own === "RSA" ? "crypto/rsa: verification error" : `x509: ${own} verification failure`);
}
