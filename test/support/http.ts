import https from "node:https";
import type { KubeObject } from "../../kinds/object.js";

/** A JSON document of the wire. */
// biome-ignore lint/suspicious/noExplicitAny: documents of the wire are looked into, not typed
export type Doc = any;

export interface Answer {
  readonly code: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The text as JSON, undefined when it is none. */
  readonly body: Doc;
}

export interface WatchEvent {
  readonly type: string;
  readonly object: KubeObject & Doc;
}

export interface Ask {
  readonly body?: unknown;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A client of the wire that knows nothing of Kubernetes: one keep-alive pool, JSON in and out. Close it at the end. */
export class Api {
  readonly #agent: https.Agent;
  readonly #token: string;
  constructor(
    readonly url: string,
    credentials: { readonly ca: string; readonly token: string },
  ) {
    this.#agent = new https.Agent({ keepAlive: true, ca: credentials.ca });
    this.#token = credentials.token;
  }

  #options(method: string, headers: Readonly<Record<string, string>> = {}): https.RequestOptions {
    return { method, agent: this.#agent, headers: { authorization: `Bearer ${this.#token}`, ...headers } };
  }

  /** Rejects when the connection breaks before the whole answer is there. */
  ask(method: string, path: string, { body, type = "application/json", headers }: Ask = {}): Promise<Answer> {
    const payload = body === undefined ? undefined : Buffer.isBuffer(body) || typeof body === "string" ? body : JSON.stringify(body);
    const more = payload === undefined ? headers : { "content-type": type, "content-length": String(Buffer.byteLength(payload)), ...headers };
    return new Promise((resolve, reject) => {
      const request = https.request(this.url + path, this.#options(method, more), (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ code: response.statusCode ?? 0, headers: response.headers, text, body: parsed(text) });
        });
      });
      request.on("error", reject);
      request.end(payload);
    });
  }

  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer> {
    return this.ask("GET", path, { headers });
  }

  /** Reads a watch until `enough` says so of the events so far, or the server ends it. Rejects after `within` milliseconds, saying what came. */
  watch(path: string, enough: (events: readonly WatchEvent[]) => boolean, within = 10_000, headers?: Readonly<Record<string, string>>): Promise<WatchEvent[]> {
    return new Promise((resolve, reject) => {
      const events: WatchEvent[] = [];
      const done = (error?: Error): void => {
        clearTimeout(limit);
        request.destroy();
        if (error) reject(error);
        else resolve(events);
      };
      const limit = setTimeout(() => done(new Error(`the watch ${path} did not bring what was awaited: ${JSON.stringify(events.map(brief))}`)), within);
      const request = https.request(this.url + path, this.#options("GET", headers), (response) => {
        let rest = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          const lines = (rest + chunk).split("\n");
          rest = lines.pop() ?? "";
          for (const line of lines) events.push(JSON.parse(line) as WatchEvent);
          if (response.statusCode === 200 && enough(events)) done();
        });
        response.on("end", () => done());
        response.on("error", () => {});
      });
      request.on("error", (error) => done(error));
      request.end();
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function parsed(text: string): Doc {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const brief = ({ type, object }: WatchEvent): string => `${type} ${object.metadata?.name ?? object.message ?? ""}`;
