/** The types whose JSON form is not their protobuf form, both ways. */
import { WireType } from "@bufbuild/protobuf/wire";
import { canonicalQuantity } from "../../../kinds/quantity.js";
import type { Special } from "../../../kinds/schema/types.js";
import { formatDuration, parseDuration } from "../../../kinds/time.js";
import { rawJson } from "../decode.js";
import { stringify } from "../encode.js";
import { DecodeError } from "../errors.js";
import type { Cursor } from "./cursor.js";
import type { Sink } from "./sink.js";

const SCHEMA = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps";

export const isAbsent = (value: unknown): value is null | undefined => value === null || value === undefined;

type Write = (writer: Sink, value: unknown) => void;

/** The text of what many objects share: managed fields of objects made alike. */
const texts = new WeakMap<object, Buffer>();

function raw(writer: Sink, value: unknown): void {
  if (isAbsent(value)) return;
  if (typeof value !== "object") {
    writer.tag(1, WireType.LengthDelimited).bytes(Buffer.from(stringify(value)));
    return;
  }
  let text = texts.get(value);
  if (!text) {
    text = Buffer.from(stringify(value));
    texts.set(value, text);
  }
  writer.tag(1, WireType.LengthDelimited).bytes(text);
}

/** Seconds and nanoseconds since 1970 of an RFC 3339 time in UTC; the seconds of a Go time may be negative. */
function timestamp(writer: Sink, text: string): void {
  const fraction = /\.(\d+)Z$/.exec(text)?.[1] ?? "";
  const whole = fraction ? `${text.slice(0, -fraction.length - 2)}Z` : text;
  writer.tag(1, WireType.Varint).int64(Date.parse(whole) / 1000);
  writer.tag(2, WireType.Varint).int32(Number(fraction.padEnd(9, "0").slice(0, 6)) * 1000);
}

/** Writes the content of a special's message; undefined is Go's zero value. `struct` gives the writer of a struct. */
export function writeSpecial(name: Special, struct: (name: string) => Write): Write {
  switch (name) {
    case "Time":
    case "MicroTime":
      return (writer, value) => {
        if (!isAbsent(value)) timestamp(writer, value as string);
      };
    case "Duration":
      return (writer, value) => {
        writer.tag(1, WireType.Varint).int64(isAbsent(value) ? 0 : Math.round(parseDuration(value as string) * 1e6));
      };
    case "Quantity":
      return (writer, value) => {
        writer.tag(1, WireType.LengthDelimited).string((value ?? "0") as string);
      };
    case "IntOrString":
      return (writer, value) => {
        const text = typeof value === "string";
        writer.tag(1, WireType.Varint).int64(text ? 1 : 0);
        writer.tag(2, WireType.Varint).int32(text ? 0 : ((value ?? 0) as number));
        writer.tag(3, WireType.LengthDelimited).string(text ? value : "");
      };
    case "RawExtension":
    case "FieldsV1":
    case "JSON":
      return raw;
    default: {
      const schema = struct(SCHEMA);
      const one = (writer: Sink, no: number, value: unknown): void => {
        writer.tag(no, WireType.LengthDelimited).fork();
        schema(writer, value);
        writer.join();
      };
      if (name === "JSONSchemaPropsOrBool")
        return (writer, value) => {
          // a schema in this place allows: Source: apiextensions/v1 marshal.go
          writer.tag(1, WireType.Varint).bool(value === true || (typeof value === "object" && value !== null));
          if (typeof value === "object" && value !== null) one(writer, 2, value);
        };
      return (writer, value) => {
        if (isAbsent(value)) return;
        if (!Array.isArray(value)) return one(writer, 1, value);
        for (const item of value)
          if (name === "JSONSchemaPropsOrArray") one(writer, 2, item);
          else writer.tag(2, WireType.LengthDelimited).string(item as string);
      };
    }
  }
}

/** Go's zero time, 0001-01-01T00:00:00Z, in seconds: null in JSON, nothing in protobuf. */
const ZERO_TIME = -62_135_596_800;

/** What reading needs of the decoder. */
export interface SpecialReader {
  /** Calls `read` for each field of a message until its end; fields it does not take (false) are skipped. */
  fields(reader: Cursor, message: string, read: (no: number, wire: (expected: WireType, field: string) => void) => boolean): void;
  message(reader: Cursor, struct: string, into: Record<string, unknown>): void;
}

/** JSON that lies in a message as bytes. */
function parseRaw(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  const text = bytes.toString("utf8");
  try {
    return rawJson(text);
  } catch (error) {
    throw new DecodeError(`embedded content is not JSON: ${(error as Error).message}`);
  }
}

function rfc3339(seconds: number): string {
  const text = Number.isFinite(seconds) && Math.abs(seconds) < 8.64e12 ? new Date(seconds * 1000).toISOString() : "";
  if (!/^\d{4}-/.test(text)) throw new DecodeError("Time.MarshalJSON: year outside of range [0,9999]");
  return text.slice(0, 19);
}

function quantityOf(text: string): string {
  try {
    return canonicalQuantity(text);
  } catch (error) {
    throw new DecodeError((error as Error).message);
  }
}

/** Reads a special's message into its JSON form; undefined is Go's zero value. The caller makes it canonical. */
export function readSpecial(name: Special, reader: Cursor, decoder: SpecialReader): unknown {
  switch (name) {
    case "Time":
    case "MicroTime": {
      if (reader.pos === reader.end) return undefined;
      let seconds = 0;
      let nanos = 0;
      decoder.fields(reader, "Timestamp", (no, wire) => {
        if (no === 1) {
          wire(WireType.Varint, "Seconds");
          seconds = Number(reader.int64());
        } else if (no === 2) {
          wire(WireType.Varint, "Nanos");
          nanos = reader.int32();
        } else return false;
        return true;
      });
      if (name === "Time") return seconds === ZERO_TIME ? undefined : `${rfc3339(seconds)}Z`;
      const micros = Math.trunc(nanos / 1000);
      // time.Unix normalizes what lies outside of one second
      const carry = Math.floor(micros / 1_000_000);
      const fraction = micros - carry * 1_000_000;
      if (seconds + carry === ZERO_TIME && fraction === 0) return undefined;
      return `${rfc3339(seconds + carry)}.${String(fraction).padStart(6, "0")}Z`;
    }
    case "Duration": {
      let nanos = 0;
      decoder.fields(reader, "Duration", (no, wire) => {
        if (no !== 1) return false;
        wire(WireType.Varint, "Duration");
        nanos = Number(reader.int64());
        return true;
      });
      return formatDuration(nanos / 1e6);
    }
    case "Quantity": {
      let text: string | undefined;
      decoder.fields(reader, "Quantity", (no, wire) => {
        if (no !== 1) return false;
        wire(WireType.LengthDelimited, "String_");
        text = quantityOf(reader.text());
        return true;
      });
      return text;
    }
    case "IntOrString": {
      let type = 0;
      let number = 0;
      let text = "";
      decoder.fields(reader, "IntOrString", (no, wire) => {
        if (no === 1) {
          wire(WireType.Varint, "Type");
          type = Number(reader.int64());
        } else if (no === 2) {
          wire(WireType.Varint, "IntVal");
          number = reader.int32();
        } else if (no === 3) {
          wire(WireType.LengthDelimited, "StrVal");
          text = reader.text();
        } else return false;
        return true;
      });
      return type === 1 ? text : number;
    }
    case "RawExtension":
    case "FieldsV1":
    case "JSON": {
      let value: unknown;
      decoder.fields(reader, name, (no, wire) => {
        if (no !== 1) return false;
        wire(WireType.LengthDelimited, "Raw");
        value = parseRaw(reader.block());
        return true;
      });
      return value;
    }
    default:
      return readSchemaOr(name, reader, decoder);
  }
}

function readSchemaOr(name: Special, reader: Cursor, decoder: SpecialReader): unknown {
  let allows = false;
  let schema: Record<string, unknown> | undefined;
  let list: unknown[] | undefined;
  const one = (into: Record<string, unknown>): Record<string, unknown> => {
    decoder.message(reader, SCHEMA, into);
    return into;
  };
  decoder.fields(reader, name, (no, wire) => {
    if (name === "JSONSchemaPropsOrBool") {
      if (no === 1) {
        wire(WireType.Varint, "Allows");
        allows = reader.bool();
      } else if (no === 2) {
        wire(WireType.LengthDelimited, "Schema");
        schema = one(schema ?? {});
      } else return false;
      return true;
    }
    if (no === 1) {
      wire(WireType.LengthDelimited, "Schema");
      schema = one(schema ?? {});
    } else if (no === 2) {
      wire(WireType.LengthDelimited, name === "JSONSchemaPropsOrArray" ? "JSONSchemas" : "Property");
      list ??= [];
      list.push(name === "JSONSchemaPropsOrArray" ? one({}) : reader.text());
    } else return false;
    return true;
  });
  if (name === "JSONSchemaPropsOrBool") return schema ?? allows;
  return list ?? schema;
}
