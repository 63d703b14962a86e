import { decideBatch, type Live, type PendingWrite } from "./batch.js";
import { StorageError } from "./errors.js";
import { Keyspace } from "./keyspace.js";
import type { Known, Log } from "./log.js";
import { Ring, type RingLimits } from "./ring.js";
import {
  CompactedError,
  type Decide,
  type Entry,
  FutureRevisionError,
  type ListOptions,
  type ListResult,
  type Outcome,
  type Store,
  type Watcher,
  type WatchOptions,
} from "./store.js";
import { Watchers } from "./watch.js";

export interface LogStoreOptions {
  /** How the store is called in messages. */
  readonly name: string;
  readonly ring: RingLimits;
  /** Hears of watchers that throw, against the contract. */
  onWatcherError(error: unknown): void;
}

/** Writes in one commit at most: bounds how long a commit holds the event loop. */
const BATCH_LIMIT = 512;
/** Events read from the log in one go when a watch starts in the past. */
const CATCH_UP_LIMIT = 512;
// Taken once: a test that puts fake timers in place must not stop the store.
const nextTurn = setImmediate;

/** A store over an append-only log: live state in memory, history in the log. */
export class LogStore implements Store {
  readonly #log: Log;
  readonly #name: string;
  readonly #keys: Keyspace;
  readonly #ring: Ring;
  readonly #watchers: Watchers;
  readonly #known: Known = (key) => this.#keys.get(key);
  readonly #live: Live = { get: this.#known, list: (prefix) => this.#keys.list(prefix).entries };
  #revision: number;
  #compacted: number;
  #queue: PendingWrite[] = [];
  /** Entries of the last commit whose parsed form is of no more use: replaced ones, tombstones, and those that nobody watches. */
  #spent: Entry[] = [];
  #scheduled = false;
  #closing: Promise<void> | undefined;
  #sweeping: Promise<void> | undefined;

  constructor(log: Log, options: LogStoreOptions) {
    const { revision, compacted, entries } = log.load();
    this.#log = log;
    this.#name = options.name;
    this.#revision = revision;
    this.#compacted = compacted;
    this.#keys = new Keyspace(entries);
    this.#ring = new Ring(options.ring, revision);
    this.#watchers = new Watchers(options.onWatcherError);
  }

  get revision(): number {
    return this.#revision;
  }

  get compacted(): number {
    return this.#compacted;
  }

  get(key: string): Entry | undefined {
    return this.#keys.get(key);
  }

  count(prefix: string): number {
    return this.#keys.count(prefix);
  }

  list(prefix: string, options: ListOptions = {}): ListResult {
    const { from, limit, at = this.#revision } = options;
    if (at > this.#revision) throw new FutureRevisionError(at, this.#revision);
    if (at < this.#compacted) throw new CompactedError(at, this.#compacted);
    if (at === this.#revision) return { ...this.#keys.list(prefix, from, limit), revision: at };
    this.#checkOpen();
    return { ...this.#log.listAt(prefix, at, from, limit, this.#known), revision: at };
  }

  write(key: string, decide: Decide): Promise<Outcome> {
    if (this.#closing !== undefined) return Promise.reject(this.#closedError());
    return new Promise((resolve, reject) => {
      this.#queue.push({ key, decide, resolve, reject });
      this.#schedule();
    });
  }

  watch({ prefix, after, onEvents }: WatchOptions): Watcher {
    this.#checkOpen();
    if (after < this.#compacted) throw new CompactedError(after, this.#compacted);
    // No commit can come between catching up and joining in: both happen in this turn.
    let seen = after;
    while (seen < this.#ring.floor) {
      const run = this.#log.events(prefix, seen, this.#ring.floor, CATCH_UP_LIMIT, this.#known);
      if (run.length > 0) onEvents(run);
      seen = run.length < CATCH_UP_LIMIT ? this.#ring.floor : run[run.length - 1].revision;
    }
    const run = this.#ring.since(seen, prefix);
    if (run.length > 0) onEvents(run);
    return this.#watchers.add(prefix, Math.max(after, this.#revision), onEvents);
  }

  async compact(revision: number): Promise<void> {
    this.#checkOpen();
    if (revision > this.#revision) throw new FutureRevisionError(revision, this.#revision);
    if (revision > this.#compacted) {
      this.#log.compact(revision);
      this.#compacted = revision;
      this.#ring.drop(revision);
    }
    this.#sweeping ??= this.#sweep().finally(() => {
      this.#sweeping = undefined;
    });
    await this.#sweeping;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    // Not in this turn: it may be one that commits.
    await new Promise<void>((resolve) => nextTurn(resolve));
    while (this.#queue.length > 0) this.#commit();
    this.#watchers.clear();
    this.#log.close();
  }

  /**
   * Commits at the end of this turn of the event loop (after the input of all sockets that had some): what arrived together is committed together,
   * and a write on its own waits for nothing but that.
   */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    nextTurn(() => {
      this.#scheduled = false;
      if (this.#queue.length > 0) this.#commit();
      if (this.#queue.length > 0) this.#schedule();
    });
  }

  /** Decide, commit, show, publish, answer: in that order and in one synchronous turn, hence without anything in between. */
  #commit(): void {
    const writes = this.#queue.length <= BATCH_LIMIT ? this.#queue : this.#queue.slice(0, BATCH_LIMIT);
    this.#queue = writes === this.#queue ? [] : this.#queue.slice(BATCH_LIMIT);
    const { events, verdicts } = decideBatch(writes, this.#live, this.#revision);
    if (events.length > 0) {
      try {
        this.#log.append(events);
      } catch (error) {
        // Every verdict may rest on a write that did not happen, so none of them stands.
        const failure = new StorageError("failed", `${this.#name}: the write could not be committed: ${text(error)}`, error);
        for (const write of writes) write.reject(failure);
        return;
      }
      // One commit later than they were spent: whoever was told of them, or waited for the write, has looked at them by now. The bytes stay.
      for (const entry of this.#spent) entry.memo = undefined;
      for (const event of events) {
        if (event.type === "put") this.#keys.put(event.entry);
        else this.#keys.delete(event.key);
        this.#ring.push(event);
      }
      this.#revision = events[events.length - 1].revision;
      const unheard = this.#watchers.publish(events);
      this.#spent = unheard.map((event) => event.entry);
      for (const { type, entry, previous } of events) {
        if (previous) this.#spent.push(previous);
        if (type === "delete") this.#spent.push(entry);
      }
    }
    for (let i = 0; i < writes.length; i++) {
      const verdict = verdicts[i];
      if ("outcome" in verdict) writes[i].resolve(verdict.outcome);
      else writes[i].reject(verdict.error);
    }
  }

  /** Removes condemned rows bit by bit, so that requests are served in between. What a close interrupts, the next compaction finishes. */
  async #sweep(): Promise<void> {
    let done = false;
    while (!done) {
      await new Promise<void>((resolve) => nextTurn(resolve));
      if (this.#closing !== undefined) return;
      done = this.#log.sweep();
    }
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw this.#closedError();
  }

  #closedError(): StorageError {
    return new StorageError("closed", `${this.#name} is closed`);
  }
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
