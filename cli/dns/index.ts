import { Command } from "commander";
import { queryCommand } from "./query.js";
import { installCommand, removeCommand } from "./setup.js";

export function dnsCommand(): Command {
  return new Command("dns")
    .description("the names of the cluster: ask for them, or let the machine do it")
    .addCommand(queryCommand())
    .addCommand(installCommand())
    .addCommand(removeCommand());
}
