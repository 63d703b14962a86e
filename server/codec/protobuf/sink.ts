import type { WireType } from "@bufbuild/protobuf/wire";

const FIRST_SIZE = 16 * 1024;
/** A buffer that has grown beyond this is not kept for the next message. */
const KEPT_SIZE = 256 * 1024;
/** Above this, a call out of JavaScript costs less than going through the characters. */
const SHORT = 40;
const WORD = 0x1_0000_0000;

/**
 * Writes messages into one buffer that is used again. Like the library's BinaryWriter in what its methods do and are called, but that a nested message is
 * written in place: one byte is left for its length, and the message moves when that is not enough. Most messages of an object are that short, and the library
 * makes an array of each.
 */
export class Sink {
  #data = Buffer.allocUnsafe(FIRST_SIZE);
  #pos = 0;
  /** Where the lengths of the messages that are open stand. */
  readonly #open: number[] = [];

  /** Begins anew; whatever a failed message has left is gone. */
  reset(): this {
    if (this.#data.length > KEPT_SIZE) this.#data = Buffer.allocUnsafe(FIRST_SIZE);
    this.#pos = 0;
    this.#open.length = 0;
    return this;
  }

  /** What was written, in memory of its own. */
  finish(): Buffer {
    const out = Buffer.allocUnsafeSlow(this.#pos);
    this.#data.copy(out, 0, 0, this.#pos);
    return out;
  }

  #room(bytes: number): void {
    if (this.#pos + bytes <= this.#data.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#data.length * 2, this.#pos + bytes));
    this.#data.copy(larger, 0, 0, this.#pos);
    this.#data = larger;
  }

  /** A varint of a whole number from 0 to 2^53. */
  #varint(value: number): void {
    this.#room(8);
    let rest = value;
    for (; rest >= WORD; rest = Math.floor(rest / 128)) this.#data[this.#pos++] = (rest % 128) | 0x80;
    for (rest >>>= 0; rest > 0x7f; rest >>>= 7) this.#data[this.#pos++] = (rest & 0x7f) | 0x80;
    this.#data[this.#pos++] = rest;
  }

  tag(no: number, type: WireType): this {
    this.#varint(no * 8 + type);
    return this;
  }

  /** Opens a nested message: its length will be known at `join`. */
  fork(): this {
    this.#room(1);
    this.#open.push(this.#pos++);
    return this;
  }

  join(): this {
    const start = this.#open.pop() as number;
    const length = this.#pos - start - 1;
    if (length < 0x80) {
      this.#data[start] = length;
      return this;
    }
    const bytes = length < 0x4000 ? 2 : length < 0x20_0000 ? 3 : length < 0x1000_0000 ? 4 : 5;
    // before the position goes back: what lies behind it is not kept when the buffer grows
    this.#room(bytes - 1);
    const end = this.#pos;
    this.#pos = start;
    this.#data.copyWithin(start + bytes, start + 1, end);
    this.#varint(length);
    this.#pos = end + bytes - 1;
    return this;
  }

  string(text: string): this {
    const { length } = text;
    if (length <= SHORT) {
      this.#room(1 + length);
      const data = this.#data;
      let at = this.#pos;
      data[at++] = length;
      let i = 0;
      for (; i < length; i++) {
        const unit = text.charCodeAt(i);
        if (unit > 0x7f) break;
        data[at++] = unit;
      }
      if (i === length) {
        this.#pos = at;
        return this;
      }
    }
    const bytes = Buffer.byteLength(text);
    this.#varint(bytes);
    this.#room(bytes);
    this.#pos += this.#data.write(text, this.#pos, "utf8");
    return this;
  }

  bytes(value: Uint8Array): this {
    this.#varint(value.length);
    this.#room(value.length);
    this.#data.set(value, this.#pos);
    this.#pos += value.length;
    return this;
  }

  bool(value: boolean): this {
    this.#varint(value ? 1 : 0);
    return this;
  }

  uint32(value: number): this {
    this.#varint(value);
    return this;
  }

  /** Negative numbers take ten bytes, as those of int64. */
  int32(value: number): this {
    return this.int64(value);
  }

  int64(value: number | bigint): this {
    if (typeof value === "number" && value >= 0) {
      this.#varint(value);
      return this;
    }
    this.#room(10);
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 0x7fn; rest >>= 7n) this.#data[this.#pos++] = Number(rest & 0x7fn) | 0x80;
    this.#data[this.#pos++] = Number(rest);
    return this;
  }

  double(value: number): this {
    this.#room(8);
    this.#pos = this.#data.writeDoubleLE(value, this.#pos);
    return this;
  }
}
