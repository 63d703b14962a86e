import { LogStore } from "./logstore.js";
import type { RingLimits } from "./ring.js";
import { SqliteLog } from "./sqlite/log.js";
import { openDatabase, translate } from "./sqlite/open.js";
import { schema } from "./sqlite/schema.js";
import type { Store } from "./store.js";

export { type Compaction, type CompactionClock, type CompactionOptions, startCompaction } from "./compact.js";
export { StorageError, type StorageErrorCode } from "./errors.js";
export * from "./store.js";

export interface StoreOptions {
  /** A path (file and folder are made when missing), or ":memory:" for a store that lives as long as the process. */
  readonly file: string;
  /** How much recent history is kept in memory for watches that start a little in the past; older history is read from the file. */
  readonly recent?: Partial<RingLimits>;
  /** Hears of a watcher that threw although it must not; the watcher is stopped. Default: the error goes unhandled, which ends the process. */
  onWatcherError?(error: unknown): void;
}

/** Room for 2,048 events or 8 MiB: the gap between a list and the watch that follows it, many times over. */
const RECENT: RingLimits = { events: 2048, bytes: 8 * 1024 * 1024 };

/**
 * Opens a store and takes the file for this process alone, until `close` or the process's end.
 * Throws StorageError: locked, unknown-version, not-ours, unwritable, corrupt. A file that is refused has not been altered.
 */
export function openStore({ file, recent, onWatcherError = throwLater }: StoreOptions): Store {
  const database = openDatabase(file, schema);
  try {
    const name = file === ":memory:" ? "the store in memory" : file;
    return new LogStore(new SqliteLog(database), { name, ring: { ...RECENT, ...recent }, onWatcherError });
  } catch (error) {
    database.close();
    throw translate(file, error);
  }
}

function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
