import type { Database, Statement } from "better-sqlite3";
import { ChangeEvent } from "../event.js";
import { compareKeys, prefixEnd } from "../keys.js";
import type { Known, Log, LogState } from "../log.js";
import type { Entry, StoreEvent } from "../store.js";
import type { OpenDatabase } from "./open.js";

type LiveRow = [revision: number, key: string, created: number, value: Buffer];
type EventRow = [revision: number, key: string, created: number, previous: number, deleted: number, value: Buffer, previousValue: Buffer | null];

/** The revision of a store without writes. */
const FIRST_REVISION = 1;
/** Revisions that one sweep looks at: a millisecond or two of work. */
const SWEEP_REVISIONS = 256;
/** Greater than every key: SQLite sorts blobs behind text. */
const BEYOND_ALL_KEYS = Buffer.alloc(0);

/** The append-only log in an SQLite database, see schema.ts. */
export class SqliteLog implements Log {
  readonly #db: Database;
  readonly #close: () => void;
  readonly #begin: Statement;
  readonly #commit: Statement;
  readonly #insert: Statement;
  readonly #row: Statement;
  readonly #stateAt: Statement;
  readonly #history: Statement;
  readonly #sweepReplaced: Statement;
  readonly #sweepDeleted: Statement;
  readonly #getMeta: Statement;
  readonly #setMeta: Statement;

  constructor({ db, close }: OpenDatabase) {
    this.#db = db;
    this.#close = close;
    this.#begin = db.prepare("BEGIN");
    this.#commit = db.prepare("COMMIT");
    this.#insert = db.prepare("INSERT INTO log (revision, key, created, previous, deleted, value) VALUES (?, ?, ?, ?, ?, ?)");
    this.#row = db.prepare("SELECT created, value FROM log WHERE revision = ?").raw();
    // SQLite defines that with a lone max() the other columns come from the row that holds the maximum.
    this.#stateAt = db
      .prepare(
        `SELECT revision, key FROM (SELECT key, max(revision) AS revision, deleted FROM log WHERE key >= ? AND key < ? AND revision <= ? GROUP BY key)
         WHERE deleted = 0 ORDER BY key`,
      )
      .raw();
    // NOT INDEXED: walk the revisions, which are wanted in order, not the keys.
    this.#history = db
      .prepare(
        `SELECT l.revision, l.key, l.created, l.previous, l.deleted, l.value, p.value
         FROM log AS l NOT INDEXED LEFT JOIN log AS p ON p.revision = l.previous
         WHERE l.revision > ? AND l.revision <= ? AND l.key >= ? AND l.key < ? ORDER BY l.revision LIMIT ?`,
      )
      .raw();
    this.#sweepReplaced = db.prepare(
      "DELETE FROM log WHERE revision IN (SELECT previous FROM log NOT INDEXED WHERE revision > ? AND revision <= ? AND previous > 0)",
    );
    this.#sweepDeleted = db.prepare("DELETE FROM log NOT INDEXED WHERE revision > ? AND revision <= ? AND deleted = 1");
    this.#getMeta = db.prepare("SELECT value FROM meta WHERE name = ?").pluck();
    this.#setMeta = db.prepare("UPDATE meta SET value = ? WHERE name = ?");
  }

  load(): LogState {
    // IN sorts the revisions, so the rows are read in the order in which they lie in the file.
    const rows = this.#db
      .prepare("SELECT revision, key, created, value FROM log WHERE revision IN (SELECT max(revision) FROM log GROUP BY key) AND deleted = 0")
      .raw()
      .all() as LiveRow[];
    const compacted = this.#meta("compacted");
    const newest = this.#db.prepare("SELECT max(revision) FROM log").pluck().get() as number | null;
    return {
      // The newest rows may have been tombstones below the floor: their revisions are not given out again.
      revision: Math.max(FIRST_REVISION, compacted, newest ?? 0),
      compacted,
      entries: rows.map(([revision, key, created, bytes]): Entry => ({ key, revision, created, bytes, memo: undefined })),
    };
  }

  append(events: readonly StoreEvent[]): void {
    this.#atomically(() => {
      for (const { entry, previous, type } of events) {
        this.#insert.run(entry.revision, entry.key, entry.created, previous?.revision ?? 0, type === "delete" ? 1 : 0, entry.bytes);
      }
    }, events.length === 1);
  }

  listAt(prefix: string, at: number, from: string | undefined, limit: number | undefined, known: Known) {
    const start = from !== undefined && compareKeys(from, prefix) > 0 ? from : prefix;
    const rows = this.#stateAt.all(start, prefixEnd(prefix) ?? BEYOND_ALL_KEYS, at) as [revision: number, key: string][];
    const entries = rows.slice(0, limit).map(([revision, key]): Entry => {
      const live = known(key);
      if (live?.revision === revision) return live;
      const [created, bytes] = this.#row.get(revision) as [number, Buffer];
      return { key, revision, created, bytes, memo: undefined };
    });
    return { entries, remaining: rows.length - entries.length };
  }

  events(prefix: string, after: number, upTo: number, limit: number, known: Known): StoreEvent[] {
    const rows = this.#history.all(after, upTo, prefix, prefixEnd(prefix) ?? BEYOND_ALL_KEYS, limit) as EventRow[];
    return rows.map(([revision, key, created, previous, deleted, bytes, previousBytes]) => {
      const live = known(key);
      const entry: Entry = live?.revision === revision ? live : { key, revision, created, bytes, memo: undefined };
      // A compaction keeps, per key, the row that was live at the floor: whatever a later row replaced is still there.
      const before: Entry | undefined = previousBytes === null ? undefined : { key, revision: previous, created, bytes: previousBytes, memo: undefined };
      return new ChangeEvent(deleted === 1 ? "delete" : "put", entry, before);
    });
  }

  compact(revision: number): void {
    this.#setMeta.run(revision, "compacted");
  }

  sweep(): boolean {
    const compacted = this.#meta("compacted");
    const swept = this.#meta("swept");
    const next = Math.min(compacted, swept + SWEEP_REVISIONS);
    if (next > swept) {
      this.#atomically(() => {
        // The rows walked over name those that they replaced, which lie before them; those are behind the cursor or in this very stretch.
        this.#sweepReplaced.run(swept, next);
        this.#sweepDeleted.run(swept, next);
        this.#setMeta.run(next, "swept");
      });
    }
    return next >= compacted;
  }

  close(): void {
    this.#close();
  }

  #meta(name: "compacted" | "swept"): number {
    return this.#getMeta.get(name) as number;
  }

  /** `single`: one statement is a transaction by itself. */
  #atomically(work: () => void, single = false): void {
    if (single) {
      work();
      return;
    }
    this.#begin.run();
    try {
      work();
      this.#commit.run();
    } catch (error) {
      if (this.#db.inTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
  }
}
