import { formatAddress } from "./address.js";
import { CLASS_IN, OPAQUE, type RecordData, type ResourceRecord, TYPE, typeOf } from "./records.js";
import { className, typeName } from "./types.js";

function dataText(data: RecordData): string {
  switch (data.type) {
    case TYPE.A:
    case TYPE.AAAA:
      return formatAddress(data.address);
    case TYPE.MX:
      return `${data.preference} ${data.target}.`;
    case TYPE.SRV:
      return `${data.priority} ${data.weight} ${data.port} ${data.target}.`;
    case TYPE.TXT:
      return data.texts.map((text) => JSON.stringify(text)).join(" ");
    case TYPE.SOA:
      return `${data.primary}. ${data.mailbox}. ${data.serial} ${data.refresh} ${data.retry} ${data.expire} ${data.minimum}`;
    case OPAQUE:
      // RFC 3597, section 5
      return `\\# ${data.bytes.length} ${Buffer.from(data.bytes).toString("hex")}`.trimEnd();
    default:
      return `${data.target}.`;
  }
}

/** A record as a zone file has it: `nginx.default.svc.cluster.local. 5 IN A 10.244.0.5`. */
export const recordText = ({ name, class: of = CLASS_IN, ttl, data }: ResourceRecord): string =>
  `${name}. ${ttl} ${className(of)} ${typeName(typeOf(data))} ${dataText(data)}`;
