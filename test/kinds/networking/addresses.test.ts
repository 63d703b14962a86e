import { describe, expect, it } from "vitest";
import { ipAddress } from "../../../kinds/networking/ipaddress/index.js";
import { serviceCIDR } from "../../../kinds/networking/servicecidr/index.js";
import { cells, onCreate, onUpdate } from "../support.js";

const parent = (parentRef: object): Record<string, unknown> => ({ spec: { parentRef } });
const cidrs = (...list: string[]): Record<string, unknown> => ({ spec: { cidrs: list } });

describe("#4.1 IPAddress", () => {
  it.each([
    ["192.168.0.1", []],
    ["2001:db8::1", []],
    ["192.168.000.1", ["must not have leading 0s"]],
    ["2001:db8:0::1", ['must be in canonical form ("2001:db8::1")']],
    ["::ffff:1.2.3.4", ["must not be an IPv4-mapped IPv6 address"]],
    ["web", ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"]],
  ])("may be called %s?", (name, expected) => {
    expect(ipAddress.validateName?.(name, false)).toEqual(expected);
  });

  it.each([
    [{}, ["spec.parentRef: Required value"]],
    [parent({}), ["spec.parentRef.resource: Required value", "spec.parentRef.name: Required value"]],
    [parent({ resource: "services", name: "a", namespace: "b/c" }), ["spec.parentRef.namespace: Invalid value: \"b/c\": may not contain '/'"]],
    [parent({ resource: "services", name: "a", namespace: "b" }), []],
  ])("judges %j", (fields, expected) => {
    expect(onCreate(ipAddress, fields)).toEqual(expected);
  });

  it("belongs to one object for good", () => {
    const at = { metadata: { name: "10.0.0.1", resourceVersion: "1" } };
    expect(onUpdate(ipAddress, { ...parent({ resource: "services", name: "a" }), ...at }, { ...parent({ resource: "services", name: "b" }), ...at })).toEqual([
      'spec.parentRef: Invalid value: {"Group":"","Resource":"services","Namespace":"","Name":"b"}: field is immutable',
    ]);
  });

  it("prints its parent, and an age that has no column", () => {
    expect(cells(ipAddress, parent({ group: "G.h", resource: "things", name: "t" }))).toEqual(["x", "things.g.h/t", "4m"]);
    expect(cells(ipAddress, parent({ resource: "services", namespace: "n", name: "t" }))).toEqual(["x", "services/n/t", "4m"]);
  });
});

describe("#4.1 ServiceCIDR", () => {
  it.each([
    [{}, ["spec.cidrs: Required value: at least one CIDR required"]],
    [
      cidrs("10.0.0.0/8", "11.0.0.0/8", "12.0.0.0/8"),
      ['spec.cidrs: Invalid value: {"CIDRs":["10.0.0.0/8","11.0.0.0/8","12.0.0.0/8"]}: may only hold up to 2 values'],
    ],
    [
      cidrs("10.0.0.0/8", "11.0.0.0/8"),
      ['spec.cidrs: Invalid value: ["10.0.0.0/8","11.0.0.0/8"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'],
    ],
    [cidrs("10.0.0.1/8"), ['spec.cidrs[0]: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length']],
    [cidrs("10.0.0.0/8", "2001:db8:0::/64"), ['spec.cidrs[1]: Invalid value: "2001:db8:0::/64": must be in canonical form ("2001:db8::/64")']],
  ])("judges %j", (fields, expected) => {
    expect(onCreate(serviceCIDR, fields)).toEqual(expected);
  });

  it.each([
    [["10.0.0.0/8"], ["11.0.0.0/8"], ['spec.cidrs[0]: Invalid value: "11.0.0.0/8": field is immutable']],
    [["10.0.0.0/8"], ["10.0.0.0/8", "2001:db8::/64"], []],
    [["10.0.0.0/8"], ["10.0.0.0/8", "11.0.0.0/8"], 1],
    [["10.0.0.0/8"], ["2001:db8::/64", "10.0.0.0/8"], ['spec.cidrs[0]: Invalid value: "2001:db8::/64": field is immutable']],
    [["10.0.0.0/8", "2001:db8::/64"], ["10.0.0.0/8"], ['spec.cidrs: Invalid value: ["10.0.0.0/8"]: field is immutable']],
  ])("from %j to %j", (old, now, expected) => {
    const found = onUpdate(serviceCIDR, cidrs(...old), cidrs(...now));
    if (typeof expected === "number") expect(found).toHaveLength(expected);
    else expect(found).toEqual(expected);
  });
});
