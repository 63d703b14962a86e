import { Command, CommanderError } from "commander";
import { clockCommand } from "./clock.js";
import { dnsCommand } from "./dns/index.js";
import { CliError, explain } from "./errors.js";
import { execCommand } from "./exec.js";
import { kubeconfigCommand } from "./kubeconfig.js";
import { nodeCommand } from "./node.js";
import { upCommand } from "./up.js";
import { whyCommand } from "./why.js";

const program = new Command("mockube")
  .description("A Kubernetes control plane in one process: API server, controllers, volumes and DNS, offline.")
  .version(process.env.MOCKUBE_VERSION ?? "0.1.0")
  .showHelpAfterError("(try --help)")
  .exitOverride()
  .addHelpText(
    "after",
    `
Examples:
  $ mockube up                                  a cluster that keeps its state in ~/.mockube
  $ export KUBECONFIG=$(mockube kubeconfig --path)
  $ kubectl get nodes
  $ mockube exec -- kubectl get storageclass    a throw-away cluster around one command
`,
  );
program.addCommand(upCommand());
program.addCommand(execCommand());
program.addCommand(kubeconfigCommand());
program.addCommand(nodeCommand());
program.addCommand(clockCommand());
program.addCommand(whyCommand());
program.addCommand(dnsCommand());
for (const command of program.commands.flatMap((c) => [c, ...c.commands])) command.exitOverride().showHelpAfterError("(try --help)");

// a function, because the command is built as a script: those have no top-level await
async function main(): Promise<void> {
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode;
    else {
      process.stderr.write(`mockube: ${explain(error)}\n`);
      process.exitCode = error instanceof CliError ? error.code : 1;
    }
    // something may still be open after a failed start
    process.exit();
  }
}

void main();
