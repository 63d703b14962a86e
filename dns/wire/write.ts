import { writeData } from "./rdata.js";
import type { Edns } from "./read.js";
import { HEADER_SIZE } from "./reader.js";
import { CLASS_IN, nameOf, type Question, type ResourceRecord, TYPE, typeOf } from "./records.js";

/** The truncation bit of `flags`. */
const TC = 0x0200;
/** Without options. */
const EDNS_SIZE = 11;
const NO_OPTIONS = new Uint8Array(0);
const DOT = 0x2e;
/** Pointers have 14 bits. */
const MAX_POINTER = 0x4000;

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

/** Writes the parts of a message one after the other. */
export class Writer {
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
    if (!this.#names && name.length > 0 && !name.includes("\\") && !name.endsWith(".")) {
      this.#plainName(name);
      return;
    }
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

  /** A name without escapes and pointers, all at once: as it is read, then each dot becomes the length of the label behind it. */
  #plainName(name: string): void {
    const { length } = name;
    this.#room(length + 2);
    const { bytes, at } = this;
    bytes.write(name, at + 1, "latin1");
    let before = at + length + 1;
    bytes[before] = 0;
    for (let i = at + length; i > at; i--) {
      if (bytes[i] !== DOT) continue;
      bytes[i] = before - i - 1;
      before = i;
    }
    bytes[at] = before - at - 1;
    this.at += length + 2;
  }

  record({ name, class: of = CLASS_IN, ttl, data }: ResourceRecord): void {
    this.name(name);
    this.word(typeOf(data));
    this.word(of);
    this.long(ttl);
    const length = this.at;
    this.word(0);
    writeData(this, data);
    this.bytes.writeUInt16BE(this.at - length - 2, length);
  }

  edns({ size, ttl, options = NO_OPTIONS }: Edns): void {
    this.octet(0);
    this.word(TYPE.OPT);
    this.word(size);
    this.long(ttl);
    this.word(options.length);
    this.octets(options);
  }
}

/** Writes a message of at most `limit` bytes; records that have no room are left out from the first such on, and then TC is set. */
function write(message: Message, limit: number, compress: boolean): { readonly bytes: Buffer; readonly whole: boolean } {
  const writer = new Writer(compress);
  const sections = [message.answers ?? [], message.authorities ?? [], message.additionals ?? []];
  writer.at = HEADER_SIZE;
  if (message.question) {
    writer.name(nameOf(message.question.labels));
    writer.word(message.question.type);
    writer.word(message.question.class);
  }
  const room = limit - (message.edns ? EDNS_SIZE + (message.edns.options?.length ?? 0) : 0);
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
  if (message.edns) writer.edns(message.edns);
  const bytes = writer.bytes.subarray(0, writer.at);
  const flags = message.flags | (whole ? 0 : TC);
  const words = [message.id, flags, message.question ? 1 : 0, counts[0], counts[1], counts[2] + (message.edns ? 1 : 0)];
  for (let i = 0; i < words.length; i++) bytes.writeUInt16BE(words[i], 2 * i);
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
