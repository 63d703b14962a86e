import { Command } from "commander";
import { installCommand, removeCommand } from "./setup.js";

export function dnsCommand(): Command {
  return new Command("dns").description("the names of the cluster: let the machine ask for them").addCommand(installCommand()).addCommand(removeCommand());
}
