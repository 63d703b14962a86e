import { Command } from "commander";
import { STOPPED } from "../kubelet/node.js";
import { type Api, addTargetFlags, connect, kubeconfigOf, must, type TargetFlags } from "./api.js";
import { CliError } from "./errors.js";

const NODES = "/api/v1/nodes";

interface Node {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly status?: { readonly nodeInfo?: { readonly osImage?: string } };
}

export function nodeCommand(): Command {
  const command = new Command("node").description("make simulated nodes unreachable, and bring them back");
  const stop = new Command("stop")
    .description("stop the kubelet of nodes: they are NotReady within a minute, and five minutes later their pods are evicted")
    .argument("<name...>", "nodes, as in `kubectl get nodes`")
    .action((names: string[], flags: TargetFlags, self: Command) => change(self, flags, names, true));
  const start = new Command("start")
    .description("start the kubelet of nodes again: they report, and end the pods that were deleted meanwhile")
    .argument("<name...>", "nodes that were stopped")
    .action((names: string[], flags: TargetFlags, self: Command) => change(self, flags, names, false));
  for (const one of [stop, start]) command.addCommand(addTargetFlags(one).addHelpText("after", EXAMPLES));
  return command.addHelpText("after", EXAMPLES);
}

const EXAMPLES = `
A stopped node stays stopped when mockube is started anew: it is an annotation of the Node (${STOPPED}).

Examples:
  $ mockube node stop node-1
  $ mockube node start node-1
  $ mockube node stop node-0 node-1 --kubeconfig ./kubeconfig
`;

async function change(command: Command, flags: TargetFlags, names: readonly string[], stopped: boolean): Promise<void> {
  const api = await connect(kubeconfigOf(command, flags));
  // all are there before the first is touched
  const nodes: Node[] = [];
  for (const name of names) nodes.push(await find(api, name));
  for (const { metadata } of nodes) {
    const is = metadata.annotations?.[STOPPED] === "true";
    if (is !== stopped) {
      const patch = { metadata: { annotations: { [STOPPED]: stopped ? "true" : null } } };
      await must(api.ask("PATCH", `${NODES}/${encodeURIComponent(metadata.name)}?fieldManager=mockube`, patch, "application/merge-patch+json"));
    }
    const said = stopped ? (is ? "is stopped already" : "stopped") : is ? "started" : "is not stopped";
    process.stdout.write(`node/${metadata.name} ${said}\n`);
  }
}

async function find(api: Api, name: string): Promise<Node> {
  const answer = await api.ask("GET", `${NODES}/${encodeURIComponent(name)}`);
  if (answer.code === 404) {
    const { items } = (await must(api.ask("GET", NODES))) as { items: Node[] };
    const there = items.map((node) => node.metadata.name);
    throw new CliError(`no node ${name}; ${there.length === 0 ? "there are none" : `there ${there.length === 1 ? "is" : "are"} ${shortened(there)}`}`);
  }
  const node = (await must(Promise.resolve(answer))) as Node;
  const image = node.status?.nodeInfo?.osImage;
  if (image !== undefined && image !== "mockube") throw new CliError(`node ${name} is not simulated by mockube (it runs ${image}): it would not listen`);
  return node;
}

/** The first of many names. */
const shortened = (names: readonly string[]): string => (names.length > 5 ? `${names.slice(0, 5).join(", ")} and ${names.length - 5} more` : names.join(", "));
