import { HEADER_SIZE } from "./reader.js";
import { TYPE } from "./records.js";

/** Records that stand one behind the other and may change places: where each begins, and where the last ends. */
type Run = readonly number[];

/** An answer that was sent once and can be sent again: all but the id of the message is known. */
export interface Prepared {
  readonly bytes: Buffer;
  readonly runs: readonly Run[];
  /** Where a TTL stands, before records change places. */
  readonly ttls: readonly number[];
}

/** A pointer to the name of the question, the only one that is still right when records change places. */
const TO_QUESTION = 0xc000 | HEADER_SIZE;
const POINTER = 0xc0;

/** Where one record stands. */
interface Place {
  readonly section: number;
  readonly at: number;
  /** Behind its name: type, class, TTL, length and data follow. */
  readonly fields: number;
  readonly type: number;
  readonly end: number;
  /** Its name is written by pointing into another record. */
  readonly tied: boolean;
}

/** Where the name at `at` ends, and whether it points elsewhere than to the question. */
function afterName(bytes: Buffer, at: number): readonly [end: number, tied: boolean] {
  for (let i = at; ; ) {
    const length = bytes[i];
    if (length === 0) return [i + 1, false];
    if (length >= POINTER) return [i + 2, bytes.readUInt16BE(i) !== TO_QUESTION];
    i += length + 1;
  }
}

/** The records of an answer to one question. */
function placesOf(bytes: Buffer): readonly Place[] {
  const places: Place[] = [];
  let at = afterName(bytes, HEADER_SIZE)[0] + 4;
  for (let section = 0; section < 3; section++) {
    for (let i = bytes.readUInt16BE(6 + 2 * section); i > 0; i--) {
      const [fields, tied] = afterName(bytes, at);
      const end = fields + 10 + bytes.readUInt16BE(fields + 8);
      places.push({ section, at, fields, type: bytes.readUInt16BE(fields), end, tied });
      at = end;
    }
  }
  return places;
}

/** The addresses of the answer and of what is added to it; undefined where they must not change places. */
function runsOf(places: readonly Place[]): readonly Run[] | undefined {
  if (places.some(({ tied }) => tied)) return undefined;
  const runs: Run[] = [];
  let run: number[] = [];
  let within: number | undefined;
  for (const { section, type, at, end } of places) {
    const isAddress = type === TYPE.A || type === TYPE.AAAA;
    if (!isAddress || section !== within) {
      runs.push(run);
      run = isAddress ? [at] : [];
      within = isAddress ? section : undefined;
    }
    if (isAddress) run.push(end);
  }
  return [...runs, run].filter((one) => one.length > 2);
}

/**
 * Keeps an answer for the next time. `shuffle`: its addresses are to be sent in another order each time; `ages`: with another TTL. Undefined for what must be made
 * anew each time.
 */
export function prepare(answer: Buffer, { shuffle, ages }: { readonly shuffle: boolean; readonly ages: boolean }): Prepared | undefined {
  const truncated = (answer[2] & 0x02) !== 0;
  // which records are cut off depends on their order
  if (shuffle && truncated) return undefined;
  const places = shuffle || ages ? placesOf(answer) : [];
  const runs = shuffle ? runsOf(places) : [];
  const ttls = ages ? places.filter(({ type }) => type !== TYPE.OPT).map(({ fields }) => fields + 4) : [];
  // what is sent for the first time may still be on its way when it is next asked for
  return runs && { bytes: ages ? Buffer.from(answer) : answer, runs, ttls };
}

/** The answer to a query that is, but for its id, the one it was prepared for; with this TTL, where it `ages`. */
export function again({ bytes, runs, ttls }: Prepared, query: Buffer, random: () => number, ttl = 0): Buffer {
  // into what is kept: the same for all, so that it is right wherever they go
  for (const at of ttls) bytes.writeUInt32BE(ttl, at);
  const answer = Buffer.allocUnsafe(bytes.length);
  bytes.copy(answer);
  answer[0] = query[0];
  answer[1] = query[1];
  for (const run of runs) {
    const order = Array.from({ length: run.length - 1 }, (_, i) => i);
    let at = run[0];
    for (let left = order.length; left > 0; left--) {
      const pick = left === 1 ? 0 : Math.floor(random() * left);
      const one = order[pick];
      order[pick] = order[left - 1];
      bytes.copy(answer, at, run[one], run[one + 1]);
      at += run[one + 1] - run[one];
    }
  }
  return answer;
}
