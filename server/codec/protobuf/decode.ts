/** Protobuf to the JSON form of an object, with the words of gogo's generated code for what cannot be read. */
import { WireType } from "@bufbuild/protobuf/wire";
import type { Scalar, TypeRef } from "../../../kinds/schema/types.js";
import { DecodeError } from "../errors.js";
import { Cursor, eof } from "./cursor.js";
import { define } from "../specials.js";
import { type Field, type Message, messageOf } from "./messages.js";
import { readSpecial, type SpecialReader } from "./specials.js";

type Values = Record<string, unknown>;

/** A tag: number and wire type, and where it begins. Numbers are not checked here. */
interface Tag {
  readonly start: number;
  readonly no: number;
  readonly wire: number;
  /** The whole varint, for error texts. */
  readonly text: string;
}

function readTag(reader: Cursor): Tag {
  const start = reader.pos;
  const tag = reader.uint32();
  if (reader.pos - start < 5) return { start, no: tag >>> 3, wire: tag & 7, text: String(tag) };
  const all = reader.wide(start);
  return { start, no: Number(BigInt.asIntN(32, all >> 3n)), wire: Number(all & 7n), text: String(all) };
}

/** What every message refuses before it looks at its fields. */
function checkTag({ no, wire, text }: Tag, message: string): void {
  if (wire === WireType.EndGroup) throw new DecodeError(`proto: ${message}: wiretype end group for non-group`);
  if (no <= 0) throw new DecodeError(`proto: ${message}: illegal tag ${no} (wire type ${text})`);
}

/** Skips a field, groups with all that is in them. Source: gogo's skipGenerated. */
function skipField(reader: Cursor, start: number): void {
  reader.pos = start;
  let depth = 0;
  do {
    if (reader.pos >= reader.end) throw eof();
    const { wire } = readTag(reader);
    if (wire === WireType.Varint) reader.uint64();
    else if (wire === WireType.Bit64) reader.pos += 8;
    else if (wire === WireType.LengthDelimited) reader.block();
    else if (wire === WireType.StartGroup) depth++;
    else if (wire === WireType.EndGroup) {
      if (depth === 0) throw new DecodeError("proto: unexpected end of group");
      depth--;
    } else if (wire === WireType.Bit32) reader.pos += 4;
    else throw new DecodeError(`proto: illegal wireType ${wire}`);
    if (reader.pos > reader.end) throw eof();
  } while (depth > 0);
}

function fields(reader: Cursor, message: string, read: Parameters<SpecialReader["fields"]>[2]): void {
  while (reader.pos < reader.end) {
    const tag = readTag(reader);
    checkTag(tag, message);
    const wire = (expected: WireType, field: string): void => {
      if (tag.wire !== expected) throw wrongWire(tag.wire, field);
    };
    if (!read(tag.no, wire)) skipField(reader, tag.start);
  }
}

const WIRE: Readonly<Record<Scalar, WireType>> = {
  string: WireType.LengthDelimited,
  bytes: WireType.LengthDelimited,
  bool: WireType.Varint,
  int32: WireType.Varint,
  int64: WireType.Varint,
  uint8: WireType.Varint,
  uint32: WireType.Varint,
  float64: WireType.Bit64,
};

function readScalar(reader: Cursor, name: Scalar): unknown {
  switch (name) {
    case "string":
      return reader.text();
    case "bytes":
      return reader.block().toString("base64");
    case "bool":
      return reader.bool();
    case "int32":
      return reader.int32();
    case "int64":
      return exactInt(reader.int64());
    case "uint8":
    case "uint32":
      return reader.uint32();
    case "float64":
      return reader.double();
  }
}

/** A double where that holds the number. */
function exactInt(value: bigint | string | number): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt(value);
}

const SPECIALS: SpecialReader = {
  fields,
  message: (reader, struct, into) => reader.within(() => readStruct(reader, struct, into)),
};

const wireOf = (type: TypeRef): WireType => (type.k === "scalar" ? WIRE[type.name] : WireType.LengthDelimited);

/** Reads one value; a struct that is there already is read into, as a message that comes twice is merged. */
function readValue(reader: Cursor, type: TypeRef, before: unknown): unknown {
  switch (type.k) {
    case "scalar":
      return readScalar(reader, type.name);
    case "struct": {
      const into = (before ?? {}) as Values;
      reader.within(() => readStruct(reader, type.name, into));
      return into;
    }
    case "special":
      return reader.within(() => readSpecial(type.name, reader, SPECIALS));
    case "list": {
      const items = (before ?? []) as unknown[];
      reader.within(() =>
        fields(reader, "Items", (no, wire) => {
          if (no !== 1) return false;
          wire(wireOf(type.of), "Items");
          items.push(readValue(reader, type.of, undefined));
          return true;
        }),
      );
      return items;
    }
    case "map":
      throw new Error("maps stand in fields only");
  }
}

function readEntry(reader: Cursor, of: TypeRef, into: Values): void {
  let key = "";
  let value: unknown;
  // entries are read without a look at wire types
  while (reader.pos < reader.end) {
    const { no, start } = readTag(reader);
    if (no === 1) key = reader.text();
    else if (no === 2) value = readValue(reader, of, value);
    else skipField(reader, start);
  }
  define(into, key, value === undefined ? zeroOf(of) : value);
}

/** The value of a map's entry that names none. */
function zeroOf(type: TypeRef): unknown {
  if (type.k === "struct") return {};
  if (type.k !== "scalar") return null;
  return type.name === "string" || type.name === "bytes" ? "" : type.name === "bool" ? false : 0;
}

function readMessage(reader: Cursor, message: Message, out: Values): void {
  const { byNumber } = message;
  while (reader.pos < reader.end) {
    const start = reader.pos;
    const byte = reader.data[start] as number;
    let no = byte >>> 3;
    let wire = byte & 7;
    // numbers below 16 have tags of one byte, and nearly all fields have such a number
    if (byte < 0x80 && no > 0 && wire !== WireType.EndGroup) reader.pos++;
    else {
      const tag = readTag(reader);
      checkTag(tag, message.name);
      ({ no, wire } = tag);
    }
    const field = byNumber[no];
    if (field) readField(reader, field, wire, out);
    else skipField(reader, start);
  }
}

const wrongWire = (wire: number, field: string): DecodeError => new DecodeError(`proto: wrong wireType = ${wire} for field ${field}`);

function readField(reader: Cursor, field: Field, wire: number, out: Values): void {
  if ("message" in field) {
    if (wire !== WireType.LengthDelimited) throw wrongWire(wire, field.go);
    reader.within(() => readMessage(reader, field.message, out));
    return;
  }
  const { type, json } = field;
  if (type.k === "map") {
    if (wire !== WireType.LengthDelimited) throw wrongWire(wire, field.go);
    out[json] ??= {};
    reader.within(() => readEntry(reader, type.of, out[json] as Values));
    return;
  }
  if (type.k === "list" && !type.message) {
    out[json] ??= [];
    const items = out[json] as unknown[];
    const expected = wireOf(type.of);
    if (wire === expected) items.push(readValue(reader, type.of, undefined));
    else if (wire === WireType.LengthDelimited && type.of.k === "scalar") {
      reader.within(() => {
        while (reader.pos < reader.end) items.push(readValue(reader, type.of, undefined));
      });
    } else throw wrongWire(wire, field.go);
    return;
  }
  if (wire !== wireOf(type)) throw wrongWire(wire, field.go);
  out[json] = readValue(reader, type, out[json]);
}

function readStruct(reader: Cursor, struct: string, into: Values): void {
  const message = messageOf(struct);
  if (!message) throw new Error(`no protobuf message of ${struct}`);
  readMessage(reader, message, into);
}

/** Runs a reading; what the wire library refuses is said in Go's words. */
export function guarded<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DecodeError) throw error;
    if (error instanceof Error && /varint/.test(error.message)) throw new DecodeError("proto: integer overflow");
    if (error instanceof RangeError) throw eof();
    throw error;
  }
}

/**
 * Reads a struct's message into its JSON form, which is not canonical yet: zero values of embedded parts may be missing or spelled out. Throws DecodeError.
 */
export function decodeMessage(struct: string, bytes: Buffer): Values {
  const out: Values = {};
  guarded(() => readStruct(new Cursor(bytes), struct, out));
  return out;
}

/** The fields of a message that is not in the facts. */
export const readFields = fields;
