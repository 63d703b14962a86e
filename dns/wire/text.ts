import { formatAddress } from "./address.js";
import { OPAQUE, type RecordData, type ResourceRecord, TYPE, typeOf } from "./records.js";
import { typeName } from "./types.js";

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
export const recordText = ({ name, ttl, data }: ResourceRecord): string => `${name}. ${ttl} IN ${typeName(typeOf(data))} ${dataText(data)}`;
