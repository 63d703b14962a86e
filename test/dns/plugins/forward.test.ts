import { mkdtempSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import * as other from "dns-packet";
import { afterEach, describe, expect, it } from "vitest";
import type { Exchange, Peer } from "../../../dns/exchange.js";
import { createMetrics } from "../../../dns/metrics.js";
import type { Plugin, Request } from "../../../dns/plugin.js";
import { policyOf } from "../../../dns/plugins/forward/serve.js";
import { Zone } from "../../../dns/plugins/kubernetes/zone.js";
import { type Listening, listen } from "../../../dns/responder.js";
import type { Transport } from "../../../dns/wire/message.js";
import { readHeader, readMessage } from "../../../dns/wire/read.js";
import { type Answer, RCODE, TYPE } from "../../../dns/wire/records.js";
import { recordText } from "../../../dns/wire/text.js";
import { encode } from "../../../dns/wire/write.js";
import { faultOf, nextOf, pluginOf, request, shown } from "../corefile/support.js";
import { exchangeOf, PEER } from "../support.js";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Asked {
  readonly query: other.DecodedPacket;
  readonly transport: Transport;
  readonly peer: Peer;
}

/** Another server: answers with what `reply` gives, or says nothing. */
async function server(reply: (asked: Asked) => Partial<other.Packet> | Buffer | undefined) {
  const asked: Asked[] = [];
  const exchange: Exchange = (bytes, transport, peer) => {
    const one = { query: other.decode(bytes), transport, peer };
    asked.push(one);
    const answer = reply(one);
    if (!answer || Buffer.isBuffer(answer)) return answer;
    return other.encode({ type: "response", id: one.query.id, questions: one.query.questions, ...answer });
  };
  const listening: Listening = await listen("127.0.0.1", 0, exchange);
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= listening.stop();
    return stopped;
  };
  ends.push(stop);
  return { asked, at: `127.0.0.1:${listening.port}`, stop };
}

async function forwardOf(lines: string, random?: () => number) {
  const metrics = createMetrics();
  const plugin: Plugin = await pluginOf(lines, { metrics, random: random ?? (() => 0) });
  ends.push(() => plugin.stop?.());
  const next = nextOf();
  const ask = async (text = "a.example.org A", more: Partial<Request> = {}): Promise<Answer> => plugin.serve(request(text, more), next);
  return { ask, metrics, next };
}

const address = (data: string): Partial<other.Packet> => ({ answers: [{ type: "A", name: "a.example.org", ttl: 60, data }] });
const rcode = (code: number): Partial<other.Packet> => ({ flags: code });

describe("#6.3 #6.4 DNS: forward", () => {
  it("passes on what another server says: flags, all sections, records it knows nothing of, options", async () => {
    const { at, asked } = await server(() => ({
      flags: other.AUTHORITATIVE_ANSWER | other.RECURSION_AVAILABLE | other.AUTHENTIC_DATA,
      answers: [
        { type: "MX", name: "a.example.org", ttl: 60, data: { preference: 10, exchange: "mail.example.org" } },
        { type: "CAA", name: "a.example.org", ttl: 61, data: { flags: 0, tag: "issue", value: "ca.example.net" } },
        { type: "RP", name: "a.example.org", ttl: 62, data: { mbox: "root.example.org", txt: "a.example.org" } },
      ],
      authorities: [{ type: "NS", name: "example.org", ttl: 63, data: "ns.example.org" }],
      additionals: [
        { type: "AAAA", name: "mail.example.org", ttl: 64, data: "2001:db8::1" },
        {
          type: "OPT",
          name: ".",
          udpPayloadSize: 1232,
          extendedRcode: 0,
          ednsVersion: 0,
          flags: 0,
          flag_do: false,
          options: [{ code: 15, data: Buffer.from([0, 3]) }],
        },
      ] as other.Answer[],
    }));
    const { ask } = await forwardOf(`forward . ${at}`);
    const answer = await ask("a.example.org MX", { flags: 0x0130, edns: { size: 1232, ttl: 0x8000, options: Buffer.from([0, 10, 0, 2, 1, 2]) } });
    expect(answer).toMatchObject({
      rcode: 0,
      aa: true,
      ra: true,
      ad: true,
      tc: false,
      received: true,
      by: "forward",
      options: Buffer.from([0, 15, 0, 2, 0, 3]),
    });
    expect(shown(answer).slice(0, 1)).toEqual(["a.example.org. 60 MX 10 mail.example.org."]);
    expect(answer.answers.map(({ ttl }) => ttl)).toEqual([60, 61, 62]);
    expect(shown({ ...answer, answers: [...answer.authorities, ...answer.additionals] })).toEqual([
      "example.org. 63 NS ns.example.org.",
      "mail.example.org. 64 AAAA 2001:db8::1",
    ]);
    const [{ query }] = asked;
    expect([query.flag_rd, query.flag_ad, query.flag_cd, query.id === 7]).toEqual([true, true, true, false]);
    expect(query.additionals).toMatchObject([{ type: "OPT", udpPayloadSize: 1232, flag_do: true, options: [{ code: 10, data: Buffer.from([1, 2]) }] }]);
  });

  it("asks as it was asked, over UDP or TCP, and as told", async () => {
    const { at, asked } = await server(({ transport }) =>
      transport === "tcp" ? address("10.0.0.2") : { ...address("10.0.0.1"), flags: other.TRUNCATED_RESPONSE },
    );
    const plain = await forwardOf(`forward . ${at}`);
    expect(await plain.ask()).toMatchObject({ tc: true });
    expect(shown(await plain.ask("a.example.org A", { transport: "tcp" }))).toEqual(["a.example.org. 60 A 10.0.0.2"]);
    const forced = await forwardOf(`forward . ${at} {\nforce_tcp\n}`);
    expect(shown(await forced.ask())).toEqual(["a.example.org. 60 A 10.0.0.2"]);
    const preferring = await forwardOf(`forward . ${at} {\nprefer_udp\n}`);
    expect(shown(await preferring.ask("a.example.org A", { transport: "tcp" }))).toEqual(["a.example.org. 60 A 10.0.0.2"]);
    expect(asked.map(({ transport }) => transport)).toEqual(["udp4", "tcp", "tcp", "udp4", "tcp"]);
  });

  it("uses a socket again, and another one for a question at the same time", async () => {
    const { at, asked } = await server(() => address("10.0.0.1"));
    const { ask, metrics } = await forwardOf(`forward . ${at}`);
    await ask();
    await ask();
    await Promise.all([ask(), ask()]);
    const ports = asked.map(({ peer }) => peer.port);
    expect(ports[1]).toBe(ports[0]);
    expect(new Set(ports.slice(2)).size).toBe(2);
    const labels = `proto="udp",proxy_name="forward",to="${at}"`;
    expect(metrics.text()).toContain(`coredns_proxy_conn_cache_hits_total{${labels}} 2`);
    expect(metrics.text()).toContain(`coredns_proxy_conn_cache_misses_total{${labels}} 2`);
  });

  it("a kept connection that was closed in the meantime is no failure", async () => {
    const first = await server(() => address("10.0.0.1"));
    const { ask } = await forwardOf(`forward . ${first.at} {\nforce_tcp\nmax_fails 0\n}`);
    await ask();
    await ask();
    expect(first.asked[1].peer.port).toBe(first.asked[0].peer.port);
    await first.stop();
    const again = await listen("127.0.0.1", Number(first.at.split(":")[1]), (bytes) => {
      const query = other.decode(bytes);
      return other.encode({ type: "response", id: query.id, questions: query.questions, ...address("10.0.0.9") });
    });
    ends.push(() => again.stop());
    expect(shown(await ask())).toEqual(["a.example.org. 60 A 10.0.0.9"]);
  });

  it("a server that says nothing in time is asked twice, then it is SERVFAIL", async () => {
    const { at, asked } = await server(() => undefined);
    const { ask } = await forwardOf(`forward . ${at} {\nread_timeout 10ms\nmax_fails 0\n}`);
    expect(await ask()).toMatchObject({ rcode: RCODE.SERVFAIL, error: `read udp ${at}: i/o timeout` });
    expect(asked).toHaveLength(2);
  });

  it("the next server is asked where one cannot be reached, and one that is down is passed over until it answers", async () => {
    const gone = await server(() => undefined);
    await gone.stop();
    const { at, asked } = await server(() => address("10.0.0.1"));
    const { ask, metrics } = await forwardOf(`forward . ${gone.at} ${at} {\npolicy sequential\nmax_fails 1\nhealth_check 1ms\n}`);
    for (let i = 0; i < 3; i++) expect(shown(await ask())).toEqual(["a.example.org. 60 A 10.0.0.1"]);
    expect(asked).toHaveLength(3);
    const back = await listen("127.0.0.1", Number(gone.at.split(":")[1]), (bytes) => {
      const query = other.decode(bytes);
      return other.encode({ type: "response", id: query.id, questions: query.questions, ...address("10.0.0.2") });
    });
    ends.push(() => back.stop());
    await expect.poll(async () => shown(await ask()), { interval: 2, timeout: 5000 }).toEqual(["a.example.org. 60 A 10.0.0.2"]);
    expect(metrics.text()).toMatch(new RegExp(`coredns_proxy_healthcheck_failures_total\\{proxy_name="forward",to="${gone.at}"\\} [1-9]`));
  });

  it("an answer to another question is none; one over UDP that ends too early is passed on as cut, any other that cannot be read is an error", async () => {
    const wrong = await server(() => ({ questions: [{ type: "A", name: "b.example.org" }] }));
    expect((await (await forwardOf(`forward . ${wrong.at}`)).ask()).rcode).toBe(RCODE.FORMERR);
    const half = await server(({ query }) => {
      const whole = other.encode({ type: "response", id: query.id, questions: query.questions, ...address("10.0.0.1") });
      return Buffer.from(whole.subarray(0, -2));
    });
    expect(await (await forwardOf(`forward . ${half.at}`)).ask()).toMatchObject({ rcode: 0, tc: true, answers: [] });
    const error = { rcode: RCODE.SERVFAIL, error: "dns: bad answer" };
    expect(await (await forwardOf(`forward . ${half.at} {\nforce_tcp\n}`)).ask()).toMatchObject(error);
    const preferring = await forwardOf(`forward . ${half.at} {\nprefer_udp\n}`);
    half.asked.length = 0;
    expect(await preferring.ask()).toMatchObject(error);
    // beside the questions whether it is well
    const questions = half.asked.filter(({ query }) => query.questions?.[0]?.name === "a.example.org");
    expect(questions.slice(0, 2).map(({ transport }) => transport)).toEqual(["udp4", "tcp"]);
    const odd = await server(({ query }) => {
      const whole = other.encode({ type: "response", id: query.id, questions: query.questions, ...address("10.0.0.1") });
      // the length of an address
      whole[whole.length - 5] = 3;
      return Buffer.from(whole);
    });
    expect(await (await forwardOf(`forward . ${odd.at}`)).ask()).toMatchObject(error);
  });

  it("other classes are let in where a block forwards, and their records passed on", async () => {
    const { at, asked } = await server(() => ({ answers: [{ type: "TXT", class: "CH", name: "version.bind", ttl: 0, data: "other" }] }));
    const query = (id: number): Buffer => {
      const labels = ["version", "bind"];
      return encode({ id, flags: 0x0100, question: { labels, type: TYPE.TXT, class: 3 } }, 512);
    };
    const plugin = await pluginOf(`forward . ${at}`);
    ends.push(() => plugin.stop?.());
    const zone = new Zone(() => 0);
    const reply = (await exchangeOf(zone, [plugin])(query(1), "udp4", PEER)) as Buffer;
    expect(readMessage(reply)?.answers.map(recordText)).toEqual(['version.bind. 0 CH TXT "other"']);
    expect(asked.map(({ query: one }) => one.questions?.[0])).toEqual([{ name: "version.bind", type: "TXT", class: "CH" }]);
    const refusing = exchangeOf(zone, [{ ...plugin, name: "file" }]);
    expect(readHeader((await refusing(query(2), "udp4", PEER)) as Buffer)?.flags).toBe(0x8105);
  });

  it("failover asks the next server, next the next forward", async () => {
    const refusing = await server(() => rcode(5));
    const knowing = await server(() => address("10.0.0.1"));
    const over = await forwardOf(`forward . ${refusing.at} ${knowing.at} {\npolicy sequential\nfailover REFUSED\n}`);
    expect(shown(await over.ask())).toEqual(["a.example.org. 60 A 10.0.0.1"]);
    const chained = await forwardOf(`forward . ${refusing.at} {\nnext refused\n}\nforward example.org ${knowing.at}`);
    expect(shown(await chained.ask())).toEqual(["a.example.org. 60 A 10.0.0.1"]);
    const alone = await forwardOf(`forward . ${refusing.at} {\nnext REFUSED\n}`);
    expect((await alone.ask()).rcode).toBe(RCODE.REFUSED);
    const empty = await server(() => ({}));
    const nodata = await forwardOf(`forward . ${empty.at} {\nnext_on_nodata\n}\nforward . ${knowing.at}`);
    expect(shown(await nodata.ask())).toEqual(["a.example.org. 60 A 10.0.0.1"]);
  });

  it("other names go on to the next plugin, and no more questions than allowed at once", async () => {
    const { at, asked } = await server(() => address("10.0.0.1"));
    const { ask, next, metrics } = await forwardOf(`forward example.org ${at} {\nexcept in.example.org\nmax_concurrent 1\n}`);
    await ask("a.in.example.org A");
    await ask("a.example.net A");
    expect(next.asked).toEqual(["a.in.example.org", "a.example.net"]);
    const [first, second] = await Promise.all([ask(), ask()]);
    expect(first.rcode).toBe(RCODE.NOERROR);
    expect(second).toMatchObject({ rcode: RCODE.REFUSED, error: "concurrent queries exceeded maximum 1" });
    expect(asked).toHaveLength(1);
    expect(metrics.text()).toContain("coredns_forward_max_concurrent_rejects_total 1");
  });

  it("policies: in turn, one after the other, in any order", () => {
    const all = ["a", "b", "c"].map((name) => ({ upstream: { address: name }, health: {} })) as never as Parameters<typeof policyOf>[1];
    const names = (list: ReturnType<ReturnType<typeof policyOf>>): string => list.map(({ upstream }) => upstream.address).join("");
    const robin = policyOf("round_robin", all, () => 0);
    expect([names(robin()), names(robin()), names(robin())]).toEqual(["bac", "cab", "abc"]);
    expect(names(policyOf("sequential", all, () => 0)())).toBe("abc");
    const draws = [0, 0, 0.99, 0.99, 0, 0.99, 0.5, 0.99, 0.99, 0, 0.5, 0];
    const random = policyOf("random", all, () => draws.shift() ?? 0);
    expect(new Set(Array.from({ length: 6 }, () => names(random()))).size).toBe(6);
  });

  it("reads servers from a file like resolv.conf", async () => {
    const { at } = await server(() => address("10.0.0.1"));
    const folder = mkdtempSync(path.join(os.tmpdir(), "mockube-forward-"));
    const file = path.join(folder, "resolv.conf");
    writeFileSync(file, "# nobody\nsearch example.org\nnameserver 127.0.0.1\nnameserver ::1\n");
    expect(await faultOf(`forward . ${file} ${at}`)).toBe("no error");
    writeFileSync(file, "search example.org\n");
    expect(await faultOf(`forward . ${file}`)).toBe("1: plugin/forward: no valid upstream addresses found");
  });

  it.each([
    ["forward .", "1: plugin/forward: Wrong argument count or unexpected line ending after '.'"],
    ["forward . dns.example.org", `1: plugin/forward: names of servers are not supported: write the address of "dns.example.org"`],
    ["forward . tls://127.0.0.1", "1: plugin/forward: 'tls' is not supported as a destination protocol in forward: tls://127.0.0.1"],
    [
      "forward . /nowhere/resolv.conf",
      '1: plugin/forward: not an IP address or file "/nowhere/resolv.conf": failed to open file "/nowhere/resolv.conf": "open /nowhere/resolv.conf: no such file or directory"',
    ],
    [`forward . ${Array.from({ length: 16 }, (_, i) => `127.0.0.${i + 1}`).join(" ")}`, "1: plugin/forward: more than 15 TOs configured: 16"],
    ["forward . 127.0.0.1 {\nexcept\n}", "2: plugin/forward: Wrong argument count or unexpected line ending after 'except'"],
    ["forward . 127.0.0.1 {\npolicy best\n}", "2: plugin/forward: unknown policy 'best'"],
    ["forward . 127.0.0.1 {\nmax_fails -1\n}", '2: plugin/forward: strconv.ParseUint: parsing "-1": invalid syntax'],
    ["forward . 127.0.0.1 {\nexpire -1s\n}", "2: plugin/forward: expire can't be negative: -1s"],
    ["forward . 127.0.0.1 {\nread_timeout 0s\n}", "2: plugin/forward: read_timeout must be positive: 0s"],
    ["forward . 127.0.0.1 {\nhealth_check 1s often\n}", "2: plugin/forward: health_check: unknown option often"],
    ["forward . 127.0.0.1 {\nnext NOPE\n}", "2: plugin/forward: NOPE is not a valid rcode"],
    ["forward . 127.0.0.1 {\nfailover NOERROR\n}", "2: plugin/forward: NoError cannot be used in failover"],
    ["forward . 127.0.0.1 {\nforce_tcp now\n}", "2: plugin/forward: Wrong argument count or unexpected line ending after 'now'"],
    ["forward . 127.0.0.1 {\ntls\n}", "2: plugin/forward: tls is not supported; other servers are asked over UDP and TCP"],
    ["forward . 127.0.0.1 {\nfast\n}", "2: plugin/forward: unknown property 'fast'"],
  ])("%j: %s", async (lines, message) => {
    expect(await faultOf(lines)).toBe(message);
  });
});
