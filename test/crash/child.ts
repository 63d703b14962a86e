import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const require = createRequire(import.meta.url);

/** Bundles a script beside this file (Node does not run TypeScript) into `outfile`, which may lie anywhere: native modules are named by their full path. */
export async function bundle(script: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL(script, import.meta.url))],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    plugins: [
      {
        name: "native",
        setup: (plugin) => plugin.onResolve({ filter: /^better-sqlite3$/ }, ({ path }) => ({ path: require.resolve(path), external: true })),
      },
    ],
  });
}

/** A child that speaks in lines on stdout. */
export class Child {
  readonly #process: ChildProcess;
  readonly lines: string[] = [];
  /** What it said on stderr. */
  complaint = "";
  readonly #ended: Promise<NodeJS.Signals | number | null>;
  #partial = "";
  #onLine: (() => void) | undefined;

  constructor(script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#process = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
    this.#process.stdout!.setEncoding("utf8").on("data", (chunk: string) => {
      const parts = (this.#partial + chunk).split("\n");
      // What comes after the last newline was cut off by a kill, or is still to come.
      this.#partial = parts.pop()!;
      this.lines.push(...parts);
      this.#onLine?.();
    });
    this.#process.stderr!.setEncoding("utf8").on("data", (chunk: string) => {
      this.complaint += chunk;
    });
    this.#ended = new Promise((resolve) => {
      this.#process.on("close", (code, signal) => {
        resolve(signal ?? code);
        this.#onLine?.();
      });
    });
  }

  /** Resolves when it has said so many lines, or has ended. */
  async said(count: number): Promise<void> {
    let over = false;
    void this.#ended.then(() => {
      over = true;
    });
    while (this.lines.length < count && !over) {
      await new Promise<void>((resolve) => {
        this.#onLine = resolve;
        if (this.lines.length >= count) resolve();
        void this.#ended.then(() => resolve());
      });
    }
  }

  /** Resolves with the exit code or signal, when all that it said has been read. */
  ended(): Promise<NodeJS.Signals | number | null> {
    return this.#ended;
  }

  /** kill -9, or a gentler signal; resolves as `ended`. */
  kill(signal: NodeJS.Signals = "SIGKILL"): Promise<NodeJS.Signals | number | null> {
    this.#process.kill(signal);
    return this.#ended;
  }
}
