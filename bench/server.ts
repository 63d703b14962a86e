import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { type Access, readKubeconfig } from "../cluster/access.js";
import { Connection } from "./connection.js";

/** A mockube of our own in a process of its own, on an empty state folder. */
export interface Server {
  readonly access: Access;
  readonly pid: number;
  readonly kubeconfig: string;
  /** From the spawn to the first 200 on /readyz, in milliseconds. */
  readonly startMs: number;
  stop(): Promise<void>;
}

/** Milliseconds between two looks at a server that starts. */
const LOOK_MS = 4;
const START_LIMIT_MS = 30_000;

/** `cli` is the built cli/main.js, `more` further flags of `up`. A simulated node takes 1,100 pods. */
export async function startServer(cli: string, nodes = 3, more: readonly string[] = []): Promise<Server> {
  const state = await mkdtemp(path.join(os.tmpdir(), "mockube-bench-"));
  const port = await freePort();
  const flags = ["--state", state, "--port", String(port), "--dns-port", "0", "--environment", "eks", "--nodes", String(nodes), "--pace", "instant", ...more];
  const started = performance.now();
  const child = spawn(process.execPath, [cli, "up", ...flags], { stdio: ["ignore", "ignore", "pipe"] });
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2000);
  });
  const stop = async (): Promise<void> => {
    await end(child);
    await rm(state, { recursive: true, force: true });
  };
  try {
    await ready({ url: `https://127.0.0.1:${port}`, insecure: true }, () => {
      if (child.exitCode !== null) throw new Error(`the server ended before it was ready: ${complaint}`);
    });
    const startMs = performance.now() - started;
    const kubeconfig = path.join(state, "kubeconfig");
    while (!(await readFile(kubeconfig, "utf8").catch(() => ""))) await pause(LOOK_MS);
    return { access: await readKubeconfig(kubeconfig), kubeconfig, pid: child.pid as number, startMs, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Resolves at the first 200 on /readyz. */
export async function ready(access: Access, check: () => void): Promise<void> {
  const limit = performance.now() + START_LIMIT_MS;
  let connection: Connection | undefined;
  for (;;) {
    check();
    if (performance.now() > limit) throw new Error(`the server was not ready in ${START_LIMIT_MS / 1000} s`);
    try {
      connection ??= await Connection.open(access);
      if ((await connection.request("GET", "/readyz")).code === 200) return connection.close();
    } catch {
      connection = undefined;
    }
    await pause(LOOK_MS);
  }
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const limit = setTimeout(() => child.kill("SIGKILL"), 5000);
  await gone;
  clearTimeout(limit);
}

/** Resident memory of a process in bytes; undefined when it cannot be seen. */
export async function rssOf(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => undefined);
  if (status) return Number(/VmRSS:\s*(\d+)/.exec(status)?.[1]) * 1024;
  const listed = await promisify(execFile)("ps", ["-o", "rss=", "-p", String(pid)]).catch(() => undefined);
  return listed ? Number(listed.stdout.trim()) * 1024 : undefined;
}

/** Linux counts processor time in hundredths of a second for everyone who asks (USER_HZ). */
const TICKS = 100;

/** Processor time a process has used, in seconds; undefined where there is no /proc. */
export async function cpuOf(pid: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (!stat) return undefined;
  // the second field is a name in parentheses; user and system time are the 14th and 15th
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as net.AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
