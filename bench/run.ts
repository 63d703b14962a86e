import { cpus } from "node:os";
import { readKubeconfig } from "../cluster/access.js";
import { Api } from "./api.js";
import { startCeiling } from "./ceilingprocess.js";
import { coldStart } from "./measure/coldstart.js";
import { requests } from "./measure/requests.js";
import { growing, many } from "./measure/sets.js";
import { corrected, memory, ordered, parallel } from "./measure/statefulset.js";
import { watch } from "./measure/watch.js";
import { cpuOf, rssOf, startServer } from "./server.js";
import type { Bench, Figure, Measurement, Report, Settings } from "./types.js";

/** In the order of the table. */
export const MEASUREMENTS: readonly Measurement[] = [coldStart, memory, corrected, ordered, parallel, many, growing, requests, watch];

export interface RunOptions extends Settings {
  /** Built cli/main.js, what is measured when no target is given. */
  readonly cli: string;
  /** Built ceiling.js; undefined leaves the ceiling out. */
  readonly ceiling: string | undefined;
  /** Kubeconfig of the API server to measure. */
  readonly target?: string;
  /** Process of the target, on this machine, whose memory is measured. */
  readonly pid?: number;
  /** Names of measurements; all when absent. */
  readonly only?: readonly string[];
  /** Hears of the measurement that begins. */
  onProgress?(name: string): void;
}

/** Measures one thing after the other. A measurement that fails becomes a figure without a value that says why; the others still run. */
export async function run(options: RunOptions): Promise<Report> {
  const { runs, scale, workers, target } = options;
  const bench: Bench = {
    runs,
    scale,
    workers,
    withSubject: (work, nodes) => (target ? withTarget(target, options.pid, work) : withOwn(options.cli, nodes, work)),
    coldStart: target ? undefined : () => once(options.cli),
    ceiling: options.ceiling === undefined ? undefined : () => startCeiling(options.ceiling as string),
  };
  const figures: Figure[] = [];
  for (const measurement of MEASUREMENTS) {
    if (options.only && !options.only.includes(measurement.name)) continue;
    options.onProgress?.(measurement.name);
    try {
      figures.push(...(await measurement.run(bench)));
    } catch (error) {
      figures.push({ name: measurement.name, unit: "ms", value: null, note: (error as Error).message });
    }
  }
  return { target: target ?? "mockube", node: process.versions.node, cpus: cpus().length, settings: { runs, scale, workers }, figures };
}

async function once(cli: string): Promise<number> {
  const server = await startServer(cli);
  await server.stop();
  return server.startMs;
}

const withOwn: (cli: string, nodes: number | undefined, work: Parameters<Bench["withSubject"]>[0]) => Promise<never> = async (cli, nodes, work) => {
  const server = await startServer(cli, nodes);
  const api = new Api(server.access);
  try {
    return (await work({ api, rss: () => rssOf(server.pid), cpu: () => cpuOf(server.pid) })) as never;
  } finally {
    api.close();
    await server.stop();
  }
};

const withTarget: (file: string, pid: number | undefined, work: Parameters<Bench["withSubject"]>[0]) => Promise<never> = async (file, pid, work) => {
  const api = new Api(await readKubeconfig(file));
  try {
    return (await work({
      api,
      rss: async () => (pid === undefined ? undefined : rssOf(pid)),
      cpu: async () => (pid === undefined ? undefined : cpuOf(pid)),
    })) as never;
  } finally {
    api.close();
  }
};
