import type { Address } from "./address.js";

/** Types of records and of questions (IANA numbers) that this server treats on their own. */
export const TYPE = { A: 1, NS: 2, CNAME: 5, SOA: 6, PTR: 12, MX: 15, TXT: 16, AAAA: 28, SRV: 33, OPT: 41, DS: 43, IXFR: 251, AXFR: 252 } as const;

/** What stands for the types that are passed on as they came; no type has this number (RFC 6895, section 3.1). */
export const OPAQUE = 0;

export const RCODE = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;

/** The class of everything in a cluster. */
export const CLASS_IN = 1;
export const CLASS_ANY = 255;

/** What a record says. Names are written without the last dot; a dot or backslash inside a label has a backslash before it. */
export type RecordData =
  | { readonly type: typeof TYPE.A | typeof TYPE.AAAA; readonly address: Address }
  | { readonly type: typeof TYPE.CNAME | typeof TYPE.PTR | typeof TYPE.NS; readonly target: string }
  | { readonly type: typeof TYPE.SRV; readonly priority: number; readonly weight: number; readonly port: number; readonly target: string }
  | { readonly type: typeof TYPE.MX; readonly preference: number; readonly target: string }
  | { readonly type: typeof TYPE.TXT; readonly texts: readonly string[] }
  | {
      readonly type: typeof TYPE.SOA;
      readonly primary: string;
      readonly mailbox: string;
      readonly serial: number;
      readonly refresh: number;
      readonly retry: number;
      readonly expire: number;
      readonly minimum: number;
    }
  /** A record of a type (`of`) that nothing here looks into; its names are written out in full. */
  | { readonly type: typeof OPAQUE; readonly of: number; readonly bytes: Uint8Array };

/** The type as it stands in messages. */
export const typeOf = (data: RecordData): number => (data.type === OPAQUE ? data.of : data.type);

/** One resource record; `ttl` in seconds. */
export interface ResourceRecord {
  readonly name: string;
  /** IN when absent. */
  readonly class?: number;
  readonly ttl: number;
  readonly data: RecordData;
}

/** What is asked: `labels` as they came (their case is kept in the answer), without the root. */
export interface Question {
  readonly labels: readonly string[];
  readonly type: number;
  readonly class: number;
}

/** How an answer is sent again. */
export interface Aging {
  /** The seconds that all its records have left, or undefined when it is this answer no more. Called (and counted) each time before it is sent again. */
  left(): number | undefined;
}

/** What is answered, apart from the message around it. */
export interface Answer {
  readonly rcode: number;
  /** Authoritative. */
  readonly aa: boolean;
  /** Recursion is available: what was forwarded says so. */
  readonly ra?: boolean;
  /** Data that was verified: only from upstream. */
  readonly ad?: boolean;
  /** Cut short before it came here. */
  readonly tc?: boolean;
  /** Options of EDNS that go to a client that speaks it. */
  readonly options?: Uint8Array;
  /** It came from another server: a failure it speaks of is that server's word. */
  readonly received?: boolean;
  /**
   * The same question is answered in the same way until something changes that this server watches (its zones, its files). Whoever wants to see each
   * question, or answers by other things, leaves it out.
   */
  readonly fixed?: boolean;
  /** It is kept by a cache and grows old. Whoever leaves out `fixed` leaves this out, too. */
  readonly aging?: Aging;
  /** Addresses are sent in another order each time (`loadbalance`). */
  readonly shuffle?: boolean;
  /** The plugin that answered. */
  readonly by?: string;
  /** Why it is no answer: for the log (`errors`), never for the client. */
  readonly error?: string;
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  readonly additionals: readonly ResourceRecord[];
}

const SPECIAL = /[.\\]/;

/** Joins labels to the written form of a name. */
export function nameOf(labels: readonly string[]): string {
  return labels.some((l) => SPECIAL.test(l)) ? labels.map((l) => l.replace(/[.\\]/g, "\\$&")).join(".") : labels.join(".");
}

/** The labels of a written name, with or without its last dot. */
export const labelsOf = (name: string): string[] => (name.match(/(?:\\.|[^.\\])+/gs) ?? []).map((label) => label.replace(/\\(.)/gs, "$1"));
