import os from "node:os";
import path from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { ClusterOptions } from "../cluster/index.js";
import { AUTHORIZATION_MODES, ENVIRONMENTS, PACES } from "../cluster/options.js";
import { PODS_MODES, type PodsMode } from "../dns/plugins/kubernetes/answer.js";
import { CliError } from "./errors.js";

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

/** Flags that say how DNS answers. */
export interface DnsFlags {
  readonly corefile?: string;
  readonly dnsPods?: PodsMode;
  readonly dnsUpstream?: string;
  readonly grpcPort?: number;
  readonly grpcPlaintext?: boolean;
  readonly dnsExtra?: Readonly<Partial<Record<PodsMode, number>>>;
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

export function addDnsFlags(command: Command): Command {
  return command
    .option("--corefile <file>", "how DNS answers, as CoreDNS reads it (default: the ConfigMap kube-system/coredns)")
    .addOption(new Option("--dns-pods <mode>", "how names of pods are answered, whatever the Corefile says").choices([...PODS_MODES]))
    .addOption(new Option("--grpc-port <port>", "answers names over gRPC, too, as CoreDNS's DnsService; 0 takes a free port").argParser(number(65535)))
    .option("--grpc-plaintext", "gRPC without TLS")
    .option("--dns-upstream <address>", "whom to ask for names outside the cluster; without it they are refused")
    .addOption(new Option("--dns-extra <mode=port,...>", "responders beside the first, that answer names of pods in another way").argParser(extraPorts));
}

/** `verified=10054,disabled=10055`. */
function extraPorts(text: string): Partial<Record<PodsMode, number>> {
  const ports: Partial<Record<PodsMode, number>> = {};
  for (const part of text.split(",")) {
    const [mode, port] = part.split("=") as [PodsMode, string | undefined];
    if (!PODS_MODES.includes(mode) || port === undefined) throw new InvalidArgumentError(`write it as MODE=PORT, with ${PODS_MODES.join(", ")} for MODE.`);
    if (ports[mode] !== undefined) throw new InvalidArgumentError(`${mode} is named twice.`);
    ports[mode] = number(65535)(port);
  }
  return ports;
}

export function dnsSettings({ corefile, dnsPods, dnsUpstream, dnsExtra, grpcPort, grpcPlaintext }: DnsFlags): NonNullable<ClusterOptions["dns"]> {
  if (grpcPlaintext && grpcPort === undefined) throw new CliError("--grpc-plaintext is about --grpc-port, which is not given");
  const grpc = grpcPort === undefined ? undefined : { port: grpcPort, plaintext: grpcPlaintext };
  return { corefile, pods: dnsPods, upstream: dnsUpstream, grpc, extra: dnsExtra };
}
