import { X509Certificate } from "node:crypto";
import { kubeletClientFault, kubeletServingFault } from "../../kinds/certificates/kubelet.js";
import { pemBlocks } from "../../kinds/certificates/pem.js";
import { parseCertificateRequest } from "../../kinds/certificates/request.js";
import type { KubeObject } from "../../kinds/object.js";
import type { CertificateSigningRequestCondition } from "../../kinds/schema/api/certificates.v1.js";

const KUBELET_CLIENT = "kubernetes.io/kube-apiserver-client-kubelet";
const KUBELET_SERVING = "kubernetes.io/kubelet-serving";
const CLIENT = "kubernetes.io/kube-apiserver-client";

const HOUR_MS = 3600_000;
const YEAR_SECONDS = 365 * 24 * 3600;
const MIN_SECONDS = 600;

const conditionsOf = (request: KubeObject): readonly CertificateSigningRequestCondition[] => request.status?.conditions ?? [];
const has = (request: KubeObject, type: string): boolean => conditionsOf(request).some((c) => c.type === type);
const usagesOf = (request: KubeObject): readonly string[] => request.spec?.usages ?? [];

/** A right that makes a request approve itself, and what is said then. */
export interface SelfApproval {
  readonly subresource: "selfnodeclient" | "nodeclient";
  readonly message: string;
}

/** What a request that nobody has decided on is approved for, if the requester has the right. Source: approver/sarapprove.go. */
export function planApproval(request: KubeObject): readonly SelfApproval[] {
  const { status, spec } = request;
  if (status?.certificate || has(request, "Approved") || has(request, "Denied") || spec?.signerName !== KUBELET_CLIENT) return [];
  const parsed = parseCertificateRequest(spec.request);
  if (kubeletClientFault(parsed, usagesOf(request)) !== undefined) return [];
  const node: SelfApproval = { subresource: "nodeclient", message: "Auto approving kubelet client certificate after SubjectAccessReview." };
  const self: SelfApproval = { subresource: "selfnodeclient", message: "Auto approving self kubelet client certificate after SubjectAccessReview." };
  return spec.username === parsed.commonName ? [self, node] : [node];
}

/** `seconds`: a certificate that is good for so long. */
export type Signing = { readonly seconds: number } | { readonly fault: string };

/** What the cluster's own signers do about a request. Source: signer/signer.go. */
export function planSigning(request: KubeObject): Signing | undefined {
  if (request.status?.certificate || !has(request, "Approved") || has(request, "Denied")) return undefined;
  if (conditionsOf(request).some((c) => c.type === "Failed" && (c.status ?? "True") === "True")) return undefined;
  const rule = RULES[request.spec?.signerName ?? ""];
  if (!rule) return undefined;
  const fault = rule(request);
  if (fault !== undefined) return { fault };
  return { seconds: Math.min(Math.max(request.spec?.expirationSeconds ?? YEAR_SECONDS, MIN_SECONDS), YEAR_SECONDS) };
}

const RULES: Readonly<Record<string, (request: KubeObject) => string | undefined>> = {
  [KUBELET_SERVING]: (r) => kubeletServingFault(parseCertificateRequest(r.spec?.request), usagesOf(r)),
  [KUBELET_CLIENT]: (r) => kubeletClientFault(parseCertificateRequest(r.spec?.request), usagesOf(r)),
  [CLIENT]: (r) => clientFault(usagesOf(r)),
};

const PURPOSE = "client auth";

function clientFault(usages: readonly string[]): string | undefined {
  const other = usages.find((usage) => ![PURPOSE, "digital signature", "key encipherment"].includes(usage));
  if (other !== undefined) return `invalid usage for client certificate: ${other}`;
  return usages.includes(PURPOSE) ? undefined : `missing required usage for client certificate: ${PURPOSE}`;
}

/** Whether a request has lain about for long enough. Source: cleaner/cleaner.go. */
export function isOverdue(request: KubeObject, now: number): boolean {
  const olderThan = (time: string | null | undefined, ms: number): boolean => !!time && now - Date.parse(time) > ms;
  const conditions = conditionsOf(request);
  const certificate: string = request.status?.certificate ?? "";
  if (conditions.length === 0) return olderThan(request.metadata.creationTimestamp, 24 * HOUR_MS);
  return conditions.some(({ type, lastUpdateTime }) => {
    if (type === "Denied" || type === "Failed") return olderThan(lastUpdateTime, HOUR_MS);
    if (type !== "Approved") return false;
    if (certificate === "") return olderThan(lastUpdateTime, 24 * HOUR_MS);
    return olderThan(lastUpdateTime, HOUR_MS) || isExpired(certificate, now);
  });
}

function isExpired(certificate: string, now: number): boolean {
  const [first] = pemBlocks(certificate);
  try {
    return first !== undefined && Date.parse(new X509Certificate(first.bytes).validTo) < now;
  } catch {
    return false;
  }
}
