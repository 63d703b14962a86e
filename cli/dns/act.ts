import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { CliError } from "../errors.js";
import { isOurs, type Setup } from "./plan.js";

/** The machine whose resolver is set up. */
export interface Machine {
  /** Undefined when there is no such file. */
  read(file: string): string | undefined;
  write(file: string, text: string): void;
  remove(file: string): void;
  /** Throws an Error that says what went wrong. */
  run(command: readonly string[]): void;
}

/** The files below `root`; commands are run only where that is the machine itself. */
export function machineAt(root: string): Machine {
  const at = (file: string): string => path.join(root, file);
  return {
    read: (file) => {
      try {
        return readFileSync(at(file), "utf8");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
    write: (file, text) => {
      mkdirSync(path.dirname(at(file)), { recursive: true });
      writeFileSync(at(file), text, { mode: 0o644 });
    },
    remove: (file) => rmSync(at(file)),
    run: ([command, ...args]) => {
      if (root !== "/") return;
      const { error, status, stderr } = spawnSync(command, args, { encoding: "utf8" });
      if (error) throw new Error((error as NodeJS.ErrnoException).code === "ENOENT" ? "command not found" : error.message);
      if (status !== 0) throw new Error(stderr.trim() || `it ended with exit code ${status}`);
    },
  };
}

const DENIED = new Set(["EACCES", "EPERM"]);

/** Does one change of a file; where the system does not let us, says how it would. `again`: the command line that is to be run with sudo. */
function change(what: string, file: string, again: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code && DENIED.has(code)) throw new CliError(`cannot ${what} ${file}: permission denied; run with sudo: sudo ${again}`);
    throw new CliError(`cannot ${what} ${file}: ${message}`);
  }
}

function runAll(machine: Machine, { commands }: Pick<Setup, "commands">, done: string): string[] {
  return commands.map((command) => {
    const text = command.join(" ");
    try {
      machine.run(command);
    } catch (error) {
      throw new CliError(`${done}, but \`${text}\` failed: ${(error as Error).message}`);
    }
    return `ran ${text}`;
  });
}

/** Refuses where a file is in the way that is not ours. */
export function refuseForeign(machine: Machine, { file, text }: Pick<Setup, "file" | "text">): void {
  const there = machine.read(file);
  if (there !== undefined && !isOurs(there)) {
    const lines = text.split("\n").slice(1).filter(Boolean);
    throw new CliError(`${file} is there and is not mockube's: it stays as it is; move it away, or put into it yourself: ${lines.join("; ")}`);
  }
}

/** Writes the file and runs the commands; nothing where all is as it should be. Returns what was done, in lines. Errors: CliError. */
export function install(machine: Machine, setup: Setup, again: string): string[] {
  const { file, text } = setup;
  refuseForeign(machine, setup);
  if (machine.read(file) === text) return [`${file} is as it should be`];
  change("write", file, again, () => machine.write(file, text));
  return [`wrote ${file}`, ...runAll(machine, setup, `${file} is written`)];
}

/** Removes the file, if it is ours, and runs the commands. Returns what was done, in lines; none where there is nothing of ours. Errors: CliError. */
export function remove(machine: Machine, setup: Pick<Setup, "file" | "commands">, again: string): string[] {
  const { file } = setup;
  change("remove", file, again, () => machine.remove(file));
  return [`removed ${file}`, ...runAll(machine, setup, `${file} is removed`)];
}
