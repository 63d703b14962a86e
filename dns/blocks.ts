import type { Handler, Plugin, Request } from "./plugin.js";
import { type Answer, RCODE, TYPE } from "./wire/records.js";

/** A server block that runs: the names it is for, and its plugins one after the other. */
export interface Block {
  /** Lower case, without the last dot; "" is the root. */
  readonly zones: readonly string[];
  readonly plugins: readonly Plugin[];
}

/** Where a question goes. */
export interface Route {
  /** As metrics and logs have it: with the last dot. */
  readonly zone: string;
  readonly handle: Handler;
}

const EMPTY: Omit<Answer, "rcode"> = { aa: false, answers: [], authorities: [], additionals: [] };
/** How deep plugins may look up names of their own inside of each other. */
const MAX_DEPTH = 16;

const refused: Answer = { ...EMPTY, rcode: RCODE.REFUSED, fixed: true };
const failed = (error: string): Answer => ({ ...EMPTY, rcode: RCODE.SERVFAIL, error });

function chain(plugins: readonly Plugin[]): Handler {
  // source: CoreDNS plugin.NextOrFailure
  const end: Handler = () => ({ ...failed(`plugin/${plugins.at(-1)?.name}: no next plugin found`), fixed: true });
  return plugins.reduceRight<Handler>((next, plugin) => (request) => plugin.serve(request, next), end);
}

/**
 * Sends each question to the block with the longest zone it is in; questions for DS to the one above, where there is one, for that is where they are answered.
 * Source: CoreDNS core/dnsserver/server.go ServeDNS.
 */
export class Blocks {
  readonly #routes = new Map<string, Route>();
  readonly #nowhere: Route = { zone: "dropped", handle: () => refused };

  constructor(blocks: readonly Block[]) {
    for (const { zones, plugins } of blocks) {
      const handle = plugins.length ? chain(plugins) : () => refused;
      for (const zone of zones) this.#routes.set(zone, { zone: `${zone}.`, handle });
    }
  }

  /** `name`: as Request has it. */
  route(name: string, type: number): Route {
    let ds: Route | undefined;
    for (let rest = name; ; ) {
      const found = this.#routes.get(rest);
      if (found && type !== TYPE.DS) return found;
      if (rest === "") return ds ?? found ?? this.#nowhere;
      ds = found ?? ds;
      rest = parent(rest);
    }
  }

  /** The whole server as one handler: for plugins that look up names. */
  readonly resolve: Handler = (request: Request) =>
    request.depth > MAX_DEPTH ? failed("too many names lead to each other") : this.route(request.name, request.question.type).handle(request);
}

/** What stands right of the first label; a dot inside a label has a backslash before it. */
function parent(name: string): string {
  for (let i = 0; i < name.length; i++) {
    if (name[i] === "\\") i++;
    else if (name[i] === ".") return name.slice(i + 1);
  }
  return "";
}
