import { mkdir, stat } from "node:fs/promises";
import path from "node:path";
import { CliError } from "./errors.js";

/**
 * Makes a folder and those above it, one by one: Node's own recursive mkdir never returns where the system lets nobody create anything (/proc).
 * Errors: CliError when a folder cannot be made, or the system's for a path that is no folder or not ours to write.
 */
export async function makeFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (found?.isDirectory()) return;
  if (found) throw new CliError(`${folder} is not a folder`);
  if (path.dirname(folder) !== folder) await makeFolder(path.dirname(folder));
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") throw new CliError(`cannot write ${folder}: the system lets nobody create it`);
    if (error.code !== "EEXIST") throw error;
  });
}
