/** The little DER that is needed to look into a request, with the findings of Go's encoding/asn1 in its words. */

export class DerError extends Error {}
const syntax = (text: string): DerError => new DerError(`asn1: syntax error: ${text}`);
const structure = (text: string): DerError => new DerError(`asn1: structure error: ${text}`);

export const TAG = { integer: 2, bitString: 3, oid: 6, utf8: 12, sequence: 16, set: 17, numeric: 18, printable: 19, t61: 20, ia5: 22 } as const;

/** One element: its content, and all of it. */
export interface Element {
  readonly class: number;
  readonly tag: number;
  readonly compound: boolean;
  readonly content: Buffer;
  readonly full: Buffer;
}

interface Header {
  readonly class: number;
  readonly tag: number;
  readonly compound: boolean;
  readonly length: number;
  /** Where the content begins. */
  readonly at: number;
}

/** Source: parseTagAndLength. Tags beyond 30 do not occur in what is read here. */
function headerAt(bytes: Buffer, offset: number): Header {
  const lead = bytes[offset] as number;
  let at = offset + 1;
  let tag = lead & 0x1f;
  if (tag === 0x1f) {
    tag = 0;
    for (let more = true, count = 0; more; count++) {
      const byte = bytes[at++];
      if (count === 5) throw structure("base 128 integer too large");
      if (byte === undefined) throw syntax("truncated base 128 integer");
      if (count === 0 && byte === 0x80) throw syntax("integer is not minimally encoded");
      tag = tag * 128 + (byte & 0x7f);
      more = byte > 0x7f;
    }
    if (tag < 0x1f) throw syntax("non-minimal tag");
  }
  const first = bytes[at++];
  if (first === undefined) throw syntax("truncated tag or length");
  let length = first;
  if (first & 0x80) {
    if (first === 0x80) throw syntax("indefinite length found (not DER)");
    length = 0;
    for (let left = first & 0x7f; left > 0; left--) {
      const byte = bytes[at++];
      if (byte === undefined) throw syntax("truncated tag or length");
      if (length >= 1 << 23) throw structure("length too large");
      length = length * 256 + byte;
      if (length === 0) throw structure("superfluous leading zeros in length");
    }
    if (length < 0x80) throw structure("non-minimal length");
  }
  return { class: lead >> 6, tag, compound: (lead & 0x20) !== 0, length, at };
}

/** Reads the elements of one content in order. Source: parseField. */
export class DerReader {
  #offset = 0;
  constructor(private readonly bytes: Buffer) {}

  get atEnd(): boolean {
    return this.#offset === this.bytes.length;
  }

  any(): Element {
    if (this.atEnd) throw syntax("sequence truncated");
    return this.#take(headerAt(this.bytes, this.#offset));
  }

  /** An element of a known kind; `name` is Go's name of what it is read into. */
  expect(tag: number, compound: boolean, name: string): Element {
    if (this.atEnd) throw syntax("sequence truncated");
    const found = headerAt(this.bytes, this.#offset);
    if (found.class !== 0 || found.tag !== tag || found.compound !== compound) {
      const shown = `{class:${found.class} tag:${found.tag} length:${found.length} isCompound:${found.compound}}`;
      throw structure(`tags don't match (${tag} vs ${shown}) ${NO_PARAMETERS} ${name} @${found.at}`);
    }
    return this.#take(found);
  }

  /** The rest, elements of one kind each (of any where none is named). They are looked over before the first is read. Source: parseSequenceOf. */
  rest(tag?: number): Element[] {
    for (let offset = this.#offset; offset < this.bytes.length; ) {
      const found = headerAt(this.bytes, offset);
      if (tag !== undefined && (found.class !== 0 || !found.compound || found.tag !== tag)) throw structure("sequence tag mismatch");
      offset = found.at + found.length;
      if (offset > this.bytes.length) throw syntax("truncated sequence");
    }
    const out: Element[] = [];
    while (!this.atEnd) out.push(this.any());
    return out;
  }

  /** An element with a tag of the surrounding type's own. */
  context(tag: number): DerReader {
    if (this.atEnd) throw syntax("sequence truncated");
    const found = headerAt(this.bytes, this.#offset);
    // Go's text goes on with the address of the tag in memory
    if (found.class !== 2 || found.tag !== tag || !found.compound) throw structure("tags don't match");
    return new DerReader(this.#take(found).content);
  }

  sequence(name: string): { readonly reader: DerReader; readonly full: Buffer } {
    const { content, full } = this.expect(TAG.sequence, true, name);
    return { reader: new DerReader(content), full };
  }

  /** Dotted. */
  oid(): string {
    return oidText(this.expect(TAG.oid, false, "ObjectIdentifier").content);
  }

  /** Whole bytes only: what is read here has no others. */
  bits(): Buffer {
    const { content } = this.expect(TAG.bitString, false, "BitString");
    const padding = content[0];
    if (padding === undefined) throw syntax("zero length BIT STRING");
    const last = content.length > 1 ? (content[content.length - 1] as number) : 0;
    if (padding > 7 || (content.length === 1 && padding > 0) || (last & ((1 << padding) - 1)) !== 0) throw syntax("invalid padding bits in BIT STRING");
    return content.subarray(1);
  }

  integer(name: string): Buffer {
    const { content } = this.expect(TAG.integer, false, name);
    if (content.length === 0) throw structure("empty integer");
    const [first, second] = [content[0], content[1]];
    if (second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))) throw structure("integer not minimally-encoded");
    return content;
  }

  #take(header: Header): Element {
    const end = header.at + header.length;
    if (end > this.bytes.length) throw syntax("data truncated");
    const full = this.bytes.subarray(this.#offset, end);
    this.#offset = end;
    return { class: header.class, tag: header.tag, compound: header.compound, content: this.bytes.subarray(header.at, end), full };
  }
}

/** How Go prints the options of a field that has none. */
const NO_PARAMETERS =
  "{optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false}";

function oidText(content: Buffer): string {
  if (content.length === 0) throw syntax("zero length OBJECT IDENTIFIER");
  const parts: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      parts.push(value);
      value = 0;
    }
  }
  if ((content.at(-1) as number) > 0x7f) throw syntax("truncated base 128 integer");
  const [first = 0, ...rest] = parts;
  const root = first < 80 ? Math.trunc(first / 40) : 2;
  return [root, first - root * 40, ...rest].join(".");
}

/** A text of a name, undefined where the element is no text. Source: parseField on `any`. */
export function textOf({ class: cls, compound, tag, content }: Element): string | undefined {
  if (cls !== 0 || compound) return undefined;
  if (tag === TAG.printable) {
    const text = content.toString("latin1");
    // Go lets * and & pass as well
    if (!/^[A-Za-z0-9 '()+,\-./:=?*&]*$/.test(text)) throw syntax("PrintableString contains invalid character");
    return text;
  }
  if (tag === TAG.numeric && !/^[0-9 ]*$/.test(content.toString("latin1"))) throw syntax("NumericString contains invalid character");
  if (tag === TAG.ia5 && content.some((byte) => byte > 0x7f)) throw syntax("IA5String contains invalid character");
  if (tag === TAG.utf8) {
    const text = content.toString("utf8");
    if (!Buffer.from(text, "utf8").equals(content)) throw new DerError("asn1: invalid UTF-8 string");
    return text;
  }
  return tag === TAG.numeric || tag === TAG.ia5 || tag === TAG.t61 ? content.toString("latin1") : undefined;
}
