import type { RemoteInfo } from "node:dgram";
import { type AddressInfo, isIPv6, type Socket } from "node:net";
import dns2 from "dns2";
import type { Transport } from "./wire/message.js";

/** Answers the bytes of one message, or not at all. */
export type Handler = (bytes: Buffer, transport: Transport) => Buffer | undefined;

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
  readonly #handler: Handler;

  constructor(host: string, handler: Handler) {
    super({ type: isIPv6(host) ? "udp6" : "udp4" });
    this.#handler = handler;
  }

  override handle(data: Buffer, from: RemoteInfo): void {
    const reply = this.#handler(data, from.family === "IPv6" && !from.address.startsWith("::ffff:") ? "udp6" : "udp4");
    // a peer that is gone gets nothing
    if (reply) this.send(reply, from.port, from.address, () => {});
  }
}

class TcpServer extends dns2.TCPServer {
  readonly #handler: Handler;
  readonly #open = new Set<Socket>();

  constructor(handler: Handler) {
    super();
    this.#handler = handler;
  }

  /** Called by dns2 for each connection: messages with their length before them, one after the other (RFC 7766). */
  async handle(socket: Socket): Promise<void> {
    this.#open.add(socket);
    let buffered: Buffer = Buffer.alloc(0);
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    socket.on("close", () => this.#open.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.on("end", () => socket.end());
    socket.on("data", (chunk: Buffer) => {
      buffered = buffered.length ? Buffer.concat([buffered, chunk]) : chunk;
      while (buffered.length >= 2) {
        const end = 2 + buffered.readUInt16BE(0);
        if (buffered.length < end) break;
        const reply = this.#handler(buffered.subarray(2, end), "tcp");
        buffered = buffered.subarray(end);
        if (!reply) continue;
        const framed = Buffer.allocUnsafe(2 + reply.length);
        framed.writeUInt16BE(reply.length);
        reply.copy(framed, 2);
        // a peer that asks without reading is not read from until it does
        if (!socket.write(framed)) {
          socket.pause();
          socket.once("drain", () => socket.resume());
        }
      }
    });
  }

  stop(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    return new Promise((resolve) => this.close(() => resolve()));
  }
}

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
export async function listen(host: string, port: number, handler: Handler): Promise<Listening> {
  for (let tries = TRIES; ; tries--) {
    const tcp = new TcpServer(handler);
    await listening(tcp, () => tcp.listen(port, host));
    const taken = (tcp.address() as AddressInfo).port;
    const udp = new UdpServer(host, handler);
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
        await Promise.all([tcp.stop(), new Promise<void>((resolve) => udp.close(() => resolve()))]);
      },
    };
  }
}
