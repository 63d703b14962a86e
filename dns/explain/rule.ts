import type { ZoneView } from "../plugins/kubernetes/zone.js";
import { type Answer, labelsOf, RCODE, TYPE } from "../wire/records.js";

/** A service that a name is about. */
export interface Place {
  readonly namespace: string;
  readonly service: string;
  /** The one endpoint of it that the name is about, as the name has it: its hostname, the name of its pod, or its address with dashes. */
  readonly endpoint?: string;
}

export interface Explanation {
  /** In words: why the answer is this one. */
  readonly rule: string;
  /** The service behind it, whether or not it is there. */
  readonly place: Place | undefined;
}

/** The labels left of the cluster's domain; undefined outside of it. */
function baseOf(name: string, domain: string): readonly string[] | undefined {
  const [labels, zone] = [labelsOf(name.toLowerCase()), labelsOf(domain)];
  const from = labels.length - zone.length;
  return from >= 0 && zone.every((label, i) => labels[from + i] === label) ? labels.slice(0, from) : undefined;
}

function serviceRule(base: readonly string[], answer: Answer, zone: ZoneView): Explanation {
  const [service, namespace] = base.slice(-3, -1);
  const left = base.slice(0, -3);
  const found = zone.service(namespace, service);
  const place = { namespace, service };
  if (!found) return { rule: `there is no service ${namespace}/${service}`, place };
  if (found.kind === "ExternalName") return { rule: `an ExternalName service stands for another name: ${found.externalName}`, place };
  const ready = zone.endpoints(namespace, service).length;
  const what = found.kind === "Headless" ? "a headless service" : "a service with an address of its own";
  if (left.length === 1) {
    const there = zone.endpoints(namespace, service, left[0]).length > 0;
    if (!there) return { rule: `none of the ${ready} endpoints that count is called ${left[0]}`, place };
    const rule = "one endpoint by its hostname, or by its address with dashes";
    return { rule: answer.answers.length > 0 ? rule : `${rule}: the name is there, with no record of this type`, place: { ...place, endpoint: left[0] } };
  }
  if (answer.rcode === RCODE.NXDOMAIN) {
    if (found.kind === "Headless" && ready === 0)
      return { rule: "a headless service that no endpoint stands behind that counts: its name is not there", place };
    return { rule: `${what}, which has no such port`, place };
  }
  if (answer.answers.length === 0) return { rule: `${what}: the name is there, with no record of this type`, place };
  return { rule: found.kind === "Headless" ? "a headless service: what stands behind it, endpoint by endpoint" : `${what}: that address`, place };
}

function kubernetesRule(base: readonly string[], answer: Answer, zone: ZoneView): Explanation {
  const kind = base.at(-1);
  const nowhere = (rule: string): Explanation => ({ rule, place: undefined });
  if (kind === undefined) return nowhere("the cluster's domain itself");
  if (base[0] === "dns-version" && base.length === 1) return nowhere("the version of the specification that is followed");
  if (kind !== "svc" && kind !== "pod") return nowhere(`below the domain there are svc and pod, and no ${kind}`);
  if (base.length === 1) return nowhere("a level between: there are names below it, and it stands for nothing itself");
  const namespace = base.length === 2 ? base[0] : base[base.length - 2];
  if (!zone.hasNamespace(namespace)) return nowhere(`there is no namespace ${namespace}`);
  if (base.length === 2) return nowhere("a namespace: there are names below it, and it stands for nothing itself");
  if (kind === "svc") return base.length > 5 ? nowhere("no name of a service has that many parts") : serviceRule(base, answer, zone);
  return nowhere(
    answer.answers.length > 0
      ? "the name of a pod says its address"
      : "no address can be read from the name, or there is no pod that has it, or these names are disabled",
  );
}

/** Why a question got this answer. Pure: it looks at what the answer was made from. `domain`: lower case. */
export function explain(name: string, type: number, answer: Answer, zone: ZoneView, domain: string): Explanation {
  const nowhere = (rule: string): Explanation => ({ rule, place: undefined });
  if (answer.by === undefined)
    return nowhere(answer.rcode === RCODE.REFUSED ? "no server block of the Corefile is for this name" : (answer.error ?? "no plugin had an answer"));
  if (answer.by !== "kubernetes") return nowhere(`the plugin ${answer.by} answered${answer.error ? `: ${answer.error}` : ""}`);
  const base = baseOf(name, domain);
  if (base) return kubernetesRule(base, answer, zone);
  if (type !== TYPE.PTR) return nowhere("a zone of addresses");
  const target = answer.answers[0]?.data;
  if (target?.type !== TYPE.PTR) return nowhere("no service and no endpoint has this address");
  const named = baseOf(target.target, domain) ?? [];
  const [service, namespace] = named.slice(-3, -1);
  return named.length > 3
    ? { rule: "the address of an endpoint", place: { namespace, service, endpoint: named[0] } }
    : { rule: "the address of a service", place: { namespace, service } };
}
