import { readFile } from "node:fs/promises";
import path from "node:path";
import { Command } from "commander";
import { CliError } from "./errors.js";
import { DEFAULT_STATE } from "./flags.js";

export function kubeconfigCommand(): Command {
  return new Command("kubeconfig")
    .description("print the kubeconfig of a cluster that was started with `mockube up`")
    .option("--state <dir>", "folder that keeps the cluster", DEFAULT_STATE)
    .option("--path", "print where the file lies instead of what is in it")
    .addHelpText(
      "after",
      `
Examples:
  $ export KUBECONFIG=$(mockube kubeconfig --path)
  $ mockube kubeconfig > ~/.kube/mockube
`,
    )
    .action(async (flags: { state: string; path?: boolean }) => {
      const file = path.resolve(flags.state, "kubeconfig");
      const text = await readFile(file, "utf8").catch(() => undefined);
      if (text === undefined) throw new CliError(`no kubeconfig in ${path.dirname(file)}: start a cluster there with \`mockube up --state ${flags.state}\``);
      process.stdout.write(flags.path ? `${file}\n` : text);
    });
}
