/**
 * A gzip stream put together out of parts that were compressed one by one, so that a part that comes again need not be compressed again. One member, as every
 * client reads it; formats: RFC 1951 (deflate), RFC 1952 (gzip).
 */
import * as zlib from "node:zlib";

/** Bytes in their compressed form, which can stand anywhere in a stream. */
export interface Part {
  /** Whole deflate blocks, ending at a byte; none of them is the last of a stream. */
  readonly packed: Buffer;
  /** Of what was compressed. */
  readonly crc: number;
  readonly length: number;
}

/** Compresses at level 1 in Node's pool of threads. */
export const packedPart = (bytes: Buffer): Promise<Part> =>
  new Promise((resolve, reject) =>
    zlib.deflateRaw(bytes, { level: 1, finishFlush: zlib.constants.Z_SYNC_FLUSH, chunkSize: Math.max(16 * 1024, bytes.length >> 2) }, (error, packed) =>
      error ? reject(error) : resolve({ packed, crc: crc32(bytes), length: bytes.length }),
    ),
  );

/** A few bytes as they are: a stored block, of at most 65,535. */
export function storedPart(bytes: Buffer, last = false): Part {
  const packed = Buffer.allocUnsafe(5 + bytes.length);
  packed[0] = last ? 1 : 0;
  packed.writeUInt16LE(bytes.length, 1);
  packed.writeUInt16LE(bytes.length ^ 0xffff, 3);
  bytes.copy(packed, 5);
  return { packed, crc: crc32(bytes), length: bytes.length };
}

/** Magic, deflate, no flags, no time, quickest, unknown system. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255]);

/** The stream of these parts; the last of them must be `storedPart(…, true)`. */
export function gzipOf(parts: readonly Part[]): Buffer {
  let crc = 0;
  let length = 0;
  for (const part of parts) {
    crc = combine(crc, part.crc, part.length);
    length += part.length;
  }
  const trailer = Buffer.allocUnsafe(8);
  trailer.writeUInt32LE(crc, 0);
  trailer.writeUInt32LE(length >>> 0, 4);
  return Buffer.concat([HEADER, ...parts.map((part) => part.packed), trailer]);
}

/** The polynomial of CRC-32, bits reversed. */
const POLYNOMIAL = 0xedb88320;

/** Product of two polynomials over GF(2), modulo the CRC's. */
function multiply(a: number, b: number): number {
  let product = 0;
  let factor = b;
  for (let bit = 0x80000000; bit !== 0; bit >>>= 1) {
    if (a & bit) product ^= factor;
    factor = factor & 1 ? (factor >>> 1) ^ POLYNOMIAL : factor >>> 1;
  }
  return product >>> 0;
}

/** x^(8·2^k), by k: what 2^k bytes of zeros do to a CRC. */
const POWERS: number[] = [];
{
  // x^8, of one byte: in this representation x^0 is the highest bit
  let power = 0x00800000;
  for (let k = 0; k < 32; k++) {
    POWERS.push(power);
    power = multiply(power, power);
  }
}

/** The CRC of two texts one after the other, out of theirs. Source: the algebra of zlib's crc32_combine. */
function combine(first: number, second: number, secondLength: number): number {
  let shifted = first;
  for (let k = 0, rest = secondLength; rest > 0; k++, rest = Math.floor(rest / 2)) if (rest & 1) shifted = multiply(POWERS[k] as number, shifted);
  return (shifted ^ second) >>> 0;
}

/** Node has it since 20.15; before, byte by byte. */
const crc32: (bytes: Buffer) => number = (zlib as { crc32?: (bytes: Buffer) => number }).crc32 ?? byBytes;

let table: Uint32Array | undefined;

function byBytes(bytes: Buffer): number {
  table ??= Uint32Array.from({ length: 256 }, (_, n) => {
    let value = n;
    for (let k = 0; k < 8; k++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
    return value;
  });
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (table[(crc ^ byte) & 0xff] as number) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
