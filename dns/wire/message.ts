import { type Body, type Edns, type Header, readBody, readHeader } from "./read.js";
import { type Answer, CLASS_IN, type Question, RCODE } from "./records.js";
import { encode, type Message } from "./write.js";

export type { Edns } from "./read.js";

/** How a query came: it bounds how long the answer may be. */
export type Transport = "udp4" | "udp6" | "tcp";

const FLAG = { qr: 0x8000, aa: 0x0400, tc: 0x0200, rd: 0x0100, ra: 0x0080, ad: 0x0020, cd: 0x0010 } as const;
const QUERY = 0;
const NOTIFY = 4;
const MIN_SIZE = 512;
const MAX_SIZE = 65535;
/** Above this, names are compressed in the hope of a single fragment. */
const PLAIN_SIZE: Readonly<Record<Transport, number>> = { udp4: 1480, udp6: 1220, tcp: MAX_SIZE };
/** Version in the TTL of EDNS, and the extended rcode 16 (BADVERS) as its upper byte. */
const EDNS_VERSION = 0x00ff0000;
const BADVERS = 0x01000000;

const opcodeOf = (header: Header): number => (header.flags >> 11) & 15;

/** What is refused before it is read: opcode and bits of the query stay, nothing follows (CoreDNS's library, DefaultMsgAcceptFunc and SetRcodeFormatError). */
function reject(header: Header, rcode: number, question?: Question): Buffer {
  const opcode = rcode === RCODE.NOTIMP ? opcodeOf(header) : QUERY;
  const kept = header.flags & (FLAG.tc | FLAG.rd | FLAG.ra | FLAG.ad | FLAG.cd);
  return encode({ id: header.id, flags: FLAG.qr | (opcode << 11) | kept | rcode, question }, MAX_SIZE);
}

function reply(header: Header, body: Body, rcode: number, rest: Partial<Message> = {}): Message {
  const opcode = opcodeOf(header);
  const kept = opcode === QUERY ? header.flags & (FLAG.rd | FLAG.cd) : 0;
  // the size is given back as it came, of the flags only DO and its neighbours, and no option
  const edns: Edns | undefined = body.edns && { size: body.edns.size, ttl: body.edns.ttl & 0xff00 };
  return { id: header.id, flags: FLAG.qr | (opcode << 11) | kept | rcode, question: body.question, edns, ...rest };
}

/** A question that is to be answered, and what the message around the answer needs. */
export interface Query {
  readonly header: Header;
  readonly question: Question;
  readonly edns: Edns | undefined;
  /** What the answer may be at most, and what it may be before names are compressed; bytes. */
  readonly limit: number;
  readonly plain: number;
}

/** A message that came: nothing to say to it, an answer that needs no look at any name, or a question. */
export type Incoming = undefined | { readonly reply: Buffer; readonly query?: undefined } | { readonly query: Query };

/**
 * Reads a message; pure. Nothing is said to what is no query, or too short to be one. The question of a query is one of class IN, if not of `anyClass`.
 * Source: CoreDNS core/dnsserver/server.go ServeDNS, request/request.go SizeAndDo and Scrub.
 */
export function receive(bytes: Buffer, transport: Transport, anyClass = false): Incoming {
  const header = readHeader(bytes);
  if (!header || header.flags & FLAG.qr) return undefined;
  const opcode = opcodeOf(header);
  if (opcode !== QUERY && opcode !== NOTIFY) return { reply: reject(header, RCODE.NOTIMP) };
  const [questions, answers, authorities, additionals] = header.counts;
  if (questions !== 1 || answers > 1 || authorities > 1 || additionals > 2) return { reply: reject(header, RCODE.FORMERR) };
  const body = readBody(bytes, header);
  if (body.malformed) return { reply: reject(header, RCODE.FORMERR, body.question) };
  const limit = transport === "tcp" ? MAX_SIZE : Math.max(MIN_SIZE, body.edns?.size ?? 0);
  const plain = PLAIN_SIZE[transport];
  const send = (message: Message): Incoming => ({ reply: encode(message, limit, plain) });
  const { question, edns } = body;
  if (!question) return send(reply(header, body, RCODE.SERVFAIL));
  if (question.class !== CLASS_IN && !anyClass) return send(reply(header, body, RCODE.REFUSED));
  if (edns && edns.ttl & EDNS_VERSION) return send(reply(header, body, RCODE.NOERROR, { edns: { size: 0, ttl: BADVERS } }));
  return { query: { header, question, edns, limit, plain } };
}

/** The bytes of an answer, cut to what the transport and the client's EDNS allow. */
export function finish({ header, question, edns, limit, plain }: Query, answer: Answer): Buffer {
  const { answers, authorities, additionals, rcode, options } = answer;
  const message = reply(header, { question, edns, malformed: false }, rcode & 15, { answers, authorities, additionals });
  const bits = (answer.aa ? FLAG.aa : 0) | (answer.ra ? FLAG.ra : 0) | (answer.ad ? FLAG.ad : 0) | (answer.tc ? FLAG.tc : 0);
  const flags = message.flags | bits;
  if (!message.edns || (rcode < 16 && !options)) return encode({ ...message, flags }, limit, plain);
  // the upper byte of a long rcode stands in EDNS (RFC 6891, section 6.1.3)
  return encode({ ...message, flags, edns: { ...message.edns, ttl: message.edns.ttl + (rcode >> 4) * 0x1000000, options } }, limit, plain);
}
