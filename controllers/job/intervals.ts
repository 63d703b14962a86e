/** Sets of completion indexes as ordered intervals, and their text: `0,2-5`. Source: pkg/controller/job/indexed_job_utils.go orderedIntervals. */

/** First and last index, both included. */
type Interval = readonly [first: number, last: number];

export class Indexes {
  private constructor(private readonly intervals: readonly Interval[]) {}

  static readonly NONE = new Indexes([]);

  /** Single indexes, in any order. */
  static of(indexes: Iterable<number>): Indexes {
    return new Indexes([...new Set(indexes)].sort((a, b) => a - b).map((index): Interval => [index, index]));
  }

  /** Reads the text of a status or a rule; what is malformed in it is passed over, what is not below `completions` cut off. */
  static parse(text: string | undefined, completions: number): Indexes {
    const out: Interval[] = [];
    for (const part of (text ?? "") === "" ? [] : (text as string).split(",")) {
      const limits = part.split("-").map((limit) => (/^[+-]?\d+$/.test(limit) ? Number(limit) : Number.NaN));
      const [first = Number.NaN, last = first] = limits;
      if (Number.isNaN(first)) continue;
      if (first >= completions) break;
      if (Number.isNaN(last)) continue;
      const end = Math.min(last, completions - 1);
      const before = out.at(-1);
      if (before && before[1] === first - 1) out[out.length - 1] = [before[0], end];
      else out.push([first, end]);
    }
    return new Indexes(out);
  }

  get total(): number {
    return this.intervals.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  }

  has(index: number): boolean {
    let [low, high] = [0, this.intervals.length];
    while (high > low) {
      const middle = (low + high) >> 1;
      if ((this.intervals[middle] as Interval)[1] >= index) high = middle;
      else low = middle + 1;
    }
    const found = this.intervals[low];
    return found !== undefined && found[0] <= index;
  }

  union(other: Indexes): Indexes {
    const out: Interval[] = [];
    for (const [first, last] of [...this.intervals, ...other.intervals].sort((a, b) => a[0] - b[0])) {
      const before = out.at(-1);
      if (!before || first > before[1] + 1) out.push([first, last]);
      else if (before[1] < last) out[out.length - 1] = [before[0], last];
    }
    return new Indexes(out);
  }

  /** How many indexes both sets hold. */
  overlap(other: Indexes): number {
    let [i, j, count] = [0, 0, 0];
    while (i < this.intervals.length && j < other.intervals.length) {
      const [a, b] = [this.intervals[i] as Interval, other.intervals[j] as Interval];
      count += Math.max(0, Math.min(a[1], b[1]) - Math.max(a[0], b[0]) + 1);
      if (a[1] <= b[1]) i++;
      if (b[1] <= a[1]) j++;
    }
    return count;
  }

  /** The first `count` indexes below `completions` that are not in the set. */
  missing(count: number, completions: number): number[] {
    const out: number[] = [];
    let candidate = 0;
    for (const [first, last] of [...this.intervals, [completions, completions] as Interval]) {
      for (; candidate < Math.min(first, completions) && out.length < count; candidate++) out.push(candidate);
      candidate = Math.max(candidate, last + 1);
    }
    return out;
  }

  /** Two neighbours stand apart, three and more are a range. */
  toString(): string {
    return this.intervals.map(([first, last]) => (last === first ? `${first}` : `${first}${last === first + 1 ? "," : "-"}${last}`)).join(",");
  }
}
