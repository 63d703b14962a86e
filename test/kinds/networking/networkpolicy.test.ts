import { describe, expect, it } from "vitest";
import { networkPolicy } from "../../../kinds/networking/networkpolicy/index.js";
import { made, onCreate, onUpdate } from "../support.js";

const rule = (r: object): Record<string, unknown> => ({ spec: { ingress: [r] } });
const ports = (...list: object[]): Record<string, unknown> => rule({ ports: list });
const PORT = "spec.ingress[0].ports[0]";
const PEER = "spec.ingress[0].from[0]";
const block = (ipBlock: object): Record<string, unknown> => rule({ from: [{ ipBlock }] });

describe("#4.1 NetworkPolicy", () => {
  it("is about incoming traffic unless it says more", () => {
    const types = (spec: object): unknown => made(networkPolicy, { spec }).spec.policyTypes;
    expect(types({})).toEqual(["Ingress"]);
    expect(types({ egress: [{}] })).toEqual(["Ingress", "Egress"]);
    expect(types({ policyTypes: ["Egress"] })).toEqual(["Egress"]);
    expect(made(networkPolicy, ports({ port: 1 })).spec.ingress[0].ports).toEqual([{ port: 1, protocol: "TCP" }]);
  });

  it.each([
    [{}, []],
    [ports({ protocol: "ICMP" }), [`${PORT}.protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP"`]],
    [ports({ port: 70000 }), [`${PORT}.port: Invalid value: 70000: must be between 1 and 65535, inclusive`]],
    [ports({ port: 9, endPort: 5 }), [`${PORT}.endPort: Invalid value: 9: must be greater than or equal to \`port\``]],
    [ports({ endPort: 5 }), [`${PORT}.endPort: Invalid value: 5: may not be specified when \`port\` is not specified`]],
    [ports({ port: "web", endPort: 5 }), [`${PORT}.endPort: Invalid value: 5: may not be specified when \`port\` is non-numeric`]],
    [ports({ port: "9" }), [`${PORT}.port: Invalid value: "9": must contain at least one letter (a-z)`]],
    [rule({ from: [{}] }), [`${PEER}: Required value: must specify a peer`]],
    [rule({ from: [{ podSelector: {}, ipBlock: { cidr: "10.0.0.0/8" } }] }), [`${PEER}: Forbidden: may not specify both ipBlock and another peer`]],
    [
      rule({ from: [{ podSelector: { matchExpressions: [{ key: "a", operator: "In" }] } }] }),
      [`${PEER}.podSelector.matchExpressions[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`],
    ],
    [block({}), [`${PEER}.ipBlock.cidr: Required value`]],
    [block({ cidr: "10.0.0.1/8" }), [`${PEER}.ipBlock.cidr: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length`]],
    [
      block({ cidr: "10.0.0.0/8", except: ["11.0.0.0/16", "10.0.0.0/8", "10.1.0.0/16", "x"] }),
      [
        `${PEER}.ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of \`cidr\``,
        `${PEER}.ipBlock.except[1]: Invalid value: "10.0.0.0/8": must be a strict subset of \`cidr\``,
        `${PEER}.ipBlock.except[3]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)`,
      ],
    ],
    [
      { spec: { policyTypes: ["Ingress", "Egress", "Other"] } },
      ['spec.policyTypes: Invalid value: ["Ingress","Egress","Other"]: may not specify more than two policyTypes'],
    ],
    [{ spec: { policyTypes: ["Other"] } }, ['spec.policyTypes[0]: Unsupported value: "Other": supported values: "Ingress", "Egress"']],
  ])("judges %j", (fields, expected) => {
    expect(onCreate(networkPolicy, fields)).toEqual(expected);
  });

  it("lets stored CIDRs stay wherever they go", () => {
    expect(onUpdate(networkPolicy, block({ cidr: "10.0.0.1/8" }), { spec: { egress: [{ to: [{ ipBlock: { cidr: "10.0.0.1/8" } }] }] } })).toEqual([]);
  });

  it("warns of what reads two ways", () => {
    expect(networkPolicy.warnings?.(made(networkPolicy, block({ cidr: "2001:DB8::/32" })))).toEqual([
      `${PEER}.ipBlock.cidr: IPv6 CIDR value "2001:DB8::/32" should be in RFC 5952 canonical format ("2001:db8::/32")`,
    ]);
  });
});
