import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Informers } from "../client/client.js";
import type { Clock, Log } from "../controllers/runtime/types.js";
import { DEFAULT_COREFILE, defaultCorefile, forwardBlock } from "./corefile/default.js";
import { CorefileError, type ServerBlock } from "./corefile/directive.js";
import { parseCorefile } from "./corefile/parse.js";
import { createExchange, type Exchange } from "./exchange.js";
import { followCluster, followCorefile } from "./follow.js";
import type { GrpcTls } from "./grpc/server.js";
import { createMetrics } from "./metrics.js";
import type { Handler, Print } from "./plugin.js";
import type { PodsMode } from "./plugins/kubernetes/answer.js";
import { Zone } from "./plugins/kubernetes/zone.js";
import type { Listening } from "./responder.js";
import { Server } from "./server.js";

export interface DnsResponder {
  readonly port: number;
  /** The ports of the responders beside it, by how they answer names of pods. */
  readonly extra: Readonly<Partial<Record<PodsMode, number>>>;
  /** Where it answers over gRPC, if it does. */
  readonly grpcPort: number | undefined;
  /** What the responder knows of the cluster. */
  readonly zone: Zone;
  /** Asks what a client would be answered. */
  readonly ask: Handler;
  /** Answers whole messages: for other ways in than the sockets. */
  readonly exchange: Exchange;
  readonly metrics: { text(): string };
  stop(): Promise<void>;
}

export interface DnsOptions {
  readonly informers: Informers;
  /** The serial of the SOA is the time of the last change. */
  readonly clock: Clock;
  readonly host: string;
  /** 0 takes a port that is free on UDP and TCP. */
  readonly port: number;
  readonly log: Log;
  /** Where lines go that the Corefile asks for (`log`); by default into the log. */
  readonly print?: Print;
  /** From 0 up to 1: the order of addresses. */
  readonly random: () => number;
  /** A file that is read once more whenever its `reload` says so; else the `coredns` ConfigMap counts, else what is the default. */
  readonly corefile?: string;
  /** How names of pods are answered, whatever the Corefile says. */
  readonly pods?: PodsMode;
  /** Whom to ask for names outside the cluster, where no Corefile says it: as `forward` takes it. */
  readonly upstream?: string;
  /** Ports of responders beside the first, that answer names of pods in other ways. */
  readonly extra?: Readonly<Partial<Record<PodsMode, number>>>;
  /** Answers over gRPC, too: on this port (0 takes a free one), without `tls` in plain text. */
  readonly grpc?: { readonly port: number; readonly tls?: GrpcTls };
}

/** What the label `server` of the metrics says, whichever port was taken. */
const SERVER = "dns://:53";

/**
 * Starts the cluster's DNS on UDP and TCP, as its Corefile has it. Ready when this resolves. Errors: CorefileError of a file (one of the ConfigMap is logged,
 * and the default used), the operating system's for ports and files; then nothing is left running.
 */
export async function startDns(options: DnsOptions): Promise<DnsResponder> {
  const { informers, clock, host, log, random } = options;
  // loaded here: a cluster without DNS does not pay for the sockets' library
  const { listen } = await import("./responder.js");
  const undo: (() => unknown)[] = [];
  const unwind = async (): Promise<void> => {
    for (const step of undo.reverse().splice(0)) await step();
  };
  try {
    const zone = new Zone(() => clock.now());
    const following = followCluster(zone, informers);
    undo.push(() => following.stop());
    const folder = options.corefile ? path.dirname(path.resolve(options.corefile)) : process.cwd();
    const metrics = createMetrics();
    const print = options.print ?? intoLog(log);
    const common = { cluster: zone, clock, random, log, print, metrics, server: SERVER, folder, followPods: () => following.pods() };
    const server = new Server({ ...common, pods: options.pods });
    undo.push(() => server.stop());
    const besides = new Map((Object.keys(options.extra ?? {}) as PodsMode[]).map((pods) => [pods, new Server({ ...common, pods }, true)]));
    for (const one of besides.values()) undo.push(() => one.stop());
    const all = [server, ...besides.values()];
    const use = async (blocks: readonly ServerBlock[], file?: string): Promise<void> => {
      for (const one of all) await one.use(blocks, file);
    };
    undo.push(await useCorefile(options, use));

    const exchangeOf = (one: Server): Exchange =>
      createExchange({ blocks: () => one.blocks, generation: () => zone.generation, metrics, server: SERVER, random });
    const open = async (one: Server, port: number): Promise<Listening> => {
      const sockets = await listen(host, port, exchangeOf(one));
      undo.push(() => sockets.stop());
      return sockets;
    };
    const openGrpc = async ({ port, tls }: NonNullable<DnsOptions["grpc"]>): Promise<number> => {
      const { listenGrpc } = await import("./grpc/server.js");
      const sockets = await listenGrpc({ host, port, tls, exchange: exchangeOf(server), serving: () => zone.synced });
      undo.push(() => sockets.stop());
      return sockets.port;
    };
    const { port } = await open(server, options.port);
    const extra: Partial<Record<PodsMode, number>> = {};
    for (const [pods, one] of besides) extra[pods] = (await open(one, options.extra?.[pods] ?? 0)).port;
    const grpcPort = options.grpc && (await openGrpc(options.grpc));
    return { port, extra, grpcPort, zone, ask: (request) => server.blocks.resolve(request), exchange: exchangeOf(server), metrics, stop: unwind };
  } catch (error) {
    await unwind();
    throw error;
  }
}

const intoLog =
  (log: Log): Print =>
  (level, line) =>
    log[level === "warning" ? "warn" : level]({}, line);

/** The block for an upstream that was asked for by a flag. Errors: what is wrong with the upstream. */
async function upstreamBlocks(upstream: string): Promise<readonly ServerBlock[]> {
  const blocks = parseCorefile(forwardBlock(upstream));
  const { forwardOptions } = await import("./plugins/forward/options.js");
  const [directive] = blocks.flatMap(({ directives }) => directives.filter(({ name }) => name === "forward"));
  try {
    forwardOptions(directive, process.cwd());
  } catch (error) {
    throw error instanceof CorefileError ? new Error(`no names can be asked of "${upstream}": ${error.reason}`) : error;
  }
  return blocks;
}

/** Puts a file to use, and where it says `reload`, looks at it again and again, in real time. Returns how to stop. */
async function useFile(
  file: string,
  blocksOf: (text: string) => readonly ServerBlock[],
  use: (blocks: readonly ServerBlock[], file: string) => Promise<void>,
  say: Print,
): Promise<() => void> {
  let text = await readFile(file, "utf8");
  let blocks = blocksOf(text);
  await use(blocks, file);
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const look = async (): Promise<void> => {
    try {
      const now = await readFile(file, "utf8");
      if (now !== text && !stopped) {
        text = now;
        const next = blocksOf(now);
        await use(next, file);
        blocks = next;
        say("info", `${file} is used anew`);
      }
    } catch (error) {
      say("error", `${file} is not used: ${(error as Error).message}`);
    }
    await again();
  };
  const again = async (): Promise<void> => {
    const { reloadInterval } = await import("./plugins/reload/setup.js");
    const interval = reloadInterval(blocks);
    if (interval === undefined || stopped) return;
    timer = setTimeout(() => void look(), interval);
    timer.unref();
  };
  await again();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/** Puts the Corefile to use, and each one after it; one that is wrong leaves the one before in use. Returns how to stop. */
async function useCorefile(
  { informers, log, print, corefile, upstream }: DnsOptions,
  use: (blocks: readonly ServerBlock[], file?: string) => Promise<void>,
): Promise<() => void> {
  const outside = upstream === undefined ? [] : await upstreamBlocks(upstream);
  const plain = defaultCorefile(DEFAULT_COREFILE);
  /** With the upstream, where the Corefile has nobody for names outside the cluster; nobody's Corefile has it for addresses outside the cluster, too. */
  const blocksOf = (text: string, file?: string): readonly ServerBlock[] => {
    const blocks = parseCorefile(text === plain ? defaultCorefile({ ...DEFAULT_COREFILE, upstream }) : text, { file });
    return blocks.some(({ zones }) => zones.includes("")) ? blocks : [...blocks, ...outside];
  };
  const say = print ?? intoLog(log);
  if (corefile !== undefined) return useFile(corefile, (text) => blocksOf(text, corefile), use, say);
  const change = async (text: string): Promise<boolean> => {
    try {
      await use(blocksOf(text));
      return true;
    } catch (error) {
      say("error", `the Corefile of the ConfigMap kube-system/coredns is not used: ${error instanceof Error ? error.message : error}`);
      return false;
    }
  };
  // one after the other, in the order of the writes
  let last: Promise<unknown> = Promise.resolve();
  const map = followCorefile(informers, (text) => {
    last = last.then(() => change(text));
  });
  if (map.text === undefined || !(await change(map.text))) await use(blocksOf(plain));
  return () => map.stop();
}
