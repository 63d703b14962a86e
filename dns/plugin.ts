import type { Clock, Log } from "../controllers/runtime/types.js";
import type { Directive, ServerBlock } from "./corefile/directive.js";
import type { Metrics } from "./metrics.js";
import type { PodsMode } from "./plugins/kubernetes/answer.js";
import type { Zone } from "./plugins/kubernetes/zone.js";
import type { Edns, Transport } from "./wire/message.js";
import { type Answer, CLASS_IN, labelsOf, type Question, RCODE } from "./wire/records.js";

/** A question on its way through the plugins. */
export interface Request {
  readonly question: Question;
  /** The name that is asked for: lower case, no dot at its end, "" for the root. */
  readonly name: string;
  readonly id: number;
  /** The second word of the message: opcode and bits as the client sent them. */
  readonly flags: number;
  readonly edns: Edns | undefined;
  readonly transport: Transport;
  /** Who asks. */
  readonly peer: { readonly address: string; readonly port: number };
  /** Bytes of the query. */
  readonly size: number;
  /** How many look-ups of plugins this one is inside of; 0 for a client's. */
  readonly depth: number;
}

/**
 * What plugins are a chain of. An answer that is there at once is returned as it is, so that the common question takes no turn of the event loop; `after` of
 * this file is for plugins that look at the answers of those behind them.
 */
export type Handler = (request: Request) => Answer | Promise<Answer>;

/** One plugin of one server block. `next` is the rest of the chain; behind the last plugin stands one that answers SERVFAIL. */
export interface Plugin {
  /** As the Corefile has it. */
  readonly name: string;
  serve(request: Request, next: Handler): Answer | Promise<Answer>;
  /** Opens what it needs: ports, sockets. An error keeps the configuration from being used. */
  start?(): Promise<void>;
  stop?(): Promise<void>;
  /** Holds what two cannot hold (a port): the one before is stopped before the next is started. */
  readonly exclusive?: boolean;
}

/** A line for whoever runs the server. */
export type Print = (level: "debug" | "info" | "warning" | "error", line: string) => void;

/** What a plugin is made from. */
export interface SetupContext {
  /** The server block the directive stands in. */
  readonly block: ServerBlock;
  /** The names of this cluster, kept up to date by the responder, whether or not `kubernetes` is used. */
  readonly cluster: Zone;
  /** The cluster's clock: serials and the ages of answers. */
  readonly clock: Clock;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  readonly log: Log;
  /** Where lines go that the Corefile asks for (`log`), whatever the level of the log. */
  readonly print: Print;
  readonly metrics: Metrics;
  /** What the label `server` of metrics says. */
  readonly server: string;
  /** The whole server, all blocks: for plugins that look up a name of their own (the target of an alias). */
  readonly resolve: Handler;
  /** Has pods followed, too: only names of pods that are verified need them. */
  readonly followPods: () => void;
  /** How names of pods are answered, whatever `kubernetes` says: asked for by a flag, or a responder beside the first. */
  readonly pods: PodsMode | undefined;
  /** Folder that relative file names start from: that of the Corefile. */
  readonly folder: string;
}

/**
 * Makes a plugin of its directive, or undefined for one that is understood and changes no answer. Throws a CorefileError for what it does not understand.
 * A directive that may stand several times in a block gets all of them (in order), the first in `directive`.
 */
export type Setup = (directive: Directive, context: SetupContext, all: readonly Directive[]) => Plugin | undefined;

const CODES = new Set<number>([RCODE.FORMERR, RCODE.SERVFAIL, RCODE.NOTIMP, RCODE.REFUSED]);

/** Whether it is nothing but a code, which no plugin of CoreDNS's would have written: its server does (plugin.ClientWrite). */
export const isOnlyCode = ({ rcode, received }: Answer): boolean => CODES.has(rcode) && !received;

/** An answer that is not to be sent again without asking the plugins. */
export const unkept = (answer: Answer): Answer => ({ ...answer, fixed: false, aging: undefined });

/** The question for what an alias stands for, which a plugin asks on behalf of another: of class IN, and one deeper. */
export const lookUpOf = (request: Request, target: string): Request => ({
  ...request,
  name: target.toLowerCase(),
  question: { ...request.question, labels: labelsOf(target), class: CLASS_IN },
  depth: request.depth + 1,
});

/** `see` of an answer, at once when it is there. (Not named `then`: a module that exports that is a promise to whoever imports it at run time.) */
export function after(answer: Answer | Promise<Answer>, see: (answer: Answer) => Answer | Promise<Answer>): Answer | Promise<Answer> {
  return answer instanceof Promise ? answer.then(see) : see(answer);
}
