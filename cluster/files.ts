import { mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";

/** Writes a file so that a reader sees all of it or the one before. */
export async function writeWhole(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(`${file}.${process.pid}`, text, { mode: 0o600 });
  await rename(`${file}.${process.pid}`, file);
}
