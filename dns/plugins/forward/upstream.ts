import { type Reading, readMessage } from "../../wire/read.js";
import { addressOf, type Channel, type Endpoint, openTcp, openUdp } from "./channel.js";

export type Protocol = "udp" | "tcp";

/** Another server that answers. */
export interface Upstream {
  /** `127.0.0.1:53`. */
  readonly address: string;
  /** Its answer to a message: the first with the same id. Errors: it cannot be reached, or says nothing in time. */
  ask(message: Buffer, protocol: Protocol): Promise<Reading>;
  stop(): void;
}

export interface UpstreamOptions {
  /** How long an answer is waited for; milliseconds, as all that follow. */
  readonly readTimeout: number;
  /** After this long without a question a channel is closed. */
  readonly expire: number;
  /** A channel that is older is used no more; 0: however old. */
  readonly maxAge: number;
  /** How many channels without a question are kept for each protocol; 0: all of them. */
  readonly maxIdle: number;
}

export interface UpstreamCounters {
  hit(protocol: Protocol): void;
  miss(protocol: Protocol): void;
}

interface Idle {
  readonly channel: Channel;
  readonly opened: number;
  readonly timer: NodeJS.Timeout;
}

/** How long opening a connection may take at most. Source: CoreDNS plugin/pkg/proxy maxDialTimeout, and the 5 s that a question has. */
const DIAL_MS = 5000;

/** The other side closed a channel that was kept, before it answered. */
class Closed extends Error {}

/** What a channel answers to the message; the channel can be used again when this resolves. */
function answerOf(channel: Channel, message: Buffer, what: string, { readTimeout }: UpstreamOptions): Promise<Reading> {
  const id = message.readUInt16BE(0);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => end(new Error(`${what}: i/o timeout`)), readTimeout);
    const done = (): void => {
      clearTimeout(timer);
      channel.onMessage = () => {};
      channel.onEnd = () => {};
    };
    const end = (error?: Error): void => {
      done();
      channel.close();
      reject(error ?? new Closed(`${what}: EOF`));
    };
    channel.onEnd = end;
    channel.onMessage = (bytes) => {
      const reading = readMessage(bytes);
      // what is left of an earlier question, or of nobody's
      if (reading?.header.id !== id) return;
      done();
      resolve(reading);
    };
    channel.send(message);
  });
}

/** A server, and the channels to it that are kept for the next question, the oldest first. Source: CoreDNS plugin/pkg/proxy. */
export function createUpstream(endpoint: Endpoint, options: UpstreamOptions, counters: UpstreamCounters): Upstream {
  const address = addressOf(endpoint);
  const idle: Record<Protocol, Idle[]> = { udp: [], tcp: [] };
  let stopped = false;

  const keep = (protocol: Protocol, channel: Channel, opened: number): void => {
    const kept = idle[protocol];
    if (stopped || (options.maxIdle > 0 && kept.length >= options.maxIdle)) {
      channel.close();
      return;
    }
    const leave = (): void => {
      clearTimeout(one.timer);
      const at = kept.indexOf(one);
      if (at >= 0) kept.splice(at, 1);
      channel.close();
    };
    const timer = setTimeout(leave, options.expire);
    timer.unref();
    const one: Idle = { channel, opened, timer };
    channel.onEnd = leave;
    kept.push(one);
  };
  const take = (protocol: Protocol): Idle | undefined => {
    for (;;) {
      const one = idle[protocol].shift();
      if (!one) return undefined;
      clearTimeout(one.timer);
      one.channel.onEnd = () => {};
      if (options.maxAge === 0 || Date.now() - one.opened <= options.maxAge) return one;
      one.channel.close();
    }
  };

  return {
    address,
    async ask(message, protocol) {
      for (;;) {
        const kept = take(protocol);
        if (kept) counters.hit(protocol);
        else counters.miss(protocol);
        const channel = kept?.channel ?? (await (protocol === "udp" ? openUdp(endpoint) : openTcp(endpoint, DIAL_MS)));
        try {
          const reading = await answerOf(channel, message, `read ${protocol} ${address}`, options);
          keep(protocol, channel, kept?.opened ?? Date.now());
          return reading;
        } catch (error) {
          // one that was kept may have been closed in the meantime: that says nothing of the server
          if (!(kept && error instanceof Closed)) throw error;
        }
      }
    },
    stop() {
      stopped = true;
      for (const { channel, timer } of [...idle.udp, ...idle.tcp]) {
        clearTimeout(timer);
        channel.onEnd = () => {};
        channel.close();
      }
      idle.udp.length = 0;
      idle.tcp.length = 0;
    },
  };
}
