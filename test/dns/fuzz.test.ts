import dns2 from "dns2";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../cluster/random.js";
import { createMetrics } from "../../dns/metrics.js";
import { PLAIN } from "../../dns/plugins/kubernetes/options.js";
import { kubernetes } from "../../dns/plugins/kubernetes/serve.js";
import { Zone } from "../../dns/plugins/kubernetes/zone.js";
import { loadbalance } from "../../dns/plugins/loadbalance/serve.js";
import type { Transport } from "../../dns/wire/message.js";
import { readMessage } from "../../dns/wire/read.js";
import { longRun } from "../support/long.js";
import { pluginsOf } from "./corefile/support.js";
import { exchangeOf, namespace, PEER, put, service, slice } from "./support.js";

const PACKETS = Math.max(longRun(5_000_000), 100_000);
const D = "default.svc.cluster.local";

function cluster(): Zone {
  const zone = put(
    new Zone(() => 0),
    namespace("default"),
    service("web", { clusterIP: "None", clusterIPs: ["None"], ports: [{ name: "p", port: 80, protocol: "TCP" }] }),
    slice(
      "web-a",
      "web",
      Array.from({ length: 80 }, (_, i) => `10.0.0.${i + 1} web-${i}`),
      ["p:80/TCP"],
    ),
    slice("web-b", "web", ["2001:db8::1 six"], ["p:80/TCP"]),
    service("api", { clusterIP: "10.96.0.10", clusterIPs: ["10.96.0.10"], ports: [{ name: "h", port: 80, protocol: "TCP" }] }),
    service("out", { type: "ExternalName", externalName: `api.${D}` }),
  );
  zone.synced = true;
  return zone;
}

const NAMES = [
  "",
  "cluster.local",
  `web.${D}`,
  `web-1.web.${D}`,
  `_p._tcp.web.${D}`,
  `api.${D}`,
  `out.${D}`,
  `gone.${D}`,
  "1.0.0.10.in-addr.arpa",
  "example.com",
];
const TYPES = [1, 28, 33, 12, 16, 5, 6, 2, 15, 43, 255, 252, 251, 41, 0, 65535];
const TRANSPORTS: readonly Transport[] = ["udp4", "udp6", "tcp"];

/** Queries, whole and broken, out of one seed. */
function packets(random: () => number): () => Buffer {
  const below = (n: number): number => Math.floor(random() * n);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)];
  const whole = (): Buffer => {
    const labels = [...pick(NAMES).split(".").filter(Boolean), ""].map((l) => Buffer.concat([Buffer.from([l.length]), Buffer.from(l)]));
    const edns = random() < 0.4;
    const options = random() < 0.2 ? Buffer.from("000a00081122334455667788", "hex") : Buffer.alloc(0);
    const opt = Buffer.concat([
      Buffer.from([0, 0, 41, below(256), below(256), 0, random() < 0.1 ? 1 : 0, random() < 0.5 ? 0x80 : 0, 0, 0, options.length]),
      options,
    ]);
    const header = [below(256), below(256), random() < 0.8 ? 1 : below(256), random() < 0.8 ? 0 : below(256), 0, 1, 0, 0, 0, 0, 0, edns ? 1 : 0];
    const type = pick(TYPES);
    return Buffer.concat([Buffer.from(header), ...labels, Buffer.from([type >> 8, type & 255, 0, random() < 0.9 ? 1 : below(256)]), ...(edns ? [opt] : [])]);
  };
  const broken = (packet: Buffer): Buffer => {
    switch (below(6)) {
      case 0: // some bits
        for (let i = 0; i <= below(4); i++) packet[below(packet.length)] ^= 1 << below(8);
        return packet;
      case 1: // cut short
        return packet.subarray(0, below(packet.length + 1));
      case 2: // goes on
        return Buffer.concat([packet, Buffer.from(Array.from({ length: below(600) }, () => below(256)))]);
      case 3: // counts that lie
        packet[4 + below(8)] = below(256);
        return packet;
      case 4: // a pointer somewhere, to anywhere
        packet[12 + below(packet.length - 12)] = 0xc0 | below(64);
        return packet;
      default: // noise
        return Buffer.from(Array.from({ length: below(120) }, () => below(256)));
    }
  };
  return () => {
    const packet = whole();
    return random() < 0.7 ? broken(packet) : packet;
  };
}

/** What a client asked for at most, read from its own packet by rule: 512, or what the EDNS record of its additional section says. */
const asked = (packet: Buffer): number => {
  const sizes = [512];
  // every place an EDNS record could begin: which of them is one is the server's to find out
  for (let i = 12; i + 5 <= packet.length; i++) if (packet.readUInt16BE(i) === 41) sizes.push(packet.readUInt16BE(i + 2));
  return Math.max(...sizes);
};

describe("#6 DNS: packets from anywhere", () => {
  it(`${PACKETS} of them: each is answered in the size that was asked for, or passed over; none breaks anything`, { timeout: 600_000 }, () => {
    const random = seededRandom(6);
    const zone = cluster();
    const options = { ...PLAIN, zones: ["cluster.local", "in-addr.arpa", "ip6.arpa"], pods: "insecure" } as const;
    const exchange = exchangeOf(zone, [loadbalance(), kubernetes(options, { cluster: zone, resolve: () => expect.fail("nothing to look up") })], random);
    const next = packets(random);
    const rcodes = new Map<number, number>();
    let silent = 0;
    for (let i = 0; i < PACKETS; i++) {
      const packet = next();
      const transport = TRANSPORTS[i % 3];
      const hex = packet.toString("hex");
      const reply = exchange(packet, transport, PEER) as Buffer | undefined;
      if (reply === undefined) {
        silent++;
        continue;
      }
      const fine =
        reply.length >= 12 &&
        reply.readUInt16BE(0) === packet.readUInt16BE(0) &&
        (reply[2] & 0x80) !== 0 &&
        reply.length <= (transport === "tcp" ? 65_535 : asked(packet)) &&
        packet.toString("hex") === hex;
      if (!fine) expect.fail(`packet ${i} over ${transport}: ${hex} was answered with ${reply.toString("hex")}`);
      // a decoder that is not ours reads it
      if (i % 10 === 0) dns2.Packet.parse(reply);
      rcodes.set(reply[3] & 15, (rcodes.get(reply[3] & 15) ?? 0) + 1);
    }
    // all the ways to answer were taken, so the packets were no monotony
    expect([...rcodes.keys()].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(silent).toBeGreaterThan(0);
  });

  it(`${PACKETS} of them through rewrite, template, cache and hosts: nothing breaks there either, and what is kept has an end`, {
    timeout: 600_000,
  }, async () => {
    const random = seededRandom(7);
    const zone = cluster();
    const metrics = createMetrics();
    const lines = `. {
      rewrite name regex (.*)\\.out\\.(.*) {1}.api.{2} answer auto
      rewrite ttl suffix .com 7
      template IN ANY com {
        answer "{{ .Name }} 60 IN TXT \\"{{ .Type }}\\""
      }
      cache 30 {
        success 500
        denial 500
      }
      hosts /dev/null {
        10.0.0.1 a.example.org
        fallthrough
      }
      kubernetes cluster.local in-addr.arpa ip6.arpa
    }`;
    const plugins = await pluginsOf(lines, { cluster: zone, metrics, random });
    const exchange = exchangeOf(zone, plugins, random);
    const next = packets(random);
    const rcodes = new Set<number>();
    for (let i = 0; i < PACKETS; i++) {
      const packet = next();
      const transport = TRANSPORTS[i % 3];
      const reply = await exchange(packet, transport, PEER);
      if (!reply) continue;
      if (reply.length > (transport === "tcp" ? 65_535 : asked(packet))) expect.fail(`packet ${i} over ${transport}: ${packet.toString("hex")}`);
      rcodes.add(reply[3] & 15);
      // read back as the answer of another server, whole and broken
      expect(readMessage(reply)?.malformed, `${packet.toString("hex")} ${reply.toString("hex")}`).toBe(false);
      // a copy: what was sent is kept
      const other = Buffer.from(reply);
      for (let bit = 0; bit < 3; bit++) other[Math.floor(random() * other.length)] ^= 1 << Math.floor(random() * 8);
      readMessage(other);
    }
    expect([...rcodes].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
    const kept = [...metrics.text().matchAll(/^coredns_cache_entries.* (\d+)$/gm)].map((match) => Number(match[1]));
    expect(kept.length).toBe(2);
    for (const count of kept) expect(count).toBeLessThanOrEqual(1024);
    expect(metrics.text()).toMatch(/^coredns_panics_total 0$/m);
  });
});
