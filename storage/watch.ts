import type { StoreEvent, Watcher, WatchOptions } from "./store.js";

interface Subscription {
  readonly onEvents: WatchOptions["onEvents"];
  /** Events up to this revision are not for it: it has them already, or it asked for later ones. */
  readonly after: number;
}

/** Everybody who watches one prefix; `run` collects what the commit in hand has for them. */
interface Group {
  readonly prefix: string;
  readonly subscriptions: Set<Subscription>;
  run: StoreEvent[];
}

/**
 * Who watches what. An event costs one map lookup per distinct prefix length, not one comparison per watcher; watchers of the same prefix share the
 * array they are handed.
 */
export class Watchers {
  readonly #groups = new Map<string, Group>();
  /** How many groups have a prefix of that length; keys kept ascending. */
  #lengths = new Map<number, number>();
  readonly #onError: (error: unknown) => void;

  /** `onError` hears of a watcher that threw; it is stopped. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  add(prefix: string, after: number, onEvents: WatchOptions["onEvents"]): Watcher {
    const subscription: Subscription = { onEvents, after };
    let group = this.#groups.get(prefix);
    if (group === undefined) {
      group = { prefix, subscriptions: new Set(), run: [] };
      this.#groups.set(prefix, group);
      this.#countLength(prefix.length, 1);
    }
    group.subscriptions.add(subscription);
    return { stop: () => this.#remove(prefix, subscription) };
  }

  /** Hands a commit's events (consecutive revisions) to whom they concern; returns those that concern nobody. */
  publish(events: readonly StoreEvent[]): StoreEvent[] {
    const touched: Group[] = [];
    const unheard: StoreEvent[] = [];
    for (const event of events) {
      const key = event.key;
      let heard = false;
      for (const length of this.#lengths.keys()) {
        if (length > key.length) break;
        const group = this.#groups.get(key.slice(0, length));
        if (group === undefined) continue;
        heard = true;
        if (group.run.length === 0) touched.push(group);
        group.run.push(event);
      }
      if (!heard) unheard.push(event);
    }
    for (const group of touched) {
      const run = group.run;
      group.run = [];
      const first = run[0].revision;
      const last = run[run.length - 1].revision;
      // The set may change under a callback: who stops is not visited any more; who starts has `after` at this commit already.
      for (const subscription of group.subscriptions) {
        if (subscription.after >= last) continue;
        this.#deliver(group.prefix, subscription, subscription.after < first ? run : run.filter((event) => event.revision > subscription.after));
      }
    }
    return unheard;
  }

  clear(): void {
    for (const group of this.#groups.values()) group.subscriptions.clear();
    this.#groups.clear();
    this.#lengths.clear();
  }

  #deliver(prefix: string, subscription: Subscription, run: readonly StoreEvent[]): void {
    try {
      subscription.onEvents(run);
    } catch (error) {
      // The commit has happened: the other watchers and the writers must still hear of it.
      this.#remove(prefix, subscription);
      this.#onError(error);
    }
  }

  #remove(prefix: string, subscription: Subscription): void {
    const group = this.#groups.get(prefix);
    if (group === undefined || !group.subscriptions.delete(subscription) || group.subscriptions.size > 0) return;
    this.#groups.delete(prefix);
    this.#countLength(prefix.length, -1);
  }

  #countLength(length: number, by: number): void {
    const count = (this.#lengths.get(length) ?? 0) + by;
    if (count === 0) this.#lengths.delete(length);
    else if (this.#lengths.has(length)) this.#lengths.set(length, count);
    else this.#lengths = new Map([...this.#lengths, [length, count] as const].sort(([a], [b]) => a - b));
  }
}
