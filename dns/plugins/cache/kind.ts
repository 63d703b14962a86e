import { type Answer, CLASS_ANY, CLASS_IN, OPAQUE, type Question, RCODE, type ResourceRecord, TYPE, typeOf } from "../../wire/records.js";

/**
 * What an answer is to a cache. `other` is never kept. Source: CoreDNS plugin/pkg/response/typify.go, and plugin/cache cacheResponseType, key.
 */
export type Kind = "success" | "delegation" | "nxdomain" | "nodata" | "failure" | "other";

const RRSIG = 46;
const ANY = 255;
/** Where a signature's times stand in its record (RFC 4034, section 3.1). */
const EXPIRATION = 8;
const INCEPTION = 12;
/** Seconds that are kept of what says no time of its own. Source: CoreDNS plugin/pkg/dnsutil MinimalDefaultTTL. */
export const MIN_TTL = 5;

/** Whether a signature's time has not come, or is over; `now` in seconds. Times are compared as serial numbers (RFC 1982). */
function isExpired({ data }: ResourceRecord, now: number): boolean {
  if (data.type !== OPAQUE || data.of !== RRSIG || data.bytes.length < INCEPTION + 4) return false;
  const view = Buffer.from(data.bytes);
  const after = (from: number, to: number): boolean => ((to - from) | 0) >= 0;
  return !(after(view.readUInt32BE(INCEPTION), now) && after(now, view.readUInt32BE(EXPIRATION)));
}

const hasType = (records: readonly ResourceRecord[], type: number): boolean => records.some(({ data }) => typeOf(data) === type);

/** Where the aliases lead from a name, lower case; undefined when they do not lead to one name. */
function terminal(answers: readonly ResourceRecord[], from: string): string | undefined {
  const seen = new Set<string>();
  for (let name = from; ; ) {
    if (seen.has(name)) return undefined;
    seen.add(name);
    const targets = new Set<string>();
    for (const record of answers) if (record.data.type === TYPE.CNAME && record.name.toLowerCase() === name) targets.add(record.data.target.toLowerCase());
    if (targets.size > 1) return undefined;
    const [target] = targets;
    if (target === undefined) return name;
    name = target;
  }
}

/** Whether what was asked for is among the answers, at the end of the aliases (RFC 1034, section 3.6.2). `name`: lower case. */
export function answersQuestion({ rcode, answers: all }: Answer, name: string, { type, class: of }: Question): boolean {
  if (rcode !== RCODE.NOERROR) return false;
  const answers = all.filter((record) => of === CLASS_ANY || (record.class ?? CLASS_IN) === of);
  const at = (owner: string, wanted: (type: number) => boolean): boolean =>
    answers.some((record) => record.name.toLowerCase() === owner && wanted(typeOf(record.data)));
  if (type === ANY) return at(name, () => true);
  if (type === TYPE.CNAME) return at(name, (is) => is === TYPE.CNAME) && terminal(answers, name) !== undefined;
  const end = terminal(answers, name);
  return end !== undefined && at(end, (is) => is === type);
}

/** `now` in seconds; `signed`: the client wants signatures, so their times count. */
export function kindOf(answer: Answer, name: string, question: Question, now: number, signed: boolean): Kind {
  const { rcode, answers, authorities, additionals } = answer;
  if (question.type === TYPE.AXFR || question.type === TYPE.IXFR) return "other";
  if (signed && [...answers, ...authorities, ...additionals].some((record) => isExpired(record, now))) return "other";
  const soa = hasType(authorities, TYPE.SOA);
  switch (rcode) {
    case RCODE.NOERROR:
      if (answers.length > 0) return soa && !answersQuestion(answer, name, question) ? "nodata" : "success";
      return soa ? "nodata" : hasType(authorities, TYPE.NS) ? "delegation" : "success";
    case RCODE.NXDOMAIN:
      return answers.length > 0 ? "other" : "nxdomain";
    case RCODE.SERVFAIL:
    case RCODE.NOTIMP:
      return "failure";
    default:
      return "other";
  }
}

/** Whether an answer may be given again. Source: CoreDNS plugin/cache key. */
export function isKeepable(answer: Answer, kind: Kind, name: string, question: Question): boolean {
  if (answer.tc || kind === "other") return false;
  // without a SOA nobody knows how long a name will not be there, nor what an alias leads to (RFC 2308, section 5)
  if (kind === "nxdomain") return hasType(answer.authorities, TYPE.SOA);
  return kind !== "success" || answer.answers.length === 0 || answersQuestion(answer, name, question);
}

/** The least TTL of an answer in seconds, `most` at most. Source: CoreDNS plugin/pkg/dnsutil MinimalTTLWithMaximum. */
export function leastTtl({ answers, authorities, additionals }: Answer, kind: Kind, most: number): number {
  if (kind !== "success" && kind !== "nxdomain" && kind !== "nodata") return MIN_TTL;
  const records = [...answers, ...authorities, ...additionals];
  return records.length === 0 ? MIN_TTL : records.reduce((least, { ttl }) => Math.min(least, ttl), most);
}
