import path from "node:path";
import { Command, Option } from "commander";
import pc from "picocolors";
import type { Cluster } from "../cluster/index.js";
import { addClusterFlags, addDnsFlags, type ClusterFlags, DEFAULT_STATE, type DnsFlags, dnsSettings, number, SHORTEST_STOP_MS } from "./flags.js";
import { makeFolder } from "./folder.js";
import { giveBackWhenIdle } from "./idle.js";
import { createLog, LEVELS } from "./log.js";

interface UpFlags extends ClusterFlags, DnsFlags {
  readonly state: string;
  readonly memory?: boolean;
  readonly host: string;
  readonly port: number;
  readonly dnsPort: number;
  readonly kubeconfig?: string;
  readonly logLevel: string;
}

export function upCommand(): Command {
  const command = new Command("up")
    .description("start a cluster and keep it running until Ctrl-C")
    .option("--state <dir>", "folder that keeps the cluster", DEFAULT_STATE)
    .option("--memory", "keep nothing: a cluster that is gone when it stops")
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .addOption(new Option("--port <port>", "port of the API, 0 for any free one").argParser(number(65535)).default(6443))
    .addOption(new Option("--dns-port <port>", "port of DNS (UDP and TCP), 0 for any free one").argParser(number(65535)).default(10053))
    .option("--kubeconfig <file>", "where to write the kubeconfig when ready (default: in the state folder)")
    .addOption(new Option("--log-level <level>", "what to log to stderr, as JSON lines").choices(LEVELS).default("silent"));
  return addDnsFlags(addClusterFlags(command, "brisk"))
    .addHelpText(
      "after",
      `
Examples:
  $ mockube up
  $ mockube up --memory --port 0 --dns-port 0 --kubeconfig ./kubeconfig
  $ mockube up --environment kind --nodes 1 --pace real
`,
    )
    .action(up);
}

async function up(flags: UpFlags): Promise<void> {
  const started = performance.now();
  // listened for from the beginning: a Ctrl-C while it starts ends it as cleanly as one later
  const signalled = untilSignal();
  if (!flags.memory) await makeFolder(path.resolve(flags.state));
  if (flags.kubeconfig) await makeFolder(path.dirname(path.resolve(flags.kubeconfig)));
  const progress = await spinner();
  // loaded here, so that --help does not wait for it
  const { startCluster } = await import("../cluster/index.js");
  let cluster: Cluster;
  try {
    cluster = await startCluster({
      state: flags.memory ? undefined : flags.state,
      host: flags.host,
      port: flags.port,
      dnsPort: flags.dnsPort,
      dns: { ...dnsSettings(flags), print: (level, line) => process.stderr.write(`[${level.toUpperCase()}] ${line}\n`) },
      environment: flags.environment,
      nodes: flags.nodes,
      pace: flags.pace,
      authorization: flags.authorization,
      clock: flags.clock,
      shortestStopMs: SHORTEST_STOP_MS,
      kubeconfig: flags.kubeconfig,
      log: await createLog(flags.logLevel),
      onProgress: progress.step,
    });
  } catch (error) {
    progress.fail();
    throw error;
  }
  progress.done(`mockube is ready (Kubernetes 1.36, ${((performance.now() - started) / 1000).toFixed(2)} s)`);
  process.stdout.write(`${await summary(cluster, flags)}\n`);
  giveBackWhenIdle();
  await signalled;
  process.stderr.write("\nStopping\n");
  await cluster.stop();
}

async function summary(cluster: Cluster, flags: UpFlags): Promise<string> {
  const line = (name: string, value: string): string => `  ${pc.dim(name.padEnd(12))}${value}`;
  const host = flags.host.includes(":") ? `[${flags.host}]` : flags.host;
  const where = flags.memory ? "in memory" : flags.state;
  const config = cluster.kubeconfigFile;
  const lines = [
    line("API", cluster.url),
    line("DNS", `${host}:${cluster.dnsPort} (UDP and TCP)`),
    ...(cluster.grpcPort ? [line("", `${host}:${cluster.grpcPort} (gRPC${flags.grpcPlaintext ? ", plain text" : ""})`)] : []),
    ...Object.entries(cluster.dnsExtra).map(([mode, port]) => line("", `${host}:${port} (pods ${mode})`)),
    line("state", where),
    line("cluster", `${await contents(cluster, flags)}, pace ${flags.pace}`),
    ...(config ? [line("kubeconfig", config), "", `  export KUBECONFIG=${config}`] : ["", "  no kubeconfig was written: say where with --kubeconfig FILE"]),
  ];
  return lines.join("\n");
}

/** What is in the cluster: what the flags asked for in a new one, what an old one was made with. */
async function contents(cluster: Cluster, flags: UpFlags): Promise<string> {
  if (cluster.made) return `${flags.nodes} nodes, storage classes of ${flags.environment}`;
  const nodes = await cluster.client.resource({ group: "", version: "v1", resource: "nodes" }).list("");
  return `as it was, ${nodes.items.length} nodes`;
}

/** Progress on a terminal; silence where stderr is not one. */
async function spinner(): Promise<{ step(text: string): void; done(text: string): void; fail(): void }> {
  if (!process.stderr.isTTY) return { step: () => {}, done: (text) => process.stdout.write(`${text}\n`), fail: () => {} };
  const { default: yoctoSpinner } = await import("yocto-spinner");
  const spin = yoctoSpinner({ text: "Starting" }).start();
  return {
    step: (text) => {
      spin.text = text;
    },
    done: (text) => spin.success(text),
    fail: () => spin.stop(),
  };
}

/** Resolves on the first Ctrl-C or SIGTERM; a second one ends the process at once. */
function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      process.once("SIGINT", () => process.exit(130));
      process.once("SIGTERM", () => process.exit(143));
      resolve();
    };
    process.once("SIGINT", stop);
    process.once("SIGTERM", stop);
  });
}
