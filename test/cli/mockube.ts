import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { ROOT } from "../presubmit/files.js";

let built: string | undefined;

/** Builds the tree as it is, once per test process, beside dist/; the path of a folder with an executable `mockube`. */
export function buildOnce(): string {
  if (built) return built;
  // where nobody cleans up, and packages are found from
  const cache = path.join(ROOT, "node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  // worker threads end without notice: what earlier runs left goes now
  for (const name of readdirSync(cache).filter((n) => n.startsWith("mockube-"))) {
    const left = path.join(cache, name);
    if (Date.now() - (statSync(left, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > 3600_000) rmSync(left, { recursive: true, force: true });
  }
  const outdir = mkdtempSync(path.join(cache, "mockube-"));
  process.once("exit", () => rmSync(outdir, { recursive: true, force: true }));
  execFileSync(process.execPath, [path.join(ROOT, "scripts/build.mjs"), "--outdir", path.join(outdir, "dist"), "--no-types"]);
  mkdirSync(path.join(outdir, "bin"));
  symlinkSync(path.join(outdir, "dist/cli/main.js"), path.join(outdir, "bin/mockube"));
  built = path.join(outdir, "bin");
  return built;
}

export interface Ended {
  /** Exit code, or the signal's name. */
  readonly code: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly pid: number;
  readonly output: () => string;
  readonly ended: Promise<Ended>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when stdout has shown this; rejects when the process ends before. */
  shows(pattern: RegExp): Promise<RegExpExecArray>;
}

interface Surroundings {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
}

/** Starts `mockube ARGS` in a process of its own, in a home of nobody. */
export function mockube(args: readonly string[], { cwd, env, input }: Surroundings = {}): Started {
  const child = spawn(path.join(buildOnce(), "mockube"), args, {
    cwd: cwd ?? os.tmpdir(),
    env: { ...process.env, NO_COLOR: "1", KUBECONFIG: undefined, ...env },
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  const watchers = new Set<() => void>();
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    for (const look of watchers) look();
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdin?.end(input);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code: code ?? signal, stdout, stderr }));
  });
  return {
    pid: child.pid ?? 0,
    output: () => stdout,
    ended,
    kill: (signal) => void child.kill(signal),
    shows: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = pattern.exec(stdout);
          if (!found) return;
          watchers.delete(look);
          resolve(found);
        };
        watchers.add(look);
        look();
        ended.then((end) => reject(new Error(`ended with ${end.code} before ${pattern}: ${end.stdout}${end.stderr}`)), reject);
      }),
  };
}

/** `mockube ARGS` from start to end. */
export const run = (args: readonly string[], surroundings?: Surroundings): Promise<Ended> => mockube(args, surroundings).ended;

/** Whether a tool is on the PATH; where skips count as failures a missing one throws. */
export function hasTool(name: string): boolean {
  try {
    execFileSync("sh", ["-c", `command -v ${name}`], { stdio: "ignore" });
    return true;
  } catch {
    if (process.env.MOCKUBE_REQUIRE_KUBECTL) throw new Error(`${name} not found, and nothing may be skipped`);
    return false;
  }
}
