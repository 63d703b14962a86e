import { Command } from "commander";
import { addTargetFlags, connect, kubeconfigOf, must, type TargetFlags } from "./api.js";

interface Stand {
  /** RFC 3339. */
  readonly now: string;
  readonly clock: "manual" | "real";
  readonly movedMs?: number;
  readonly pending?: boolean;
}

export function clockCommand(): Command {
  const command = new Command("clock").description("look at the time of a cluster, and move it where it was started with --clock manual");
  const now = new Command("now")
    .description("say what time it is in the cluster")
    .action((flags: TargetFlags, self: Command) => tell(self, flags, "GET", "clock"));
  const advance = new Command("advance")
    .description("let so much time pass: probes, back-offs, leases and schedules in between happen, each at its moment")
    .argument("<duration>", "90s, 5m, 1h30m")
    .action((by: string, flags: TargetFlags, self: Command) => tell(self, flags, "POST", `clock/advance?by=${encodeURIComponent(by)}`));
  const settle = new Command("settle")
    .description("let time pass until nothing is left to do")
    .option("--within <duration>", "how far to go at most: a container that crashes is started again for ever", "1h")
    .action((flags: TargetFlags & { within: string }, self: Command) => tell(self, flags, "POST", `clock/settle?within=${encodeURIComponent(flags.within)}`));
  for (const one of [now, advance, settle]) command.addCommand(addTargetFlags(one).addHelpText("after", EXAMPLES));
  return command.addHelpText("after", EXAMPLES);
}

const EXAMPLES = `
Examples:
  $ mockube up --clock manual
  $ mockube clock advance 1h
  $ mockube clock settle --within 24h
  $ mockube clock now
`;

async function tell(command: Command, flags: TargetFlags, method: string, route: string): Promise<void> {
  const api = await connect(kubeconfigOf(command, flags));
  const { now, clock, movedMs, pending } = (await must(api.ask(method, `/mockube/${route}`))) as Stand;
  const how =
    movedMs === undefined ? `the clock is ${clock}` : `${movedMs / 1000} s passed, ${pending ? "something is left to do later" : "nothing is left to do"}`;
  process.stdout.write(`${now} (${how})\n`);
}
