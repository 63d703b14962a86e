import { accessSync, closeSync, constants, mkdirSync, openSync, readSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { StorageError } from "../errors.js";
import { APPLICATION_ID, type Schema } from "./schema.js";

const HEADER_BYTES = 100;
const MAGIC = "SQLite format 3\0";
const USER_VERSION_AT = 60;
const APPLICATION_ID_AT = 68;

/**
 * The files this process has open, by device and inode. POSIX locks belong to the process, and closing any descriptor of a file drops them all, so a
 * file that is open here must not even be looked at again: SQLite's lock on it would be gone. This is state of the process, as the locks are.
 */
const openHere = new Set<string>();

/**
 * Judges a file before SQLite sees it, by its header alone, so that a file that is not for us stays as it is to the byte, its journals included.
 * Makes the folder and an empty file when they are missing. Throws StorageError: unwritable, locked (by this process), not-ours, unknown-version.
 */
export function inspectFile(file: string, schema: Schema): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    // SQLite keeps its journals beside the file.
    accessSync(dirname(file), constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unwritable(file, error);
  }
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) {
    createPrivate(file);
    return;
  }
  if (!stat.isFile()) throw new StorageError("unwritable", `${file} cannot be written: it is not a regular file`);
  if (openHere.has(identity(file))) throw locked(file);
  try {
    accessSync(file, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw unwritable(file, error);
  }
  if (stat.size > 0) checkHeader(file, readHeader(file), schema);
}

/** Notes that this process holds the file; the function returned takes that back. */
export function holdFile(file: string): () => void {
  const id = identity(file);
  openHere.add(id);
  return () => openHere.delete(id);
}

/** Throws unless the schema version is one we can work with. */
export function checkVersion(file: string, version: number, schema: Schema): void {
  if (version >= 1 && version <= schema.version) return;
  throw new StorageError(
    "unknown-version",
    `${file} has schema version ${version}, and this mockube knows versions up to ${schema.version}: the file is left as it is, use the mockube that wrote it`,
  );
}

export function locked(file: string, cause?: unknown): StorageError {
  return new StorageError("locked", `${file} is in use by another mockube: stop that one or choose another file`, cause);
}

export function notOurs(file: string, cause?: unknown): StorageError {
  return new StorageError("not-ours", `${file} was not written by mockube: the file is left as it is, choose another one`, cause);
}

export function unwritable(file: string, cause: unknown): StorageError {
  return new StorageError("unwritable", `${file} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
}

/** It will hold Secrets and private keys: for its owner only. SQLite gives its journals the same mode. */
function createPrivate(file: string): void {
  try {
    closeSync(openSync(file, "a", 0o600));
  } catch (error) {
    throw unwritable(file, error);
  }
}

function checkHeader(file: string, header: Buffer, schema: Schema): void {
  if (header.length < HEADER_BYTES || header.toString("latin1", 0, MAGIC.length) !== MAGIC) throw notOurs(file);
  if (header.readInt32BE(APPLICATION_ID_AT) !== APPLICATION_ID) throw notOurs(file);
  checkVersion(file, header.readInt32BE(USER_VERSION_AT), schema);
}

function readHeader(file: string): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch (error) {
    throw unwritable(file, error);
  }
  try {
    return header.subarray(0, readSync(descriptor, header, 0, HEADER_BYTES, 0));
  } finally {
    closeSync(descriptor);
  }
}

function identity(file: string): string {
  const { dev, ino } = statSync(file, { bigint: true });
  return `${dev}:${ino}`;
}
