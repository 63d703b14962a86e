import { describe, expect, it } from "vitest";
import { createMetrics } from "../../../dns/metrics.js";
import type { Handler, Request } from "../../../dns/plugin.js";
import { kindOf } from "../../../dns/plugins/cache/kind.js";
import { type Answer, OPAQUE, RCODE, type ResourceRecord, TYPE } from "../../../dns/wire/records.js";
import { addressRecord, answerOf, faultOf, pluginOf, request, shown } from "../corefile/support.js";
import { question } from "../support.js";

const soa = (ttl: number): ResourceRecord => ({
  name: "example.org",
  ttl,
  data: { type: TYPE.SOA, primary: "ns.example.org", mailbox: "root.example.org", serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 5 },
});
const found = (ttl: number, more: Partial<Answer> = {}): Answer =>
  answerOf({ aa: true, answers: [{ ...addressRecord("a.example.org", [10, 0, 0, 1]), ttl }], by: "file", ...more });
const denied = (ttl: number): Answer => answerOf({ rcode: RCODE.NXDOMAIN, authorities: [soa(ttl)] });
const failed = answerOf({ rcode: RCODE.SERVFAIL, error: "no route to host" });

/** A cache of these lines, time that is moved by hand, and what stands behind it. */
async function cacheOf(lines: string, first: Answer) {
  const world = { now: 0, next: first, asked: [] as Request[], metrics: createMetrics() };
  const plugin = await pluginOf(lines, { clock: { now: () => world.now, setTimeout: () => undefined, clearTimeout: () => undefined }, metrics: world.metrics });
  const next: Handler = (r) => {
    world.asked.push(r);
    return world.next;
  };
  const ask = async (text = "a.example.org A", more: Partial<Request> = {}): Promise<Answer> => plugin.serve(request(text, more), next);
  return { world, ask };
}

const edns = { size: 1232, ttl: 0x8000 };

describe("#6.3 #6.4 DNS: cache", () => {
  it("gives an answer again with what is left of its TTL, and asks anew when nothing is", async () => {
    const { world, ask } = await cacheOf("cache", found(30));
    expect(shown(await ask())).toEqual(["a.example.org. 30 A 10.0.0.1"]);
    world.now = 29_999;
    const kept = await ask("A.EXAMPLE.org A");
    expect(shown(kept)).toEqual(["a.example.org. 1 A 10.0.0.1"]);
    expect(kept).toMatchObject({ aa: true, by: "cache" });
    world.now = 30_000;
    await ask();
    expect(world.asked).toHaveLength(2);
  });

  it.each([
    ["cache 10", found(30), 10],
    ["cache", found(7200), 3600],
    ["cache", found(1), 5],
    ["cache {\nsuccess 100 60 20\n}", found(1), 20],
    ["cache {\ndenial 100 600 20\n}", denied(3600), 600],
    ["cache", denied(3600), 1800],
    ["cache {\nservfail 7s\n}", answerOf({ rcode: RCODE.SERVFAIL, received: true, authorities: [soa(90)] }), 7],
    ["cache {\nservfail 7s\n}", answerOf({ rcode: RCODE.SERVFAIL, received: true }), 7],
  ])("%s keeps for no longer, and no shorter, than it says", async (lines, answer, seconds) => {
    const { world, ask } = await cacheOf(lines, answer);
    const { answers, authorities } = await ask();
    for (const { ttl } of [...answers, ...authorities]) expect(ttl).toBe(seconds);
    world.now = seconds * 1000 - 1;
    await ask();
    expect(world.asked).toHaveLength(1);
    world.now = seconds * 1000;
    await ask();
    expect(world.asked).toHaveLength(2);
  });

  it("a failure of the plugins behind it is not asked for again at once, and does not shadow what is known", async () => {
    const { world, ask } = await cacheOf("cache", failed);
    expect(await ask()).toMatchObject({ rcode: RCODE.SERVFAIL, error: "no route to host" });
    expect(await ask()).toMatchObject({ rcode: RCODE.SERVFAIL, by: "cache" });
    expect(world.asked).toHaveLength(1);
    world.now = 5000;
    world.next = found(60);
    await ask();
    world.now = 6000;
    expect(shown(await ask())).toEqual(["a.example.org. 59 A 10.0.0.1"]);
  });

  it.each([
    ["what was cut short", found(60, { tc: true })],
    ["a refusal", answerOf({ rcode: RCODE.REFUSED, received: true })],
    ["a name that is not there, without a SOA", answerOf({ rcode: RCODE.NXDOMAIN })],
    [
      "an alias that leads nowhere, without a SOA",
      answerOf({ answers: [{ name: "a.example.org", ttl: 60, data: { type: TYPE.CNAME, target: "b.example.org" } }] }),
    ],
    ["two aliases for one name", answerOf({ answers: ["b", "c"].map((target) => ({ name: "a.example.org", ttl: 60, data: { type: TYPE.CNAME, target } })) })],
  ])("does not keep %s", async (_, answer) => {
    const { world, ask } = await cacheOf("cache", answer);
    await ask();
    await ask();
    expect(world.asked).toHaveLength(2);
  });

  it("keeps apart who wants signatures, who checks them itself, and other types; names in any case are one", async () => {
    const { world, ask } = await cacheOf("cache", found(60));
    await ask();
    await ask("a.example.org A", { edns });
    await ask("a.example.org A", { flags: 0x0110 });
    await ask("a.example.org TXT");
    expect(world.asked).toHaveLength(4);
    await ask("A.example.ORG A", { edns: { size: 4096, ttl: 0x8000 } });
    expect(world.asked).toHaveLength(4);
  });

  it("says that data is verified only to those who asked for it", async () => {
    const { world, ask } = await cacheOf("cache", found(60, { ad: true }));
    expect((await ask()).ad).toBe(false);
    expect(world.asked[0].flags & 0x20).toBe(0x20);
    expect((await ask("a.example.org A", { flags: 0x0120 })).ad).toBe(true);
    expect((await ask()).ad).toBe(false);
  });

  it("leaves other zones and what is disabled alone", async () => {
    const { world, ask } = await cacheOf("cache 30 example.org {\ndisable denial\n}", denied(60));
    await ask();
    await ask();
    world.next = found(60);
    await ask("b.example.net A");
    await ask("b.example.net A");
    expect(world.asked).toHaveLength(4);
  });

  it("asks anew before an answer is gone when it is asked for often", async () => {
    const { world, ask } = await cacheOf("cache {\nprefetch 2 1m 20%\n}", found(100));
    await ask();
    world.now = 70_000;
    await ask();
    world.now = 79_000;
    await ask();
    expect(world.asked).toHaveLength(1);
    world.now = 81_000;
    expect(shown(await ask())).toEqual(["a.example.org. 19 A 10.0.0.1"]);
    await new Promise(setImmediate);
    expect(world.asked).toHaveLength(2);
    expect(shown(await ask())).toEqual(["a.example.org. 100 A 10.0.0.1"]);
  });

  it("gives old answers while it asks anew, or when asking fails", async () => {
    const { world, ask } = await cacheOf("cache {\nserve_stale 1h\n}", found(60));
    await ask();
    world.now = 100_000;
    world.next = failed;
    expect(shown(await ask())).toEqual(["a.example.org. 0 A 10.0.0.1"]);
    await new Promise(setImmediate);
    expect(shown(await ask())).toEqual(["a.example.org. 0 A 10.0.0.1"]);
    world.now = 60_000 + 3_600_000;
    expect(shown(await ask())).toEqual(["SERVFAIL"]);

    const verifying = await cacheOf("cache {\nserve_stale 1h verify\n}", found(60));
    await verifying.ask();
    verifying.world.now = 100_000;
    expect(shown(await verifying.ask())).toEqual(["a.example.org. 60 A 10.0.0.1"]);
    verifying.world.now = 200_000;
    verifying.world.next = failed;
    expect(shown(await verifying.ask())).toEqual(["a.example.org. 0 A 10.0.0.1"]);
  });

  it("forgets the oldest when it is full, of 1024 answers at least, and counts under CoreDNS's names", async () => {
    const { world, ask } = await cacheOf("cache example.org {\nsuccess 1\n}", found(60));
    await ask();
    for (let i = 0; i < 1024; i++) {
      const name = `b-${i}.example.org`;
      world.next = answerOf({ answers: [addressRecord(name, [10, 0, 0, 2])] });
      await ask(`${name} A`);
    }
    world.next = found(60);
    await ask();
    expect(world.asked).toHaveLength(1026);
    await ask();
    const text = world.metrics.text();
    const labels = 'server="dns://:53",view="",zones="example.org."';
    expect(text).toContain(`coredns_cache_requests_total{${labels}} 1027`);
    expect(text).toContain('coredns_cache_hits_total{server="dns://:53",type="success",view="",zones="example.org."} 1');
    expect(text).toContain('coredns_cache_evictions_total{server="dns://:53",type="success",view="",zones="example.org."} 2');
    expect(text).toContain("# TYPE coredns_cache_entries gauge\n");
    expect(text).toContain('coredns_cache_entries{server="dns://:53",type="success",view="",zones="example.org."} 1024');
  });

  it("a signature whose time is over makes an answer nobody's", () => {
    const bytes = Buffer.alloc(40);
    bytes.writeUInt32BE(2000, 8);
    bytes.writeUInt32BE(1000, 12);
    const signed = found(60, { answers: [...found(60).answers, { name: "a.example.org", ttl: 60, data: { type: OPAQUE, of: 46, bytes } }] });
    const kind = (now: number, wanted: boolean): string => kindOf(signed, "a.example.org", question("a.example.org A"), now, wanted);
    expect([kind(1500, true), kind(2001, true), kind(999, true), kind(2001, false)]).toEqual(["success", "other", "other", "success"]);
  });

  it.each([
    ["cache 0", "1: plugin/cache: cache TTL can not be zero or negative: 0"],
    ["cache {\nsuccess\n}", "2: plugin/cache: Wrong argument count or unexpected line ending after 'success'"],
    ["cache {\nsuccess a\n}", '2: plugin/cache: strconv.Atoi: parsing "a": invalid syntax'],
    ["cache {\nprefetch 1 1m 5%\n}", "2: plugin/cache: percentage should fall in range [10, 90]: 5"],
    ["cache {\nprefetch 1 1m 50\n}", "2: plugin/cache: last character of percentage should be `%`, but is: '0'"],
    ["cache {\nservfail 6m\n}", "2: plugin/cache: caching SERVFAIL responses over 5 minutes is not permitted"],
    ["cache {\nserve_stale 1h later\n}", "2: plugin/cache: invalid value for serve_stale refresh mode: later"],
    ["cache {\nserve_stale_policy prefer_positive\n}", "2: plugin/cache: serve_stale_policy is not supported"],
    ["cache {\ndisable all\n}", '2: plugin/cache: cache type for disable must be "success" or "denial"'],
    ["cache {\nkeep\n}", "2: plugin/cache: Wrong argument count or unexpected line ending after 'keep'"],
    ["cache\ncache", "2: plugin/cache: this plugin can only be used once per Server Block"],
  ])("%j: %s", async (lines, message) => {
    expect(await faultOf(lines)).toBe(message);
  });
});
