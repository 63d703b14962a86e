import { isIPv6 } from "node:net";
import { isOnlyCode, type Request } from "../../plugin.js";
import { rcodeName } from "../../wire/rcodes.js";
import { wantsSignatures } from "../../wire/read.js";
import type { Answer } from "../../wire/records.js";
import { className, typeName } from "../../wire/types.js";
import { encode } from "../../wire/write.js";

/** Source: CoreDNS plugin/log/log.go. */
export const COMMON = '{remote}:{port} - {>id} "{type} {class} {name} {proto} {size} {>do} {>bufsize}" {rcode} {>rflags} {rsize} {duration}';
export const COMBINED = `${COMMON} "{>opcode}"`;

/** What happened, and how long it took. */
export interface Exchanged {
  readonly request: Request;
  readonly answer: Answer;
  /** Milliseconds. */
  readonly took: number;
}

const EMPTY = "-";
const RD = 0x0100;
const CD = 0x0010;
const MIN_SIZE = 512;
const MAX_SIZE = 65_535;
/** No answer is that long. */
const UNBOUND = 1 << 24;

const opcodeOf = ({ flags }: Request): number => (flags >> 11) & 15;

function flagsOf({ request, answer }: Exchanged): string {
  const plain = opcodeOf(request) === 0;
  const set: [boolean | undefined, string][] = [
    [true, "qr"],
    [answer.aa, "aa"],
    [answer.tc, "tc"],
    [plain && (request.flags & RD) !== 0, "rd"],
    [answer.ra, "ra"],
    [answer.ad, "ad"],
    [plain && (request.flags & CD) !== 0, "cd"],
  ];
  return set.flatMap(([on, name]) => (on ? [name] : [])).join(",");
}

/** Bytes of the answer as the plugins made it: without EDNS, names written out, nothing cut off. */
function sizeOf({ request, answer }: Exchanged): number {
  const { answers, authorities, additionals } = answer;
  return encode({ id: 0, flags: 0, question: request.question, answers, authorities, additionals }, UNBOUND).length;
}

/** Bytes of the query as they are counted after the answer: writing one drops the options of the query (CoreDNS request.SizeAndDo). */
const countedSize = ({ size, edns }: Request, answer: Answer): number => (isOnlyCode(answer) ? size : size - (edns?.options?.length ?? 0));

/** Go's shortest number of seconds without an exponent, to the nanosecond. */
const seconds = (ms: number): string => `${(ms / 1000).toFixed(9).replace(/\.?0+$/, "")}s`;

const bracketed = (address: string): string => (isIPv6(address) ? `[${address}]` : address);

/** What stands in braces. Source: CoreDNS plugin/pkg/replacer. */
const FIELDS: Readonly<Record<string, (exchanged: Exchanged) => string>> = {
  "{type}": ({ request }) => typeName(request.question.type),
  "{name}": ({ request }) => `${request.name}.`,
  "{class}": ({ request }) => className(request.question.class),
  "{proto}": ({ request }) => (request.transport.startsWith("udp") ? "udp" : "tcp"),
  "{size}": ({ request, answer }) => String(countedSize(request, answer)),
  "{remote}": ({ request }) => bracketed(request.peer.address),
  "{port}": ({ request }) => String(request.peer.port),
  // which of its addresses was asked, the responder does not know
  "{local}": () => EMPTY,
  "{>id}": ({ request }) => String(request.id),
  "{>opcode}": ({ request }) => String(opcodeOf(request)),
  "{>do}": ({ request }) => String(wantsSignatures(request.edns)),
  "{>bufsize}": ({ request }) => String(request.transport.startsWith("udp") ? Math.max(request.edns?.size ?? 0, MIN_SIZE) : MAX_SIZE),
  "{rcode}": ({ answer }) => rcodeName(answer.rcode),
  "{rsize}": (exchanged) => String(sizeOf(exchanged)),
  "{duration}": ({ took }) => seconds(took),
  "{>rflags}": flagsOf,
};

/** A line of a format such as `COMMON`. Braces around nothing that is known stay; names of metadata (`{/…}`) are "-", for there is none. */
export const lineOf = (format: string, exchanged: Exchanged): string =>
  format.replace(/\{[^{}]*\}/g, (field) => FIELDS[field]?.(exchanged) ?? (field.startsWith("{/") ? EMPTY : field));
