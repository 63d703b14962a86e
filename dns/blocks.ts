import type { Handler, Plugin, Request } from "./plugin.js";
import { ORDER } from "./plugins/registry.js";
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
  /** The first plugin that the question comes to, behind who counts: metrics have it as the one that answers, whichever it was (CoreDNS plugin.NextOrFailure). */
  readonly first: string;
}

const EMPTY: Omit<Answer, "rcode"> = { aa: false, answers: [], authorities: [], additionals: [] };
/** How deep plugins may look up names of their own inside of each other. */
const MAX_DEPTH = 16;

const refused: Answer = { ...EMPTY, rcode: RCODE.REFUSED, fixed: true };
const failed = (error: string): Answer => ({ ...EMPTY, rcode: RCODE.SERVFAIL, error });

/** Whether a plugin stands behind `prometheus`, where questions come through. */
export const seesQuestions = (name: string): boolean => ORDER.indexOf(name) > ORDER.indexOf("prometheus");

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
  /** Whether questions of other classes than IN are let in: who forwards lets them (CoreDNS core/dnsserver EnableChaos). */
  readonly anyClass: boolean;
  readonly #nowhere: Route = { zone: "dropped", handle: () => refused, first: "" };

  constructor(blocks: readonly Block[]) {
    this.anyClass = blocks.some(({ plugins }) => plugins.some(({ name }) => name === "forward"));
    for (const { zones, plugins } of blocks) {
      const handle = plugins.length ? chain(plugins) : () => refused;
      const first = plugins.find(({ name }) => seesQuestions(name))?.name ?? "";
      for (const zone of zones) this.#routes.set(zone, { zone: `${zone}.`, handle, first });
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
