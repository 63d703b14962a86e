import { parseDuration } from "../../kinds/time.js";
import { CorefileError, type Directive } from "./directive.js";

// What setups of plugins have in common: their complaints, in Caddy's words (caddyfile/dispenser.go), and their kinds of arguments.

/** Too many arguments, or too few. */
export const argError = ({ name, args, line }: Directive): CorefileError =>
  new CorefileError(line, `Wrong argument count or unexpected line ending after '${args.at(-1) ?? name}'`);

export const unknownProperty = ({ name, line }: Directive): CorefileError => new CorefileError(line, `unknown property '${name}'`);

/** For plugins that stand once in a block: complains of the second. */
export function once(all: readonly Directive[]): void {
  if (all.length > 1) throw new CorefileError(all[1].line, "this plugin can only be used once per Server Block");
}

/** The arguments of a line that has from `least` to `most` of them. */
export function argsOf(directive: Directive, least: number, most = least): readonly string[] {
  const { args } = directive;
  if (args.length < least || args.length > most) throw argError(directive);
  return args;
}

/** Runs `read`, whose errors are then those of the line. */
export function at<T>(line: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof CorefileError ? error : new CorefileError(line, (error as Error).message);
  }
}

/** Go's duration, in milliseconds; `before` stands before what is wrong with it. */
export const durationOf = (text: string, line: number, before?: (text: string) => string): number =>
  at(line, () => {
    try {
      return parseDuration(text);
    } catch (error) {
      throw before ? new Error(before(text) + (error as Error).message) : error;
    }
  });

/** Go's strconv.Atoi. */
export function intOf(text: string, line: number): number {
  if (/^[+-]?\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new CorefileError(line, `strconv.Atoi: parsing ${JSON.stringify(text)}: ${/^[+-]?\d+$/.test(text) ? "value out of range" : "invalid syntax"}`);
}

/** The lines in braces. */
export const linesOf = (directive: Directive): readonly Directive[] => directive.block ?? [];
