/** Source: pkg/apis/networking/validation ValidateNetworkPolicy(Update), pkg/registry/networking/networkpolicy. */
import { type FieldError, forbidden, invalid, notSupported, required } from "../../field.js";
import type { KubeObject } from "../../object.js";
import type { IPBlock, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec } from "../../schema/api/networking.v1.js";
import { cidrContains, isValidCIDRForLegacyField, parseCIDRSloppy, warningsForCIDR } from "../../validation/ip.js";
import { type LabelSelector, validateKubeObjectMetaUpdate, validateLabelSelector } from "../../validation/metadata.js";
import { isValidPortName, isValidPortNum } from "../../validation/names.js";

const PROTOCOLS = ["TCP", "UDP", "SCTP"];
const TYPES = ["Ingress", "Egress"];

/** What an update may keep though it is wrong. */
interface Options {
  readonly labelValues: boolean;
  /** CIDRs that stood anywhere in the stored policy: rules move about, so each is good everywhere. */
  readonly cidrs: readonly string[];
}

function validatePort(port: NetworkPolicyPort, field: string): FieldError[] {
  const out: FieldError[] = [];
  const protocol = port.protocol ?? undefined;
  const number = port.port ?? undefined;
  const end = port.endPort ?? undefined;
  if (protocol !== undefined && !PROTOCOLS.includes(protocol)) out.push(notSupported(`${field}.protocol`, protocol, PROTOCOLS));
  if (number === undefined) {
    if (end !== undefined) out.push(invalid(`${field}.endPort`, end, "may not be specified when `port` is not specified"));
    return out;
  }
  if (typeof number === "string") {
    if (end !== undefined) out.push(invalid(`${field}.endPort`, end, "may not be specified when `port` is non-numeric"));
    return [...out, ...isValidPortName(number).map((text) => invalid(`${field}.port`, number, text))];
  }
  out.push(...isValidPortNum(number).map((text) => invalid(`${field}.port`, number, text)));
  if (end === undefined) return out;
  // the value printed is the port's: upstream's slip, and part of the message
  if (end < number) out.push(invalid(`${field}.endPort`, number, "must be greater than or equal to `port`"));
  return [...out, ...isValidPortNum(end).map((text) => invalid(`${field}.endPort`, end, text))];
}

function validateIPBlock(block: IPBlock, field: string, options: Options): FieldError[] {
  if (!block.cidr) return [required(`${field}.cidr`)];
  const out = isValidCIDRForLegacyField(`${field}.cidr`, block.cidr, true, options.cidrs);
  const cidr = parseCIDRSloppy(block.cidr);
  if (!cidr) return out;
  for (const [i, text] of (block.except ?? []).entries()) {
    const at = `${field}.except[${i}]`;
    out.push(...isValidCIDRForLegacyField(at, text, true, options.cidrs));
    const except = parseCIDRSloppy(text);
    if (!except) continue;
    const inside = cidr.bits === except.bits && cidrContains(cidr, { ...except.ip, bytes: except.network });
    if (!inside || cidr.prefix >= except.prefix) out.push(invalid(at, text, "must be a strict subset of `cidr`"));
  }
  return out;
}

function validatePeer(peer: NetworkPolicyPeer, field: string, options: Options): FieldError[] {
  const selector = { allowInvalidLabelValueInSelector: options.labelValues };
  const { podSelector, namespaceSelector, ipBlock } = peer;
  const out = [
    ...validateLabelSelector(podSelector as LabelSelector | undefined, selector, `${field}.podSelector`),
    ...validateLabelSelector(namespaceSelector as LabelSelector | undefined, selector, `${field}.namespaceSelector`),
    ...(ipBlock ? validateIPBlock(ipBlock, `${field}.ipBlock`, options) : []),
  ];
  if (!podSelector && !namespaceSelector && !ipBlock) return [...out, required(field, "must specify a peer")];
  if (ipBlock && (podSelector || namespaceSelector)) return [...out, forbidden(field, "may not specify both ipBlock and another peer")];
  return out;
}

interface Rule {
  readonly field: string;
  readonly peersField: string;
  readonly ports: readonly NetworkPolicyPort[];
  readonly peers: readonly NetworkPolicyPeer[];
}

/** Ingress rules, then egress rules, each with the path of its peers. */
const rulesOf = (spec: Partial<NetworkPolicySpec> | undefined): Rule[] => [
  ...(spec?.ingress ?? []).map((r, i) => ({ field: `spec.ingress[${i}]`, peersField: `spec.ingress[${i}].from`, ports: r.ports ?? [], peers: r.from ?? [] })),
  ...(spec?.egress ?? []).map((r, i) => ({ field: `spec.egress[${i}]`, peersField: `spec.egress[${i}].to`, ports: r.ports ?? [], peers: r.to ?? [] })),
];

function validateSpec(spec: Partial<NetworkPolicySpec>, options: Options): FieldError[] {
  const selector = (spec.podSelector ?? {}) as LabelSelector;
  const types: readonly string[] = spec.policyTypes ?? [];
  const out = validateLabelSelector(selector, { allowInvalidLabelValueInSelector: options.labelValues }, "spec.podSelector");
  for (const { field, peersField, ports, peers } of rulesOf(spec)) {
    out.push(...ports.flatMap((port, i) => validatePort(port, `${field}.ports[${i}]`)));
    out.push(...peers.flatMap((peer, i) => validatePeer(peer, `${peersField}[${i}]`, options)));
  }
  if (types.length > TYPES.length) return [...out, invalid("spec.policyTypes", types, "may not specify more than two policyTypes")];
  return [...out, ...types.flatMap((type, i) => (TYPES.includes(type) ? [] : [notSupported(`spec.policyTypes[${i}]`, type, TYPES)]))];
}

export const validateNetworkPolicy = (object: KubeObject): FieldError[] => validateSpec(object.spec ?? {}, { labelValues: false, cidrs: [] });

export function validateNetworkPolicyUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const blocks = rulesOf(old.spec).flatMap(({ peers }) => peers.flatMap((peer) => peer.ipBlock ?? []));
  const options: Options = {
    labelValues: validateLabelSelector((old.spec?.podSelector ?? {}) as LabelSelector, {}, "").length > 0,
    cidrs: blocks.flatMap((block) => [block.cidr, ...(block.except ?? [])]),
  };
  return [...validateKubeObjectMetaUpdate(object.metadata, old.metadata), ...validateSpec(object.spec ?? {}, options)];
}

/** CIDRs that read two ways. */
export const networkPolicyWarnings = (object: KubeObject): string[] =>
  rulesOf(object.spec).flatMap(({ peersField, peers }) =>
    peers.flatMap(({ ipBlock }, i) => {
      const at = `${peersField}[${i}].ipBlock`;
      if (!ipBlock) return [];
      return [
        ...warningsForCIDR(`${at}.cidr`, ipBlock.cidr ?? ""),
        ...(ipBlock.except ?? []).flatMap((text, j) => warningsForCIDR(`${at}.except[${j}]`, text)),
      ];
    }),
  );
