import { createServer, type Server, type ServerResponse } from "node:http";
import { isIP } from "node:net";
import { CorefileError } from "../corefile/directive.js";
import type { Plugin } from "../plugin.js";

/** Where a plugin answers over HTTP: on loopback only. */
export interface WebAddress {
  readonly host: string;
  readonly port: number;
}

/** What one path answers. */
export interface Page {
  readonly path: string;
  respond(): { readonly code: number; readonly type: string; readonly text: string };
}

const MAX_PORT = 65_535;
const TIMEOUT_MS = 5000;

const isLoopback = (host: string): boolean => host === "::1" || (isIP(host) === 4 && host.startsWith("127."));

/** `:8080`, `127.0.0.1:8080`, `[::1]:8080`, as Go's net.SplitHostPort reads it. Without a host it is 127.0.0.1. Errors: CorefileError. */
export function webAddress(text: string, line: number): WebAddress {
  const fail = (why: string): CorefileError => new CorefileError(line, `address ${text}: ${why}`);
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:[\]]*)):([^:]*)$/.exec(text) ?? [];
  if (digits === undefined) throw fail(text.includes(":") ? "too many colons in address" : "missing port in address");
  const named = bracketed ?? plain;
  const host = named === "" || named === "localhost" ? "127.0.0.1" : named;
  if (!/^\d+$/.test(digits) || Number(digits) > MAX_PORT) throw fail("invalid port");
  if (!isLoopback(host)) throw fail("only loopback addresses are listened on here");
  return { host, port: Number(digits) };
}

interface Shared {
  readonly server: Server;
  readonly pages: Page[];
}

/** What listens, by whom it is for and the address: plugins of several blocks may name the same one. */
const listening = new WeakMap<object, Map<string, Shared>>();

function answer({ pages }: Shared, url: string, response: ServerResponse): void {
  const page = pages.find(({ path }) => path === url.replace(/\?.*/s, ""));
  const { code, type, text } = page?.respond() ?? { code: 404, type: "text/plain; charset=utf-8", text: "404 page not found\n" };
  response.writeHead(code, { "content-type": type }).end(text);
}

async function open(host: string, port: number): Promise<Shared> {
  const pages: Page[] = [];
  const server = createServer({ requestTimeout: TIMEOUT_MS, keepAliveTimeout: TIMEOUT_MS });
  const shared = { server, pages };
  server.on("request", (request, response) => answer(shared, request.url ?? "/", response));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
  return shared;
}

/**
 * How a plugin opens and closes a page. `of`: whom the addresses belong to (a cluster); two of them cannot have the same one. Errors of `start`: the operating
 * system's.
 */
export function webPage(of: object, { host, port }: WebAddress, page: Page): Required<Pick<Plugin, "start" | "stop" | "exclusive">> {
  const key = `${host} ${port}`;
  return {
    exclusive: true,
    async start() {
      const mine = listening.get(of) ?? new Map<string, Shared>();
      listening.set(of, mine);
      const shared = mine.get(key) ?? (await open(host, port));
      mine.set(key, shared);
      shared.pages.push(page);
    },
    async stop() {
      const mine = listening.get(of);
      const shared = mine?.get(key);
      const at = shared?.pages.indexOf(page) ?? -1;
      if (!shared || at < 0) return;
      shared.pages.splice(at, 1);
      if (shared.pages.length > 0) return;
      mine?.delete(key);
      await new Promise((resolve) => {
        shared.server.close(resolve);
        shared.server.closeAllConnections();
      });
    },
  };
}
