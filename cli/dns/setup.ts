import { existsSync } from "node:fs";
import path from "node:path";
import { Command, Option } from "commander";
import { DEFAULT_COREFILE } from "../../dns/corefile/default.js";
import { addTargetFlags, connect, kubeconfigOf, must, type TargetFlags } from "../api.js";
import { CliError } from "../errors.js";
import { number } from "../flags.js";
import { install, machineAt, refuseForeign, remove } from "./act.js";
import { installScript, isOurs, placeOf, RESOLVERS, type Resolver, type Responder, removeScript, resolverOf, setupOf } from "./plan.js";

interface SetupFlags extends TargetFlags {
  readonly yes?: boolean;
  readonly for?: Resolver;
  readonly root: string;
}
interface InstallFlags extends SetupFlags {
  readonly dnsPort?: number;
}

const addSetupFlags = (command: Command): Command =>
  command
    .option("--yes", "do it; without, only print it as a shell script")
    .addOption(new Option("--for <resolver>", "which resolver the machine has (default: the one that is found)").choices(RESOLVERS))
    .option("--root <dir>", "write below this folder and run no command, for an image of a machine", "/");

/** `mockube dns install`: the resolver of the machine asks the cluster for its names. */
export function installCommand(): Command {
  const command = new Command("install")
    .description("let the machine ask the cluster for cluster.local: print the resolver's set-up, or do it with --yes")
    .addOption(new Option("--dns-port <port>", "port of the cluster's DNS (default: that of the running cluster)").argParser(number(65535)));
  return addTargetFlags(addSetupFlags(command))
    .addHelpText(
      "after",
      `
Examples:
  $ mockube dns install
  $ mockube dns install | sudo sh
  $ sudo mockube dns install --yes --dns-port 10053 --for systemd-resolved
`,
    )
    .action((flags: InstallFlags, self: Command) => doInstall(self, flags));
}

/** `mockube dns remove`: what `install` wrote, and nothing else, is gone. */
export function removeCommand(): Command {
  const command = new Command("remove").description("take back what `mockube dns install` did: print how, or do it with --yes");
  return addSetupFlags(command)
    .addHelpText(
      "after",
      `
Examples:
  $ mockube dns remove
  $ sudo mockube dns remove --yes
`,
    )
    .action(doRemove);
}

/** A folder as a root: absolute. */
const rootOf = ({ root }: SetupFlags): string => path.resolve(root);

async function doInstall(command: Command, flags: InstallFlags): Promise<void> {
  const root = rootOf(flags);
  const at = await responderOf(command, flags);
  const resolver = flags.for ?? resolverOf(process.platform, (file) => existsSync(path.join(root, file)));
  if (!resolver) {
    throw new CliError(
      `neither systemd-resolved nor dnsmasq is found here: say which resolver it is with --for, or let yours ask ${at.address} port ${at.port} for ${at.domain}`,
    );
  }
  const setup = setupOf(resolver, at);
  const machine = machineAt(root);
  if (flags.yes) {
    const again = `mockube dns install --yes --for ${resolver} --dns-port ${at.port}${root === "/" ? "" : ` --root ${root}`}`;
    process.stdout.write(`${install(machine, setup, again).join("\n")}\n`);
    return;
  }
  refuseForeign(machine, setup);
  process.stdout.write(installScript(setup));
}

/** Where the cluster's DNS is: what is said, else what the running cluster says. */
async function responderOf(command: Command, flags: InstallFlags): Promise<Responder> {
  if (flags.dnsPort) return { address: "127.0.0.1", port: flags.dnsPort, domain: DEFAULT_COREFILE.domain };
  try {
    const api = await connect(kubeconfigOf(command, flags));
    return (await must(api.ask("GET", "/mockube/dns"))) as Responder;
  } catch (error) {
    throw new CliError(`${(error as Error).message}; or say where its DNS listens with --dns-port`);
  }
}

function doRemove(flags: SetupFlags): void {
  const root = rootOf(flags);
  const machine = machineAt(root);
  const places = (flags.for ? [flags.for] : RESOLVERS).map((resolver) => placeOf(resolver, DEFAULT_COREFILE.domain));
  const ours = places.filter(({ file }) => {
    const there = machine.read(file);
    if (there !== undefined && !isOurs(there)) process.stderr.write(`${file} is not mockube's: it stays\n`);
    return there !== undefined && isOurs(there);
  });
  if (ours.length === 0) process.stderr.write("there is nothing to remove\n");
  for (const place of ours) {
    const again = `mockube dns remove --yes${root === "/" ? "" : ` --root ${root}`}`;
    process.stdout.write(flags.yes ? `${remove(machine, place, again).join("\n")}\n` : removeScript(place));
  }
}
