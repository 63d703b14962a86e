/**
 * The storage contract. A store knows keys, bytes and revisions; what the bytes mean is its callers' business.
 *
 * Invariants
 * - One global, strictly increasing revision; every write takes exactly one, in the order of commit.
 * - A write's `decide` runs in the turn that commits it, against the latest state including the writes before it in the same batch: there is
 *   no read-modify-write race and nothing to retry.
 * - Writes that arrive in one turn of the event loop share one commit. A write's promise settles only after its commit; watchers are told in
 *   that same turn, before the promise settles, in revision order.
 * - Readers (get, list) see committed state only.
 */

/** A live object, or the tombstone that a deletion leaves (in events only). */
export interface Entry {
  readonly key: string;
  /** Revision of the last write to the key; equals the resourceVersion inside `bytes`. */
  readonly revision: number;
  /** Revision of the write that created it. */
  readonly created: number;
  /** Stored JSON, without kind and apiVersion. Shared: never written into. */
  readonly bytes: Buffer;
  /**
   * The parsed object if somebody has it, else undefined until the first who parses stores it here. Opaque to the store; frozen in spirit; shared by all.
   */
  memo: unknown;
}

/** What a write puts in place. The encoder is called once, with the revision the write gets. */
export interface Encoded {
  readonly bytes: Buffer;
  readonly memo?: unknown;
}

/** A decision about one key: put new content, delete (with the final content, which watchers see), or leave things as they are. */
export type Decision =
  | { readonly action: "put"; encode(revision: number): Encoded }
  | { readonly action: "delete"; encode(revision: number): Encoded }
  | { readonly action: "none" };

/**
 * Called synchronously in the committing turn. May throw: then only this write fails, with that error. Must not touch the store's write side but through
 * `batch`.
 */
export type Decide = (current: Entry | undefined, batch: BatchInHand) => Decision;

/** The commit that a decision is part of. Of use only until the decision returns. */
export interface BatchInHand {
  /** The latest state of a key, with what the writes before this one in the batch did; readers see that only after the commit. */
  get(key: string): Entry | undefined;
  /** The keys under a prefix, in byte order, in the same state. */
  list(prefix: string): readonly Entry[];
  /**
   * A write that goes with the one in hand: decided now, stored just before it, and forgotten when that fails or changes nothing. Throws what `decide` throws.
   */
  write(key: string, decide: Decide): void;
}

/** What became of a write: the entry now in place (or the tombstone), and whether anything changed. */
export interface Outcome {
  readonly changed: boolean;
  /** After a put: the new entry. After a delete: the tombstone. After "none": the current one. */
  readonly entry: Entry | undefined;
  /** The entry before the write. */
  readonly previous: Entry | undefined;
  /** The store's revision after the write. */
  readonly revision: number;
}

/** One change as watchers see it. */
export interface StoreEvent {
  readonly type: "put" | "delete";
  readonly revision: number;
  readonly key: string;
  /** The new entry; on delete the tombstone (final content at the deletion's revision). */
  readonly entry: Entry;
  /** The entry before, undefined on creation. */
  readonly previous: Entry | undefined;
  /** Encodings by representation, filled by whoever encodes first: a watch event is encoded once per representation, not once per watcher. */
  readonly encoded: Map<string, Buffer>;
}

/** Thrown by reads and watches below the compaction floor. */
export class CompactedError extends Error {
  constructor(
    readonly requested: number,
    readonly compacted: number,
  ) {
    super(`revision ${requested} has been compacted (floor ${compacted})`);
    this.name = "CompactedError";
  }
}

/** Thrown by reads at a revision that is not there yet. */
export class FutureRevisionError extends Error {
  constructor(
    readonly requested: number,
    readonly current: number,
  ) {
    super(`revision ${requested} is in the future (current ${current})`);
    this.name = "FutureRevisionError";
  }
}

export interface ListOptions {
  /** Return only keys from this one on; it need not exist. */
  readonly from?: string;
  /** At most so many. */
  readonly limit?: number;
  /** State as of this revision; default: now. Throws CompactedError or FutureRevisionError. */
  readonly at?: number;
}

export interface ListResult {
  readonly entries: readonly Entry[];
  /** The revision this is the state of. */
  readonly revision: number;
  /** How many more keys there are under the prefix after the last one returned. */
  readonly remaining: number;
}

export interface Watcher {
  stop(): void;
}

export interface WatchOptions {
  /** Keys that start with this. */
  readonly prefix: string;
  /**
   * Deliver events with a greater revision: first the past ones, in order, synchronously before `watch` returns; then live ones. Throws CompactedError. A
   * future revision is silent until reached.
   */
  readonly after: number;
  /** Called with a non-empty run of events in revision order, in the turn of their commit. Must not throw; must not block. */
  onEvents(events: readonly StoreEvent[]): void;
}

export interface Store {
  /** The revision of the last commit. Starts at 1 on an empty store. */
  readonly revision: number;
  /** Reads older than this fail with CompactedError. */
  readonly compacted: number;
  get(key: string): Entry | undefined;
  /** Keys in byte order. */
  list(prefix: string, options?: ListOptions): ListResult;
  /** Number of live keys under the prefix. */
  count(prefix: string): number;
  write(key: string, decide: Decide): Promise<Outcome>;
  watch(options: WatchOptions): Watcher;
  /** Drops history below `revision`: reads and watches from before it fail afterwards. */
  compact(revision: number): Promise<void>;
  /** Resolves when every write accepted so far is committed; then releases the file. Further writes reject. */
  close(): Promise<void>;
}
