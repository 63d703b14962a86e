import { layoutOf } from "./layouts.js";
import { Malformed, type Reader } from "./reader.js";
import { nameOf, OPAQUE, type RecordData, TYPE } from "./records.js";
import type { Writer } from "./write.js";

/**
 * Records whose names may be pointers into their message, so that they cannot be passed on byte by byte: MD, MF, MB, MG, MR, MINFO, RP, AFSDB, RT, PX, NAPTR, KX,
 * DNAME (RFC 3597, section 4; RFC 1035, section 3.3).
 */
const MAY_POINT = new Set([3, 4, 7, 8, 9, 14, 17, 18, 21, 26, 35, 36, 39]);

/** The labels of a name without pointers. */
const written = (labels: readonly string[]): Buffer =>
  Buffer.concat([...labels.map((label) => Buffer.from(String.fromCharCode(label.length) + label, "latin1")), Buffer.of(0)]);

function readOpaque(reader: Reader, type: number, end: number): Uint8Array {
  if (!MAY_POINT.has(type)) return reader.octets(end - reader.at);
  const parts = Array.from(layoutOf(type), (part) => {
    if (part === "n") return written(reader.name());
    if (part === "w") return reader.octets(2);
    const text = reader.text();
    return Buffer.from(String.fromCharCode(text.length) + text, "latin1");
  });
  return Buffer.concat(parts);
}

function readAddress(reader: Reader, family: 4 | 6, length: number): RecordData {
  if (length !== (family === 4 ? 4 : 16)) throw new Malformed();
  const bytes = reader.octets(length);
  return { type: family === 4 ? TYPE.A : TYPE.AAAA, address: { family, bytes, text: "" } };
}

/** Reads what a record of this type says, up to `end`; the reader stands behind it then. May throw Malformed. */
export function readData(reader: Reader, type: number, end: number): RecordData {
  const name = (): string => nameOf(reader.name());
  switch (type) {
    case TYPE.A:
      return readAddress(reader, 4, end - reader.at);
    case TYPE.AAAA:
      return readAddress(reader, 6, end - reader.at);
    case TYPE.CNAME:
    case TYPE.PTR:
    case TYPE.NS:
      return { type, target: name() };
    case TYPE.MX:
      return { type, preference: reader.word(), target: name() };
    case TYPE.SRV:
      return { type, priority: reader.word(), weight: reader.word(), port: reader.word(), target: name() };
    case TYPE.TXT: {
      const texts: string[] = [];
      while (reader.at < end) texts.push(reader.text());
      return { type, texts };
    }
    case TYPE.SOA: {
      const [primary, mailbox] = [name(), name()];
      const [serial, refresh, retry, expire, minimum] = Array.from({ length: 5 }, () => reader.long());
      return { type, primary, mailbox, serial, refresh, retry, expire, minimum };
    }
    default:
      return { type: OPAQUE, of: type, bytes: readOpaque(reader, type, end) };
  }
}

/** Writes what a record says. */
export function writeData(writer: Writer, data: RecordData): void {
  switch (data.type) {
    case TYPE.A:
    case TYPE.AAAA:
      writer.octets(data.address.bytes);
      break;
    case TYPE.CNAME:
    case TYPE.PTR:
    case TYPE.NS:
      writer.name(data.target);
      break;
    case TYPE.MX:
      writer.word(data.preference);
      writer.name(data.target);
      break;
    case TYPE.SRV:
      writer.word(data.priority);
      writer.word(data.weight);
      writer.word(data.port);
      // RFC 2782: no compression of the target
      writer.name(data.target, false);
      break;
    case TYPE.TXT:
      for (const text of data.texts) writer.text(text);
      break;
    case TYPE.SOA:
      writer.name(data.primary);
      writer.name(data.mailbox);
      for (const n of [data.serial, data.refresh, data.retry, data.expire, data.minimum]) writer.long(n);
      break;
    case OPAQUE:
      writer.octets(data.bytes);
      break;
  }
}
