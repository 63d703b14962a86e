import { resolve } from "node:path";
import Database from "better-sqlite3";
import { StorageError } from "../errors.js";
import { checkVersion, holdFile, inspectFile, locked, notOurs, unwritable } from "./file.js";
import { APPLICATION_ID, type Schema } from "./schema.js";

/** An open database, ours alone until `close`. */
export interface OpenDatabase {
  readonly db: Database.Database;
  close(): void;
}

/** Objects are a few KB of JSON: with pages of 8 KB several share one, and little of a page is lost. */
const PAGE_BYTES = 8192;
/** The WAL goes back into the file when it has grown to this: rarely enough that the fsync does not show, soon enough that a restart after a crash reads little. */
const WAL_BYTES = 16 * 1024 * 1024;
/** SQLite's page cache. Small: live content is kept by the store, the file is read for history only. */
const CACHE_KIB = 4096;
/** Two that start at the same moment can each keep the other out; both let go and try again. Spans some 100 ms. */
const LOCK_ATTEMPTS = 6;

/**
 * Opens a file (made when missing) or ":memory:", brings its schema up to date and keeps every other process out, for as long as this process lives
 * and no longer: the lock is the kernel's, so kill -9 leaves none behind.
 * Throws StorageError: locked, unknown-version, not-ours, unwritable, corrupt.
 */
export function openDatabase(name: string, schema: Schema): OpenDatabase {
  if (name === ":memory:") {
    const db = new Database(name);
    prepare(db, name, schema);
    return { db, close: () => db.close() };
  }
  const file = resolve(name);
  inspectFile(file, schema);
  for (let attempt = 1; ; attempt++) {
    try {
      return openFile(file, schema);
    } catch (error) {
      if (!(error instanceof StorageError && error.code === "locked") || attempt === LOCK_ATTEMPTS) throw error;
      sleep(5 + Math.random() * 25);
    }
  }
}

function openFile(file: string, schema: Schema): OpenDatabase {
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { timeout: 0 });
    // Before the first access: then the lock is never given back between transactions, and the WAL needs no shared memory file.
    db.pragma("locking_mode = EXCLUSIVE");
    prepare(db, file, schema);
    // A commit goes to the WAL with write(2): it outlives the process (kill -9) at once, and a power failure loses at most the last moments, never
    // consistency. fsync happens at checkpoints only.
    db.pragma("journal_mode = WAL");
    db.pragma(`wal_autocheckpoint = ${WAL_BYTES / PAGE_BYTES}`);
    db.pragma(`journal_size_limit = ${WAL_BYTES}`);
    const release = holdFile(file);
    const opened = db;
    return {
      db,
      close() {
        opened.close();
        release();
      },
    };
  } catch (error) {
    db?.close();
    throw translate(file, error);
  }
}

/** Under the lock: creates or migrates, all or nothing. What the header said before may have been another process's work in progress, so it is asked again. */
function prepare(db: Database.Database, file: string, schema: Schema): void {
  db.pragma("synchronous = NORMAL");
  db.pragma(`cache_size = -${CACHE_KIB}`);
  db.pragma(`page_size = ${PAGE_BYTES}`);
  db.exec("BEGIN EXCLUSIVE");
  const empty = db.prepare("SELECT count(*) FROM sqlite_schema").pluck().get() === 0;
  const id = db.pragma("application_id", { simple: true });
  const version = db.pragma("user_version", { simple: true }) as number;
  if (empty && id === 0 && version === 0) {
    schema.create(db);
    stamp(db, schema.version);
    db.exec("COMMIT");
    return;
  }
  if (id !== APPLICATION_ID) throw notOurs(file);
  checkVersion(file, version, schema);
  db.exec("COMMIT");
  if (version < schema.version) migrate(db, version, schema);
}

/** Leaves WAL for the while, so that the new version appears in the header of the main file (see Schema). */
function migrate(db: Database.Database, from: number, schema: Schema): void {
  db.pragma("journal_mode = DELETE");
  db.exec("BEGIN EXCLUSIVE");
  for (const step of schema.migrations) if (step.to > from) step.up(db);
  stamp(db, schema.version);
  db.exec("COMMIT");
}

function stamp(db: Database.Database, version: number): void {
  db.pragma(`application_id = ${APPLICATION_ID}`);
  db.pragma(`user_version = ${version}`);
}

/** What an error of SQLite means for the file; other errors are returned as they are. */
export function translate(file: string, error: unknown): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const code = error.code;
  if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED")) return locked(file, error);
  if (code === "SQLITE_NOTADB") return notOurs(file, error);
  // SQLITE_ERROR: the header is ours, and a table is missing.
  if (code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_ERROR") return new StorageError("corrupt", `${file} is damaged: ${error.message}`, error);
  if (/^SQLITE_(CANTOPEN|READONLY|PERM|AUTH|FULL|IOERR)/.test(code)) return unwritable(file, error);
  return error;
}

function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
