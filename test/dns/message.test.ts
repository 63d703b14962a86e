import dns2 from "dns2";
import { describe, expect, it } from "vitest";
import { Zone } from "../../dns/plugins/kubernetes/zone.js";
import type { Transport } from "../../dns/wire/message.js";
import { exchangeOf, namespace, PEER, plainly, put, service, slice } from "./support.js";

const D = "default.svc.cluster.local";
const many = (n: number) => Array.from({ length: n }, (_, i) => `198.18.0.${i + 1} host-${i}`);
const zone = put(
  new Zone(() => 0),
  namespace("default"),
  service("s", { clusterIP: "10.96.0.10", clusterIPs: ["10.96.0.10"], ports: [{ name: "h", port: 80, protocol: "TCP" }] }),
  service("big", { clusterIP: "None", clusterIPs: ["None"] }),
  slice("big-a", "big", many(60), ["p:80/TCP"]),
);

interface QueryOptions {
  type?: number;
  class?: number;
  flags?: number;
  counts?: number[];
  /** Bytes after the question. */
  tail?: string;
  transport?: Transport;
}

const words = (...list: number[]): Buffer => Buffer.concat(list.map((w) => Buffer.from([w >> 8, w & 255])));
const wireName = (text: string): Buffer =>
  Buffer.concat([...text.split(".").filter(Boolean), ""].map((l) => Buffer.concat([Buffer.from([l.length]), Buffer.from(l, "latin1")])));
const opt = (size: number, ttl = "00000000", options = ""): string =>
  `000029${words(size).toString("hex")}${ttl}${words(options.length / 2).toString("hex")}${options}`;

function query(name: string, o: QueryOptions = {}): Buffer {
  const counts = o.counts ?? [1, 0, 0, o.tail?.startsWith("000029") ? 1 : 0];
  return Buffer.concat([words(0x1234, o.flags ?? 0x0100, ...counts), wireName(name), words(o.type ?? 1, o.class ?? 1), Buffer.from(o.tail ?? "", "hex")]);
}

const exchange = exchangeOf(zone, [plainly(zone)]);
const send = (bytes: Buffer, transport: Transport = "udp4"): Buffer | undefined => exchange(bytes, transport, PEER) as Buffer | undefined;

/** What came back, read by the other library's decoder; OPT as `edns`. */
function ask(name: string, o: QueryOptions = {}) {
  const bytes = send(query(name, o), o.transport);
  if (!bytes) throw new Error("no answer");
  const p = dns2.Packet.parse(bytes);
  const edns = p.additionals.find((r) => r.type === 41);
  const flags = ["aa", "tc", "rd", "ra", "ad", "cd"].filter((f) => (p.header as unknown as Record<string, number>)[f]).join(" ");
  return {
    size: bytes.length,
    rcode: bytes[3] & 15,
    flags,
    opcode: p.header.opcode,
    questions: p.questions.map((q) => q.name),
    answers: p.answers,
    authorities: p.authorities.length,
    additionals: p.additionals.filter((r) => r.type !== 41),
    edns: edns && { size: edns.class, ttl: edns.ttl },
  };
}

describe("#3.4 DNS: messages", () => {
  it("an answer, byte for byte: nothing is compressed that need not be", () => {
    const name = wireName(`s.${D}`).toString("hex");
    expect(send(query(`s.${D}`))?.toString("hex")).toBe(`1234850000010001000000${"00"}${name}00010001${name}0001000100000005${"0004"}0a60000a`);
  });

  it.each([
    ["rd is given back", 0x0100, "aa rd"],
    ["and not invented", 0, "aa"],
    ["cd too", 0x0110, "aa rd cd"],
    ["ad is not", 0x0120, "aa rd"],
    ["nor is tc, ra, z or a rcode", 0x03cf, "aa rd"],
  ])("flags: %s", (_, flags, expected) => {
    expect(ask(`s.${D}`, { flags })).toMatchObject({ flags: expected, rcode: 0, opcode: 0 });
  });

  it.each([
    ["a response", query(`s.${D}`, { flags: 0x8100 })],
    ["less than a header", Buffer.from("12340100000100", "hex")],
    ["nothing", Buffer.alloc(0)],
  ])("no answer to %s", (_, bytes) => expect(send(bytes)).toBeUndefined());

  it.each([1, 2, 3, 5, 6, 15])("opcode %d is not implemented, and stays", (opcode) => {
    expect(send(query(`s.${D}`, { flags: (opcode << 11) | 0x0100 }))?.toString("hex")).toBe(
      `1234${((0x8100 | (opcode << 11) | 4) >>> 0).toString(16)}0000000000000000`,
    );
  });

  it("a NOTIFY is answered like a query, without rd", () => {
    expect(ask("cluster.local", { flags: (4 << 11) | 0x0110, type: 6 })).toMatchObject({ opcode: 4, flags: "aa", rcode: 0, answers: [{ type: 6 }] });
  });

  it.each([3, 4, 17, 254, 255, 0])("class %d is refused", (cls) => {
    expect(ask(`s.${D}`, { class: cls })).toMatchObject({ rcode: 5, flags: "rd", answers: [], authorities: 0 });
  });

  const FORMERR = "123481010000000000000000";
  const question = query(`s.${D}`).subarray(12).toString("hex");
  it.each([
    ["no question", "123401000000000000000000", FORMERR],
    ["two questions", `123401000002000000000000${question}${question}`, FORMERR],
    ["a name that ends early", "1234010000010000000000000373", FORMERR],
    ["a pointer to itself", "123401000001000000000000c00c00010001", FORMERR],
    ["a label of an unknown kind", `123401000001000000000000${"41"}${"61".repeat(65)}0000010001`, FORMERR],
    ["half a class", `123401000001000000000000${question.slice(0, -2)}`, FORMERR],
    ["three additional records", `123401000001000000000003${question}`, FORMERR],
    ["half a record", `123401000001000100000000${question}000001`, `123481010001000000000000${question}`],
    ["an address of three bytes", `123401000001000000000001${question}000001000100000005${"0003010203"}`, `123481010001000000000000${question}`],
    ["a text longer than its record", `123401000001000000000001${question}000010000100000005${"00020501"}`, `123481010001000000000000${question}`],
    ["an EDNS option longer than its record", `123401000001000000000001${question}${opt(4096, "00000000", "000a0008")}`, `123481010001000000000000${question}`],
    [
      "an EDNS option that is none of its kind",
      `123401000001000000000001${question}${opt(4096, "00000000", "000b000100")}`,
      `123481010001000000000000${question}`,
    ],
    [
      "a client subnet of 33 bits",
      `123401000001000000000001${question}${opt(4096, "00000000", "0008000800012100c0000201")}`,
      `123481010001000000000000${question}`,
    ],
    ["an empty window of types", `123401000001000000000001${question}00002f0001000000050003000000`, `123481010001000000000000${question}`],
    ["nothing but a header that promises a question", "123401000001000000000000", "123481020000000000000000"],
  ])("%s", (_, bytes, expected) => expect(send(Buffer.from(bytes, "hex"))?.toString("hex")).toBe(expected));

  it("a question without class, or without type, is of another class", () => {
    for (const cut of [2, 4]) expect(send(query(`s.${D}`).subarray(0, -cut))?.[3]).toBe(5);
  });

  it.each([
    ["bytes after the end", { tail: "ffff" }],
    ["a record that is promised and not there", { counts: [1, 1, 0, 0] }],
    ["a record without data", { tail: "0000010001000000050000", counts: [1, 0, 0, 1] }],
    ["two EDNS records", { tail: opt(4096) + opt(4096), counts: [1, 0, 0, 2] }],
  ])("%s: answered all the same", (_, o) => expect(ask(`s.${D}`, o)).toMatchObject({ rcode: 0, answers: [{ address: "10.96.0.10" }] }));

  it("a name of too many bytes is malformed, the longest is not", () => {
    const label = "a".repeat(63);
    expect(ask(`${label}.${label}.${label}.${"b".repeat(47)}.cluster.local`)).toMatchObject({ rcode: 3 });
    expect(send(query(`${label}.${label}.${label}.${"b".repeat(48)}.cluster.local`))?.[3]).toBe(1);
  });

  it("a dot and a backslash inside a label come back as they were", () => {
    const labels = Buffer.concat([Buffer.from([4]), Buffer.from("a.\\b"), wireName("cluster.local")]);
    const bytes = send(Buffer.concat([words(1, 0, 1, 0, 0, 0), labels, words(1, 1)]));
    expect(bytes?.subarray(12, 12 + labels.length)).toEqual(labels);
    expect(bytes?.[3]).toBe(3);
    // a label that only looks like the zone is not in it
    const fake = Buffer.concat([Buffer.from([9]), Buffer.from("x.cluster"), wireName("local")]);
    expect(send(Buffer.concat([words(1, 0, 1, 0, 0, 0), fake, words(1, 1)]))?.[3]).toBe(5);
  });

  it("a question that breaks the zone is answered with SERVFAIL", () => {
    const breaks = exchangeOf(zone, [
      {
        name: "kubernetes",
        serve: () => {
          throw new Error("broken");
        },
      },
    ]);
    const bytes = breaks(query(`s.${D}`), "udp4", PEER) as Buffer;
    expect(bytes?.[3]).toBe(2);
  });
});

describe("#3.4 DNS: EDNS", () => {
  it.each([0, 100, 512, 1232, 65535])("the size %d is given back as it came", (size) => {
    expect(ask(`s.${D}`, { tail: opt(size) })).toMatchObject({ rcode: 0, edns: { size, ttl: 0 } });
  });

  it("DO is given back, options are not; without EDNS there is none", () => {
    expect(ask(`s.${D}`, { tail: opt(4096, "00008000") }).edns).toEqual({ size: 4096, ttl: 0x8000 });
    expect(ask(`s.${D}`, { tail: opt(4096, "00000000", "000a00080102030405060708") }).edns).toEqual({ size: 4096, ttl: 0 });
    expect(ask("example.org", { tail: opt(4096) })).toMatchObject({ rcode: 5, edns: { size: 4096 } });
    expect(ask(`s.${D}`).edns).toBeUndefined();
  });

  it("another version than 0 is BADVERS", () => {
    expect(ask(`s.${D}`, { tail: opt(4096, "00010000") })).toMatchObject({ rcode: 0, flags: "rd", answers: [], edns: { size: 0, ttl: 0x01000000 } });
  });
});

describe("#3.4 DNS: truncation", () => {
  it("512 bytes of UDP without EDNS, as many records as fit, compressed", () => {
    const a = ask(`big.${D}`);
    expect(a).toMatchObject({ flags: "aa tc rd" });
    const [head, each] = [12 + wireName(`big.${D}`).length + 4, 16];
    expect(a.answers).toHaveLength(Math.floor((512 - head) / each));
    expect(a.size).toBe(head + each * a.answers.length);
  });

  it("EDNS below 512 counts as 512, and its own record is kept", () => {
    const a = ask(`big.${D}`, { tail: opt(100) });
    expect(a).toMatchObject({ flags: "aa tc rd", edns: { size: 100 } });
    expect(a.size).toBeLessThanOrEqual(512);
    expect(a.size).toBeGreaterThan(512 - 16);
  });

  it("what fits compressed is whole", () => {
    expect(ask(`big.${D}`, { tail: opt(1232) })).toMatchObject({ flags: "aa rd", answers: { length: 60 } });
    expect(ask(`big.${D}`, { transport: "tcp" })).toMatchObject({ flags: "aa rd", answers: { length: 60 } });
  });

  it("over UDP names are compressed above 1480 bytes (1220 on IPv6), over TCP not", () => {
    const plain = 12 + wireName(`big.${D}`).length + 4 + 60 * (wireName(`big.${D}`).length + 14) + 11;
    expect(ask(`big.${D}`, { tail: opt(4096), transport: "tcp" }).size).toBe(plain);
    expect(ask(`big.${D}`, { tail: opt(4096), transport: "udp4" }).size).toBeLessThan(1480);
    expect(ask(`big.${D}`, { tail: opt(4096), transport: "udp6" }).size).toBeLessThan(1220);
  });

  it("SRV targets are never compressed, the addresses of them are; left out addresses set tc, too", () => {
    const a = ask(`big.${D}`, { type: 33, tail: opt(4096) });
    expect(a).toMatchObject({ flags: "aa tc rd", answers: { length: 60 } });
    expect(a.additionals.length).toBeGreaterThan(0);
    expect(a.additionals.length).toBeLessThan(60);
    const target = wireName(`host-59.big.${D}`);
    const bytes = send(query(`big.${D}`, { type: 33, tail: opt(4096) }));
    expect(bytes?.includes(target)).toBe(true);
    expect(a.additionals[0]).toMatchObject({ name: `host-0.big.${D}`, address: "198.18.0.1" });
    expect(ask(`big.${D}`, { type: 33, transport: "tcp" })).toMatchObject({ flags: "aa rd", answers: { length: 60 }, additionals: { length: 60 } });
  });
});
