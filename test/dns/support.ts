import type { Informer, InformerHandler, Informers, ResourceRef } from "../../client/client.js";
import { Blocks } from "../../dns/blocks.js";
import { createExchange, type Exchange } from "../../dns/exchange.js";
import { createMetrics } from "../../dns/metrics.js";
import type { Plugin } from "../../dns/plugin.js";
import { type AnswerOptions, answer, DEFAULT_OPTIONS } from "../../dns/plugins/kubernetes/answer.js";
import type { Zone } from "../../dns/plugins/kubernetes/zone.js";
import { type Address, formatAddress } from "../../dns/wire/address.js";
import { OPAQUE, type Question, RCODE, type RecordData, type ResourceRecord, TYPE, typeOf } from "../../dns/wire/records.js";
import type { KubeObject } from "../../kinds/object.js";

export const namespace = (name: string): KubeObject => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });

/** A service of namespace `default`, or of `name: "namespace/name"`. */
export function service(path: string, spec: object): KubeObject {
  const [name, ns = "default"] = path.split("/").reverse();
  return { apiVersion: "v1", kind: "Service", metadata: { name, namespace: ns }, spec };
}

/** A slice; endpoints as "address", "address host" or "address host notready" ("-" for no host); ports as "name:port/PROTOCOL". */
export function slice(name: string, of: string, endpoints: readonly string[], ports: readonly string[] = []): KubeObject {
  const [owner, ns = "default"] = of.split("/").reverse();
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name, namespace: ns, labels: { "kubernetes.io/service-name": owner } },
    addressType: endpoints[0]?.includes(":") ? "IPv6" : "IPv4",
    endpoints: endpoints.map((line) => {
      const [address, host = "-", ready] = line.split(" ");
      return {
        addresses: [address],
        ...(host === "-" ? {} : { hostname: host }),
        ...(ready ? { conditions: ready === "unknown" ? {} : { ready: ready === "ready" } } : {}),
      };
    }),
    ports: ports.map((p) => {
      const [, n, port, protocol] = /^(.*):(\d+)\/(\w+)$/.exec(p) ?? [];
      return { name: n, port: Number(port), protocol };
    }),
  };
}

const PUT = { Namespace: "putNamespace", Service: "putService", EndpointSlice: "putEndpointSlice", Pod: "putPod" } as const;

export function put(zone: Zone, ...objects: readonly KubeObject[]): Zone {
  for (const o of objects) zone[PUT[o.kind as keyof typeof PUT]](o);
  return zone;
}

const typeName = (n: number): string => Object.entries(TYPE).find(([, v]) => v === n)?.[0] ?? `TYPE${n}`;

function show(data: RecordData): string {
  switch (data.type) {
    case TYPE.A:
    case TYPE.AAAA:
      return formatAddress(data.address as Address);
    case TYPE.SRV:
      return `${data.priority} ${data.weight} ${data.port} ${data.target}.`;
    case TYPE.TXT:
      return data.texts.map((t) => JSON.stringify(t)).join(" ");
    case TYPE.SOA:
      return `${data.primary}. ${data.mailbox}. ${data.serial} ${data.refresh} ${data.retry} ${data.expire} ${data.minimum}`;
    case TYPE.MX:
      return `${data.preference} ${data.target}.`;
    case OPAQUE:
      return `\\# ${data.bytes.length} ${Buffer.from(data.bytes).toString("hex")}`;
    default:
      return `${data.target}.`;
  }
}

/** As a zone file has it. */
export const line = (r: ResourceRecord): string => `${r.name}. ${r.ttl} ${typeName(typeOf(r.data))} ${show(r.data)}`;

export function question(text: string): Question {
  const [name, type = "A"] = text.split(" ");
  return { labels: name.split(".").filter(Boolean), type: TYPE[type as keyof typeof TYPE] ?? Number(type), class: 1 };
}

/** Asks "name TYPE" and gives lines as a zone file has them: answers, then additionals after "+", or the rcode with the zone of the SOA: "NXDOMAIN cluster.local". */
export function ask(zone: Zone, text: string, options: Partial<AnswerOptions> = {}): readonly string[] {
  const a = answer(question(text), zone, { ...DEFAULT_OPTIONS, ...options });
  const rcode = Object.entries(RCODE).find(([, v]) => v === a.rcode)?.[0];
  if (a.answers.length) return [...a.answers.map(line), ...a.additionals.map((r) => `+ ${line(r)}`)].sort();
  return [[rcode === "NOERROR" ? "NODATA" : rcode, ...a.authorities.map((r) => r.name), ...(a.aa ? [] : ["not authoritative"])].join(" ")];
}

/** A server of one block for everything, made of plugins. */
export function exchangeOf(zone: Zone, plugins: readonly Plugin[], random: () => number = () => 0): Exchange {
  const blocks = new Blocks([{ zones: [""], plugins }]);
  return createExchange({ blocks: () => blocks, generation: () => zone.generation, metrics: createMetrics(), server: "dns://:53", random });
}

/** Answers what the zone says, and refuses the rest. */
export const plainly = (zone: Zone): Plugin => ({ name: "kubernetes", serve: ({ question }) => answer(question, zone) });

export const PEER = { address: "127.0.0.1", port: 40_000 };

/** Informers fed by hand. */
export class FakeInformers implements Informers {
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  readonly #handlers = new Map<string, Set<InformerHandler<KubeObject>>>();

  put(resource: string, object: KubeObject): void {
    const all = this.#of(resource);
    const key = `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
    const old = all.get(key);
    all.set(key, object);
    for (const h of this.#handlers.get(resource) ?? []) old ? h.update?.(object, old) : h.add?.(object);
  }

  remove(resource: string, object: KubeObject): void {
    this.#of(resource).delete(`${object.metadata.namespace ?? ""}/${object.metadata.name}`);
    for (const h of this.#handlers.get(resource) ?? []) h.delete?.(object);
  }

  handlers(): number {
    return [...this.#handlers.values()].reduce((n, set) => n + set.size, 0);
  }

  #of(resource: string): Map<string, KubeObject> {
    let all = this.#objects.get(resource);
    if (!all) {
      all = new Map();
      this.#objects.set(resource, all);
    }
    return all;
  }

  informer<T extends KubeObject>(ref: ResourceRef): Informer<T> {
    const all = this.#of(ref.resource);
    const mine = this.#handlers.get(ref.resource) ?? new Set();
    this.#handlers.set(ref.resource, mine);
    return {
      get: (ns, name) => all.get(`${ns}/${name}`) as T | undefined,
      list: () => [...all.values()] as T[],
      addIndex: () => {},
      byIndex: () => [],
      handle: (h) => {
        const handler = h as InformerHandler<KubeObject>;
        mine.add(handler);
        for (const o of all.values()) handler.add?.(o);
        return () => mine.delete(handler);
      },
    };
  }

  stop(): void {}
}
