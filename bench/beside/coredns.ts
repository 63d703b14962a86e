import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { type Cluster, startCluster } from "../../cluster/index.js";
import { seededRandom } from "../../cluster/random.js";
import type { Reading } from "../../dns/wire/read.js";
import { type ResourceRecord, TYPE } from "../../dns/wire/records.js";
import { recordText } from "../../dns/wire/text.js";
import { typeName } from "../../dns/wire/types.js";
import { ask, needProgram, startCoreDns } from "./corednsprocess.js";
import { NAMESPACES, namesOf } from "./names.js";

/** How one Corefile fared. */
export interface Agreement {
  /** What stands in the braces of `kubernetes`. */
  readonly options: string;
  readonly questions: number;
  /** Both answers of each question that was not answered alike. */
  readonly differences: readonly string[];
}

export interface CoreDnsOptions {
  /** The program. */
  readonly program: string;
  readonly questions: number;
  readonly seed: number;
  onProgress?(what: string): void;
}

/** What is asked for in the braces of `kubernetes`: each is a Corefile of its own, for both. */
const CASES: readonly string[] = [
  "pods insecure",
  "pods verified",
  "pods disabled",
  "endpoint_pod_names",
  "namespaces default other",
  "labels team=red",
  "ttl 33",
  "fallthrough in-addr.arpa",
];
const MARKER = "marker.default.svc.cluster.local";

/** The serial is when each of them last saw a change. */
const lineOf = (record: ResourceRecord): string => recordText(record.data.type === TYPE.SOA ? { ...record, data: { ...record.data, serial: 0 } } : record);

/** An answer in one line; the order of records is nobody's. */
function shown(reading: Reading | undefined): string {
  if (!reading) return "no answer";
  const sections = [reading.answers, reading.authorities, reading.additionals].map((records) => records.map(lineOf).sort().join(", "));
  return [reading.header.flags.toString(16), ...sections].join(" | ");
}

/** A cluster with services and slices of all kinds, and a service that is the last to come. */
async function startFilled(seed: number, count: number, corefile: string) {
  const names = namesOf(seededRandom(seed), count);
  const cluster = await startCluster({ environment: "none", nodes: 0, controllers: false, dns: { corefile } });
  const services = cluster.client.resource({ group: "", version: "v1", resource: "services" });
  const slices = cluster.client.resource({ group: "discovery.k8s.io", version: "v1", resource: "endpointslices" });
  const namespaces = cluster.client.resource({ group: "", version: "v1", resource: "namespaces" });
  for (const name of NAMESPACES.slice(1)) await namespaces.create("", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  for (const { namespace, body } of names.services) await services.create(namespace, body as never);
  for (const { namespace, body } of names.slices) await slices.create(namespace, body as never);
  const metadata = { name: "marker", labels: { team: "red" } };
  await services.create("default", { apiVersion: "v1", kind: "Service", metadata, spec: { ports: [{ port: 1 }] } } as never);
  return { cluster, questions: names.questions };
}

async function compareOne(options: string, { program, questions, seed }: CoreDnsOptions, folder: string): Promise<Agreement> {
  const corefile = path.join(folder, "Corefile");
  await writeFile(corefile, `. {\nkubernetes cluster.local in-addr.arpa ip6.arpa {\n${options}\n}\n}\n`);
  const filled: { cluster: Cluster; questions: readonly { name: string; type: number }[] } = await startFilled(seed, questions, corefile);
  try {
    const kubeconfig = path.join(folder, "kubeconfig");
    await writeFile(kubeconfig, filled.cluster.kubeconfig);
    const coredns = await startCoreDns({ program, folder, kubeconfig, options, last: MARKER });
    try {
      const differences: string[] = [];
      for (const [i, { name, type }] of filled.questions.entries()) {
        const [ours, theirs] = await Promise.all([ask(filled.cluster.dnsPort ?? 0, name, type, i & 0xffff), ask(coredns.port, name, type, i & 0xffff)]);
        const [mine, other] = [shown(ours), shown(theirs)];
        if (mine !== other) differences.push(`${name} ${typeName(type)}\n  mockube: ${mine}\n  CoreDNS: ${other}`);
      }
      return { options, questions, differences };
    } finally {
      await coredns.stop();
    }
  } finally {
    await filled.cluster.stop();
  }
}

/**
 * Points a CoreDNS at mockube's API, and asks it and mockube's own responder the same questions, with one Corefile after the other: a test of both the API and
 * the names.
 */
export async function compareWithCoreDns(options: CoreDnsOptions): Promise<Agreement[]> {
  await needProgram(options.program);
  const folder = await mkdtemp(path.join(os.tmpdir(), "coredns-bench-"));
  try {
    const all: Agreement[] = [];
    for (const [i, one] of CASES.entries()) {
      options.onProgress?.(`kubernetes { ${one} }`);
      all.push(await compareOne(one, { ...options, seed: options.seed + i }, folder));
    }
    return all;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
