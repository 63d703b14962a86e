import net from "node:net";
import tls from "node:tls";
import type { Access } from "../cluster/access.js";

export interface Reply {
  readonly code: number;
  readonly body: Buffer;
}

interface Waiting {
  resolve(reply: Reply): void;
  reject(error: Error): void;
  /** Takes the body piece by piece, for watches; the reply then comes with an empty body when the stream ends. */
  readonly onData?: (chunk: Buffer) => void;
}

const HEAD_END = Buffer.from("\r\n\r\n");

/**
 * One kept-alive HTTP/1.1 connection, one request at a time. Node's own client costs several times the processor time per request, which on a small machine would be
 * taken from the server that is measured. Reads what API servers answer: bodies with a length or in chunks, uncompressed.
 */
export class Connection {
  readonly #socket: net.Socket;
  readonly #head: string;
  #waiting: Waiting | undefined;
  #buffered: Buffer = Buffer.alloc(0);
  /** Bytes of the body (or of the chunk) still to come; undefined: a head, or a chunk's length, comes next. */
  #left: number | undefined;
  #code = 0;
  #chunked = false;
  #inBody = false;
  #parts: Buffer[] = [];

  private constructor(socket: net.Socket, access: Access) {
    this.#socket = socket;
    const { host } = new URL(access.url);
    this.#head = `Host: ${host}\r\nAccept: application/json\r\n${access.token ? `Authorization: Bearer ${access.token}\r\n` : ""}`;
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Error("the server closed the connection")));
  }

  /** Rejects when nobody listens or TLS fails. */
  static open(access: Access): Promise<Connection> {
    const { hostname, port, protocol } = new URL(access.url);
    const secure = protocol === "https:";
    const to = { host: hostname, port: Number(port) || (secure ? 443 : 80) };
    return new Promise((resolve, reject) => {
      const { ca, cert, key, insecure } = access;
      const servername = net.isIP(hostname) ? undefined : hostname;
      const socket = secure ? tls.connect({ ...to, ca, cert, key, servername, rejectUnauthorized: !insecure, ALPNProtocols: ["http/1.1"] }) : net.connect(to);
      socket.setNoDelay(true);
      socket.once("error", reject);
      socket.once(secure ? "secureConnect" : "connect", () => {
        socket.off("error", reject);
        resolve(new Connection(socket, access));
      });
    });
  }

  /** Rejects when the connection breaks; an HTTP error is a reply like any other. */
  request(method: string, path: string, body?: Buffer, type = "application/json", onData?: (chunk: Buffer) => void): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) return reject(new Error("the connection is closed"));
      if (this.#waiting) return reject(new Error("a request is in flight already"));
      this.#waiting = { resolve, reject, onData };
      const head = `${method} ${path} HTTP/1.1\r\n${this.#head}${body ? `Content-Type: ${type}\r\nContent-Length: ${body.length}\r\n` : ""}\r\n`;
      this.#socket.write(body ? Buffer.concat([Buffer.from(head), body]) : head);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#buffered = this.#buffered.length ? Buffer.concat([this.#buffered, chunk]) : chunk;
    while (this.#waiting && this.#step());
  }

  /** One step forward, if there is enough for it. */
  #step(): boolean {
    if (!this.#inBody) return this.#readHead();
    if (this.#left === undefined) return this.#readChunkLength();
    // a chunk is followed by an end of line
    if (this.#left === 0) return this.#chunked ? this.#skipLineEnd() : this.#finish();
    if (this.#buffered.length === 0) return false;
    const piece = this.#buffered.subarray(0, this.#left);
    this.#buffered = this.#buffered.subarray(piece.length);
    this.#left -= piece.length;
    if (this.#waiting?.onData) this.#waiting.onData(piece);
    else this.#parts.push(piece);
    return true;
  }

  #readHead(): boolean {
    const end = this.#buffered.indexOf(HEAD_END);
    if (end < 0) return false;
    const head = this.#buffered.toString("latin1", 0, end);
    this.#buffered = this.#buffered.subarray(end + 4);
    this.#code = Number(head.slice(9, 12));
    this.#chunked = /\r\ntransfer-encoding: *chunked/i.test(head);
    this.#left = this.#chunked ? undefined : Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    this.#inBody = true;
    return true;
  }

  #readChunkLength(): boolean {
    const end = this.#buffered.indexOf("\r\n");
    if (end < 0) return false;
    const length = Number.parseInt(this.#buffered.toString("latin1", 0, end), 16);
    // the last chunk is empty; its own line end goes with it, trailers nobody sends
    if (length === 0) {
      if (this.#buffered.length < end + 4) return false;
      this.#buffered = this.#buffered.subarray(end + 4);
      return this.#finish();
    }
    this.#buffered = this.#buffered.subarray(end + 2);
    this.#left = length;
    return true;
  }

  #skipLineEnd(): boolean {
    if (this.#buffered.length < 2) return false;
    this.#buffered = this.#buffered.subarray(2);
    this.#left = undefined;
    return true;
  }

  #finish(): boolean {
    const waiting = this.#waiting;
    const reply = { code: this.#code, body: this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts) };
    this.#parts = [];
    this.#inBody = false;
    this.#left = undefined;
    this.#waiting = undefined;
    waiting?.resolve(reply);
    return false;
  }

  #fail(error: Error): void {
    this.#socket.destroy();
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}
