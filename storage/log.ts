import type { Entry, StoreEvent } from "./store.js";

/** What the log knew when it was opened. */
export interface LogState {
  readonly revision: number;
  readonly compacted: number;
  /** The live entries, in any order. */
  readonly entries: Entry[];
}

/** The live entry of a key. */
export type Known = (key: string) => Entry | undefined;

/**
 * The append-only log below a store: one row per write, one transaction per batch. It holds no state of its own but what is in the file; all calls
 * are synchronous, so that a commit and what follows from it can share a turn of the event loop.
 */
export interface Log {
  /** Reads the live state; once, after opening. */
  load(): LogState;
  /** All or none of them, durable against the death of the process on return. Throws if none. */
  append(events: readonly StoreEvent[]): void;
  /** Entries as of revision `at`, in key order: those from `from` on, at most `limit`, and how many follow. `known` finds what is in memory already. */
  listAt(prefix: string, at: number, from: string | undefined, limit: number | undefined, known: Known): { entries: Entry[]; remaining: number };
  /** At most `limit` events with `after` < revision <= `upTo`, in order. */
  events(prefix: string, after: number, upTo: number, limit: number, known: Known): StoreEvent[];
  /** Moves the floor; what lies below it is dead from now on, also after a restart. Removes nothing yet. */
  compact(revision: number): void;
  /** Removes a bounded amount of what compact condemned. True when nothing is left to remove. */
  sweep(): boolean;
  close(): void;
}
