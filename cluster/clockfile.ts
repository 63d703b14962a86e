import { readFile } from "node:fs/promises";
import path from "node:path";
import { writeWhole } from "./files.js";

/** Keeps where a clock stands that was moved by hand: a cluster's time does not go back when it is started anew. */
export interface ClockFile {
  /** Milliseconds since the epoch; undefined where no clock was moved. */
  read(): Promise<number | undefined>;
  write(now: number): Promise<void>;
}

export function clockFile(folder: string): ClockFile {
  const file = path.join(folder, "clock");
  return {
    async read() {
      const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return undefined;
        throw error;
      });
      if (text === undefined) return undefined;
      const now = Date.parse(text.trim());
      if (Number.isNaN(now)) throw new Error(`${file} holds no time: ${JSON.stringify(text.slice(0, 40))}`);
      return now;
    },
    write: (now) => writeWhole(file, `${new Date(now).toISOString()}\n`),
  };
}
