import { parseAddress } from "./address.js";
import { CLASS_IN, type RecordData, type ResourceRecord, TYPE } from "./records.js";
import { classNumber, typeNumber } from "./types.js";

/** What a record has when no TTL is written; seconds. Source: CoreDNS's library, NewRR. */
const DEFAULT_TTL = 3600;
const MAX_WORD = 0xffff;
const MAX_LONG = 0xffffffff;
const MAX_TEXT = 255;

/** The words of a record: quoted ones keep their blanks, parentheses hold lines together, `;` begins a comment. */
function wordsOf(text: string): { readonly text: string; readonly quoted: boolean }[] {
  const words = [];
  let open = 0;
  for (const [whole, quoted] of text.matchAll(/"((?:\\.|[^"\\])*)"|;[^\n]*|[()]|(?:\\.|[^\s";()])+/gs)) {
    if (whole.startsWith(";")) continue;
    if (whole === "(" || whole === ")") {
      open += whole === "(" ? 1 : -1;
      if (open < 0) throw new Error("extra closing brace");
      continue;
    }
    words.push({ text: quoted ?? whole, quoted: quoted !== undefined });
  }
  if (open > 0) throw new Error("unbalanced brace");
  return words;
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** `90`, `1m30s`; undefined when it is no TTL. */
function secondsOf(word: string): number | undefined {
  if (!/^(?:\d+[smhdw]?)+$/i.test(word)) return undefined;
  const parts = [...word.matchAll(/(\d+)([smhdw]?)/gi)];
  const seconds = parts.reduce((sum, [, number, unit]) => sum + Number(number) * (UNITS[unit.toLowerCase()] ?? 1), 0);
  return seconds <= MAX_LONG ? seconds : undefined;
}

/** A name as this server has it: relative ones are below the root. */
const nameAt = (word: string): string => word.replace(/(?<!\\)\.$/, "");

const unescaped = (text: string): string =>
  text.replace(/\\(\d{3}|.)/gs, (_, escaped: string) => (escaped.length === 3 ? String.fromCharCode(Number(escaped) & 255) : escaped));

function numberAt(words: readonly string[], i: number, max: number, type: string): number {
  const word = words[i] ?? "";
  if (!/^\d+$/.test(word) || Number(word) > max) throw new Error(`bad ${type} ${JSON.stringify(word)}`);
  return Number(word);
}

function dataOf(type: string, words: readonly string[]): RecordData {
  const number = typeNumber(type);
  const count = (expected: number): void => {
    if (words.length !== expected) throw new Error(`${type} needs ${expected} value${expected === 1 ? "" : "s"}, not ${words.length}`);
  };
  const word = (i: number): number => numberAt(words, i, MAX_WORD, type);
  switch (number) {
    case TYPE.A:
    case TYPE.AAAA: {
      count(1);
      const address = parseAddress(words[0]);
      const mapped = number === TYPE.AAAA && address?.family === 4 && words[0].includes(":");
      if (!address || (address.family === 4) !== (number === TYPE.A) || mapped) throw new Error(`bad ${type} ${type}: ${JSON.stringify(words[0])}`);
      return { type: number, address };
    }
    case TYPE.CNAME:
    case TYPE.NS:
    case TYPE.PTR:
      count(1);
      return { type: number, target: nameAt(words[0]) };
    case TYPE.MX:
      count(2);
      return { type: number, preference: word(0), target: nameAt(words[1]) };
    case TYPE.SRV:
      count(4);
      return { type: number, priority: word(0), weight: word(1), port: word(2), target: nameAt(words[3]) };
    case TYPE.TXT: {
      const texts = words.map(unescaped).flatMap((text) => text.match(new RegExp(`.{1,${MAX_TEXT}}`, "gs")) ?? [""]);
      if (texts.length === 0) throw new Error("TXT needs a text");
      return { type: number, texts };
    }
    case TYPE.SOA: {
      count(7);
      const [serial, refresh, retry, expire, minimum] = [2, 3, 4, 5, 6].map((i) => numberAt(words, i, MAX_LONG, type));
      return { type: number, primary: nameAt(words[0]), mailbox: nameAt(words[1]), serial, refresh, retry, expire, minimum };
    }
    default:
      throw new Error(number === undefined ? `unknown RR type ${JSON.stringify(type)}` : `records of type ${type} are not supported`);
  }
}

/**
 * Reads one record as a zone file has it: `NAME [TTL] [CLASS] TYPE VALUE…`, TTL and class in any order. Errors: what is wrong with it.
 * Source: RFC 1035, section 5.1; CoreDNS's library, NewRR.
 */
export function parseRecord(text: string): ResourceRecord {
  const words = wordsOf(text);
  if (words.length === 0) throw new Error("no record");
  const name = nameAt(words[0].text);
  let ttl = DEFAULT_TTL;
  let of = CLASS_IN;
  let at = 1;
  for (; at < words.length && !words[at].quoted; at++) {
    const word = words[at].text;
    const seconds = secondsOf(word);
    const number = classNumber(word.toUpperCase());
    if (seconds !== undefined) ttl = seconds;
    else if (number !== undefined) of = number;
    else break;
  }
  const type = words[at];
  if (!type) throw new Error(`no type of record: ${JSON.stringify(text)}`);
  return {
    name,
    ...(of === CLASS_IN ? {} : { class: of }),
    ttl,
    data: dataOf(
      type.text.toUpperCase(),
      words.slice(at + 1).map((word) => word.text),
    ),
  };
}
