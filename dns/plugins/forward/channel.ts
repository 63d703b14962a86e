import { createSocket } from "node:dgram";
import { connect, isIPv6 } from "node:net";

/** A way to another server, for one question at a time. What it does is about the network, so its times are real ones. */
export interface Channel {
  send(message: Buffer): void;
  /** Set by whoever waits for answers. */
  onMessage: (message: Buffer) => void;
  /** It is of no more use: with the reason, or without one where the other side has closed it. */
  onEnd: (error?: Error) => void;
  close(): void;
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:53`, `[::1]:53`. */
export const addressOf = ({ host, port }: Endpoint): string => `${isIPv6(host) ? `[${host}]` : host}:${port}`;

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  EHOSTUNREACH: "no route to host",
  ENETUNREACH: "network is unreachable",
};

/** An error in Go's words, as CoreDNS logs it. */
const named = (doing: string, endpoint: Endpoint, error: NodeJS.ErrnoException): Error =>
  new Error(`${doing} ${addressOf(endpoint)}: ${REASONS[error.code ?? ""] ?? error.message}`);

const unheard = (): Pick<Channel, "onMessage" | "onEnd"> => ({ onMessage: () => {}, onEnd: () => {} });

/** A socket that hears nobody but the other server. Errors: what the operating system says of its address. */
export function openUdp(endpoint: Endpoint): Promise<Channel> {
  const socket = createSocket(isIPv6(endpoint.host) ? "udp6" : "udp4");
  const channel: Channel = { ...unheard(), send: (message) => socket.send(message), close: () => socket.close() };
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.connect(endpoint.port, endpoint.host, (error?: Error) => {
      socket.removeListener("error", reject);
      // from here on: an answer of the network that nobody listens there
      socket.on("error", (reason) => channel.onEnd(named("read udp", endpoint, reason)));
      if (error) {
        socket.close();
        reject(named("dial udp", endpoint, error));
        return;
      }
      socket.on("message", (message) => channel.onMessage(message));
      resolve(channel);
    });
  });
}

/** A connection; messages have their length before them (RFC 1035, section 4.2.2). Errors: as those of `openUdp`, or none after `timeout` ms. */
export function openTcp(endpoint: Endpoint, timeout: number): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: endpoint.host, port: endpoint.port, noDelay: true });
    const channel: Channel = {
      ...unheard(),
      send(message) {
        const framed = Buffer.allocUnsafe(2 + message.length);
        framed.writeUInt16BE(message.length);
        message.copy(framed, 2);
        socket.write(framed);
      },
      close: () => socket.destroy(),
    };
    const timer = setTimeout(() => socket.destroy(new Error("i/o timeout")), timeout);
    let buffered: Buffer = Buffer.alloc(0);
    let failed: Error | undefined;
    let opened = false;
    socket.on("connect", () => {
      clearTimeout(timer);
      opened = true;
      resolve(channel);
    });
    socket.on("error", (error) => {
      failed = named(opened ? "read tcp" : "dial tcp", endpoint, error);
    });
    socket.on("close", () => {
      clearTimeout(timer);
      if (opened) channel.onEnd(failed);
      else reject(failed ?? new Error(`dial tcp ${addressOf(endpoint)}: closed`));
    });
    socket.on("data", (chunk: Buffer) => {
      buffered = buffered.length ? Buffer.concat([buffered, chunk]) : chunk;
      while (buffered.length >= 2) {
        const end = 2 + buffered.readUInt16BE(0);
        if (buffered.length < end) return;
        const message = buffered.subarray(2, end);
        buffered = buffered.subarray(end);
        channel.onMessage(message);
      }
    });
  });
}
