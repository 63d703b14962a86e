import type { Event } from "./api.js";
import { timestamp } from "./time.js";

/** Sources: client-go tools/record/events_cache.go. */
const CACHE_SIZE = 4096;
const AGGREGATE_AFTER = 10;
const AGGREGATE_WINDOW_MS = 600_000;
const SPAM_BURST = 25;
const SPAM_REFILL_MS = 300_000;

/** A map that forgets what was used least recently. */
class Lru<V> {
  private readonly entries = new Map<string, V>();
  get(key: string): V | undefined {
    const value = this.entries.get(key);
    if (value !== undefined) {
      this.entries.delete(key);
      this.entries.set(key, value);
    }
    return value;
  }
  set(key: string, value: V): void {
    this.entries.delete(key);
    this.entries.set(key, value);
    if (this.entries.size > CACHE_SIZE) for (const oldest of this.entries.keys()) return void this.entries.delete(oldest);
  }
}

/** What to write: a new Event, or a patch of one that was written before. `key` orders writes about one Event. */
export interface Correlated {
  readonly key: string;
  readonly event: Event;
  readonly patch?: { readonly count: number; readonly lastTimestamp: string; readonly message: string };
}

interface Seen {
  readonly name: string;
  readonly count: number;
  readonly firstTimestamp?: string;
}

const join = (...parts: (string | undefined)[]): string => parts.map((part) => part ?? "").join("\u0000");

/**
 * Of one recorder. Folds, combines and drops Events as client-go's EventCorrelator does: the same Event again raises its count; from the tenth message about one object and reason
 * within ten minutes on, one combined Event; 25 Events at a time about one object and type, then one every five minutes.
 */
export class Correlator {
  private readonly groups = new Lru<{ readonly messages: string[]; last: number }>();
  private readonly seen = new Lru<Seen>();
  private readonly buckets = new Lru<{ tokens: number; at: number }>();

  /** `newName` names a combined Event of `name` at `now` (milliseconds since the epoch). Undefined when the Event is to be dropped. */
  correlate(event: Event, now: number, newName: (involved: string) => string): Correlated | undefined {
    const { involvedObject: o } = event;
    // Keys are kept for thousands of Events and so are short: source and reporter are the same for all that one correlator sees, and a uid says kind, namespace and name.
    const about = o.uid ? join(o.uid, o.apiVersion, event.type) : join(o.kind, o.namespace, o.name, "", o.apiVersion, event.type);
    const group = join(about, event.reason);
    let record = this.groups.get(group);
    if (!record || now - record.last > AGGREGATE_WINDOW_MS) record = { messages: [], last: now };
    const message = event.message ?? "";
    if (!record.messages.includes(message)) record.messages.push(message);
    record.last = now;
    this.groups.set(group, record);

    let key = join(about, o.fieldPath, event.reason, event.message);
    let observed = event;
    if (record.messages.length >= AGGREGATE_AFTER) {
      record.messages.shift();
      key = group;
      // The combined Event does not say who reports it: upstream leaves these fields out of the copy.
      const { reportingComponent: _, reportingInstance: __, ...rest } = event;
      observed = {
        ...rest,
        metadata: { name: newName(o.name ?? ""), namespace: event.metadata.namespace },
        message: `(combined from similar events): ${event.message}`,
        count: 1,
        firstTimestamp: timestamp(now),
        lastTimestamp: timestamp(now),
        reportingComponent: "",
        reportingInstance: "",
      };
    }

    const before = this.seen.get(key);
    let patch: Correlated["patch"];
    if (before) {
      const count = before.count + 1;
      observed = { ...observed, metadata: { ...observed.metadata, name: before.name }, firstTimestamp: before.firstTimestamp, count };
      patch = { count, lastTimestamp: observed.lastTimestamp ?? "", message: observed.message ?? "" };
    }
    this.seen.set(key, { name: observed.metadata.name ?? "", count: observed.count ?? 1, firstTimestamp: observed.firstTimestamp });
    return this.accept(about, now) ? { key, event: observed, patch } : undefined;
  }

  private accept(about: string, now: number): boolean {
    const bucket = this.buckets.get(about) ?? { tokens: SPAM_BURST, at: now };
    const tokens = Math.min(SPAM_BURST, bucket.tokens + Math.max(0, now - bucket.at) / SPAM_REFILL_MS);
    const accepted = tokens >= 1;
    this.buckets.set(about, { tokens: accepted ? tokens - 1 : tokens, at: now });
    return accepted;
  }
}
