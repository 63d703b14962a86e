import type { Blocks, Route } from "./blocks.js";
import type { Metrics, Series } from "./metrics.js";
import { isOnlyCode, type Request } from "./plugin.js";
import { shuffled } from "./plugins/loadbalance/serve.js";
import { finish, type Query, receive, type Transport } from "./wire/message.js";
import { again, type Prepared, prepare } from "./wire/prepared.js";
import { wantsSignatures } from "./wire/read.js";
import { type Aging, type Answer, nameOf, RCODE } from "./wire/records.js";

/** Who sent a message. */
export interface Peer {
  readonly address: string;
  readonly port: number;
}

/** Answers the bytes of one message, or not at all. What must be waited for comes as a promise; it never rejects. */
export type Exchange = (bytes: Buffer, transport: Transport, peer: Peer) => Buffer | undefined | Promise<Buffer | undefined>;

export interface ExchangeOptions {
  /** The server at present: another object after a reload. */
  readonly blocks: () => Blocks;
  /** Moves whenever an answer that is `fixed` could be another one. */
  readonly generation: () => number;
  readonly metrics: Metrics;
  /** The label `server` of the metrics: `dns://:53`. */
  readonly server: string;
  readonly random: () => number;
}

interface Kept extends Prepared {
  readonly series: Series;
  readonly aging: Aging | undefined;
}

/** How much is kept of answers that can be sent again; then it begins anew. */
const KEPT_ANSWERS = 10_000;
const KEPT_BYTES = 8 << 20;

/**
 * From message to message. The common question is not even read: an answer that is `fixed` is kept by the bytes of the query, all but its id, and sent again
 * until the generation moves; one that grows old, until it says that it is another one by now. Everything else goes down the plugins.
 */
export function createExchange({ blocks, generation, metrics, server, random }: ExchangeOptions): Exchange {
  let kept = new Map<string, Kept>();
  let keptBytes = 0;
  let of: Blocks | undefined;
  let at = -1;

  /** Forgets what was kept before the last change. */
  const current = (): Map<string, Kept> => {
    if (at !== generation() || of !== blocks() || kept.size >= KEPT_ANSWERS || keptBytes >= KEPT_BYTES) {
      kept = new Map();
      keptBytes = 0;
      at = generation();
      of = blocks();
    }
    return kept;
  };

  const seriesOf = ({ transport, question, edns }: Request, route: Route, answer: Answer): Series =>
    metrics.series({
      server,
      zone: route.zone,
      view: "",
      proto: transport === "tcp" ? "tcp" : "udp",
      family: transport === "udp6" ? "2" : "1",
      type: question.type,
      rcode: answer.rcode,
      plugin: isOnlyCode(answer) ? "" : route.first,
      signed: wantsSignatures(edns),
    });

  return (bytes, transport, peer) => {
    const started = performance.now();
    const key = bytes.toString("latin1", 2) + transport;
    const ready = current().get(key);
    const left = ready?.aging?.left();
    if (ready && (left !== undefined || !ready.aging)) {
      const reply = again(ready, bytes, random, left);
      ready.series.observe(bytes.length, reply.length, (performance.now() - started) / 1000);
      return reply;
    }
    const incoming = receive(bytes, transport, blocks().anyClass);
    if (!incoming?.query) return incoming?.reply;
    const { query } = incoming;
    const request = requestOf(query, bytes, transport, peer);
    const route = blocks().route(request.name, query.question.type);
    const generationAsked = at;
    const send = (answer: Answer): Buffer => {
      const reply = finish(query, answer.shuffle ? inAnyOrder(answer, random) : answer);
      const series = seriesOf(request, route, answer);
      series.observe(bytes.length, reply.length, (performance.now() - started) / 1000);
      if ((answer.fixed || answer.aging) && keepable(bytes) && generationAsked === at && at === generation()) {
        const prepared = prepare(reply, { shuffle: answer.shuffle ?? false, ages: answer.aging !== undefined });
        if (prepared) {
          const before = kept.get(key);
          kept.set(key, { ...prepared, series, aging: answer.aging });
          keptBytes += reply.length - (before ? before.bytes.length : -key.length);
        }
      }
      return reply;
    };
    // one bad question must not end the server
    const broken = (error: unknown): Buffer => {
      metrics.panicked();
      return send({ rcode: RCODE.SERVFAIL, aa: false, answers: [], authorities: [], additionals: [], error: String(error) });
    };
    try {
      const answer = route.handle(request);
      return answer instanceof Promise ? answer.then(send).catch(broken) : send(answer);
    } catch (error) {
      return broken(error);
    }
  };
}

function requestOf({ header, question, edns }: Query, bytes: Buffer, transport: Transport, peer: Peer): Request {
  const name = nameOf(question.labels).toLowerCase();
  return { question, name, id: header.id, flags: header.flags, edns, transport, peer, size: bytes.length, depth: 0 };
}

/** Queries with options (cookies) are another one each time: their answers would be kept for nothing. Without options, the last word is their length. */
function keepable(query: Buffer): boolean {
  const additionals = query.readUInt16BE(10);
  return additionals === 0 || (additionals === 1 && query.readUInt16BE(query.length - 2) === 0);
}

const inAnyOrder = (answer: Answer, random: () => number): Answer => ({
  ...answer,
  answers: shuffled(answer.answers, random),
  authorities: shuffled(answer.authorities, random),
  additionals: shuffled(answer.additionals, random),
});
