import { passData } from "./layouts.js";
import { isOption } from "./options.js";
import { readData } from "./rdata.js";
import { HEADER_SIZE, Malformed, Reader } from "./reader.js";
import { CLASS_IN, nameOf, type Question, type ResourceRecord, TYPE } from "./records.js";

// RFC 1035 section 4. The packets are read and written here and not by dns2, whose packets lose what decides between FORMERR, REFUSED and silence (half a
// question, a record that is not there), compress SRV targets against RFC 2782, and are built bit by bit.

/** The header: `flags` is the whole second word. */
export interface Header {
  readonly id: number;
  readonly flags: number;
  readonly counts: readonly [questions: number, answers: number, authorities: number, additionals: number];
}

/** The EDNS record of a query or answer: UDP payload size, and the word that is a TTL elsewhere (extended rcode, version, DO). */
export interface Edns {
  readonly size: number;
  readonly ttl: number;
  /** The options as they came. */
  readonly options?: Uint8Array;
}

/** In the word that is a TTL elsewhere: signatures are wanted (RFC 3225). */
const DO = 0x8000;

export const wantsSignatures = (edns: Edns | undefined): boolean => ((edns?.ttl ?? 0) & DO) !== 0;

/** What was read of a query's body. `malformed`: something after the question, or the question itself, could not be read. */
export interface Body {
  readonly question?: Question;
  readonly edns?: Edns;
  readonly malformed: boolean;
}

/** Undefined when it is not even a header. */
export function readHeader(bytes: Buffer): Header | undefined {
  if (bytes.length < HEADER_SIZE) return undefined;
  const word = (i: number): number => bytes.readUInt16BE(2 * i);
  return { id: word(0), flags: word(1), counts: [word(2), word(3), word(4), word(5)] };
}

/** What follows the name and the type of an EDNS record. */
function readEdns(reader: Reader): Edns {
  const size = reader.word();
  const ttl = reader.long();
  const length = reader.word();
  if (length === 0) return { size, ttl };
  const from = reader.at;
  const end = from + length;
  while (reader.at < end) {
    const code = reader.word();
    if (!isOption(code, reader.octets(reader.word()))) throw new Malformed();
  }
  if (reader.at !== end) throw new Malformed();
  reader.at = from;
  return { size, ttl, options: reader.octets(length) };
}

/** What follows the name and the type of any other record, passed over. */
function passRecord(reader: Reader, type: number): void {
  reader.skip(6);
  const length = reader.word();
  const from = reader.at;
  reader.skip(length);
  const end = reader.at;
  reader.at = from;
  passData(reader, type, end);
}

function readQuestion(reader: Reader): Question {
  const labels = reader.name();
  const type = reader.ended ? 0 : reader.word();
  return { labels, type, class: reader.ended ? 0 : reader.word() };
}

/**
 * Reads what follows the header: one question, then as many records as are announced, of which only EDNS is kept (the last, when there are several).
 * A message that ends before its type or class leaves them 0, and one that ends before an announced record just has none: so does CoreDNS's library.
 */
export function readBody(bytes: Buffer, header: Header): Body {
  const reader = new Reader(bytes);
  let question: Question | undefined;
  let edns: Edns | undefined;
  // nothing but a header, whatever it announces
  if (reader.ended) return { malformed: false };
  try {
    question = readQuestion(reader);
    for (const [section, count] of header.counts.slice(1).entries()) {
      for (let i = 0; i < count && !reader.ended; i++) {
        reader.name();
        const type = reader.word();
        if (type !== TYPE.OPT) passRecord(reader, type);
        else {
          const found = readEdns(reader);
          if (section === 2) edns = found;
        }
      }
    }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { question, malformed: true };
  }
  return { question, edns, malformed: false };
}

/** A whole message, as another server sends it. */
export interface Reading {
  readonly header: Header;
  readonly question: Question | undefined;
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  readonly additionals: readonly ResourceRecord[];
  readonly edns: Edns | undefined;
  /** Something in it could not be read; no record is kept then. */
  readonly malformed: boolean;
  /** That was because it ends too early. */
  readonly short?: boolean;
}

/** Records of one section but for EDNS, which is given to `see`. */
function readRecords(reader: Reader, count: number, see: (edns: Edns) => void): ResourceRecord[] {
  const records: ResourceRecord[] = [];
  for (let i = 0; i < count && !reader.ended; i++) {
    const name = nameOf(reader.name());
    const type = reader.word();
    if (type === TYPE.OPT) {
      see(readEdns(reader));
      continue;
    }
    const of = reader.word();
    const ttl = reader.long();
    const end = reader.word() + reader.at;
    const data = readData(reader, type, end);
    if (reader.at !== end) throw new Malformed();
    records.push(of === CLASS_IN ? { name, ttl, data } : { name, class: of, ttl, data });
  }
  return records;
}

/** Reads an answer with all its records; undefined when it is not even a header. */
export function readMessage(bytes: Buffer): Reading | undefined {
  const header = readHeader(bytes);
  if (!header) return undefined;
  const reader = new Reader(bytes);
  let question: Question | undefined;
  let edns: Edns | undefined;
  const see = (found: Edns): void => {
    edns = found;
  };
  try {
    if (header.counts[0] > 0) question = readQuestion(reader);
    const [answers, authorities, additionals] = header.counts.slice(1).map((count) => readRecords(reader, count, see));
    return { header, question, answers, authorities, additionals, edns, malformed: false };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { header, question, answers: [], authorities: [], additionals: [], edns, malformed: true, short: error.short };
  }
}
