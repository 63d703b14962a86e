import type { Answer, RecordData, ResourceRecord } from "../../wire/records.js";
import { TYPE } from "../../wire/records.js";
import type { Replace } from "./match.js";

/** What is asked, as rules see it: the name in lower case, with its last dot. */
export interface Asked {
  readonly name: string;
  readonly type: number;
}

/** What is done to an answer. */
export type Undo =
  | { readonly kind: "name" | "value"; readonly replace: Replace }
  | { readonly kind: "ttl"; readonly min: number; readonly max: number }
  | { readonly kind: "rcode"; readonly from: number; readonly to: number };

/** What becomes of a question, where something does, and what is then to be done to its answer. A name that is given is asked for as it is given, in lower case. */
export interface Rewritten extends Partial<Asked> {
  readonly undo: readonly Undo[];
}

/** One `rewrite`; undefined when it is not for this question. */
export interface Rule {
  readonly stop: boolean;
  rewrite(asked: Asked): Rewritten | undefined;
}

/** The replaced name without the dot at its end; the name itself where nothing matches. */
function replaced(name: string, replace: Replace): string {
  const text = replace(`${name}.`);
  return text === undefined ? name : text.replace(/(?<!\\)\.$/, "");
}

/** Source: CoreDNS plugin/rewrite/reverter.go getRecordValueForRewrite. */
function withValue(data: RecordData, replace: Replace): RecordData {
  switch (data.type) {
    case TYPE.SRV:
    case TYPE.MX:
    case TYPE.CNAME:
    case TYPE.NS:
    case TYPE.PTR:
      return { ...data, target: replaced(data.target, replace) };
    case TYPE.SOA:
      return { ...data, primary: replaced(data.primary, replace) };
    default:
      return data;
  }
}

function recordAfter(record: ResourceRecord, undo: Undo): ResourceRecord {
  switch (undo.kind) {
    case "name":
      return { ...record, name: replaced(record.name, undo.replace) };
    case "value":
      return { ...record, data: withValue(record.data, undo.replace) };
    case "ttl":
      return { ...record, ttl: Math.min(Math.max(record.ttl, undo.min), undo.max) };
    default:
      return record;
  }
}

/** The answer as the client may see it; the last rule is undone first. */
export function undone(answer: Answer, undo: readonly Undo[]): Answer {
  const backwards = undo.toReversed();
  const all = (records: readonly ResourceRecord[]): ResourceRecord[] => records.map((record) => backwards.reduce(recordAfter, record));
  const rcode = backwards.reduce((code, rule) => (rule.kind === "rcode" && rule.from === code ? rule.to : code), answer.rcode);
  // a TTL that is bounded is not the one that a cache counts down
  const aging = undo.some(({ kind }) => kind === "ttl") ? undefined : answer.aging;
  return { ...answer, rcode, aging, answers: all(answer.answers), authorities: all(answer.authorities), additionals: all(answer.additionals) };
}
