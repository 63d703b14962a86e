import { CorefileError } from "./directive.js";

/** Classes in brackets (POSIX), as RE2 knows them. */
const CLASSES: Readonly<Record<string, string>> = {
  alnum: "0-9A-Za-z",
  alpha: "A-Za-z",
  blank: "\\t ",
  cntrl: "\\x00-\\x1f\\x7f",
  digit: "0-9",
  graph: "!-~",
  lower: "a-z",
  print: " -~",
  punct: "!-\\/:-@[-`{-~",
  space: "\\t\\n\\v\\f\\r ",
  upper: "A-Z",
  word: "0-9A-Za-z_",
  xdigit: "0-9A-Fa-f",
};

/** What JavaScript reads in another way than RE2, or RE2 not at all. */
const APART: readonly [RegExp, string][] = [
  [/\(\?<?[=!]/, "invalid or unsupported Perl syntax"],
  [/\\[1-9]/, "invalid escape sequence"],
  [/\\[kcu]/, "invalid escape sequence"],
  [/\\[QECpP]/, "is not supported"],
  [/\(\?[imsU-]+:/, "flags for a part are not supported"],
];

/**
 * A Go regular expression (RE2), as far as JavaScript can say the same; what stands for nothing there, or would be read in another way, is an error with its line.
 */
export function regexpOf(text: string, line: number): RegExp {
  const fail = (why: string): CorefileError => new CorefileError(line, `error parsing regexp: ${why}: \`${text}\``);
  const [, given = "", rest] = /^(?:\(\?([ims]+)\))?(.*)$/s.exec(text) as unknown as [string, string | undefined, string];
  for (const [pattern, why] of APART) if (pattern.test(rest.replace(/\\\\/g, ""))) throw fail(why);
  if (/\(\?[imsU-]+\)/.test(rest)) throw fail("flags that do not stand first are not supported");
  const source = rest
    .replace(/\(\?P</g, "(?<")
    .replace(/\[:(\^?)(\w+):\]/g, (whole, not: string, name: string) => {
      if (not || !CLASSES[name]) throw fail(`invalid character class range ${whole}`);
      return CLASSES[name];
    })
    .replace(/\\A/g, "^")
    .replace(/\\z/g, "$");
  try {
    // unlike those of RE2, classes such as \d are the same with this flag and without; escapes of nothing are errors as there
    return new RegExp(source, `${given.replace("m", "")}${given.includes("m") ? "m" : ""}`);
  } catch (error) {
    throw fail((error as Error).message.replace(/^Invalid regular expression: /, ""));
  }
}
