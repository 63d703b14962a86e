import { isBelow } from "../../corefile/zones.js";
import type { Handler, Plugin, Request } from "../../plugin.js";
import type { Reading } from "../../wire/read.js";
import { type Answer, nameOf, RCODE } from "../../wire/records.js";
import { encode } from "../../wire/write.js";
import type { Health } from "./health.js";
import type { ForwardOptions } from "./options.js";
import type { Protocol, Upstream } from "./upstream.js";

/** What one `forward` needs of the outside. */
export interface Servers {
  readonly all: readonly {
    readonly upstream: Upstream;
    readonly health: Health;
    /** It answered. */
    took(rcode: number, seconds: number): void;
  }[];
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Milliseconds, in real time: it is about the network. */
  readonly now: () => number;
  /** All servers are down. */
  broken(): void;
  /** There were too many questions at once. */
  rejected(): void;
}

type Server = Servers["all"][number];

const FLAG = { qr: 0x8000, aa: 0x0400, tc: 0x0200, ra: 0x0080, ad: 0x0020 } as const;
const MAX_MESSAGE = 65_535;
/** How long a question has, and how often each server may be asked when that fails. Source: CoreDNS plugin/forward/forward.go. */
const DEADLINE_MS = 5000;
const ATTEMPTS_PER_SERVER = 2;

const EMPTY = { aa: false, answers: [], authorities: [], additionals: [] } as const;
const failure = (rcode: number, error?: string): Answer => ({ ...EMPTY, rcode, error, by: "forward" });

/** In any order, each as likely. */
function permuted(servers: readonly Server[], random: () => number): Server[] {
  const all = [...servers];
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all;
}

/** The order in which servers are asked. Source: CoreDNS plugin/forward/policy.go. */
export function policyOf(name: ForwardOptions["policy"], servers: readonly Server[], random: () => number): () => readonly Server[] {
  if (name === "sequential" || servers.length === 1) return () => servers;
  if (name === "random") return () => permuted(servers, random);
  let turn = 0;
  return () => {
    turn = (turn + 1) % servers.length;
    return [servers[turn], ...servers.slice(0, turn), ...servers.slice(turn + 1)];
  };
}

/** The question as it goes out: all but its id is the client's. */
function outgoing({ flags, question, edns }: Request, random: () => number): Buffer {
  return encode({ id: Math.floor(random() * 0x10000), flags, question, edns }, MAX_MESSAGE);
}

/** Whether it is an answer, and to this question. Source: CoreDNS request.Match. */
function matches({ header, question }: Reading, request: Request): boolean {
  if (!(header.flags & FLAG.qr) || header.counts[0] !== 1 || !question) return false;
  const asked = request.question;
  return nameOf(question.labels).toLowerCase() === request.name && question.type === asked.type && question.class === asked.class;
}

/** The upper bits of a long one stand in EDNS. */
const rcodeOf = ({ header, edns }: Pick<Reading, "header" | "edns">): number => (header.flags & 15) | (((edns?.ttl ?? 0) >>> 24) << 4);

/** Whether it is to be asked for over TCP: it says that it was cut, or it was cut without saying so. */
const isCut = ({ header, short }: Reading): boolean => short === true || (header.flags & FLAG.tc) !== 0;

/** What another server said. One over UDP that ends too early is passed on empty and as cut, so that the client asks again over TCP. */
function received({ header, answers, authorities, additionals, edns, short = false }: Reading): Answer {
  const has = (bit: number): boolean => (header.flags & bit) !== 0;
  const { options } = edns ?? {};
  return {
    rcode: rcodeOf({ header, edns }),
    aa: has(FLAG.aa),
    ra: has(FLAG.ra),
    ad: has(FLAG.ad),
    tc: has(FLAG.tc) || short,
    answers,
    authorities,
    additionals,
    options,
    received: true,
    by: "forward",
  };
}

/**
 * Asks other servers for names in a zone. `next` is the `forward` behind this one in the same block, if there is one: only that is asked when an answer is not
 * good enough; names of other zones go on to whatever comes next. Source: CoreDNS plugin/forward/forward.go.
 */
function one(options: ForwardOptions, servers: Servers, following: Plugin["serve"] | undefined): Plugin["serve"] {
  const { all, random, now } = servers;
  const list = policyOf(options.policy, all, random);
  const isDown = ({ health }: Server): boolean => options.maxFails > 0 && health.fails > options.maxFails;
  const isOurs = (name: string): boolean => isBelow(name, options.from) && (name === options.from || !options.except.some((zone) => isBelow(name, zone)));
  let concurrent = 0;

  const exchange = async (server: Server, request: Request): Promise<Reading> => {
    const own: Protocol = request.transport === "udp4" || request.transport === "udp6" ? "udp" : "tcp";
    const protocol = options.forceTcp ? "tcp" : options.preferUdp ? "udp" : own;
    const over = async (way: Protocol): Promise<Reading> => {
      const from = now();
      const reading = await server.upstream.ask(outgoing(request, random), way);
      if (reading.malformed && (way === "tcp" || !reading.short)) throw new Error("dns: bad answer");
      server.took(rcodeOf(reading), (now() - from) / 1000);
      return reading;
    };
    const reading = await over(protocol);
    return isCut(reading) && options.preferUdp && protocol === "udp" ? over("tcp") : reading;
  };

  const ask = async (request: Request, next: Handler): Promise<Answer> => {
    const order = list();
    const deadline = now() + DEADLINE_MS;
    const most = options.maxAttempts ?? ATTEMPTS_PER_SERVER * order.length;
    let error = "no healthy proxies";
    let [at, down, attempts, failovers] = [0, 0, 0, 0];
    while (now() < deadline && (most === 0 || attempts < most)) {
      if (at >= order.length) [at, down] = [0, 0];
      let server = order[at++];
      if (isDown(server)) {
        if (++down < all.length) continue;
        servers.broken();
        if (options.failfast) break;
        // then it is more likely that the checks fail than that nobody is there
        server = all[Math.floor(random() * all.length)];
      }
      let reading: Reading;
      try {
        reading = await exchange(server, request);
      } catch (reason) {
        error = (reason as Error).message;
        if (options.maxFails > 0) server.health.check();
        attempts++;
        continue;
      }
      if (!matches(reading, request)) return failure(RCODE.FORMERR);
      const answer = received(reading);
      if (options.failover.includes(answer.rcode) && ++failovers < all.length) continue;
      const poor = options.next.includes(answer.rcode) || (options.nextOnNodata && answer.rcode === RCODE.NOERROR && answer.answers.length === 0);
      return poor && following ? following(request, next) : answer;
    }
    return failure(RCODE.SERVFAIL, error);
  };

  return (request, next) => {
    if (!isOurs(request.name)) return following ? following(request, next) : next(request);
    if (options.maxConcurrent > 0 && concurrent >= options.maxConcurrent) {
      servers.rejected();
      return failure(RCODE.REFUSED, `concurrent queries exceeded maximum ${options.maxConcurrent}`);
    }
    concurrent++;
    return ask(request, next).finally(() => {
      concurrent--;
    });
  };
}

/** All `forward` directives of a block, one behind the other. */
export function forward(parts: readonly { readonly options: ForwardOptions; readonly servers: Servers }[]): Plugin {
  const pass: Plugin["serve"] = (request, next) => next(request);
  const first = parts.reduceRight<Plugin["serve"] | undefined>((following, { options, servers }) => one(options, servers, following), undefined);
  return {
    name: "forward",
    serve: first ?? pass,
    async stop() {
      for (const { servers } of parts) {
        for (const { upstream, health } of servers.all) {
          health.stop();
          upstream.stop();
        }
      }
    },
  };
}
