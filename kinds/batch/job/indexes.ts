/** Lists of completion indexes in text form, `1,3-5,7`. Source: pkg/apis/batch/validation validateIndexesFormat and its neighbours. */
import { quote } from "../../field.js";

/** First and last index, both included. */
export type Interval = readonly [first: number, last: number];

/** A text that is no such list; the message is upstream's. */
export class IndexesError extends Error {}

/** Go's strconv.Atoi as far as the sign and the digits go. */
function toIndex(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new IndexesError(`cannot convert string to integer for index: ${quote(text)}`);
  return Number(text);
}

function below(text: string, completions: number): number {
  const index = toIndex(text);
  if (index >= completions) throw new IndexesError(`too large index: ${quote(text)}`);
  return index;
}

/** Throws IndexesError. */
export function parseInterval(text: string, completions: number): Interval {
  const parts = text.split("-");
  if (parts.length > 2)
    throw new IndexesError(`the fragment ${quote(text)} violates the requirement that an index interval can have at most two parts separated by '-'`);
  const first = below(parts[0] as string, completions);
  if (parts.length === 1) return [first, first];
  const last = below(parts[1] as string, completions);
  if (first >= last) throw new IndexesError(`non-increasing order, previous: ${first}, current: ${last}`);
  return [first, last];
}

/** How many indexes the list holds. Throws IndexesError. */
export function countIndexes(text: string, completions: number): number {
  if (text === "") return 0;
  let previous: number | undefined;
  let total = 0;
  for (const part of text.split(",")) {
    const [first, last] = parseInterval(part, completions);
    if (previous !== undefined && previous >= first) throw new IndexesError(`non-increasing order, previous: ${previous}, current: ${first}`);
    total += last - first + 1;
    previous = last;
  }
  return total;
}

/** The first index that stands in both lists; what is malformed in either is passed over, others complain about it. */
export function overlapAt(completed: string, failed: string, completions: number): number | undefined {
  if (completed === "" || failed === "") return undefined;
  const wellFormed = (text: string): Interval[] =>
    text.split(",").flatMap((part) => {
      try {
        return [parseInterval(part, completions)];
      } catch {
        return [];
      }
    });
  const [a, b] = [wellFormed(completed), wellFormed(failed)];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    const [c, f] = [a[i] as Interval, b[j] as Interval];
    if (c[0] <= f[1] && f[0] <= c[1]) return Math.max(c[0], f[0]);
    if (c[0] <= f[0]) i++;
    else j++;
  }
  return undefined;
}
