import type { Client, ResourceRef } from "../client/client.js";
import { explain, type Place } from "../dns/explain/rule.js";
import { candidates, type PodDns, type Stub, stubOf } from "../dns/explain/search.js";
import type { DnsResponder } from "../dns/index.js";
import { rcodeName } from "../dns/wire/rcodes.js";
import { type Answer, CLASS_IN, labelsOf, nameOf } from "../dns/wire/records.js";
import { recordText } from "../dns/wire/text.js";
import { typeName, typeNumber } from "../dns/wire/types.js";
import type { KubeObject } from "../kinds/object.js";
import { badRequest } from "../server/errors.js";

/** What `GET /mockube/dns/query` answers. */
export interface DnsQuery {
  readonly from: { readonly namespace: string; readonly pod?: string } & Stub;
  /** Names in the order they were asked for, without the last dot. */
  readonly tried: readonly { readonly name: string; readonly rcode: string; readonly records: number }[];
  readonly name: string;
  readonly type: string;
  readonly rcode: string;
  /** Records as zone files have them. */
  readonly answers: readonly string[];
  readonly additionals: readonly string[];
  readonly plugin: string | undefined;
  readonly rule: string;
  /** What stands behind it: `Service default/nginx (headless)`. */
  readonly objects: readonly string[];
}

const PODS: ResourceRef = { group: "", version: "v1", resource: "pods" };
const SERVICES: ResourceRef = { group: "", version: "v1", resource: "services" };
const SLICES: ResourceRef = { group: "discovery.k8s.io", version: "v1", resource: "endpointslices" };

interface SliceEndpoint {
  readonly addresses?: readonly string[];
  readonly hostname?: string;
  readonly conditions?: { readonly ready?: boolean };
  readonly targetRef?: { readonly kind?: string; readonly name?: string };
}

function endpointLine({ addresses, hostname, conditions, targetRef }: SliceEndpoint): string {
  const of = targetRef?.name ? `, ${targetRef.kind} ${targetRef.name}` : "";
  return `${(addresses ?? []).join(" ")}${hostname ? ` ${hostname}` : ""} ${conditions?.ready === false ? "not ready" : "ready"}${of}`;
}

const isCalled = ({ addresses, hostname, targetRef }: SliceEndpoint, name: string): boolean =>
  hostname === name || targetRef?.name === name || (addresses ?? []).some((address) => address.replace(/[.:]/g, "-") === name);

/** The objects of a service: itself, its slices and what they list; of one endpoint, what lists it. */
async function objectsOf(client: Client, { namespace, service, endpoint: one }: Place): Promise<string[]> {
  const { items } = await client.resource(SERVICES).list(namespace, { fieldSelector: `metadata.name=${service}` });
  const slices = await client.resource(SLICES).list(namespace, { labelSelector: `kubernetes.io/service-name=${service}` });
  const specOf = ({ spec }: KubeObject) => spec as { readonly type?: string; readonly clusterIP?: string; readonly externalName?: string };
  const kind = (object: KubeObject): string => {
    const { type, clusterIP, externalName } = specOf(object);
    return type === "ExternalName" ? `ExternalName ${externalName}` : clusterIP === "None" ? "headless" : `${clusterIP}`;
  };
  return [
    ...items.map((object) => `Service ${namespace}/${service} (${kind(object)})`),
    ...slices.items.flatMap((slice) => {
      const name = `EndpointSlice ${namespace}/${slice.metadata.name}`;
      const endpoints = (slice.endpoints ?? []) as readonly SliceEndpoint[];
      if (one !== undefined) return endpoints.filter((endpoint) => isCalled(endpoint, one)).map((endpoint) => `${name}: ${endpointLine(endpoint)}`);
      return endpoints.length === 0 ? [`${name}: no endpoints`] : endpoints.map((endpoint) => `${name}: ${endpointLine(endpoint)}`);
    }),
  ];
}

/** Asks as a pod would, and says why the answer is this one. Errors: 400 for what cannot be asked, 404 for a pod that is not there. */
export async function dnsQuery(query: URLSearchParams, dns: DnsResponder, client: Client, domain: string): Promise<DnsQuery> {
  const name = query.get("name") ?? "";
  const type = typeNumber(query.get("type") ?? "A");
  if (name === "") throw badRequest("parameter name is required");
  if (type === undefined) throw badRequest(`there is no type ${query.get("type")}`);
  if (labelsOf(name).some(({ length }) => length > 63) || /\.\.|^\../.test(name) || name.length > 254) throw badRequest(`${name} is no name`);
  const [namespace, pod] = (query.get("from") || "default").split("/");
  const spec = pod ? ((await client.resource(PODS).get(namespace, pod)).spec as PodDns) : undefined;
  const stub = stubOf(namespace, domain, spec);
  const tried: DnsQuery["tried"][number][] = [];
  let last: { readonly name: string; readonly answer: Answer } | undefined;
  for (const candidate of stub.cluster ? candidates(name, stub) : []) {
    const answer = await askFor(dns, candidate, type);
    tried.push({ name: candidate, rcode: rcodeName(answer.rcode), records: answer.answers.length });
    last = { name: candidate, answer };
    if (answer.answers.length > 0) break;
  }
  const from = { namespace, pod, ...stub };
  if (!last) {
    const rule = "this pod asks the resolver of its node (dnsPolicy), and not the cluster's DNS";
    return { from, tried, name, type: typeName(type), rcode: "", answers: [], additionals: [], plugin: undefined, rule, objects: [] };
  }
  // where nothing was found, the first name that could have been meant tells most
  const told = last.answer.answers.length > 0 ? last : { name: tried[0].name, answer: await askFor(dns, tried[0].name, type) };
  const { rule, place } = explain(told.name, type, told.answer, dns.zone, domain);
  return {
    from,
    tried,
    name: told.name,
    type: typeName(type),
    rcode: rcodeName(told.answer.rcode),
    answers: told.answer.answers.map(recordText),
    additionals: told.answer.additionals.map(recordText),
    plugin: told.answer.by,
    rule,
    objects: place ? await objectsOf(client, place) : [],
  };
}

async function askFor(dns: DnsResponder, name: string, type: number): Promise<Answer> {
  const labels = labelsOf(name);
  const question = { labels, type, class: CLASS_IN };
  return dns.ask({
    question,
    name: nameOf(labels).toLowerCase(),
    id: 0,
    flags: 0x0100,
    edns: undefined,
    transport: "tcp",
    peer: { address: "127.0.0.1", port: 0 },
    size: name.length + 18,
    depth: 0,
  });
}
