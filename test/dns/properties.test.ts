import * as other from "dns-packet";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../cluster/random.js";
import { answer, DEFAULT_OPTIONS } from "../../dns/plugins/kubernetes/answer.js";
import { Zone } from "../../dns/plugins/kubernetes/zone.js";
import { formatAddress } from "../../dns/wire/address.js";
import type { Transport } from "../../dns/wire/message.js";
import { type ResourceRecord, TYPE } from "../../dns/wire/records.js";
import { longRun } from "../support/long.js";
import { exchangeOf, namespace, PEER, plainly, put, service, slice } from "./support.js";

const ZONES = Math.max(longRun(5000), 150);
const QUESTIONS = 60;

interface Dice {
  below(n: number): number;
  pick<T>(list: readonly T[]): T;
  odds(p: number): boolean;
}

function dice(random: () => number): Dice {
  const below = (n: number): number => Math.floor(random() * n);
  return { below, pick: (list) => list[below(list.length)], odds: (p) => random() < p };
}

const SPACES = ["default", "other", "a-rather-long-name-for-a-namespace-that-is-still-allowed-to-be"];
const SERVICES = ["a", "web", "api", "a-service-with-quite-a-long-name-0123456789"];
const PORTS = ["http:80/TCP", "dns:53/UDP", "long-port-name:8080/TCP", ":7/SCTP"];

function address({ below, odds }: Dice): string {
  return odds(0.7) ? `10.${below(3)}.0.${below(200) + 1}` : `2001:db8::${(below(60_000) + 1).toString(16)}`;
}

/** A cluster of services of all kinds with what stands behind them. */
function cluster(d: Dice): Zone {
  const zone = put(new Zone(() => 1_700_000_000_000), ...SPACES.map(namespace));
  zone.synced = true;
  for (const space of SPACES) {
    for (const name of SERVICES) {
      const ports = PORTS.filter(() => d.odds(0.5));
      const declared = ports.map((p) => {
        const [, n, port, protocol] = /^(.*):(\d+)\/(\w+)$/.exec(p) ?? [];
        return { name: n, port: Number(port), protocol };
      });
      const kind = d.below(4);
      if (kind === 0) continue;
      if (kind === 1) {
        const target = d.odds(0.5) ? "www.example.com" : `${d.pick(SERVICES)}.${d.pick(SPACES)}.svc.cluster.local`;
        put(zone, service(`${space}/${name}`, { type: "ExternalName", externalName: target }));
        continue;
      }
      const clusterIPs = kind === 2 ? ["None"] : d.odds(0.3) ? ["10.96.0.1", "fd00::1"] : [`10.96.1.${d.below(200)}`];
      put(zone, service(`${space}/${name}`, { clusterIP: clusterIPs[0], clusterIPs, ports: declared }));
      for (let part = 0; part <= d.below(3); part++) {
        const lines = Array.from(
          { length: d.pick([0, 1, 3, 40]) },
          (_, i) => `${address(d)} ${d.odds(0.6) ? `h-${part}-${i}` : "-"} ${d.odds(0.8) ? "ready" : "notready"}`,
        );
        put(zone, slice(`${space}-${name}-${part}`, `${space}/${name}`, lines, ports));
      }
    }
  }
  return zone;
}

function nameFor(d: Dice): string {
  const at = `${d.pick(SERVICES)}.${d.pick(SPACES)}.svc.cluster.local`;
  const name = d.pick([
    at,
    `h-0-${d.below(4)}.${at}`,
    `_${d.pick(["http", "dns", "long-port-name"])}._${d.pick(["tcp", "udp"])}.${at}`,
    `a.b.c.d.${at}`,
    `10-0-0-${d.below(200)}.${d.pick(SPACES)}.pod.cluster.local`,
    "cluster.local",
    "svc.cluster.local",
    "dns-version.cluster.local",
    `${d.below(200)}.0.${d.below(3)}.10.in-addr.arpa`,
    "example.com",
  ]);
  return d.odds(0.2) ? name.replace(/[a-z]/g, (c) => (d.odds(0.5) ? c.toUpperCase() : c)) : name;
}

const TYPES = ["A", "AAAA", "SRV", "PTR", "TXT", "CNAME", "SOA", "NS", "MX"] as const;

/** A record in one line, from ours. */
function ours({ name, ttl, data }: ResourceRecord): string {
  const head = `${name} ${ttl}`;
  if (data.type === TYPE.A || data.type === TYPE.AAAA) return `${head} ${formatAddress(data.address)}`;
  if (data.type === TYPE.SRV) return `${head} ${data.priority} ${data.weight} ${data.port} ${data.target}`;
  if (data.type === TYPE.TXT) return `${head} ${data.texts.join("|")}`;
  if (data.type === TYPE.SOA) return `${head} ${data.primary} ${data.mailbox} ${data.serial} ${data.refresh} ${data.retry} ${data.expire} ${data.minimum}`;
  return `${head} ${(data as { readonly target: string }).target}`;
}

/** The same, from the other library's reading. */
function theirs(record: other.Answer): string {
  if (record.type === "OPT" || !("data" in record)) throw new Error(`unexpected ${record.type}`);
  const head = `${record.name} ${"ttl" in record ? record.ttl : ""}`;
  switch (record.type) {
    case "SRV":
      return `${head} ${record.data.priority} ${record.data.weight} ${record.data.port} ${record.data.target}`;
    case "TXT":
      return `${head} ${[record.data].flat().map(String).join("|")}`;
    case "SOA": {
      const { mname, rname, serial, refresh, retry, expire, minimum } = record.data;
      return `${head} ${mname} ${rname} ${serial} ${refresh} ${retry} ${expire} ${minimum}`;
    }
    default:
      return `${head} ${record.data}`;
  }
}

const OPT: other.OptAnswer = { type: "OPT", name: ".", udpPayloadSize: 0, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false, options: [] };

const plain = (records: readonly other.Answer[] | undefined): other.Answer[] => (records ?? []).filter((r) => r.type !== "OPT");

describe("#6 DNS: any zone, any question", () => {
  it(`what is sent is what was found, as another library reads it (${ZONES} zones)`, { timeout: 600_000 }, () => {
    for (let seed = 1; seed <= ZONES; seed++) {
      const d = dice(seededRandom(seed));
      const zone = cluster(d);
      const exchange = exchangeOf(zone, [plainly(zone)]);
      for (let n = 0; n < QUESTIONS; n++) {
        const name = nameFor(d);
        const type = d.pick(TYPES);
        const size = d.pick([undefined, 512, 1232, 4096]);
        const transport: Transport = d.pick(["udp4", "udp6", "tcp"]);
        const id = d.below(65_536);
        const opt: other.OptAnswer = { ...OPT, udpPayloadSize: size ?? 0 };
        const query = other.encode({
          type: "query",
          id,
          flags: other.RECURSION_DESIRED,
          questions: [{ type, name }],
          additionals: size === undefined ? [] : [opt],
        });
        const at = `seed ${seed}: ${name} ${type} over ${transport}, ${size ?? "no EDNS"}`;
        const bytes = exchange(Buffer.from(query), transport, PEER) as Buffer;
        const read = other.decode(bytes);
        const limit = transport === "tcp" ? 65_535 : Math.max(512, size ?? 0);
        expect(bytes.length, at).toBeLessThanOrEqual(limit);
        expect([read.id, read.type, read.questions?.[0].name], at).toEqual([id, "response", name]);
        // read, written and read again, it is the same message
        expect(other.decode(other.encode(read)), at).toEqual(read);
        const labels = name.split(".");
        const found = answer({ labels, type: TYPE[type], class: 1 }, zone, DEFAULT_OPTIONS);
        const sections = [
          [read.answers, found.answers],
          [read.authorities, found.authorities],
          [read.additionals, found.additionals],
        ] as const;
        for (const [got, want] of sections) {
          const lines = want.map(ours);
          // one that was cut has the beginning of what there is
          expect(plain(got).map(theirs), at).toEqual(read.flag_tc ? lines.slice(0, plain(got).length) : lines);
        }
        if (read.flag_tc) expect(transport, at).not.toBe("tcp");
      }
    }
  });
});
