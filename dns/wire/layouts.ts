import { Malformed, type Reader } from "./reader.js";

/**
 * What stands in the data of records, field by field, by type (the RFCs that define them):
 * `b` `w` `l` a number of 1, 2, 4 bytes; `6` `8` so many bytes; `a` `q` an address of version 4, 6; `n` a name; `t` a text, `T` texts to the end;
 * `B` `W` as many bytes as the number of 1, 2 bytes before them says; `m` a map of types (RFC 4034, section 4.1.2); `*` whatever follows. A type that is not here is `*`.
 */
const LAYOUTS: Readonly<Record<number, string>> = {
  1: "a", // A
  2: "n", // NS
  3: "n", // MD
  4: "n", // MF
  5: "n", // CNAME
  6: "nnlllll", // SOA
  7: "n", // MB
  8: "n", // MG
  9: "n", // MR
  12: "n", // PTR
  13: "tt", // HINFO
  14: "nn", // MINFO
  15: "wn", // MX
  16: "T", // TXT
  17: "nn", // RP
  18: "wn", // AFSDB
  19: "t", // X25
  20: "tt", // ISDN
  21: "wn", // RT
  23: "n", // NSAP-PTR
  24: "wbblllwn*", // SIG
  25: "wbb*", // KEY
  26: "wnn", // PX
  27: "ttt", // GPOS
  28: "q", // AAAA
  29: "bbbblll", // LOC
  30: "nm", // NXT
  33: "wwwn", // SRV
  35: "wwtttn", // NAPTR
  36: "wn", // KX
  37: "wwb*", // CERT
  39: "n", // DNAME
  43: "wbb*", // DS
  44: "bb*", // SSHFP
  46: "wbblllwn*", // RRSIG
  47: "nm", // NSEC
  48: "wbb*", // DNSKEY
  50: "bbwBBm", // NSEC3
  51: "bbwB", // NSEC3PARAM
  52: "bbb*", // TLSA
  53: "bbb*", // SMIMEA
  56: "T", // NINFO
  57: "wbb*", // RKEY
  58: "nn", // TALINK
  59: "wbb*", // CDS
  60: "wbb*", // CDNSKEY
  62: "lwm", // CSYNC
  63: "lbb*", // ZONEMD
  64: "wn*", // SVCB
  65: "wn*", // HTTPS
  99: "T", // SPF
  100: "t", // UINFO
  101: "l", // UID
  102: "l", // GID
  104: "w8", // NID
  105: "wa", // L32
  106: "w8", // L64
  107: "wn", // LP
  108: "6", // EUI48
  109: "8", // EUI64
  128: "", // NXNAME
  249: "nllwwWW", // TKEY
  250: "n6wWwwW", // TSIG
  255: "", // ANY
  256: "ww*", // URI
  257: "bt*", // CAA
  258: "T", // AVC
  261: "T", // RESINFO
  32768: "wbb*", // TA
  32769: "wbb*", // DLV
};
const MAX_WINDOW = 32;
const SIZES: Readonly<Record<string, number>> = { b: 1, w: 2, l: 4, 6: 6, 8: 8, a: 4, q: 16 };

/** What stands in the data of a type. */
export const layoutOf = (type: number): string => LAYOUTS[type] ?? "*";

/** Windows of types, each with its number and length: the numbers rise, and none is empty. */
function passTypes(reader: Reader, end: number): void {
  for (let last = -1; reader.at < end; ) {
    const window = reader.octet();
    const length = reader.octet();
    if (window <= last || length === 0 || length > MAX_WINDOW) throw new Malformed();
    reader.skip(length);
    last = window;
  }
}

function passField(reader: Reader, field: string, end: number): void {
  switch (field) {
    case "n":
      reader.name();
      break;
    case "t":
      reader.skip(reader.octet());
      break;
    case "T":
      while (reader.at < end) reader.skip(reader.octet());
      break;
    case "B":
    case "W": {
      const length = field === "B" ? reader.octet() : reader.word();
      if (reader.at < end) reader.skip(length);
      break;
    }
    case "m":
      passTypes(reader, end);
      break;
    case "*":
      reader.at = end;
      break;
    default:
      reader.skip(SIZES[field]);
  }
}

/**
 * Passes over the data of a record, which ends at `end`, if it is what its type says, and throws Malformed if it is not. No data at all is what updates have, and
 * data may end behind any field. Source: CoreDNS's library, msg.go UnpackRRWithHeader and the unpack functions of its types.
 */
export function passData(reader: Reader, type: number, end: number): void {
  if (reader.at === end) return;
  for (const field of layoutOf(type)) {
    passField(reader, field, end);
    if (reader.at >= end) break;
  }
  if (reader.at !== end) throw new Malformed();
}
