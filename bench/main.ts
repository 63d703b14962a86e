#!/usr/bin/env node
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError } from "commander";
import { compareWithUpstream } from "./beside/compare.js";
import { MEASUREMENTS, run } from "./run.js";
import { besideTable, loadTable, table } from "./table.js";

const built = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const NAMES = MEASUREMENTS.map((m) => m.name);

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError("must be a number above 0.");
  return value;
}

function names(text: string): string[] {
  const wanted = text.split(",");
  const unknown = wanted.filter((name) => !NAMES.includes(name));
  if (unknown.length) throw new InvalidArgumentError(`unknown: ${unknown.join(", ")}; there are ${NAMES.join(", ")}.`);
  return wanted;
}

const program = new Command("bench")
  .description("Measures mockube, or any API server, and what bare Fastify and better-sqlite3 reach with the same bytes.")
  .option("--target <kubeconfig>", "API server to measure instead of a mockube started for it")
  .option("--pid <pid>", "process of the target whose memory is measured", positive)
  .option("--only <names>", `some of ${NAMES.join(", ")}, separated by commas`, names)
  .option("--json <file>", "write the figures as JSON; - prints them instead of the table")
  .option("--runs <count>", "repetitions of what is a median", positive, 10)
  .option("--workers <count>", "requests in flight", positive, 16)
  .option("--scale <factor>", "factor on the numbers of objects", positive, 1)
  .option("--no-ceiling", "leave the ceiling out")
  .option("--beside <folder>", "measure beside kube-apiserver and etcd instead, which lie built in this folder (bench/go/README.md); needs Go")
  .option("--coredns <program>", "point this CoreDNS at mockube's API and compare its answers with mockube's own, instead of measuring")
  .option("--dnsperf <program>", "with --coredns: how many questions a second both answer, and how fast, as this dnsperf sees it")
  .option("--seed <number>", "of what is compared", positive, 1)
  .parse();
const flags = program.opts<{
  target?: string;
  pid?: number;
  only?: string[];
  json?: string;
  runs: number;
  workers: number;
  scale: number;
  ceiling: boolean;
  beside?: string;
  coredns?: string;
  dnsperf?: string;
  seed: number;
}>();
/** Prints the figures, as JSON where `--json -` says so, and writes them to the file that `--json` names. */
async function tell(figures: unknown, shown: string): Promise<void> {
  const json = `${JSON.stringify(figures, undefined, 2)}\n`;
  process.stdout.write(flags.json === "-" ? json : `${shown}\n`);
  if (flags.json && flags.json !== "-") await writeFile(flags.json, json);
}

if (flags.dnsperf && !flags.coredns) program.error("error: --dnsperf needs --coredns, which it measures beside");
if (flags.dnsperf && flags.coredns) {
  const { compareUnderLoad } = await import("./beside/dnsperf.js");
  const figures = await compareUnderLoad({
    ...flags,
    coredns: flags.coredns,
    dnsperf: flags.dnsperf,
    cli: built("../cli/main.js"),
    onProgress: (what) => process.stderr.write(`${what} …\n`),
  });
  await tell(figures, loadTable(figures));
  process.exit();
}
if (flags.coredns) {
  const { compareWithCoreDns } = await import("./beside/coredns.js");
  const agreements = await compareWithCoreDns({
    program: flags.coredns,
    questions: Math.round(1000 * flags.scale),
    seed: flags.seed,
    onProgress: (what) => process.stderr.write(`${what} …\n`),
  });
  for (const { options, questions, differences } of agreements) {
    process.stdout.write(
      `${options}: ${questions - differences.length} of ${questions} answers are the same\n${differences.map((one) => `${one}\n`).join("")}`,
    );
  }
  process.exit(agreements.some(({ differences }) => differences.length > 0) ? 1 : 0);
}
if (flags.beside) {
  const ratios = await compareWithUpstream({
    ...flags,
    cli: built("../cli/main.js"),
    upstream: flags.beside,
    sources: built("../../bench/go"),
    onProgress: (what) => process.stderr.write(`${what} …\n`),
  });
  await tell(ratios, besideTable(ratios));
  process.exit();
}
const report = await run({
  ...flags,
  cli: built("../cli/main.js"),
  ceiling: flags.ceiling ? built("ceiling.js") : undefined,
  onProgress: (name) => process.stderr.write(`${name} …\n`),
});
await tell(report, table(report));
if (report.figures.some((figure) => figure.value === null)) process.exitCode = 1;
