/**
 * Validation of CertificateSigningRequests. Source: pkg/apis/certificates/validation. What upstream tolerates because old versions of the API let it in is not
 * tolerated here: there is no way in for it.
 */
import { X509Certificate } from "node:crypto";
import { duplicate, type FieldError, forbidden, invalid, notSupported, quote, required } from "../../field.js";
import type { KubeObject } from "../../object.js";
import type { CertificateSigningRequestCondition } from "../../schema/api/certificates.v1.js";
import { validateKubeObjectMeta, validateKubeObjectMetaUpdate } from "../../validation/metadata.js";
import { validateSignerName } from "../../validation/signername.js";
import { DerReader } from "../der.js";
import { pemBlocks } from "../pem.js";
import { checkSignature, parseCertificateRequest, RequestError } from "../request.js";

/** Sorted: they are listed in the message. */
const USAGES = [
  "any",
  "cert sign",
  "client auth",
  "code signing",
  "content commitment",
  "crl sign",
  "data encipherment",
  "decipher only",
  "digital signature",
  "email protection",
  "encipher only",
  "ipsec end system",
  "ipsec tunnel",
  "ipsec user",
  "key agreement",
  "key encipherment",
  "microsoft sgc",
  "netscape sgc",
  "ocsp signing",
  "s/mime",
  "server auth",
  "signing",
  "timestamping",
];
const LEGACY_SIGNER = "kubernetes.io/legacy-unknown";
const MIN_SECONDS = 600;
const CONDITIONS = "status.conditions";
/** Final conditions: they are there and true, or they are not there. */
const FINAL = ["Approved", "Denied", "Failed"];

const conditionsOf = (object: KubeObject): readonly Partial<CertificateSigningRequestCondition>[] => object.status?.conditions ?? [];
const count = (object: KubeObject, type: string): number => conditionsOf(object).filter((c) => c.type === type).length;

export function validateCertificateSigningRequest(object: KubeObject): FieldError[] {
  const { request, usages, signerName, expirationSeconds } = object.spec ?? {};
  const out: FieldError[] = [];
  const fault = requestFault(request);
  if (fault) out.push(invalid("spec.request", request, fault));
  const list: readonly string[] = usages ?? [];
  if (list.length === 0) out.push(required("spec.usages"));
  for (const [i, usage] of list.entries()) if (!USAGES.includes(usage)) out.push(notSupported(`spec.usages[${i}]`, usage, USAGES));
  const seen = new Set<string>();
  for (const [i, usage] of list.entries()) {
    if (seen.has(usage)) out.push(duplicate(`spec.usages[${i}]`, usage));
    seen.add(usage);
  }
  if (signerName === LEGACY_SIGNER) out.push(invalid("spec.signerName", signerName, "the legacy signerName is not allowed via this API version"));
  else out.push(...validateSignerName(signerName, "spec.signerName"));
  if (typeof expirationSeconds === "number" && expirationSeconds < MIN_SECONDS)
    out.push(invalid("spec.expirationSeconds", expirationSeconds, "may not specify a duration less than 600 seconds (10 minutes)"));
  return [...out, ...validateConditions(conditionsOf(object))];
}

function requestFault(request: string | undefined): string | undefined {
  try {
    checkSignature(parseCertificateRequest(request));
    return undefined;
  } catch (error) {
    if (error instanceof RequestError) return error.message;
    throw error;
  }
}

function validateConditions(conditions: readonly Partial<CertificateSigningRequestCondition>[]): FieldError[] {
  const out: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, { type = "", status = "" }] of conditions.entries()) {
    const path = `${CONDITIONS}[${i}]`;
    if (type === "") out.push(required(`${path}.type`));
    const allowed = FINAL.includes(type) ? ["True"] : ["False", "True", "Unknown"];
    if (status === "") out.push(required(`${path}.status`));
    else if (!allowed.includes(status)) out.push(notSupported(`${path}.status`, status, allowed));
    const other = type === "Approved" ? "Denied" : type === "Denied" ? "Approved" : undefined;
    if (other && seen.has(other)) out.push(invalid(CONDITIONS, type, "Approved and Denied conditions are mutually exclusive"));
    if (seen.has(type)) out.push(duplicate(`${path}.type`, type));
    seen.add(type);
  }
  return out;
}

/** Source: validateCertificate. */
function certificateFault(certificate: string | undefined): string | undefined {
  if (!certificate) return undefined;
  const blocks = pemBlocks(certificate);
  for (const { type, hasHeaders, bytes } of blocks) {
    if (type !== "CERTIFICATE") return `only CERTIFICATE PEM blocks are allowed, found ${quote(type)}`;
    if (hasHeaders) return "no PEM block headers are permitted";
    try {
      const reader = new DerReader(bytes);
      if (reader.atEnd) return "found CERTIFICATE PEM block containing 0 certificates";
      while (!reader.atEnd) new X509Certificate(reader.any().full);
    } catch {
      return "x509: malformed certificate";
    }
  }
  return blocks.length ? undefined : "must contain at least one CERTIFICATE PEM block";
}

/** What one way of updating may set that the others may not. */
export interface MaySet {
  readonly approval?: boolean;
  readonly certificate?: boolean;
}

export function validateCertificateSigningRequestUpdate(object: KubeObject, old: KubeObject, may: MaySet): FieldError[] {
  const out = [...validateKubeObjectMeta(object.metadata, false, () => []), ...validateCertificateSigningRequest(object)];
  const [certificate, before]: readonly string[] = [object.status?.certificate ?? "", old.status?.certificate ?? ""];
  // a certificate that stays is not looked at again
  const fault = certificate === before ? undefined : certificateFault(certificate);
  if (fault) out.push(invalid("status.certificate", "<certificate data>", fault));
  for (const type of FINAL) if (count(object, type) < count(old, type)) out.push(forbidden(CONDITIONS, `updates may not remove a condition of type "${type}"`));
  // they cannot have been modified: whoever may not set them has been given those that were there (preserveConditionInstances)
  if (!may.approval)
    for (const type of ["Approved", "Denied"])
      if (count(object, type) > count(old, type)) out.push(forbidden(CONDITIONS, `updates may not add a condition of type "${type}"`));
  if (certificate !== before) {
    if (!may.certificate) out.push(forbidden("status.certificate", "updates may not set certificate content"));
    else if (before !== "") out.push(forbidden("status.certificate", "updates may not modify existing certificate content"));
  }
  return [...out, ...validateKubeObjectMetaUpdate(object.metadata, old.metadata)];
}
