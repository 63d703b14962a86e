import { describe, expect, it } from "vitest";
import type { Plugin } from "../../dns/plugin.js";
import { PLAIN } from "../../dns/plugins/kubernetes/options.js";
import { kubernetes } from "../../dns/plugins/kubernetes/serve.js";
import { Zone } from "../../dns/plugins/kubernetes/zone.js";
import { readBody, readHeader } from "../../dns/wire/read.js";
import { exchangeOf, namespace, PEER, plainly, put, service, slice } from "./support.js";

const D = "default.svc.cluster.local";

function query(name: string, id: number, tail = Buffer.alloc(0)): Buffer {
  const labels = [...name.split("."), ""].map((l) => Buffer.concat([Buffer.from([l.length]), Buffer.from(l)]));
  return Buffer.concat([Buffer.from([id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, tail.length ? 1 : 0]), ...labels, Buffer.from([0, 1, 0, 1]), tail]);
}

const cluster = (addresses: readonly string[]): Zone =>
  put(new Zone(() => 0), namespace("default"), service("web", { clusterIP: "None", clusterIPs: ["None"] }), slice("a", "web", addresses, ["p:80/TCP"]));

/** Counts what comes through to it, and answers as the zone does. */
function counted(zone: Zone, shuffle = false): { readonly plugins: readonly Plugin[]; asked: number } {
  const plain = plainly(zone);
  const seen = {
    asked: 0,
    plugins: [
      {
        name: "kubernetes",
        serve: (request, next) => {
          seen.asked++;
          return { ...plain.serve(request, next), fixed: true, shuffle };
        },
      } as Plugin,
    ],
  };
  return seen;
}

/** The last octets of the A records of an answer whose names are written in full. */
function octets(reply: Buffer): number[] {
  const count = reply.readUInt16BE(6);
  const name = reply.subarray(12).indexOf(0) + 1;
  const size = name + 14;
  return Array.from({ length: count }, (_, i) => reply[12 + name + 4 + (i + 1) * size - 1]);
}

describe("#6 DNS: answers that are kept", () => {
  it("the same question is looked up once, and each answer has the id of its query", () => {
    const zone = cluster(["10.0.0.1 web-0"]);
    const seen = counted(zone);
    const exchange = exchangeOf(zone, seen.plugins);
    const replies = [1, 2, 3].map((id) => exchange(query(`web-0.web.${D}`, id), "udp4", PEER) as Buffer);
    expect(seen.asked).toBe(1);
    expect(replies.map((r) => r.readUInt16BE(0))).toEqual([1, 2, 3]);
    for (const reply of replies) expect(reply.subarray(2)).toEqual(replies[0].subarray(2));
  });

  it("another case, transport or EDNS is another question", () => {
    const zone = cluster(["10.0.0.1 web-0"]);
    const seen = counted(zone);
    const exchange = exchangeOf(zone, seen.plugins);
    exchange(query(`web-0.web.${D}`, 1), "udp4", PEER);
    const upper = exchange(query(`WEB-0.web.${D}`, 1), "udp4", PEER) as Buffer;
    exchange(query(`web-0.web.${D}`, 1), "tcp", PEER);
    exchange(query(`web-0.web.${D}`, 1, Buffer.from("00002904d0000000000000", "hex")), "udp4", PEER);
    expect(seen.asked).toBe(4);
    expect(upper.toString("latin1", 13, 18)).toBe("WEB-0");
  });

  it("a change shows in the next answer", () => {
    const zone = cluster(["10.0.0.1 web-0"]);
    const exchange = exchangeOf(zone, counted(zone).plugins);
    const ask = (): number[] => octets(exchange(query(`web.${D}`, 1), "udp4", PEER) as Buffer);
    expect(ask()).toEqual([1]);
    put(zone, slice("a", "web", ["10.0.0.2 web-0"], ["p:80/TCP"]));
    expect(ask()).toEqual([2]);
    zone.removeEndpointSlice(slice("a", "web", []));
    expect(ask()).toEqual([]);
  });

  it("what is asked with a cookie is answered, but not kept; nor is what is not fixed", () => {
    const zone = cluster(["10.0.0.1 web-0"]);
    const seen = counted(zone);
    const exchange = exchangeOf(zone, seen.plugins);
    const cookie = Buffer.from("00002904d000000000000c000a00081122334455667788", "hex");
    for (const id of [1, 2]) exchange(query(`web.${D}`, id, cookie), "udp4", PEER);
    expect(seen.asked).toBe(2);
    let asked = 0;
    const plain = plainly(zone);
    const loose = exchangeOf(zone, [
      {
        name: "x",
        serve: (request, next) => {
          asked++;
          return plain.serve(request, next);
        },
      },
    ]);
    for (const id of [1, 2]) loose(query(`web.${D}`, id), "udp4", PEER);
    expect(asked).toBe(2);
  });

  it("an answer that a change overtook is not kept", async () => {
    const zone = cluster(["10.0.0.1 web-0"]);
    const plain = plainly(zone);
    let asked = 0;
    const late: Plugin = {
      name: "late",
      serve: async (request, next) => {
        asked++;
        const answer = { ...(await plain.serve(request, next)), fixed: true };
        await Promise.resolve();
        return answer;
      },
    };
    const exchange = exchangeOf(zone, [late]);
    const first = exchange(query(`web.${D}`, 1), "udp4", PEER);
    put(zone, slice("a", "web", ["10.0.0.2 web-0"], ["p:80/TCP"]));
    await first;
    expect(octets((await exchange(query(`web.${D}`, 2), "udp4", PEER)) as Buffer)).toEqual([2]);
    expect(asked).toBe(2);
  });
});

describe("#6.2 DNS: round robin", () => {
  const addresses = Array.from({ length: 5 }, (_, i) => `10.0.0.${i + 1} web-${i}`);
  it("addresses come in another order each time, all of them, kept or not", () => {
    const zone = cluster(addresses);
    let n = 0;
    const exchange = exchangeOf(zone, counted(zone, true).plugins, () => (n = (n + 0.37) % 1));
    const orders = Array.from({ length: 20 }, (_, id) => octets(exchange(query(`web.${D}`, id), "udp4", PEER) as Buffer));
    for (const order of orders) expect(order.toSorted()).toEqual([1, 2, 3, 4, 5]);
    expect(new Set(orders.map((o) => o.join())).size).toBeGreaterThan(5);
  });

  it("an answer that was cut is made anew, so that each address has its turn", () => {
    const zone = cluster(Array.from({ length: 100 }, (_, i) => `10.0.0.${i + 1} web-${i}`));
    const seen = counted(zone, true);
    let n = 0;
    const exchange = exchangeOf(zone, seen.plugins, () => (n = (n + 0.37) % 1));
    const replies = [1, 2].map((id) => exchange(query(`web.${D}`, id), "udp4", PEER) as Buffer);
    expect(seen.asked).toBe(2);
    for (const reply of replies) expect(reply[2] & 2).toBe(2);
    expect(replies[0].subarray(2)).not.toEqual(replies[1].subarray(2));
  });
});

describe("#6.2 DNS: before the first sync", () => {
  it("what is there is answered, nothing is denied", () => {
    const zone = cluster(["10.0.0.1 web-0"]);
    const blocked = exchangeOf(zone, [kubernetes({ ...PLAIN }, { cluster: zone, resolve: () => expect.fail("nothing to look up") })]);
    const rcode = (name: string): number => (blocked(query(name, 1), "udp4", PEER) as Buffer)[3] & 15;
    expect([rcode(`web.${D}`), rcode(`gone.${D}`)]).toEqual([0, 2]);
    zone.synced = true;
    zone.generation++;
    expect(rcode(`gone.${D}`)).toBe(3);
  });
});

it("#6 DNS: the support of these tests reads what it wrote", () => {
  const bytes = query("a.b", 7);
  const header = readHeader(bytes);
  expect(header && readBody(bytes, header).question?.labels).toEqual(["a", "b"]);
});
