/** How soon failed pods are replaced: a kubelet that refuses a pod would refuse the next one too. Source: client-go util/flowcontrol Backoff. */
const FIRST_MS = 1000;
const MOST_MS = 15 * 60_000;

interface Entry {
  wait: number;
  since: number;
}

export class Failures {
  private readonly entries = new Map<string, Entry>();

  /** 0 when a replacement may be made now, which this call then counts; else the milliseconds to leave it alone. */
  wait(key: string, now: number): number {
    for (const [k, entry] of this.entries) if (now - entry.since > 2 * MOST_MS) this.entries.delete(k);
    const entry = this.entries.get(key);
    if (entry && now - entry.since < entry.wait) return entry.wait;
    this.entries.set(key, { wait: entry ? Math.min(entry.wait * 2, MOST_MS) : FIRST_MS, since: now });
    return 0;
  }
}
