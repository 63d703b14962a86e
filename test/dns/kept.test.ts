import { describe, expect, it } from "vitest";
import { createMetrics } from "../../dns/metrics.js";
import type { Plugin } from "../../dns/plugin.js";
import { Zone } from "../../dns/plugins/kubernetes/zone.js";
import { readMessage } from "../../dns/wire/read.js";
import { labelsOf, TYPE } from "../../dns/wire/records.js";
import { encode } from "../../dns/wire/write.js";
import { pluginsOf } from "./corefile/support.js";
import { exchangeOf, namespace, PEER, put, service, slice } from "./support.js";

const COUNT = 5;
const NAME = "web.default.svc.cluster.local";
const ADDRESSES = Array.from({ length: COUNT }, (_, i) => `10.0.0.${i + 1} web-${i}`);

/** A responder of these lines before `kubernetes`, time that is moved by hand, and how often it came down to the last plugin. */
async function responder(lines: string) {
  const zone = put(
    new Zone(() => 0),
    namespace("default"),
    service("web", { clusterIP: "None", clusterIPs: ["None"] }),
    slice("a", "web", ADDRESSES, ["p:80/TCP"]),
  );
  zone.synced = true;
  const lined: string[] = [];
  const world = { now: 0, reached: 0, metrics: createMetrics(), lined };
  const clock = { now: () => world.now, setTimeout: () => undefined, clearTimeout: () => undefined };
  const plugins = await pluginsOf(`. {\n${lines}\nkubernetes cluster.local\n}`, {
    cluster: zone,
    clock,
    metrics: world.metrics,
    print: (_, line) => lined.push(line),
  });
  const last = plugins.at(-1) as Plugin;
  const seen: Plugin = {
    name: last.name,
    serve(request, next) {
      world.reached++;
      return last.serve(request, next);
    },
  };
  let n = 0;
  const exchange = exchangeOf(zone, [...plugins.slice(0, -1), seen], () => (n = (n + 0.37) % 1));
  let id = 0;
  const ask = (name = NAME, type: number = TYPE.A) => {
    const asked = { id: ++id, flags: 0x0100, question: { labels: labelsOf(name), type, class: 1 }, edns: { size: 1232, ttl: 0 } };
    const reading = readMessage(exchange(encode(asked, 65_535), "udp4", PEER) as Buffer);
    if (!reading) throw new Error("the answer cannot be read");
    expect(reading.header.id).toBe(id);
    const records = [...reading.answers, ...reading.authorities, ...reading.additionals];
    return { ttls: records.map(({ ttl }) => ttl), reading };
  };
  return { world, zone, ask };
}

describe("#6.3 DNS: answers that grow old are kept by the bytes of their question, too", () => {
  it.each([
    ["addresses", NAME, TYPE.A, COUNT],
    ["services with their addresses", `_p._tcp.${NAME}`, TYPE.SRV, COUNT * 2],
    ["a name that is not there", `no.${NAME}`, TYPE.A, 1],
    ["a type that is not there", `web-0.${NAME}`, TYPE.AAAA, 1],
  ])("%s: the TTL goes down with the seconds, in whatever order, until it is asked anew", async (_, name, type, count) => {
    const { world, ask } = await responder("loadbalance\ncache 30");
    const all = (ttl: number) => Array.from({ length: count }, () => ttl);
    expect(ask(name, type).ttls).toEqual(all(5));
    for (const [now, ttl] of [
      [0, 5],
      [999, 5],
      [1000, 4],
      [4000, 1],
      [1500, 4],
      [4999, 1],
    ]) {
      world.now = now;
      for (let times = 0; times < 3; times++) expect(ask(name, type).ttls).toEqual(all(ttl));
    }
    expect(world.reached).toBe(1);
    world.now = 5000;
    expect(ask(name, type).ttls).toEqual(all(5));
    expect(world.reached).toBe(2);
    expect(world.metrics.text()).toMatch(/coredns_cache_hits_total\{.*\} 18\n/);
    expect(world.metrics.text()).toMatch(/coredns_cache_requests_total\{.*\} 20\n/);
  });

  it("a TTL that `rewrite` has bounds for keeps to them, and names that it turns back grow old", async () => {
    const bounded = await responder(`rewrite ttl exact ${NAME} 30-60\ncache 30`);
    for (const now of [0, 0, 1000, 4000]) {
      bounded.world.now = now;
      expect(bounded.ask().ttls[0]).toBe(30);
    }
    const renamed = await responder(`rewrite name suffix .test .${NAME} answer auto\ncache 30`);
    for (const [now, ttl] of [
      [0, 5],
      [1000, 4],
      [3000, 2],
    ]) {
      renamed.world.now = now;
      const { reading, ttls } = renamed.ask("web-0.test");
      expect(ttls).toEqual([ttl]);
      expect(reading.answers[0].name).toBe("web-0.test");
    }
    expect(renamed.world.reached).toBe(1);
  });

  it("what a change of the cluster makes of a name shows when its time is over, as in a cluster", async () => {
    const { world, zone, ask } = await responder("cache 30");
    for (let times = 0; times < 3; times++) ask();
    put(zone, slice("a", "web", ["10.0.0.9 web-0"], ["p:80/TCP"]));
    expect(ask().reading.answers).toHaveLength(COUNT);
    world.now = 5000;
    expect(ask().reading.answers).toHaveLength(1);
  });

  it("`log` sees each question all the same", async () => {
    const { world, ask } = await responder("log\ncache 30");
    for (let times = 0; times < 4; times++) ask();
    expect(world.lined).toHaveLength(4);
    expect(world.reached).toBe(1);
  });

  it("`keepttl` keeps it, and `prefetch` counts each question", async () => {
    const keeping = await responder("cache 30 {\nkeepttl\n}");
    keeping.ask();
    keeping.world.now = 3000;
    for (let times = 0; times < 3; times++) expect(keeping.ask(`web-0.${NAME}`).ttls).toEqual([5]);
    const fetching = await responder("cache 30 {\nprefetch 3 1m 50%\n}");
    fetching.ask();
    fetching.world.now = 4000;
    for (let times = 0; times < 4; times++) fetching.ask();
    await new Promise(setImmediate);
    expect(fetching.world.reached).toBe(2);
    expect(fetching.ask().ttls[0]).toBe(5);
  });
});
