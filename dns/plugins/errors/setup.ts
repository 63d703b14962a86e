import { CorefileError, type Directive } from "../../corefile/directive.js";
import { argsOf, durationOf, linesOf, once } from "../../corefile/read.js";
import { regexpOf } from "../../corefile/regexp.js";
import type { Setup } from "../../plugin.js";
import { type Consolidation, errors, type Later, type Level } from "./serve.js";

const LEVELS: readonly string[] = ["warning", "error", "info", "debug"] satisfies Level[];
const MAX_REGEXP = 10_000;

/** `consolidate DURATION REGEXP [LEVEL] [show_first]`. */
function consolidationOf(property: Directive): Consolidation {
  const { line } = property;
  const [duration, written, ...options] = argsOf(property, 2, 4);
  const ms = durationOf(duration, line);
  if (written.length > MAX_REGEXP) throw new CorefileError(line, `regex pattern too long: ${written.length} > ${MAX_REGEXP}`);
  let level: Level | undefined;
  let showFirst = false;
  for (const option of options) {
    if (LEVELS.includes(option)) {
      if (level !== undefined) throw new CorefileError(line, "multiple log levels specified in consolidate");
      if (showFirst) throw new CorefileError(line, "log level must come before show_first in consolidate");
      level = option as Level;
    } else if (option === "show_first") showFirst = true;
    else throw new CorefileError(line, `unknown option in consolidate: ${option}`);
  }
  return { pattern: regexpOf(written, line), written, period: { ms, text: duration }, level: level ?? "error", showFirst };
}

const later: Later = (run, ms) => {
  const timer = setTimeout(run, ms);
  timer.unref();
  return () => {
    clearTimeout(timer);
    run();
  };
};

/** `errors [stdout] { stacktrace; consolidate … }`; there are no stacks to trace. Source: CoreDNS plugin/errors/setup.go. */
export const setup: Setup = (directive, { print }, all) => {
  once(all);
  const [file = "stdout"] = argsOf(directive, 0, 1);
  if (file !== "stdout") throw new CorefileError(directive.line, `invalid log file: ${file}`);
  const consolidations = linesOf(directive).flatMap((line) => {
    if (line.name === "stacktrace") return [];
    if (line.name === "consolidate") return [consolidationOf(line)];
    throw new CorefileError(line.line, `Syntax error: Unexpected token '${line.name}', expecting 'Unknown field ${line.name}'`);
  });
  return errors(consolidations, print, later);
};
