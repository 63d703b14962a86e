/** What the signers for kubelets want of a request. Source: pkg/apis/certificates/helpers.go ValidateKubelet{Client,Serving}CSR. */
import { DerReader } from "./der.js";
import type { CertificateRequest } from "./request.js";

const NODES = "system:nodes";
const NODE_PREFIX = "system:node:";
const WITH_RSA = ["digital signature", "key encipherment"];

type NameKind = "dns" | "email" | "ip" | "uri";
/** Context tags of GeneralName. */
const NAME_TAGS: Readonly<Record<number, NameKind>> = { 1: "email", 2: "dns", 6: "uri", 7: "ip" };
const EXTENSION_REQUEST = "1.2.840.113549.1.9.14";
const ALTERNATIVE_NAMES = "2.5.29.17";

/** Which kinds of alternative names a request asks for. Source: parseCSRExtensions, parseSANExtension. */
export function alternativeNames(request: CertificateRequest): ReadonlySet<NameKind> {
  const kinds = new Set<NameKind>();
  for (const attribute of request.attributes) {
    const reader = new DerReader(attribute);
    if (reader.oid() !== EXTENSION_REQUEST) continue;
    for (const { content } of new DerReader(new DerReader(reader.any().content).any().content).rest()) {
      const extension = new DerReader(content);
      if (extension.oid() !== ALTERNATIVE_NAMES) continue;
      // a flag may stand before the value, which comes last
      const value = extension.rest().at(-1);
      for (const name of value ? new DerReader(new DerReader(value.content).any().content).rest() : []) {
        const kind = name.class === 2 ? NAME_TAGS[name.tag] : undefined;
        if (kind) kinds.add(kind);
      }
    }
  }
  return kinds;
}

/** The key need not be one that enciphers. */
function usagesFault(usages: readonly string[], purpose: string): string | undefined {
  const given = new Set(usages);
  const all = [purpose, ...WITH_RSA].sort();
  const without = all.filter((usage) => usage !== "key encipherment");
  const fits = [all, without].some((wanted) => wanted.length === given.size && wanted.every((usage) => given.has(usage)));
  return fits ? undefined : `usages did not match [${all.join(" ")}]`;
}

const isOfNodes = ({ organizations }: CertificateRequest): boolean => organizations.length === 1 && organizations[0] === NODES;
const NOT_OF_NODES = "subject organization is not system:nodes";
const NO_NODE = "subject common name does not begin with system:node:";
const unwelcome = (what: string): string => `${what} subjectAltNames are not allowed`;

/** Why a request is none of a kubelet as a client; undefined: it is one. */
export function kubeletClientFault(request: CertificateRequest, usages: readonly string[]): string | undefined {
  if (!isOfNodes(request)) return NOT_OF_NODES;
  const names = alternativeNames(request);
  if (names.has("dns")) return unwelcome("DNS");
  if (names.has("email")) return unwelcome("Email");
  if (names.has("ip")) return unwelcome("IP");
  if (names.has("uri")) return unwelcome("URI");
  return request.commonName.startsWith(NODE_PREFIX) ? usagesFault(usages, "client auth") : NO_NODE;
}

/** Why a request is none of a kubelet as a server. */
export function kubeletServingFault(request: CertificateRequest, usages: readonly string[]): string | undefined {
  if (!isOfNodes(request)) return NOT_OF_NODES;
  const names = alternativeNames(request);
  if (!names.has("dns") && !names.has("ip")) return "DNS or IP subjectAltName is required";
  if (names.has("email")) return unwelcome("Email");
  if (names.has("uri")) return unwelcome("URI");
  return usagesFault(usages, "server auth") ?? (request.commonName.startsWith(NODE_PREFIX) ? undefined : NO_NODE);
}
