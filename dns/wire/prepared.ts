import { HEADER_SIZE } from "./reader.js";

/** Records that stand one behind the other and may change places: where each begins, and where the last ends. */
type Run = readonly number[];

/** An answer that was sent once and can be sent again: all but the id of the message is known. */
export interface Prepared {
  readonly bytes: Buffer;
  readonly runs: readonly Run[];
}

const A = 1;
const AAAA = 28;
/** A pointer to the name of the question, the only one that is still right when records change places. */
const TO_QUESTION = 0xc000 | HEADER_SIZE;
const POINTER = 0xc0;

/** Where the name at `at` ends; undefined when it points into another record. */
function afterName(bytes: Buffer, at: number): number | undefined {
  for (let i = at; ; ) {
    const length = bytes[i];
    if (length === 0) return i + 1;
    if (length >= POINTER) return bytes.readUInt16BE(i) === TO_QUESTION ? i + 2 : undefined;
    i += length + 1;
  }
}

/** The addresses of the answer and of what is added to it; undefined where they must not change places. */
function runsOf(bytes: Buffer): readonly Run[] | undefined {
  const counts = [bytes.readUInt16BE(6), bytes.readUInt16BE(8), bytes.readUInt16BE(10)];
  const named = afterName(bytes, HEADER_SIZE);
  if (named === undefined) return undefined;
  let at = named + 4;
  const runs: Run[] = [];
  for (const count of counts) {
    let run: number[] = [];
    for (let i = 0; i < count; i++) {
      const name = afterName(bytes, at);
      if (name === undefined) return undefined;
      const type = bytes.readUInt16BE(name);
      const end = name + 10 + bytes.readUInt16BE(name + 8);
      if (type === A || type === AAAA) run.push(...(run.length ? [end] : [at, end]));
      else if (run.length) {
        runs.push(run);
        run = [];
      }
      at = end;
    }
    if (run.length) runs.push(run);
  }
  return runs.filter((run) => run.length > 2);
}

/** Keeps an answer for the next time; `shuffle`: its addresses are to be sent in another order each time. Undefined for what must be made anew each time. */
export function prepare(answer: Buffer, shuffle: boolean): Prepared | undefined {
  const truncated = (answer[2] & 0x02) !== 0;
  // which records are cut off depends on their order
  if (shuffle && truncated) return undefined;
  const runs = shuffle ? runsOf(answer) : [];
  return runs && { bytes: answer, runs };
}

/** The answer to a query that is, but for its id, the one it was prepared for. */
export function again({ bytes, runs }: Prepared, query: Buffer, random: () => number): Buffer {
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
