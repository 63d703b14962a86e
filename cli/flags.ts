import os from "node:os";
import path from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { ClusterOptions } from "../cluster/index.js";
import { AUTHORIZATION_MODES, ENVIRONMENTS, PACES } from "../cluster/options.js";

/** Where a cluster lives when nobody says otherwise. */
export const DEFAULT_STATE = path.join(os.homedir(), ".mockube");

/** Flags that say what kind of cluster it is; shared by up and exec. */
export interface ClusterFlags {
  readonly environment: NonNullable<ClusterOptions["environment"]>;
  readonly nodes: number;
  readonly pace: NonNullable<ClusterOptions["pace"]>;
  readonly authorization: NonNullable<ClusterOptions["authorization"]>;
  readonly clock: "real" | "manual";
}

/** What a graceful stop takes at least when a command line may be watching (ClusterOptions.shortestStopMs). */
export const SHORTEST_STOP_MS = 250;

/** A port or a count: a whole number from 0 to `max`. */
export function number(max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value > max) throw new InvalidArgumentError(`must be a whole number from 0 to ${max}.`);
    return value;
  };
}

export function addClusterFlags(command: Command, pace: string): Command {
  return command
    .addOption(new Option("--environment <name>", "whose storage classes to ship").choices([...ENVIRONMENTS]).default("eks"))
    .addOption(new Option("--nodes <count>", "simulated nodes, spread over three zones").argParser(number(5000)).default(3))
    .addOption(new Option("--pace <name>", "how long simulated steps take").choices([...PACES]).default(pace))
    .addOption(new Option("--authorization <mode>", "who decides what users may do").choices([...AUTHORIZATION_MODES]).default("RBAC"))
    .addOption(new Option("--clock <kind>", "manual: time stands still until `mockube clock` moves it").choices(["real", "manual"]).default("real"));
}
