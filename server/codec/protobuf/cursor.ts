import { BinaryReader } from "@bufbuild/protobuf/wire";
import { DecodeError } from "../errors.js";

export const eof = (): DecodeError => new DecodeError("unexpected EOF");

/** Above this, a call out of JavaScript costs less than going through the bytes. */
const SHORT = 16;

/**
 * The library's reader with an end that moves: a nested message is read by the same reader, since one more reader for each of the many small messages of an
 * object would cost more than what it reads. Lengths are read in Go's words for what is wrong with them.
 */
export class Cursor extends BinaryReader {
  /** Where the message that is being read ends. */
  end: number;

  constructor(readonly data: Buffer) {
    super(data);
    this.end = data.length;
  }

  /** A varint of more than 32 bits as Go takes it, where the library would drop the upper ones. `start` is where it began. */
  wide(start: number): bigint {
    this.pos = start;
    return BigInt(this.uint64());
  }

  /** The length of what follows, all of which is there. */
  length(): number {
    const start = this.pos;
    let length = this.data[start] as number;
    if (length < 0x80) this.pos++;
    else {
      length = this.uint32();
      if (this.pos - start > 4) {
        const all = BigInt.asIntN(64, this.wide(start));
        if (all < 0n) throw new DecodeError("proto: negative length found during unmarshaling");
        if (all > BigInt(this.end - this.pos)) throw eof();
        length = Number(all);
      }
    }
    if (length > this.end - this.pos) throw eof();
    return length;
  }

  /** What has a length. Throws DecodeError, as all that is read by length. */
  block(): Buffer {
    const length = this.length();
    const start = this.pos;
    this.pos += length;
    return this.data.subarray(start, this.pos);
  }

  text(): string {
    const length = this.length();
    const start = this.pos;
    const end = start + length;
    this.pos = end;
    const { data } = this;
    if (length > SHORT) return data.toString("utf8", start, end);
    let text = "";
    for (let i = start; i < end; i++) {
      const byte = data[i] as number;
      if (byte > 0x7f) return data.toString("utf8", start, end);
      text += String.fromCharCode(byte);
    }
    return text;
  }

  /** Runs `read` on a nested message; it reads until `end`. */
  within<T>(read: () => T): T {
    const outer = this.end;
    const length = this.length();
    const end = this.pos + length;
    this.end = end;
    const value = read();
    if (this.pos > end) throw eof();
    this.end = outer;
    return value;
  }
}
