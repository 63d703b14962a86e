import { median } from "../load.js";
import { pause, rssOf, startServer } from "../server.js";
import { buildGoLoad, type GoFigures, type GoLoad } from "./goload.js";
import { type Compared, startUpstream } from "./upstream.js";

/** How mockube stands to kube-apiserver and etcd in one thing. */
export interface Ratio {
  readonly name: string;
  readonly unit: "/s" | "ms" | "MB";
  readonly mockube: number;
  readonly upstream: number;
  /** How many times better mockube is: rates over rates, durations and sizes the other way round. */
  readonly times: number;
  /** Processor time of the servers a request, in milliseconds. */
  readonly cpuMs?: readonly [mockube: number, upstream: number];
  /** What the client reaches against canned answers. */
  readonly client?: number;
}

export interface CompareOptions {
  /** Built cli/main.js. */
  readonly cli: string;
  /** Folder that holds etcd and kube-apiserver. */
  readonly upstream: string;
  /** Folder of the Go sources. */
  readonly sources: string;
  readonly scale: number;
  readonly workers: number;
  /** Starts that are timed of each. */
  readonly runs: number;
  onProgress?(what: string): void;
}

const PODS = 4000;
const REST_MS = 3000;
/** What bench/go measures, and what it is called in the table. */
const NAMES: readonly (readonly [key: string, name: string])[] = [
  ["create", "create pods"],
  ["get", "get pods"],
  ["read", "list all pods, as bytes"],
  ["list", "list all pods, decoded"],
  ["patch", "patch pods"],
  ["apply", "apply config maps"],
  ["delete", "delete pods"],
  ["watch", "watch deliveries"],
];

/** Measures mockube and then kube-apiserver with etcd, in one run, with the same client, one after the other. */
export async function compareWithUpstream(options: CompareOptions): Promise<Ratio[]> {
  const { scale, workers } = options;
  const say = (what: string): void => options.onProgress?.(what);
  say("building the Go client");
  const load = await buildGoLoad(options.sources);
  try {
    const pods = Math.max(16, Math.round(PODS * scale));
    const flags = ["--pods", String(pods), "--workers", String(workers), "--writes", String(Math.max(10, Math.round(1000 * scale)))];
    const both = [() => startMockube(options.cli), () => startUpstream(options.upstream)] as const;
    const out: Ratio[] = [];
    const starts: number[][] = [];
    const sizes: number[] = [];
    const figures: GoFigures[] = [];
    for (const [i, start] of both.entries()) {
      const name = i === 0 ? "mockube" : "kube-apiserver and etcd";
      say(`starting ${name}`);
      starts.push(await timedStarts(start, options.runs));
      say(`memory of ${name} with ${pods} pods`);
      sizes.push(await sizeWith(start, load, flags));
      say(`load on ${name}`);
      figures.push(await loadOn(start, load, ["--warm", String(pods), ...flags]));
    }
    say("the client's own ceiling");
    const client = await load.ceiling(...flags);
    out.push(...ratiosOf(figures[0] as GoFigures, figures[1] as GoFigures, client));
    const [fast, slow] = starts.map(median) as [number, number];
    out.push({ name: "start to the first 200 on /readyz", unit: "ms", mockube: fast, upstream: slow, times: slow / fast });
    const [small, large] = sizes.map((bytes) => bytes / 1e6) as [number, number];
    out.push({ name: `memory with ${pods} pods`, unit: "MB", mockube: small, upstream: large, times: large / small });
    return out;
  } finally {
    await load.remove();
  }
}

/** The Go client's figures of both, side by side, in the table's order; what one of them lacks is left out. */
export function ratiosOf(mockube: GoFigures, upstream: GoFigures, client: GoFigures): Ratio[] {
  const out: Ratio[] = [];
  for (const [key, name] of NAMES) {
    const [a, b] = [mockube[key], upstream[key]];
    if (!a || !b) continue;
    const cpuMs = a.cpuMs === undefined || b.cpuMs === undefined ? undefined : ([a.cpuMs, b.cpuMs] as const);
    if (a.perSecond && b.perSecond)
      out.push({ name, unit: "/s", mockube: a.perSecond, upstream: b.perSecond, times: a.perSecond / b.perSecond, cpuMs, client: client[key]?.perSecond });
    else if (a.ms && b.ms) out.push({ name, unit: "ms", mockube: a.ms, upstream: b.ms, times: b.ms / a.ms, cpuMs });
  }
  return out;
}

async function startMockube(cli: string): Promise<Compared> {
  const server = await startServer(cli);
  return { kubeconfig: server.kubeconfig, pids: [server.pid], startMs: server.startMs, stop: server.stop };
}

async function timedStarts(start: () => Promise<Compared>, runs: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const server = await start();
    times.push(server.startMs);
    await server.stop();
  }
  return times;
}

async function sizeWith(start: () => Promise<Compared>, load: GoLoad, flags: readonly string[]): Promise<number> {
  const server = await start();
  try {
    await load.run("--kubeconfig", server.kubeconfig, "--keep", ...flags);
    await pause(REST_MS);
    let sum = 0;
    for (const pid of server.pids) sum += (await rssOf(pid)) ?? 0;
    return sum;
  } finally {
    await server.stop();
  }
}

async function loadOn(start: () => Promise<Compared>, load: GoLoad, flags: readonly string[]): Promise<GoFigures> {
  const server = await start();
  try {
    return await load.run("--kubeconfig", server.kubeconfig, "--pids", server.pids.join(","), ...flags);
  } finally {
    await server.stop();
  }
}
