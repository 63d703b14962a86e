/**
 * Objects to protobuf, byte for byte as gogo's generated code writes them: fields in the order of their numbers, values that are not pointers always,
 * zero or not, maps in the order of their keys. One writer per struct, compiled from the facts at its first use.
 */
import { WireType } from "@bufbuild/protobuf/wire";
import type { Scalar, TypeRef } from "../../../kinds/schema/types.js";
import { type Field, type Message, messageOf } from "./messages.js";
import { Sink } from "./sink.js";
import { isAbsent, writeSpecial } from "./specials.js";

type Values = Readonly<Record<string, unknown>>;
/** Writes the content of a message. */
type Write = (writer: Sink, value: unknown) => void;

const writers = new Map<string, Write>();

/** Nothing at all: what an object writes that is not there. */
const NOTHING: Values = Object.freeze({});

/** The writer of a struct's content. */
function structWriter(struct: string): Write {
  let write = writers.get(struct);
  if (!write) {
    const message = messageOf(struct);
    if (!message) throw new Error(`no protobuf message of ${struct}`);
    // schemas of custom resources hold themselves: the entry stands before the fields are compiled
    let compiled: Write | undefined;
    write = (writer, value) => {
      compiled ??= messageWriter(message);
      compiled(writer, value);
    };
    writers.set(struct, write);
  }
  return write;
}

function messageWriter(message: Message): Write {
  const fields = message.fields.map(fieldWriter);
  return (writer, value) => {
    const values = (value ?? NOTHING) as Values;
    for (const write of fields) write(writer, values);
  };
}

function fieldWriter(field: Field): (writer: Sink, values: Values) => void {
  const { no } = field;
  if ("message" in field) {
    const inner = messageWriter(field.message);
    return (writer, values) => nested(writer, no, inner, values);
  }
  const { json, type, pointer } = field;
  if (type.k === "list" && !type.message) {
    const put = itemWriter(no, type.of);
    return (writer, values) => {
      const items = values[json] as readonly unknown[] | null | undefined;
      if (items) for (const item of items) put(writer, item);
    };
  }
  if (type.k === "map") {
    const put = mapWriter(no, type.of);
    return (writer, values) => put(writer, values[json] as Values | null | undefined);
  }
  const put = itemWriter(no, type);
  const optional = pointer || type.k === "list" || (type.k === "scalar" && type.name === "bytes");
  if (!optional) return (writer, values) => put(writer, values[json]);
  return (writer, values) => {
    const value = values[json];
    if (value !== undefined && value !== null) put(writer, value);
  };
}

function nested(writer: Sink, no: number, write: Write, value: unknown): void {
  writer.tag(no, WireType.LengthDelimited).fork();
  write(writer, value);
  writer.join();
}

/** Writes one value with its tag; what is absent is written as zero. */
function itemWriter(no: number, type: TypeRef): Write {
  switch (type.k) {
    case "scalar":
      return scalarWriter(no, type.name);
    case "struct": {
      const inner = structWriter(type.name);
      return (writer, value) => nested(writer, no, inner, value);
    }
    case "special": {
      const inner = writeSpecial(type.name, structWriter);
      return (writer, value) => nested(writer, no, inner, isAbsent(value) ? undefined : value);
    }
    case "list": {
      // a named slice is a message of its own (metav1.Verbs, ExtraValue)
      const item = itemWriter(1, type.of);
      const inner: Write = (writer, value) => {
        for (const each of (value ?? []) as readonly unknown[]) item(writer, each);
      };
      return (writer, value) => nested(writer, no, inner, value);
    }
    case "map":
      throw new Error("maps stand in fields only");
  }
}

function scalarWriter(no: number, name: Scalar): Write {
  switch (name) {
    case "string":
      return (writer, value) => writer.tag(no, WireType.LengthDelimited).string((value ?? "") as string);
    case "bytes":
      return (writer, value) => writer.tag(no, WireType.LengthDelimited).bytes(Buffer.from((value ?? "") as string, "base64"));
    case "bool":
      return (writer, value) => writer.tag(no, WireType.Varint).bool(value === true);
    case "int32":
      return (writer, value) => writer.tag(no, WireType.Varint).int32((value ?? 0) as number);
    case "int64":
      return (writer, value) => writer.tag(no, WireType.Varint).int64((value ?? 0) as number | bigint);
    case "uint8":
    case "uint32":
      return (writer, value) => writer.tag(no, WireType.Varint).uint32((value ?? 0) as number);
    case "float64":
      return (writer, value) => writer.tag(no, WireType.Bit64).double((value ?? 0) as number);
  }
}

const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function mapWriter(no: number, of: TypeRef): (writer: Sink, map: Values | null | undefined) => void {
  const put = itemWriter(2, of);
  // a nil slice is left out of its entry; every other value is written
  const optional = of.k === "scalar" && of.name === "bytes";
  return (writer, map) => {
    if (!map) return;
    for (const key of Object.keys(map).sort(byBytes)) {
      const value = map[key];
      writer.tag(no, WireType.LengthDelimited).fork();
      writer.tag(1, WireType.LengthDelimited).string(key);
      if (!optional || !isAbsent(value)) put(writer, value);
      writer.join();
    }
  };
}

/** The message of a struct without an envelope. `object` is canonical JSON; what is not in the protobuf form (kind, apiVersion) is passed over. */
export function encodeMessage(struct: string, object: object): Buffer {
  // messages are written whole, in one turn
  structWriter(struct)(sink.reset(), object);
  return sink.finish();
}

const sink = new Sink();
