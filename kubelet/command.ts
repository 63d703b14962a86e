/**
 * What a command comes to, as far as it can be told without running it: `sleep` takes its time, `false` and `exit` fail as they say, everything else ends well at
 * once. Scripts of a shell are read statement by statement, in order, without conditions.
 */
const SHELLS = new Set(["sh", "bash", "ash", "dash", "zsh"]);
/** Seconds of a unit of time, as `sleep` knows them. */
export const UNITS: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, h: 3600, d: 86_400 };
/** Longer than anybody waits: a hundred years. */
const FOR_EVER = 3_155_760_000;

interface Ending {
  readonly exitCode: number;
  readonly seconds: number;
  /** What follows is not reached. */
  readonly exits?: boolean;
}

const DONE: Ending = { exitCode: 0, seconds: 0 };

/** The last part of a path. */
const base = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

function sleepSeconds(words: readonly string[]): number {
  let seconds = 0;
  for (const word of words) {
    if (word === "infinity" || word === "inf") return FOR_EVER;
    const [, number = "0", unit = ""] = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(word) ?? [];
    seconds += Number(number) * (UNITS[unit] ?? 1);
  }
  return Math.min(seconds, FOR_EVER);
}

function statement(words: readonly string[]): Ending {
  const [program = "", ...rest] = words;
  switch (base(program)) {
    case "false":
      return { exitCode: 1, seconds: 0 };
    case "exit":
      return { exitCode: /^\d+$/.test(rest[0] ?? "") ? Number(rest[0]) & 0xff : 0, seconds: 0, exits: true };
    case "sleep":
      return { exitCode: 0, seconds: sleepSeconds(rest) };
    default:
      return DONE;
  }
}

function script(text: string): Ending {
  let seconds = 0;
  let exitCode = 0;
  for (const part of text.split(/\n|;|&&|\|\|/)) {
    const words = part.trim().split(/\s+/);
    if (words[0] === "") continue;
    const ending = statement(words);
    seconds += ending.seconds;
    exitCode = ending.exitCode;
    if (ending.exits) break;
  }
  return { exitCode, seconds };
}

/** `words` is command and arguments; none: the image's own, which ends well. */
export function readCommand(words: readonly string[]): { readonly exitCode: number; readonly seconds: number } {
  const [program = "", ...rest] = words;
  const flag = rest.findIndex((word) => /^-[a-z]*c$/.test(word));
  const { exitCode, seconds } = SHELLS.has(base(program)) && flag >= 0 ? script(rest[flag + 1] ?? "") : statement(words);
  return { exitCode, seconds };
}
