import { parseCertificateRequest, RequestError } from "../../../kinds/certificates/request.js";
import { quote } from "../../../kinds/field.js";
import type { KubeObject } from "../../../kinds/object.js";
import { semanticEqual } from "../../../kinds/validation/equality.js";
import { forbidden } from "../../errors.js";
import { resourceName } from "../objects.js";
import type { RequestContext, Services } from "../types.js";
import type { AdmissionPlugin, Attributes } from "./types.js";

const isRequest = ({ kind }: Attributes): boolean => kind.group === "certificates.k8s.io" && kind.resource === "certificatesigningrequests";
const refuse = (a: Attributes, why: string): Error => forbidden(resourceName(a.kind), a.name, why);

/** What an update is of; undefined where it does not concern requests, or another part of them. */
const updateOf = (a: Attributes, subresource: string): KubeObject | undefined =>
  a.operation === "UPDATE" && a.subresource === subresource && isRequest(a) ? a.old : undefined;

/** Rights are on signers, one by one or all of a domain. Source: pkg/certauthorization IsAuthorizedForSignerName. */
function mayFor(verb: string, signer: string, { user, trusted }: RequestContext, { authorizer }: Services): boolean {
  if (trusted) return true;
  const asks = { user, verb, group: "certificates.k8s.io", resource: "signers", subresource: "", namespace: "" };
  const all = `${signer.split("/")[0]}/*`;
  return authorizer.authorize({ ...asks, name: signer }).allowed || authorizer.authorize({ ...asks, name: all }).allowed;
}

/** Who decides on a request must be allowed to for its signer. The signer is that of the stored request. Source: plugin/pkg/admission/certificates/approval. */
export const certificateApproval: AdmissionPlugin = {
  name: "CertificateApproval",
  validate(a, ctx, services) {
    const old = updateOf(a, "approval");
    if (!old) return;
    const signer: string = old.spec?.signerName ?? "";
    if (!mayFor("approve", signer, ctx, services)) throw refuse(a, `user not permitted to approve requests with signerName ${quote(signer)}`);
  },
};

/** Who puts the certificate or conditions into a request must be allowed to sign for its signer. Source: plugin/pkg/admission/certificates/signing. */
export const certificateSigning: AdmissionPlugin = {
  name: "CertificateSigning",
  validate(a, ctx, services) {
    const old = updateOf(a, "status");
    if (!old) return;
    const [was, is] = [old.status, a.object?.status];
    if ((was?.certificate ?? "") === (is?.certificate ?? "") && semanticEqual(was?.conditions, is?.conditions)) return;
    const signer: string = old.spec?.signerName ?? "";
    if (!mayFor("sign", signer, ctx, services)) throw refuse(a, `user not permitted to sign requests with signerName ${quote(signer)}`);
  },
};

const CLIENT_SIGNER = "kubernetes.io/kube-apiserver-client";
const MASTERS = "system:masters";

/** No certificate makes its holder the administrator. Source: plugin/pkg/admission/certificates/subjectrestriction. */
export const certificateSubjectRestriction: AdmissionPlugin = {
  name: "CertificateSubjectRestriction",
  validate(a) {
    if (a.operation !== "CREATE" || a.subresource !== "" || !isRequest(a) || a.object?.spec?.signerName !== CLIENT_SIGNER) return;
    if (organizations(a).includes(MASTERS)) throw refuse(a, `use of ${CLIENT_SIGNER} signer with ${MASTERS} group is not allowed`);
  },
};

function organizations(a: Attributes): readonly string[] {
  try {
    return parseCertificateRequest(a.object?.spec?.request).organizations;
  } catch (error) {
    if (error instanceof RequestError) throw refuse(a, `failed to parse CSR: ${error.message}`);
    throw error;
  }
}
