import type { Access } from "../cluster/access.js";
import { Connection, type Reply } from "./connection.js";

/** A JSON document of the wire. */
// biome-ignore lint/suspicious/noExplicitAny: documents of the wire are looked into, not typed
export type Doc = any;

export const bytesOf = (body: unknown): Buffer => (Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)));

/** An API server through a few kept-alive connections. Close it at the end. */
export class Api {
  readonly #idle: Connection[] = [];
  readonly #streams = new Set<Connection>();
  constructor(readonly access: Access) {}

  /** Any answer; rejects when the connection breaks. */
  async ask(method: string, path: string, body?: unknown, type?: string): Promise<Reply> {
    const connection = this.#idle.pop() ?? (await Connection.open(this.access));
    const reply = await connection.request(method, path, body === undefined ? undefined : bytesOf(body), type);
    this.#idle.push(connection);
    return reply;
  }

  /** An answer of 2xx as JSON; an Error that quotes any other. */
  async json(method: string, path: string, body?: unknown, type?: string): Promise<Doc> {
    return JSON.parse((await this.must(method, path, body, type)).toString());
  }

  /** The bytes of an answer of 2xx; an Error that quotes any other. */
  async must(method: string, path: string, body?: unknown, type?: string): Promise<Buffer> {
    const reply = await this.ask(method, path, body, type);
    if (reply.code < 200 || reply.code > 299) throw new Error(`${method} ${path}: ${reply.code} ${reply.body.toString().slice(0, 400)}`);
    return reply.body;
  }

  /** Reads a stream on a connection of its own until `stop`; opened when this resolves, with the server's answer under way. */
  async stream(path: string, onData: (chunk: Buffer) => void): Promise<() => void> {
    const connection = await Connection.open(this.access);
    this.#streams.add(connection);
    // ends by being stopped
    connection.request("GET", path, undefined, undefined, onData).catch(() => {});
    return () => {
      this.#streams.delete(connection);
      connection.close();
    };
  }

  /**
   * Watches one object until `enough` says so of it; resolves to performance.now() at that event. Rejects after `within` milliseconds.
   * `collection` is the path of its resource, `version` the resourceVersion to watch from.
   */
  until(collection: string, name: string, version: string, enough: (object: Doc) => boolean, within = 120_000): Promise<number> {
    const path = `${collection}?watch=1&fieldSelector=metadata.name%3D${name}&resourceVersion=${version}`;
    return new Promise((resolve, reject) => {
      let rest = "";
      let last = "";
      let stop: (() => void) | undefined;
      const end = (settle: () => void): void => {
        clearTimeout(limit);
        stop?.();
        settle();
      };
      const limit = setTimeout(
        () => end(() => reject(new Error(`${collection}/${name} did not get there in ${within / 1000} s; last: ${last.slice(-400)}`))),
        within,
      );
      const onData = (chunk: Buffer): void => {
        const lines = (rest + chunk.toString()).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) {
          last = line;
          if (enough(JSON.parse(line).object)) {
            const at = performance.now();
            end(() => resolve(at));
          }
        }
      };
      this.stream(path, onData).then((s) => {
        stop = s;
      }, reject);
    });
  }

  close(): void {
    for (const connection of this.#idle.splice(0)) connection.close();
    for (const connection of this.#streams) connection.close();
    this.#streams.clear();
  }
}
