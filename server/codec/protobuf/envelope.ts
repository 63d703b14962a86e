/** The envelope around every object in protobuf: a magic number and a runtime.Unknown that names the type. Source: apimachinery pkg/runtime/serializer/protobuf. */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { ListFrame } from "../encode.js";
import { DecodeError } from "../errors.js";
import { guarded, readFields } from "./decode.js";
import { Cursor } from "./cursor.js";

const MAGIC = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

/** What an envelope says: the type as it was given, and the message it holds. */
export interface Unknown {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Buffer;
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Puts a message into an envelope. The content type and encoding that say "protobuf" are empty, and written. */
export function wrap(apiVersion: string, kind: string, message: Uint8Array): Buffer {
  const writer = new BinaryWriter().raw(MAGIC);
  writer.tag(1, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.LengthDelimited).string(apiVersion).tag(2, WireType.LengthDelimited).string(kind).join();
  writer.tag(2, WireType.LengthDelimited).bytes(message);
  writer.tag(3, WireType.LengthDelimited).string("").tag(4, WireType.LengthDelimited).string("");
  return asBuffer(writer.finish());
}

/** Opens an envelope. Throws DecodeError. */
export function unwrap(body: Buffer): Unknown {
  if (body.length === 0) throw new DecodeError("empty data");
  if (!body.subarray(0, MAGIC.length).equals(MAGIC))
    throw new DecodeError("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
  if (body.length === MAGIC.length) throw new DecodeError("empty body");
  const found = { apiVersion: "", kind: "", raw: Buffer.alloc(0) as Buffer };
  guarded(() => {
    const reader = new Cursor(body.subarray(MAGIC.length));
    readFields(reader, "Unknown", (no, wire) => {
      if (no === 1) {
        wire(WireType.LengthDelimited, "TypeMeta");
        reader.within(() =>
          readFields(reader, "TypeMeta", (inner, check) => {
            if (inner !== 1 && inner !== 2) return false;
            check(WireType.LengthDelimited, inner === 1 ? "APIVersion" : "Kind");
            found[inner === 1 ? "apiVersion" : "kind"] = reader.text();
            return true;
          }),
        );
      } else if (no === 2) {
        wire(WireType.LengthDelimited, "Raw");
        found.raw = reader.block();
      } else if (no === 3 || no === 4) {
        wire(WireType.LengthDelimited, no === 3 ? "ContentEncoding" : "ContentType");
        reader.block();
      } else return false;
      return true;
    });
  });
  return found;
}

/** Bytes that a varint takes. */
function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) length++;
  return length;
}

/** An item as it stands in a list's message: field 2, as in all lists. */
export function listItem(message: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(1 + varintLength(message.length) + message.length);
  out.set(message, writeTag(out, 0, 2, message.length));
  return out;
}

/** Bytes of `listItem` of a message so long. */
const fieldLength = (length: number): number => 1 + varintLength(length) + length;

/** Writes the tag and the length of a field; returns where its content begins. */
function writeTag(out: Buffer, start: number, no: number, length: number): number {
  let at = start;
  out[at++] = (no << 3) | WireType.LengthDelimited;
  let rest = length;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) out[at++] = (rest & 0x7f) | 0x80;
  out[at++] = rest;
  return at;
}

/**
 * A list in its envelope but for its items (`listItem`), of which only the lengths need be known; its metadata is field 1. Nothing stands between items.
 */
export function listEnvelope(apiVersion: string, kind: string, metadata: Uint8Array, items: readonly Uint8Array[]): ListFrame {
  let length = fieldLength(metadata.length);
  for (const item of items) length += fieldLength(item.length);
  const empty = wrap(apiVersion, kind, NOTHING);
  // an empty message is a tag and a zero, with the two empty fields of the envelope behind them
  const around = empty.subarray(0, empty.length - EMPTY_FIELDS - 2);
  const inner = Buffer.allocUnsafe(1 + varintLength(length) + fieldLength(metadata.length));
  inner.set(metadata, writeTag(inner, writeTag(inner, 0, 2, length), 1, metadata.length));
  return { head: Buffer.concat([around, inner]), separator: Buffer.alloc(0), tail: empty.subarray(empty.length - EMPTY_FIELDS) };
}

const NOTHING = new Uint8Array(0);
/** The envelope's empty content encoding and type: a tag and a zero each. */
const EMPTY_FIELDS = 4;

/**
 * One event of a watch: a frame (its length in four bytes, most significant first) with a WatchEvent that holds the object in its envelope. The event itself has none.
 * Source: serializer/protobuf RawSerializer, util/framer.
 */
export function watchFrame(type: string, object: Uint8Array): Buffer {
  const writer = new BinaryWriter().tag(1, WireType.LengthDelimited).string(type).tag(2, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.LengthDelimited).bytes(object).join();
  const event = writer.finish();
  const frame = Buffer.allocUnsafe(4 + event.length);
  frame.writeUInt32BE(event.length);
  frame.set(event, 4);
  return frame;
}
