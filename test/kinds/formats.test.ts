import { describe, expect, it } from "vitest";
import { humanDuration } from "../../kinds/printing.js";
import { cidrText, ipText, isValidCIDR, isValidIP, type ParsedIP, parseCIDRSloppy, parseIPSloppy } from "../../kinds/validation/ip.js";
import { validateObjectMeta, validateObjectMetaUpdate } from "../../kinds/validation/metadata.js";
import * as names from "../../kinds/validation/names.js";

describe("#3.1 formats", () => {
  it.each([
    [names.isDNS1123Label, "a.b", ["must not contain dots"]],
    [names.isDNS1123Label, "a-b", []],
    [names.isDNS1035Label, "a1", []],
    [names.isDNS1123Subdomain, `${"a".repeat(254)}`, ["must be no more than 253 characters"]],
    [names.isQualifiedName, "/a", ["prefix part must be non-empty"]],
    [names.isQualifiedName, `a/${"b".repeat(64)}`, ["name part must be no more than 63 bytes"]],
    [names.isValidLabelValue, "", []],
    [names.isValidPortName, "a--b", ["must not contain consecutive hyphens"]],
    [names.isValidPortName, "80", ["must contain at least one letter (a-z)"]],
    [names.isConfigMapKey, "..", ["must not be '..'"]],
    [names.isConfigMapKey, "..a", ["must not start with '..'"]],
    [names.isRelaxedEnvVarName, "a b%", []],
    [names.isRelaxedEnvVarName, "a=b", ["a valid environment variable name must consist only of printable ASCII characters other than '='"]],
  ])("%o(%j)", (rule, value, expected) => {
    expect(rule(value)).toEqual(expected);
  });

  it("judges a generateName with its trailing dash masked", () => {
    expect(names.nameIsDNSLabel("web-", true)).toEqual([]);
    expect(names.nameIsDNSLabel("web-", false)).toHaveLength(1);
  });

  it.each([
    ["10.1.2.3", "10.1.2.3"],
    ["010.1.2.3", "10.1.2.3"],
    ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["::", "::"],
    ["::ffff:1.2.3.4", "1.2.3.4"],
    ["1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8"],
  ])("%s reads %s", (text, canonical) => {
    expect(ipText(parseIPSloppy(text) as ParsedIP)).toBe(canonical);
  });

  it.each(["", "1.2.3", "1.2.3.256", "1::2::3", ":::", "12345::", "g::", "1:2:3:4:5:6:7", "fe80::1%eth0"])("%j is no address", (text) => {
    expect(parseIPSloppy(text)).toBeUndefined();
  });

  it("networks", () => {
    const c = parseCIDRSloppy("10.9.8.7/20");
    expect(c && cidrText(c)).toBe("10.9.0.0/20");
    expect(isValidCIDR("f", "10.9.8.7/20")[0]?.message).toBe('Invalid value: "10.9.8.7/20": must not have bits set beyond the prefix length');
    expect(isValidIP("f", "2001:DB8::1")[0]?.message).toBe('Invalid value: "2001:DB8::1": must be in canonical form ("2001:db8::1")');
  });

  it.each([
    [-5000, "<invalid>"],
    [-900, "0s"],
    [119_000, "119s"],
    [120_000, "2m"],
    [61 * 60_000, "61m"],
    [3 * 3_600_000 + 60_000, "3h1m"],
    [50 * 3_600_000, "2d2h"],
    [800 * 86_400_000, "2y70d"],
  ])("%d ms is %s", (ms, text) => {
    expect(humanDuration(ms)).toBe(text);
  });
});

describe("#3.1 metadata", () => {
  const fields = (list: readonly { field: string; message: string }[]) => list.map((e) => `${e.field}: ${e.message}`);

  it("wants a name and a namespace", () => {
    expect(fields(validateObjectMeta({}, true, names.nameIsDNSSubdomain))).toEqual([
      "metadata.name: Required value: name or generateName is required",
      "metadata.namespace: Required value",
    ]);
    expect(fields(validateObjectMeta({ name: "a", namespace: "b" }, false, names.nameIsDNSSubdomain))).toEqual([
      "metadata.namespace: Forbidden: not allowed on this type",
    ]);
  });

  it("annotation keys may be upper case, their sum has a limit", () => {
    expect(validateObjectMeta({ name: "a", annotations: { "EXAMPLE.com/X": "1" } }, false, names.nameIsDNSSubdomain)).toEqual([]);
    expect(fields(validateObjectMeta({ name: "a", annotations: { a: "x".repeat(262144) } }, false, names.nameIsDNSSubdomain))).toEqual([
      "metadata.annotations: Too long: may not be more than 262144 bytes",
    ]);
  });

  it("one controller only", () => {
    const ref = (name: string) => ({ apiVersion: "v1", kind: "Pod", name, uid: "u", controller: true });
    const found = validateObjectMeta({ name: "a", ownerReferences: [ref("x"), ref("y")] }, false, names.nameIsDNSSubdomain);
    expect(found).toHaveLength(1);
    expect(found[0]?.message).toContain('Found "true" in references for Pod/x and Pod/y');
  });

  it("no finalizer joins an object that is being deleted, identity never changes", () => {
    const old = { name: "a", uid: "1", resourceVersion: "5", deletionTimestamp: "2024-01-01T00:00:00Z", finalizers: ["a/b"] };
    expect(fields(validateObjectMetaUpdate({ ...old, uid: "2", finalizers: ["a/b", "c/d"] }, old))).toEqual([
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"c/d"}',
      'metadata.uid: Invalid value: "2": field is immutable',
    ]);
  });
});
