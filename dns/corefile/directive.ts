/** One line of a Corefile, with what stands in braces behind it. */
export interface Directive {
  /** The first word. */
  readonly name: string;
  readonly args: readonly string[];
  /** From 1. */
  readonly line: number;
  /** The lines in braces; undefined without braces. */
  readonly block: readonly Directive[] | undefined;
}

/** `zone zone … { directives }`. */
export interface ServerBlock {
  /** Zones in lower case without the last dot ("" is the root), in the order they are written. */
  readonly zones: readonly string[];
  readonly line: number;
  readonly directives: readonly Directive[];
}

/** What is wrong with a Corefile, and where: `Corefile:3: unknown property 'podz'`. */
export class CorefileError extends Error {
  readonly line: number;
  /** The message without its place. */
  readonly reason: string;

  constructor(line: number, reason: string, file = "Corefile") {
    super(`${file}:${line}: ${reason}`);
    this.line = line;
    this.reason = reason;
  }
}
