/** Why a store could not be opened or used. `failed` is a commit that SQLite refused (a full disk, say); nothing of it is kept. */
export type StorageErrorCode = "locked" | "unknown-version" | "not-ours" | "unwritable" | "corrupt" | "failed" | "closed";

/** Trouble with the store itself, as opposed to CompactedError and FutureRevisionError, which are answers about revisions. The message is one line and names the file. */
export class StorageError extends Error {
  constructor(
    readonly code: StorageErrorCode,
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "StorageError";
  }
}
