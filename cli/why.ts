import { Command, Option } from "commander";
import type { Explanation } from "../cluster/index.js";
import { addTargetFlags, connect, kubeconfigOf, must, type TargetFlags } from "./api.js";
import { CliError } from "./errors.js";

interface WhyFlags extends TargetFlags {
  readonly namespace?: string;
  readonly output: "text" | "json";
}

export function whyCommand(): Command {
  const command = new Command("why")
    .description("say what an object waits for, by which rule, and what would let it go on")
    .argument("<object...>", "TYPE/NAME or TYPE NAME, as kubectl has it: pod/web-0, sts web")
    .option("-n, --namespace <name>", "namespace of the object (default: that of the kubeconfig)")
    .addOption(new Option("-o, --output <format>", "how it is said").choices(["text", "json"]).default("text"));
  return addTargetFlags(command)
    .addHelpText(
      "after",
      `
It knows pods, StatefulSets, Deployments, ReplicaSets, Jobs, claims, volumes, Services, namespaces, and pods that are yet to be made.

Examples:
  $ mockube why pod/web-1
  $ mockube why sts web -n shop
  $ mockube why pvc/data-web-0 -o json
`,
    )
    .action((words: string[], flags: WhyFlags, self: Command) => why(words, flags, self));
}

/** `TYPE/NAME` of each object. Errors in kubectl's words. Source: cli-runtime pkg/resource builder.go ResourceTypeOrNameArgs, hasCombinedTypeArgs. */
export function targets(words: readonly string[]): string[] {
  const combined = words.filter((word) => word.includes("/")).length;
  if (combined === words.length) return [...words];
  if (combined > 0)
    throw new CliError(
      "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'mockube why resource/<resource_name>' instead of 'mockube why resource resource/<resource_name>'",
    );
  const [type, ...names] = words;
  if (names.length === 0) throw new CliError(`which one? say ${type}/NAME`);
  return names.map((name) => `${type}/${name}`);
}

async function why(words: readonly string[], flags: WhyFlags, command: Command): Promise<void> {
  const objects = targets(words);
  const file = kubeconfigOf(command, flags);
  const api = await connect(file);
  const namespace = flags.namespace ?? api.namespace;
  const told: Explanation[] = [];
  for (const object of objects) {
    const query = new URLSearchParams({ object, namespace });
    told.push((await must(api.ask("GET", `/mockube/why?${query}`))) as Explanation);
  }
  const text =
    flags.output === "text"
      ? told.map((one) => one.text).join("\n")
      : JSON.stringify(told.length === 1 ? told[0] : { apiVersion: "v1", kind: "List", items: told }, null, 2);
  process.stdout.write(`${text}\n`);
}
