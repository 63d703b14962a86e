import * as other from "dns-packet";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../cluster/random.js";
import { readMessage } from "../../dns/wire/read.js";
import { encode } from "../../dns/wire/write.js";
import { longRun } from "../support/long.js";

const MESSAGES = Math.max(longRun(200_000), 3000);
const MAX_MESSAGE = 65_535;

/** Messages of other servers, made by another library. */
function generator(random: () => number) {
  const below = (n: number): number => Math.floor(random() * n);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)];
  const name = (): string => Array.from({ length: 1 + below(4) }, () => pick(["a", "mail", "example", "org", "x".repeat(60)])).join(".");
  const record = (): other.Answer => {
    const common = { name: name(), ttl: below(2 ** 31) };
    switch (below(11)) {
      case 0:
        return { ...common, type: "A", data: `10.0.${below(256)}.${below(256)}` };
      case 1:
        return { ...common, type: "AAAA", data: `2001:db8::${(1 + below(65_535)).toString(16)}` };
      case 2:
        return { ...common, type: pick(["CNAME", "PTR", "NS", "DNAME"] as const), data: name() };
      case 3:
        return { ...common, type: "MX", data: { preference: below(65_536), exchange: name() } };
      case 4:
        return { ...common, type: "SRV", data: { priority: below(65_536), weight: below(9), port: below(65_536), target: name() } };
      case 5:
        return { ...common, type: "TXT", data: Array.from({ length: 1 + below(3) }, () => Buffer.from("t".repeat(below(256)))) };
      case 6:
        return {
          ...common,
          type: "SOA",
          data: { mname: name(), rname: name(), serial: below(2 ** 32), refresh: 1, retry: 2, expire: 3, minimum: below(2 ** 32) },
        };
      case 7:
        return { ...common, type: "CAA", data: { flags: 0, tag: "issue", value: name() } };
      case 8:
        return { ...common, type: "RP", data: { mbox: name(), txt: name() } };
      case 9:
        return { ...common, type: "NAPTR", data: { order: below(9), preference: below(9), flags: "s", services: "sip", regexp: "", replacement: name() } };
      default:
        return { ...common, type: "SSHFP", data: { algorithm: 1, hash: 1, fingerprint: "ab".repeat(20) } };
    }
  };
  const records = (): other.Answer[] => Array.from({ length: below(6) }, record);
  return (): other.Packet => ({
    type: "response",
    id: below(65_536),
    flags: other.RECURSION_DESIRED | other.RECURSION_AVAILABLE,
    questions: [{ type: "A", name: name() }],
    answers: records(),
    authorities: records(),
    additionals: records(),
  });
}

describe("#6.2 #6.3 DNS: messages of other servers", () => {
  it(`what is read and written again says the same, whoever reads it (${MESSAGES} messages)`, { timeout: 600_000 }, () => {
    const next = generator(seededRandom(7));
    for (let n = 0; n < MESSAGES; n++) {
      const sent = other.encode(next());
      const reading = readMessage(sent);
      expect(reading?.malformed, sent.toString("hex")).toBe(false);
      const { header, question, answers, authorities, additionals } = reading!;
      const again = encode({ id: header.id, flags: header.flags, question, answers, authorities, additionals }, MAX_MESSAGE, n % 2 ? MAX_MESSAGE : 0);
      expect(other.decode(again), sent.toString("hex")).toEqual(other.decode(sent));
    }
  });

  it("names that are pointers into the message are written out where nobody looks into the record", () => {
    // RP of a.org, whose two names point at the question's
    const question = "01610 36f7267 00 0001 0001".replaceAll(" ", "");
    const bytes = Buffer.from(`0001 8000 0001 0001 0000 0000 ${question} c00c 0011 0001 0000003c 0004 c00c c00e`.replaceAll(" ", ""), "hex");
    expect(readMessage(bytes)?.answers).toMatchObject([{ name: "a.org", ttl: 60, data: { of: 17, bytes: Buffer.from("0161036f726700036f726700", "hex") } }]);
  });

  it("whatever is cut off, it is read as malformed or with fewer records, and nothing breaks", () => {
    const whole = other.encode(generator(seededRandom(3))());
    for (let end = 0; end < whole.length; end++) {
      const reading = readMessage(Buffer.from(whole.subarray(0, end)));
      if (end < 12) expect(reading).toBeUndefined();
      else if (reading?.malformed) expect([reading.answers, reading.authorities, reading.additionals]).toEqual([[], [], []]);
    }
  });
});
