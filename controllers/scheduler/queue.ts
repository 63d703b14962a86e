/** Which pod is next: by priority, then by how long it waits; and which wait for something to happen. Source: pkg/scheduler/backend/queue. */
import type { Clock, Timer } from "../runtime/types.js";
import type { Pod } from "../volume/api.js";
import type { Plugin } from "./filters.js";

interface Entry {
  readonly key: string;
  readonly priority: number;
  readonly order: number;
}

interface Parked {
  readonly plugins: ReadonlySet<Plugin>;
  readonly claims: readonly string[];
  readonly since: number;
}

/** Attempts that are free of back-off; a cluster that is being set up changes several times in a row. */
const FREE_ATTEMPTS = 4;
const BACKOFF_MS = 1_000;
const BACKOFF_MAX_MS = 10_000;

export class SchedulingQueue {
  private readonly active = new Map<string, Entry>();
  private sorted: Entry[] = [];
  private dirty = false;
  private readonly parked = new Map<string, Parked>();
  private readonly backoff = new Map<string, Timer>();
  private readonly attempts = new Map<string, number>();
  private order = 0;

  constructor(
    private readonly clock: Clock,
    /** Called when the first pod becomes active. */
    private readonly wake: () => void,
    private readonly podOf: (key: string) => Pod | undefined,
  ) {}

  /** Makes a pod active, whatever it waited for. */
  add(key: string): void {
    this.parked.delete(key);
    this.dropBackoff(key);
    if (this.active.has(key)) return;
    const pod = this.podOf(key);
    if (!pod) return;
    const entry = { key, priority: pod.spec.priority ?? 0, order: this.order++ };
    this.active.set(key, entry);
    this.sorted.push(entry);
    this.dirty = true;
    this.wake();
  }

  /** The next pod, which is then nowhere in the queue. */
  next(): string | undefined {
    if (this.dirty) {
      // Taken from the end.
      this.sorted.sort((a, b) => a.priority - b.priority || b.order - a.order);
      this.dirty = false;
    }
    for (;;) {
      const entry = this.sorted.pop();
      if (!entry) return undefined;
      if (this.active.get(entry.key) !== entry) continue;
      this.active.delete(entry.key);
      this.attempts.set(entry.key, (this.attempts.get(entry.key) ?? 0) + 1);
      return entry.key;
    }
  }

  get length(): number {
    return this.active.size;
  }
  has(key: string): boolean {
    return this.active.has(key) || this.parked.has(key) || this.backoff.has(key);
  }

  /** Puts a pod that no node would take aside until something happens that its rejecters care for. */
  park(key: string, plugins: ReadonlySet<Plugin>, claims: readonly string[]): void {
    this.parked.set(key, { plugins, claims, since: this.clock.now() });
  }

  /** A pod that failed for another reason: again after its back-off. */
  retry(key: string): void {
    this.after(key, this.delay(key) || BACKOFF_MS);
  }

  /** Something happened: the pods whose rejecters are among `plugins` are tried again. No plugins: all of them. `claim` narrows it to users of a claim. */
  moved(plugins?: ReadonlySet<Plugin>, claim?: string): void {
    for (const [key, parked] of this.parked) {
      if (claim !== undefined && !parked.claims.includes(claim)) continue;
      if (plugins && parked.plugins.size && ![...parked.plugins].some((p) => plugins.has(p))) continue;
      this.parked.delete(key);
      const delay = this.delay(key);
      if (delay > 0) this.after(key, delay);
      else this.add(key);
    }
  }

  /** Pods that have waited for longer than `ms` are tried again in any case. */
  stale(ms: number): void {
    const before = this.clock.now() - ms;
    for (const [key, parked] of this.parked) if (parked.since <= before) this.add(key);
  }

  /** Its spec or labels changed: what was held against it may not hold any more. */
  changed(key: string): void {
    if (this.parked.has(key)) this.add(key);
  }

  /** The pod is placed or gone. Returns whether it was active. */
  remove(key: string): boolean {
    this.parked.delete(key);
    this.attempts.delete(key);
    this.dropBackoff(key);
    return this.active.delete(key);
  }

  stop(): void {
    for (const timer of this.backoff.values()) this.clock.clearTimeout(timer);
    this.backoff.clear();
    this.active.clear();
    this.parked.clear();
    this.sorted = [];
  }

  private delay(key: string): number {
    const beyond = (this.attempts.get(key) ?? 0) - FREE_ATTEMPTS;
    return beyond <= 0 ? 0 : Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** (beyond - 1));
  }
  private after(key: string, ms: number): void {
    if (this.backoff.has(key)) return;
    this.backoff.set(
      key,
      this.clock.setTimeout(() => {
        this.backoff.delete(key);
        this.add(key);
      }, ms),
    );
  }
  private dropBackoff(key: string): void {
    const timer = this.backoff.get(key);
    if (timer === undefined) return;
    this.clock.clearTimeout(timer);
    this.backoff.delete(key);
  }
}
