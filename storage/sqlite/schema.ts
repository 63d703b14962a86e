import type { Database } from "better-sqlite3";
import { type Migration, migrations } from "./migrations.js";

/**
 * What a file must say to be ours: SQLite's header holds an application id and a user version. Both are only ever written with a rollback journal,
 * never through the WAL, so the header of the main file alone tells the truth about them, and a file can be judged without SQLite touching it.
 */
export interface Schema {
  /** The version this program writes. Newer ones are refused; older ones go through `migrations`. */
  readonly version: number;
  /** Fills an empty file. Runs inside a transaction. */
  create(db: Database): void;
  readonly migrations: readonly Migration[];
}

/** "mkub" */
export const APPLICATION_ID = 0x6d6b7562;

export const schema: Schema = { version: 2, create, migrations };

/**
 * log: one row per write, never changed. `previous` is the revision of the row that it replaces (0: none), so what a compaction may remove is found by
 * walking the rows since the last one. The index holds all that is needed to tell which rows are the state at some revision without opening a row.
 *
 * meta: `compacted` is the floor of readable revisions; `swept` is how far removing what lies below it has come.
 */
function create(db: Database): void {
  db.exec(`
    CREATE TABLE log (
      revision INTEGER PRIMARY KEY,
      key      TEXT    NOT NULL,
      created  INTEGER NOT NULL,
      previous INTEGER NOT NULL,
      deleted  INTEGER NOT NULL,
      value    BLOB    NOT NULL
    ) STRICT;
    CREATE INDEX log_by_key ON log (key, revision, deleted);
    CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    INSERT INTO meta VALUES ('compacted', 0), ('swept', 0);
  `);
}
