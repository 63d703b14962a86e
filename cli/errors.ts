import { StorageError } from "../storage/index.js";

/** A mistake of the caller's, told in one line. */
export class CliError extends Error {
  constructor(
    message: string,
    readonly code = 1,
  ) {
    super(message);
  }
}

interface SystemError {
  readonly code?: string;
  readonly syscall?: string;
  readonly port?: number;
  readonly address?: string;
  readonly path?: string;
}

/** One clear line for whatever stopped a command. */
export function explain(error: unknown): string {
  if (error instanceof CliError || error instanceof StorageError) return error.message;
  const { code, port, address, path } = error as SystemError;
  if (code === "EADDRINUSE") return `port ${port} on ${address} is in use; choose another with --port or --dns-port (0 takes any free one)`;
  if (code === "EACCES" && port !== undefined) return `not allowed to listen on port ${port}; choose one above 1023`;
  if (code === "EADDRNOTAVAIL") return `${address} is not an address of this machine`;
  if (code === "EACCES" || code === "EPERM" || code === "EROFS")
    return `cannot write ${path}: ${code === "EROFS" ? "read-only file system" : "permission denied"}`;
  if (code === "ENOTDIR" || code === "EEXIST") return `${path} is not a folder`;
  if (code === "ENOSPC") return "no space left on the device";
  return (error as Error)?.message ?? String(error);
}
