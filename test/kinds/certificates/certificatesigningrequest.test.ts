import { describe, expect, it } from "vitest";
import { certificateSigningRequest as kind } from "../../../kinds/certificates/certificatesigningrequest/index.js";
import { pemBlocks } from "../../../kinds/certificates/pem.js";
import { checkSignature, parseCertificateRequest } from "../../../kinds/certificates/request.js";
import type { ViewSubresource } from "../../../kinds/kind.js";
import type { KubeObject } from "../../../kinds/object.js";
import { cells } from "../support.js";
import { base64, CERTIFICATE, EC, ED25519, MASTERS, pem, RSA512, SECP256K1, turned } from "./samples.js";

const bytes = (...values: number[]): Buffer => Buffer.from(values);
const texts = (errors: readonly { field: string; message: string }[]): string[] => errors.map((e) => `${e.field}: ${e.message}`);
const SPEC = { request: pem(EC), signerName: "example.com/x", usages: ["client auth"] };
const made = (spec: object, status?: object): KubeObject => ({
  apiVersion: "certificates.k8s.io/v1",
  kind: "CertificateSigningRequest",
  metadata: { name: "c", uid: "u", resourceVersion: "1" },
  spec,
  ...(status ? { status } : {}),
});
const found = (spec: object): string[] => texts(kind.validate?.(made(spec)) ?? []);

const NO_PEM = "PEM block type must be CERTIFICATE REQUEST";
const fault = (request: string): string | undefined => {
  try {
    checkSignature(parseCertificateRequest(request));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
};

describe("#4.1 certificate requests in PKCS#10", () => {
  it.each<[what: string, request: string, fault: string | undefined]>([
    ["P-256", pem(EC), undefined],
    ["Ed25519", pem(ED25519), undefined],
    ["text around it", base64(`hello\n${Buffer.from(pem(EC), "base64")}bye`), undefined],
    ["headers", pem(EC, undefined, "A: b\n\n"), undefined],
    ["a beginning without an end before it", base64(`-----BEGIN CERTIFICATE REQUEST-----\nabc\n${Buffer.from(pem(EC), "base64")}`), undefined],
    ["nothing", "", NO_PEM],
    ["no PEM", "bm9wZQ==", NO_PEM],
    ["another block", pem(CERTIFICATE, "CERTIFICATE"), NO_PEM],
    ["another block first", base64(`${Buffer.from(pem(CERTIFICATE, "CERTIFICATE"), "base64")}${Buffer.from(pem(EC), "base64")}`), NO_PEM],
    ["not at the start of a line", base64(`hello${Buffer.from(pem(EC), "base64")}`), NO_PEM],
    ["something after the end", base64(`${Buffer.from(pem(EC), "base64").toString().trimEnd()} x\n`), NO_PEM],
    ["no content", pem(""), "asn1: syntax error: sequence truncated"],
    ["an empty sequence", pem(bytes(0x30, 0)), "asn1: syntax error: sequence truncated"],
    ["an endless sequence", pem(bytes(0x30, 0x80)), "asn1: syntax error: indefinite length found (not DER)"],
    ["zeros in a length", pem(bytes(0x30, 0x82, 0, 1)), "asn1: structure error: superfluous leading zeros in length"],
    ["a long short length", pem(bytes(0x30, 0x81, 5)), "asn1: structure error: non-minimal length"],
    ["half of it", pem(Buffer.from(EC, "base64").subarray(0, 100)), "asn1: syntax error: data truncated"],
    ["more than it", pem(Buffer.concat([Buffer.from(EC, "base64"), bytes(0)])), "asn1: syntax error: trailing data"],
    [
      "text",
      pem(Buffer.from("nope")),
      "asn1: structure error: tags don't match (16 vs {class:1 tag:14 length:111 isCompound:true}) {optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false} certificateRequest @2",
    ],
    ["another signature", pem(turned(EC, -1)), "x509: ECDSA verification failure"],
    ["another signature of Ed25519", pem(turned(ED25519, -1)), "x509: Ed25519 verification failure"],
    ["a short key", pem(RSA512), "crypto/rsa: 512-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)"],
    ["an unknown curve", pem(SECP256K1), "x509: unsupported elliptic curve"],
  ])("%s", (_what, request, expected) => {
    expect(fault(request)).toBe(expected);
  });

  it("tells the organisations of the subject", () => {
    expect(parseCertificateRequest(pem(EC)).organizations).toEqual(["one", "two"]);
    expect(parseCertificateRequest(pem(MASTERS)).organizations).toEqual(["system:masters"]);
  });

  it.each([
    ["ends", "\n-----END "],
    ["beginnings", "-----BEGIN CERTIFICATE REQUEST-----\n"],
    ["blanks", " "],
    ["headers", "a: b\n"],
    ["empty blocks", "-----BEGIN A-----\n-----END A-----\n"],
    ["broken blocks", "-----BEGIN A-----\n*\n-----END A-----\n"],
  ])("is not held up by a body full of %s", (_what, part) => {
    const body = base64(`-----BEGIN CERTIFICATE REQUEST-----\nx${part.repeat(3_000_000 / part.length)}\n-----END CERTIFICATE REQUEST-----\n`);
    const start = performance.now();
    expect(fault(body)).toBeDefined();
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it("finds every block", () => {
    const both = base64(`${Buffer.from(pem(EC), "base64")}text\n${Buffer.from(pem(CERTIFICATE, "X", "A: b\n\n"), "base64")}`);
    expect(pemBlocks(both).map(({ type, hasHeaders }) => [type, hasHeaders])).toEqual([
      ["CERTIFICATE REQUEST", false],
      ["X", true],
    ]);
  });
});

describe("#4.1 CertificateSigningRequest", () => {
  const FQ = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
  it.each<[spec: object, found: string[]]>([
    [{}, []],
    [{ request: undefined }, [`spec.request: Invalid value: null: ${NO_PEM}`]],
    [{ usages: undefined }, ["spec.usages: Required value"]],
    [{ usages: ["any", "any"] }, ['spec.usages[1]: Duplicate value: "any"']],
    [{ signerName: "" }, ["spec.signerName: Required value"]],
    [{ signerName: "x" }, [`spec.signerName: Invalid value: "x": ${FQ}`]],
    [{ signerName: "a.b/c/d" }, [`spec.signerName: Invalid value: "a.b/c/d": ${FQ}`]],
    [{ signerName: "a/b" }, ['spec.signerName: Invalid value: "a": should be a domain with at least two segments separated by dots']],
    [
      { signerName: "kubernetes.io/legacy-unknown" },
      ['spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version'],
    ],
    [{ expirationSeconds: 600 }, []],
    [{ expirationSeconds: 599 }, ["spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 600 seconds (10 minutes)"]],
  ])("%j", (spec, expected) => {
    expect(found({ ...SPEC, ...spec })).toEqual(expected);
  });

  it("looks for usages that are none before those that stand twice", () => {
    const [first, second, third] = found({ ...SPEC, usages: ["nope", "nope"] });
    expect(first).toMatch(/^spec\.usages\[0\]: Unsupported value: "nope": supported values: "any", "cert sign", .*, "timestamping"$/);
    expect([second?.slice(0, 14), third]).toEqual(["spec.usages[1]", 'spec.usages[1]: Duplicate value: "nope"']);
  });

  it("is the requester's, whatever the body says, and undecided", () => {
    const object = made({ ...SPEC, username: "eve", uid: "7", groups: ["x"], extra: { a: ["b"] } }, { conditions: [{ type: "Approved", status: "True" }] });
    kind.prepareForCreate?.(object, { now: 0, user: "me", groups: ["g"], extra: { k: ["v"] } });
    expect(object.spec).toEqual({ ...SPEC, username: "me", groups: ["g"], extra: { k: ["v"] } });
    expect(object.status).toEqual({});
  });

  const approval = kind.views?.[0] as ViewSubresource;
  const status = kind.status as ViewSubresource;
  const NOW = Date.parse("2026-01-02T03:04:05Z");
  const TIME = "2026-01-02T03:04:05Z";
  const EARLIER = "2026-01-01T00:00:00Z";
  const yes = { type: "Approved", status: "True", reason: "Me", message: "ok" };
  const decided = { ...yes, lastUpdateTime: EARLIER, lastTransitionTime: EARLIER };
  const through = (view: ViewSubresource | undefined, before: object, given: object | undefined) => {
    const old = made(SPEC, structuredClone(before));
    const object = made({ ...SPEC, signerName: "other.com/x" }, structuredClone(given));
    const ctx = { now: NOW, user: "me" };
    if (view) view.prepareForUpdate(object, old, ctx);
    else kind.prepareForUpdate?.(object, old, ctx);
    const errors = view ? view.validateUpdate(object, old) : (kind.validateUpdate?.(object, old) ?? []);
    expect(object.spec).toEqual(SPEC);
    return { status: object.status, found: texts(errors) };
  };
  const EXCLUSIVE = "Approved and Denied conditions are mutually exclusive";
  const cert = pem(CERTIFICATE, "CERTIFICATE");
  const refused = (text: string): string => `status.certificate: Invalid value: "<certificate data>": ${text}`;

  it("stays as it is but for its metadata", () => {
    expect(through(undefined, { conditions: [decided] }, { certificate: cert })).toEqual({ status: { conditions: [decided] }, found: [] });
  });

  it("is decided on by approval, which touches the conditions only", () => {
    expect(through(approval, { certificate: cert }, { conditions: [yes, { type: "Own", status: "False" }] })).toEqual({
      status: {
        certificate: cert,
        conditions: [
          { ...yes, lastUpdateTime: TIME, lastTransitionTime: TIME },
          { type: "Own", status: "False", lastUpdateTime: TIME, lastTransitionTime: TIME },
        ],
      },
      found: [],
    });
    expect(through(approval, { conditions: [decided] }, { conditions: [yes] }).status.conditions).toEqual([
      { ...yes, lastUpdateTime: TIME, lastTransitionTime: EARLIER },
    ]);
  });

  it.each<[given: object[], found: string[]]>([
    [[yes, { ...yes, type: "Denied" }], [`status.conditions: Invalid value: "Denied": ${EXCLUSIVE}`]],
    [[{ ...yes, type: "Denied" }, yes], [`status.conditions: Invalid value: "Approved": ${EXCLUSIVE}`]],
    [[yes, yes], ['status.conditions[1].type: Duplicate value: "Approved"']],
    [[{ ...yes, status: "False" }], ['status.conditions[0].status: Unsupported value: "False": supported values: "True"']],
    [[{ type: "X", status: "what" }], ['status.conditions[0].status: Unsupported value: "what": supported values: "False", "True", "Unknown"']],
    [[{}], ["status.conditions[0].type: Required value", "status.conditions[0].status: Required value"]],
  ])("refuses the decision %j", (given, expected) => {
    expect(through(approval, {}, { conditions: given }).found).toEqual(expected);
  });

  it("cannot be undecided again", () => {
    const lost = ['status.conditions: Forbidden: updates may not remove a condition of type "Approved"'];
    expect(through(approval, { conditions: [decided] }, { conditions: [] }).found).toEqual(lost);
    expect(through(approval, { conditions: [decided] }, undefined).found).toEqual(lost);
    expect(through(status, { conditions: [decided] }, {}).found).toEqual(lost);
  });

  it.each<[before: object, given: object, found: string[]]>([
    [{}, { conditions: [yes] }, ['status.conditions: Forbidden: updates may not add a condition of type "Approved"']],
    [{}, { certificate: cert, conditions: [{ type: "Failed", status: "True" }] }, []],
    [{}, { certificate: base64("x") }, [refused("must contain at least one CERTIFICATE PEM block")]],
    [{}, { certificate: pem(EC) }, [refused('only CERTIFICATE PEM blocks are allowed, found "CERTIFICATE REQUEST"')]],
    [{}, { certificate: pem(CERTIFICATE, "CERTIFICATE", "A: b\n\n") }, [refused("no PEM block headers are permitted")]],
    [{}, { certificate: pem("", "CERTIFICATE") }, [refused("found CERTIFICATE PEM block containing 0 certificates")]],
    [{}, { certificate: pem(Buffer.from("nope"), "CERTIFICATE") }, [refused("x509: malformed certificate")]],
    [{ certificate: cert }, { certificate: cert }, []],
    [{ certificate: cert }, {}, ["status.certificate: Forbidden: updates may not modify existing certificate content"]],
  ])("takes of the status after %j: %j", (before, given, expected) => {
    expect(through(status, before, given).found).toEqual(expected);
  });

  it("keeps decisions as they were taken when the status is written", () => {
    expect(through(status, { conditions: [decided] }, { conditions: [{ ...yes, message: "mine" }] })).toEqual({ status: { conditions: [decided] }, found: [] });
  });

  it.each<[status: object, expirationSeconds: number | undefined, shown: unknown[]]>([
    [{}, undefined, ["<none>", "Pending"]],
    [{ conditions: [yes] }, 3600, ["60m", "Approved"]],
    [{ conditions: [yes], certificate: cert }, 86400 * 3, ["3d", "Approved,Issued"]],
    [{ conditions: [{ type: "Failed" }, yes, { type: "Denied" }] }, 600, ["10m", "Denied,Failed"]],
  ])("prints %j", (given, expirationSeconds, expected) => {
    const row = cells(kind, made({ ...SPEC, username: "me", expirationSeconds }, given));
    expect([row[2], row[3], ...row.slice(4)]).toEqual(["example.com/x", "me", ...expected]);
  });
});
