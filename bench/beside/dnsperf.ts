import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Api } from "../api.js";
import { type Latency, latencyOf, median } from "../load.js";
import { headlessService, inNamespace, statefulSet } from "../objects.js";
import { freePort, startServer } from "../server.js";
import { needProgram, startCoreDns } from "./corednsprocess.js";

/** What one run of dnsperf heard. */
export interface Run {
  readonly perSecond: number;
  readonly sent: number;
  /** Questions that got no answer in time. */
  readonly lost: number;
  /** Of the answers, where each was told (`-v`). */
  readonly latency?: Latency;
}

/** What was heard of one server. */
export interface Heard {
  /** Answers a second, median of the rounds. */
  readonly perSecond: number;
  /** Over all rounds. */
  readonly lost: number;
  /** With as many questions in flight as dnsperf keeps (100), as fast as they are answered. */
  readonly full: Latency;
  /** At a rate that both bear. */
  readonly steady: Latency;
}

/** How both did with one Corefile and one kind of questions. */
export interface UnderLoad {
  readonly name: string;
  readonly mockube: Heard;
  readonly coredns: Heard;
  /** Questions a second of the steady rate: half of what the slower one answers. */
  readonly steadyRate: number;
}

export interface LoadOptions {
  readonly coredns: string;
  readonly dnsperf: string;
  /** The built cli/main.js. */
  readonly cli: string;
  /** On the number of pods and the length of a run. */
  readonly scale: number;
  onProgress?(what: string): void;
}

/** Lines beside `kubernetes`: on its own, and what clusters have around it. */
const COREFILES: readonly (readonly [name: string, plugins: string])[] = [
  ["kubernetes alone", ""],
  ["errors, loadbalance, cache 30", "errors\nloadbalance\ncache 30"],
];
const PODS = 1000;
const SECONDS = 5;
const ROUNDS = 3;

/** Reads what dnsperf prints: its statistics, and with `-v` a line for each answer, whose last field is its latency in seconds. */
export function readDnsperf(text: string): Run {
  const figure = (name: string): number => {
    const found = new RegExp(`^\\s*${name}:\\s+([\\d.]+)`, "m").exec(text)?.[1];
    if (found === undefined) throw new Error(`dnsperf says nothing of ${JSON.stringify(name)}: ${text.slice(-400)}`);
    return Number(found);
  };
  const times = [...text.matchAll(/^> [A-Z]+ .* ([\d.]+)$/gm)].map((match) => Number(match[1]) * 1000);
  return {
    perSecond: figure("Queries per second"),
    sent: figure("Queries sent"),
    lost: figure("Queries lost"),
    ...(times.length ? { latency: latencyOf(times) } : {}),
  };
}

const reversed = (address: string): string => `${address.split(".").reverse().join(".")}.in-addr.arpa`;

/** The questions of each kind, as dnsperf reads them. */
function questionsOf(namespace: string, pods: readonly { readonly name: string; readonly address: string }[]): Readonly<Record<string, readonly string[]>> {
  const search = `${namespace}.svc.cluster.local`;
  const nameOf = (name: string): string => `${name}.nginx.${search}`;
  return {
    "A of pods": pods.map(({ name }) => `${nameOf(name)} A`),
    // what a resolver with a search list asks on its way, and names of addresses and ports
    mixed: pods.flatMap(({ name, address }) => [
      `${nameOf(name)} A`,
      `${nameOf(name)} AAAA`,
      `${name}.nginx.${search}.${search} A`,
      `${name}.nginx.${search}.svc.cluster.local AAAA`,
      `${reversed(address)} PTR`,
      "kubernetes.default.svc.cluster.local A",
      `_web._tcp.${nameOf(name)} SRV`,
    ]),
  };
}

/** What a program says, through a file: reading along would take processor time from those that are measured. */
async function outputOf(program: string, flags: readonly string[], file: string): Promise<string> {
  const output = await open(file, "w");
  try {
    const child = spawn(program, flags, { stdio: ["ignore", output.fd, output.fd] });
    await once(child, "exit");
    return await readFile(file, "utf8");
  } finally {
    await output.close();
  }
}

interface Server {
  readonly port: number;
}

/** Both servers by turns, so that what else the machine does falls on both. */
async function compareLoad(name: string, file: string, { mockube, coredns }: { mockube: Server; coredns: Server }, options: LoadOptions): Promise<UnderLoad> {
  const seconds = Math.max(1, Math.round(SECONDS * Math.min(1, options.scale)));
  const perf = async ({ port }: Server, more: readonly string[]): Promise<Run> => {
    const flags = ["-s", "127.0.0.1", "-p", String(port), "-d", file, "-l", String(seconds), "-t", "2", ...more];
    return readDnsperf(await outputOf(options.dnsperf, flags, path.join(path.dirname(file), "heard")));
  };
  const rounds: Run[][] = [];
  for (let i = 0; i < ROUNDS; i++) rounds.push([await perf(mockube, []), await perf(coredns, [])]);
  const rates = [0, 1].map((who) => median(rounds.map((round) => round[who].perSecond)));
  const steadyRate = Math.floor(Math.min(...rates) / 2);
  const heard = async (server: Server, who: 0 | 1): Promise<Heard> => {
    const [full, steady] = [await perf(server, ["-v"]), await perf(server, ["-v", "-Q", String(steadyRate)])];
    const all = [...rounds.map((round) => round[who]), full, steady];
    const none = { p50: Number.NaN, p99: Number.NaN };
    return { perSecond: rates[who], lost: all.reduce((sum, { lost }) => sum + lost, 0), full: full.latency ?? none, steady: steady.latency ?? none };
  };
  return { name, mockube: await heard(mockube, 0), coredns: await heard(coredns, 1), steadyRate };
}

/** One Corefile: a mockube with so many pods and a CoreDNS that reads them from its API, under each kind of questions. */
async function compareOne([name, plugins]: readonly [string, string], options: LoadOptions, folder: string): Promise<UnderLoad[]> {
  const corefile = path.join(folder, "Corefile");
  const inside = "kubernetes cluster.local in-addr.arpa ip6.arpa {\npods insecure\n}";
  await writeFile(corefile, `. {\n${inside}\n${plugins}\n}\n`);
  const port = await freePort();
  const server = await startServer(options.cli, 3, ["--dns-port", String(port), "--corefile", corefile]);
  const api = new Api(server.access);
  try {
    return await inNamespace(api, "names", async (namespace) => {
      const replicas = Math.max(1, Math.round(PODS * options.scale));
      const sets = `/apis/apps/v1/namespaces/${namespace}/statefulsets`;
      await api.must("POST", `/api/v1/namespaces/${namespace}/services`, headlessService);
      const { metadata } = await api.json("GET", sets);
      const ready = api.until(sets, "web", metadata.resourceVersion, (set) => set.status?.readyReplicas === replicas);
      await Promise.all([ready, api.must("POST", sets, statefulSet({ replicas, policy: "Parallel", claims: false }))]);
      const { items } = await api.json("GET", `/api/v1/namespaces/${namespace}/pods`);
      const pods = items.map((pod: { metadata: { name: string }; status: { podIP: string } }) => ({ name: pod.metadata.name, address: pod.status.podIP }));
      const last = `web-${replicas - 1}.nginx.${namespace}.svc.cluster.local`;
      const start = { program: options.coredns, folder, kubeconfig: server.kubeconfig, options: "pods insecure", plugins, last };
      const coredns = await startCoreDns(start);
      try {
        const all: UnderLoad[] = [];
        for (const [kind, questions] of Object.entries(questionsOf(namespace, pods))) {
          options.onProgress?.(`${name}: ${kind}`);
          const file = path.join(folder, "questions");
          await writeFile(file, `${questions.join("\n")}\n`);
          all.push(await compareLoad(`${name}: ${kind}`, file, { mockube: { port }, coredns }, options));
        }
        return all;
      } finally {
        await coredns.stop();
      }
    });
  } finally {
    api.close();
    await server.stop();
  }
}

/** Loads mockube's responder and a CoreDNS, which reads the same names from mockube's API, with the same questions in one run. */
export async function compareUnderLoad(options: LoadOptions): Promise<UnderLoad[]> {
  for (const program of [options.coredns, options.dnsperf]) await needProgram(program);
  const folder = await mkdtemp(path.join(os.tmpdir(), "dnsperf-bench-"));
  try {
    const all: UnderLoad[] = [];
    for (const corefile of COREFILES) all.push(...(await compareOne(corefile, options, folder)));
    return all;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
