import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import os, { constants } from "node:os";
import path from "node:path";
import { Command } from "commander";
import { CliError } from "./errors.js";
import { addClusterFlags, type ClusterFlags, SHORTEST_STOP_MS } from "./flags.js";

export function execCommand(): Command {
  const command = new Command("exec")
    .description("run one command against a throw-away cluster in memory; its exit code is returned")
    .argument("<command...>", "what to run, after --");
  return addClusterFlags(command, "instant")
    .addHelpText(
      "after",
      `
The command finds the cluster through KUBECONFIG; MOCKUBE_URL, MOCKUBE_TOKEN and MOCKUBE_DNS (host:port) are set as well.

Examples:
  $ mockube exec -- kubectl get nodes
  $ mockube exec --environment kind -- npm test
`,
    )
    .action(exec);
}

async function exec(words: string[], flags: ClusterFlags): Promise<void> {
  const { startCluster } = await import("../cluster/index.js");
  const folder = await mkdtemp(path.join(os.tmpdir(), "mockube-exec-"));
  const kubeconfig = path.join(folder, "kubeconfig");
  try {
    const cluster = await startCluster({ ...flags, kubeconfig, shortestStopMs: SHORTEST_STOP_MS });
    try {
      const env = {
        ...process.env,
        KUBECONFIG: kubeconfig,
        MOCKUBE_URL: cluster.url,
        MOCKUBE_TOKEN: cluster.token,
        MOCKUBE_DNS: `127.0.0.1:${cluster.dnsPort}`,
      };
      process.exitCode = await run(words, env);
    } finally {
      await cluster.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs the command with our own stdin, stdout and stderr; signals go to it, and its end is ours. */
function run([command = "", ...args]: string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "inherit", env });
    const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
    process.on("SIGINT", forward).on("SIGTERM", forward);
    const done = (): void => void process.off("SIGINT", forward).off("SIGTERM", forward);
    child.on("error", (error: NodeJS.ErrnoException) => {
      done();
      reject(new CliError(error.code === "ENOENT" ? `${command}: command not found` : `${command}: ${error.message}`, error.code === "ENOENT" ? 127 : 126));
    });
    child.on("exit", (code, signal) => {
      done();
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}
