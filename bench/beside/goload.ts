import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const exec = promisify(execFile);

/** A figure of bench/go: a rate with latencies, or a duration; `cpuMs` is what one request (list, delivery) took of the server's processors. */
export interface GoFigure {
  readonly perSecond?: number;
  readonly ms?: number;
  readonly p50?: number;
  readonly p99?: number;
  readonly cpuMs?: number;
}
export type GoFigures = Readonly<Record<string, GoFigure>>;

/** The load generator of bench/go, built. */
export interface GoLoad {
  /** Runs with these flags; rejects with what it complains of. */
  run(...flags: string[]): Promise<GoFigures>;
  /** What the client itself reaches, against a server that gives the same answer to everything. */
  ceiling(...flags: string[]): Promise<GoFigures>;
  remove(): Promise<void>;
}

/** Builds bench/go, whose sources lie in `folder`. Needs Go; the modules come from Go's module proxy the first time. */
export async function buildGoLoad(folder: string): Promise<GoLoad> {
  const home = await mkdtemp(path.join(os.tmpdir(), "mockube-bench-go-"));
  const file = path.join(home, "bench");
  await exec("go", ["build", "-o", file, "."], { cwd: folder });
  const run = async (...flags: string[]): Promise<GoFigures> => JSON.parse((await exec(file, flags)).stdout) as GoFigures;
  return {
    run,
    async ceiling(...flags) {
      // it serves until its input ends
      const server = spawn(file, ["--canned"], { stdio: ["pipe", "pipe", "inherit"] });
      try {
        const line = await new Promise<string>((resolve, reject) => {
          createInterface({ input: server.stdout }).once("line", resolve);
          server.once("exit", (code) => reject(new Error(`the server of canned answers ended with ${code}`)));
        });
        return await run("--url", (JSON.parse(line) as { url: string }).url, ...flags);
      } finally {
        server.stdin.end();
      }
    },
    remove: () => rm(home, { recursive: true, force: true }),
  };
}
