import { CLASS_IN, nameOf, type Question, type RecordData, type ResourceRecord, TYPE } from "./records.js";

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
}

/** What was read of a query's body. `malformed`: something after the question, or the question itself, could not be read. */
export interface Body {
  readonly question?: Question;
  readonly edns?: Edns;
  readonly malformed: boolean;
}

/** A whole message to write. */
export interface Message {
  readonly id: number;
  readonly flags: number;
  readonly question?: Question;
  readonly answers?: readonly ResourceRecord[];
  readonly authorities?: readonly ResourceRecord[];
  readonly additionals?: readonly ResourceRecord[];
  readonly edns?: Edns;
}

export const HEADER_SIZE = 12;
/** The truncation bit of `flags`. */
export const TC = 0x0200;
const EDNS_SIZE = 11;
const MAX_NAME = 255;
const MAX_POINTERS = 126;
/** Pointers have 14 bits. */
const MAX_POINTER = 0x4000;

/** Undefined when it is not even a header. */
export function readHeader(bytes: Buffer): Header | undefined {
  if (bytes.length < HEADER_SIZE) return undefined;
  const word = (i: number): number => bytes.readUInt16BE(2 * i);
  return { id: word(0), flags: word(1), counts: [word(2), word(3), word(4), word(5)] };
}

class Malformed extends Error {}

class Reader {
  readonly #bytes: Buffer;
  at = HEADER_SIZE;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get ended(): boolean {
    return this.at === this.#bytes.length;
  }

  #need(end: number): void {
    if (end > this.#bytes.length) throw new Malformed();
  }

  word(): number {
    this.#need(this.at + 2);
    this.at += 2;
    return this.#bytes.readUInt16BE(this.at - 2);
  }

  skip(length: number): void {
    this.#need(this.at + length);
    this.at += length;
  }

  name(): string[] {
    const labels: string[] = [];
    let at = this.at;
    let after: number | undefined;
    let size = 1;
    let pointers = 0;
    for (;;) {
      this.#need(at + 1);
      const length = this.#bytes[at++];
      if (length === 0) break;
      if (length >= 0xc0) {
        this.#need(at + 1);
        after ??= at + 1;
        if (++pointers > MAX_POINTERS) throw new Malformed();
        at = ((length & 0x3f) << 8) | this.#bytes[at];
        continue;
      }
      size += length + 1;
      if (length > 63 || size > MAX_NAME) throw new Malformed();
      this.#need(at + length);
      labels.push(this.#bytes.toString("latin1", at, at + length));
      at += length;
    }
    this.at = after ?? at;
    return labels;
  }
}

function readEdnsOptions(reader: Reader, length: number): void {
  const end = reader.at + length;
  while (reader.at < end) {
    reader.skip(2);
    reader.skip(reader.word());
  }
  if (reader.at !== end) throw new Malformed();
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
    const labels = reader.name();
    const type = reader.ended ? 0 : reader.word();
    question = { labels, type, class: reader.ended ? 0 : reader.word() };
    for (const [section, count] of header.counts.slice(1).entries()) {
      for (let i = 0; i < count && !reader.ended; i++) {
        reader.name();
        const type = reader.word();
        const size = reader.word();
        const ttl = reader.word() * 0x10000 + reader.word();
        const length = reader.word();
        if (type === TYPE.OPT) {
          readEdnsOptions(reader, length);
          if (section === 2) edns = { size, ttl };
        } else reader.skip(length);
      }
    }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { question, malformed: true };
  }
  return { question, edns, malformed: false };
}

class Writer {
  bytes = Buffer.allocUnsafe(512);
  at = 0;
  /** Names that were written, by their text, and where; undefined: without pointers. */
  readonly #names: Map<string, number> | undefined;

  constructor(compress: boolean) {
    this.#names = compress ? new Map() : undefined;
  }

  #room(length: number): void {
    if (this.at + length <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(2 * this.bytes.length, this.at + length));
    this.bytes.copy(grown, 0, 0, this.at);
    this.bytes = grown;
  }

  octet(value: number): void {
    this.#room(1);
    this.bytes[this.at++] = value;
  }

  word(value: number): void {
    this.#room(2);
    this.at = this.bytes.writeUInt16BE(value, this.at);
  }

  long(value: number): void {
    this.#room(4);
    this.at = this.bytes.writeUInt32BE(value >>> 0, this.at);
  }

  octets(value: Uint8Array): void {
    this.#room(value.length);
    this.bytes.set(value, this.at);
    this.at += value.length;
  }

  text(value: string): void {
    this.#room(value.length + 1);
    this.bytes[this.at++] = value.length;
    this.at += this.bytes.write(value, this.at, "latin1");
  }

  /** `pointers` false: the name is written out, but later ones may point into it. */
  name(name: string, pointers = true): void {
    for (let from = 0; from < name.length; ) {
      if (this.#names) {
        const suffix = name.slice(from);
        const known = this.#names.get(suffix);
        if (known === undefined) {
          if (this.at < MAX_POINTER) this.#names.set(suffix, this.at);
        } else if (pointers) {
          this.word(0xc000 | known);
          return;
        }
      }
      let to = from;
      while (to < name.length && name[to] !== ".") to += name[to] === "\\" ? 2 : 1;
      this.text(name.slice(from, to).replace(/\\(.)/gs, "$1"));
      from = to + 1;
    }
    this.octet(0);
  }

  record(record: ResourceRecord): void {
    this.name(record.name);
    this.word(record.data.type);
    this.word(CLASS_IN);
    this.long(record.ttl);
    const length = this.at;
    this.word(0);
    this.#data(record.data);
    this.bytes.writeUInt16BE(this.at - length - 2, length);
  }

  #data(data: RecordData): void {
    switch (data.type) {
      case TYPE.A:
      case TYPE.AAAA:
        this.octets(data.address.bytes);
        break;
      case TYPE.CNAME:
      case TYPE.PTR:
      case TYPE.NS:
        this.name(data.target);
        break;
      case TYPE.SRV:
        this.word(data.priority);
        this.word(data.weight);
        this.word(data.port);
        // RFC 2782: no compression of the target
        this.name(data.target, false);
        break;
      case TYPE.TXT:
        for (const text of data.texts) this.text(text);
        break;
      case TYPE.SOA:
        this.name(data.primary);
        this.name(data.mailbox);
        for (const n of [data.serial, data.refresh, data.retry, data.expire, data.minimum]) this.long(n);
        break;
    }
  }
}

/** Writes a message of at most `limit` bytes; records that have no room are left out from the first such on, and then TC is set. */
function write(message: Message, limit: number, compress: boolean): { readonly bytes: Buffer; readonly whole: boolean } {
  const writer = new Writer(compress);
  const sections = [message.answers ?? [], message.authorities ?? [], message.additionals ?? []];
  writer.octets(new Uint8Array(HEADER_SIZE));
  if (message.question) {
    writer.name(nameOf(message.question.labels));
    writer.word(message.question.type);
    writer.word(message.question.class);
  }
  const room = limit - (message.edns ? EDNS_SIZE : 0);
  let whole = true;
  const counts = sections.map((records) => {
    let count = 0;
    for (const record of whole ? records : []) {
      const before = writer.at;
      writer.record(record);
      if (writer.at > room) {
        writer.at = before;
        whole = false;
        break;
      }
      count++;
    }
    if (count < records.length) whole = false;
    return count;
  });
  if (message.edns) {
    writer.octet(0);
    writer.word(TYPE.OPT);
    writer.word(message.edns.size);
    writer.long(message.edns.ttl);
    writer.word(0);
  }
  const bytes = writer.bytes.subarray(0, writer.at);
  const flags = message.flags | (whole ? 0 : TC);
  const words = [message.id, flags, message.question ? 1 : 0, counts[0], counts[1], counts[2] + (message.edns ? 1 : 0)];
  for (const [i, word] of words.entries()) bytes.writeUInt16BE(word, 2 * i);
  return { bytes, whole };
}

/**
 * The bytes of a message. Names are written out in full while the message stays within `plain` bytes, then with pointers, and what is then beyond `limit` is
 * left out. Source: CoreDNS request.go Scrub and the Truncate of its library.
 */
export function encode(message: Message, limit: number, plain: number = limit): Buffer {
  const full = write(message, Math.min(limit, plain), false);
  return full.whole ? full.bytes : write(message, limit, true).bytes;
}
