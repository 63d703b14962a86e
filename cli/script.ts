import { readFileSync } from "node:fs";
import { Script } from "node:vm";

/** Runs the command's script with what it takes from around it: `require` for node's own modules and the packages that are not part of it, and where it lies. */
export type CommandScript = (require: NodeJS.Require, url: string) => void;

/**
 * The built command, compiled with what V8 kept of it when it was built (`FILE.cache`): compiling is a third of a start otherwise. The cache belongs to the
 * version of V8 that made it; another takes no notice of it (`cachedDataRejected`) and compiles. The script is ASCII, as esbuild writes it.
 */
export function commandScript(file: string): Script {
  let cachedData: Buffer | undefined;
  try {
    cachedData = readFileSync(`${file}.cache`);
  } catch {
    // a start takes longer
  }
  return new Script(`(function(require,__moduleUrl){${readFileSync(file, "latin1")}\n})`, { filename: file, cachedData });
}
