import type { Database } from "better-sqlite3";

/** One step from the version before to `to`. */
export interface Migration {
  readonly to: number;
  /** Runs inside a transaction, together with all other steps that are due: a file is migrated as a whole or not at all. */
  up(db: Database): void;
}

/** In order, without gaps, from version 2 up. A released step is never edited: files made by it are out there. */
export const migrations: readonly Migration[] = [
  {
    // Version 1 indexed (key, revision): a read at an old revision opened every row to see whether it was a deletion. It removed all that a compaction
    // condemned at once, so it kept no cursor; starting again from 0 finds nothing twice.
    to: 2,
    up(db) {
      db.exec(`
        DROP INDEX log_by_key;
        CREATE INDEX log_by_key ON log (key, revision, deleted);
        INSERT INTO meta VALUES ('swept', 0);
      `);
    },
  },
];
