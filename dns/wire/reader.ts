/** Bytes of the header. */
export const HEADER_SIZE = 12;
const MAX_NAME = 255;
const MAX_POINTERS = 126;

/** What is announced is not there (`short`), or is none of what it should be. */
export class Malformed extends Error {
  constructor(readonly short = false) {
    super(short ? "the message ends too early" : "the message cannot be read");
  }
}

/** Reads the parts of a message one after the other, from behind its header. Each may throw Malformed. */
export class Reader {
  readonly #bytes: Buffer;
  at = HEADER_SIZE;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get ended(): boolean {
    return this.at === this.#bytes.length;
  }

  #need(end: number): void {
    if (end > this.#bytes.length) throw new Malformed(true);
  }

  word(): number {
    this.#need(this.at + 2);
    this.at += 2;
    return this.#bytes.readUInt16BE(this.at - 2);
  }

  octet(): number {
    this.#need(this.at + 1);
    return this.#bytes[this.at++];
  }

  long(): number {
    return this.word() * 0x10000 + this.word();
  }

  /** A copy: what is kept must not keep the whole message. */
  octets(length: number): Buffer {
    const from = this.at;
    this.skip(length);
    return Buffer.from(this.#bytes.subarray(from, this.at));
  }

  /** A length and as many characters. */
  text(): string {
    return this.octets(this.octet()).toString("latin1");
  }

  skip(length: number): void {
    this.#need(this.at + length);
    this.at += length;
  }

  /** The labels of a name. */
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
