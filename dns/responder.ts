import type { RemoteInfo } from "node:dgram";
import { type AddressInfo, isIPv6, type Socket } from "node:net";
import dns2 from "dns2";
import type { Exchange } from "./exchange.js";

/** Sockets that listen. */
export interface Listening {
  readonly port: number;
  stop(): Promise<void>;
}

/** After this long without a query a TCP connection is closed, in real time: it is about the peer, not about the cluster. */
const IDLE_MS = 10_000;
/** How many free TCP ports are tried until one is free for UDP, too. */
const TRIES = 20;

// The servers are dns2's; what is taken over is the step from bytes to packet (see wire.ts).
class UdpServer extends dns2.UDPServer {
  readonly #exchange: Exchange;

  constructor(host: string, exchange: Exchange) {
    super({ type: isIPv6(host) ? "udp6" : "udp4" });
    this.#exchange = exchange;
  }

  override handle(data: Buffer, from: RemoteInfo): void {
    const reply = this.#exchange(data, from.family === "IPv6" && !from.address.startsWith("::ffff:") ? "udp6" : "udp4", from);
    if (reply instanceof Promise) reply.then((late) => this.#reply(late, from));
    else this.#reply(reply, from);
  }

  #reply(reply: Buffer | undefined, to: RemoteInfo): void {
    if (!reply || this.#closed) return;
    // a peer that is gone gets nothing
    this.send(reply, to.port, to.address, ignored);
  }

  #closed = false;

  stop(): Promise<void> {
    this.#closed = true;
    return new Promise((resolve) => this.close(() => resolve()));
  }
}

class TcpServer extends dns2.TCPServer {
  readonly #exchange: Exchange;
  readonly #open = new Set<Socket>();

  constructor(exchange: Exchange) {
    super();
    this.#exchange = exchange;
  }

  /** Called by dns2 for each connection: messages with their length before them, one after the other (RFC 7766). */
  async handle(socket: Socket): Promise<void> {
    this.#open.add(socket);
    let buffered: Buffer = Buffer.alloc(0);
    const peer = { address: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 };
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    socket.on("close", () => this.#open.delete(socket));
    socket.on("error", () => socket.destroy());
    let awaited = 0;
    let ended = false;
    const endWhenAnswered = (): void => {
      if (ended && awaited === 0) socket.end();
    };
    socket.on("end", () => {
      ended = true;
      endWhenAnswered();
    });
    socket.on("data", (chunk: Buffer) => {
      buffered = buffered.length ? Buffer.concat([buffered, chunk]) : chunk;
      while (buffered.length >= 2) {
        const end = 2 + buffered.readUInt16BE(0);
        if (buffered.length < end) break;
        const reply = this.#exchange(buffered.subarray(2, end), "tcp", peer);
        buffered = buffered.subarray(end);
        if (!(reply instanceof Promise)) {
          write(socket, reply);
          continue;
        }
        awaited++;
        reply.then((late) => {
          awaited--;
          write(socket, late);
          endWhenAnswered();
        });
      }
    });
  }

  stop(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    return new Promise((resolve) => this.close(() => resolve()));
  }
}

/** With its length before it. */
function write(socket: Socket, reply: Buffer | undefined): void {
  if (!reply || !socket.writable) return;
  const framed = Buffer.allocUnsafe(2 + reply.length);
  framed.writeUInt16BE(reply.length);
  reply.copy(framed, 2);
  // a peer that asks without reading is not read from until it does
  if (socket.write(framed) || socket.isPaused()) return;
  socket.pause();
  socket.once("drain", () => socket.resume());
}

const ignored = (): void => {};

const listening = (server: UdpServer | TcpServer, start: () => void): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", () => {
      server.removeListener("error", reject);
      // from here on an error is one of a single exchange
      server.on("error", () => {});
      resolve();
    });
    start();
  });

/**
 * Listens on UDP and TCP on one port; 0 takes one that is free for both. Errors: the operating system's (EADDRINUSE, EACCES, EADDRNOTAVAIL), and then
 * nothing is left open.
 */
export async function listen(host: string, port: number, exchange: Exchange): Promise<Listening> {
  for (let tries = TRIES; ; tries--) {
    const tcp = new TcpServer(exchange);
    await listening(tcp, () => tcp.listen(port, host));
    const taken = (tcp.address() as AddressInfo).port;
    const udp = new UdpServer(host, exchange);
    try {
      await listening(udp, () => udp.bind({ port: taken, address: host, exclusive: true }));
    } catch (error) {
      await tcp.stop();
      if (port !== 0 || tries === 1 || (error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
      continue;
    }
    return {
      port: taken,
      async stop() {
        await Promise.all([tcp.stop(), udp.stop()]);
      },
    };
  }
}
