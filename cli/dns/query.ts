import { Command } from "commander";
import pc from "picocolors";
import type { DnsQuery } from "../../cluster/dnsquery.js";
import { addTargetFlags, connect, kubeconfigOf, must, type TargetFlags } from "../api.js";

interface QueryFlags extends TargetFlags {
  readonly from?: string;
  readonly output?: string;
}

/** `mockube dns query`: asks the cluster's DNS as a pod would, and says why the answer is this one. */
export function queryCommand(): Command {
  const command = new Command("query")
    .description("ask the cluster's DNS as a pod would, and say why the answer is this one")
    .argument("<name>", "with a dot at its end it is asked for as it is; else the pod's search list counts")
    .argument("[type]", "A, AAAA, SRV, PTR, TXT, ...", "A")
    .option("--from <namespace[/pod]>", "who asks: any pod of a namespace, or this one (default: the kubeconfig's namespace)")
    .option("-o, --output <format>", "json: for scripts");
  return addTargetFlags(command)
    .addHelpText(
      "after",
      `
Exit status: 0 when there is a record, 1 when there is none.

Examples:
  $ mockube dns query web-0.nginx
  $ mockube dns query _web._tcp.nginx.default.svc.cluster.local. SRV
  $ mockube dns query kubernetes.default --from kube-system/web-0
`,
    )
    .action((name: string, type: string, flags: QueryFlags, self: Command) => doQuery(name, type, flags, self));
}

async function doQuery(name: string, type: string, flags: QueryFlags, command: Command): Promise<void> {
  const api = await connect(kubeconfigOf(command, flags));
  const query = new URLSearchParams({ name, type, from: flags.from ?? api.namespace });
  const found = (await must(api.ask("GET", `/mockube/dns/query?${query}`))) as DnsQuery;
  process.stdout.write(flags.output === "json" ? `${JSON.stringify(found, undefined, 2)}\n` : `${shown(found)}\n`);
  if (found.answers.length === 0) process.exitCode = 1;
}

/** As people read it. */
export function shown({ from, tried, answers, additionals, plugin, rule, objects }: DnsQuery): string {
  const title = (text: string): string => pc.dim(text.padEnd(9));
  const lines = (name: string, list: readonly string[]): string[] => list.map((line, i) => `${title(i === 0 ? name : "")}${line}`);
  const outcome = ({ rcode, records }: DnsQuery["tried"][number]): string =>
    records > 0 ? `${records} record${records === 1 ? "" : "s"}` : rcode === "NOERROR" ? "nothing of this type" : rcode;
  return [
    ...lines("from", [`${from.pod ? `pod ${from.namespace}/${from.pod}` : `namespace ${from.namespace}`}, ndots:${from.ndots}`]),
    ...lines("search", [from.search.join(" ") || "none"]),
    ...lines(
      "tried",
      tried.map((one) => `${one.name}. ${outcome(one)}`),
    ),
    ...lines("answer", answers),
    ...lines("with", additionals),
    ...lines("why", [`${rule}${plugin ? ` (${plugin})` : ""}`]),
    ...lines("objects", objects),
  ].join("\n");
}
