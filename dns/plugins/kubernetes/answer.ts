import { type Address, parseAddress, reverseAddress } from "../../wire/address.js";
import { type Answer, nameOf, type Question, RCODE, type RecordData, type ResourceRecord, TYPE } from "../../wire/records.js";
import type { ZonePort, ZoneView } from "./zone.js";

/** What is configured: CoreDNS's `kubernetes cluster.local in-addr.arpa ip6.arpa { pods insecure; ttl 5 }`. */
export interface AnswerOptions {
  /** Lower case, without the last dot. The first that is not a reverse zone is the one that pointers point into. */
  readonly zones: readonly string[];
  /** Seconds. */
  readonly ttl: number;
  /** Names `10-0-0-1.<namespace>.pod`: answered as asked, only for pods that are there, or never. */
  readonly pods: PodsMode;
}

export const PODS_MODES = ["insecure", "verified", "disabled"] as const;
export type PodsMode = (typeof PODS_MODES)[number];

export const DEFAULT_OPTIONS: AnswerOptions = { zones: ["cluster.local", "in-addr.arpa", "ip6.arpa"], ttl: 5, pods: "insecure" };

/** Version of the Kubernetes DNS specification that is followed, and how long to keep it. */
const DNS_VERSION = "1.1.0";
const DNS_VERSION_TTL = 28800;
/** How many CNAMEs are followed. */
const MAX_CHAIN = 10;

/** One thing a name stands for: an address with the name and port an SRV gives it, or another name. */
type Target =
  | { readonly address: Address; readonly host: string; readonly port: number; readonly alias?: undefined }
  | { readonly alias: string; readonly address?: undefined };

/** Nothing is there, not even a name below it: NXDOMAIN. */
type Missing = undefined;

/**
 * One question in its zone: the labels left of the zone in lower case, the zone as it was written in the question. `reverse`: what stands left of
 * in-addr.arpa (family 4) or ip6.arpa (6), for names below those.
 */
interface Query {
  readonly name: string;
  readonly base: readonly string[];
  readonly zone: string;
  readonly reverse: { readonly family: 4 | 6; readonly labels: readonly string[] } | undefined;
}

interface Found {
  readonly answers: readonly ResourceRecord[];
  readonly additionals?: readonly ResourceRecord[];
}

const REVERSE = [
  { zone: ["in-addr", "arpa"], family: 4 },
  { zone: ["ip6", "arpa"], family: 6 },
] as const;

const lower = (labels: readonly string[]): string[] => labels.map((l) => l.toLowerCase());

/** Whether the labels are `tail` or below it. */
export function endsWith(labels: readonly string[], tail: readonly string[]): boolean {
  const from = labels.length - tail.length;
  return from >= 0 && tail.every((l, i) => labels[from + i] === l);
}

const labelsOf = (zone: string): readonly string[] => (zone === "" ? [] : zone.split("."));

/** Whether names in a zone are addresses. */
export const isReverse = (zone: string): boolean => /(^|\.)(in-addr|ip6)\.arpa$/.test(zone);

/** A question in the longest of the zones it is in. Source: CoreDNS plugin.Zones.Matches. */
function locate(labels: readonly string[], options: AnswerOptions): Query | undefined {
  const low = lower(labels);
  let size = -1;
  for (const zone of options.zones) {
    const tail = labelsOf(zone);
    if (tail.length > size && endsWith(low, tail)) size = tail.length;
  }
  if (size < 0) return undefined;
  const cut = labels.length - size;
  const reverse = REVERSE.find((r) => low.length > r.zone.length && endsWith(low, r.zone));
  return {
    name: nameOf(labels),
    base: low.slice(0, cut),
    zone: nameOf(labels.slice(cut)),
    reverse: reverse && { family: reverse.family, labels: low.slice(0, -2) },
  };
}

/** Where the names are that pointers point to. */
const primary = (options: AnswerOptions): string => options.zones.find((zone) => !isReverse(zone)) ?? "";

const wanted = (port: ZonePort, name: string, protocol: string): boolean =>
  (name === "" || name === port.name) && (protocol === "" || protocol === port.protocol);

const unprefixed = (label: string): string => (label.startsWith("_") ? label.slice(1) : label);

function servicesAt(query: Query, zone: ZoneView): readonly Target[] | Missing {
  const { base } = query;
  const [service, namespace] = base.slice(-3, -1);
  const left = base.slice(0, -3);
  // what stands left of the service: an endpoint, or a port and a protocol with or without their underscores
  const host = left.length === 1 ? left[0] : "";
  const [port, protocol] = left.length === 2 ? left.map(unprefixed) : ["", ""];
  const found = zone.service(namespace, service);
  if (!found) return undefined;
  const at = `${found.name}.${found.namespace}.svc.${query.zone}`;
  if (found.kind === "ExternalName") return left.length > 0 || parseAddress(found.externalName) ? undefined : [{ alias: found.externalName }];
  const targets: Target[] = [];
  if (found.kind === "Headless" || host !== "") {
    for (const e of zone.endpoints(namespace, service, host)) {
      for (const p of e.ports) {
        if (wanted(p, port, protocol)) targets.push(e.address ? { address: e.address, host: `${e.host}.${at}`, port: p.port } : { alias: e.alias });
      }
    }
    return targets.length ? targets : undefined;
  }
  for (const p of found.ports) {
    if (wanted(p, port, protocol)) for (const address of found.addresses) targets.push({ address, host: at, port: p.port });
  }
  return targets.length ? targets : undefined;
}

function podsAt(query: Query, zone: ZoneView, options: AnswerOptions): readonly Target[] | Missing {
  if (options.pods === "disabled") return undefined;
  // whatever stands left of the pod is not looked at
  const [pod, namespace] = query.base.length === 2 ? ["", query.base[0]] : query.base.slice(-3, -1);
  if (pod === "") return [];
  const dotted = pod.split("-").length === 4 && !pod.includes("--");
  const address = parseAddress(pod.replaceAll("-", dotted ? "." : ":"));
  if (!address) return undefined;
  if (options.pods === "verified" && !zone.hasPod(namespace, address.text)) return undefined;
  return [{ address, host: `${pod}.${namespace}.pod.${query.zone}`, port: 0 }];
}

/**
 * What a name stands for: nothing but the name (an empty list: NODATA) or not even that (Missing). Source: CoreDNS plugin/kubernetes parse.go and
 * kubernetes.go (Records, findServices, findPods): the shape is [endpoint | port.protocol].service.namespace.(svc|pod).
 */
function lookup(query: Query, zone: ZoneView, options: AnswerOptions): readonly Target[] | Missing {
  const { base } = query;
  const kind = base.at(-1);
  if (kind === undefined) return [];
  if (kind !== "svc" && kind !== "pod") return undefined;
  if (base.length === 1) return [];
  if (base.length > 5 || query.reverse || !zone.hasNamespace(base[base.length - 2])) return undefined;
  if (kind === "pod") return podsAt(query, zone, options);
  return base.length === 2 ? [] : servicesAt(query, zone);
}

/** `ns.dns.<zone>`, the name in the SOA. It has no address here; like CoreDNS it is known only when the zone is written in lower case. */
const isNameServer = (query: Query): boolean =>
  query.base.length === 2 && query.base[0] === "ns" && query.base[1] === "dns" && query.zone === query.zone.toLowerCase();

const resolve = (query: Query, zone: ZoneView, options: AnswerOptions): readonly Target[] | Missing =>
  isNameServer(query) ? [] : lookup(query, zone, options);

/** A and AAAA, through aliases that stay in the zone; one that leads nowhere there is left out (CoreDNS plugin/backend_lookup.go A, AAAA). */
function addresses(query: Query, family: 4 | 6, zone: ZoneView, options: AnswerOptions, chain: readonly string[] = []): readonly ResourceRecord[] | Missing {
  const targets = resolve(query, zone, options);
  if (!targets) return undefined;
  const records: ResourceRecord[] = [];
  const seen = new Set<string>();
  for (const target of targets) {
    if (target.address) {
      if (target.address.family !== family || seen.has(target.address.text)) continue;
      seen.add(target.address.text);
      records.push({ name: query.name, ttl: options.ttl, data: { type: family === 4 ? TYPE.A : TYPE.AAAA, address: target.address } });
      continue;
    }
    const alias = target.alias.replace(/\.$/, "");
    const labels = alias.split(".");
    // an alias of itself or of a name below itself would lead in circles
    if (endsWith(lower(labels), lower(query.name.split("."))) || chain.length > MAX_CHAIN || chain.includes(alias)) continue;
    const record: ResourceRecord = { name: query.name, ttl: options.ttl, data: { type: TYPE.CNAME, target: alias } };
    const next = locate(labels, options);
    if (!next || next.zone.toLowerCase() !== query.zone.toLowerCase()) {
      // nothing outside the zone is resolved here
      records.push(record);
      continue;
    }
    const more = addresses(next, family, zone, options, [...chain, alias]);
    if (more?.length) records.push(record, ...more);
  }
  return records;
}

/** SRV with the addresses of its targets. Each port of each endpoint counts in the weights, duplicates too (CoreDNS plugin/backend_lookup.go SRV). */
function services(query: Query, zone: ZoneView, options: AnswerOptions): Found | Missing {
  const targets = resolve(query, zone, options)?.filter((t) => t.address !== undefined);
  if (!targets) return undefined;
  const weight = Math.floor((100 / (100 * targets.length)) * 100) || 1;
  const answers: ResourceRecord[] = [];
  const additionals: ResourceRecord[] = [];
  const seen = new Set<string>();
  const once = (key: string): boolean => !seen.has(key) && seen.add(key) !== undefined;
  for (const { address, host, port } of targets) {
    if (port === -1) continue;
    if (once(`${host} ${port}`)) answers.push({ name: query.name, ttl: options.ttl, data: { type: TYPE.SRV, priority: 0, weight, port, target: host } });
    if (once(`${host} @${address.text}`))
      additionals.push({ name: host, ttl: options.ttl, data: { type: address.family === 4 ? TYPE.A : TYPE.AAAA, address } });
  }
  return { answers, additionals };
}

function pointers(query: Query, zone: ZoneView, options: AnswerOptions): Found | Missing {
  const address = query.reverse && reverseAddress(query.reverse.labels, query.reverse.family);
  // a name that is no address has no PTR, but it may be there all the same
  if (address === undefined) return lookup(query, zone, options) && { answers: [] };
  const [service] = zone.servicesAt(address);
  const below = service ? [`${service.name}.${service.namespace}`] : zone.endpointsAt(address).map((e) => `${e.host}.${e.service}.${e.namespace}`);
  if (below.length === 0) return undefined;
  return {
    answers: Array.from(new Set(below), (name) => {
      const data: RecordData = { type: TYPE.PTR, target: [name, "svc", primary(options)].filter(Boolean).join(".") };
      return { name: query.name, ttl: options.ttl, data };
    }),
  };
}

function texts(query: Query, zone: ZoneView, options: AnswerOptions): Found | Missing {
  if (query.base.length === 1 && query.base[0] === "dns-version") {
    return { answers: [{ name: query.name, ttl: DNS_VERSION_TTL, data: { type: TYPE.TXT, texts: [DNS_VERSION] } }] };
  }
  // unlike every other type, TXT denies the levels between: they stand for nothing
  return lookup(query, zone, options)?.length ? { answers: [] } : undefined;
}

function aliases(query: Query, zone: ZoneView, options: AnswerOptions): Found | Missing {
  const targets = resolve(query, zone, options);
  if (!targets) return undefined;
  const alias = targets[0]?.alias?.replace(/\.$/, "");
  return { answers: alias === undefined ? [] : [{ name: query.name, ttl: options.ttl, data: { type: TYPE.CNAME, target: alias } }] };
}

function soa(query: Query, zone: ZoneView, options: AnswerOptions): ResourceRecord {
  const data: RecordData = {
    type: TYPE.SOA,
    primary: `ns.dns.${query.zone}`,
    mailbox: `hostmaster.${query.zone}`,
    serial: zone.serial,
    refresh: 7200,
    retry: 1800,
    expire: 86400,
    minimum: options.ttl,
  };
  return { name: query.zone, ttl: Math.min(options.ttl, 300), data };
}

function find(type: number, query: Query, zone: ZoneView, options: AnswerOptions): Found | Missing {
  switch (type) {
    case TYPE.A:
    case TYPE.AAAA: {
      const answers = addresses(query, type === TYPE.A ? 4 : 6, zone, options);
      return answers && { answers };
    }
    case TYPE.SRV:
      return services(query, zone, options);
    case TYPE.PTR:
      return pointers(query, zone, options);
    case TYPE.TXT:
      return texts(query, zone, options);
    case TYPE.CNAME:
      return aliases(query, zone, options);
    case TYPE.SOA:
      // below the apex nothing is looked up: a SOA question is never denied
      return { answers: query.base.length === 0 ? [soa(query, zone, options)] : [] };
    default:
      return resolve(query, zone, options) && { answers: [] };
  }
}

const REFUSED: Answer = { rcode: RCODE.REFUSED, aa: false, answers: [], authorities: [], additionals: [] };

/** Answers one question of class IN from the zone, as CoreDNS 1.15's kubernetes plugin does; undefined outside its zones. Pure. Zone transfers are REFUSED. */
export function answerIn(question: Question, zone: ZoneView, options: AnswerOptions): Answer | undefined {
  const query = locate(question.labels, options);
  if (!query) return undefined;
  if (question.type === TYPE.AXFR || question.type === TYPE.IXFR) return REFUSED;
  const found = find(question.type, query, zone, options);
  if (found?.answers.length) return { ...REFUSED, rcode: RCODE.NOERROR, aa: true, answers: found.answers, additionals: found.additionals ?? [] };
  return { ...REFUSED, rcode: found ? RCODE.NOERROR : RCODE.NXDOMAIN, aa: true, authorities: [soa(query, zone, options)] };
}

/** The same of a server that has no other names: outside the zones everything is REFUSED. */
export const answer = (question: Question, zone: ZoneView, options: AnswerOptions = DEFAULT_OPTIONS): Answer => answerIn(question, zone, options) ?? REFUSED;
