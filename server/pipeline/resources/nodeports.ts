/** Node ports of Services: which are taken, which is next. Source: pkg/registry/core/service/portallocator. */

/** From the first to the last port, both included. */
export type PortRange = readonly [first: number, last: number];

const MIN_OFFSET = 16;
const MAX_OFFSET = 128;
const STEP = 32;

/** How many of the range's first ports are left to those who choose their own. Source: calculateRangeOffset. */
export function staticBand([first, last]: PortRange): number {
  const size = last - first + 1;
  if (size <= MIN_OFFSET) return 0;
  return Math.min(MAX_OFFSET, Math.max(MIN_OFFSET, Math.floor(size / STEP)));
}

/** The port that a dry run shows first: none of the usual range. */
const DRY_RUN_PORT = 32768;

/**
 * The ports one Service takes in one write. `taken` are those of all Services as they are stored, the Service's own included: what it gives up is free only
 * after the write. A dry run takes nothing, does not look at the range, and shows made-up numbers.
 */
export class PortOperation {
  private readonly taken: Set<number>;
  private readonly allocated: number[] = [];

  constructor(
    private readonly range: PortRange,
    taken: Iterable<number>,
    private readonly random: () => number,
    private readonly dryRun: boolean,
  ) {
    this.taken = new Set(taken);
  }

  /** Takes this port; the text of what is against it. */
  allocate(port: number): string | undefined {
    const [first, last] = this.range;
    const outside = port < first || port > last;
    if (outside && !this.dryRun) return `provided port is not in the valid range. The range of valid ports is ${first}-${last}`;
    if ((!outside && this.taken.has(port)) || this.allocated.includes(port)) return "provided port is already allocated";
    this.allocated.push(port);
    return undefined;
  }

  /** Takes any port: at random above the static band, else in it; undefined when all are taken. */
  next(): number | undefined {
    if (this.dryRun) return this.pretend();
    const [first, last] = this.range;
    const band = staticBand(this.range);
    return this.draw(first + band, last - first - band + 1) ?? this.draw(first, band);
  }

  private draw(base: number, size: number): number | undefined {
    const start = Math.floor(this.random() * size);
    for (let i = 0; i < size; i++) {
      const port = base + ((start + i) % size);
      if (this.taken.has(port) || this.allocated.includes(port)) continue;
      this.allocated.push(port);
      return port;
    }
    return undefined;
  }

  private pretend(): number {
    const latest = this.allocated.length > 0 ? Math.max(...this.allocated) : DRY_RUN_PORT;
    for (let port = latest + 1; port < 100; port++) if (this.allocate(port) === undefined) return port;
    this.allocated.push(latest + 1);
    return latest + 1;
  }
}
